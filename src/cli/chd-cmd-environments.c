/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * environments, push-environment. */

#include "config.h"

#include <glib/gi18n.h>
#include <unistd.h>

#include "chd-cli.h"
#include "chd-error.h"
#include "chd-images.h"
#include "chd-json.h"

/* The document's environments, then those of the library that it does not define itself. */
static GPtrArray *
list_environments (ChdCli *cli, ChdDocument *document)
{
  GPtrArray *environments = g_ptr_array_new_with_free_func (chd_item_unref);
  GPtrArray *shared = chd_catalogue_get_environments (cli->catalogue);
  ChdChain *chain = document != NULL ? chd_document_get_chain (document) : NULL;

  for (guint i = 0; chain != NULL && i < chd_chain_get_n_items (chain, CHD_ITEM_ENVIRONMENT); i++)
    g_ptr_array_add (environments, chd_item_ref (chd_chain_get_item (chain, CHD_ITEM_ENVIRONMENT, i)));
  for (guint i = 0; i < shared->len; i++)
    {
      const ChdEnvironment *environment = g_ptr_array_index (shared, i);

      if (chain == NULL || chd_chain_find_environment (chain, environment->item.id) == NULL)
        g_ptr_array_add (environments, chd_item_ref (environment));
    }
  return environments;
}

static const char *
get_kind_word (ChdImageStateKind kind)
{
  switch (kind)
    {
    case CHD_IMAGE_PRESENT:
      return "present";
    case CHD_IMAGE_UPLOADABLE:
      return "uploadable";
    case CHD_IMAGE_NO_SOURCE:
      return "missing";
    case CHD_IMAGE_HOST_SYSTEM:
      return "host-system";
    default:
      g_assert_not_reached ();
    }
}

static const char *
get_kind_title (ChdImageStateKind kind)
{
  switch (kind)
    {
    case CHD_IMAGE_PRESENT:
      return _ ("available");
    case CHD_IMAGE_UPLOADABLE:
      return _ ("missing, will be uploaded");
    case CHD_IMAGE_NO_SOURCE:
      return _ ("missing, and no source here");
    case CHD_IMAGE_HOST_SYSTEM:
      return _ ("the engine's own system");
    default:
      g_assert_not_reached ();
    }
}

static JsonObject *
to_json (const ChdEnvironment *environment, const ChdImageState *state, const GError *error)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", environment->item.id);
  json_object_set_string_member (object, "title", environment->title);
  json_object_set_string_member (object, "image", environment->image);
  if (state != NULL)
    {
      json_object_set_string_member (object, "state", get_kind_word (state->kind));
      chd_json_set_string_if (object, "digest", state->digest);
      if (state->size >= 0)
        json_object_set_int_member (object, "size", state->size);
    }
  else
    json_object_set_string_member (object, "error", error->message);
  return object;
}

int
chd_cmd_environments (ChdCli *cli, char **arguments)
{
  static const int widths[] = { 16, 28, 28, -1 };
  g_auto (GStrv) files = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autoptr (GPtrArray) environments = NULL;
  g_autofree char *folder = NULL;
  JsonArray *items;
  int code = CHD_EXIT_DONE;

  if (!chd_cli_parse (cli, arguments, NULL, 0, 1, &files))
    return CHD_EXIT_USAGE;
  if (files[0] != NULL && (document = chd_cli_load_document (cli, files[0])) == NULL)
    return CHD_EXIT_FAILED;
  if (!chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  environments = list_environments (cli, document);
  folder = document != NULL ? chd_document_dup_folder (document) : NULL;
  items = json_array_new ();
  for (guint i = 0; i < environments->len; i++)
    {
      const ChdEnvironment *environment = g_ptr_array_index (environments, i);
      g_autoptr (ChdImageState) state = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *size = NULL;
      GAsyncResult *result = NULL;

      chd_images_query_async (cli->session, environment, folder, cli->cancellable, chd_cli_result_cb, &result);
      state = chd_images_query_finish (chd_cli_wait (&result), &error);
      if (state == NULL)
        code = CHD_EXIT_FAILED;
      size = state != NULL && state->size >= 0 ? g_format_size (state->size) : g_strdup ("");
      if (!cli->json && i == 0)
        chd_cli_print_row (widths, _ ("ID"), _ ("IMAGE"), _ ("STATE"), _ ("SIZE"), NULL);
      if (!cli->json)
        chd_cli_print_row (widths, environment->item.id, environment->image,
                           state != NULL ? get_kind_title (state->kind) : error->message, size, NULL);
      json_array_add_object_element (items, to_json (environment, state, error));
    }
  if (cli->json)
    {
      JsonObject *output = json_object_new ();

      json_object_set_array_member (output, "items", items);
      chd_cli_print_json (output);
    }
  else
    json_array_unref (items);
  return code;
}

static void
progress_cb (gint64 done, gint64 total, const char *digest, gpointer user_data)
{
  g_autofree char *sent = g_format_size (done);
  g_autofree char *all = g_format_size (total);

  if (isatty (STDERR_FILENO))
    g_printerr (_ ("\rUploading %s of %s"), sent, all);
}

int
chd_cmd_push_environment (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) names = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autoptr (GPtrArray) environments = NULL;
  g_autoptr (ChdImageState) state = NULL;
  g_autofree char *folder = NULL;
  const ChdEnvironment *environment = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;
  gboolean uploaded = FALSE;

  if (!chd_cli_parse (cli, arguments, NULL, 1, 2, &names))
    return CHD_EXIT_USAGE;
  if (names[1] != NULL && (document = chd_cli_load_document (cli, names[1])) == NULL)
    return CHD_EXIT_FAILED;
  if (!chd_cli_open_session (cli) || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  environments = list_environments (cli, document);
  for (guint i = 0; i < environments->len; i++)
    if (g_str_equal (((ChdItem *) g_ptr_array_index (environments, i))->id, names[0]))
      environment = g_ptr_array_index (environments, i);
  if (environment == NULL)
    return chd_cli_fail (g_error_new (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("There is no environment “%s”."), names[0]));
  folder = document != NULL ? chd_document_dup_folder (document) : NULL;
  chd_images_ensure_async (cli->session, environment, folder, progress_cb, NULL, NULL, cli->cancellable,
                           chd_cli_result_cb, &result);
  state = chd_images_ensure_finish (chd_cli_wait (&result), &uploaded, &error);
  if (isatty (STDERR_FILENO))
    g_printerr ("\n");
  if (state == NULL)
    return chd_cli_fail (error);
  if (cli->json)
    {
      JsonObject *output = to_json (environment, state, NULL);

      json_object_set_boolean_member (output, "uploaded", uploaded);
      chd_cli_print_json (output);
    }
  else
    chd_cli_print ("%s", state->reference);
  return CHD_EXIT_DONE;
}
