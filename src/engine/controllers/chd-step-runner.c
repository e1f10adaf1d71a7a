/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Which steps are to run, which of them may run now, and which are to end. What is wanted is asked again of the stored
 * run whenever a step has come to its end. */

#include "config.h"

#include "chd-step-work.h"

#include "chd-json.h"
#include "chd-task-prepare.h"

#define STEPS_PER_CORE 2

static void start_next (ChdStepRunner *self);

static void
free_place (ChdStepWork *work)
{
  if (work->counted)
    work->runner->n_taken--;
  work->counted = FALSE;
}

void
chd_step_runner_give_place (ChdStepWork *work)
{
  free_place (work);
  start_next (work->runner);
}

void
chd_step_runner_queue (ChdStepWork *work)
{
  work->stage = STAGE_QUEUED;
  g_queue_push_tail (&work->runner->queue, work);
  start_next (work->runner);
}

void
chd_step_runner_finish (ChdStepWork *work)
{
  ChdStepRunner *self = work->runner;
  JsonObject *run;
  ChdStepKey key;

  if (self == NULL)
    return;
  free_place (work);
  key.namespace_ = g_strdup (work->key.namespace_);
  key.run = g_strdup (work->key.run);
  key.uid = g_strdup (work->key.uid);
  work->runner = NULL;
  g_hash_table_remove (self->works, key.uid);

  run = chd_object_store_get (self->store, CHD_RESOURCE_TASK_RUNS, key.namespace_, key.run);
  if (run != NULL && g_strcmp0 (chd_kube_get_uid (run), key.uid) == 0)
    chd_step_runner_consider (self, run);
  start_next (self);
  if (self->changed != NULL)
    self->changed (self->user_data);
  chd_step_key_clear (&key);
}

static void
start_next (ChdStepRunner *self)
{
  ChdStepWork *work;

  while (self->n_taken < self->n_places && (work = g_queue_pop_head (&self->queue)) != NULL)
    {
      self->n_taken++;
      work->counted = TRUE;
      chd_step_work_begin (work);
    }
  for (GList *link = self->queue.head; link != NULL; link = link->next)
    {
      g_autofree char *message = NULL;

      work = link->data;
      /* A task that has begun goes on "Running"; only one whose first step waits has something to explain. */
      if (work->told || work->key.index > 0)
        continue;
      work->told = TRUE;
      message = g_strdup_printf (
          "TaskRun Pod exceeded available resources: %u steps run at once on this machine, this one waits for its turn",
          self->n_places);
      chd_step_work_tell (work, "ExceededNodeResources", message);
    }
}

static void
work_stop (ChdStepWork *work)
{
  if (work->unwanted)
    return;
  work->unwanted = TRUE;
  switch (work->stage)
    {
    case STAGE_QUEUED:
      g_queue_remove (&work->runner->queue, work);
      chd_step_runner_finish (work);
      break;
    case STAGE_NO_IMAGE:
      g_clear_handle_id (&work->retry_id, g_source_remove);
      chd_step_runner_finish (work);
      break;
    case STAGE_IMAGE:
      g_cancellable_cancel (work->cancellable);
      break;
    case STAGE_RUNNING:
      chd_step_process_kill (work->process);
      break;
    case STAGE_FILES:
    case STAGE_COMMIT:
    case STAGE_RESULTS:
    case STAGE_SAVING:
    case STAGE_REFUSED:
    default:
      break; /* looked at when the stage ends */
    }
}

static gboolean
wants_step (JsonObject *run)
{
  return chd_task_run_get_due_step (run) >= 0 && !chd_kube_is_deleting (run) &&
         !g_str_equal (chd_json_lookup_string (run, "spec/status", ""), "TaskRunCancelled");
}

void
chd_step_runner_consider (ChdStepRunner *self, JsonObject *run)
{
  const char *uid = chd_kube_get_uid (run);
  ChdStepWork *work = uid != NULL ? g_hash_table_lookup (self->works, uid) : NULL;
  int due = chd_task_run_get_due_step (run);

  if (uid == NULL)
    return;
  if (work != NULL)
    {
      /* One that saves its own end is not in anybody's way. */
      if (!wants_step (run) || work->key.attempt != chd_task_run_get_attempt (run))
        work_stop (work);
      return;
    }
  if (!wants_step (run))
    return;
  work = chd_step_work_new (self);
  chd_step_key_init (&work->key, run, (guint) due);
  g_hash_table_insert (self->works, g_strdup (uid), work);
  work->stage = STAGE_QUEUED;
  if (due > 0)
    g_queue_push_head (&self->queue, work);
  else
    g_queue_push_tail (&self->queue, work);
  start_next (self);
  if (self->changed != NULL)
    self->changed (self->user_data);
}

void
chd_step_runner_forget (ChdStepRunner *self, const char *uid)
{
  ChdStepWork *work = uid != NULL ? g_hash_table_lookup (self->works, uid) : NULL;

  if (work != NULL)
    work_stop (work);
}

static void
adopt_row (ChdStepRunner *self, JsonObject *row)
{
  ChdStepWork *work = chd_step_work_new (self);
  JsonObject *run;
  guint64 start_time = g_ascii_strtoull (chd_json_string (row, "startTime", "0"), NULL, 10);

  if (!chd_step_key_init_from_row (&work->key, row))
    {
      chd_step_work_unref (work);
      return;
    }
  work->adopted = TRUE;
  work->counted = TRUE;
  self->n_taken++;
  work->process = chd_step_process_adopt ((GPid) chd_json_int (row, "pid", 0), start_time,
                                          chd_json_string (row, "bootId", ""), chd_json_string (row, "record", ""));
  g_hash_table_replace (self->works, g_strdup (work->key.uid), work);
  chd_step_work_watch (work);
  run = chd_step_work_find_run (work);
  if (run == NULL || !wants_step (run) || work->key.attempt != chd_task_run_get_attempt (run))
    work_stop (work);
}

void
chd_step_runner_adopt (ChdStepRunner *self)
{
  g_autoptr (GPtrArray) rows = chd_object_store_list (self->store, CHD_RESOURCE_STEPS, NULL);

  for (guint i = 0; i < rows->len; i++)
    adopt_row (self, g_ptr_array_index (rows, i));
}

guint
chd_step_runner_get_n_steps (ChdStepRunner *self)
{
  return g_hash_table_size (self->works);
}

gboolean
chd_step_runner_has (ChdStepRunner *self, const char *uid)
{
  return uid != NULL && g_hash_table_contains (self->works, uid);
}

ChdStepRunner *
chd_step_runner_new (ChdObjectStore *store,
                     ChdEngineClock *clock,
                     ChdImageStore *images,
                     ChdSandbox *sandbox,
                     const char *folder,
                     ChdStepRunnerFunc changed,
                     gpointer user_data)
{
  ChdStepRunner *self = g_new0 (ChdStepRunner, 1);

  self->store = g_object_ref (store);
  self->clock = chd_engine_clock_ref (clock);
  self->images = g_object_ref (images);
  self->sandbox = g_object_ref (sandbox);
  self->folder = g_strdup (folder);
  self->works = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, chd_step_work_unref);
  g_queue_init (&self->queue);
  self->n_places = MAX (g_get_num_processors (), 1) * STEPS_PER_CORE;
  self->changed = changed;
  self->user_data = user_data;
  return self;
}

void
chd_step_runner_free (ChdStepRunner *self)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->works);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      ChdStepWork *work = value;

      work->runner = NULL;
      g_clear_handle_id (&work->retry_id, g_source_remove);
      if (work->cancellable != NULL)
        g_cancellable_cancel (work->cancellable);
    }
  g_queue_clear (&self->queue);
  g_hash_table_unref (self->works);
  g_object_unref (self->store);
  g_object_unref (self->images);
  g_object_unref (self->sandbox);
  chd_engine_clock_unref (self->clock);
  g_free (self->folder);
  g_free (self);
}
