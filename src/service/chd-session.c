/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One engine in use. Opening goes step by step: start it when it is ours to start, find the token, ask what it offers,
 * ask who we are. */

#include "config.h"

#include "chd-session.h"

#include <glib/gi18n-lib.h>

#include "chd-connections.h"
#include "chd-error.h"
#include "chd-local-engine.h"

struct _ChdSession
{
  GObject parent_instance;

  ChdConnection *connection; /* (owned) */
  ChdStore *store;           /* (owned) (nullable) */
  ChdCluster *cluster;       /* (owned) */
  ChdRegistry *registry;     /* (owned) */
  ChdClusterInfo *info;      /* (owned) */
  ChdIdentity *identity;     /* (owned) */
  char *engine_id;           /* (owned) */
};

G_DEFINE_FINAL_TYPE (ChdSession, chd_session, G_TYPE_OBJECT)

typedef enum
{
  STEP_START_ENGINE,
  STEP_LOOK_UP_TOKEN,
  STEP_DISCOVER,
  STEP_WHO_AM_I,
  STEP_DONE,
} OpenStep;

typedef struct
{
  OpenStep step;
  ChdSession *session; /* (owned) */
} Open;

static void
open_free (Open *open)
{
  g_clear_object (&open->session);
  g_free (open);
}

static gboolean
is_local (ChdConnection *connection)
{
  g_autofree char *socket = chd_local_engine_dup_socket ();

  return g_strcmp0 (chd_connection_get_socket_path (connection), socket) == 0;
}

static ChdIdentity *
make_identity (ChdConnection *connection)
{
  ChdIdentity *identity = g_new0 (ChdIdentity, 1);
  const char *name = chd_connection_get_username (connection);

  identity->name = g_strdup (name != NULL ? name : "");
  identity->groups = g_new0 (char *, 1);
  return identity;
}

static gboolean
make_clients (ChdSession *self, GError **error)
{
  self->cluster = chd_cluster_new (self->connection, error);
  if (self->cluster != NULL)
    self->registry = chd_registry_new_for_connection (self->connection, error);
  return self->registry != NULL;
}

static void step_cb (GObject *object, GAsyncResult *result, gpointer user_data);

/* Starts the step that is due. Takes over @task. */
static void
advance (GTask *task)
{
  Open *open = g_task_get_task_data (task);
  ChdSession *self = open->session;
  GCancellable *cancellable = g_task_get_cancellable (task);

  switch (open->step)
    {
    case STEP_START_ENGINE:
      chd_local_engine_start_async (cancellable, step_cb, task);
      break;
    case STEP_LOOK_UP_TOKEN:
      chd_connections_lookup_token_async (self->connection, cancellable, step_cb, task);
      break;
    case STEP_DISCOVER:
      chd_cluster_discover_async (self->cluster, cancellable, step_cb, task);
      break;
    case STEP_WHO_AM_I:
      chd_cluster_who_am_i_async (self->cluster, cancellable, step_cb, task);
      break;
    case STEP_DONE:
      g_task_return_pointer (task, g_steal_pointer (&open->session), g_object_unref);
      g_object_unref (task);
      break;
    }
}

static gboolean
collect (Open *open, GAsyncResult *result, GError **error)
{
  ChdSession *self = open->session;

  switch (open->step)
    {
    case STEP_START_ENGINE:
      open->step = STEP_LOOK_UP_TOKEN;
      return chd_local_engine_start_finish (result, error);
    case STEP_LOOK_UP_TOKEN:
      open->step = STEP_DISCOVER;
      return chd_connections_lookup_token_finish (result, error) && make_clients (self, error);
    case STEP_DISCOVER:
      self->info = chd_cluster_discover_finish (self->cluster, result, error);
      if (self->info == NULL)
        return FALSE;
      open->step = chd_cluster_info_has (self->info, CHD_KUBE_SELF_SUBJECT_REVIEW) ? STEP_WHO_AM_I : STEP_DONE;
      if (open->step == STEP_DONE)
        self->identity = make_identity (self->connection);
      return TRUE;
    case STEP_WHO_AM_I:
      self->identity = chd_cluster_who_am_i_finish (self->cluster, result, error);
      open->step = STEP_DONE;
      return self->identity != NULL;
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

  if (collect (g_task_get_task_data (task), result, &error))
    advance (g_steal_pointer (&task));
  else
    g_task_return_error (task, error);
}

static void
chd_session_finalize (GObject *object)
{
  ChdSession *self = CHD_SESSION (object);

  g_clear_object (&self->registry);
  g_clear_object (&self->cluster);
  g_clear_object (&self->store);
  g_clear_object (&self->connection);
  g_clear_pointer (&self->info, chd_cluster_info_free);
  g_clear_pointer (&self->identity, chd_identity_free);
  g_free (self->engine_id);
  G_OBJECT_CLASS (chd_session_parent_class)->finalize (object);
}

static void
chd_session_class_init (ChdSessionClass *class)
{
  G_OBJECT_CLASS (class)->finalize = chd_session_finalize;
}

static void
chd_session_init (ChdSession *self)
{
}

void
chd_session_open_async (ChdConnection *connection,
                        ChdStore *store,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Open *open = g_new0 (Open, 1);
  ChdSession *self = g_object_new (CHD_TYPE_SESSION, NULL);
  const char *socket = chd_connection_get_socket_path (connection);

  g_task_set_source_tag (task, chd_session_open_async);
  g_task_set_task_data (task, open, (GDestroyNotify) open_free);
  open->session = self;
  self->connection = g_object_ref (connection);
  g_set_object (&self->store, store);
  self->engine_id =
      g_strconcat (socket != NULL ? "unix:" : "", socket != NULL ? socket : chd_connection_get_server (connection), " ",
                   chd_connection_get_namespace (connection), NULL);
  open->step = is_local (connection) ? STEP_START_ENGINE : STEP_LOOK_UP_TOKEN;
  advance (task);
}

ChdSession *
chd_session_open_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

ChdConnection *
chd_session_get_connection (ChdSession *self)
{
  return self->connection;
}

ChdCluster *
chd_session_get_cluster (ChdSession *self)
{
  return self->cluster;
}

ChdRegistry *
chd_session_get_registry (ChdSession *self)
{
  return self->registry;
}

ChdStore *
chd_session_get_store (ChdSession *self)
{
  return self->store;
}

const ChdClusterInfo *
chd_session_get_info (ChdSession *self)
{
  return self->info;
}

const ChdIdentity *
chd_session_get_identity (ChdSession *self)
{
  return self->identity;
}

const char *
chd_session_get_engine_id (ChdSession *self)
{
  return self->engine_id;
}

char *
chd_session_dup_title (ChdSession *self)
{
  if (is_local (self->connection))
    return g_strdup (_ ("Built-in engine on this computer"));
  return g_strdup (chd_connection_get_name (self->connection));
}

ChdCluster *
chd_session_dup_cluster_as (ChdSession *self, const char *user, GError **error)
{
  g_autoptr (ChdConnection) connection = chd_connection_copy (self->connection);

  chd_connection_set_impersonation (connection, user, NULL);
  return chd_cluster_new (connection, error);
}
