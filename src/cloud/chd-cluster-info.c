/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a server offers (discovery), who we are there, and what we may do. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-cluster-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"

/* The groups whose resources are looked for; one that is missing is no error. */
static const char *const groups[] = {
  "/api/v1",
  "/apis/tekton.dev/v1",
  "/apis/tekton.dev/v1beta1",
  "/apis/openshift-pipelines.org/v1alpha1",
  "/apis/authentication.k8s.io/v1",
  "/apis/authorization.k8s.io/v1",
};

typedef struct
{
  ChdClusterInfo *info; /* (owned) */
  guint pending;
  GError *error; /* (owned) (nullable) the first one */
} Discovery;

ChdClusterInfo *
chd_cluster_info_copy (const ChdClusterInfo *info)
{
  ChdClusterInfo *copy = g_memdup2 (info, sizeof *info);

  copy->version = g_strdup (info->version);
  return copy;
}

void
chd_cluster_info_free (ChdClusterInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->version);
  g_free (info);
}

gboolean
chd_cluster_info_has (const ChdClusterInfo *info, ChdKubeType type)
{
  return (info->types & (G_GUINT64_CONSTANT (1) << type)) != 0;
}

void
chd_identity_free (ChdIdentity *identity)
{
  if (identity == NULL)
    return;
  g_free (identity->name);
  g_strfreev (identity->groups);
  g_free (identity);
}

/* Discovery */

static void
discovery_free (Discovery *discovery)
{
  chd_cluster_info_free (discovery->info);
  g_clear_error (&discovery->error);
  g_free (discovery);
}

/* One part is done; takes @task, and @error (nullable). */
static void
finish_part (GTask *task, GError *error)
{
  Discovery *discovery = g_task_get_task_data (task);
  ChdClusterInfo *info = discovery->info;

  if (error != NULL && discovery->error == NULL)
    discovery->error = g_steal_pointer (&error);
  g_clear_error (&error);
  if (--discovery->pending == 0)
    {
      info->tekton = chd_cluster_info_has (info, CHD_KUBE_TASK) && chd_cluster_info_has (info, CHD_KUBE_PIPELINE) &&
                     chd_cluster_info_has (info, CHD_KUBE_TASK_RUN) &&
                     chd_cluster_info_has (info, CHD_KUBE_PIPELINE_RUN);
      info->custom_runs = chd_cluster_info_has (info, CHD_KUBE_CUSTOM_RUN);
      info->approvals = chd_cluster_info_has (info, CHD_KUBE_APPROVAL_TASK);
      info->access_reviews = chd_cluster_info_has (info, CHD_KUBE_SELF_SUBJECT_ACCESS_REVIEW);
      if (discovery->error != NULL)
        g_task_return_error (task, g_steal_pointer (&discovery->error));
      else
        g_task_return_pointer (task, g_steal_pointer (&discovery->info), (GDestroyNotify) chd_cluster_info_free);
    }
  g_object_unref (task);
}

static void
take_resources (ChdClusterInfo *info, JsonObject *list)
{
  JsonArray *resources = chd_json_array (list, "resources");
  const char *group_version = chd_json_string (list, "groupVersion", "");
  const char *slash = strchr (group_version, '/');
  g_autofree char *group = slash != NULL ? g_strndup (group_version, (gsize) (slash - group_version)) : g_strdup ("");
  const char *version = slash != NULL ? slash + 1 : group_version;

  for (guint i = 0; i < chd_json_length (resources); i++)
    {
      const char *plural = chd_json_string (chd_json_object_at (resources, i), "name", "");
      ChdKubeType type;

      if (chd_kube_type_for_path (group, version, plural, &type))
        info->types |= G_GUINT64_CONSTANT (1) << type;
    }
}

static void
group_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Discovery *discovery = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) list = chd_http_send_json_finish (CHD_HTTP (object), result, NULL, &error);

  if (list != NULL)
    take_resources (discovery->info, list);
  else if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    g_clear_error (&error);
  finish_part (task, error);
}

static void
version_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Discovery *discovery = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) answer = chd_http_send_json_finish (CHD_HTTP (object), result, NULL, &error);
  const char *version = chd_json_string (answer, "gitVersion", NULL);

  if (version != NULL)
    discovery->info->version = chd_str_sanitize (version, -1, 100);
  if (version == NULL && (answer != NULL || g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND)))
    {
      g_clear_error (&error);
      error =
          g_error_new_literal (CHD_ERROR, CHD_ERROR_INVALID,
                               _ ("There is a server at this address, but it is not an engine. Check the address."));
    }
  finish_part (task, error);
}

static void
start_part (GTask *task, const char *path, GAsyncReadyCallback callback)
{
  ChdCluster *self = g_task_get_source_object (task);
  Discovery *discovery = g_task_get_task_data (task);
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", path, CHD_HTTP_DEFAULT);

  discovery->pending++;
  chd_http_send_json_async (chd_cluster_get_http (self), request, g_task_get_cancellable (task), callback,
                            g_object_ref (task));
}

void
chd_cluster_discover_async (ChdCluster *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Discovery *discovery = g_new0 (Discovery, 1);

  g_task_set_source_tag (task, chd_cluster_discover_async);
  discovery->info = g_new0 (ChdClusterInfo, 1);
  discovery->pending = 1;
  g_task_set_task_data (task, discovery, (GDestroyNotify) discovery_free);
  start_part (task, "/version", version_cb);
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    start_part (task, groups[i], group_cb);
  finish_part (task, NULL);
}

ChdClusterInfo *
chd_cluster_discover_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

/* Reviews */

static void
review_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  JsonObject *review = chd_http_send_json_finish (CHD_HTTP (object), result, NULL, &error);

  if (review != NULL)
    g_task_return_pointer (task, review, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

/* Takes @task. */
static void
start_review (GTask *task, ChdKubeType type, JsonObject *review)
{
  ChdCluster *self = g_task_get_source_object (task);
  g_autofree char *path = chd_kube_path (type, NULL, NULL, NULL);
  /* A review stores nothing. */
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("POST", path, CHD_HTTP_REPEATABLE);
  g_autoptr (JsonNode) node = chd_json_node_from_object (review);

  chd_http_request_set_body_json (request, "application/json", node);
  chd_http_send_json_async (chd_cluster_get_http (self), request, g_task_get_cancellable (task), review_cb, task);
}

static JsonObject *
make_review (ChdKubeType type)
{
  JsonObject *review = json_object_new ();
  g_autofree char *api_version = chd_kube_api_version (type);

  json_object_set_string_member (review, "apiVersion", api_version);
  json_object_set_string_member (review, "kind", chd_kube_resource (type)->kind);
  return review;
}

void
chd_cluster_who_am_i_async (ChdCluster *self,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (JsonObject) review = make_review (CHD_KUBE_SELF_SUBJECT_REVIEW);

  g_task_set_source_tag (task, chd_cluster_who_am_i_async);
  start_review (task, CHD_KUBE_SELF_SUBJECT_REVIEW, review);
}

ChdIdentity *
chd_cluster_who_am_i_finish (ChdCluster *self, GAsyncResult *result, GError **error)
{
  g_autoptr (JsonObject) review = g_task_propagate_pointer (G_TASK (result), error);
  JsonObject *user = chd_json_lookup_object (review, "status/userInfo");
  const char *name = chd_json_string (user, "username", NULL);
  JsonArray *user_groups = chd_json_array (user, "groups");
  ChdIdentity *identity;

  if (review == NULL)
    return NULL;
  if (name == NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The server does not say who you are."));
      return NULL;
    }
  identity = g_new0 (ChdIdentity, 1);
  identity->name = chd_str_sanitize (name, -1, 1000);
  identity->groups = user_groups != NULL ? chd_json_strv (user_groups) : g_new0 (char *, 1);
  return identity;
}

void
chd_cluster_can_i_async (ChdCluster *self,
                         const char *verb,
                         ChdKubeType type,
                         const char *subresource,
                         const char *namespace_,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  const ChdKubeResource *resource = chd_kube_resource (type);
  g_autoptr (JsonObject) review = make_review (CHD_KUBE_SELF_SUBJECT_ACCESS_REVIEW);
  JsonObject *attributes = chd_json_ensure_object (review, "spec/resourceAttributes");

  g_task_set_source_tag (task, chd_cluster_can_i_async);
  json_object_set_string_member (attributes, "verb", verb);
  json_object_set_string_member (attributes, "group", resource->group);
  json_object_set_string_member (attributes, "resource", resource->plural);
  chd_json_set_string_if (attributes, "subresource", subresource);
  if (resource->namespaced)
    json_object_set_string_member (attributes, "namespace",
                                   namespace_ != NULL ? namespace_ : chd_cluster_get_namespace (self));
  start_review (task, CHD_KUBE_SELF_SUBJECT_ACCESS_REVIEW, review);
}

/**
 * chd_cluster_can_i_finish:
 * @allowed: (out):
 *
 * Returns: %FALSE with @error when the question was not answered
 */
gboolean
chd_cluster_can_i_finish (ChdCluster *self, GAsyncResult *result, gboolean *allowed, GError **error)
{
  g_autoptr (JsonObject) review = g_task_propagate_pointer (G_TASK (result), error);

  *allowed = chd_json_bool (chd_json_object (review, "status"), "allowed", FALSE);
  return review != NULL;
}
