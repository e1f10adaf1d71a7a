/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verbs of a Kubernetes API for single objects. Lists are in chd-cluster-list.c, questions about the server and
 * the user in chd-cluster-info.c. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-cluster-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"

#define MAX_WARNINGS 100
#define MAX_WARNING 1000

struct _ChdCluster
{
  GObject parent_instance;

  ChdHttp *http;    /* (owned) */
  char *namespace_; /* (owned) */
};

G_DEFINE_FINAL_TYPE (ChdCluster, chd_cluster, G_TYPE_OBJECT)

enum
{
  SIGNAL_WARNING,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

/* What is asked of one object, and what came of it. */
typedef struct
{
  char *name; /* (owned) (nullable) the answer must be about it */
  guint status;
} Call;

static void
call_free (Call *call)
{
  g_free (call->name);
  g_free (call);
}

/* The text of a warning header (299 - "text"), or the whole when it has another form. */
static char *
read_warning (const char *header)
{
  const char *quote = strchr (header, '"');
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *harmless = NULL;

  if (quote == NULL)
    g_string_append (text, header);
  for (const char *c = quote != NULL ? quote + 1 : ""; *c != '\0' && *c != '"'; c++)
    {
      if (*c == '\\' && c[1] != '\0')
        c++;
      g_string_append_c (text, *c);
    }
  harmless = chd_str_sanitize (text->str, (gssize) text->len, MAX_WARNING);
  return g_strdelimit (g_steal_pointer (&harmless), "\n\t", ' ');
}

void
chd_cluster_report_warnings (ChdCluster *self, ChdHttpResponse *response)
{
  g_auto (GStrv) headers = chd_http_response_list_headers (response, "Warning");

  for (guint i = 0; headers[i] != NULL && i < MAX_WARNINGS; i++)
    {
      g_autofree char *text = read_warning (headers[i]);

      g_signal_emit (self, signals[SIGNAL_WARNING], 0, text);
    }
}

/* Calls */

static void
call_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *call = g_task_get_task_data (task);
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autoptr (JsonObject) answer = NULL;
  GError *error = NULL;

  answer = chd_http_send_json_finish (CHD_HTTP (object), result, &response, &error);
  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  chd_cluster_report_warnings (g_task_get_source_object (task), response);
  if (call->name != NULL && g_strcmp0 (chd_kube_get_name (answer), call->name) != 0)
    {
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_CORRUPT,
                               /* Translators: %s is the name of an object */
                               _ ("The server’s answer is not about “%s”. Check the address of this connection."),
                               call->name);
      return;
    }
  call->status = chd_http_response_get_status (response);
  g_task_return_pointer (task, g_steal_pointer (&answer), (GDestroyNotify) json_object_unref);
}

static GTask *
make_task (ChdCluster *self,
           gpointer tag,
           const char *name,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  call->name = g_strdup (name);
  g_task_set_source_tag (task, tag);
  g_task_set_task_data (task, call, (GDestroyNotify) call_free);
  return task;
}

/* Takes @task and @request. */
static void
start_call (GTask *task, ChdHttpRequest *request, const char *name)
{
  ChdCluster *self = g_task_get_source_object (task);
  g_autofree char *harmless = name != NULL ? chd_str_sanitize (name, -1, 253) : NULL;
  g_autofree char *subject = harmless != NULL ? g_strdup_printf ("“%s”", harmless) : NULL;

  chd_http_request_set_subject (request, subject);
  chd_http_send_json_async (self->http, request, g_task_get_cancellable (task), call_cb, task);
  chd_http_request_unref (request);
}

static const char *
choose_namespace (ChdCluster *self, const char *namespace_)
{
  return namespace_ != NULL && *namespace_ != '\0' ? namespace_ : self->namespace_;
}

static char *
make_target (ChdCluster *self,
             ChdKubeType type,
             const char *namespace_,
             const char *name,
             const char *subresource,
             const char *query)
{
  g_autofree char *path = chd_kube_path (type, choose_namespace (self, namespace_), name, subresource);

  return g_strconcat (path, query, NULL);
}

static gboolean
check_object (GTask *task, JsonObject *object, ChdKubeType *type)
{
  g_autofree char *kind = NULL;

  if (chd_kube_type_of (object, type))
    return TRUE;
  kind = chd_str_sanitize (chd_json_string (object, "kind", "—"), -1, 100);
  g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                           /* Translators: %s is the kind of an object, such as “Task” */
                           _ ("Objects of kind %s are not handled here."), kind);
  return FALSE;
}

static const char *
dry_run (ChdWriteFlags flags)
{
  return (flags & CHD_WRITE_DRY_RUN) != 0 ? "&dryRun=All" : "";
}

static void
set_body (ChdHttpRequest *request, const char *content_type, JsonObject *object)
{
  g_autoptr (JsonNode) node = chd_json_node_from_object (object);

  chd_http_request_set_body_json (request, content_type, node);
}

/* GObject */

static void
chd_cluster_finalize (GObject *object)
{
  ChdCluster *self = CHD_CLUSTER (object);

  g_clear_object (&self->http);
  g_free (self->namespace_);
  G_OBJECT_CLASS (chd_cluster_parent_class)->finalize (object);
}

static void
chd_cluster_class_init (ChdClusterClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_cluster_finalize;

  signals[SIGNAL_WARNING] =
      g_signal_new ("warning", CHD_TYPE_CLUSTER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
chd_cluster_init (ChdCluster *self)
{
}

/**
 * chd_cluster_new:
 * Returns: (transfer full): as chd_http_new_for_connection()
 */
ChdCluster *
chd_cluster_new (ChdConnection *connection, GError **error)
{
  g_autoptr (ChdHttp) http = chd_http_new_for_connection (connection, error);

  return http != NULL ? chd_cluster_new_for_http (http, chd_connection_get_namespace (connection)) : NULL;
}

/**
 * chd_cluster_new_for_http:
 * @namespace_: (nullable): %NULL for "default"
 */
ChdCluster *
chd_cluster_new_for_http (ChdHttp *http, const char *namespace_)
{
  ChdCluster *self = g_object_new (CHD_TYPE_CLUSTER, NULL);

  self->http = g_object_ref (http);
  self->namespace_ = g_strdup (namespace_ != NULL && *namespace_ != '\0' ? namespace_ : "default");
  return self;
}

ChdHttp *
chd_cluster_get_http (ChdCluster *self)
{
  return self->http;
}

const char *
chd_cluster_get_namespace (ChdCluster *self)
{
  return self->namespace_;
}

void
chd_cluster_get_async (ChdCluster *self,
                       ChdKubeType type,
                       const char *namespace_,
                       const char *name,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data)
{
  GTask *task = make_task (self, chd_cluster_get_async, name, cancellable, callback, user_data);
  g_autofree char *target = make_target (self, type, namespace_, name, NULL, NULL);

  start_call (task, chd_http_request_new ("GET", target, CHD_HTTP_DEFAULT), name);
}

JsonObject *
chd_cluster_get_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * chd_cluster_create_async:
 *
 * Never sent twice: when the answer is lost (the error's reason is "answer-lost") the object may be there, and only
 * the caller can tell whether it is the one that was meant.
 */
void
chd_cluster_create_async (ChdCluster *self,
                          JsonObject *object,
                          ChdWriteFlags flags,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  const char *name = chd_kube_get_name (object);
  GTask *task = make_task (self, chd_cluster_create_async, name, cancellable, callback, user_data);
  g_autofree char *query =
      g_strconcat ("?fieldManager=" CHD_KUBE_FIELD_MANAGER "&fieldValidation=Strict", dry_run (flags), NULL);
  g_autofree char *target = NULL;
  ChdHttpRequest *request;
  ChdKubeType type;

  if (!check_object (task, object, &type))
    {
      g_object_unref (task);
      return;
    }
  target = make_target (self, type, chd_kube_get_namespace (object), NULL, NULL, query);
  request = chd_http_request_new ("POST", target, CHD_HTTP_DEFAULT);
  set_body (request, "application/json", object);
  start_call (task, request, name);
}

JsonObject *
chd_cluster_create_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * chd_cluster_apply_async:
 *
 * Server-side apply under our field manager. Somebody else's value in a field that we set is a conflict
 * (chd_wire_error_is_apply_conflict()) unless %CHD_WRITE_FORCE is given.
 */
void
chd_cluster_apply_async (ChdCluster *self,
                         JsonObject *object,
                         ChdWriteFlags flags,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  const char *name = chd_kube_get_name (object);
  GTask *task = make_task (self, chd_cluster_apply_async, name, cancellable, callback, user_data);
  g_autofree char *query =
      g_strconcat ("?fieldManager=" CHD_KUBE_FIELD_MANAGER "&fieldValidation=Strict",
                   (flags & CHD_WRITE_FORCE) != 0 ? "&force=true" : "&force=false", dry_run (flags), NULL);
  g_autofree char *target = NULL;
  ChdHttpRequest *request;
  ChdKubeType type;

  if (!check_object (task, object, &type))
    {
      g_object_unref (task);
      return;
    }
  target = make_target (self, type, chd_kube_get_namespace (object), name, NULL, query);
  /* The same intent twice is the same as once. */
  request = chd_http_request_new ("PATCH", target, CHD_HTTP_REPEATABLE);
  set_body (request, "application/apply-patch+yaml", object);
  start_call (task, request, name);
}

JsonObject *
chd_cluster_apply_finish (ChdCluster *self, GAsyncResult *result, gboolean *created, GError **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  if (created != NULL)
    *created = call->status == 201;
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * chd_cluster_replace_async:
 *
 * @object carries the resourceVersion it was read with; a newer one on the server is %CHD_ERROR_CONFLICT.
 */
void
chd_cluster_replace_async (ChdCluster *self,
                           JsonObject *object,
                           const char *subresource,
                           ChdWriteFlags flags,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  const char *name = chd_kube_get_name (object);
  GTask *task = make_task (self, chd_cluster_replace_async, name, cancellable, callback, user_data);
  g_autofree char *query = g_strconcat ("?fieldManager=" CHD_KUBE_FIELD_MANAGER, dry_run (flags), NULL);
  g_autofree char *target = NULL;
  ChdHttpRequest *request;
  ChdKubeType type;

  if (!check_object (task, object, &type))
    {
      g_object_unref (task);
      return;
    }
  target = make_target (self, type, chd_kube_get_namespace (object), name, subresource, query);
  request = chd_http_request_new ("PUT", target, CHD_HTTP_DEFAULT);
  set_body (request, "application/json", object);
  start_call (task, request, name);
}

JsonObject *
chd_cluster_replace_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
chd_cluster_patch_async (ChdCluster *self,
                         ChdKubeType type,
                         const char *namespace_,
                         const char *name,
                         const char *subresource,
                         ChdPatchType patch_type,
                         JsonNode *patch,
                         ChdWriteFlags flags,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = make_task (self, chd_cluster_patch_async, name, cancellable, callback, user_data);
  g_autofree char *query = g_strconcat ("?fieldManager=" CHD_KUBE_FIELD_MANAGER, dry_run (flags), NULL);
  g_autofree char *target = make_target (self, type, namespace_, name, subresource, query);
  gboolean merge = patch_type == CHD_PATCH_MERGE;
  /* A merge patch twice is the same as once; of a JSON patch nobody knows. */
  ChdHttpRequest *request = chd_http_request_new ("PATCH", target, merge ? CHD_HTTP_REPEATABLE : CHD_HTTP_DEFAULT);

  chd_http_request_set_body_json (request, merge ? "application/merge-patch+json" : "application/json-patch+json",
                                  patch);
  start_call (task, request, name);
}

JsonObject *
chd_cluster_patch_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
chd_cluster_delete_async (ChdCluster *self,
                          ChdKubeType type,
                          const char *namespace_,
                          const char *name,
                          const char *uid,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  /* The answer is the object or a Status, so its name is not compared. */
  GTask *task = make_task (self, chd_cluster_delete_async, NULL, cancellable, callback, user_data);
  g_autofree char *target = make_target (self, type, namespace_, name, NULL, NULL);
  ChdHttpRequest *request = chd_http_request_new ("DELETE", target, CHD_HTTP_DEFAULT);
  g_autoptr (JsonObject) options = json_object_new ();

  json_object_set_string_member (options, "kind", "DeleteOptions");
  json_object_set_string_member (options, "apiVersion", "v1");
  json_object_set_string_member (options, "propagationPolicy", "Background");
  if (uid != NULL)
    json_object_set_string_member (chd_json_ensure_object (options, "preconditions"), "uid", uid);
  set_body (request, "application/json", options);
  start_call (task, request, name);
}

gboolean
chd_cluster_delete_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local_error = NULL;
  g_autoptr (JsonObject) answer = g_task_propagate_pointer (G_TASK (result), &local_error);

  /* Also what a DELETE finds that was sent again because its first answer was lost. */
  if (answer != NULL || g_error_matches (local_error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&local_error));
  return FALSE;
}
