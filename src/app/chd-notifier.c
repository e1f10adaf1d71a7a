/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Notifications of one window. Their ids are stable, so that the same news replaces itself. */

#include "config.h"

#include "chd-notifier.h"

#include <glib/gi18n.h>

#define APPROVALS_ID "approvals"

struct _ChdNotifier
{
  GObject parent_instance;

  GtkWindow *window;
  ChdWorkspace *workspace; /* (owned) */
  GSettings *settings;     /* (owned) */
  char *told_run;          /* (owned) (nullable): the end of this run was told, or seen */
  guint n_approvals;       /* that were told or seen */
};

G_DEFINE_FINAL_TYPE (ChdNotifier, chd_notifier, G_TYPE_OBJECT)

/* Whether any window of ours has the user's eye. */
static gboolean
is_in_use (GApplication *application)
{
  for (GList *link = gtk_application_get_windows (GTK_APPLICATION (application)); link != NULL; link = link->next)
    if (gtk_window_is_active (link->data))
      return TRUE;
  return FALSE;
}

static void
tell (ChdNotifier *self, const char *id, const char *title, const char *body)
{
  g_autoptr (GNotification) notification = NULL;
  GApplication *application = G_APPLICATION (gtk_window_get_application (self->window));

  if (application == NULL || is_in_use (application) || !g_settings_get_boolean (self->settings, "notifications"))
    return;
  notification = g_notification_new (title);
  g_notification_set_body (notification, body);
  g_application_send_notification (application, id, notification);
}

static void
run_changed_cb (ChdNotifier *self)
{
  ChdRun *run = chd_workspace_get_run (self->workspace);
  ChdRunStatus *status = run != NULL ? chd_run_get_status (run) : NULL;
  g_autofree char *body = NULL;

  if (status == NULL || !status->finished || g_strcmp0 (self->told_run, status->name) == 0)
    return;
  g_free (self->told_run);
  self->told_run = g_strdup (status->name);
  body = status->note != NULL ? g_strdup_printf ("%s: %s", chd_node_state_get_title (status->state), status->note)
                              : g_strdup (chd_node_state_get_title (status->state));
  tell (self, status->name, chd_chain_get_head (chd_run_get_chain (run))->title, body);
}

static void
approvals_changed_cb (ChdNotifier *self)
{
  guint count = chd_workspace_get_n_approvals (self->workspace);

  if (count > self->n_approvals)
    {
      g_autofree char *title =
          g_strdup_printf (ngettext ("%u decision is waited for", "%u decisions are waited for", count), count);

      tell (self, APPROVALS_ID, title, _ ("Open Approvals to answer."));
    }
  self->n_approvals = count;
}

static void
active_changed_cb (ChdNotifier *self)
{
  GApplication *application = G_APPLICATION (gtk_window_get_application (self->window));

  if (application == NULL || !gtk_window_is_active (self->window))
    return;
  g_application_withdraw_notification (application, APPROVALS_ID);
  if (self->told_run != NULL)
    g_application_withdraw_notification (application, self->told_run);
}

static void
chd_notifier_dispose (GObject *object)
{
  ChdNotifier *self = CHD_NOTIFIER (object);

  g_clear_object (&self->workspace);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->told_run, g_free);
  G_OBJECT_CLASS (chd_notifier_parent_class)->dispose (object);
}

static void
chd_notifier_class_init (ChdNotifierClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_notifier_dispose;
}

static void
chd_notifier_init (ChdNotifier *self)
{
}

ChdNotifier *
chd_notifier_new (GtkWindow *window, ChdWorkspace *workspace, GSettings *settings)
{
  ChdNotifier *self = g_object_new (CHD_TYPE_NOTIFIER, NULL);

  self->window = window;
  self->workspace = g_object_ref (workspace);
  self->settings = g_object_ref (settings);
  g_signal_connect_object (workspace, "run-changed", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (workspace, "notify::n-approvals", G_CALLBACK (approvals_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (window, "notify::is-active", G_CALLBACK (active_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}
