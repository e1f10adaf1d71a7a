/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Tables: which columns a resource has, and what stands in them. */

#include "config.h"

#include "chd-api-table.h"

#include <string.h>

#include "chd-json.h"
#include "chd-util.h"

#define NAME_TEXT                                                                                                      \
  "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a "  \
  "client to request the generation of an appropriate name automatically."
#define AGE_TEXT "CreationTimestamp is a timestamp representing the server time when this object was created."

typedef struct _Column Column;

struct _Column
{
  const char *name;
  const char *type;
  const char *format;
  const char *text;
  int priority;
  /* (transfer full): NULL for null */
  char *(*get) (JsonObject *object, const Column *column);
  const char *path;
};

/* As kubectl writes ages: two units at most, fewer the older. (nullable) */
static char *
age_of (const char *timestamp)
{
  gint64 then, seconds, minutes, hours, days;

  if (!chd_parse_timestamp (timestamp, &then))
    return NULL;
  seconds = MAX (0, g_get_real_time () / G_USEC_PER_SEC - then);
  minutes = seconds / 60;
  hours = seconds / 3600;
  days = hours / 24;
  if (seconds < 120)
    return g_strdup_printf ("%ds", (int) seconds);
  if (minutes < 10 && seconds % 60 != 0)
    return g_strdup_printf ("%dm%ds", (int) minutes, (int) (seconds % 60));
  if (minutes < 180)
    return g_strdup_printf ("%dm", (int) minutes);
  if (hours < 8 && minutes % 60 != 0)
    return g_strdup_printf ("%dh%dm", (int) hours, (int) (minutes % 60));
  if (hours < 48)
    return g_strdup_printf ("%dh", (int) hours);
  if (hours < 192 && hours % 24 != 0)
    return g_strdup_printf ("%dd%dh", (int) days, (int) (hours % 24));
  if (days < 730)
    return g_strdup_printf ("%dd", (int) days);
  return g_strdup_printf ("%dy", (int) (days / 365));
}

static char *
get_text (JsonObject *object, const Column *column)
{
  return g_strdup (chd_json_lookup_string (object, column->path, NULL));
}

static char *
get_age (JsonObject *object, const Column *column)
{
  return age_of (chd_json_lookup_string (object, column->path, NULL));
}

static char *
get_text_or_none (JsonObject *object, const Column *column)
{
  return g_strdup (chd_json_lookup_string (object, column->path, "<none>"));
}

/* @path: a member of the Succeeded condition */
static char *
get_condition (JsonObject *object, const Column *column)
{
  return g_strdup (chd_json_string (chd_kube_get_condition (object, "Succeeded"), column->path, NULL));
}

static char *
get_data_size (JsonObject *object, const Column *column)
{
  JsonObject *data = chd_json_object (object, "data");
  JsonObject *binary = chd_json_object (object, "binaryData");

  return g_strdup_printf ("%u", (data != NULL ? json_object_get_size (data) : 0) +
                                    (binary != NULL ? json_object_get_size (binary) : 0));
}

static char *
get_ready (JsonObject *object, const Column *column)
{
  JsonArray *containers = chd_json_lookup_array (object, "spec/containers");
  JsonArray *statuses = chd_json_lookup_array (object, "status/containerStatuses");
  guint ready = 0;

  for (guint i = 0; i < chd_json_length (statuses); i++)
    ready += chd_json_bool (chd_json_object_at (statuses, i), "ready", FALSE);
  return g_strdup_printf ("%u/%u", ready, chd_json_length (containers));
}

static char *
get_pod_status (JsonObject *object, const Column *column)
{
  const char *phase = chd_json_lookup_string (object, "status/phase", "Unknown");
  const char *reason = chd_json_lookup_string (object, "status/reason", NULL);
  JsonArray *statuses = chd_json_lookup_array (object, "status/containerStatuses");
  guint completed = 0;

  if (chd_kube_is_deleting (object))
    return g_strdup ("Terminating");
  for (guint i = 0; i < chd_json_length (statuses); i++)
    {
      JsonObject *status = chd_json_object_at (statuses, i);
      const char *waiting = chd_json_lookup_string (status, "state/waiting/reason", NULL);
      const char *terminated = chd_json_lookup_string (status, "state/terminated/reason", NULL);

      if (waiting != NULL)
        return g_strdup (waiting);
      if (g_strcmp0 (terminated, "Completed") == 0)
        completed++;
      else if (terminated != NULL)
        reason = terminated;
    }
  if (reason == NULL && completed > 0 && completed == chd_json_length (statuses))
    reason = "Completed";
  return g_strdup (reason != NULL ? reason : phase);
}

static char *
get_restarts (JsonObject *object, const Column *column)
{
  return g_strdup ("0");
}

static char *
get_service_secrets (JsonObject *object, const Column *column)
{
  return g_strdup_printf ("%u", chd_json_length (chd_json_array (object, "secrets")));
}

static char *
get_involved (JsonObject *object, const Column *column)
{
  g_autofree char *kind = g_ascii_strdown (chd_json_lookup_string (object, "involvedObject/kind", ""), -1);

  return g_strdup_printf ("%s/%s", kind, chd_json_lookup_string (object, "involvedObject/name", ""));
}

static char *
get_last_seen (JsonObject *object, const Column *column)
{
  const char *last = chd_json_string (object, "lastTimestamp", NULL);

  if (last == NULL)
    last = chd_json_string (object, "eventTime", NULL);
  return age_of (last != NULL ? last : chd_kube_get_creation_timestamp (object));
}

static char *
get_count (JsonObject *object, const Column *column)
{
  return g_strdup_printf ("%d", (int) chd_json_int (object, "count", 1));
}

#define COLUMN_NAME                                                                                                    \
  {                                                                                                                    \
    "Name", "string", "name", NAME_TEXT, 0, get_text, "metadata/name"                                                  \
  }
#define COLUMN_AGE(type)                                                                                               \
  {                                                                                                                    \
    "Age", type, "", AGE_TEXT, 0, get_age, "metadata/creationTimestamp"                                                \
  }
#define CUSTOM "Custom resource definition column (in JSONPath format): "

static const Column plain_columns[] = { COLUMN_NAME, COLUMN_AGE ("date"), { NULL } };
static const Column run_columns[] = {
  COLUMN_NAME,
  { "Succeeded", "string", "", CUSTOM ".status.conditions[?(@.type==\"Succeeded\")].status", 0, get_condition,
    "status" },
  { "Reason", "string", "", CUSTOM ".status.conditions[?(@.type==\"Succeeded\")].reason", 0, get_condition, "reason" },
  { "StartTime", "date", "", CUSTOM ".status.startTime", 0, get_age, "status/startTime" },
  { "CompletionTime", "date", "", CUSTOM ".status.completionTime", 0, get_age, "status/completionTime" },
  { NULL },
};
static const Column namespace_columns[] = {
  COLUMN_NAME,
  { "Status", "string", "", "The status of the namespace", 0, get_text, "status/phase" },
  COLUMN_AGE ("string"),
  { NULL },
};
static const Column config_map_columns[] = {
  COLUMN_NAME,
  { "Data", "string", "", "Data contains the configuration data.", 0, get_data_size, NULL },
  COLUMN_AGE ("string"),
  { NULL },
};
static const Column service_account_columns[] = {
  COLUMN_NAME,
  { "Secrets", "string", "",
    "Secrets is a list of the secrets in the same namespace that pods running using this "
    "ServiceAccount are allowed to use.",
    0, get_service_secrets, NULL },
  COLUMN_AGE ("string"),
  { NULL },
};
static const Column pod_columns[] = {
  COLUMN_NAME,
  { "Ready", "string", "", "The aggregate readiness state of this pod for accepting traffic.", 0, get_ready, NULL },
  { "Status", "string", "", "The aggregate status of the containers in this pod.", 0, get_pod_status, NULL },
  { "Restarts", "string", "", "The number of times the containers in this pod have been restarted.", 0, get_restarts,
    NULL },
  COLUMN_AGE ("string"),
  { "IP", "string", "", "podIP address allocated to the pod.", 1, get_text_or_none, "status/podIP" },
  { "Node", "string", "", "NodeName indicates in which node this pod is scheduled.", 1, get_text_or_none,
    "spec/nodeName" },
  { "Nominated Node", "string", "", "nominatedNodeName is set when this pod preempts other pods on the node.", 1,
    get_text_or_none, "status/nominatedNodeName" },
  { "Readiness Gates", "string", "", "Conditions that are looked at besides the containers.", 1, get_text_or_none,
    "status/readinessGates" },
  { NULL },
};
static const Column event_columns[] = {
  { "Last Seen", "string", "", "The time at which the most recent occurrence of this event was recorded.", 0,
    get_last_seen, NULL },
  { "Type", "string", "", "Type of this event (Normal, Warning).", 0, get_text, "type" },
  { "Reason", "string", "", "The reason for the transition into the object's current status.", 0, get_text, "reason" },
  { "Object", "string", "", "The object that this event is about.", 0, get_involved, NULL },
  { "Message", "string", "", "A human-readable description of the status of this operation.", 0, get_text, "message" },
  { "Count", "string", "", "The number of times this event has occurred.", 1, get_count, NULL },
  { "Name", "string", "name", NAME_TEXT, 1, get_text, "metadata/name" },
  { NULL },
};

static const Column *
columns_of (const ChdApiResource *resource)
{
  switch (resource->type)
    {
    case CHD_KUBE_TASK_RUN:
    case CHD_KUBE_PIPELINE_RUN:
    case CHD_KUBE_CUSTOM_RUN:
      return run_columns;
    case CHD_KUBE_NAMESPACE:
      return namespace_columns;
    case CHD_KUBE_CONFIG_MAP:
      return config_map_columns;
    case CHD_KUBE_SERVICE_ACCOUNT:
      return service_account_columns;
    case CHD_KUBE_POD:
      return pod_columns;
    case CHD_KUBE_EVENT:
      return event_columns;
    default:
      return plain_columns;
    }
}

static JsonArray *
describe_columns (const Column *columns)
{
  JsonArray *array = json_array_new ();

  for (const Column *column = columns; column->name != NULL; column++)
    {
      JsonObject *object = json_object_new ();

      json_object_set_string_member (object, "name", column->name);
      json_object_set_string_member (object, "type", column->type);
      json_object_set_string_member (object, "format", column->format);
      json_object_set_string_member (object, "description", column->text);
      json_object_set_int_member (object, "priority", column->priority);
      json_array_add_object_element (array, object);
    }
  return array;
}

JsonObject *
chd_api_table_metadata_of (JsonObject *object, const char *version)
{
  JsonObject *partial = json_object_new ();
  g_autofree char *api_version = g_strconcat ("meta.k8s.io/", version, NULL);
  JsonObject *metadata = chd_json_object (object, "metadata");

  json_object_set_string_member (partial, "kind", "PartialObjectMetadata");
  json_object_set_string_member (partial, "apiVersion", api_version);
  /* Shared, not copied: it is only written out. */
  json_object_set_object_member (partial, "metadata",
                                 metadata != NULL ? json_object_ref (metadata) : json_object_new ());
  return partial;
}

static JsonObject *
make_row (JsonObject *object, const Column *columns, const char *version, const char *include)
{
  JsonObject *row = json_object_new ();
  JsonArray *cells = json_array_new ();

  for (const Column *column = columns; column->name != NULL; column++)
    {
      g_autofree char *cell = column->get (object, column);

      if (cell != NULL)
        json_array_add_string_element (cells, cell);
      else
        json_array_add_null_element (cells);
    }
  json_object_set_array_member (row, "cells", cells);
  if (g_strcmp0 (include, "None") == 0)
    json_object_set_null_member (row, "object");
  else if (g_strcmp0 (include, "Object") == 0)
    json_object_set_object_member (row, "object", json_object_ref (object));
  else
    json_object_set_object_member (row, "object", chd_api_table_metadata_of (object, version));
  return row;
}

JsonObject *
chd_api_table_new (const ChdApiResource *resource,
                   GPtrArray *objects,
                   const char *version,
                   const char *include,
                   const char *resource_version,
                   const char *continuation,
                   gint64 remaining)
{
  JsonObject *table = json_object_new ();
  JsonObject *metadata = json_object_new ();
  JsonArray *rows = json_array_new ();
  const Column *columns = columns_of (resource);
  g_autofree char *api_version = g_strconcat ("meta.k8s.io/", version, NULL);

  json_object_set_string_member (table, "kind", "Table");
  json_object_set_string_member (table, "apiVersion", api_version);
  chd_json_set_string_if (metadata, "resourceVersion", resource_version);
  chd_json_set_string_if (metadata, "continue", continuation);
  if (remaining >= 0)
    json_object_set_int_member (metadata, "remainingItemCount", remaining);
  json_object_set_object_member (table, "metadata", metadata);
  json_object_set_array_member (table, "columnDefinitions", describe_columns (columns));
  for (guint i = 0; i < objects->len; i++)
    json_array_add_object_element (rows, make_row (objects->pdata[i], columns, version, include));
  json_object_set_array_member (table, "rows", rows);
  return table;
}
