/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a run's objects to the states of the chain's nodes: parts, then nodes, then the run. */

#include "config.h"

#include "chd-run-status.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-compiler-private.h"
#include "chd-json.h"
#include "chd-run-status-private.h"
#include "chd-util.h"

static void
node_status_free (ChdNodeStatus *node)
{
  g_free (node->node);
  g_free (node->note);
  g_ptr_array_unref (node->parts);
  g_free (node);
}

static void
run_status_clear (ChdRunStatus *self)
{
  g_free (self->name);
  g_free (self->chain);
  g_free (self->uid);
  g_free (self->note);
  g_free (self->details);
  g_ptr_array_unref (self->nodes);
}

ChdRunStatus *
chd_run_status_ref (ChdRunStatus *self)
{
  return g_rc_box_acquire (self);
}

void
chd_run_status_unref (ChdRunStatus *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) run_status_clear);
}

/* Of this run: by owner, or by Tekton's label. */
static GHashTable *
index_objects (JsonObject *run, GPtrArray *objects)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);
  const char *name = chd_kube_get_name (run);

  for (guint i = 0; objects != NULL && i < objects->len; i++)
    {
      JsonObject *object = g_ptr_array_index (objects, i);

      if (chd_kube_get_name (object) != NULL &&
          (chd_kube_is_owned_by (object, chd_kube_get_uid (run)) ||
           g_strcmp0 (chd_kube_get_label (object, CHD_LABEL_TEKTON_PIPELINE_RUN), name) == 0))
        g_hash_table_insert (table, (gpointer) chd_kube_get_name (object), object);
    }
  return table;
}

/* ApprovalTasks are their CustomRun's, whose name they have. */
static GHashTable *
index_approvals (GPtrArray *approvals, GHashTable *custom_runs)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; approvals != NULL && i < approvals->len; i++)
    {
      JsonObject *approval = g_ptr_array_index (approvals, i);
      const char *name = chd_kube_get_name (approval);

      if (name != NULL && g_hash_table_contains (custom_runs, name))
        g_hash_table_insert (table, (gpointer) name, approval);
    }
  return table;
}

static GHashTable *
index_entries (JsonObject *run, const char *list, const char *key)
{
  GHashTable *table = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *entries = chd_json_array (chd_json_object (run, "status"), list);

  for (guint i = 0; i < chd_json_length (entries); i++)
    {
      JsonObject *entry = chd_json_object_at (entries, i);
      const char *name = chd_json_string (entry, key, NULL);

      if (name != NULL)
        g_hash_table_insert (table, (gpointer) name, entry);
    }
  return table;
}

static gboolean
is_alone (const ChdPlan *plan, const ChdPlanTask *task)
{
  guint n = 0;

  for (guint i = 0; i < plan->tasks->len; i++)
    {
      const ChdPlanTask *other = g_ptr_array_index (plan->tasks, i);

      n += other->is_task == task->is_task && other->at == task->at && other->in_finally == task->in_finally;
    }
  return n == 1;
}

static char *
make_title (ChdRunReader *reader, const ChdPlan *plan, const ChdPlanTask *task)
{
  const ChdPipelineBinding *binding;
  ChdInterface *interface;
  const char *inner;

  if (task->is_task)
    return g_strdup (_ ("Task"));
  binding = chd_node_get_pipeline (plan->node, task->at);
  interface = chd_catalogue_find_interface (reader->catalogue, binding->interface_id);
  inner = task->level != NULL ? chd_item_get_title (task->level)
                              : chd_json_string (task->source, "displayName", task->template_name);
  if (is_alone (plan, task) && task->level == NULL)
    return g_strdup_printf (_ ("%s: %s"), chd_position_get_title (task->at), chd_interface_get_title (interface));
  return g_strdup_printf (_ ("%s: %s – %s"), chd_position_get_title (task->at), chd_interface_get_title (interface),
                          inner);
}

static void
add_planned (ChdRunReader *reader, const ChdPlan *plan, GArray *parts, GHashTable *claimed)
{
  for (guint i = 0; i < plan->tasks->len; i++)
    {
      const ChdPlanTask *task = g_ptr_array_index (plan->tasks, i);
      ChdPartRead part = { g_new0 (ChdPartStatus, 1), task->in_finally, FALSE };

      part.status->task = g_strdup (task->name);
      part.status->title = make_title (reader, plan, task);
      part.status->is_task = task->is_task;
      part.status->at = task->at;
      chd_part_read (reader, &part, plan->node);
      g_array_append_val (parts, part);
      if (g_hash_table_lookup (reader->children, task->name) != NULL)
        g_hash_table_add (claimed, g_strdup (task->name));
    }
}

/* The position that a pipeline task's name tells, when it is one of the node's. */
static gboolean
read_name (const char *name, const char *stem, gboolean *is_task, ChdPosition *at)
{
  gsize length = strlen (stem);

  if (strncmp (name, stem, length) != 0 || name[length] != '-')
    return FALSE;
  name += length + 1;
  *is_task = strcmp (name, "task") == 0;
  *at = CHD_POSITION_WORK;
  if (*is_task)
    return TRUE;
  for (guint position = 0; position < CHD_N_POSITIONS; position++)
    {
      const char *word = chd_position_to_string (position);

      if (g_str_has_prefix (name, word) && name[strlen (word)] == '-')
        {
          *at = position;
          return TRUE;
        }
    }
  return FALSE;
}

/* The document or the catalogue may have changed since the run began: children that the plan does not know are told by
 * their names. Only looked for when there are such. */
static void
add_unplanned (ChdRunReader *reader, const ChdPlan *plan, GArray *parts, GPtrArray *unclaimed)
{
  for (guint i = 0; i < unclaimed->len; i++)
    {
      const char *name = g_ptr_array_index (unclaimed, i);
      ChdPartRead part = { 0 };
      gboolean is_task;
      ChdPosition at;

      if (!read_name (name, plan->stem, &is_task, &at))
        continue;
      part.in_finally = at == CHD_POSITION_ON_FAILURE;
      part.status = g_new0 (ChdPartStatus, 1);
      part.status->task = g_strdup (name);
      part.status->title = g_strdup (is_task ? _ ("Task") : chd_position_get_title (at));
      part.status->is_task = is_task;
      part.status->at = at;
      chd_part_read (reader, &part, plan->node);
      g_array_append_val (parts, part);
    }
}

/* Rule (2) of the header. Parts in finally watch over the node and say nothing about its success. */
static ChdNodeState
combine (GArray *parts, const ChdPartStatus **telling)
{
  guint counts[CHD_N_NODE_STATES] = { 0 };
  const ChdPartStatus *first[CHD_N_NODE_STATES] = { NULL };
  const ChdPartStatus *failure = NULL;
  gboolean cut_off = FALSE;
  ChdNodeState state;
  guint n = 0;

  for (guint i = 0; i < parts->len; i++)
    {
      const ChdPartRead *part = &g_array_index (parts, ChdPartRead, i);

      state = part->status->state;
      if (part->in_finally)
        continue;
      n++;
      counts[state]++;
      cut_off |= part->cut_off;
      if (first[state] == NULL)
        first[state] = part->status;
      if (failure == NULL && (state == CHD_NODE_FAILED || state == CHD_NODE_TIMED_OUT || state == CHD_NODE_REJECTED))
        failure = part->status;
    }

  if (counts[CHD_NODE_AWAITING_APPROVAL] > 0)
    state = CHD_NODE_AWAITING_APPROVAL;
  else if (counts[CHD_NODE_PROCESSING] > 0)
    state = CHD_NODE_PROCESSING;
  else if (failure != NULL)
    {
      *telling = failure;
      return failure->state;
    }
  else if (counts[CHD_NODE_CANCELLED] > 0)
    state = CHD_NODE_CANCELLED;
  else if (counts[CHD_NODE_WAITING] > 0)
    state = counts[CHD_NODE_SUCCEEDED] > 0 ? CHD_NODE_PROCESSING : CHD_NODE_WAITING;
  else if (counts[CHD_NODE_SUCCEEDED] == 0)
    state = n > 0 ? CHD_NODE_SKIPPED : CHD_NODE_WAITING;
  else if (cut_off)
    {
      /* Begun, and stopped by what happened elsewhere. */
      *telling = first[CHD_NODE_SKIPPED];
      return CHD_NODE_CANCELLED;
    }
  else
    state = CHD_NODE_SUCCEEDED;
  *telling = first[state];
  return state;
}

static ChdNodeStatus *
read_node (ChdRunReader *reader, const ChdPlan *plan, GArray *parts)
{
  ChdNodeStatus *node = g_new0 (ChdNodeStatus, 1);
  const ChdPartStatus *telling = NULL;

  node->node = g_strdup (plan->node->item.id);
  node->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_part_status_free);
  node->state = combine (parts, &telling);
  if (node->state == CHD_NODE_WAITING && reader->end != CHD_RUN_OPEN)
    node->state = reader->end == CHD_RUN_CANCELLED ? CHD_NODE_CANCELLED : CHD_NODE_SKIPPED;
  if (telling != NULL)
    node->note = g_strdup (telling->note);
  for (guint i = 0; i < parts->len; i++)
    {
      const ChdPartRead *part = &g_array_index (parts, ChdPartRead, i);

      g_ptr_array_add (node->parts, part->status);
      if (part->in_finally)
        continue;
      if (part->status->started_at != 0 && (node->started_at == 0 || part->status->started_at < node->started_at))
        node->started_at = part->status->started_at;
      node->finished_at = MAX (node->finished_at, part->status->finished_at);
    }
  if (!chd_node_state_is_final (node->state))
    node->finished_at = 0;
  return node;
}

static GPtrArray *
list_unclaimed (ChdRunReader *reader, GHashTable *claimed)
{
  GPtrArray *names = g_ptr_array_new ();
  GHashTableIter iter;
  const char *name;

  g_hash_table_iter_init (&iter, reader->children);
  while (g_hash_table_iter_next (&iter, (gpointer *) &name, NULL))
    if (!g_hash_table_contains (claimed, name))
      g_ptr_array_add (names, (gpointer) name);
  return names;
}

static void
read_nodes (ChdRunReader *reader, GPtrArray *nodes)
{
  guint n = chd_chain_get_n_items (reader->chain, CHD_ITEM_NODE);
  g_autoptr (GPtrArray) plans = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_plan_free);
  g_autoptr (GPtrArray) lists = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  g_autoptr (GHashTable) claimed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) unclaimed = NULL;

  for (guint i = 0; i < n; i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (reader->chain, CHD_ITEM_NODE, i));
      ChdPlan *plan = chd_plan_new (reader->chain, reader->catalogue, node, NULL);
      GArray *parts = g_array_new (FALSE, FALSE, sizeof (ChdPartRead));

      add_planned (reader, plan, parts, claimed);
      g_ptr_array_add (plans, plan);
      g_ptr_array_add (lists, parts);
    }
  unclaimed = list_unclaimed (reader, claimed);
  for (guint i = 0; i < n; i++)
    {
      ChdNodeStatus *node;

      if (unclaimed->len > 0)
        add_unplanned (reader, g_ptr_array_index (plans, i), g_ptr_array_index (lists, i), unclaimed);
      node = read_node (reader, g_ptr_array_index (plans, i), g_ptr_array_index (lists, i));
      g_ptr_array_add (nodes, node);
      g_hash_table_insert (by_id, node->node, node);
    }
  for (guint i = 0; i < n; i++)
    {
      ChdNodeStatus *node = g_ptr_array_index (nodes, i);

      if (node->state == CHD_NODE_WAITING && node->note == NULL)
        node->note = chd_say_waiting (reader->chain, chd_chain_find_node (reader->chain, node->node), by_id);
    }
}

static gint64
read_time (const char *text)
{
  gint64 seconds;

  return text != NULL && chd_parse_timestamp (text, &seconds) ? seconds : 0;
}

ChdRunStatus *
chd_run_status_read_summary (JsonObject *run)
{
  ChdRunStatus *self = g_rc_box_new0 (ChdRunStatus);
  JsonObject *condition = chd_kube_get_condition (run, "Succeeded");
  const char *chain = chd_kube_get_label (run, CHD_LABEL_CHAIN);
  const char *reason = chd_json_string (condition, "reason", NULL);

  self->name = g_strdup (chd_kube_get_name (run));
  self->chain = g_strdup (chain != NULL ? chain : chd_json_lookup_string (run, "spec/pipelineRef/name", NULL));
  self->uid = g_strdup (chd_kube_get_uid (run));
  self->details = g_strdup (chd_json_string (condition, "message", NULL));
  self->created_at = read_time (chd_kube_get_creation_timestamp (run));
  self->started_at = read_time (chd_json_lookup_string (run, "status/startTime", NULL));
  self->finished_at = read_time (chd_json_lookup_string (run, "status/completionTime", NULL));
  self->nodes = g_ptr_array_new_with_free_func ((GDestroyNotify) node_status_free);
  switch (chd_run_end_read (run))
    {
    case CHD_RUN_DONE:
      self->state = CHD_NODE_SUCCEEDED;
      break;
    case CHD_RUN_FAILED:
      self->state = CHD_NODE_FAILED;
      break;
    case CHD_RUN_CANCELLED:
      self->state = CHD_NODE_CANCELLED;
      break;
    case CHD_RUN_TIMED_OUT:
      self->state = CHD_NODE_TIMED_OUT;
      self->note = g_strdup (_ ("The run took longer than its time limit."));
      break;
    case CHD_RUN_OPEN:
    default:
      self->state =
          condition == NULL || g_strcmp0 (reason, "PipelineRunPending") == 0 ? CHD_NODE_WAITING : CHD_NODE_PROCESSING;
      if (g_strcmp0 (reason, "PipelineRunPending") == 0)
        self->note = g_strdup (_ ("The run has been made, but not started."));
      break;
    }
  self->finished = chd_node_state_is_final (self->state);
  return self;
}

/* The node that decides how the run stands: one that ended badly, or one that waits for a person. */
static const ChdNodeStatus *
find_telling (const ChdRunStatus *self)
{
  const ChdNodeStatus *found = NULL;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (self->nodes, i);
      gboolean bad =
          node->state == CHD_NODE_FAILED || node->state == CHD_NODE_TIMED_OUT || node->state == CHD_NODE_REJECTED;

      if (self->state == CHD_NODE_FAILED && bad &&
          (found == NULL || (node->finished_at != 0 && node->finished_at < found->finished_at)))
        found = node;
      if (self->state == CHD_NODE_PROCESSING && node->state == CHD_NODE_AWAITING_APPROVAL && found == NULL)
        found = node;
    }
  return found;
}

static void
conclude (ChdRunStatus *self, ChdChain *chain)
{
  const ChdNodeStatus *node = find_telling (self);
  const ChdNode *item = node != NULL ? chd_chain_find_node (chain, node->node) : NULL;

  if (item != NULL)
    {
      self->state = node->state;
      self->note = node->note != NULL ? g_strdup_printf (_ ("“%s”: %s"), chd_item_get_title (item), node->note)
                                      : g_strdup_printf (_ ("“%s” failed."), chd_item_get_title (item));
    }
  else if (self->state == CHD_NODE_FAILED)
    self->note = g_strdup (_ ("The engine could not carry out the run."));
}

ChdRunStatus *
chd_run_status_read (ChdChain *chain,
                     ChdCatalogue *catalogue,
                     JsonObject *run,
                     GPtrArray *task_runs,
                     GPtrArray *custom_runs,
                     GPtrArray *approval_tasks)
{
  ChdRunStatus *self = chd_run_status_read_summary (run);
  g_autoptr (GHashTable) children = index_entries (run, "childReferences", "pipelineTaskName");
  g_autoptr (GHashTable) skipped = index_entries (run, "skippedTasks", "name");
  g_autoptr (GHashTable) tasks = index_objects (run, task_runs);
  g_autoptr (GHashTable) customs = index_objects (run, custom_runs);
  g_autoptr (GHashTable) approvals = index_approvals (approval_tasks, customs);
  g_autoptr (GHashTable) guards = chd_guards_new (chain);
  ChdRunReader reader = {
    chain, catalogue, chd_run_end_read (run), children, skipped, tasks, customs, approvals, guards,
  };

  read_nodes (&reader, self->nodes);
  conclude (self, chain);
  return self;
}

const ChdNodeStatus *
chd_run_status_find_node (const ChdRunStatus *self, const char *node)
{
  for (guint i = 0; i < self->nodes->len; i++)
    {
      const ChdNodeStatus *status = g_ptr_array_index (self->nodes, i);

      if (g_strcmp0 (status->node, node) == 0)
        return status;
    }
  return NULL;
}
