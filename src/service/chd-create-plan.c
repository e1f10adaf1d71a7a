/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The plan of a creation: ask the registry for the images and the engine for the chain's objects, compile, compare.
 * Nothing is changed.
 *
 * Names that the engine has not under our labels are asked for one by one: server-side apply would melt our fields into
 * an object of somebody else that lacks them, without a conflict. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-chain-objects.h"
#include "chd-covers.h"
#include "chd-create-private.h"
#include "chd-each.h"
#include "chd-error.h"
#include "chd-images.h"
#include "chd-validate.h"

#define PARALLEL 8

typedef enum
{
  STEP_CHECK,
  STEP_IMAGES,
  STEP_LIST,
  STEP_PROBE,
  STEP_DONE,
} PlanStep;

typedef struct
{
  PlanStep step;
  GPtrArray *images; /* (owned) of ChdCreateRow: asked now */
  GPtrArray *probes; /* (owned) of ChdCreateRow, borrowed: names to ask for */
} Plan;

typedef struct
{
  ChdEach *each;
  ChdCreateOp *op; /* alive as long as the task */
  ChdCreateRow *row;
} Item;

static void
plan_free (Plan *plan)
{
  g_clear_pointer (&plan->images, g_ptr_array_unref);
  g_clear_pointer (&plan->probes, g_ptr_array_unref);
  g_free (plan);
}

static Item *
item_new (ChdEach *each, ChdCreateOp *op, ChdCreateRow *row)
{
  Item *item = g_new (Item, 1);

  item->each = each;
  item->op = op;
  item->row = row;
  return item;
}

/* Images. */

static void
set_image (ChdCreateOp *self, ChdCreateRow *row, const ChdImageState *state)
{
  const char *id = row->environment->item.id;

  row->row.bytes_total = state->size;
  switch (state->kind)
    {
    case CHD_IMAGE_PRESENT:
    case CHD_IMAGE_HOST_SYSTEM:
      row->row.action = CHD_ACTION_KEEP;
      row->row.state = CHD_NODE_CREATED;
      g_hash_table_insert (self->images, g_strdup (id), g_strdup (state->reference));
      break;
    case CHD_IMAGE_UPLOADABLE:
      row->row.action = CHD_ACTION_UPLOAD;
      row->row.state = CHD_NODE_PLANNED;
      break;
    case CHD_IMAGE_NO_SOURCE:
      row->row.action = CHD_ACTION_UPLOAD;
      row->row.state = CHD_NODE_CREATE_FAILED;
      row->row.error = g_error_new (CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                                    /* Translators: an image, an environment's title */
                                    _ ("The registry has no image %s for the environment “%s”, and there is no "
                                       "source here that it could be uploaded from."),
                                    row->environment->image, row->environment->title);
      break;
    }
}

static void
queried_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Item *item = user_data;
  GError *error = NULL;
  g_autoptr (ChdImageState) state = chd_images_query_finish (result, &error);

  if (state != NULL)
    set_image (item->op, item->row, state);
  chd_each_done (item->each, error);
}

static void
query_one (ChdEach *each, guint index, gpointer data)
{
  GTask *task = data;
  ChdCreateOp *self = g_task_get_source_object (task);
  Plan *plan = g_task_get_task_data (task);
  ChdCreateRow *row = plan->images->pdata[index];

  chd_images_query_async (self->session, row->environment, self->folder, chd_each_get_cancellable (each), queried_cb,
                          item_new (each, self, row));
}

static void
list_images (ChdCreateOp *self, Plan *plan)
{
  g_autoptr (GPtrArray) environments = chd_compile_list_environments (self->chain, self->catalogue);

  plan->images = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_create_row_free);
  g_hash_table_remove_all (self->images);
  for (guint i = 0; i < environments->len; i++)
    {
      ChdEnvironment *environment = environments->pdata[i];
      ChdCreateRow *row = g_new0 (ChdCreateRow, 1);

      row->environment = chd_item_ref (environment);
      row->row.kind = g_strdup ("image");
      row->row.name = g_strdup (environment->image);
      row->row.title = g_strdup (chd_item_get_title (environment));
      g_ptr_array_add (plan->images, row);
    }
}

/* Objects. */

void
chd_create_row_decide (ChdCreateRow *row)
{
  if (row->live == NULL)
    row->row.action = CHD_ACTION_CREATE;
  else if (chd_covers (row->live, row->target->object))
    row->row.action = CHD_ACTION_KEEP;
  else
    row->row.action = CHD_ACTION_UPDATE;
  row->row.state = row->row.action == CHD_ACTION_KEEP ? CHD_NODE_CREATED : CHD_NODE_PLANNED;
  if (row->live != NULL)
    {
      g_free (row->row.uid);
      row->row.uid = g_strdup (chd_kube_get_uid (row->live));
    }
}

static const char *
get_title (ChdCreateOp *self, const char *node)
{
  const ChdNode *item = node != NULL ? chd_chain_find_node (self->chain, node) : NULL;

  return chd_item_get_title (item != NULL ? (gconstpointer) item : (gconstpointer) chd_chain_get_head (self->chain));
}

static ChdCreateRow *
row_new (ChdCreateOp *self, const char *kind, const char *name, const char *node)
{
  ChdCreateRow *row = g_new0 (ChdCreateRow, 1);

  row->row.kind = g_strdup (kind);
  row->row.name = g_strdup (name);
  row->row.node = g_strdup (node);
  row->row.title = g_strdup (get_title (self, node));
  row->row.bytes_total = -1;
  return row;
}

static char *
make_key (const char *kind, const char *name)
{
  return g_strconcat (kind, "/", name, NULL);
}

/* What of an earlier plan of this operation still counts: that it was this one that made it. */
static void
keep_marks (ChdCreateOp *self, GPtrArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      ChdCreateRow *row = rows->pdata[i];
      const ChdCreateRow *before = chd_create_op_find_row (self, row->row.kind, row->row.name);

      row->is_new = before != NULL && before->is_new;
    }
}

/* The rows: images, what is wanted, what is no longer wanted. */
static gboolean
make_rows (ChdCreateOp *self, Plan *plan, GPtrArray *objects, GError **error)
{
  g_autoptr (GPtrArray) targets = chd_create_op_compile (self, error);
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_create_row_free);
  g_autoptr (GHashTable) live = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (targets == NULL)
    return FALSE;
  for (guint i = 0; i < objects->len; i++)
    g_hash_table_insert (live, make_key (chd_kube_get_kind (objects->pdata[i]), chd_kube_get_name (objects->pdata[i])),
                         objects->pdata[i]);
  while (plan->images->len > 0)
    g_ptr_array_add (rows, g_ptr_array_steal_index (plan->images, 0));
  plan->probes = g_ptr_array_new ();
  for (guint i = 0; i < targets->len; i++)
    {
      ChdTarget *target = targets->pdata[i];
      const char *kind = chd_kube_resource (target->type)->kind;
      g_autofree char *key = make_key (kind, target->name);
      JsonObject *object = g_hash_table_lookup (live, key);
      ChdCreateRow *row = row_new (self, kind, target->name, target->node);

      row->target = chd_target_ref (target);
      row->live = object != NULL ? json_object_ref (object) : NULL;
      chd_create_row_decide (row);
      if (object == NULL)
        g_ptr_array_add (plan->probes, row);
      g_ptr_array_add (rows, row);
      g_hash_table_remove (live, key);
    }
  for (guint i = 0; i < objects->len; i++)
    {
      JsonObject *object = objects->pdata[i];
      g_autofree char *key = make_key (chd_kube_get_kind (object), chd_kube_get_name (object));
      ChdCreateRow *row;

      if (!g_hash_table_contains (live, key))
        continue;
      row = row_new (self, chd_kube_get_kind (object), chd_kube_get_name (object),
                     chd_kube_get_label (object, CHD_LABEL_NODE));
      row->live = json_object_ref (object);
      row->row.action = CHD_ACTION_DELETE;
      row->row.state = CHD_NODE_PLANNED;
      row->row.uid = g_strdup (chd_kube_get_uid (object));
      g_ptr_array_add (rows, row);
    }
  keep_marks (self, rows);
  g_ptr_array_unref (self->rows);
  self->rows = g_steal_pointer (&rows);
  return TRUE;
}

static void
set_taken (ChdCreateRow *row, JsonObject *object)
{
  const char *chain = chd_kube_is_ours (object) ? chd_kube_get_label (object, CHD_LABEL_CHAIN) : NULL;
  GError *error = NULL;

  if (chain != NULL)
    /* Translators: kind and name of an object on the engine, a chain's name */
    g_set_error (&error, CHD_ERROR, CHD_ERROR_CONFLICT,
                 _ ("The %s “%s” on the engine belongs to the chain “%s”. Give this chain or node another name."),
                 row->row.kind, row->row.name, chain);
  else
    /* Translators: kind and name of an object on the engine */
    g_set_error (&error, CHD_ERROR, CHD_ERROR_CONFLICT,
                 _ ("The %s “%s” on the engine was made by someone else. Give this chain or node another name."),
                 row->row.kind, row->row.name);
  chd_error_set_object (error, row->row.name);
  row->blocked = TRUE;
  row->row.state = CHD_NODE_CONFLICT;
  row->row.error = error;
}

static void
probed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Item *item = user_data;
  ChdCreateOp *self = item->op;
  ChdCreateRow *row = item->row;
  GError *error = NULL;
  g_autoptr (JsonObject) live = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);

  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    g_clear_error (&error);
  if (live != NULL && chd_kube_is_ours (live) &&
      g_strcmp0 (chd_kube_get_label (live, CHD_LABEL_CHAIN), chd_chain_get_head (self->chain)->item.id) == 0)
    {
      row->live = g_steal_pointer (&live);
      chd_create_row_decide (row);
    }
  else if (live != NULL)
    {
      set_taken (row, live);
    }
  chd_each_done (item->each, error);
}

static void
probe_one (ChdEach *each, guint index, gpointer data)
{
  GTask *task = data;
  ChdCreateOp *self = g_task_get_source_object (task);
  Plan *plan = g_task_get_task_data (task);
  ChdCreateRow *row = plan->probes->pdata[index];

  chd_cluster_get_async (chd_session_get_cluster (self->session), row->target->type, NULL, row->row.name,
                         chd_each_get_cancellable (each), probed_cb, item_new (each, self, row));
}

/* Steps. */

/* A chain with errors is refused before anybody is asked. */
static gboolean
check (ChdCreateOp *self, GError **error)
{
  g_autoptr (GPtrArray) problems = NULL;

  if (!chd_session_get_info (self->session)->tekton)
    {
      g_autofree char *title = chd_session_dup_title (self->session);

      /* Translators: %s is the name of an engine */
      g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                   _ ("“%s” offers no Tekton Pipelines; chains cannot be created there."), title);
      return FALSE;
    }
  problems = chd_validate (self->chain, self->catalogue);
  for (guint i = 0; i < problems->len; i++)
    {
      const ChdProblem *problem = problems->pdata[i];

      if (problem->severity != CHD_SEVERITY_ERROR)
        continue;
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, problem->message);
      if (error != NULL)
        {
          chd_error_set_object (*error, problem->id);
          chd_error_set_field (*error, problem->field);
          chd_error_set_reason (*error, problem->code);
        }
      return FALSE;
    }
  return TRUE;
}

static void step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

static void
fail (GTask *task, GError *error)
{
  ChdCreateOp *self = g_task_get_source_object (task);
  gboolean cancelled = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  chd_create_op_end (self);
  chd_create_op_set_error (self, cancelled ? NULL : g_error_copy (error));
  chd_create_op_set_state (self, cancelled ? CHD_CREATE_CANCELLED : CHD_CREATE_FAILED);
  g_task_return_error (task, error);
}

static void
advance (GTask *task)
{
  ChdCreateOp *self = g_task_get_source_object (task);
  Plan *plan = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  GError *error = NULL;

  switch (plan->step)
    {
    case STEP_CHECK:
      if (!check (self, &error))
        {
          fail (task, error);
          g_object_unref (task);
          return;
        }
      list_images (self, plan);
      plan->step = STEP_IMAGES;
      chd_each_async (plan->images->len, PARALLEL, query_one, task, cancellable, step_cb, task);
      break;
    case STEP_IMAGES:
      g_assert_not_reached ();
    case STEP_LIST:
      chd_chain_objects_list_async (chd_session_get_cluster (self->session), chd_chain_get_head (self->chain)->item.id,
                                    FALSE, cancellable, step_cb, task);
      break;
    case STEP_PROBE:
      chd_each_async (plan->probes->len, PARALLEL, probe_one, task, cancellable, step_cb, task);
      break;
    case STEP_DONE:
      self->planned_at = g_get_monotonic_time ();
      chd_create_op_end (self);
      chd_create_op_set_error (self, NULL);
      chd_create_op_set_state (self, CHD_CREATE_PLANNED);
      chd_create_op_show_nodes (self);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      break;
    }
}

static gboolean
collect (ChdCreateOp *self, Plan *plan, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) objects = NULL;

  switch (plan->step)
    {
    case STEP_IMAGES:
      plan->step = STEP_LIST;
      return chd_each_finish (result, error);
    case STEP_LIST:
      plan->step = STEP_PROBE;
      objects = chd_chain_objects_list_finish (result, error);
      return objects != NULL && make_rows (self, plan, objects, error);
    case STEP_PROBE:
      plan->step = STEP_DONE;
      return chd_each_finish (result, error);
    case STEP_CHECK:
    case STEP_DONE:
      break;
    }
  g_assert_not_reached ();
}

static void
step_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;

  if (collect (g_task_get_source_object (task), g_task_get_task_data (task), result, &error))
    advance (g_steal_pointer (&task));
  else
    fail (task, error);
}

void
chd_create_op_plan_async (ChdCreateOp *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (CHD_IS_CREATE_OP (self));

  g_task_set_source_tag (task, chd_create_op_plan_async);
  if (!chd_create_op_begin (self, task))
    return;
  g_task_set_task_data (task, g_new0 (Plan, 1), (GDestroyNotify) plan_free);
  /* The chain may have been edited since the last plan. */
  g_clear_pointer (&self->document, g_free);
  chd_create_op_set_state (self, CHD_CREATE_PLANNING);
  advance (g_steal_pointer (&task));
}

gboolean
chd_create_op_plan_finish (ChdCreateOp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
