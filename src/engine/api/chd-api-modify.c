/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The verbs that write, from the request's side: options and bodies are read and checked, then a transaction does the
 * work (chd-api-write.c), then its outcome is told. */

#include "config.h"

#include "chd-api-modify.h"

#include <string.h>

#include "chd-api-body.h"
#include "chd-api-read.h"
#include "chd-api-validate.h"
#include "chd-api-write.h"
#include "chd-json.h"

#define MAX_MANAGER 128

typedef struct
{
  ChdApiRequest *request;
  ChdApiWrite *write;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  chd_api_request_unref (job->request);
  chd_api_write_free (job->write);
  g_free (job);
}

/* In the writer thread. */
static gboolean
run_job (ChdTransaction *transaction, gpointer data, GError **error)
{
  return chd_api_write_run (transaction, ((Job *) data)->write, error);
}

static void
reply_deleted (Job *job)
{
  const ChdKubeResource *kube = job->write->resource->kube;
  g_autoptr (JsonObject) status = json_object_new ();
  JsonObject *details;

  if (job->write->result != NULL)
    {
      chd_api_reply_object (job->request, 200, job->write->result);
      return;
    }
  json_object_set_string_member (status, "kind", "Status");
  json_object_set_string_member (status, "apiVersion", "v1");
  json_object_set_object_member (status, "metadata", json_object_new ());
  json_object_set_string_member (status, "status", "Success");
  details = chd_json_ensure_object (status, "details");
  json_object_set_string_member (details, "name", job->write->name);
  chd_json_set_string_if (details, "group", kube->group);
  json_object_set_string_member (details, "kind", kube->plural);
  chd_json_set_string_if (details, "uid", job->write->result_uid);
  chd_api_reply_json (job->request, 200, status, NULL);
}

static void
reply_done (Job *job)
{
  ChdApiRequest *request = job->request;
  ChdApiWrite *write = job->write;
  g_autofree char *version = NULL;
  g_autoptr (JsonObject) list = NULL;

  for (guint i = 0; i < write->warnings->len; i++)
    g_ptr_array_add (request->warnings, g_strdup (write->warnings->pdata[i]));
  switch (write->action)
    {
    case CHD_API_ACTION_DELETE:
      reply_deleted (job);
      break;
    case CHD_API_ACTION_DELETE_COLLECTION:
      version = g_strdup_printf ("%" G_GUINT64_FORMAT, chd_object_store_get_version (request->store));
      list = chd_api_list_new (request, write->results, version, NULL, -1);
      chd_api_reply_json (request, 200, list, NULL);
      break;
    default:
      chd_api_reply_object (request, write->created ? 201 : 200, write->result);
    }
}

static void
done_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Job *job = user_data;
  g_autoptr (GError) error = NULL;

  if (chd_object_store_transact_finish (CHD_OBJECT_STORE (source), result, NULL, &error) || job->write->rehearsed)
    reply_done (job);
  else
    chd_api_reply_error (job->request, error);
}

static void
fail (ChdApiRequest *request, ChdApiWrite *write, GError *error)
{
  chd_api_reply_error (request, error);
  g_error_free (error);
  chd_api_write_free (write);
}

static void
run (ChdApiRequest *request, ChdApiWrite *write)
{
  Job *job = g_new0 (Job, 1);

  job->request = chd_api_request_ref (request);
  job->write = write;
  chd_api_request_hold (request);
  chd_object_store_transact_async (request->store, run_job, job, job_free, NULL, done_cb, job);
}

/* What all writes may have in their query. @options: the kind that is named when it is wrong. */
static gboolean
read_options (ChdApiRequest *request, ChdApiWrite *write, const char *options, GError **error)
{
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();
  const char *dry_run = chd_api_request_query (request, "dryRun");
  const char *validation = chd_api_request_query (request, "fieldValidation");
  const char *manager = chd_api_request_query (request, "fieldManager");
  gboolean apply = write->action == CHD_API_ACTION_PATCH && write->patch_type == CHD_API_PATCH_APPLY;

  if (dry_run != NULL && *dry_run != '\0')
    {
      write->dry_run = TRUE;
      if (strcmp (dry_run, "All") != 0)
        chd_api_problems_add (problems, "FieldValueNotSupported", "dryRun",
                              "Unsupported value: \"%s\": supported values: \"All\"", dry_run);
    }
  if (validation != NULL && *validation != '\0')
    {
      if (strcmp (validation, "Strict") == 0)
        write->validation = CHD_API_VALIDATION_STRICT;
      else if (strcmp (validation, "Ignore") == 0)
        write->validation = CHD_API_VALIDATION_IGNORE;
      else if (strcmp (validation, "Warn") != 0)
        chd_api_problems_add (problems, "FieldValueNotSupported", "fieldValidation",
                              "Unsupported value: \"%s\": supported values: \"Ignore\", \"Strict\", \"Warn\"",
                              validation);
    }
  if (apply && (manager == NULL || *manager == '\0'))
    chd_api_problems_add (problems, "FieldValueRequired", "fieldManager",
                          "Required value: is required for apply patch");
  if (manager != NULL && strlen (manager) > MAX_MANAGER)
    chd_api_problems_add (problems, "FieldValueTooLong", "fieldManager", "Too long: may not be more than %d bytes",
                          MAX_MANAGER);
  for (const char *c = manager; c != NULL && *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      {
        chd_api_problems_add (problems, "FieldValueInvalid", "fieldManager",
                              "Invalid value: invalid character U+%04X (at position %d)", g_utf8_get_char (c),
                              (int) (c - manager));
        break;
      }
  if (write->action == CHD_API_ACTION_PATCH && !apply && chd_api_request_query (request, "force") != NULL)
    chd_api_problems_add (problems, "FieldValueForbidden", "force",
                          "Forbidden: may not be specified for non-apply patch");
  if (!chd_api_problems_is_empty (problems))
    {
      g_propagate_error (error, chd_api_problems_to_error (problems, options, "meta.k8s.io", ""));
      return FALSE;
    }
  write->force = chd_api_request_flag (request, "force");
  write->manager = chd_api_request_manager (request);
  write->user = g_strdup (request->user);
  write->groups = g_strdupv (request->groups);
  return TRUE;
}

/* Whether the body is what the path is about. */
static gboolean
check_body (ChdApiRequest *request, JsonObject *object, GError **error)
{
  const ChdApiResource *resource = request->target.resource;
  const char *api_version = chd_json_string (object, "apiVersion", "");
  const char *kind = chd_json_string (object, "kind", "");
  const char *namespace_ = chd_json_lookup_string (object, "metadata/namespace", "");
  const char *expected = request->target.namespace_ != NULL ? request->target.namespace_ : "";

  if (*kind == '\0' && resource->custom)
    g_propagate_error (error,
                       chd_api_error_bad_request ("the object provided is unrecognized (must be of type %s): Object "
                                                  "'Kind' is missing",
                                                  resource->kube->kind));
  else if ((*api_version != '\0' || resource->custom) && strcmp (api_version, resource->api_version) != 0)
    g_propagate_error (error, chd_api_error_bad_request ("the API version in the data (%s) does not match the expected "
                                                         "API version (%s)",
                                                         api_version, resource->api_version));
  else if (!resource->custom && *kind != '\0' && strcmp (kind, resource->kube->kind) != 0)
    g_propagate_error (error,
                       chd_api_error_bad_request ("%s in version \"%s\" cannot be handled as a %s: no kind \"%s\" "
                                                  "is registered here",
                                                  kind, resource->kube->version, resource->kube->kind, kind));
  else if (!chd_api_check_types (resource, object, error))
    return FALSE;
  else if (*namespace_ != '\0' && strcmp (namespace_, expected) != 0)
    g_propagate_error (error, chd_api_error_bad_request ("the namespace of the provided object does not match the "
                                                         "namespace sent on the request"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
take_body (ChdApiRequest *request, ChdApiWrite *write, const char *options, GError **error)
{
  JsonObject *object;

  if (!read_options (request, write, options, error))
    return FALSE;
  object = chd_api_body_object (request, write->validation == CHD_API_VALIDATION_STRICT, error);
  if (object == NULL)
    return FALSE;
  write->body = chd_json_node_from_object (object);
  json_object_unref (object);
  return check_body (request, object, error);
}

void
chd_api_create (ChdApiRequest *request)
{
  ChdApiWrite *write = chd_api_write_new (CHD_API_ACTION_CREATE, &request->target);
  GError *error = NULL;

  if (take_body (request, write, "CreateOptions", &error))
    run (request, write);
  else
    fail (request, write, error);
}

void
chd_api_update (ChdApiRequest *request)
{
  ChdApiWrite *write = chd_api_write_new (CHD_API_ACTION_UPDATE, &request->target);
  GError *error = NULL;

  if (take_body (request, write, "UpdateOptions", &error))
    run (request, write);
  else
    fail (request, write, error);
}

static gboolean
choose_patch (ChdApiRequest *request, ChdApiWrite *write, GError **error)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (request->message);
  g_autofree char *type = chd_api_media_type (soup_message_headers_get_one (headers, "Content-Type"));

  if (strcmp (type, "application/merge-patch+json") == 0)
    write->patch_type = CHD_API_PATCH_MERGE;
  else if (strcmp (type, "application/json-patch+json") == 0)
    write->patch_type = CHD_API_PATCH_JSON;
  else if (strcmp (type, "application/apply-patch+yaml") == 0)
    write->patch_type = CHD_API_PATCH_APPLY;
  else if (strcmp (type, "application/strategic-merge-patch+json") == 0 && !write->resource->custom)
    write->patch_type = CHD_API_PATCH_STRATEGIC;
  else
    {
      g_propagate_error (error,
                         chd_api_error_new (415, "UnsupportedMediaType", NULL,
                                            "the body of the request was in an unknown format - accepted media types "
                                            "include: application/json-patch+json, application/merge-patch+json, %s"
                                            "application/apply-patch+yaml",
                                            write->resource->custom ? "" : "application/strategic-merge-patch+json, "));
      return FALSE;
    }
  return TRUE;
}

/* What server-side apply asks of its body. */
static gboolean
check_applied (ChdApiRequest *request, JsonObject *applied, GError **error)
{
  const ChdApiResource *resource = request->target.resource;
  const char *api_version = chd_json_string (applied, "apiVersion", "");
  const char *kind = chd_json_string (applied, "kind", "");
  const char *name = chd_json_lookup_string (applied, "metadata/name", "");
  const char *namespace_ = chd_json_lookup_string (applied, "metadata/namespace", "");

  if (strcmp (kind, resource->kube->kind) != 0 || strcmp (api_version, resource->api_version) != 0)
    g_propagate_error (error,
                       chd_api_error_bad_request ("invalid object type: %s%s, Kind=%s",
                                                  strchr (api_version, '/') == NULL ? "/" : "", api_version, kind));
  else if (chd_json_lookup_array (applied, "metadata/managedFields") != NULL)
    g_propagate_error (error, chd_api_error_bad_request ("metadata.managedFields must be nil"));
  else if (!chd_api_check_types (resource, applied, error))
    return FALSE;
  else if (strcmp (name, request->target.name) != 0)
    g_propagate_error (error, chd_api_error_bad_request ("the name of the object (%s) does not match the name on the "
                                                         "URL (%s)",
                                                         name, request->target.name));
  else if (*namespace_ != '\0' && g_strcmp0 (namespace_, request->target.namespace_) != 0)
    g_propagate_error (error, chd_api_error_bad_request ("the namespace of the provided object does not match the "
                                                         "namespace sent on the request"));
  else
    return TRUE;
  return FALSE;
}

void
chd_api_patch (ChdApiRequest *request)
{
  ChdApiWrite *write = chd_api_write_new (CHD_API_ACTION_PATCH, &request->target);
  GError *error = NULL;
  gboolean ok = choose_patch (request, write, &error) && read_options (request, write, "PatchOptions", &error);

  if (ok)
    {
      write->body = write->patch_type == CHD_API_PATCH_JSON
                        ? chd_api_body_operations (request, &error)
                        : chd_api_body_patch (request, write->patch_type == CHD_API_PATCH_APPLY, &error);
      ok = write->body != NULL && (write->patch_type != CHD_API_PATCH_APPLY ||
                                   check_applied (request, json_node_get_object (write->body), &error));
    }
  if (ok)
    run (request, write);
  else
    fail (request, write, error);
}

static gboolean
read_delete_options (ChdApiRequest *request, ChdApiWrite *write, GError **error)
{
  g_autoptr (JsonObject) options = NULL;
  JsonArray *dry_run;
  const char *policy, *query_policy = chd_api_request_query (request, "propagationPolicy");

  if (!read_options (request, write, "DeleteOptions", error))
    return FALSE;
  options = chd_api_body_options (request, error);
  if (options == NULL)
    return FALSE;
  dry_run = chd_json_array (options, "dryRun");
  if (chd_json_length (dry_run) > 0)
    {
      if (g_strcmp0 (chd_json_string_at (dry_run, 0), "All") != 0)
        {
          g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();

          chd_api_problems_add (problems, "FieldValueNotSupported", "dryRun",
                                "Unsupported value: supported values: \"All\"");
          g_propagate_error (error, chd_api_problems_to_error (problems, "DeleteOptions", "meta.k8s.io", ""));
          return FALSE;
        }
      write->dry_run = TRUE;
    }
  policy = chd_json_string (options, "propagationPolicy", query_policy != NULL ? query_policy : "Background");
  if (strcmp (policy, "Background") != 0 && strcmp (policy, "Foreground") != 0 && strcmp (policy, "Orphan") != 0)
    {
      g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();

      chd_api_problems_add (problems, "FieldValueNotSupported", "propagationPolicy",
                            "Unsupported value: \"%s\": supported values: \"Background\", \"Foreground\", \"Orphan\", "
                            "\"nil\"",
                            policy);
      g_propagate_error (error, chd_api_problems_to_error (problems, "DeleteOptions", "meta.k8s.io", ""));
      return FALSE;
    }
  write->orphan = strcmp (policy, "Orphan") == 0;
  write->uid = g_strdup (chd_json_lookup_string (options, "preconditions/uid", NULL));
  write->resource_version = g_strdup (chd_json_lookup_string (options, "preconditions/resourceVersion", NULL));
  return TRUE;
}

void
chd_api_delete (ChdApiRequest *request)
{
  ChdApiWrite *write = chd_api_write_new (CHD_API_ACTION_DELETE, &request->target);
  GError *error = NULL;

  if (read_delete_options (request, write, &error))
    run (request, write);
  else
    fail (request, write, error);
}

void
chd_api_delete_collection (ChdApiRequest *request)
{
  ChdApiWrite *write = chd_api_write_new (CHD_API_ACTION_DELETE_COLLECTION, &request->target);
  GError *error = NULL;

  if (read_delete_options (request, write, &error))
    write->selector = chd_api_selector_new (request->target.resource, chd_api_request_query (request, "labelSelector"),
                                            chd_api_request_query (request, "fieldSelector"), &error);
  if (error == NULL)
    run (request, write);
  else
    fail (request, write, error);
}
