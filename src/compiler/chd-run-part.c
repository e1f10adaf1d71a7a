/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The state of one pipeline task of a run. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-json.h"
#include "chd-kube.h"
#include "chd-run-status-private.h"
#include "chd-util.h"

void
chd_part_status_free (ChdPartStatus *part)
{
  g_free (part->task);
  g_free (part->title);
  g_free (part->child);
  g_free (part->pod);
  g_strfreev (part->containers);
  g_free (part->approval);
  g_free (part->reason);
  g_free (part->note);
  g_clear_pointer (&part->results, json_object_unref);
  g_free (part);
}

ChdRunEnd
chd_run_end_read (JsonObject *run)
{
  JsonObject *condition = chd_kube_get_condition (run, "Succeeded");
  const char *status = chd_json_string (condition, "status", "Unknown");
  const char *reason = chd_json_string (condition, "reason", "");

  if (strcmp (status, "True") == 0)
    return CHD_RUN_DONE;
  if (strcmp (status, "False") != 0)
    return CHD_RUN_OPEN;
  if (strcmp (reason, "Cancelled") == 0)
    return CHD_RUN_CANCELLED;
  return strcmp (reason, "PipelineRunTimeout") == 0 ? CHD_RUN_TIMED_OUT : CHD_RUN_FAILED;
}

static gint64
read_time (JsonObject *status, const char *name)
{
  gint64 seconds;

  return chd_parse_timestamp (chd_json_string (status, name, ""), &seconds) ? seconds : 0;
}

static void
read_task_run (ChdPartStatus *part, JsonObject *status)
{
  JsonArray *steps = chd_json_array (status, "steps");
  JsonArray *results = chd_json_array (status, "results");
  const char *pod = chd_json_string (status, "podName", NULL);
  g_autoptr (GStrvBuilder) containers = g_strv_builder_new ();

  if (pod != NULL && *pod != '\0')
    part->pod = g_strdup (pod);
  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      const char *container = chd_json_string (chd_json_object_at (steps, i), "container", NULL);

      if (container != NULL)
        g_strv_builder_add (containers, container);
    }
  if (chd_json_length (steps) > 0)
    part->containers = g_strv_builder_end (containers);
  for (guint i = 0; i < chd_json_length (results); i++)
    {
      JsonObject *result = chd_json_object_at (results, i);
      const char *name = chd_json_string (result, "name", NULL);

      if (name == NULL || !json_object_has_member (result, "value"))
        continue;
      if (part->results == NULL)
        part->results = json_object_new ();
      json_object_set_member (part->results, name, json_node_copy (json_object_get_member (result, "value")));
    }
}

static JsonObject *
find_approval (ChdRunReader *reader, JsonObject *custom_run)
{
  const char *kind = chd_json_lookup_string (custom_run, "spec/customRef/kind", NULL);

  if (g_strcmp0 (kind, chd_kube_resource (CHD_KUBE_APPROVAL_TASK)->kind) != 0)
    return NULL;
  return g_hash_table_lookup (reader->approvals, chd_kube_get_name (custom_run));
}

/* Whether somebody still has to answer; between the last answer and the engine's word on it, nobody has. */
static gboolean
waits_for_people (JsonObject *approval)
{
  JsonArray *approvers = chd_json_lookup_array (approval, "spec/approvers");

  if (strcmp (chd_json_lookup_string (approval, "status/state", "pending"), "pending") != 0)
    return FALSE;
  for (guint i = 0; i < chd_json_length (approvers); i++)
    if (strcmp (chd_json_string (chd_json_object_at (approvers, i), "input", "pending"), "pending") == 0)
      return TRUE;
  return FALSE;
}

/* What a child that ended badly means; rule (3) of chd-run-status.h. */
static ChdNodeState
read_failure (ChdRunReader *reader, JsonObject *object, JsonObject *condition)
{
  const char *reason = chd_json_string (condition, "reason", "");
  const char *message = chd_json_string (condition, "message", "");

  if (strcmp (reason, "FailureIgnored") == 0)
    return CHD_NODE_SUCCEEDED;
  if (strcmp (reason, "TaskRunTimeout") == 0 || strcmp (reason, "CustomRunTimedOut") == 0 ||
      strstr (message, "because of timeout") != NULL)
    return CHD_NODE_TIMED_OUT;
  if (strcmp (reason, "TaskRunCancelled") == 0 || strcmp (reason, "CustomRunCancelled") == 0)
    {
      const char *why = chd_json_lookup_string (object, "spec/statusMessage", "");

      return reader->end == CHD_RUN_TIMED_OUT || strstr (why, "timed out") != NULL ? CHD_NODE_TIMED_OUT
                                                                                   : CHD_NODE_CANCELLED;
    }
  if (strstr (message, "Approval Task denied") != NULL)
    return CHD_NODE_REJECTED;
  return CHD_NODE_FAILED;
}

/* Rule (4): a run that has ended has no child under way, whatever the child's own object still says. */
static ChdNodeState
close_open (ChdRunReader *reader, ChdNodeState state)
{
  switch (reader->end)
    {
    case CHD_RUN_OPEN:
      return state;
    case CHD_RUN_TIMED_OUT:
      return CHD_NODE_TIMED_OUT;
    case CHD_RUN_DONE:
    case CHD_RUN_FAILED:
    case CHD_RUN_CANCELLED:
    default:
      return CHD_NODE_CANCELLED;
    }
}

static void
say_end (ChdPartStatus *part, JsonObject *object, JsonObject *approval)
{
  const char *message = chd_json_string (chd_kube_get_condition (object, "Succeeded"), "message", "");

  switch ((int) part->state)
    {
    case CHD_NODE_SUCCEEDED:
      if (g_strcmp0 (part->reason, "FailureIgnored") == 0)
        part->note = g_strdup (_ ("It failed, which is ignored here."));
      break;
    case CHD_NODE_FAILED:
      part->note = chd_say_failed (object);
      break;
    case CHD_NODE_TIMED_OUT:
      if (strstr (message, "[PullImageFailed]") != NULL)
        part->note = g_strdup (_ ("The image of its environment could not be fetched in time."));
      else
        part->note = g_strdup (approval != NULL ? _ ("Nobody answered within the time limit.")
                                                : _ ("It took longer than its time limit."));
      break;
    case CHD_NODE_REJECTED:
      part->note = chd_say_rejected (approval);
      break;
    case CHD_NODE_CANCELLED:
      part->note = g_strdup (_ ("It was cancelled."));
      break;
    default:
      break;
    }
}

static void
say_open (ChdRunReader *reader, ChdPartStatus *part, JsonObject *approval)
{
  if (part->state == CHD_NODE_AWAITING_APPROVAL)
    part->note = chd_say_approvers (reader->chain, approval);
  else if (g_strcmp0 (part->reason, "PullImageFailed") == 0)
    part->note = g_strdup (_ ("The image of its environment cannot be fetched; the engine tries again."));
  else if (g_strcmp0 (part->reason, "ToBeRetried") == 0)
    part->note = g_strdup (_ ("It failed and is tried again."));
  else if (g_strcmp0 (part->reason, "ExceededNodeResources") == 0)
    part->note = g_strdup (_ ("Waits for the engine to have room."));
}

static void
read_child (ChdRunReader *reader, ChdPartStatus *part, JsonObject *reference)
{
  gboolean is_custom = g_strcmp0 (chd_json_string (reference, "kind", NULL), "CustomRun") == 0;
  JsonObject *object, *condition, *status, *approval = NULL;
  const char *succeeded;

  part->child = g_strdup (chd_json_string (reference, "name", NULL));
  object = part->child != NULL ? g_hash_table_lookup (is_custom ? reader->custom_runs : reader->task_runs, part->child)
                               : NULL;
  if (object == NULL)
    {
      /* Known to the run, not seen by us yet. */
      part->state = close_open (reader, CHD_NODE_PROCESSING);
      return;
    }
  status = chd_json_object (object, "status");
  condition = chd_kube_get_condition (object, "Succeeded");
  succeeded = chd_json_string (condition, "status", "Unknown");
  part->reason = g_strdup (chd_json_string (condition, "reason", NULL));
  part->started_at = read_time (status, "startTime");
  part->finished_at = read_time (status, "completionTime");
  part->attempt = 1 + chd_json_length (chd_json_array (status, "retriesStatus"));
  if (is_custom)
    approval = find_approval (reader, object);
  else
    read_task_run (part, status);
  if (approval != NULL)
    part->approval = g_strdup (chd_kube_get_name (approval));

  if (strcmp (succeeded, "True") == 0)
    part->state = CHD_NODE_SUCCEEDED;
  else if (strcmp (succeeded, "False") == 0)
    part->state = read_failure (reader, object, condition);
  else
    part->state = close_open (reader, approval != NULL && waits_for_people (approval) ? CHD_NODE_AWAITING_APPROVAL
                                                                                      : CHD_NODE_PROCESSING);
  if (chd_node_state_is_final (part->state))
    say_end (part, object, approval);
  else
    say_open (reader, part, approval);
}

static void
read_skipped (ChdRunReader *reader, ChdPartRead *part, const ChdNode *node, JsonObject *skipped)
{
  const char *reason = chd_json_string (skipped, "reason", "");

  part->status->reason = g_strdup (reason);
  part->status->state = strstr (reason, "gracefully") != NULL ? CHD_NODE_CANCELLED : CHD_NODE_SKIPPED;
  if (part->in_finally && strcmp (reason, "When Expressions evaluated to false") == 0)
    part->status->note = g_strdup (_ ("Not needed."));
  else
    part->status->note = chd_say_skipped (reader, node, skipped);
  part->cut_off = strcmp (reason, "PipelineRun was stopping") == 0 || strstr (reason, "timeout") != NULL;
}

/**
 * chd_part_read:
 * @part: its task's name is set
 *
 * Fills in what the run says about it.
 */
void
chd_part_read (ChdRunReader *reader, ChdPartRead *part, const ChdNode *node)
{
  JsonObject *reference = g_hash_table_lookup (reader->children, part->status->task);
  JsonObject *skipped = g_hash_table_lookup (reader->skipped, part->status->task);

  part->status->attempt = 1;
  if (reference != NULL)
    {
      read_child (reader, part->status, reference);
    }
  else if (skipped != NULL)
    {
      read_skipped (reader, part, node, skipped);
    }
  else if (reader->end == CHD_RUN_OPEN)
    {
      part->status->state = CHD_NODE_WAITING;
    }
  else
    {
      part->cut_off = TRUE;
      part->status->state = reader->end == CHD_RUN_CANCELLED ? CHD_NODE_CANCELLED : CHD_NODE_SKIPPED;
      part->status->note =
          g_strdup (reader->end == CHD_RUN_CANCELLED   ? _ ("Not started: the run was cancelled.")
                    : reader->end == CHD_RUN_TIMED_OUT ? _ ("Not started: the run reached its time limit.")
                                                       : _ ("Not started: the run ended before."));
    }
}
