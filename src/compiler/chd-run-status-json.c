/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A run's status for --output json. */

#include "config.h"

#include "chd-json.h"
#include "chd-run-status.h"
#include "chd-util.h"

static void
set_time (JsonObject *object, const char *name, gint64 seconds)
{
  g_autofree char *text = seconds != 0 ? chd_format_timestamp (seconds) : NULL;

  chd_json_set_string_if (object, name, text);
}

static void
set_state (JsonObject *object, ChdNodeState state, const char *note, gint64 started_at, gint64 finished_at)
{
  json_object_set_string_member (object, "state", chd_node_state_to_string (state));
  chd_json_set_string_if (object, "note", note);
  set_time (object, "started", started_at);
  set_time (object, "finished", finished_at);
}

static JsonObject *
part_to_json (const ChdPartStatus *part)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "task", part->task);
  json_object_set_string_member (object, "title", part->title);
  json_object_set_string_member (object, "part", part->is_task ? "task" : chd_position_to_string (part->at));
  set_state (object, part->state, part->note, part->started_at, part->finished_at);
  chd_json_set_string_if (object, "reason", part->reason);
  chd_json_set_string_if (object, "child", part->child);
  chd_json_set_string_if (object, "pod", part->pod);
  if (part->containers != NULL)
    json_object_set_array_member (object, "containers",
                                  chd_json_array_from_strv ((const char *const *) part->containers));
  chd_json_set_string_if (object, "approval", part->approval);
  if (part->attempt > 1)
    json_object_set_int_member (object, "attempt", part->attempt);
  if (part->results != NULL)
    json_object_set_object_member (object, "results", chd_json_copy_object (part->results));
  return object;
}

static JsonObject *
node_to_json (const ChdNodeStatus *node)
{
  JsonObject *object = json_object_new ();
  JsonArray *parts = json_array_new ();

  json_object_set_string_member (object, "id", node->node);
  set_state (object, node->state, node->note, node->started_at, node->finished_at);
  for (guint i = 0; i < node->parts->len; i++)
    json_array_add_object_element (parts, part_to_json (g_ptr_array_index (node->parts, i)));
  json_object_set_array_member (object, "parts", parts);
  return object;
}

JsonObject *
chd_run_status_to_json (const ChdRunStatus *self)
{
  JsonObject *object = json_object_new ();
  JsonArray *nodes = json_array_new ();

  chd_json_set_string_if (object, "name", self->name);
  chd_json_set_string_if (object, "chain", self->chain);
  chd_json_set_string_if (object, "uid", self->uid);
  set_time (object, "created", self->created_at);
  set_state (object, self->state, self->note, self->started_at, self->finished_at);
  chd_json_set_string_if (object, "details", self->details);
  json_object_set_boolean_member (object, "done", self->finished);
  for (guint i = 0; i < self->nodes->len; i++)
    json_array_add_object_element (nodes, node_to_json (g_ptr_array_index (self->nodes, i)));
  json_object_set_array_member (object, "nodes", nodes);
  return object;
}
