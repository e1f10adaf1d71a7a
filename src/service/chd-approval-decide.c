/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One answer to one approval: read it, put our answer into our own entry, send the whole. A race is read again; a lost
 * answer is asked after, so that the answer counts once. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-approval-read.h"
#include "chd-error.h"
#include "chd-kube.h"

#define MAX_TRIES 5
#define MAX_REFUSALS 2
#define FIRST_WAIT_MILLISECONDS 20

typedef struct
{
  char *name;    /* (owned) */
  char *as;      /* (owned) (nullable) */
  char *message; /* (owned) (nullable) */
  gboolean approve;
  ChdCluster *cluster; /* (owned) (nullable) until it is known who answers */
  char *user;          /* (owned) (nullable) likewise */
  JsonObject *task;    /* (owned) (nullable): as it was last read */
  guint tries;
  GSource *source; /* (owned) (nullable) */
} Decide;

static void
decide_free (Decide *decide)
{
  if (decide->source != NULL)
    g_source_destroy (decide->source);
  g_clear_pointer (&decide->source, g_source_unref);
  g_clear_object (&decide->cluster);
  g_clear_pointer (&decide->task, json_object_unref);
  g_free (decide->name);
  g_free (decide->as);
  g_free (decide->message);
  g_free (decide->user);
  g_free (decide);
}

static const char *
get_input (const Decide *decide)
{
  return decide->approve ? "approve" : "reject";
}

static void
return_approval (GTask *task, JsonObject *object)
{
  g_task_return_pointer (task, chd_approval_read (object, NULL), (GDestroyNotify) chd_approval_unref);
}

static GError *
make_stranger_error (Decide *decide, const char *user)
{
  g_autoptr (ChdApproval) approval = chd_approval_read (decide->task, NULL);
  g_autofree char *approvers = g_strjoinv (", ", approval->approvers);

  /* Translators: a person, the people who are asked */
  return g_error_new (CHD_ERROR, CHD_ERROR_NOT_ALLOWED, _ ("“%s” is not asked for this approval. Asked are: %s."), user,
                      approvers);
}

/* Another client of the same engine, for whoever answers. */
static ChdCluster *
make_cluster (ChdSession *session, const char *user, const char *group, GError **error)
{
  g_autoptr (ChdConnection) connection = NULL;
  const char *const groups[] = { group, NULL };

  if (group == NULL)
    return chd_session_dup_cluster_as (session, user, error);
  connection = chd_connection_copy (chd_session_get_connection (session));
  chd_connection_set_impersonation (connection, user, groups);
  return chd_cluster_new (connection, error);
}

/* On this computer's own engine its user plays every lead: the first who has not answered is answered for. */
static gboolean
choose_pending (ChdSession *session, Decide *decide, GError **error)
{
  const ChdIdentity *identity = chd_session_get_identity (session);
  g_autoptr (ChdApproval) approval = chd_approval_read (decide->task, NULL);
  const char *pending = approval->pending[0];

  if (pending == NULL)
    {
      g_propagate_error (error, make_stranger_error (decide, identity->name));
      return FALSE;
    }
  if (g_str_has_prefix (pending, "group:"))
    {
      decide->user = g_strdup (identity->name);
      decide->cluster = make_cluster (session, identity->name, pending + strlen ("group:"), error);
    }
  else
    {
      decide->user = g_strdup (pending);
      decide->cluster = make_cluster (session, pending, NULL, error);
    }
  return decide->cluster != NULL;
}

static gboolean
choose_user (ChdSession *session, Decide *decide, GError **error)
{
  const ChdIdentity *identity = chd_session_get_identity (session);
  ChdApproverEntry entry;

  if (decide->cluster != NULL)
    return TRUE;
  if (decide->as != NULL && g_strcmp0 (decide->as, identity->name) != 0)
    {
      decide->user = g_strdup (decide->as);
      decide->cluster = make_cluster (session, decide->as, NULL, error);
      return decide->cluster != NULL;
    }
  entry = chd_approval_task_find_entry (decide->task, identity->name, (const char *const *) identity->groups);
  if (entry.index < 0 && decide->as == NULL &&
      chd_connection_get_socket_path (chd_session_get_connection (session)) != NULL)
    return choose_pending (session, decide, error);
  decide->user = g_strdup (identity->name);
  decide->cluster = g_object_ref (chd_session_get_cluster (session));
  return TRUE;
}

/* The entry to answer in. Of the groups of somebody else nothing is known here; a member's own answer tells. */
static ChdApproverEntry
find_entry (ChdSession *session, Decide *decide)
{
  const ChdIdentity *identity = chd_session_get_identity (session);
  ChdApproverEntry entry = chd_approval_task_find_entry (decide->task, decide->user, NULL);
  g_autoptr (ChdApproval) approval = NULL;

  if (entry.index >= 0)
    return entry;
  if (decide->cluster == chd_session_get_cluster (session))
    return chd_approval_task_find_entry (decide->task, decide->user, (const char *const *) identity->groups);
  approval = chd_approval_read (decide->task, NULL);
  if (g_strcmp0 (decide->user, identity->name) == 0 && approval->pending[0] != NULL &&
      g_str_has_prefix (approval->pending[0], "group:"))
    {
      const char *const group[] = { approval->pending[0] + strlen ("group:"), NULL };

      return chd_approval_task_find_entry (decide->task, decide->user, group);
    }
  return entry;
}

static GError *
make_decided_error (const char *state)
{
  return g_error_new_literal (CHD_ERROR, CHD_ERROR_CONFLICT,
                              g_strcmp0 (state, "rejected") == 0
                                  ? _ ("Someone else already decided this approval, or its time ran out: it is "
                                       "rejected.")
                                  : _ ("Someone else already decided this approval: it is approved."));
}

static void read_task (GTask *task);

static gboolean
again_cb (gpointer user_data)
{
  read_task (g_object_ref (user_data));
  return G_SOURCE_REMOVE;
}

static void
read_again (GTask *task)
{
  Decide *decide = g_task_get_task_data (task);

  g_clear_pointer (&decide->source, g_source_unref);
  decide->source = g_timeout_source_new (FIRST_WAIT_MILLISECONDS << decide->tries);
  g_task_attach_source (task, decide->source, again_cb);
}

static gboolean
is_passing (const GError *error)
{
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_UNREACHABLE) ||
         g_error_matches (error, CHD_ERROR, CHD_ERROR_CONFLICT) || chd_error_get_status (error) >= 500;
}

static void
sent_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Decide *decide = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) answer = chd_cluster_replace_finish (CHD_CLUSTER (object), result, &error);

  if (answer != NULL)
    {
      return_approval (task, answer);
      return;
    }
  /* A race of versions, a lost answer, a refusal because it was decided meanwhile: what is there now says which. A
   * refusal that reading again does not explain is final. */
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) &&
      ++decide->tries < (is_passing (error) ? MAX_TRIES : MAX_REFUSALS))
    {
      g_error_free (error);
      read_again (task);
      return;
    }
  g_task_return_error (task, error);
}

static void
answer (GTask *task)
{
  ChdSession *session = g_task_get_source_object (task);
  Decide *decide = g_task_get_task_data (task);
  g_autoptr (JsonObject) object = NULL;
  GError *error = NULL;
  ChdApproverEntry entry;
  const char *said;

  if (!choose_user (session, decide, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  entry = find_entry (session, decide);
  if (entry.index < 0)
    {
      g_task_return_error (task, make_stranger_error (decide, decide->user));
      return;
    }
  said = chd_approval_task_get_answer (decide->task, entry, decide->user);
  if (g_strcmp0 (said, get_input (decide)) == 0)
    {
      return_approval (task, decide->task);
      return;
    }
  if (!g_str_equal (chd_approval_task_get_state (decide->task), "pending"))
    {
      g_task_return_error (task, make_decided_error (chd_approval_task_get_state (decide->task)));
      return;
    }
  if (!g_str_equal (said, "pending"))
    {
      /* Translators: %s is a person */
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_CONFLICT, _ ("“%s” has answered this approval already."),
                               decide->user);
      return;
    }
  object = chd_approval_task_answer (decide->task, entry, decide->user, get_input (decide), decide->message);
  chd_cluster_replace_async (decide->cluster, object, NULL, CHD_WRITE_DEFAULT, g_task_get_cancellable (task), sent_cb,
                             g_object_ref (task));
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Decide *decide = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) read = chd_cluster_get_finish (CHD_CLUSTER (object), result, &error);

  if (read == NULL)
    {
      if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_FOUND))
        {
          g_clear_error (&error);
          /* Translators: %s is the name of an approval */
          error = g_error_new (CHD_ERROR, CHD_ERROR_NOT_FOUND, _ ("There is no approval “%s” on this engine."),
                               decide->name);
        }
      g_task_return_error (task, error);
      return;
    }
  g_clear_pointer (&decide->task, json_object_unref);
  decide->task = g_steal_pointer (&read);
  answer (task);
}

/* Takes over @task. */
static void
read_task (GTask *task)
{
  Decide *decide = g_task_get_task_data (task);
  ChdSession *session = g_task_get_source_object (task);

  chd_cluster_get_async (chd_session_get_cluster (session), CHD_KUBE_APPROVAL_TASK, NULL, decide->name,
                         g_task_get_cancellable (task), read_cb, task);
}

void
chd_approvals_decide_async (ChdSession *session,
                            const char *name,
                            gboolean approve,
                            const char *as,
                            const char *message,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  Decide *decide = g_new0 (Decide, 1);

  g_task_set_source_tag (task, chd_approvals_decide_async);
  g_task_set_task_data (task, decide, (GDestroyNotify) decide_free);
  decide->name = g_strdup (name);
  decide->approve = approve;
  decide->as = g_strdup (as);
  decide->message = g_strdup (message);
  read_task (task);
}

ChdApproval *
chd_approvals_decide_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
