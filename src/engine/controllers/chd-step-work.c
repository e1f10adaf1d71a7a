/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The stages of one step: image, files, process, commit, release, end, results, commit. */

#include "config.h"

#include "chd-step-work.h"

#include "chd-error.h"
#include "chd-json.h"
#include "chd-reconcile.h"
#include "chd-step-files.h"

/* How long to wait before looking for a missing image again, and before storing again what could not be stored. */
#define IMAGE_RETRY_SECONDS 5
#define STORE_RETRY_SECONDS 2

static void work_save (ChdStepWork *work);

ChdStepWork *
chd_step_work_new (ChdStepRunner *self)
{
  ChdStepWork *work = g_new0 (ChdStepWork, 1);

  work->ref_count = 1;
  work->runner = self;
  return work;
}

ChdStepWork *
chd_step_work_ref (ChdStepWork *work)
{
  work->ref_count++;
  return work;
}

void
chd_step_work_unref (gpointer data)
{
  ChdStepWork *work = data;

  if (--work->ref_count > 0)
    return;
  g_clear_handle_id (&work->retry_id, g_source_remove);
  if (work->process != NULL)
    g_signal_handlers_disconnect_by_data (work->process, work);
  g_clear_object (&work->process);
  g_clear_object (&work->cancellable);
  g_clear_pointer (&work->image, chd_image_unref);
  g_clear_pointer (&work->plan, chd_step_plan_free);
  g_strfreev (work->outcome.names);
  g_strfreev (work->outcome.values);
  g_free (work->outcome.problem);
  g_free (work->exit_message);
  g_free (work->reason);
  g_free (work->message);
  chd_step_key_clear (&work->key);
  g_free (work);
}

/* Transactions about one Work: @data is a Work, held for the time of the transaction. */

static void
wait_func (ChdReconcile *reconcile, gpointer data)
{
  ChdStepWork *work = data;

  chd_task_run_step_waits (reconcile, &work->key, work->reason, work->message,
                           g_str_equal (work->reason, "PullImageFailed") ? "ErrImagePull" : NULL, work->message);
}

static void
ignore_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  if (!chd_reconcile_finish (CHD_OBJECT_STORE (object), result, NULL, &error))
    g_debug ("A TaskRun's condition could not be stored: %s", error->message);
}

/* A copy for telling: the Work goes on meanwhile. */
void
chd_step_work_tell (ChdStepWork *work, const char *reason, const char *message)
{
  ChdStepWork *copy = g_new0 (ChdStepWork, 1);

  copy->ref_count = 1;
  copy->key.namespace_ = g_strdup (work->key.namespace_);
  copy->key.run = g_strdup (work->key.run);
  copy->key.uid = g_strdup (work->key.uid);
  copy->key.attempt = work->key.attempt;
  copy->key.index = work->key.index;
  copy->reason = g_strdup (reason);
  copy->message = g_strdup (message);
  chd_reconcile_async (work->runner->store, work->runner->clock, wait_func, copy, chd_step_work_unref, ignore_cb, NULL);
}

static gboolean
save_again_cb (gpointer user_data)
{
  ChdStepWork *work = user_data;

  work->retry_id = 0;
  work_save (work);
  return G_SOURCE_REMOVE;
}

static void
refused_func (ChdReconcile *reconcile, gpointer data)
{
  ChdStepWork *work = data;

  chd_task_run_step_refused (reconcile, &work->key, work->reason, work->message);
}

static void
ended_func (ChdReconcile *reconcile, gpointer data)
{
  ChdStepWork *work = data;

  chd_task_run_step_ended (reconcile, &work->key, &work->outcome);
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdStepWork *work = user_data;
  g_autoptr (GError) error = NULL;

  if (chd_reconcile_finish (CHD_OBJECT_STORE (object), result, NULL, &error))
    {
      chd_step_runner_finish (work);
      return;
    }
  /* A full disk, perhaps: the end is kept until there is room. */
  g_debug ("The end of a step could not be stored: %s", error->message);
  if (work->runner != NULL && work->retry_id == 0)
    work->retry_id = g_timeout_add_seconds (STORE_RETRY_SECONDS, save_again_cb, work);
}

/* Stores the end of the step, or why it never began. */
static void
work_save (ChdStepWork *work)
{
  if (work->runner == NULL)
    return;
  chd_reconcile_async (work->runner->store, work->runner->clock,
                       work->stage == STAGE_REFUSED ? refused_func : ended_func, chd_step_work_ref (work),
                       chd_step_work_unref, saved_cb, work);
}

static void
work_refuse (ChdStepWork *work, const char *reason, const char *message)
{
  work->stage = STAGE_REFUSED;
  g_free (work->reason);
  g_free (work->message);
  work->reason = g_strdup (reason);
  work->message = g_strdup (message);
  work_save (work);
}

typedef struct
{
  GPtrArray *results; /* of ChdPlanResult, borrowed from the Work's plan */
  char **names;
  char **values;
  char *problem;
} Reading;

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_strfreev (reading->names);
  g_strfreev (reading->values);
  g_free (reading->problem);
  g_free (reading);
}

static void
read_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Reading *reading = data;

  reading->problem = chd_step_files_read_results (reading->results, &reading->names, &reading->values);
  g_task_return_boolean (task, TRUE);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdStepWork *work = user_data;
  Reading *reading = g_task_get_task_data (G_TASK (result));

  work->outcome.names = g_steal_pointer (&reading->names);
  work->outcome.values = g_steal_pointer (&reading->values);
  work->outcome.problem = g_steal_pointer (&reading->problem);
  work->stage = STAGE_SAVING;
  work_save (work);
  chd_step_work_unref (work);
}

static JsonObject *
find_config_map (const char *namespace_, const char *name, gpointer user_data)
{
  ChdStepRunner *self = user_data;

  return chd_object_store_get (self->store, CHD_RESOURCE_CONFIG_MAPS, namespace_, name);
}

JsonObject *
chd_step_work_find_run (ChdStepWork *work)
{
  JsonObject *run =
      chd_object_store_get (work->runner->store, CHD_RESOURCE_TASK_RUNS, work->key.namespace_, work->key.run);

  return run != NULL && g_strcmp0 (chd_kube_get_uid (run), work->key.uid) == 0 ? run : NULL;
}

static gboolean
work_make_plan (ChdStepWork *work, GError **error)
{
  ChdStepRunner *self = work->runner;
  JsonObject *run = chd_step_work_find_run (work);
  const char *owner_name = run != NULL ? chd_kube_get_controller_name (run, "PipelineRun") : NULL;
  JsonObject *owner = owner_name != NULL ? chd_object_store_get (self->store, CHD_RESOURCE_PIPELINE_RUNS,
                                                                 work->key.namespace_, owner_name)
                                         : NULL;

  if (run == NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_NOT_FOUND, "the TaskRun is gone");
      return FALSE;
    }
  work->plan = chd_step_plan_new (run, work->key.index, owner, self->folder, find_config_map, self, error);
  return work->plan != NULL;
}

static void
exited_cb (ChdStepProcess *process, gpointer user_data)
{
  ChdStepWork *work = user_data;
  const ChdStepExit *exit = chd_step_process_get_exit (process);
  g_autoptr (GTask) task = NULL;
  Reading *reading;

  if (work->runner == NULL || work->stage != STAGE_RUNNING)
    return;
  work->exit_message = g_strdup (exit->message);
  work->outcome.exit = *exit;
  work->outcome.exit.message = work->exit_message;
  work->outcome.adopted = work->adopted;
  work->outcome.released = work->released;
  if (exit->end != CHD_STEP_EXITED || (work->plan == NULL && !work_make_plan (work, NULL)))
    {
      work->stage = STAGE_SAVING;
      work_save (work);
      return;
    }
  work->stage = STAGE_RESULTS;
  reading = g_new0 (Reading, 1);
  reading->results = work->plan->results;
  task = g_task_new (NULL, NULL, read_cb, chd_step_work_ref (work));
  g_task_set_task_data (task, reading, reading_free);
  g_task_run_in_thread (task, read_thread);
}

void
chd_step_work_watch (ChdStepWork *work)
{
  work->stage = STAGE_RUNNING;
  g_signal_connect (work->process, "exited", G_CALLBACK (exited_cb), work);
}

static void
started_func (ChdReconcile *reconcile, gpointer data)
{
  ChdStepWork *work = data;
  ChdStepRow row = { chd_step_process_get_pid (work->process), chd_step_process_get_start_time (work->process),
                     chd_step_process_get_boot_id (work->process), work->plan->record_path,
                     chd_image_get_image_id (work->image) };

  work->started = chd_task_run_step_started (reconcile, &work->key, &row);
}

static void
started_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdStepWork *work = user_data;
  g_autoptr (GError) error = NULL;

  if (work->runner == NULL)
    return;
  if (!chd_reconcile_finish (CHD_OBJECT_STORE (object), result, NULL, &error))
    {
      g_debug ("The start of a step could not be stored: %s", error->message);
      work->started = FALSE;
    }
  if (!work->started)
    {
      g_clear_object (&work->process); /* the gate closes: it never ran */
      chd_step_runner_finish (work);
      return;
    }
  chd_step_work_watch (work);
  if (work->unwanted)
    {
      chd_step_process_kill (work->process);
      return;
    }
  work->released = TRUE;
  chd_step_process_release (work->process);
}

static ChdStepSpec *
make_spec (ChdStepWork *work)
{
  ChdStepPlan *plan = work->plan;
  ChdStepSpec *spec = chd_step_spec_new (work->image);
  g_autoptr (GStrvBuilder) argv = g_strv_builder_new ();
  g_auto (GStrv) words = NULL;
  ChdStepLimits limits = { .seconds = plan->seconds };
  const char *const *entrypoint = chd_image_get_entrypoint (work->image);
  const char *const *cmd = chd_image_get_cmd (work->image);

  g_strv_builder_addv (argv, plan->command != NULL ? (const char **) plan->command : (const char **) entrypoint);
  if (plan->args != NULL)
    g_strv_builder_addv (argv, (const char **) plan->args);
  else if (plan->command == NULL)
    g_strv_builder_addv (argv, (const char **) cmd);
  words = g_strv_builder_end (argv);
  chd_step_spec_set_argv (spec, (const char *const *) words);
  for (guint i = 0; i + 1 < plan->env->len; i += 2)
    chd_step_spec_set_env (spec, g_ptr_array_index (plan->env, i), g_ptr_array_index (plan->env, i + 1));
  if (plan->working_dir != NULL)
    chd_step_spec_set_working_dir (spec, plan->working_dir);
  for (guint i = 0; i < plan->binds->len; i++)
    {
      const ChdPlanBind *bind = g_ptr_array_index (plan->binds, i);
      g_autofree char *path = chd_step_files_bind_path (bind);

      chd_step_spec_add_bind (spec, path, bind->sandbox, bind->writable);
    }
  chd_step_spec_set_network (spec, plan->network);
  chd_step_spec_set_limits (spec, &limits);
  chd_step_spec_set_log_path (spec, plan->log_path);
  chd_step_spec_set_record_path (spec, plan->record_path);
  return words[0] != NULL ? spec : (chd_step_spec_free (spec), NULL);
}

static void
files_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (chd_step_files_make (data, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
files_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdStepWork *work = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdStepSpec) spec = NULL;
  gboolean ok = g_task_propagate_boolean (G_TASK (result), &error);

  if (work->runner == NULL || work->unwanted)
    {
      chd_step_runner_finish (work);
    }
  else if (!ok)
    {
      work_refuse (work, "PodCreationFailed", error->message);
    }
  else if ((spec = make_spec (work)) == NULL)
    {
      work_refuse (work, "CreateContainerConfigError", "no command specified: the image has none either");
    }
  else if ((work->process = chd_step_process_spawn (work->runner->sandbox, spec, &error)) == NULL)
    {
      work_refuse (work, "PodCreationFailed", error->message);
    }
  else
    {
      work->stage = STAGE_COMMIT;
      chd_reconcile_async (work->runner->store, work->runner->clock, started_func, chd_step_work_ref (work),
                           chd_step_work_unref, started_cb, work);
    }
  chd_step_work_unref (work);
}

static gboolean
image_again_cb (gpointer user_data)
{
  ChdStepWork *work = user_data;

  work->retry_id = 0;
  chd_step_runner_queue (work);
  return G_SOURCE_REMOVE;
}

static void
work_no_image (ChdStepWork *work, const GError *error)
{
  JsonObject *run = chd_step_work_find_run (work);
  JsonObject *step = chd_json_object_at (chd_json_lookup_array (run, "status/steps"), work->key.index);
  g_autofree char *message = g_strdup_printf ("build step \"%s\" is pending with reason \"%s\"",
                                              chd_json_string (step, "container", ""), error->message);

  if (!g_error_matches (error, CHD_ERROR, CHD_ERROR_IMAGE_MISSING))
    {
      g_autofree char *text = g_strdup_printf (
          "the step \"%s\" in TaskRun \"%s\" failed to pull the image \"%s\". The pod errored with the "
          "message: \"%s.\"",
          chd_json_string (step, "name", ""), work->key.run, work->plan->image, error->message);

      work_refuse (work, "TaskRunImagePullFailed", text);
      return;
    }
  /* It may be pushed yet. Until then, or until its time is up, the run waits without holding a place. */
  chd_step_work_tell (work, "PullImageFailed", message);
  g_clear_pointer (&work->plan, chd_step_plan_free);
  work->stage = STAGE_NO_IMAGE;
  work->retry_id = g_timeout_add_seconds (IMAGE_RETRY_SECONDS, image_again_cb, work);
  chd_step_runner_give_place (work);
}

static void
image_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdStepWork *work = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;

  work->image = chd_image_store_resolve_finish (CHD_IMAGE_STORE (object), result, &error);
  if (work->runner == NULL || work->unwanted)
    {
      chd_step_runner_finish (work);
    }
  else if (work->image == NULL)
    {
      work_no_image (work, error);
    }
  else
    {
      work->stage = STAGE_FILES;
      task = g_task_new (NULL, NULL, files_cb, chd_step_work_ref (work));
      g_task_set_task_data (task, work->plan, NULL);
      g_task_run_in_thread (task, files_thread);
    }
  chd_step_work_unref (work);
}

void
chd_step_work_begin (ChdStepWork *work)
{
  g_autoptr (GError) error = NULL;

  work->stage = STAGE_IMAGE;
  if (!work_make_plan (work, &error))
    {
      work_refuse (work, "CreateContainerConfigError", error->message);
      return;
    }
  g_clear_object (&work->cancellable);
  work->cancellable = g_cancellable_new ();
  chd_image_store_resolve_async (work->runner->images, work->plan->image, work->cancellable, image_cb,
                                 chd_step_work_ref (work));
}
