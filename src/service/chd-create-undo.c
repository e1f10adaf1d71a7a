/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Taking a creation back: what it newly made is deleted, by its uid. Of a target whose answer was lost the engine is
 * asked; one that somebody has made anew under the name stays. */

#include "config.h"

#include "chd-chain-objects.h"
#include "chd-create-private.h"
#include "chd-journal.h"

typedef enum
{
  STEP_LIST,
  STEP_DELETE,
  STEP_END_JOURNAL,
  STEP_DONE,
} UndoStep;

typedef struct
{
  UndoStep step;
  GPtrArray *objects; /* (owned) (nullable) of JsonObject: to be deleted */
} Undo;

static void
undo_free (Undo *undo)
{
  g_clear_pointer (&undo->objects, g_ptr_array_unref);
  g_free (undo);
}

static gboolean
is_ours_to_delete (ChdCreateOp *self, JsonObject *object)
{
  const ChdCreateRow *row = chd_create_op_find_row (self, chd_kube_get_kind (object), chd_kube_get_name (object));

  return row != NULL && (row->is_new || row->row.action == CHD_ACTION_CREATE) &&
         (row->row.uid == NULL || g_strcmp0 (row->row.uid, chd_kube_get_uid (object)) == 0);
}

/* The chain's own Pipeline goes first: without it nothing refers to the rest. */
static GPtrArray *
choose_objects (ChdCreateOp *self, GPtrArray *live)
{
  GPtrArray *objects = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);

  for (guint i = 0; i < live->len; i++)
    {
      JsonObject *object = live->pdata[i];

      if (is_ours_to_delete (self, object))
        g_ptr_array_insert (objects, chd_kube_get_label (object, CHD_LABEL_NODE) == NULL ? 0 : -1,
                            json_object_ref (object));
    }
  return objects;
}

static void
forget (ChdCreateOp *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      ChdCreateRow *row = self->rows->pdata[i];

      if (!row->is_new && row->row.action != CHD_ACTION_CREATE)
        continue;
      row->is_new = FALSE;
      row->row.action = CHD_ACTION_CREATE;
      g_clear_pointer (&row->row.uid, g_free);
      g_clear_pointer (&row->live, json_object_unref);
      if (!row->blocked)
        chd_create_op_set_row (self, row, CHD_NODE_PLANNED, NULL);
    }
  self->creation = 0;
}

static void step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

/* Takes over @task. */
static void
advance (GTask *task)
{
  ChdCreateOp *self = g_task_get_source_object (task);
  Undo *undo = g_task_get_task_data (task);
  ChdCluster *cluster = chd_session_get_cluster (self->session);
  GCancellable *cancellable = g_task_get_cancellable (task);

  switch (undo->step)
    {
    case STEP_LIST:
      chd_chain_objects_list_async (cluster, chd_chain_get_head (self->chain)->item.id, FALSE, cancellable, step_cb,
                                    task);
      break;
    case STEP_DELETE:
      chd_chain_objects_delete_async (cluster, undo->objects, cancellable, step_cb, task);
      break;
    case STEP_END_JOURNAL:
      chd_journal_end_async (chd_session_get_store (self->session), self->creation, step_cb, task);
      break;
    case STEP_DONE:
      forget (self);
      chd_create_op_end (self);
      chd_create_op_set_error (self, NULL);
      chd_create_op_set_state (self, CHD_CREATE_NEW);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      break;
    }
}

static gboolean
collect (ChdCreateOp *self, Undo *undo, GAsyncResult *result, GError **error)
{
  g_autoptr (GPtrArray) live = NULL;

  switch (undo->step)
    {
    case STEP_LIST:
      live = chd_chain_objects_list_finish (result, error);
      if (live == NULL)
        return FALSE;
      undo->objects = choose_objects (self, live);
      undo->step = STEP_DELETE;
      return TRUE;
    case STEP_DELETE:
      undo->step = self->creation != 0 ? STEP_END_JOURNAL : STEP_DONE;
      return chd_chain_objects_delete_finish (result, error);
    case STEP_END_JOURNAL:
      undo->step = STEP_DONE;
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
  ChdCreateOp *self = g_task_get_source_object (task);
  GError *error = NULL;

  if (collect (self, g_task_get_task_data (task), result, &error))
    {
      advance (g_steal_pointer (&task));
      return;
    }
  chd_create_op_end (self);
  chd_create_op_set_error (self, g_error_copy (error));
  g_task_return_error (task, error);
}

void
chd_create_op_undo_async (ChdCreateOp *self,
                          GCancellable *cancellable,
                          GAsyncReadyCallback callback,
                          gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_return_if_fail (CHD_IS_CREATE_OP (self));

  g_task_set_source_tag (task, chd_create_op_undo_async);
  if (!chd_create_op_begin (self, task))
    return;
  g_task_set_task_data (task, g_new0 (Undo, 1), (GDestroyNotify) undo_free);
  advance (g_steal_pointer (&task));
}

gboolean
chd_create_op_undo_finish (ChdCreateOp *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Creations that were not ended. */

static void
listed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  GError *error = NULL;
  g_autoptr (GPtrArray) creations = chd_journal_list_finish (result, &error);

  if (creations == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  for (guint i = 0; i < creations->len; i++)
    g_ptr_array_add (names, g_strdup (((ChdJournalCreation *) creations->pdata[i])->chain));
  g_ptr_array_add (names, NULL);
  g_task_return_pointer (task, g_ptr_array_free (g_steal_pointer (&names), FALSE), (GDestroyNotify) g_strfreev);
}

void
chd_create_op_list_unfinished_async (ChdSession *session,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);

  g_task_set_source_tag (task, chd_create_op_list_unfinished_async);
  chd_journal_list_async (chd_session_get_store (session), chd_session_get_engine_id (session), listed_cb, task);
}

char **
chd_create_op_list_unfinished_finish (ChdSession *session, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
