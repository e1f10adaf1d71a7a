/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The clipboard: our own type between windows, texts for and from everybody else. */

#include "config.h"

#include "chd-clipboard.h"
#include "chd-fragment-text.h"
#include "chd-fragment.h"
#include "chd-test-loop.h"

static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("loan", "Loan approval");

  ChdUnit *risk = chd_unit_new ("risk", "Risk", NULL);

  risk->collapsed = TRUE;
  chd_chain_append (chain, risk);
  chd_chain_append (chain, chd_node_new ("check", "Check credit", "risk"));
  chd_chain_append (chain, chd_node_new ("sign", "Sign contract", "risk"));
  chd_chain_append (chain, chd_link_new ("check", "sign"));
  return chain;
}

static ChdChain *
get (GError **error)
{
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());
  g_autoptr (GAsyncResult) result = NULL;

  chd_clipboard_get_async (clipboard, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_clipboard_get_finish (clipboard, result, error);
}

static void
text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(char **) user_data = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, NULL);
}

static void
test_round_trip (void)
{
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());
  g_autoptr (ChdChain) chain = make_chain ();
  const char *const ids[] = { "check", "sign", NULL };
  g_autoptr (ChdChain) fragment = chd_fragment_new (chain, ids);
  g_autoptr (ChdChain) read = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  chd_clipboard_put (clipboard, fragment);
  read = get (&error);
  g_assert_no_error (error);
  g_assert_nonnull (chd_chain_find_link (read, "check", "sign"));
  /* As its file has it, with how it is shown. */
  g_assert_true (chd_chain_find_unit (read, "risk")->collapsed);
  gdk_clipboard_read_text_async (clipboard, NULL, text_cb, &text);
  chd_test_wait_for (text != NULL);
  g_assert_cmpstr (text, ==, "Risk\n- Check credit → Sign contract\n- Sign contract\n");
}

static void
test_text (void)
{
  GdkClipboard *clipboard = gdk_display_get_clipboard (gdk_display_get_default ());
  g_autoptr (ChdChain) chain = make_chain ();
  g_autofree char *json = chd_fragment_to_text (chain);
  g_autoptr (ChdChain) read = NULL;
  g_autoptr (GError) error = NULL;

  gdk_clipboard_set_text (clipboard, json);
  read = get (&error);
  g_assert_no_error (error);
  g_assert_cmpuint (chd_chain_get_n_items (read, CHD_ITEM_NODE), ==, 2);

  gdk_clipboard_set_text (clipboard, "Dear colleagues");
  g_assert_null (get (&error));
  g_assert_cmpstr (error->message, ==, "There is no part of a chain in the clipboard.");
  g_clear_error (&error);
  /* A chain without nodes is none either. */
  gdk_clipboard_set_text (clipboard, "{\"format\": \"chain-designer/1\", \"name\": \"empty\"}");
  g_assert_null (get (&error));
  g_clear_error (&error);
  gdk_clipboard_set_content (clipboard, NULL);
  g_assert_null (get (&error));
}

int
main (int argc, char *argv[])
{
  gtk_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/clipboard/round-trip", test_round_trip);
  g_test_add_func ("/app/clipboard/text", test_text);
  return g_test_run ();
}
