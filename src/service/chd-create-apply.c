/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Server-side apply with the rules of reliability.md section 3. */

#include "config.h"

#include "chd-create-apply.h"

#include <glib/gi18n-lib.h>

#include "chd-covers.h"
#include "chd-error.h"
#include "chd-wire-error.h"

#define MAX_TRIES 5
#define FIRST_WAIT_MILLISECONDS 20

typedef struct
{
  ChdCluster *cluster; /* (owned) */
  JsonObject *object;  /* (owned) */
  guint tries;
  GError *error;   /* (owned) (nullable): the lost answer that is asked after */
  GSource *source; /* (owned) (nullable) */
} Apply;

static void
apply_free (Apply *apply)
{
  if (apply->source != NULL)
    g_source_destroy (apply->source);
  g_clear_pointer (&apply->source, g_source_unref);
  g_clear_error (&apply->error);
  g_object_unref (apply->cluster);
  json_object_unref (apply->object);
  g_free (apply);
}

static void send (GTask *task);

static gboolean
again_cb (gpointer user_data)
{
  send (g_object_ref (user_data));
  return G_SOURCE_REMOVE;
}

static void
wait_and_send (GTask *task)
{
  Apply *apply = g_task_get_task_data (task);

  g_clear_pointer (&apply->source, g_source_unref);
  apply->source = g_timeout_source_new (FIRST_WAIT_MILLISECONDS << apply->tries);
  g_task_attach_source (task, apply->source, again_cb);
}

/* Somebody else has set a value that we set too: say so in the words of the user. */
static GError *
make_conflict (Apply *apply, const GError *cause)
{
  /* Translators: kind and name of an object on the engine */
  GError *error =
      g_error_new (CHD_ERROR, CHD_ERROR_CONFLICT,
                   _ ("The %s “%s” was changed on the engine by someone else. Nothing of it was overwritten; "
                      "take the change back there, or delete the object, and create again."),
                   chd_kube_get_kind (apply->object), chd_kube_get_name (apply->object));
  const char *details = chd_error_get_details (cause);

  chd_error_set_details (error, details != NULL ? details : cause->message);
  chd_error_set_object (error, chd_kube_get_name (apply->object));
  return error;
}

static void
asked_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Apply *apply = g_task_get_task_data (task);
  g_autoptr (JsonObject) live = chd_cluster_get_finish (apply->cluster, result, NULL);

  if (live != NULL && chd_covers (live, apply->object))
    g_task_return_pointer (task, g_steal_pointer (&live), (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&apply->error));
}

static void
applied_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Apply *apply = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) live = chd_cluster_apply_finish (apply->cluster, result, NULL, &error);
  ChdKubeType type;

  if (live != NULL)
    {
      g_task_return_pointer (task, g_steal_pointer (&live), (GDestroyNotify) json_object_unref);
    }
  else if (chd_wire_error_is_apply_conflict (error))
    {
      g_task_return_error (task, make_conflict (apply, error));
      g_error_free (error);
    }
  else if (g_error_matches (error, CHD_ERROR, CHD_ERROR_CONFLICT) && ++apply->tries < MAX_TRIES)
    {
      g_error_free (error);
      wait_and_send (task);
    }
  else if (g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE) && chd_kube_type_of (apply->object, &type))
    {
      apply->error = error;
      chd_cluster_get_async (apply->cluster, type, NULL, chd_kube_get_name (apply->object),
                             g_task_get_cancellable (task), asked_cb, g_object_ref (task));
    }
  else
    {
      g_task_return_error (task, error);
    }
}

/* Takes over @task. */
static void
send (GTask *task)
{
  Apply *apply = g_task_get_task_data (task);

  chd_cluster_apply_async (apply->cluster, apply->object, CHD_WRITE_DEFAULT, g_task_get_cancellable (task), applied_cb,
                           task);
}

void
chd_create_apply_async (ChdCluster *cluster,
                        JsonObject *object,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Apply *apply = g_new0 (Apply, 1);

  g_task_set_source_tag (task, chd_create_apply_async);
  g_task_set_task_data (task, apply, (GDestroyNotify) apply_free);
  apply->cluster = g_object_ref (cluster);
  apply->object = json_object_ref (object);
  send (task);
}

JsonObject *
chd_create_apply_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
