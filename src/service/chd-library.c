/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fills the catalogue: shipped files first, then the user's, then what the engine has published; a later one with the
 * same id replaces the earlier. Files are read in a worker. */

#include "config.h"

#include "chd-library.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-interface-reader.h"
#include "chd-item-json.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-yaml.h"

#define MAX_FILES 1000
#define MAX_PROBLEMS 100

static const char *const kinds[] = { "interfaces", "scripts", "environments" };

typedef struct
{
  ChdSession *session;     /* (owned) (nullable) */
  ChdCatalogue *catalogue; /* (owned) */
  GPtrArray *problems;     /* (owned) of char * */
} Library;

static void
library_free (Library *library)
{
  g_clear_object (&library->session);
  g_clear_object (&library->catalogue);
  g_ptr_array_unref (library->problems);
  g_free (library);
}

static void
add_problem (Library *library, const char *what, const GError *error)
{
  if (library->problems->len < MAX_PROBLEMS)
    /* Translators: a file or object that was passed over, and why */
    g_ptr_array_add (library->problems, g_strdup_printf (_ ("%s is passed over. %s"), what, error->message));
}

static gboolean
add_interface_file (ChdCatalogue *catalogue, const char *text, gsize length, ChdOrigin origin, GError **error)
{
  g_autoptr (ChdInterface) interface = chd_interface_read (text, length, origin, error);

  if (interface != NULL)
    chd_catalogue_add_interface (catalogue, interface);
  return interface != NULL;
}

static gboolean
add_item_file (ChdCatalogue *catalogue, ChdItemKind kind, const char *text, gsize length, GError **error)
{
  g_autoptr (JsonObject) object =
      chd_json_parse_object (text, length, CHD_JSON_MAX_OBJECT, CHD_JSON_UNIQUE_KEYS, error);
  g_autoptr (ChdItem) item = object != NULL ? chd_item_from_json (kind, object, error) : NULL;

  if (item == NULL)
    return FALSE;
  if (kind == CHD_ITEM_SCRIPT)
    chd_catalogue_add_script (catalogue, CHD_SCRIPT (item));
  else
    chd_catalogue_add_environment (catalogue, CHD_ENVIRONMENT (item));
  return TRUE;
}

static gboolean
add_file (Library *library, const char *kind, const char *path, ChdOrigin origin, GError **error)
{
  gboolean is_interface = g_str_equal (kind, "interfaces");
  gsize length = 0;
  g_autofree char *text =
      chd_read_regular_file (path, is_interface ? CHD_YAML_MAX_BYTES : CHD_JSON_MAX_OBJECT, &length, error);

  if (text == NULL)
    return FALSE;
  if (is_interface)
    return add_interface_file (library->catalogue, text, length, origin, error);
  return add_item_file (library->catalogue, g_str_equal (kind, "scripts") ? CHD_ITEM_SCRIPT : CHD_ITEM_ENVIRONMENT,
                        text, length, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(char **) a, *(char **) b);
}

/* The files of a folder in a fixed order: the same library gives the same catalogue. */
static GPtrArray *
list_files (const char *folder, const char *kind)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  gboolean is_interface = g_str_equal (kind, "interfaces");
  const char *name;

  while (dir != NULL && names->len < MAX_FILES && (name = g_dir_read_name (dir)) != NULL)
    if (name[0] != '.' && (is_interface ? g_str_has_suffix (name, ".yaml") || g_str_has_suffix (name, ".yml")
                                        : g_str_has_suffix (name, ".json")))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

static void
add_folder (Library *library, const char *folder, const char *kind, ChdOrigin origin)
{
  g_autoptr (GPtrArray) names = list_files (folder, kind);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *path = g_build_filename (folder, names->pdata[i], NULL);
      g_autoptr (GError) error = NULL;

      if (!add_file (library, kind, path, origin, &error))
        {
          g_autofree char *shown = g_filename_display_name (path);

          add_problem (library, shown, error);
        }
    }
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Library *library = data;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *shipped = chd_data_path (kinds[i]);
      g_autofree char *own = g_build_filename (g_get_user_data_dir (), "chain-designer", kinds[i], NULL);

      add_folder (library, shipped, kinds[i], CHD_ORIGIN_SHIPPED);
      add_folder (library, own, kinds[i], CHD_ORIGIN_LIBRARY);
    }
  g_task_return_boolean (task, TRUE);
}

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Library *library = g_task_get_task_data (task);
  g_autoptr (GPtrArray) pipelines = NULL;
  GError *error = NULL;

  pipelines = chd_cluster_list_finish (CHD_CLUSTER (object), result, NULL, &error);
  if (pipelines == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < pipelines->len; i++)
    {
      g_autoptr (GError) local = NULL;
      g_autoptr (ChdInterface) interface = chd_interface_read_object (pipelines->pdata[i], CHD_ORIGIN_ENGINE, &local);

      if (interface != NULL)
        chd_catalogue_add_interface (library->catalogue, interface);
      else
        add_problem (library, chd_kube_get_name (pipelines->pdata[i]), local);
    }
  g_task_return_boolean (task, TRUE);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Library *library = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  g_autofree char *selector = NULL;
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_task_return_error (task, error);
      return;
    }
  if (library->session == NULL || !chd_session_get_info (library->session)->tekton)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  selector = chd_kube_selector (CHD_LABEL_INTERFACE, "true", NULL);
  chd_cluster_list_async (chd_session_get_cluster (library->session), CHD_KUBE_PIPELINE, NULL, selector, cancellable,
                          listed_cb, g_steal_pointer (&task));
}

void
chd_library_load_async (ChdSession *session,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GTask) work = g_task_new (NULL, cancellable, read_cb, task);
  Library *library = g_new0 (Library, 1);

  g_task_set_source_tag (task, chd_library_load_async);
  g_set_object (&library->session, session);
  library->catalogue = chd_catalogue_new ();
  library->problems = g_ptr_array_new_with_free_func (g_free);
  g_task_set_task_data (task, library, (GDestroyNotify) library_free);
  /* The outer task owns the data and outlives the worker: it ends in read_cb() at the earliest. */
  g_task_set_task_data (work, library, NULL);
  g_task_run_in_thread (work, read_thread);
}

ChdCatalogue *
chd_library_load_finish (GAsyncResult *result, char ***problems, GError **error)
{
  Library *library = g_task_get_task_data (G_TASK (result));

  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;
  if (problems != NULL)
    {
      *problems = g_new0 (char *, library->problems->len + 1);
      for (guint i = 0; i < library->problems->len; i++)
        (*problems)[i] = g_strdup (library->problems->pdata[i]);
    }
  return g_object_ref (library->catalogue);
}

char *
chd_library_dup_user_folder (const char *kind, GError **error)
{
  g_autofree char *folder = g_build_filename (g_get_user_data_dir (), "chain-designer", kind, NULL);

  return chd_make_private_directory (folder, error) ? g_steal_pointer (&folder) : NULL;
}
