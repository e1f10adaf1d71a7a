/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "canvas-test.h"
#include "chd-layout.h"
#include "chd-painter.h"
#include "chd-palette.h"
#include "chd-picture.h"

/* Pictures are written to $CHD_TEST_PICTURES when that is set, for the eye. */
static void
keep (GBytes *bytes, const char *name)
{
  const char *folder = g_getenv ("CHD_TEST_PICTURES");
  g_autofree char *path = folder != NULL ? g_build_filename (folder, name, NULL) : NULL;

  if (path != NULL)
    g_assert_true (g_file_set_contents (path, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL));
}

static ChdScene *
make_scene (gboolean chinese)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (chinese);
  ChdScene *scene;

  chd_layout_apply (chain);
  scene = chd_scene_new (chain);
  chd_scene_set_interface_title (scene, "multi-level-approval", chinese ? "多级审批" : "Multi-level approval");
  chd_scene_set_interface_title (scene, "notify", chinese ? "通知" : "Notification");
  return scene;
}

static void
set_states (ChdScene *scene)
{
  chd_scene_set_node_state (scene, "receive", CHD_NODE_SUCCEEDED, NULL, -1);
  chd_scene_set_node_state (scene, "check", CHD_NODE_SUCCEEDED, NULL, -1);
  chd_scene_set_node_state (scene, "clarify", CHD_NODE_SKIPPED, NULL, -1);
  chd_scene_set_node_state (scene, "order", CHD_NODE_SUCCEEDED, NULL, -1);
  chd_scene_set_node_state (scene, "score", CHD_NODE_PROCESSING, NULL, 0.4);
  chd_scene_set_node_state (scene, "sanctions", CHD_NODE_FAILED, "The list could not be loaded", -1);
  chd_scene_set_node_state (scene, "approve", CHD_NODE_AWAITING_APPROVAL, NULL, -1);
  chd_scene_set_node_state (scene, "pay", CHD_NODE_WAITING, NULL, -1);
  chd_scene_set_node_state (scene, "book", CHD_NODE_TIMED_OUT, NULL, -1);
  chd_scene_set_node_state (scene, "report", CHD_NODE_CANCELLED, NULL, -1);
}

static void
note_element_cb (GMarkupParseContext *context,
                 const char *name,
                 const char **attribute_names,
                 const char **attribute_values,
                 gpointer user_data,
                 GError **error)
{
  GHashTable *counts = user_data;
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, name));

  g_hash_table_insert (counts, g_strdup (name), GUINT_TO_POINTER (count + 1));
}

/* The number of elements of each name; fails the test when the bytes are not well-formed XML. */
static GHashTable *
parse_svg (GBytes *bytes)
{
  const GMarkupParser parser = { .start_element = note_element_cb };
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, counts, NULL);
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);

  g_markup_parse_context_parse (context, data, (gssize) size, &error);
  g_assert_no_error (error);
  g_markup_parse_context_end_parse (context, &error);
  g_assert_no_error (error);
  return counts;
}

static void
assert_contains (GBytes *bytes, const char *text)
{
  if (g_strstr_len (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes), text) == NULL)
    g_error ("the picture does not contain “%s”", text);
}

static void
test_svg (void)
{
  g_autoptr (ChdScene) scene = make_scene (FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GHashTable) counts = NULL;

  set_states (scene);
  bytes = chd_picture_render (scene, CHD_PICTURE_SVG, 1, CHD_PICTURE_LIGHT, &error);
  g_assert_no_error (error);
  keep (bytes, "light.svg");
  counts = parse_svg (bytes);
  /* Title, subtitle and state of ten cards, and the lanes' names. */
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (counts, "text")), >=, 37);
  g_assert_cmpuint (GPOINTER_TO_UINT (g_hash_table_lookup (counts, "desc")), ==, 1);
  assert_contains (bytes, "<title id=\"title\">Supplier payment</title>");
  assert_contains (bytes, ">Approve payment</text>");
  assert_contains (bytes, ">Waits for approval</text>");
  assert_contains (bytes, ">decision is ok</text>");
  assert_contains (bytes, "<g id=\"node-approve\">");
}

static void
test_svg_hostile (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "A & B <script>\001\"");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GHashTable) counts = NULL;
  g_autofree char *longest = g_strnfill (100000, 'x');

  canvas_test_add_unit (chain, "u", "</svg>\n\t\xff\xfe", "a<b", NULL);
  canvas_test_add_node (chain, "a\"><x>", longest, "u", 0, 0);
  canvas_test_add_node (chain, "b", "\xe2\x80\xa8line\x1b[31m", "u", 300, 100);
  bytes = chd_picture_render (scene, CHD_PICTURE_SVG, 1, CHD_PICTURE_LIGHT, NULL);
  counts = parse_svg (bytes);
  g_assert_null (g_hash_table_lookup (counts, "script"));
  g_assert_null (g_hash_table_lookup (counts, "x"));
  assert_contains (bytes, "xxx…</text>");
}

static guint32
read_png_number (const guint8 *data, gsize at)
{
  return (guint32) data[at] << 24 | data[at + 1] << 16 | data[at + 2] << 8 | data[at + 3];
}

static void
test_png (void)
{
  const struct
  {
    const char *name;
    gboolean chinese, states;
    ChdPictureFlags flags;
  } pictures[] = {
    { "light.png", FALSE, FALSE, CHD_PICTURE_LIGHT },
    { "light-states.png", FALSE, TRUE, CHD_PICTURE_LIGHT },
    { "dark-states.png", FALSE, TRUE, CHD_PICTURE_DARK },
    { "chinese.png", TRUE, TRUE, CHD_PICTURE_LIGHT },
  };

  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autoptr (ChdScene) scene = make_scene (pictures[i].chinese);
      g_autoptr (GError) error = NULL;
      g_autoptr (GBytes) bytes = NULL;
      ChdRect bounds = chd_scene_get_bounds (scene);
      const guint8 *data;

      if (pictures[i].states)
        set_states (scene);
      bytes = chd_picture_render (scene, CHD_PICTURE_PNG, 1, pictures[i].flags, &error);
      g_assert_no_error (error);
      keep (bytes, pictures[i].name);
      data = g_bytes_get_data (bytes, NULL);
      g_assert_cmpmem (data, 8, "\x89PNG\r\n\x1a\n", 8);
      g_assert_cmpuint (read_png_number (data, 16), ==, (guint32) (bounds.width + 48));
      g_assert_cmpuint (read_png_number (data, 20), ==, (guint32) (bounds.height + 48));
    }
}

/* Every state has a look of its own. */
static void
test_states (void)
{
  g_autoptr (GHashTable) seen =
      g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  g_autoptr (ChdChain) all = chd_chain_new ("states", "States");
  g_autoptr (ChdScene) overview = chd_scene_new (all);
  g_autoptr (GBytes) picture = NULL;

  canvas_test_add_unit (all, "u", "Every state", NULL, NULL);
  for (guint state = 0; state < CHD_N_NODE_STATES; state++)
    {
      g_autoptr (ChdChain) chain = chd_chain_new ("state", "State");
      g_autoptr (ChdScene) scene = chd_scene_new (chain);
      const char *name = chd_node_state_to_string (state);

      canvas_test_add_node (chain, "a", "Check invoice", "u", 100, 100);
      chd_scene_set_node_state (scene, "a", state, NULL, -1);
      g_assert_true (g_hash_table_add (seen, chd_picture_render (scene, CHD_PICTURE_PNG, 1, CHD_PICTURE_LIGHT, NULL)));
      canvas_test_add_node (all, name, name, "u", 200 + state % 4 * 230.0, 200 + state / 4 * 100.0);
      chd_scene_set_node_state (overview, name, state, NULL, state == CHD_NODE_UPLOADING ? 0.6 : -1);
    }
  picture = chd_picture_render (overview, CHD_PICTURE_PNG, 1.4, CHD_PICTURE_LIGHT, NULL);
  keep (picture, "every-state.png");
}

static void
test_png_limit (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("c", "C");
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  g_autoptr (GBytes) bytes = NULL;

  canvas_test_add_node (chain, "a", "A", "u", -9e5, 0);
  canvas_test_add_node (chain, "b", "B", "u", 9e5, 2e5);
  bytes = chd_picture_render (scene, CHD_PICTURE_PNG, 4, CHD_PICTURE_LIGHT, NULL);
  g_assert_nonnull (bytes);
  g_assert_cmpuint (read_png_number (g_bytes_get_data (bytes, NULL), 16), <=, 16000);
}

static void
test_pdf (void)
{
  g_autoptr (ChdScene) scene = make_scene (FALSE);
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autofree char *program = g_find_program_in_path ("pdftotext");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_assert_true (chd_picture_write (scene, CHD_PICTURE_PDF, 1, CHD_PICTURE_LIGHT, stream, NULL, &error));
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
  g_assert_cmpmem (g_bytes_get_data (bytes, NULL), 5, "%PDF-", 5);
  keep (bytes, "light.pdf");
  if (program != NULL)
    {
      g_autoptr (GSubprocess) reader = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE,
                                                         &error, program, "-", "-", NULL);
      g_autoptr (GBytes) out = NULL;

      g_assert_no_error (error);
      g_assert_true (g_subprocess_communicate (reader, bytes, NULL, &out, NULL, &error));
      assert_contains (out, "Approve payment");
      assert_contains (out, "Example Trading");
    }
}

static void
test_contrast (void)
{
  for (guint dark = 0; dark < 2; dark++)
    {
      ChdPalette palette;

      chd_palette_init (&palette, dark != 0);
      g_assert_true (palette.dark == (dark != 0));
      for (guint state = 0; state < CHD_N_NODE_STATES; state++)
        {
          ChdColor fill = chd_palette_get_card_fill (&palette, state);

          g_assert_cmpfloat (chd_color_contrast (palette.states[state], fill), >=, 4.5);
          g_assert_cmpfloat (chd_color_contrast (palette.text, fill), >=, 4.5);
          g_assert_cmpfloat (chd_color_contrast (palette.dim, fill), >=, 4.5);
        }
      g_assert_cmpfloat (chd_color_contrast (palette.link, palette.background), >=, 3);
    }
}

static void
test_fit (void)
{
  GString *svg = g_string_new (NULL);
  ChdPainter *painter = chd_svg_painter_new (svg);
  const char *const texts[] = { "Match with purchase order of the supplier",
                                "供应商付款审批流程供应商付款审批流程供应商付款", "" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      double width;
      g_autofree char *fitting = chd_painter_fit (painter, CHD_FONT_TITLE, texts[i], 120, &width);
      g_auto (GStrv) lines = chd_painter_fit_lines (painter, CHD_FONT_TITLE, texts[i], 120, 2);

      g_assert_cmpfloat (width, <=, 120);
      g_assert_true (g_str_has_suffix (fitting, "…") || strcmp (fitting, texts[i]) == 0);
      g_assert_cmpuint (g_strv_length (lines), ==, *texts[i] != '\0' ? 2 : 0);
    }
  chd_painter_free (painter);
  g_string_free (svg, TRUE);
}

static void
test_formats (void)
{
  ChdPictureFormat format;

  g_assert_true (chd_picture_format_from_string ("svg", &format) && format == CHD_PICTURE_SVG);
  g_assert_true (chd_picture_format_from_string ("out/a.b.PNG", &format) && format == CHD_PICTURE_PNG);
  g_assert_true (chd_picture_format_from_string ("x.pdf", &format) && format == CHD_PICTURE_PDF);
  g_assert_false (chd_picture_format_from_string ("x.txt", &format));
  g_assert_false (chd_picture_format_from_string (NULL, &format));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/picture/svg-has-texts-and-titles", test_svg);
  g_test_add_func ("/canvas/picture/svg-stays-well-formed", test_svg_hostile);
  g_test_add_func ("/canvas/picture/png-has-the-size-of-the-scene", test_png);
  g_test_add_func ("/canvas/picture/png-is-made-smaller", test_png_limit);
  g_test_add_func ("/canvas/picture/every-state-looks-different", test_states);
  g_test_add_func ("/canvas/picture/pdf-has-texts", test_pdf);
  g_test_add_func ("/canvas/picture/colours-can-be-read", test_contrast);
  g_test_add_func ("/canvas/picture/texts-fit", test_fit);
  g_test_add_func ("/canvas/picture/formats-by-name", test_formats);
  return g_test_run ();
}
