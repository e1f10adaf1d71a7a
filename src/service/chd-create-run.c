/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Doing what was planned: the journal, images, targets, the document, the chain's own Pipeline, and last the removal of
 * what is no longer wanted. A later stage begins only when the earlier one left nothing behind, so that the chain is
 * never put together from parts that are not there. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-create-apply.h"
#include "chd-create-private.h"
#include "chd-each.h"
#include "chd-error.h"
#include "chd-images.h"
#include "chd-journal.h"
#include "chd-util.h"

#define PARALLEL_UPLOADS 2
#define PARALLEL_TARGETS 4
/* A plan that was looked at for longer than this is made again. */
#define PLAN_SECONDS 30

typedef enum
{
  STEP_PLAN,
  STEP_JOURNAL,
  STEP_IMAGES,
  STEP_TARGETS,
  STEP_DESIGN,
  STEP_PIPELINE,
  STEP_PRUNE,
  STEP_END_JOURNAL,
  STEP_DONE,
} RunStep;

typedef struct
{
  RunStep step;
  GPtrArray *due; /* (owned) of ChdCreateRow, borrowed: of this step */
} Run;

typedef struct
{
  ChdEach *each;
  ChdCreateOp *op;
  ChdCreateRow *row;
  GError *error; /* (owned) (nullable) to be told once the journal has it */
  ChdNodeState state;
} Item;

static void
run_free (Run *run)
{
  g_clear_pointer (&run->due, g_ptr_array_unref);
  g_free (run);
}

static Item *
item_new (ChdEach *each, ChdCreateOp *op, ChdCreateRow *row)
{
  Item *item = g_new0 (Item, 1);

  item->each = each;
  item->op = op;
  item->row = row;
  return item;
}

static gboolean
is_pending (const ChdCreateRow *row)
{
  return row->row.state == CHD_NODE_PLANNED && row->row.action != CHD_ACTION_KEEP && !row->blocked;
}

static RunStep
get_step (const ChdCreateRow *row)
{
  if (chd_create_row_is_image (row))
    return STEP_IMAGES;
  if (row->row.action == CHD_ACTION_DELETE)
    return STEP_PRUNE;
  if (row->target->type == CHD_KUBE_CONFIG_MAP)
    return STEP_DESIGN;
  return row->target->node != NULL ? STEP_TARGETS : STEP_PIPELINE;
}

static gboolean
is_trouble (const ChdCreateRow *row)
{
  return row->row.state == CHD_NODE_CREATE_FAILED || row->row.state == CHD_NODE_CONFLICT;
}

static const ChdCreateRow *
find_trouble (ChdCreateOp *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    if (is_trouble (self->rows->pdata[i]))
      return self->rows->pdata[i];
  return NULL;
}

/* The journal. */

static const char *
get_action_name (ChdAction action)
{
  static const char *const names[] = { "create", "update", "keep", "delete", "upload" };

  return names[action];
}

static void
begin_journal (ChdCreateOp *self, GAsyncReadyCallback callback, gpointer user_data)
{
  GPtrArray *targets = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_journal_target_free);
  g_autofree char *hash = chd_sha256 (self->document, strlen (self->document));

  for (guint i = 0; i < self->rows->len; i++)
    {
      const ChdCreateRow *row = self->rows->pdata[i];
      JsonObject *object = row->target != NULL ? row->target->object : NULL;

      if (is_pending (row) || row->is_new)
        g_ptr_array_add (targets,
                         chd_journal_target_new (row->row.kind, row->row.name, get_action_name (row->row.action),
                                                 object != NULL ? chd_kube_get_annotation (object, CHD_ANNOTATION_HASH)
                                                                : NULL,
                                                 row->row.action == CHD_ACTION_CREATE || row->is_new));
    }
  chd_journal_begin_async (chd_session_get_store (self->session), chd_session_get_engine_id (self->session),
                           chd_chain_get_head (self->chain)->item.id, hash, targets, callback, user_data);
}

/* What an earlier try of this creation had made, also one that crashed, can still be taken back. */
static gboolean
collect_journal (ChdCreateOp *self, GAsyncResult *result, GError **error)
{
  g_autoptr (ChdJournalCreation) creation = chd_journal_begin_finish (result, error);

  if (creation == NULL)
    return FALSE;
  self->creation = creation->id;
  for (guint i = 0; i < creation->targets->len; i++)
    {
      const ChdJournalTarget *target = creation->targets->pdata[i];
      ChdCreateRow *row = target->is_new ? chd_create_op_find_row (self, target->kind, target->name) : NULL;

      if (row != NULL)
        row->is_new = TRUE;
    }
  return TRUE;
}

static void
recorded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Item *item = user_data;
  GError *error = NULL;

  chd_journal_set_target_finish (result, &error);
  if (item->error == NULL && error != NULL)
    {
      item->error = error;
      item->state = CHD_NODE_CREATE_FAILED;
    }
  else
    {
      g_clear_error (&error);
    }
  chd_create_op_set_row (item->op, item->row, item->state, item->error);
  chd_each_done (item->each, NULL);
}

/* Takes over @item and @error. The row changes when the journal has it. */
static void
record (Item *item, ChdNodeState state, GError *error)
{
  ChdCreateOp *self = item->op;
  const ChdCreateRow *row = item->row;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      /* Whether it was done is not known: the row stays planned, here and in the journal. */
      chd_create_op_set_row (self, item->row, CHD_NODE_PLANNED, NULL);
      chd_each_done (item->each, error);
      g_free (item);
      return;
    }
  item->state = state;
  item->error = error;
  chd_journal_set_target_async (chd_session_get_store (self->session), self->creation, row->row.kind, row->row.name,
                                error == NULL ? CHD_JOURNAL_MADE : CHD_JOURNAL_FAILED, row->row.uid, recorded_cb, item);
}

static ChdNodeState
get_failure_state (const GError *error)
{
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_CONFLICT) ? CHD_NODE_CONFLICT : CHD_NODE_CREATE_FAILED;
}

/* Images. */

static void
upload_progress (gint64 done, gint64 total, const char *digest, gpointer user_data)
{
  Item *item = user_data;

  if (item->row->row.state != CHD_NODE_UPLOADING)
    return;
  chd_create_op_set_progress (item->op, item->row, done, total);
}

static void
uploaded_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Item *item = user_data;
  GError *error = NULL;
  g_autoptr (ChdImageState) state = chd_images_ensure_finish (result, NULL, &error);

  if (state != NULL)
    g_hash_table_insert (item->op->images, g_strdup (item->row->environment->item.id), g_strdup (state->reference));
  record (item, error == NULL ? CHD_NODE_CREATED : CHD_NODE_CREATE_FAILED, error);
}

static void
upload_one (ChdCreateOp *self, ChdCreateRow *row, ChdEach *each)
{
  Item *item = item_new (each, self, row);

  chd_create_op_set_row (self, row, CHD_NODE_UPLOADING, NULL);
  chd_images_ensure_async (self->session, row->environment, self->folder, upload_progress, item, NULL,
                           chd_each_get_cancellable (each), uploaded_cb, item);
}

/* With the digests of the uploaded images the tasks are what they will be; some turn out to be there already. */
static gboolean
compile_again (ChdCreateOp *self, GError **error)
{
  g_autoptr (GPtrArray) targets = NULL;
  gboolean needed = FALSE;

  for (guint i = 0; i < self->rows->len; i++)
    needed |= ((ChdCreateRow *) self->rows->pdata[i])->row.action == CHD_ACTION_UPLOAD;
  if (!needed)
    return TRUE;
  targets = chd_create_op_compile (self, error);
  if (targets == NULL)
    return FALSE;
  for (guint i = 0; i < targets->len; i++)
    {
      ChdTarget *target = targets->pdata[i];
      ChdCreateRow *row = chd_create_op_find_row (self, chd_kube_resource (target->type)->kind, target->name);

      if (row == NULL || row->blocked)
        continue;
      g_clear_pointer (&row->target, chd_target_unref);
      row->target = chd_target_ref (target);
      chd_create_row_decide (row);
      if (target->environment != NULL && !g_hash_table_contains (self->images, target->environment))
        {
          GError *missing = g_error_new_literal (CHD_ERROR, CHD_ERROR_IMAGE_MISSING,
                                                 _ ("The image of its environment could not be uploaded."));

          row->blocked = TRUE;
          chd_create_op_set_row (self, row, CHD_NODE_CREATE_FAILED, missing);
        }
      else
        {
          chd_create_op_set_row (self, row, row->row.state, NULL);
        }
    }
  return TRUE;
}

/* Targets. */

static void
applied_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Item *item = user_data;
  ChdCreateRow *row = item->row;
  GError *error = NULL;
  g_autoptr (JsonObject) live = chd_create_apply_finish (result, &error);

  if (live == NULL)
    {
      record (item, get_failure_state (error), error);
      return;
    }
  row->is_new |= row->row.action == CHD_ACTION_CREATE;
  g_clear_pointer (&row->live, json_object_unref);
  row->live = json_object_ref (live);
  g_free (row->row.uid);
  row->row.uid = g_strdup (chd_kube_get_uid (live));
  record (item, CHD_NODE_CREATED, NULL);
}

static void
deleted_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Item *item = user_data;
  GError *error = NULL;

  chd_cluster_delete_finish (CHD_CLUSTER (object), result, &error);
  record (item, error == NULL ? CHD_NODE_CREATED : get_failure_state (error), error);
}

static void
delete_one (ChdCreateOp *self, ChdCreateRow *row, ChdEach *each)
{
  ChdKubeType type = CHD_KUBE_TASK;

  chd_kube_type_of (row->live, &type);
  chd_cluster_delete_async (chd_session_get_cluster (self->session), type, NULL, row->row.name, row->row.uid,
                            chd_each_get_cancellable (each), deleted_cb, item_new (each, self, row));
}

static void
do_one (ChdEach *each, guint index, gpointer data)
{
  GTask *task = data;
  ChdCreateOp *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  ChdCreateRow *row = run->due->pdata[index];

  if (run->step == STEP_IMAGES)
    {
      upload_one (self, row, each);
      return;
    }
  chd_create_op_set_row (self, row, CHD_NODE_CREATING, NULL);
  if (run->step == STEP_PRUNE)
    delete_one (self, row, each);
  else
    chd_create_apply_async (chd_session_get_cluster (self->session), row->target->object,
                            chd_each_get_cancellable (each), applied_cb, item_new (each, self, row));
}

static void step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

/* Starts the rows of this step. Takes over @task. */
static void
do_rows (GTask *task, guint parallel)
{
  ChdCreateOp *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);

  g_clear_pointer (&run->due, g_ptr_array_unref);
  run->due = g_ptr_array_new ();
  for (guint i = 0; i < self->rows->len; i++)
    {
      ChdCreateRow *row = self->rows->pdata[i];

      if (is_pending (row) && get_step (row) == run->step)
        g_ptr_array_add (run->due, row);
    }
  chd_each_async (run->due->len, parallel, do_one, task, g_task_get_cancellable (task), step_cb, task);
}

/* The end. */

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
succeed (GTask *task)
{
  ChdCreateOp *self = g_task_get_source_object (task);

  self->creation = 0;
  chd_create_op_end (self);
  chd_create_op_set_error (self, NULL);
  chd_create_op_set_state (self, CHD_CREATE_DONE);
  g_task_return_boolean (task, TRUE);
}

/* Takes over @task. */
static void
advance (GTask *task)
{
  ChdCreateOp *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);
  gint64 age = g_get_monotonic_time () - self->planned_at;

  switch (run->step)
    {
    case STEP_PLAN:
      if (self->state == CHD_CREATE_PLANNED && age < PLAN_SECONDS * G_USEC_PER_SEC)
        {
          run->step = STEP_JOURNAL;
          if (!chd_create_op_begin (self, task))
            g_object_unref (task);
          else
            advance (task);
          return;
        }
      chd_create_op_plan_async (self, cancellable, step_cb, task);
      break;
    case STEP_JOURNAL:
      chd_create_op_set_state (self, CHD_CREATE_RUNNING);
      begin_journal (self, step_cb, task);
      break;
    case STEP_IMAGES:
      do_rows (task, PARALLEL_UPLOADS);
      break;
    case STEP_TARGETS:
    case STEP_DESIGN:
    case STEP_PIPELINE:
    case STEP_PRUNE:
      do_rows (task, PARALLEL_TARGETS);
      break;
    case STEP_END_JOURNAL:
      chd_journal_end_async (chd_session_get_store (self->session), self->creation, step_cb, task);
      break;
    case STEP_DONE:
      succeed (task);
      g_object_unref (task);
      break;
    }
}

static gboolean
collect (GTask *task, GAsyncResult *result, GError **error)
{
  ChdCreateOp *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  const ChdCreateRow *trouble;

  switch (run->step)
    {
    case STEP_PLAN:
      if (!chd_create_op_plan_finish (self, result, error) || !chd_create_op_begin (self, task))
        return FALSE;
      run->step = STEP_JOURNAL;
      return TRUE;
    case STEP_JOURNAL:
      run->step = STEP_IMAGES;
      return collect_journal (self, result, error);
    case STEP_IMAGES:
      run->step = STEP_TARGETS;
      return chd_each_finish (result, error) && compile_again (self, error);
    case STEP_TARGETS:
    case STEP_DESIGN:
    case STEP_PIPELINE:
    case STEP_PRUNE:
      if (!chd_each_finish (result, error))
        return FALSE;
      run->step++;
      trouble = find_trouble (self);
      if (trouble == NULL)
        return TRUE;
      g_propagate_error (error, g_error_copy (trouble->row.error));
      return FALSE;
    case STEP_END_JOURNAL:
      run->step = STEP_DONE;
      return chd_journal_end_finish (result, error);
    case STEP_DONE:
      break;
    }
  g_assert_not_reached ();
}

static void
step_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  gboolean planning = run->step == STEP_PLAN;
  GError *error = NULL;

  if (collect (task, result, &error))
    advance (g_steal_pointer (&task));
  else if (planning && error != NULL)
    /* The plan has told its state already, and holds nothing any more. */
    g_task_return_error (task, error);
  else if (error != NULL)
    fail (task, error);
}

void
chd_create_op_run_async (ChdCreateOp *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (CHD_IS_CREATE_OP (self));

  g_task_set_source_tag (task, chd_create_op_run_async);
  g_task_set_task_data (task, g_new0 (Run, 1), (GDestroyNotify) run_free);
  advance (task);
}

gboolean
chd_create_op_run_finish (ChdCreateOp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
