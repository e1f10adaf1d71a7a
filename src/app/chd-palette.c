/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The palette: rows that are dragged onto the canvas, or added by Enter or a click into the lane that is selected. */

#include "config.h"

#include "chd-palette.h"

#include <glib/gi18n.h>

#include "chd-canvas.h"

struct _ChdPalette
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  GtkSearchEntry *search;
  GtkListBox *list;
};

G_DEFINE_FINAL_TYPE (ChdPalette, chd_palette, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

static GdkContentProvider *
drag_prepare_cb (GtkDragSource *source, double x, double y, GtkWidget *row)
{
  g_autofree char *text = g_strconcat (CHD_CANVAS_PALETTE, (char *) g_object_get_data (G_OBJECT (row), "what"), NULL);

  return gdk_content_provider_new_typed (G_TYPE_STRING, text);
}

static void
drag_begin_cb (GtkDragSource *source, GdkDrag *drag, GtkWidget *row)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (row);

  gtk_drag_source_set_icon (source, paintable, 0, 0);
}

static void
row_activated_cb (ChdPalette *self, GtkListBoxRow *row)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.add-node", "s", g_object_get_data (G_OBJECT (row), "what"));
}

static void
add_row (ChdPalette *self, const char *group, const char *icon, const char *title, const char *tooltip, char *what)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *label = gtk_label_new (title);
  GtkDragSource *source = gtk_drag_source_new ();

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (icon));
  gtk_box_append (GTK_BOX (box), label);
  gtk_widget_set_margin_top (box, 6);
  gtk_widget_set_margin_bottom (box, 6);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_set_tooltip_text (row, tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  g_object_set_data_full (G_OBJECT (row), "what", what, g_free);
  g_object_set_data (G_OBJECT (row), "group", (gpointer) group);
  g_signal_connect (source, "prepare", G_CALLBACK (drag_prepare_cb), row);
  g_signal_connect (source, "drag-begin", G_CALLBACK (drag_begin_cb), row);
  gtk_widget_add_controller (row, GTK_EVENT_CONTROLLER (source));
  gtk_list_box_append (self->list, row);
}

static void
add_interfaces (ChdPalette *self, ChdCatalogue *catalogue)
{
  GListModel *interfaces = chd_catalogue_list_interfaces (catalogue);

  for (guint i = 0; i < g_list_model_get_n_items (interfaces); i++)
    {
      g_autoptr (ChdInterface) interface = g_list_model_get_item (interfaces, i);

      add_row (self, _ ("Pipelines"), "chd-pipeline-symbolic", chd_interface_get_title (interface),
               chd_interface_get_description (interface),
               g_strconcat ("pipeline:", chd_interface_get_id (interface), NULL));
    }
}

static void
add_scripts (ChdPalette *self, ChdCatalogue *catalogue)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  GPtrArray *shared = chd_catalogue_get_scripts (catalogue);

  for (guint i = 0; chain != NULL && i < chd_chain_get_n_items (chain, CHD_ITEM_SCRIPT); i++)
    {
      const ChdScript *script = CHD_SCRIPT (chd_chain_get_item (chain, CHD_ITEM_SCRIPT, i));

      add_row (self, _ ("Scripts"), "chd-task-symbolic", script->title, _ ("A script of this chain"),
               g_strconcat ("task:", script->item.id, NULL));
    }
  for (guint i = 0; i < shared->len; i++)
    {
      const ChdScript *script = g_ptr_array_index (shared, i);

      if (chain == NULL || chd_chain_find_script (chain, script->item.id) == NULL)
        add_row (self, _ ("Scripts"), "chd-task-symbolic", script->title, _ ("A script of the library"),
                 g_strconcat ("task:", script->item.id, NULL));
    }
}

static void
update (ChdPalette *self)
{
  GtkWidget *row;
  ChdCatalogue *catalogue = chd_workspace_get_catalogue (self->workspace);

  while ((row = gtk_widget_get_first_child (GTK_WIDGET (self->list))) != NULL)
    gtk_list_box_remove (self->list, row);
  add_row (self, _ ("Nodes"), "chd-node-symbolic", _ ("Node"), _ ("A step to be filled in later"), g_strdup ("node"));
  add_row (self, _ ("Nodes"), "chd-pipeline-symbolic", _ ("Node with a Pipeline"),
           _ ("A step, and the dialog for its pipeline"), g_strdup ("pipeline"));
  add_row (self, _ ("Nodes"), "chd-task-symbolic", _ ("Node with a Task"), _ ("A step, and the dialog for its task"),
           g_strdup ("task"));
  add_interfaces (self, catalogue);
  add_scripts (self, catalogue);
}

static gboolean
filter_row (GtkListBoxRow *row, gpointer user_data)
{
  ChdPalette *self = user_data;
  const char *wanted = gtk_editable_get_text (GTK_EDITABLE (self->search));
  GtkWidget *label = gtk_widget_get_last_child (gtk_list_box_row_get_child (row));
  g_autofree char *folded = g_utf8_casefold (wanted, -1);
  g_autofree char *title = g_utf8_casefold (gtk_label_get_text (GTK_LABEL (label)), -1);

  return strstr (title, folded) != NULL;
}

static void
update_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer user_data)
{
  const char *group = g_object_get_data (G_OBJECT (row), "group");
  GtkWidget *label = NULL;

  if (before == NULL || g_strcmp0 (g_object_get_data (G_OBJECT (before), "group"), group) != 0)
    {
      label = gtk_label_new (group);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_set_margin_start (label, 12);
      gtk_widget_set_margin_top (label, 9);
      gtk_widget_set_margin_bottom (label, 3);
      gtk_widget_add_css_class (label, "caption-heading");
      gtk_widget_add_css_class (label, "dim-label");
    }
  gtk_list_box_row_set_header (row, label);
}

static void
chd_palette_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_PALETTE (object)->workspace);
}

static void
chd_palette_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdPalette *self = CHD_PALETTE (object);

  if (!g_set_object (&self->workspace, g_value_get_object (value)) || self->workspace == NULL)
    return;
  g_signal_connect_object (self->workspace, "notify::catalogue", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "notify::document", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
chd_palette_dispose (GObject *object)
{
  g_clear_object (&CHD_PALETTE (object)->workspace);
  G_OBJECT_CLASS (chd_palette_parent_class)->dispose (object);
}

static void
chd_palette_class_init (ChdPaletteClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_palette_get_property;
  object_class->set_property = chd_palette_set_property;
  object_class->dispose = chd_palette_dispose;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static void
chd_palette_init (ChdPalette *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *nothing = gtk_label_new (_ ("Nothing in the palette matches."));

  self->search = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  gtk_widget_set_margin_top (GTK_WIDGET (self->search), 9);
  gtk_widget_set_margin_bottom (GTK_WIDGET (self->search), 3);
  gtk_widget_set_margin_start (GTK_WIDGET (self->search), 9);
  gtk_widget_set_margin_end (GTK_WIDGET (self->search), 9);
  g_object_set (self->search, "placeholder-text", _ ("Search what to add"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Search what to add"), -1);
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_list_box_set_selection_mode (self->list, GTK_SELECTION_NONE);
  gtk_list_box_set_filter_func (self->list, filter_row, self, NULL);
  gtk_list_box_set_header_func (self->list, update_header, NULL, NULL);
  gtk_list_box_set_placeholder (self->list, nothing);
  gtk_widget_set_margin_top (nothing, 18);
  gtk_widget_add_css_class (nothing, "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Palette"), -1);
  g_signal_connect_object (self->list, "row-activated", G_CALLBACK (row_activated_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (gtk_list_box_invalidate_filter), self->list,
                           G_CONNECT_SWAPPED);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_widget_set_vexpand (scroller, TRUE);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->search));
  gtk_box_append (GTK_BOX (box), scroller);
  adw_bin_set_child (ADW_BIN (self), box);
}
