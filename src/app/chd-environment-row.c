/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * An environment, and whether its image is where the engine can get it. */

#include "config.h"

#include "chd-environment-row.h"

#include <glib/gi18n.h>

#include "chd-images.h"

struct _ChdEnvironmentRow
{
  AdwComboRow parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  GPtrArray *environments; /* (owned) of ChdEnvironment */
  GCancellable *asking;    /* (owned) (nullable) */
  GtkImage *icon;
};

G_DEFINE_FINAL_TYPE (ChdEnvironmentRow, chd_environment_row, ADW_TYPE_COMBO_ROW)

static void
show_state (ChdEnvironmentRow *self, const char *icon, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  gtk_image_set_from_icon_name (self->icon, icon);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), escaped);
}

static void
show_image (ChdEnvironmentRow *self, const ChdImageState *state)
{
  g_autofree char *size = state->size >= 0 ? g_format_size (state->size) : NULL;
  g_autofree char *text = NULL;

  switch (state->kind)
    {
    case CHD_IMAGE_PRESENT:
      text = size != NULL ? g_strdup_printf (_ ("Available · %s"), size) : g_strdup (_ ("Available"));
      show_state (self, "emblem-ok-symbolic", text);
      break;
    case CHD_IMAGE_UPLOADABLE:
      text = size != NULL ? g_strdup_printf (_ ("Missing → will be uploaded (%s)"), size)
                          : g_strdup (_ ("Missing → will be uploaded"));
      show_state (self, "send-to-symbolic", text);
      break;
    case CHD_IMAGE_NO_SOURCE:
      show_state (self, "dialog-warning-symbolic", _ ("Missing and not on this computer"));
      break;
    case CHD_IMAGE_HOST_SYSTEM:
      show_state (self, "computer-symbolic", _ ("The engine's own system, read-only"));
      break;
    default:
      g_assert_not_reached ();
    }
}

static void
queried_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdEnvironmentRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdImageState) state = chd_images_query_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (state != NULL)
    show_image (self, state);
  else
    show_state (self, "dialog-error-symbolic", error->message);
}

static void
ask (ChdEnvironmentRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  ChdSession *session = chd_workspace_get_session (self->workspace);
  g_autofree char *folder = chd_document_dup_folder (chd_workspace_get_document (self->workspace));

  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  if (selected >= self->environments->len)
    {
      show_state (self, "dialog-warning-symbolic", _ ("There is no environment yet."));
      return;
    }
  if (session == NULL)
    {
      show_state (self, "network-offline-symbolic", _ ("Not connected to an engine"));
      return;
    }
  show_state (self, "content-loading-symbolic", _ ("Looking in the registry…"));
  self->asking = g_cancellable_new ();
  chd_images_query_async (session, g_ptr_array_index (self->environments, selected), folder, self->asking, queried_cb,
                          g_object_ref (self));
}

static void
list_environments (ChdEnvironmentRow *self)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  GPtrArray *shared = chd_catalogue_get_environments (chd_workspace_get_catalogue (self->workspace));

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_ENVIRONMENT); i++)
    g_ptr_array_add (self->environments, chd_item_ref (chd_chain_get_item (chain, CHD_ITEM_ENVIRONMENT, i)));
  for (guint i = 0; i < shared->len; i++)
    {
      const ChdEnvironment *environment = g_ptr_array_index (shared, i);

      if (chd_chain_find_environment (chain, environment->item.id) == NULL)
        g_ptr_array_add (self->environments, chd_item_ref (environment));
    }
}

static void
chd_environment_row_dispose (GObject *object)
{
  ChdEnvironmentRow *self = CHD_ENVIRONMENT_ROW (object);

  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_object (&self->workspace);
  g_clear_pointer (&self->environments, g_ptr_array_unref);
  G_OBJECT_CLASS (chd_environment_row_parent_class)->dispose (object);
}

static void
chd_environment_row_class_init (ChdEnvironmentRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_environment_row_dispose;
}

static void
chd_environment_row_init (ChdEnvironmentRow *self)
{
  self->environments = g_ptr_array_new_with_free_func (chd_item_unref);
  self->icon = GTK_IMAGE (gtk_image_new ());
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), GTK_WIDGET (self->icon));
}

GtkWidget *
chd_environment_row_new (ChdWorkspace *workspace, const char *id)
{
  ChdEnvironmentRow *self = g_object_new (CHD_TYPE_ENVIRONMENT_ROW, NULL);
  g_autoptr (GtkStringList) titles = gtk_string_list_new (NULL);
  guint chosen = 0;

  self->workspace = g_object_ref (workspace);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Environment"));
  list_environments (self);
  for (guint i = 0; i < self->environments->len; i++)
    {
      const ChdEnvironment *environment = g_ptr_array_index (self->environments, i);

      gtk_string_list_append (titles, environment->title);
      if (g_strcmp0 (environment->item.id, id) == 0)
        chosen = i;
    }
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (titles));
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), chosen);
  g_signal_connect (self, "notify::selected", G_CALLBACK (ask), NULL);
  g_signal_connect_object (workspace, "notify::session", G_CALLBACK (ask), self, G_CONNECT_SWAPPED);
  ask (self);
  return GTK_WIDGET (self);
}

const char *
chd_environment_row_get_id (ChdEnvironmentRow *self)
{
  guint selected;

  g_return_val_if_fail (CHD_IS_ENVIRONMENT_ROW (self), NULL);

  selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  return selected < self->environments->len ? ((ChdItem *) g_ptr_array_index (self->environments, selected))->id : NULL;
}
