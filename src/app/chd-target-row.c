/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One line of a creation. */

#include "config.h"

#include "chd-target-row.h"

#include <glib/gi18n.h>

struct _ChdTargetRow
{
  AdwActionRow parent_instance;

  GtkImage *icon;
  GtkLabel *state;
  GtkWidget *progress;
};

G_DEFINE_FINAL_TYPE (ChdTargetRow, chd_target_row, ADW_TYPE_ACTION_ROW)

static const char *
get_icon (ChdNodeState state)
{
  switch (state)
    {
    case CHD_NODE_CREATED:
      return "emblem-ok-symbolic";
    case CHD_NODE_CREATE_FAILED:
      return "dialog-error-symbolic";
    case CHD_NODE_CONFLICT:
      return "dialog-warning-symbolic";
    case CHD_NODE_UPLOADING:
      return "send-to-symbolic";
    case CHD_NODE_CREATING:
      return "content-loading-symbolic";
    default:
      return "document-new-symbolic";
    }
}

static char *
dup_size (gint64 bytes)
{
  return bytes >= 0 ? g_format_size (bytes) : NULL;
}

static char *
describe_state (const ChdCreateTarget *target)
{
  g_autofree char *done = dup_size (target->bytes_done);
  g_autofree char *total = dup_size (target->bytes_total);

  if (target->state == CHD_NODE_UPLOADING && total != NULL)
    /* Translators: how much of an image was sent, "61 MB of 182 MB". */
    return g_strdup_printf (_ ("%s of %s"), done, total);
  if (target->state != CHD_NODE_PLANNED)
    return g_strdup (chd_node_state_get_title (target->state));
  if (target->action == CHD_ACTION_UPLOAD && total != NULL)
    return g_strdup_printf ("%s · %s", chd_create_action_get_title (target->action), total);
  return g_strdup (chd_create_action_get_title (target->action));
}

static void
chd_target_row_class_init (ChdTargetRowClass *klass)
{
}

static void
chd_target_row_init (ChdTargetRow *self)
{
  self->icon = GTK_IMAGE (gtk_image_new ());
  self->state = GTK_LABEL (gtk_label_new (NULL));
  self->progress = gtk_progress_bar_new ();
  gtk_widget_set_valign (self->progress, GTK_ALIGN_CENTER);
  gtk_widget_set_size_request (self->progress, 80, -1);
  gtk_widget_add_css_class (GTK_WIDGET (self->state), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->state), "numeric");
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), GTK_WIDGET (self->icon));
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->progress);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), GTK_WIDGET (self->state));
}

GtkWidget *
chd_target_row_new (const ChdCreateTarget *target)
{
  ChdTargetRow *self = g_object_new (CHD_TYPE_TARGET_ROW, NULL);

  chd_target_row_update (self, target);
  return GTK_WIDGET (self);
}

void
chd_target_row_update (ChdTargetRow *self, const ChdCreateTarget *target)
{
  g_autofree char *title = g_markup_escape_text (target->title != NULL ? target->title : target->name, -1);
  g_autofree char *state = describe_state (target);
  g_autofree char *subtitle = NULL;

  g_return_if_fail (CHD_IS_TARGET_ROW (self));

  subtitle = target->error != NULL ? g_markup_escape_text (target->error->message, -1)
                                   : g_markup_printf_escaped ("%s %s", target->kind, target->name);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  gtk_image_set_from_icon_name (self->icon, get_icon (target->state));
  gtk_label_set_label (self->state, state);
  gtk_widget_set_visible (self->progress, target->state == CHD_NODE_UPLOADING && target->bytes_total > 0);
  if (target->bytes_total > 0)
    gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress),
                                   CLAMP ((double) target->bytes_done / target->bytes_total, 0, 1));
}
