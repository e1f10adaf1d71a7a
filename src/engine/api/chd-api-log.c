/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Logs of a Pod's containers (kubernetes-api.md section 11): the steps' log files, followed until the Pod says that
 * the container ended. */

#include "config.h"

#include "chd-api-log.h"

#include <string.h>

#include "chd-api-stream.h"
#include "chd-engine-folder.h"
#include "chd-json.h"
#include "chd-log-file.h"
#include "chd-util.h"

#define PIECE (128 * 1024)
#define LOOK_MILLISECONDS 150

typedef struct
{
  ChdApiRequest *request; /* (owned) */
  char *container;
  char *path;
  ChdLogOptions options;
  ChdLogFile *file; /* (owned) (nullable) */
  ChdApiStream *stream;
  gboolean follow;
  gboolean ended; /* the container was seen terminated before the last reading */
  guint timer;
} Log;

static void
log_free (gpointer data)
{
  Log *log = data;

  g_clear_handle_id (&log->timer, g_source_remove);
  g_clear_pointer (&log->file, chd_log_file_free);
  chd_api_request_unref (log->request);
  g_free (log->container);
  g_free (log->path);
  g_free (log);
}

static JsonObject *
find_named (JsonArray *array, const char *name)
{
  for (guint i = 0; i < chd_json_length (array); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (array, i), "name", NULL), name) == 0)
      return chd_json_object_at (array, i);
  return NULL;
}

static JsonObject *
get_pod (ChdApiRequest *request)
{
  return chd_object_store_get (request->store, request->target.resource->store, request->target.namespace_,
                               request->target.name);
}

/* (nullable): the container's entry in the Pod's status */
static JsonObject *
get_status (JsonObject *pod, const char *container)
{
  JsonObject *status = find_named (chd_json_lookup_array (pod, "status/containerStatuses"), container);

  return status != NULL ? status : find_named (chd_json_lookup_array (pod, "status/initContainerStatuses"), container);
}

static void
append_names (GString *names, JsonArray *containers)
{
  for (guint i = 0; i < chd_json_length (containers); i++)
    g_string_append_printf (names, "%s%s", names->len > 0 ? " " : "",
                            chd_json_string (chd_json_object_at (containers, i), "name", ""));
}

/* Which container is meant. Returns: (transfer full) (nullable) */
static char *
choose_container (ChdApiRequest *request, JsonObject *pod, GError **error)
{
  const char *wanted = chd_api_request_query (request, "container");
  JsonArray *containers = chd_json_lookup_array (pod, "spec/containers");
  JsonArray *first = chd_json_lookup_array (pod, "spec/initContainers");

  if (wanted != NULL && *wanted != '\0')
    {
      if (find_named (containers, wanted) != NULL || find_named (first, wanted) != NULL)
        return g_strdup (wanted);
      g_propagate_error (error, chd_api_error_bad_request ("container %s is not valid for pod %s", wanted,
                                                           request->target.name));
      return NULL;
    }
  if (chd_json_length (containers) == 1)
    return g_strdup (chd_json_string (chd_json_object_at (containers, 0), "name", ""));
  {
    g_autoptr (GString) names = g_string_new (NULL);

    append_names (names, first);
    append_names (names, containers);
    g_propagate_error (error,
                       chd_api_error_bad_request ("a container name must be specified for pod %s, choose one of: [%s]",
                                                  request->target.name, names->str));
  }
  return NULL;
}

static gboolean
parse_options (ChdApiRequest *request, ChdLogOptions *options, GError **error)
{
  const char *since_time = chd_api_request_query (request, "sinceTime");
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();
  gint64 since_seconds;

  memset (options, 0, sizeof *options);
  options->timestamps = chd_api_request_flag (request, "timestamps");
  if (!chd_api_request_int (request, "tailLines", -1, &options->tail_lines, error) ||
      !chd_api_request_int (request, "limitBytes", -1, &options->limit_bytes, error) ||
      !chd_api_request_int (request, "sinceSeconds", -1, &since_seconds, error))
    return FALSE;
  if (chd_api_request_query (request, "tailLines") != NULL && options->tail_lines < 0)
    chd_api_problems_add (problems, "FieldValueInvalid", "tailLines",
                          "Invalid value: %" G_GINT64_FORMAT ": must be greater than or equal to 0",
                          options->tail_lines);
  if (chd_api_request_query (request, "limitBytes") != NULL && options->limit_bytes < 1)
    chd_api_problems_add (problems, "FieldValueInvalid", "limitBytes",
                          "Invalid value: %" G_GINT64_FORMAT ": must be greater than 0", options->limit_bytes);
  if (chd_api_request_query (request, "sinceSeconds") != NULL && since_seconds < 1)
    chd_api_problems_add (problems, "FieldValueInvalid", "sinceSeconds",
                          "Invalid value: %" G_GINT64_FORMAT ": must be greater than 0", since_seconds);
  if (since_time != NULL && since_seconds > 0)
    chd_api_problems_add (problems, "FieldValueForbidden", "",
                          "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified");
  if (since_time != NULL && !chd_parse_timestamp (since_time, &options->since))
    {
      g_propagate_error (error, chd_api_error_bad_request ("parsing time \"%s\" as \"2006-01-02T15:04:05Z07:00\": "
                                                           "cannot parse \"%s\" as \"2006\"",
                                                           since_time, since_time));
      return FALSE;
    }
  if (since_seconds > 0)
    options->since = g_get_real_time () / G_USEC_PER_SEC - since_seconds;
  if (chd_api_problems_is_empty (problems))
    return TRUE;
  g_propagate_error (error, chd_api_problems_to_error (problems, "PodLogOptions", "", request->target.name));
  return FALSE;
}

/* Whether there is (or will be) a log to read. Returns: %FALSE with @error when not */
static gboolean
check_started (ChdApiRequest *request, JsonObject *pod, const char *container, GError **error)
{
  JsonObject *status = get_status (pod, container);
  JsonObject *waiting = chd_json_lookup_object (status, "state/waiting");

  if (chd_api_request_flag (request, "previous"))
    {
      g_propagate_error (error,
                         chd_api_error_bad_request ("previous terminated container \"%s\" in pod \"%s\" not found",
                                                    container, request->target.name));
      return FALSE;
    }
  if (chd_json_lookup_object (status, "state/running") != NULL ||
      chd_json_lookup_object (status, "state/terminated") != NULL)
    return TRUE;
  g_propagate_error (error, chd_api_error_bad_request ("container \"%s\" in pod \"%s\" is waiting to start: %s",
                                                       container, request->target.name,
                                                       chd_json_string (waiting, "reason", "ContainerCreating")));
  return FALSE;
}

static gboolean
has_ended (Log *log)
{
  JsonObject *pod = get_pod (log->request);

  return pod == NULL || chd_json_lookup_object (get_status (pod, log->container), "state/terminated") != NULL;
}

static gboolean look_cb (gpointer user_data);

static void
more (ChdApiStream *stream, gpointer user_data)
{
  Log *log = user_data;
  g_autoptr (GBytes) piece = NULL;
  gboolean ended = !log->follow || has_ended (log);

  log->stream = stream;
  piece = chd_log_file_read (log->file, PIECE);
  if (g_bytes_get_size (piece) > 0)
    {
      chd_api_stream_write (stream, g_steal_pointer (&piece));
      return;
    }
  /* What was written between the end and the look at the file is read once more. */
  if (chd_log_file_is_done (log->file) || (ended && log->ended))
    {
      chd_api_stream_end (stream);
      return;
    }
  log->ended = ended;
  if (log->timer == 0)
    log->timer = g_timeout_add (ended ? 0 : LOOK_MILLISECONDS, look_cb, log);
}

static gboolean
look_cb (gpointer user_data)
{
  Log *log = user_data;

  log->timer = 0;
  if (!chd_api_stream_is_busy (log->stream))
    more (log->stream, log);
  return G_SOURCE_REMOVE;
}

static void
open_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Log *log = task_data;

  g_task_return_pointer (task, chd_log_file_open (log->path, &log->options), (GDestroyNotify) chd_log_file_free);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Log *log = user_data;

  log->file = g_task_propagate_pointer (G_TASK (result), NULL);
  if (log->request->finished)
    {
      log_free (log);
      return;
    }
  chd_api_stream_new (log->request, "text/plain", more, log, log_free);
}

void
chd_api_log (ChdApiRequest *request)
{
  JsonObject *pod = get_pod (request);
  g_autoptr (GError) error = NULL;
  g_autofree char *container = NULL;
  g_autoptr (GTask) task = NULL;
  ChdLogOptions options;
  Log *log;

  if (pod == NULL)
    error = chd_api_error_not_found (request->target.resource, request->target.name);
  else if (parse_options (request, &options, &error))
    container = choose_container (request, pod, &error);
  if (container != NULL && chd_json_lookup_string (pod, "spec/nodeName", NULL) == NULL)
    {
      chd_api_reply_text (request, 204, "");
      return;
    }
  if (container == NULL || !check_started (request, pod, container, &error))
    {
      chd_api_reply_error (request, error);
      return;
    }
  log = g_new0 (Log, 1);
  log->request = chd_api_request_ref (request);
  log->container = g_steal_pointer (&container);
  log->path = chd_engine_folder_log (request->folder, request->target.namespace_, request->target.name, log->container);
  log->options = options;
  log->follow = chd_api_request_flag (request, "follow");
  chd_api_request_hold (request);
  task = g_task_new (NULL, NULL, opened_cb, log);
  g_task_set_task_data (task, log, NULL);
  g_task_run_in_thread (task, open_in_thread);
}
