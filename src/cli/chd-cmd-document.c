/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * validate, compile, layout, export: what needs a document and no engine. */

#include "config.h"

#include <glib/gi18n.h>
#include <stdio.h>

#include "chd-cli-watch.h"
#include "chd-cli.h"
#include "chd-compiler.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-layout.h"
#include "chd-picture.h"
#include "chd-validate.h"
#include "chd-yaml.h"

static JsonObject *
problem_to_json (const ChdProblem *problem)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "severity", problem->severity == CHD_SEVERITY_ERROR ? "error" : "warning");
  json_object_set_string_member (object, "code", problem->code);
  chd_json_set_string_if (object, "id", problem->id);
  chd_json_set_string_if (object, "field", problem->field);
  json_object_set_string_member (object, "message", problem->message);
  chd_json_set_string_if (object, "repair", problem->repair);
  return object;
}

static void
print_problems (const char *file, GPtrArray *problems)
{
  for (guint i = 0; i < problems->len; i++)
    {
      const ChdProblem *problem = g_ptr_array_index (problems, i);

      printf ("%s: %s: %s", file, problem->severity == CHD_SEVERITY_ERROR ? _ ("error") : _ ("warning"),
              problem->message);
      if (problem->repair != NULL)
        printf (" (%s)", problem->repair);
      printf (" [%s]\n", problem->code);
    }
}

int
chd_cmd_validate (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) files = NULL;
  JsonArray *results = json_array_new ();
  int code = CHD_EXIT_DONE;

  if (!chd_cli_parse (cli, arguments, NULL, 1, G_MAXUINT, &files))
    return CHD_EXIT_USAGE;
  if (!chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autoptr (ChdDocument) document = chd_cli_load_document (cli, files[i]);
      g_autoptr (GPtrArray) problems = NULL;
      JsonObject *result = json_object_new ();
      JsonArray *list = json_array_new ();
      guint n_errors;

      json_object_set_string_member (result, "file", files[i]);
      json_object_set_array_member (result, "problems", list);
      json_array_add_object_element (results, result);
      if (document == NULL)
        {
          json_object_set_boolean_member (result, "valid", FALSE);
          code = CHD_EXIT_FAILED;
          continue;
        }
      problems = chd_validate (chd_document_get_chain (document), cli->catalogue);
      n_errors = chd_problems_count (problems, CHD_SEVERITY_ERROR);
      if (n_errors > 0)
        code = CHD_EXIT_FAILED;
      json_object_set_boolean_member (result, "valid", n_errors == 0);
      for (guint k = 0; k < problems->len; k++)
        json_array_add_object_element (list, problem_to_json (g_ptr_array_index (problems, k)));
      if (!cli->json)
        print_problems (files[i], problems);
      if (!cli->json && n_errors == 0)
        chd_cli_print (_ ("%s: valid"), files[i]);
    }
  if (cli->json)
    {
      JsonObject *output = json_object_new ();

      json_object_set_array_member (output, "items", results);
      chd_cli_print_json (output);
    }
  else
    json_array_unref (results);
  return code;
}

int
chd_cmd_compile (ChdCli *cli, char **arguments)
{
  g_auto (GStrv) files = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autoptr (GPtrArray) targets = NULL;
  g_autoptr (GPtrArray) objects = g_ptr_array_new ();
  g_autofree char *text = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, NULL, 1, 1, &files))
    return CHD_EXIT_USAGE;
  document = chd_cli_load_document (cli, files[0]);
  if (document == NULL || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  text = chd_document_dup_text (document);
  targets = chd_compile (chd_document_get_chain (document), cli->catalogue, NULL, text, &error);
  if (targets == NULL)
    return chd_cli_fail (error);
  for (guint i = 0; i < targets->len; i++)
    g_ptr_array_add (objects, ((ChdTarget *) g_ptr_array_index (targets, i))->object);
  if (cli->json)
    {
      JsonObject *list = json_object_new ();
      JsonArray *items = json_array_new ();

      json_object_set_string_member (list, "apiVersion", "v1");
      json_object_set_string_member (list, "kind", "List");
      json_object_set_array_member (list, "items", items);
      for (guint i = 0; i < objects->len; i++)
        json_array_add_object_element (items, json_object_ref (g_ptr_array_index (objects, i)));
      chd_cli_print_json (list);
    }
  else
    {
      g_autofree char *yaml = chd_yaml_write_documents (objects);

      fputs (yaml, stdout);
    }
  return CHD_EXIT_DONE;
}

int
chd_cmd_layout (ChdCli *cli, char **arguments)
{
  gboolean in_place = FALSE;
  const GOptionEntry entries[] = {
    { "in-place", 'i', 0, G_OPTION_ARG_NONE, &in_place, N_ ("Write it into the file"), NULL },
    { NULL },
  };
  g_auto (GStrv) files = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autofree char *text = NULL;
  GAsyncResult *result = NULL;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &files))
    return CHD_EXIT_USAGE;
  document = chd_cli_load_document (cli, files[0]);
  if (document == NULL)
    return CHD_EXIT_FAILED;
  chd_layout_apply (chd_document_get_chain (document));
  if (!in_place)
    {
      text = chd_document_dup_text (document);
      fputs (text, stdout);
      return CHD_EXIT_DONE;
    }
  chd_document_save_async (document, NULL, cli->cancellable, chd_cli_result_cb, &result);
  if (!chd_document_save_finish (document, chd_cli_wait (&result), &error))
    return chd_cli_fail (error);
  return CHD_EXIT_DONE;
}

/* The states of a run on the drawing. FALSE: told on stderr. */
static gboolean
show_run (ChdCli *cli, ChdScene *scene, const char *name)
{
  g_autoptr (ChdRun) run = chd_cli_open_run (cli, name, chd_scene_get_chain (scene));
  ChdRunStatus *status;

  if (run == NULL)
    return FALSE;
  status = chd_run_get_status (run);
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);

      chd_scene_set_node_state (scene, node->node, node->state, node->note, -1);
    }
  chd_run_close (run);
  return TRUE;
}

static void
set_interface_titles (ChdCli *cli, ChdScene *scene)
{
  GListModel *interfaces = chd_catalogue_list_interfaces (cli->catalogue);

  for (guint i = 0; i < g_list_model_get_n_items (interfaces); i++)
    {
      g_autoptr (ChdInterface) interface = g_list_model_get_item (interfaces, i);

      chd_scene_set_interface_title (scene, chd_interface_get_id (interface), chd_interface_get_title (interface));
    }
}

static gboolean
write_picture (const char *path, GBytes *picture, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autofree char *shown = g_filename_display_name (path);

  if (g_file_set_contents_full (path, g_bytes_get_data (picture, NULL), (gssize) g_bytes_get_size (picture),
                                G_FILE_SET_CONTENTS_CONSISTENT, 0666, &local))
    return TRUE;
  /* Translators: %s is the name of a file */
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The picture could not be written to %s."), shown);
  chd_error_set_details (*error, local->message);
  return FALSE;
}

int
chd_cmd_export (ChdCli *cli, char **arguments)
{
  g_autofree char *format_name = NULL, *output = NULL, *run = NULL;
  const GOptionEntry entries[] = {
    { "format", 0, 0, G_OPTION_ARG_FILENAME, &format_name, N_ ("svg, png or pdf; by default what the file is called"),
      N_ ("FORM") },
    { "run", 0, 0, G_OPTION_ARG_FILENAME, &run, N_ ("Show the states of this run"), N_ ("RUN") },
    { "output-file", 'o', 0, G_OPTION_ARG_FILENAME, &output, N_ ("File to write"), N_ ("FILE") },
    { NULL },
  };
  g_auto (GStrv) files = NULL;
  g_autoptr (ChdDocument) document = NULL;
  g_autoptr (ChdScene) scene = NULL;
  g_autoptr (GBytes) picture = NULL;
  ChdPictureFormat format;
  GError *error = NULL;

  if (!chd_cli_parse (cli, arguments, entries, 1, 1, &files))
    return CHD_EXIT_USAGE;
  if (output == NULL || !chd_picture_format_from_string (format_name != NULL ? format_name : output, &format))
    return chd_cli_usage (cli);
  document = chd_cli_load_document (cli, files[0]);
  if (document == NULL || !chd_cli_load_catalogue (cli))
    return CHD_EXIT_FAILED;
  scene = chd_scene_new (chd_document_get_chain (document));
  set_interface_titles (cli, scene);
  if (run != NULL && !show_run (cli, scene, run))
    return CHD_EXIT_FAILED;
  picture = chd_picture_render (scene, format, format == CHD_PICTURE_PNG ? 2 : 1, CHD_PICTURE_LIGHT, &error);
  if (picture == NULL || !write_picture (output, picture, &error))
    return chd_cli_fail (error);
  return CHD_EXIT_DONE;
}
