/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The queue of things to look at. A committed change puts objects into it, so does a timer; every look is one
 * transaction. An object that changes while it is being looked at is looked at again afterwards, once. */

#include "config.h"

#include "chd-controllers.h"

#include <glib/gi18n-lib.h>

#include "chd-approval-run.h"
#include "chd-collector.h"
#include "chd-json.h"
#include "chd-pipeline-run.h"
#include "chd-reconcile.h"
#include "chd-step-runner.h"
#include "chd-task-run.h"

/* After a transaction that failed (a full disk, perhaps). */
#define RETRY_MICROSECONDS (2 * G_USEC_PER_SEC)
/* Timers are set again when they fire early; no wait of GLib's is longer than this. */
#define MAX_WAIT_MILLISECONDS (24 * 3600 * 1000)

typedef struct
{
  const char *resource; /* interned */
  char *namespace_;
  char *name;
} Key;

typedef struct
{
  Key key;
  gboolean queued;
  gboolean looking; /* a transaction is under way */
  gboolean again;   /* it changed meanwhile */
  guint timer_id;
} Item;

struct _ChdControllers
{
  GObject parent_instance;

  ChdObjectStore *store;
  ChdImageStore *images;
  ChdSandbox *sandbox;
  char *folder;
  ChdEngineClock *clock;
  ChdStepRunner *runner;   /* (nullable) when not started */
  ChdCollector *collector; /* (nullable) when not started */
  GHashTable *items;       /* (element-type Key Item): runs that have not ended */
  GQueue queue;            /* (element-type Item), borrowed */
  guint idle_id;
  guint n_looking;
  gulong committed_id;
  gboolean was_idle;
};

typedef enum
{
  PROP_IDLE = 1,
} ChdControllersProperty;
static GParamSpec *properties[PROP_IDLE + 1];

G_DEFINE_FINAL_TYPE (ChdControllers, chd_controllers, G_TYPE_OBJECT)

static void enqueue (ChdControllers *self, Item *item);
static void drop_when_done (ChdControllers *self, Item *item);

static guint
key_hash (gconstpointer data)
{
  const Key *key = data;

  return g_str_hash (key->name) * 31 + g_str_hash (key->namespace_) * 17 + g_direct_hash (key->resource);
}

static gboolean
key_equal (gconstpointer a, gconstpointer b)
{
  const Key *first = a;
  const Key *second = b;

  return first->resource == second->resource && g_str_equal (first->name, second->name) &&
         g_str_equal (first->namespace_, second->namespace_);
}

static void
item_free (gpointer data)
{
  Item *item = data;

  g_clear_handle_id (&item->timer_id, g_source_remove);
  g_free (item->key.namespace_);
  g_free (item->key.name);
  g_free (item);
}

static JsonObject *
find_object (ChdControllers *self, const Key *key)
{
  return chd_object_store_get (self->store, key->resource, key->namespace_, key->name);
}

/* Whether the engine has to stay for it. One that is held until somebody starts it is not under way. */
static gboolean
is_under_way (JsonObject *run)
{
  const char *asked = chd_json_lookup_string (run, "spec/status", "");
  gboolean started = chd_json_lookup_string (run, "status/startTime", NULL) != NULL;

  if (run == NULL || chd_run_is_done (run) || chd_run_is_managed_by_other (run))
    return FALSE;
  return started || (!g_str_equal (asked, "PipelineRunPending") && !g_str_equal (asked, "TaskRunPending"));
}

gboolean
chd_controllers_is_idle (ChdControllers *self)
{
  GHashTableIter iter;
  gpointer value;

  g_return_val_if_fail (CHD_IS_CONTROLLERS (self), TRUE);

  if (self->n_looking > 0 || !g_queue_is_empty (&self->queue) ||
      (self->runner != NULL && chd_step_runner_get_n_steps (self->runner) > 0))
    return FALSE;
  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (is_under_way (find_object (self, &((Item *) value)->key)))
      return FALSE;
  return TRUE;
}

static void
check_idle (gpointer user_data)
{
  ChdControllers *self = user_data;
  gboolean idle;

  /* With many runs under way, finding the first of them is all the work there is. */
  idle = chd_controllers_is_idle (self);
  if (idle == self->was_idle)
    return;
  self->was_idle = idle;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IDLE]);
}

typedef struct
{
  ChdControllers *self; /* (owned) */
  Key key;
} Look;

static void
look_free (gpointer data)
{
  Look *look = data;

  g_object_unref (look->self);
  g_free (look->key.namespace_);
  g_free (look->key.name);
  g_free (look);
}

static Look *
look_new (ChdControllers *self, const Key *key)
{
  Look *look = g_new0 (Look, 1);

  look->self = g_object_ref (self);
  look->key.resource = key->resource;
  look->key.namespace_ = g_strdup (key->namespace_);
  look->key.name = g_strdup (key->name);
  return look;
}

/* In the writer thread; reads nothing of the controllers but the key. */
static void
look_func (ChdReconcile *reconcile, gpointer data)
{
  const Key *key = &((const Look *) data)->key;

  if (g_str_equal (key->resource, CHD_RESOURCE_PIPELINE_RUNS))
    chd_pipeline_run_reconcile (reconcile, key->namespace_, key->name);
  else if (g_str_equal (key->resource, CHD_RESOURCE_TASK_RUNS))
    chd_task_run_reconcile (reconcile, key->namespace_, key->name);
  else
    chd_custom_run_reconcile (reconcile, key->namespace_, key->name);
}

static gboolean
timer_cb (gpointer user_data)
{
  Look *look = user_data;
  Item *item = g_hash_table_lookup (look->self->items, &look->key);

  if (item == NULL)
    return G_SOURCE_REMOVE;
  item->timer_id = 0;
  enqueue (look->self, item);
  return G_SOURCE_REMOVE;
}

static void
set_timer (ChdControllers *self, Item *item, gint64 microseconds)
{
  guint milliseconds;

  g_clear_handle_id (&item->timer_id, g_source_remove);
  if (microseconds < 0 || self->runner == NULL)
    return;
  milliseconds = (guint) MIN (microseconds / 1000 + 1, MAX_WAIT_MILLISECONDS);
  item->timer_id =
      g_timeout_add_full (G_PRIORITY_DEFAULT, milliseconds, timer_cb, look_new (self, &item->key), look_free);
}

static void
looked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Look *look = user_data;
  g_autoptr (ChdControllers) self = g_object_ref (look->self);
  Item *item = g_hash_table_lookup (self->items, &look->key);
  g_autoptr (GError) error = NULL;
  gint64 again = -1;

  self->n_looking--;
  if (!chd_reconcile_finish (CHD_OBJECT_STORE (object), result, &again, &error))
    {
      g_debug ("%s %s could not be looked at: %s", look->key.resource, look->key.name, error->message);
      again = RETRY_MICROSECONDS;
    }
  if (self->runner == NULL || item == NULL)
    {
      check_idle (self);
      return;
    }
  item->looking = FALSE;
  set_timer (self, item, again);
  if (item->again)
    enqueue (self, item);
  drop_when_done (self, item);
  check_idle (self);
}

static gboolean
work_cb (gpointer user_data)
{
  ChdControllers *self = user_data;
  Item *item;

  self->idle_id = 0;
  while ((item = g_queue_pop_head (&self->queue)) != NULL)
    {
      Look *look = look_new (self, &item->key);

      item->queued = FALSE;
      item->looking = TRUE;
      item->again = FALSE;
      self->n_looking++;
      chd_reconcile_async (self->store, self->clock, look_func, look, look_free, looked_cb, look);
    }
  return G_SOURCE_REMOVE;
}

static void
enqueue (ChdControllers *self, Item *item)
{
  if (item->looking)
    {
      item->again = TRUE;
      return;
    }
  if (item->queued)
    return;
  item->queued = TRUE;
  g_queue_push_tail (&self->queue, item);
  if (self->idle_id == 0)
    self->idle_id = g_idle_add_full (G_PRIORITY_DEFAULT, work_cb, self, NULL);
}

static gboolean
is_run (const char *resource)
{
  return g_str_equal (resource, CHD_RESOURCE_PIPELINE_RUNS) || g_str_equal (resource, CHD_RESOURCE_TASK_RUNS) ||
         g_str_equal (resource, CHD_RESOURCE_CUSTOM_RUNS);
}

/* Puts a run that has not ended into the queue. */
static void
look_later (ChdControllers *self, const char *resource, const char *namespace_, const char *name)
{
  Key key = { g_intern_string (resource), (char *) namespace_, (char *) name };
  Item *item;
  JsonObject *run;

  if (namespace_ == NULL || name == NULL)
    return;
  item = g_hash_table_lookup (self->items, &key);
  if (item == NULL)
    {
      run = find_object (self, &key);
      if (run == NULL || chd_run_is_done (run))
        return;
      item = g_new0 (Item, 1);
      item->key.resource = key.resource;
      item->key.namespace_ = g_strdup (namespace_);
      item->key.name = g_strdup (name);
      g_hash_table_insert (self->items, &item->key, item);
    }
  enqueue (self, item);
}

/* Who waits for this one. */
static void
look_at_owner (ChdControllers *self, JsonObject *object)
{
  const char *pipeline_run = chd_kube_get_controller_name (object, "PipelineRun");
  const char *custom_run = chd_kube_get_controller_name (object, "CustomRun");

  if (pipeline_run != NULL)
    look_later (self, CHD_RESOURCE_PIPELINE_RUNS, chd_kube_get_namespace (object), pipeline_run);
  if (custom_run != NULL)
    look_later (self, CHD_RESOURCE_CUSTOM_RUNS, chd_kube_get_namespace (object), custom_run);
}

static void
take_change (ChdControllers *self, const ChdStoreChange *change)
{
  gboolean deleted = change->type == CHD_CHANGE_DELETED;
  gboolean run = is_run (change->resource);

  chd_collector_take_change (self->collector, change);
  if (g_str_equal (change->resource, CHD_RESOURCE_TASK_RUNS))
    {
      if (deleted)
        chd_step_runner_forget (self->runner, chd_kube_get_uid (change->after));
      else
        chd_step_runner_consider (self->runner, change->after);
    }
  if (run && !deleted)
    look_later (self, change->resource, change->namespace_, change->name);
  /* A pipeline waits for the ends of its tasks, not for their steps. */
  if ((run && (deleted || chd_run_is_done (change->after))) ||
      g_str_equal (change->resource, CHD_RESOURCE_APPROVAL_TASKS))
    look_at_owner (self, change->after);
  if (run && deleted)
    {
      Key key = { change->resource, change->namespace_, change->name };
      Item *item = g_hash_table_lookup (self->items, &key);

      if (item != NULL)
        drop_when_done (self, item);
    }
}

static void
committed_cb (ChdObjectStore *store, GPtrArray *changes, ChdControllers *self)
{
  for (guint i = 0; i < changes->len; i++)
    take_change (self, g_ptr_array_index (changes, i));
  check_idle (self);
}

/* Forgets a run that has ended or is gone, once nothing looks at it any more. */
static void
drop_when_done (ChdControllers *self, Item *item)
{
  JsonObject *run = find_object (self, &item->key);

  if (item->looking || item->queued || (run != NULL && !chd_run_is_done (run)))
    return;
  g_hash_table_remove (self->items, &item->key);
}

static void
start_with (ChdControllers *self, const char *resource)
{
  g_autoptr (GPtrArray) runs = chd_object_store_list (self->store, resource, NULL);

  for (guint i = 0; i < runs->len; i++)
    {
      JsonObject *run = g_ptr_array_index (runs, i);

      look_later (self, resource, chd_kube_get_namespace (run), chd_kube_get_name (run));
      if (g_str_equal (resource, CHD_RESOURCE_TASK_RUNS))
        chd_step_runner_consider (self->runner, run);
    }
}

void
chd_controllers_start (ChdControllers *self)
{
  g_return_if_fail (CHD_IS_CONTROLLERS (self));
  g_return_if_fail (self->runner == NULL);

  self->runner =
      chd_step_runner_new (self->store, self->clock, self->images, self->sandbox, self->folder, check_idle, self);
  self->collector = chd_collector_new (self->store, self->folder);
  self->committed_id = g_signal_connect (self->store, "committed", G_CALLBACK (committed_cb), self);
  chd_collector_start (self->collector);
  chd_step_runner_adopt (self->runner);
  start_with (self, CHD_RESOURCE_PIPELINE_RUNS);
  start_with (self, CHD_RESOURCE_CUSTOM_RUNS);
  start_with (self, CHD_RESOURCE_TASK_RUNS);
  check_idle (self);
}

void
chd_controllers_stop (ChdControllers *self)
{
  g_return_if_fail (CHD_IS_CONTROLLERS (self));

  g_clear_signal_handler (&self->committed_id, self->store);
  g_clear_handle_id (&self->idle_id, g_source_remove);
  g_queue_clear (&self->queue);
  g_hash_table_remove_all (self->items);
  g_clear_pointer (&self->runner, chd_step_runner_free);
  g_clear_pointer (&self->collector, chd_collector_free);
}

static gboolean
has_open_child (ChdControllers *self, JsonObject *run)
{
  JsonArray *references = chd_json_lookup_array (run, "status/childReferences");

  for (guint i = 0; i < chd_json_length (references); i++)
    {
      JsonObject *reference = chd_json_object_at (references, i);
      gboolean custom = g_str_equal (chd_json_string (reference, "kind", ""), "CustomRun");
      JsonObject *child = chd_object_store_get (self->store, custom ? CHD_RESOURCE_CUSTOM_RUNS : CHD_RESOURCE_TASK_RUNS,
                                                chd_kube_get_namespace (run), chd_json_string (reference, "name", ""));

      if (child != NULL && !chd_run_is_done (child))
        return TRUE;
    }
  return FALSE;
}

/* What will happen next to a run, or NULL when nothing will. */
static const char *
find_next_event (ChdControllers *self, Item *item, JsonObject *run)
{
  const char *asked = chd_json_lookup_string (run, "spec/status", "");
  JsonObject *question;

  if (item != NULL && (item->queued || item->looking || item->again))
    return "a look";
  if (chd_run_is_managed_by_other (run))
    return "another controller";
  if (chd_json_lookup_string (run, "status/startTime", NULL) == NULL &&
      (g_str_equal (asked, "PipelineRunPending") || g_str_equal (asked, "TaskRunPending")))
    return "a person";
  if (g_strcmp0 (chd_kube_get_kind (run), "PipelineRun") == 0)
    return has_open_child (self, run) ? "a dependency" : NULL;
  if (g_strcmp0 (chd_kube_get_kind (run), "TaskRun") == 0)
    return self->runner != NULL && chd_step_runner_has (self->runner, chd_kube_get_uid (run)) ? "a process" : NULL;
  question = chd_object_store_get (self->store, CHD_RESOURCE_APPROVAL_TASKS, chd_kube_get_namespace (run),
                                   chd_kube_get_name (run));
  if (question != NULL && chd_custom_run_is_approval (run))
    return "a person";
  if (item != NULL && item->timer_id != 0)
    return "a timer";
  return chd_custom_run_is_approval (run) ? NULL : "another controller";
}

char **
chd_controllers_check (ChdControllers *self)
{
  static const char *const resources[] = { CHD_RESOURCE_PIPELINE_RUNS, CHD_RESOURCE_TASK_RUNS,
                                           CHD_RESOURCE_CUSTOM_RUNS };
  g_autoptr (GStrvBuilder) problems = g_strv_builder_new ();

  g_return_val_if_fail (CHD_IS_CONTROLLERS (self), NULL);

  for (guint i = 0; i < G_N_ELEMENTS (resources); i++)
    {
      g_autoptr (GPtrArray) runs = chd_object_store_list (self->store, resources[i], NULL);

      for (guint j = 0; j < runs->len; j++)
        {
          JsonObject *run = g_ptr_array_index (runs, j);
          Key key = { g_intern_string (resources[i]), (char *) chd_kube_get_namespace (run),
                      (char *) chd_kube_get_name (run) };
          Item *item = g_hash_table_lookup (self->items, &key);
          g_autofree char *problem = NULL;

          if (chd_run_is_done (run) || find_next_event (self, item, run) != NULL)
            continue;
          /* Translators: a kind of object, its namespace and its name */
          problem = g_strdup_printf (_ ("%s %s/%s has not ended, and nothing will happen to it."),
                                     chd_kube_get_kind (run), chd_kube_get_namespace (run), chd_kube_get_name (run));
          g_strv_builder_add (problems, problem);
        }
    }
  return g_strv_builder_end (problems);
}

ChdControllers *
chd_controllers_new (ChdObjectStore *store, ChdImageStore *images, ChdSandbox *sandbox, const char *folder)
{
  ChdControllers *self;

  g_return_val_if_fail (CHD_IS_OBJECT_STORE (store), NULL);
  g_return_val_if_fail (CHD_IS_IMAGE_STORE (images), NULL);
  g_return_val_if_fail (CHD_IS_SANDBOX (sandbox), NULL);

  self = g_object_new (CHD_TYPE_CONTROLLERS, NULL);
  self->store = g_object_ref (store);
  self->images = g_object_ref (images);
  self->sandbox = g_object_ref (sandbox);
  self->folder = g_canonicalize_filename (folder, NULL);
  return self;
}

static void
chd_controllers_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdControllers *self = CHD_CONTROLLERS (object);

  switch ((ChdControllersProperty) prop_id)
    {
    case PROP_IDLE:
      g_value_set_boolean (value, chd_controllers_is_idle (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_controllers_dispose (GObject *object)
{
  ChdControllers *self = CHD_CONTROLLERS (object);

  if (self->store != NULL)
    chd_controllers_stop (self);
  g_clear_object (&self->store);
  g_clear_object (&self->images);
  g_clear_object (&self->sandbox);
  G_OBJECT_CLASS (chd_controllers_parent_class)->dispose (object);
}

static void
chd_controllers_finalize (GObject *object)
{
  ChdControllers *self = CHD_CONTROLLERS (object);

  g_hash_table_unref (self->items);
  chd_engine_clock_unref (self->clock);
  g_free (self->folder);
  G_OBJECT_CLASS (chd_controllers_parent_class)->finalize (object);
}

static void
chd_controllers_class_init (ChdControllersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_controllers_get_property;
  object_class->dispose = chd_controllers_dispose;
  object_class->finalize = chd_controllers_finalize;

  properties[PROP_IDLE] = g_param_spec_boolean ("idle", NULL, NULL, TRUE,
                                                G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
chd_controllers_init (ChdControllers *self)
{
  self->clock = chd_engine_clock_new ();
  self->items = g_hash_table_new_full (key_hash, key_equal, NULL, item_free);
  self->was_idle = TRUE;
  g_queue_init (&self->queue);
}
