/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * ApprovalTasks as values, and the answer of one approver (tekton-api.md section 20). */

#include "config.h"

#include "chd-approval-read.h"

#include <string.h>

#include "chd-json.h"
#include "chd-kube.h"
#include "chd-util.h"

#define MAX_TEXT 4096
#define MAX_APPROVERS 1000

ChdApproval *
chd_approval_ref (ChdApproval *approval)
{
  return g_rc_box_acquire (approval);
}

static void
approval_clear (gpointer data)
{
  ChdApproval *approval = data;

  g_free (approval->name);
  g_free (approval->uid);
  g_free (approval->description);
  g_free (approval->run);
  g_free (approval->chain);
  g_free (approval->node);
  g_strfreev (approval->approvers);
  g_strfreev (approval->pending);
  g_free (approval->state);
}

void
chd_approval_unref (ChdApproval *approval)
{
  g_rc_box_release_full (approval, approval_clear);
}

JsonObject *
chd_approval_to_json (const ChdApproval *approval)
{
  JsonObject *object = json_object_new ();
  g_autofree char *created = chd_format_timestamp (approval->created_at);
  g_autofree char *deadline = approval->deadline != 0 ? chd_format_timestamp (approval->deadline) : NULL;

  json_object_set_string_member (object, "name", approval->name);
  chd_json_set_string_if (object, "uid", approval->uid);
  json_object_set_string_member (object, "description", approval->description);
  chd_json_set_string_if (object, "run", approval->run);
  chd_json_set_string_if (object, "chain", approval->chain);
  chd_json_set_string_if (object, "node", approval->node);
  json_object_set_string_member (object, "state", approval->state);
  json_object_set_array_member (object, "approvers",
                                chd_json_array_from_strv ((const char *const *) approval->approvers));
  json_object_set_array_member (object, "pending", chd_json_array_from_strv ((const char *const *) approval->pending));
  json_object_set_int_member (object, "required", approval->n_required);
  json_object_set_int_member (object, "received", approval->n_received);
  json_object_set_string_member (object, "created", created);
  chd_json_set_string_if (object, "deadline", deadline);
  return object;
}

static char *
dup_harmless (const char *text)
{
  return text != NULL ? chd_str_sanitize (text, -1, MAX_TEXT) : NULL;
}

static gboolean
is_group (JsonObject *entry)
{
  return g_strcmp0 (chd_json_string (entry, "type", NULL), "Group") == 0;
}

static const char *
get_input (JsonObject *entry)
{
  return chd_json_string (entry, "input", "pending");
}

const char *
chd_approval_task_get_state (JsonObject *task)
{
  const char *state = chd_json_lookup_string (task, "status/state", NULL);

  return state != NULL && *state != '\0' ? state : "pending";
}

static char *
make_approver (JsonObject *entry)
{
  g_autofree char *name = dup_harmless (chd_json_string (entry, "name", ""));

  return is_group (entry) ? g_strconcat ("group:", name, NULL) : g_steal_pointer (&name);
}

static void
read_approvers (ChdApproval *approval, JsonObject *task)
{
  JsonArray *entries = chd_json_lookup_array (task, "spec/approvers");
  g_autoptr (GPtrArray) all = g_ptr_array_new ();
  g_autoptr (GPtrArray) pending = g_ptr_array_new ();

  for (guint i = 0; i < MIN (chd_json_length (entries), MAX_APPROVERS); i++)
    {
      JsonObject *entry = chd_json_object_at (entries, i);

      if (entry == NULL)
        continue;
      g_ptr_array_add (all, make_approver (entry));
      if (g_str_equal (get_input (entry), "pending"))
        g_ptr_array_add (pending, make_approver (entry));
    }
  g_ptr_array_add (all, NULL);
  g_ptr_array_add (pending, NULL);
  approval->approvers = (char **) g_ptr_array_free (g_steal_pointer (&all), FALSE);
  approval->pending = (char **) g_ptr_array_free (g_steal_pointer (&pending), FALSE);
}

/* The run says which node each of its pipeline tasks belongs to. */
static const char *
find_node (JsonObject *task, JsonObject *run)
{
  const char *node = chd_kube_get_label (task, CHD_LABEL_NODE);
  const char *pipeline_task = chd_kube_get_label (task, CHD_LABEL_TEKTON_PIPELINE_TASK);
  JsonArray *specs = run != NULL ? chd_json_lookup_array (run, "spec/taskRunSpecs") : NULL;

  for (guint i = 0; node == NULL && pipeline_task != NULL && i < chd_json_length (specs); i++)
    {
      JsonObject *spec = chd_json_object_at (specs, i);
      JsonObject *labels = spec != NULL ? chd_json_lookup_object (spec, "metadata/labels") : NULL;

      if (labels != NULL && g_strcmp0 (chd_json_string (spec, "pipelineTaskName", NULL), pipeline_task) == 0)
        node = chd_json_string (labels, CHD_LABEL_NODE, NULL);
    }
  return node;
}

static gint64
find_deadline (JsonObject *task, JsonObject *run)
{
  const char *pipeline_task = chd_kube_get_label (task, CHD_LABEL_TEKTON_PIPELINE_TASK);
  JsonArray *tasks = run != NULL ? chd_json_lookup_array (run, "status/pipelineSpec/tasks") : NULL;
  gint64 start = 0, seconds = 0;

  if (!chd_parse_timestamp (chd_json_lookup_string (task, "status/startTime", NULL), &start))
    chd_parse_timestamp (chd_kube_get_creation_timestamp (task), &start);
  for (guint i = 0; i < chd_json_length (tasks); i++)
    {
      JsonObject *spec = chd_json_object_at (tasks, i);

      if (spec != NULL && g_strcmp0 (chd_json_string (spec, "name", NULL), pipeline_task) == 0)
        chd_parse_duration (chd_json_string (spec, "timeout", NULL), &seconds);
    }
  return start > 0 && seconds > 0 ? start + seconds : 0;
}

ChdApproval *
chd_approval_read (JsonObject *task, JsonObject *run)
{
  ChdApproval *approval = g_rc_box_new0 (ChdApproval);
  JsonObject *spec = chd_json_object (task, "spec");
  JsonObject *status = chd_json_object (task, "status");
  const char *description = spec != NULL ? chd_json_string (spec, "description", "") : "";

  approval->name = g_strdup (chd_kube_get_name (task));
  approval->uid = g_strdup (chd_kube_get_uid (task));
  approval->description = dup_harmless (description);
  approval->run = g_strdup (chd_kube_get_label (task, CHD_LABEL_TEKTON_PIPELINE_RUN));
  approval->chain = g_strdup (chd_kube_get_label (run != NULL ? run : task, CHD_LABEL_CHAIN));
  approval->node = g_strdup (find_node (task, run));
  approval->state = g_strdup (chd_approval_task_get_state (task));
  approval->n_required = spec != NULL ? (guint) MAX (chd_json_int (spec, "numberOfApprovalsRequired", 1), 0) : 1;
  approval->n_received = status != NULL ? (guint) MAX (chd_json_int (status, "approvalsReceived", 0), 0) : 0;
  chd_parse_timestamp (chd_kube_get_creation_timestamp (task), &approval->created_at);
  approval->deadline = find_deadline (task, run);
  read_approvers (approval, task);
  return approval;
}

ChdApproverEntry
chd_approval_task_find_entry (JsonObject *task, const char *user, const char *const *groups)
{
  JsonArray *entries = chd_json_lookup_array (task, "spec/approvers");
  ChdApproverEntry found = { -1, FALSE };

  for (guint i = 0; i < MIN (chd_json_length (entries), MAX_APPROVERS); i++)
    {
      JsonObject *entry = chd_json_object_at (entries, i);
      const char *name = entry != NULL ? chd_json_string (entry, "name", "") : "";

      if (entry == NULL)
        continue;
      /* One's own entry counts before that of a group. */
      if (!is_group (entry) && g_strcmp0 (name, user) == 0)
        return (ChdApproverEntry){ (int) i, FALSE };
      if (is_group (entry) && found.index < 0 && groups != NULL && g_strv_contains (groups, name))
        found = (ChdApproverEntry){ (int) i, TRUE };
    }
  return found;
}

static JsonObject *
find_member (JsonObject *entry, const char *user)
{
  JsonArray *users = chd_json_array (entry, "users");

  for (guint i = 0; i < chd_json_length (users); i++)
    {
      JsonObject *member = chd_json_object_at (users, i);

      if (member != NULL && g_strcmp0 (chd_json_string (member, "name", NULL), user) == 0)
        return member;
    }
  return NULL;
}

const char *
chd_approval_task_get_answer (JsonObject *task, ChdApproverEntry entry, const char *user)
{
  JsonObject *object = chd_json_object_at (chd_json_lookup_array (task, "spec/approvers"), (guint) entry.index);

  if (entry.is_group)
    object = find_member (object, user);
  return object != NULL ? get_input (object) : "pending";
}

static void
set_answer (JsonObject *object, const char *input, const char *message)
{
  json_object_set_string_member (object, "input", input);
  if (message != NULL && *message != '\0')
    json_object_set_string_member (object, "message", message);
}

/* A group's entry takes the answer too, and one member more: without both the gate keeps waiting. */
JsonObject *
chd_approval_task_answer (JsonObject *task,
                          ChdApproverEntry entry,
                          const char *user,
                          const char *input,
                          const char *message)
{
  JsonObject *copy = chd_json_copy_object (task);
  JsonObject *object = chd_json_object_at (chd_json_lookup_array (copy, "spec/approvers"), (guint) entry.index);

  set_answer (object, input, message);
  if (entry.is_group)
    {
      JsonObject *member = find_member (object, user);

      if (member == NULL)
        {
          JsonArray *users = chd_json_array (object, "users");

          if (users == NULL)
            {
              users = json_array_new ();
              json_object_set_array_member (object, "users", users);
            }
          member = json_object_new ();
          json_object_set_string_member (member, "name", user);
          json_array_add_object_element (users, member);
        }
      set_answer (member, input, message);
    }
  return copy;
}
