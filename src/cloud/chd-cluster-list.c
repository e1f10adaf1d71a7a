/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists of objects, page by page. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-cluster-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define PAGE 500
/* A list that never ends. */
#define MAX_PAGES 1000
#define MAX_OBJECTS 200000

typedef struct
{
  char *path;  /* (owned) */
  char *query; /* (owned) selector, or "" */
  ChdHttpFlags flags;
  GPtrArray *objects;   /* (owned) of JsonObject */
  char *version;        /* (owned) (nullable) */
  char *continue_token; /* (owned) (nullable) */
  guint pages;
  gboolean whole; /* without pages: they expired on the way */
} List;

static void request_page (GTask *task);

static void
list_free (List *list)
{
  g_free (list->path);
  g_free (list->query);
  g_clear_pointer (&list->objects, g_ptr_array_unref);
  g_free (list->version);
  g_free (list->continue_token);
  g_free (list);
}

/* FALSE with @error when the page is none, or the list never ends. */
static gboolean
take_page (List *list, JsonObject *page, GError **error)
{
  const char *kind = chd_kube_get_kind (page);
  const char *version = chd_json_lookup_string (page, "metadata/resourceVersion", NULL);
  const char *next = chd_json_lookup_string (page, "metadata/continue", NULL);
  g_autoptr (GPtrArray) items = NULL;

  if (kind == NULL || !g_str_has_suffix (kind, "List") || version == NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_CORRUPT,
                           _ ("The server’s answer is not a list. Check the address of this connection."));
      return FALSE;
    }
  items = chd_kube_list_items (page);
  g_ptr_array_extend (list->objects, items, (GCopyFunc) (void (*) (void)) json_object_ref, NULL);
  chd_set_str (&list->version, version);
  chd_set_str (&list->continue_token, next != NULL && *next != '\0' ? next : NULL);
  list->pages++;
  if (list->continue_token == NULL || (list->pages < MAX_PAGES && list->objects->len < MAX_OBJECTS))
    return TRUE;
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The server has more objects than can be listed here."));
  return FALSE;
}

static void
page_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  List *list = g_task_get_task_data (task);
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (JsonObject) page = NULL;
  g_autoptr (GError) error = NULL;

  page = chd_http_send_json_finish (CHD_HTTP (object), result, &response, &error);
  if (page == NULL && list->continue_token != NULL && chd_wire_error_is_expired (error))
    {
      /* The server no longer keeps the snapshot that the pages belong to. */
      list->whole = TRUE;
      g_clear_pointer (&list->continue_token, g_free);
      g_ptr_array_set_size (list->objects, 0);
      request_page (g_steal_pointer (&task));
      return;
    }
  if (page == NULL || !take_page (list, page, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  chd_cluster_report_warnings (g_task_get_source_object (task), response);
  if (list->continue_token != NULL)
    request_page (g_steal_pointer (&task));
  else
    g_task_return_pointer (task, g_steal_pointer (&list->objects), (GDestroyNotify) g_ptr_array_unref);
}

/* Takes @task. */
static void
request_page (GTask *task)
{
  ChdCluster *self = g_task_get_source_object (task);
  List *list = g_task_get_task_data (task);
  g_autoptr (GString) target = g_string_new (list->path);
  g_autoptr (ChdHttpRequest) request = NULL;

  g_string_append (target, list->whole ? "?" : "?limit=" G_STRINGIFY (PAGE));
  g_string_append (target, list->query);
  if (list->continue_token != NULL)
    {
      g_string_append (target, "&continue=");
      g_string_append_uri_escaped (target, list->continue_token, NULL, FALSE);
    }
  request = chd_http_request_new ("GET", target->str, list->flags);
  chd_http_request_set_max_body (request, CHD_CLUSTER_MAX_PAGE);
  chd_http_send_json_async (chd_cluster_get_http (self), request, g_task_get_cancellable (task), page_cb, task);
}

void
chd_cluster_list_full_async (ChdCluster *self,
                             ChdKubeType type,
                             const char *namespace_,
                             const char *selector,
                             ChdHttpFlags flags,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  List *list = g_new0 (List, 1);
  g_autoptr (GString) query = g_string_new (NULL);

  if (namespace_ == NULL)
    namespace_ = chd_cluster_get_namespace (self);
  if (selector != NULL && *selector != '\0')
    {
      g_string_append (query, "&labelSelector=");
      g_string_append_uri_escaped (query, selector, NULL, FALSE);
    }
  list->path = chd_kube_path (type, namespace_, NULL, NULL);
  list->query = g_strdup (query->str);
  list->flags = flags;
  list->objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_task_set_source_tag (task, chd_cluster_list_async);
  g_task_set_task_data (task, list, (GDestroyNotify) list_free);
  request_page (task);
}

void
chd_cluster_list_async (ChdCluster *self,
                        ChdKubeType type,
                        const char *namespace_,
                        const char *selector,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  chd_cluster_list_full_async (self, type, namespace_, selector, CHD_HTTP_DEFAULT, cancellable, callback, user_data);
}

GPtrArray *
chd_cluster_list_finish (ChdCluster *self, GAsyncResult *result, char **version, GError **error)
{
  List *list = g_task_get_task_data (G_TASK (result));
  GPtrArray *objects = g_task_propagate_pointer (G_TASK (result), error);

  if (version != NULL)
    *version = objects != NULL ? g_strdup (list->version) : NULL;
  return objects;
}

/* Namespaces */

static void
namespaces_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdCluster *self = CHD_CLUSTER (object);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) namespaces = chd_cluster_list_finish (self, result, NULL, &error);

  if (namespaces == NULL && !g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (namespaces == NULL)
    g_strv_builder_add (names, chd_cluster_get_namespace (self));
  for (guint i = 0; namespaces != NULL && i < namespaces->len; i++)
    if (chd_kube_get_name (namespaces->pdata[i]) != NULL)
      g_strv_builder_add (names, chd_kube_get_name (namespaces->pdata[i]));
  g_task_return_pointer (task, g_strv_builder_end (names), (GDestroyNotify) g_strfreev);
}

void
chd_cluster_list_namespaces_async (ChdCluster *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, chd_cluster_list_namespaces_async);
  chd_cluster_list_async (self, CHD_KUBE_NAMESPACE, "", NULL, cancellable, namespaces_cb, task);
}

char **
chd_cluster_list_namespaces_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
