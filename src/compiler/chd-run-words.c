/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One sentence for why a node waits, was skipped or failed. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-json.h"
#include "chd-kube.h"
#include "chd-run-status-private.h"
#include "chd-util.h"

/* More names than this are counted. */
#define MAX_NAMES 4
/* A longer message of the engine is for the details, not for a sentence. */
#define MAX_MESSAGE 400

static gboolean
holds (JsonObject *expression)
{
  const char *input = chd_json_string (expression, "input", "");
  JsonArray *values = chd_json_array (expression, "values");
  gboolean found = FALSE;

  for (guint i = 0; i < chd_json_length (values) && !found; i++)
    found = g_strcmp0 (chd_json_string_at (values, i), input) == 0;
  return found == (g_strcmp0 (chd_json_string (expression, "operator", "in"), "in") == 0);
}

/* The expressions of a task begin with its node's guard, in the same order. */
static char *
say_condition (ChdRunReader *reader, const ChdNode *node, JsonArray *expressions)
{
  GPtrArray *guard = g_hash_table_lookup (reader->guards, node->item.id);

  for (guint i = 0; i < chd_json_length (expressions) && guard != NULL && i < guard->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (guard, i);

      if (!holds (chd_json_object_at (expressions, i)))
        return g_strdup_printf (_ ("Skipped: the condition on “%s” was not met."), link->result);
    }
  return g_strdup (_ ("Skipped: its condition was not met."));
}

char *
chd_say_skipped (ChdRunReader *reader, const ChdNode *node, JsonObject *skipped)
{
  const char *reason = chd_json_string (skipped, "reason", "");

  if (strcmp (reason, "When Expressions evaluated to false") == 0)
    return say_condition (reader, node, chd_json_array (skipped, "whenExpressions"));
  if (strcmp (reason, "Parent Tasks were skipped") == 0)
    return g_strdup (_ ("Skipped: what it builds on was skipped."));
  if (strcmp (reason, "Results were missing") == 0)
    return g_strdup (_ ("Skipped: a result that it needs is missing."));
  if (strcmp (reason, "PipelineRun was stopping") == 0)
    return g_strdup (_ ("Not started: the run stopped because of a failure."));
  if (strstr (reason, "gracefully") != NULL)
    return g_strdup (_ ("Not started: the run was cancelled."));
  if (strstr (reason, "timeout") != NULL)
    return g_strdup (_ ("Not started: the run reached its time limit."));
  if (strcmp (reason, "Matrix Parameters have an empty array") == 0)
    return g_strdup (_ ("Skipped: its list is empty."));
  return g_strdup_printf (_ ("Skipped: the engine reports “%s”."), reason);
}

static char *
say_step (JsonObject *step)
{
  const char *reason = chd_json_string (step, "terminationReason", "");
  JsonObject *terminated = chd_json_object (step, "terminated");
  const char *ending = chd_json_string (terminated, "reason", "");
  const char *message = chd_json_string (terminated, "message", "");
  gint64 code = chd_json_int (terminated, "exitCode", 0);

  if (terminated == NULL || code == 0 || strcmp (reason, "Skipped") == 0 || strcmp (reason, "Continued") == 0)
    return NULL;
  if (strcmp (reason, "TimeoutExceeded") == 0)
    return g_strdup (_ ("A step took longer than its time limit."));
  if (strcmp (reason, "OOMKilled") == 0 || strcmp (ending, "OOMKilled") == 0)
    return g_strdup (_ ("The script used more memory than it may."));
  /* Only an end of the script's own: a step that the engine could not start has an exit code too. */
  if ((strcmp (ending, "StartError") == 0 || strcmp (ending, "ContainerCannotRun") == 0) && *message != '\0')
    {
      g_autofree char *harmless = chd_str_sanitize (message, -1, MAX_MESSAGE);

      return g_strdup_printf (_ ("It could not be started: %s"), harmless);
    }
  if (*reason != '\0' && strcmp (reason, "Error") != 0)
    return NULL;
  if (code > 128 && code < 160)
    return g_strdup_printf (_ ("The script was killed by signal %d."), (int) code - 128);
  return g_strdup_printf (_ ("The script ended with exit code %d."), (int) code);
}

/**
 * chd_say_failed:
 * @task_run: has ended in failure; a CustomRun too
 */
char *
chd_say_failed (JsonObject *task_run)
{
  JsonArray *steps = chd_json_lookup_array (task_run, "status/steps");
  JsonObject *condition = chd_kube_get_condition (task_run, "Succeeded");
  const char *reason = chd_json_string (condition, "reason", "");
  const char *message = chd_json_string (condition, "message", "");

  if (strcmp (reason, "TaskRunTimeout") == 0 || strcmp (reason, "CustomRunTimedOut") == 0)
    return g_strdup (_ ("It took longer than its time limit."));
  if (strstr (reason, "ImagePull") != NULL || strcmp (reason, "PullImageFailed") == 0)
    return g_strdup (_ ("The image of its environment could not be fetched."));
  if (strcmp (reason, "TaskRunResultLargerThanAllowedLimit") == 0)
    return g_strdup (_ ("A result is larger than the engine takes."));
  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      char *sentence = say_step (chd_json_object_at (steps, i));

      if (sentence != NULL)
        return sentence;
    }
  if (*reason == '\0')
    return NULL;
  return g_strdup_printf (_ ("It failed: the engine reports “%s”."),
                          *message != '\0' && strlen (message) <= MAX_MESSAGE ? message : reason);
}

/* "bob (Finance)", with the unit that the person leads, else belongs to. */
static char *
describe_person (ChdChain *chain, const char *person)
{
  const ChdUnit *found = NULL;

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *unit = CHD_UNIT (chd_chain_get_item (chain, CHD_ITEM_UNIT, i));

      if (g_strcmp0 (unit->lead, person) == 0)
        {
          found = unit;
          break;
        }
      if (found == NULL && unit->members != NULL && g_strv_contains ((const char *const *) unit->members, person))
        found = unit;
    }
  if (found == NULL)
    return g_strdup (person);
  return g_strdup_printf ("%s (%s)", person, chd_item_get_title (found));
}

static char *
join (GPtrArray *names)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < names->len && i < MAX_NAMES; i++)
    {
      if (i > 0)
        g_string_append (text, _ (", "));
      g_string_append (text, g_ptr_array_index (names, i));
    }
  if (names->len > MAX_NAMES)
    g_string_append_printf (text, _ (" and %u more"), names->len - MAX_NAMES);
  return g_string_free (text, FALSE);
}

/**
 * chd_say_approvers:
 * @approval: is pending, and somebody has not answered
 */
char *
chd_say_approvers (ChdChain *chain, JsonObject *approval)
{
  JsonArray *approvers = chd_json_lookup_array (approval, "spec/approvers");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;
  gint64 missing = chd_json_int (chd_json_object (approval, "spec"), "numberOfApprovalsRequired", 1) -
                   chd_json_int (chd_json_object (approval, "status"), "approvalsReceived", 0);

  for (guint i = 0; i < chd_json_length (approvers); i++)
    {
      JsonObject *approver = chd_json_object_at (approvers, i);
      const char *name = chd_json_string (approver, "name", NULL);

      if (name != NULL && strcmp (chd_json_string (approver, "input", "pending"), "pending") == 0)
        g_ptr_array_add (names, describe_person (chain, name));
    }
  if (names->len == 0)
    return NULL;
  list = join (names);
  if (missing > 0 && missing < names->len)
    return g_strdup_printf (_ ("Waits for %d of these: %s."), (int) missing, list);
  return g_strdup_printf (_ ("Waits for %s."), list);
}

/* Who said no, of the responses; a member's answer stands inside a group's. */
static JsonObject *
find_rejection (JsonArray *responses)
{
  for (guint i = 0; i < chd_json_length (responses); i++)
    {
      JsonObject *response = chd_json_object_at (responses, i);
      JsonObject *member = find_rejection (chd_json_array (response, "groupMembers"));

      if (member != NULL)
        return member;
      if (g_strcmp0 (chd_json_string (response, "response", NULL), "rejected") == 0)
        return response;
    }
  return NULL;
}

/**
 * chd_say_rejected:
 * @approval: (nullable):
 */
char *
chd_say_rejected (JsonObject *approval)
{
  JsonObject *rejection = find_rejection (chd_json_lookup_array (approval, "status/approversResponse"));
  const char *name = chd_json_string (rejection, "name", NULL);
  const char *message = chd_json_string (rejection, "message", NULL);

  if (name == NULL)
    return g_strdup (_ ("The approval was rejected."));
  if (message == NULL || *message == '\0')
    return g_strdup_printf (_ ("Rejected by %s."), name);
  return g_strdup_printf (_ ("Rejected by %s: “%s”"), name, message);
}

/**
 * chd_say_waiting:
 * @nodes: (element-type utf8 ChdNodeStatus): all nodes of the run
 */
char *
chd_say_waiting (ChdChain *chain, const ChdNode *node, GHashTable *nodes)
{
  GPtrArray *links = chd_chain_get_links (chain, node->item.id, CHD_LINKS_IN);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *list = NULL;

  for (guint i = 0; i < links->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (links, i);
      const ChdNodeStatus *source = g_hash_table_lookup (nodes, link->from);
      const ChdNode *source_node = chd_chain_find_node (chain, link->from);

      if (source != NULL && source_node != NULL && !chd_node_state_is_final (source->state))
        g_ptr_array_add (names, g_strdup_printf (_ ("“%s”"), chd_item_get_title (source_node)));
    }
  if (names->len == 0)
    return NULL;
  list = join (names);
  return g_strdup_printf (_ ("Waits for %s."), list);
}
