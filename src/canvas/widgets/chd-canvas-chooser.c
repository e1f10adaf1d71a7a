/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The keyboard's way to what the pointer does by dropping: a popover with a list to search in, for the target of a
 * link and for a node's new unit. Type to filter, Enter takes the first or the chosen row. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-canvas-private.h"
#include "chd-edit.h"

#define MAX_ROWS 500 /* more are found by typing */

typedef struct
{
  GtkWidget *popover;
  GtkWidget *search;
  GtkWidget *list;
  ChdItemKind kind; /* of what is chosen */
  char *from;       /* (nullable): the link's source */
  guint n_rows;
} Chooser;

static void
chooser_free (gpointer data)
{
  Chooser *chooser = data;

  g_free (chooser->from);
  g_free (chooser);
}

static gboolean
close_cb (gpointer user_data)
{
  GtkWidget *popover = user_data;

  gtk_widget_unparent (popover);
  g_object_unref (popover);
  return G_SOURCE_REMOVE;
}

void
chd_canvas_close_chooser (ChdCanvas *self)
{
  GtkWidget *popover = g_steal_pointer (&self->chooser);

  if (popover == NULL)
    return;
  g_signal_handlers_disconnect_by_data (popover, self);
  gtk_widget_unparent (popover);
}

/* From inside the popover's own signal: it goes once that is over. */
static void
closed_cb (GtkPopover *popover, ChdCanvas *self)
{
  self->chooser = NULL;
  g_signal_handlers_disconnect_by_data (popover, self);
  g_idle_add (close_cb, g_object_ref (popover));
  gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
choose (ChdCanvas *self, Chooser *chooser, GtkListBoxRow *row)
{
  g_autofree char *id = g_strdup (g_object_get_data (G_OBJECT (row), "id"));
  g_autofree char *from = g_strdup (chooser->from);
  g_autofree char *reason = NULL;
  ChdItemKind kind = chooser->kind;

  gtk_popover_popdown (GTK_POPOVER (chooser->popover));
  if (kind == CHD_ITEM_UNIT)
    {
      g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);

      if (chd_edit_move_to_unit (self->scene, (const char *const *) ids, id) && self->focus != NULL)
        chd_canvas_scroll_to_node (self, self->focus);
    }
  else if (!chd_edit_connect (self->chain, from, id, &reason))
    chd_canvas_emit_message (self, reason, FALSE);
}

static Chooser *
get_chooser (ChdCanvas *self)
{
  return self->chooser != NULL ? g_object_get_data (G_OBJECT (self->chooser), "chooser") : NULL;
}

static void
row_activated_cb (GtkListBox *list, GtkListBoxRow *row, ChdCanvas *self)
{
  Chooser *chooser = get_chooser (self);

  if (chooser != NULL && gtk_widget_is_sensitive (GTK_WIDGET (row)))
    choose (self, chooser, row);
}

static GtkListBoxRow *
first_row (Chooser *chooser)
{
  for (guint i = 0; i < chooser->n_rows; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (chooser->list), (int) i);

      if (gtk_widget_get_child_visible (GTK_WIDGET (row)) && gtk_widget_is_sensitive (GTK_WIDGET (row)))
        return row;
    }
  return NULL;
}

static void
search_activated_cb (GtkSearchEntry *entry, ChdCanvas *self)
{
  Chooser *chooser = get_chooser (self);
  GtkListBoxRow *row = chooser != NULL ? first_row (chooser) : NULL;

  if (row != NULL)
    choose (self, chooser, row);
}

static void
search_changed_cb (GtkSearchEntry *entry, ChdCanvas *self)
{
  Chooser *chooser = get_chooser (self);

  if (chooser != NULL)
    gtk_list_box_invalidate_filter (GTK_LIST_BOX (chooser->list));
}

static void
search_stopped_cb (GtkSearchEntry *entry, ChdCanvas *self)
{
  if (self->chooser != NULL)
    gtk_popover_popdown (GTK_POPOVER (self->chooser));
}

static gboolean
filter_cb (GtkListBoxRow *row, gpointer user_data)
{
  Chooser *chooser = user_data;
  const char *wanted = gtk_editable_get_text (GTK_EDITABLE (chooser->search));
  g_autofree char *folded = g_utf8_casefold (wanted, -1);
  const char *title = g_object_get_data (G_OBJECT (row), "folded");

  return *folded == '\0' || strstr (title, folded) != NULL;
}

/* @refusal: (nullable): shown instead of @note, the row cannot be chosen then. */
static void
add_row (Chooser *chooser, const char *id, const char *title, const char *note, const char *refusal)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  GtkWidget *first = gtk_label_new (title), *second = gtk_label_new (refusal != NULL ? refusal : note);

  gtk_label_set_xalign (GTK_LABEL (first), 0);
  gtk_label_set_ellipsize (GTK_LABEL (first), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (second), 0);
  gtk_label_set_ellipsize (GTK_LABEL (second), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (second), 42);
  gtk_widget_add_css_class (second, "dim-label");
  gtk_widget_add_css_class (second, "caption");
  gtk_box_append (GTK_BOX (box), first);
  gtk_box_append (GTK_BOX (box), second);
  gtk_widget_set_margin_start (box, 6);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 4);
  gtk_widget_set_margin_bottom (box, 4);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_sensitive (row, refusal == NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_set_data_full (G_OBJECT (row), "id", g_strdup (id), g_free);
  g_object_set_data_full (G_OBJECT (row), "folded", g_utf8_casefold (title, -1), g_free);
  gtk_list_box_append (GTK_LIST_BOX (chooser->list), row);
  chooser->n_rows++;
}

/* An empty chooser with a heading, not yet shown. */
static Chooser *
make_chooser (ChdCanvas *self, ChdItemKind kind, const char *heading)
{
  Chooser *chooser = g_new0 (Chooser, 1);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  GtkWidget *label = gtk_label_new (heading);
  GtkWidget *scroller = gtk_scrolled_window_new ();

  chd_canvas_stop_editor (self, TRUE);
  chd_canvas_close_chooser (self);
  chooser->kind = kind;
  chooser->popover = gtk_popover_new ();
  chooser->search = gtk_search_entry_new ();
  chooser->list = gtk_list_box_new ();
  gtk_widget_add_css_class (label, "heading");
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_list_box_set_filter_func (GTK_LIST_BOX (chooser->list), filter_cb, chooser, NULL);
  gtk_list_box_set_activate_on_single_click (GTK_LIST_BOX (chooser->list), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chooser->list), GTK_ACCESSIBLE_PROPERTY_LABEL, heading, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (chooser->search), GTK_ACCESSIBLE_PROPERTY_LABEL, heading, -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), chooser->list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 320);
  gtk_widget_set_size_request (scroller, 300, -1);
  gtk_box_append (GTK_BOX (box), label);
  gtk_box_append (GTK_BOX (box), chooser->search);
  gtk_box_append (GTK_BOX (box), scroller);
  gtk_popover_set_child (GTK_POPOVER (chooser->popover), box);
  g_object_set_data_full (G_OBJECT (chooser->popover), "chooser", chooser, chooser_free);
  g_signal_connect (chooser->list, "row-activated", G_CALLBACK (row_activated_cb), self);
  g_signal_connect (chooser->search, "activate", G_CALLBACK (search_activated_cb), self);
  g_signal_connect (chooser->search, "search-changed", G_CALLBACK (search_changed_cb), self);
  g_signal_connect (chooser->search, "stop-search", G_CALLBACK (search_stopped_cb), self);
  g_signal_connect (chooser->popover, "closed", G_CALLBACK (closed_cb), self);
  return chooser;
}

static void
show_chooser (ChdCanvas *self, Chooser *chooser, const char *node)
{
  guint index = chd_scene_find_node (self->scene, node);
  ChdRect card = chd_scene_get_card_rect (self->scene, index);

  chd_canvas_scroll_to_node (self, node);
  card = chd_viewport_rect_to_view (&self->view, &card);
  self->chooser = chooser->popover;
  gtk_widget_set_parent (chooser->popover, GTK_WIDGET (self));
  gtk_popover_set_pointing_to (GTK_POPOVER (chooser->popover),
                               &(GdkRectangle){ (int) card.x, (int) card.y, (int) card.width, (int) card.height });
  gtk_popover_popup (GTK_POPOVER (chooser->popover));
  gtk_widget_grab_focus (chooser->search);
}

void
chd_canvas_choose_target (ChdCanvas *self, const char *from)
{
  Chooser *chooser;

  if (self->scene == NULL || !self->editable || chd_scene_find_node (self->scene, from) == CHD_NO_INDEX)
    return;
  chooser = make_chooser (self, CHD_ITEM_NODE, _ ("Connect to…"));
  chooser->from = g_strdup (from);
  /* What can be chosen first, then what can't and why. */
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < chd_scene_get_n_nodes (self->scene) && chooser->n_rows < MAX_ROWS; i++)
      {
        const ChdSceneNode *node = chd_scene_get_node (self->scene, i);
        g_autofree char *refusal = chd_edit_refuse_link (self->chain, from, node->item->item.id);
        const ChdUnit *unit = chd_scene_get_lane (self->scene, node->lane)->item;

        if ((refusal != NULL) == (pass == 1) && !g_str_equal (node->item->item.id, from))
          add_row (chooser, node->item->item.id, chd_item_get_title (node->item),
                   unit != NULL ? chd_item_get_title (unit) : "", refusal);
      }
  show_chooser (self, chooser, from);
}

void
chd_canvas_choose_unit (ChdCanvas *self)
{
  ChdItemKind kind;
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, &kind);
  Chooser *chooser;

  if (self->scene == NULL || !self->editable || kind != CHD_ITEM_NODE || ids[0] == NULL)
    return;
  chooser = make_chooser (self, CHD_ITEM_UNIT, _ ("Move to unit…"));
  for (guint i = 0; i < chd_scene_get_n_lanes (self->scene) && chooser->n_rows < MAX_ROWS; i++)
    {
      const ChdUnit *unit = chd_scene_get_lane (self->scene, i)->item;
      g_autofree char *path = unit != NULL ? chd_chain_get_unit_path (self->chain, unit->item.id) : NULL;

      if (unit != NULL)
        add_row (chooser, unit->item.id, chd_item_get_title (unit), path, NULL);
    }
  show_chooser (self, chooser, ids[0]);
}
