/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Starting a run: one press is one run.
 *
 *  (1) The name is in the journal before the request is sent, and the request carries a mark of its own.
 *  (2) When the answer is lost (or the server failed in the middle), the engine is asked for that name: a run with our
 *      mark is ours; when there is none it is sent again under the same name.
 *  (3) A run of that name without our mark is somebody else's: another name is chosen.
 *  (4) A refusal takes the name out of the journal. When in the end nobody can say, it stays there. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-compiler.h"
#include "chd-error.h"
#include "chd-kube.h"
#include "chd-run-history.h"
#include "chd-run-private.h"
#include "chd-util.h"
#include "chd-wire-error.h"

#define MAX_ASKS 6
#define FIRST_WAIT_MILLISECONDS 100
#define MAX_NAMES 5

typedef enum
{
  STEP_CHECK, /* is the chain on the engine? */
  STEP_JOURNAL,
  STEP_SEND,
  STEP_ASK, /* what came of it? */
  STEP_FORGET,
  STEP_RECORD,
  STEP_DONE,
} StartStep;

typedef struct
{
  StartStep step;
  ChdChain *chain;         /* (owned) */
  ChdCatalogue *catalogue; /* (owned) */
  GVariant *params;        /* (owned) */
  char *request;           /* (owned): the mark */
  JsonObject *object;      /* (owned): what is sent */
  JsonObject *made;        /* (owned) (nullable): what the engine has */
  GError *error;           /* (owned) (nullable): why it is asked, or why it was refused */
  guint n_asks;
  guint n_names;
  gboolean again;  /* after forgetting: under another name */
  GSource *source; /* (owned) (nullable) */
} Start;

static void
start_free (Start *start)
{
  if (start->source != NULL)
    g_source_destroy (start->source);
  g_clear_pointer (&start->source, g_source_unref);
  g_clear_object (&start->chain);
  g_clear_object (&start->catalogue);
  g_clear_pointer (&start->params, g_variant_unref);
  g_clear_pointer (&start->object, json_object_unref);
  g_clear_pointer (&start->made, json_object_unref);
  g_clear_error (&start->error);
  g_free (start->request);
  g_free (start);
}

static gboolean
make_object (Start *start, GError **error)
{
  g_autofree char *suffix = chd_str_random_suffix (5);
  g_autofree char *name = g_strdup_printf ("%s-run-%s", chd_chain_get_head (start->chain)->item.id, suffix);

  g_clear_pointer (&start->object, json_object_unref);
  start->object = chd_compile_run (start->chain, start->catalogue, name, start->params, error);
  if (start->object == NULL)
    return FALSE;
  chd_kube_set_label (start->object, CHD_LABEL_RUN, name);
  chd_kube_set_annotation (start->object, CHD_ANNOTATION_REQUEST, start->request);
  start->n_names++;
  return TRUE;
}

static void
write_record (GTask *task, const char *state, GAsyncReadyCallback callback)
{
  ChdSession *session = g_task_get_source_object (task);
  Start *start = g_task_get_task_data (task);
  ChdRunRecord record = { 0 };

  record.name = (char *) chd_kube_get_name (start->object);
  record.chain = chd_chain_get_head (start->chain)->item.id;
  record.state = (char *) state;
  record.uid = start->made != NULL ? (char *) chd_kube_get_uid (start->made) : NULL;
  if (start->made == NULL || !chd_parse_timestamp (chd_kube_get_creation_timestamp (start->made), &record.created_at))
    record.created_at = g_get_real_time () / G_USEC_PER_SEC;
  chd_run_history_write_async (chd_session_get_store (session), chd_session_get_engine_id (session), &record, callback,
                               task);
}

static void step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

static gboolean
ask_cb (gpointer user_data)
{
  GTask *task = user_data;
  Start *start = g_task_get_task_data (task);

  chd_cluster_get_async (chd_session_get_cluster (g_task_get_source_object (task)), CHD_KUBE_PIPELINE_RUN, NULL,
                         chd_kube_get_name (start->object), g_task_get_cancellable (task), step_cb,
                         g_object_ref (task));
  return G_SOURCE_REMOVE;
}

/* The first time at once, then after longer and longer waits. */
static void
start_ask (GTask *task)
{
  Start *start = g_task_get_task_data (task);

  g_clear_pointer (&start->source, g_source_unref);
  start->source =
      start->n_asks == 0 ? g_idle_source_new () : g_timeout_source_new (FIRST_WAIT_MILLISECONDS << start->n_asks);
  start->n_asks++;
  g_task_attach_source (task, start->source, ask_cb);
}

/* Takes over @task. */
static void
advance (GTask *task)
{
  ChdSession *session = g_task_get_source_object (task);
  ChdCluster *cluster = chd_session_get_cluster (session);
  Start *start = g_task_get_task_data (task);
  GCancellable *cancellable = g_task_get_cancellable (task);

  switch (start->step)
    {
    case STEP_CHECK:
      chd_cluster_get_async (cluster, CHD_KUBE_PIPELINE, NULL, chd_chain_get_head (start->chain)->item.id, cancellable,
                             step_cb, task);
      break;
    case STEP_JOURNAL:
      write_record (task, CHD_RUN_HISTORY_STARTING, step_cb);
      break;
    case STEP_SEND:
      chd_cluster_create_async (cluster, start->object, CHD_WRITE_DEFAULT, cancellable, step_cb, task);
      break;
    case STEP_ASK:
      start_ask (task);
      g_object_unref (task);
      break;
    case STEP_FORGET:
      chd_run_history_remove_async (chd_session_get_store (session), chd_session_get_engine_id (session),
                                    chd_kube_get_name (start->object), step_cb, task);
      break;
    case STEP_RECORD:
      write_record (task, chd_node_state_to_string (CHD_NODE_PROCESSING), step_cb);
      break;
    case STEP_DONE:
      g_task_return_pointer (task, chd_run_new (session, start->chain, start->catalogue, start->made), g_object_unref);
      g_object_unref (task);
      break;
    }
}

/* Whether the server may have done it all the same. */
static gboolean
is_uncertain (const GError *error)
{
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_CORRUPT) || chd_error_get_status (error) >= 500;
}

static gboolean
is_ours (Start *start, JsonObject *run)
{
  return g_strcmp0 (chd_kube_get_annotation (run, CHD_ANNOTATION_REQUEST), start->request) == 0;
}

static gboolean
collect_check (Start *start, GObject *object, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) pipeline = chd_cluster_get_finish (CHD_CLUSTER (object), result, &local);

  start->step = STEP_JOURNAL;
  if (pipeline != NULL)
    return TRUE;
  if (g_error_matches (local, CHD_ERROR, CHD_ERROR_NOT_FOUND))
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_FOUND,
                 /* Translators: %s is a chain's title */
                 _ ("The chain “%s” is not on the engine yet. Create it, then run it."),
                 chd_item_get_title (chd_chain_get_head (start->chain)));
  else
    g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static gboolean
collect_send (Start *start, GObject *object, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;

  start->made = chd_cluster_create_finish (CHD_CLUSTER (object), result, &local);
  if (start->made != NULL)
    {
      start->step = STEP_RECORD;
      return TRUE;
    }
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  g_clear_error (&start->error);
  start->step = is_uncertain (local) || chd_wire_error_is_already_exists (local) ? STEP_ASK : STEP_FORGET;
  start->error = g_steal_pointer (&local);
  return TRUE;
}

static gboolean
collect_ask (Start *start, GObject *object, GAsyncResult *result, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) run = chd_cluster_get_finish (CHD_CLUSTER (object), result, &local);

  if (run != NULL)
    {
      start->step = STEP_RECORD;
      if (is_ours (start, run))
        start->made = g_steal_pointer (&run);
      else
        start->step = STEP_FORGET, start->again = TRUE;
      return TRUE;
    }
  if (g_error_matches (local, CHD_ERROR, CHD_ERROR_NOT_FOUND) && start->n_asks < MAX_ASKS)
    {
      start->step = STEP_SEND;
      return TRUE;
    }
  if (is_uncertain (local) && start->n_asks < MAX_ASKS)
    return TRUE;
  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  /* Translators: %s is the name of a run */
  g_set_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE,
               _ ("The engine did not answer, so it is not known whether the run “%s” was started. Look at the list of "
                  "runs when it answers again."),
               chd_kube_get_name (start->object));
  if (error != NULL)
    chd_error_set_details (*error, start->error->message);
  return FALSE;
}

static gboolean
collect_forget (Start *start, GAsyncResult *result, GError **error)
{
  if (!chd_run_history_remove_finish (result, error))
    return FALSE;
  if (start->again && start->n_names < MAX_NAMES)
    {
      start->again = FALSE;
      start->step = STEP_JOURNAL;
      return make_object (start, error);
    }
  g_propagate_error (error, g_steal_pointer (&start->error));
  return FALSE;
}

static gboolean
collect (Start *start, GObject *object, GAsyncResult *result, GError **error)
{
  switch (start->step)
    {
    case STEP_CHECK:
      return collect_check (start, object, result, error);
    case STEP_JOURNAL:
      start->step = STEP_SEND;
      return chd_run_history_write_finish (result, error);
    case STEP_SEND:
      return collect_send (start, object, result, error);
    case STEP_ASK:
      return collect_ask (start, object, result, error);
    case STEP_FORGET:
      return collect_forget (start, result, error);
    case STEP_RECORD:
      start->step = STEP_DONE;
      return chd_run_history_write_finish (result, error);
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

  if (collect (g_task_get_task_data (task), object, result, &error))
    advance (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

void
chd_run_start_async (ChdSession *session,
                     ChdChain *chain,
                     ChdCatalogue *catalogue,
                     GVariant *params,
                     GCancellable *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Start *start = g_new0 (Start, 1);
  GError *error = NULL;

  g_task_set_source_tag (task, chd_run_start_async);
  g_task_set_task_data (task, start, (GDestroyNotify) start_free);
  start->chain = g_object_ref (chain);
  start->catalogue = g_object_ref (catalogue);
  start->params = g_variant_ref_sink (params != NULL ? params : g_variant_new ("a{sv}", NULL));
  start->request = g_uuid_string_random ();
  if (make_object (start, &error))
    {
      advance (task);
      return;
    }
  g_task_return_error (task, error);
  g_object_unref (task);
}

ChdRun *
chd_run_start_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
