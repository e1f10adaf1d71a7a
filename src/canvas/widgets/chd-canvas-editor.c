/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Renaming in place: an entry over the title of a card or a lane. For a node, "Title @Unit" also says where it
 * belongs. Enter and leaving keep the text, Escape does not. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-canvas-private.h"
#include "chd-edit.h"

#define MIN_WIDTH 190
#define MAX_TITLE 200 /* characters */

gboolean
chd_canvas_editor_has_focus (ChdCanvas *self)
{
  GtkRoot *root = self->editor != NULL ? gtk_widget_get_root (GTK_WIDGET (self)) : NULL;
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  return focus != NULL && (focus == self->editor || gtk_widget_is_ancestor (focus, self->editor));
}

void
chd_canvas_allocate_editor (ChdCanvas *self)
{
  guint index;
  ChdRect place;
  GtkRequisition size;
  GtkAllocation allocation;

  if (self->editor == NULL)
    return;
  index = self->editor_kind == CHD_ITEM_NODE ? chd_scene_find_node (self->scene, self->editor_id)
                                             : chd_scene_find_lane (self->scene, self->editor_id);
  if (index == CHD_NO_INDEX)
    return;
  place = self->editor_kind == CHD_ITEM_NODE ? chd_scene_get_card_rect (self->scene, index)
                                             : chd_scene_get_lane (self->scene, index)->rect;
  place = chd_viewport_rect_to_view (&self->view, &place);
  gtk_widget_get_preferred_size (self->editor, &size, NULL);
  allocation.width = (int) MAX (MAX (size.width, MIN_WIDTH), MIN (place.width, 360));
  allocation.height = size.height;
  allocation.x = (int) (self->editor_kind == CHD_ITEM_NODE ? place.x + (place.width - allocation.width) / 2 : place.x);
  allocation.y =
      (int) (self->editor_kind == CHD_ITEM_NODE ? place.y + 26 * self->view.scale - size.height * 0.62 : place.y);
  gtk_widget_size_allocate (self->editor, &allocation, -1);
}

/* Splits "Title @Unit". Returns: (transfer full): the title; @unit: (out) (nullable) (transfer none) */
static char *
read_title (ChdCanvas *self, const char *text, const ChdUnit **unit, char **unknown)
{
  const char *at = self->editor_kind == CHD_ITEM_NODE ? strrchr (text, '@') : NULL;
  g_autofree char *wanted = at != NULL ? g_strstrip (g_strdup (at + 1)) : NULL;

  *unit = NULL;
  *unknown = NULL;
  if (wanted == NULL || *wanted == '\0')
    return g_strstrip (g_strdup (text));
  *unit = chd_edit_find_unit (self->chain, wanted);
  if (*unit == NULL)
    {
      *unknown = g_steal_pointer (&wanted);
      return g_strstrip (g_strdup (text));
    }
  return g_strstrip (g_strndup (text, (gsize) (at - text)));
}

static void
commit (ChdCanvas *self, const char *text)
{
  const ChdUnit *unit;
  g_autofree char *unknown = NULL;
  g_autofree char *title = read_title (self, text, &unit, &unknown);
  g_autofree char *id = g_strdup (self->editor_id);
  const char *const ids[] = { id, NULL };

  chd_chain_begin (self->chain, self->editor_kind == CHD_ITEM_NODE ? _ ("Rename Node") : _ ("Rename Unit"));
  chd_edit_set_title (self->chain, self->editor_kind, id, title, NULL);
  if (unit != NULL)
    {
      g_autofree char *unit_id = g_strdup (unit->item.id);

      chd_edit_move_to_unit (self->scene, ids, unit_id);
    }
  chd_chain_end (self->chain);
  if (unknown != NULL)
    {
      /* Translators: what was typed after an @ */
      g_autofree char *message = g_strdup_printf (_ ("No unit is called “%s”."), unknown);

      chd_canvas_emit_message (self, message, FALSE);
    }
  if (self->editor_kind == CHD_ITEM_NODE)
    chd_canvas_scroll_to_node (self, id);
}

void
chd_canvas_stop_editor (ChdCanvas *self, gboolean keep)
{
  GtkWidget *editor = self->editor;
  gboolean had_focus;

  if (editor == NULL)
    return;
  g_clear_handle_id (&self->editor_leave, g_source_remove);
  had_focus = chd_canvas_editor_has_focus (self) && !gtk_widget_in_destruction (GTK_WIDGET (self)) &&
              gtk_widget_get_mapped (GTK_WIDGET (self));
  g_signal_handlers_disconnect_by_data (editor, self);
  /* While it goes its focus moves on; nothing may come here a second time. */
  self->editor = NULL;
  if (keep && self->chain != NULL && chd_chain_find (self->chain, self->editor_kind, self->editor_id) != NULL)
    commit (self, gtk_editable_get_text (GTK_EDITABLE (editor)));
  if (had_focus)
    chd_canvas_set_focus_node (self, self->focus, TRUE);
  gtk_widget_unparent (editor);
  g_clear_pointer (&self->editor_id, g_free);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
activate_cb (ChdCanvas *self)
{
  chd_canvas_stop_editor (self, TRUE);
}

static gboolean
escape_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  chd_canvas_stop_editor (user_data, FALSE);
  return TRUE;
}

static gboolean
left_cb (gpointer user_data)
{
  ChdCanvas *self = user_data;

  self->editor_leave = 0;
  if (!chd_canvas_editor_has_focus (self))
    chd_canvas_stop_editor (self, TRUE);
  return G_SOURCE_REMOVE;
}

/* The focus is still on its way; the entry may go when it has arrived. One that is going already does not count. */
static void
focus_leave_cb (GtkEventControllerFocus *controller, ChdCanvas *self)
{
  if (self->editor_leave == 0 && self->editor == gtk_event_controller_get_widget (GTK_EVENT_CONTROLLER (controller)))
    self->editor_leave = g_idle_add (left_cb, self);
}

static GtkWidget *
make_editor (ChdCanvas *self, const char *title)
{
  GtkWidget *entry = gtk_entry_new ();
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();

  /* An entry is see-through by itself; the application's style gives this one a ground. */
  gtk_widget_add_css_class (entry, "chd-canvas-editor");
  gtk_editable_set_text (GTK_EDITABLE (entry), title);
  gtk_entry_set_max_length (GTK_ENTRY (entry), MAX_TITLE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  self->editor_kind == CHD_ITEM_NODE ? _ ("Title of the node")
                                                                     : _ ("Title of the unit"),
                                  -1);
  if (self->editor_kind == CHD_ITEM_NODE)
    gtk_widget_set_tooltip_text (entry, _ ("Add “@” and a unit to move it there"));
  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (escape_cb, self, NULL)));
  gtk_widget_add_controller (entry, shortcuts);
  g_signal_connect_object (focus, "leave", G_CALLBACK (focus_leave_cb), self, 0);
  gtk_widget_add_controller (entry, focus);
  g_signal_connect_swapped (entry, "activate", G_CALLBACK (activate_cb), self);
  return entry;
}

void
chd_canvas_start_editor (ChdCanvas *self, ChdItemKind kind, const char *id)
{
  const ChdItem *item;
  char *copy;

  if (!self->editable || self->chain == NULL)
    return;
  copy = g_strdup (id);
  chd_canvas_stop_editor (self, TRUE);
  item = chd_chain_find (self->chain, kind, copy);
  if (item == NULL)
    {
      g_free (copy);
      return;
    }
  self->editor_kind = kind;
  self->editor_id = copy;
  if (kind == CHD_ITEM_NODE)
    chd_canvas_scroll_to_node (self, copy);
  self->editor = make_editor (self, chd_item_get_title (item));
  gtk_widget_set_parent (self->editor, GTK_WIDGET (self));
  gtk_widget_grab_focus (self->editor);
  gtk_editable_select_region (GTK_EDITABLE (self->editor), 0, -1);
}
