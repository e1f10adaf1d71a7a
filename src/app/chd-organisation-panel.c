/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The organisation as a tree. The rows are names; the units themselves are looked up when a row is shown, so that the
 * tree is only rebuilt when units came, went or moved. */

#include "config.h"

#include "chd-organisation-panel.h"

#include <glib/gi18n.h>

#include "chd-icon-button.h"
#include "chd-scene.h"
#include "chd-util.h"

struct _ChdOrganisationPanel
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  GtkListView *view;
  GtkStack *stack;
  GtkSingleSelection *selection; /* (owned) (nullable) */
  GSimpleActionGroup *actions;   /* (owned) */
  gboolean selecting;
  gboolean stale; /* a unit or a node was changed in the step under way */
};

G_DEFINE_FINAL_TYPE (ChdOrganisationPanel, chd_organisation_panel, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

static ChdChain *
get_chain (ChdOrganisationPanel *self)
{
  return self->workspace != NULL ? chd_workspace_get_chain (self->workspace) : NULL;
}

/* The tree */

static GListModel *
list_children (ChdChain *chain, const char *parent)
{
  GtkStringList *children = gtk_string_list_new (NULL);

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *unit = CHD_UNIT (chd_chain_get_item (chain, CHD_ITEM_UNIT, i));
      gboolean orphan = unit->parent != NULL && chd_chain_find_unit (chain, unit->parent) == NULL;

      if (parent == NULL ? unit->parent == NULL || orphan : g_strcmp0 (unit->parent, parent) == 0)
        gtk_string_list_append (children, unit->item.id);
    }
  return G_LIST_MODEL (children);
}

static GListModel *
create_children (gpointer item, gpointer user_data)
{
  ChdOrganisationPanel *self = user_data;
  ChdChain *chain = get_chain (self);
  GListModel *children;

  if (chain == NULL)
    return NULL;
  children = list_children (chain, gtk_string_object_get_string (item));
  if (g_list_model_get_n_items (children) == 0)
    g_clear_object (&children);
  return children;
}

static const char *
get_id (GtkTreeListRow *row)
{
  GtkStringObject *item = gtk_tree_list_row_get_item (row);

  /* The row keeps it. */
  g_object_unref (item);
  return gtk_string_object_get_string (item);
}

static guint
count_nodes (ChdChain *chain, const char *unit)
{
  guint count = 0;

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    count += g_strcmp0 (CHD_NODE (chd_chain_get_item (chain, CHD_ITEM_NODE, i))->unit, unit) == 0;
  return count;
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *title = gtk_label_new (NULL);
  GtkWidget *level = gtk_label_new (NULL);
  GtkWidget *count = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (level), PANGO_ELLIPSIZE_END);
  gtk_widget_add_css_class (level, "caption");
  gtk_widget_add_css_class (level, "dim-label");
  gtk_widget_add_css_class (count, "dim-label");
  gtk_widget_add_css_class (count, "numeric");
  gtk_widget_set_hexpand (level, TRUE);
  gtk_label_set_xalign (GTK_LABEL (level), 0);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), level);
  gtk_box_append (GTK_BOX (box), count);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), box);
  gtk_list_item_set_child (item, expander);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, ChdOrganisationPanel *self)
{
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  GtkTreeListRow *row = gtk_list_item_get_item (item);
  GtkWidget *title = gtk_widget_get_first_child (gtk_tree_expander_get_child (expander));
  GtkWidget *level = gtk_widget_get_next_sibling (title);
  GtkWidget *count = gtk_widget_get_next_sibling (level);
  ChdChain *chain = get_chain (self);
  const ChdUnit *unit = chain != NULL ? chd_chain_find_unit (chain, get_id (row)) : NULL;
  g_autofree char *number = unit != NULL ? g_strdup_printf ("%u", count_nodes (chain, unit->item.id)) : NULL;
  g_autofree char *name = NULL;
  const char *kind;

  gtk_tree_expander_set_list_row (expander, row);
  if (unit == NULL)
    return;
  kind = chd_scene_get_level_title (unit) != NULL ? chd_scene_get_level_title (unit) : "";
  name = g_strdup_printf ("%s, %s, %s", unit->title, kind, unit->lead != NULL ? unit->lead : _ ("no lead"));
  gtk_label_set_label (GTK_LABEL (title), unit->title);
  gtk_label_set_label (GTK_LABEL (level), kind);
  gtk_label_set_label (GTK_LABEL (count), g_str_equal (number, "0") ? "" : number);
  gtk_widget_set_tooltip_text (GTK_WIDGET (expander), unit->lead != NULL ? unit->lead : _ ("No lead yet"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (expander), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  /* The row around it takes the keyboard first. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (GTK_WIDGET (expander))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static guint
find_row (ChdOrganisationPanel *self, const char *id)
{
  GListModel *rows = G_LIST_MODEL (self->selection);

  for (guint i = 0; id != NULL && i < g_list_model_get_n_items (rows); i++)
    {
      g_autoptr (GtkTreeListRow) row = g_list_model_get_item (rows, i);

      if (g_str_equal (get_id (row), id))
        return i;
    }
  return GTK_INVALID_LIST_POSITION;
}

static const char *
get_selected_unit (ChdOrganisationPanel *self)
{
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);

  return kind == CHD_ITEM_UNIT ? ids[0] : NULL;
}

static void
workspace_selection_cb (ChdOrganisationPanel *self)
{
  GAction *remove = g_action_map_lookup_action (G_ACTION_MAP (self->actions), "delete-unit");

  g_simple_action_set_enabled (G_SIMPLE_ACTION (remove), get_selected_unit (self) != NULL);
  if (self->selecting || self->selection == NULL)
    return;
  self->selecting = TRUE;
  gtk_single_selection_set_selected (self->selection, find_row (self, get_selected_unit (self)));
  self->selecting = FALSE;
}

static void
row_selected_cb (ChdOrganisationPanel *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);

  if (self->selecting || row == NULL)
    return;
  self->selecting = TRUE;
  chd_workspace_select (self->workspace, CHD_ITEM_UNIT, get_id (row));
  self->selecting = FALSE;
}

static void
rebuild (ChdOrganisationPanel *self)
{
  ChdChain *chain = get_chain (self);
  GtkTreeListModel *tree;

  gtk_list_view_set_model (self->view, NULL);
  g_clear_object (&self->selection);
  if (chain == NULL)
    return;
  tree = gtk_tree_list_model_new (list_children (chain, NULL), FALSE, TRUE, create_children, self, NULL);
  self->selecting = TRUE;
  self->selection = gtk_single_selection_new (G_LIST_MODEL (tree));
  gtk_single_selection_set_autoselect (self->selection, FALSE);
  gtk_single_selection_set_can_unselect (self->selection, TRUE);
  gtk_single_selection_set_selected (self->selection, find_row (self, get_selected_unit (self)));
  self->selecting = FALSE;
  g_signal_connect_object (self->selection, "notify::selected", G_CALLBACK (row_selected_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  gtk_stack_set_visible_child_name (self->stack, chd_chain_get_n_items (chain, CHD_ITEM_UNIT) > 0 ? "tree" : "nothing");
}

static void
item_changed_cb (ChdOrganisationPanel *self, const ChdChange *change)
{
  self->stale |= change->kind == CHD_ITEM_UNIT ||
                 (change->kind == CHD_ITEM_NODE &&
                  (change->before == NULL || change->after == NULL ||
                   g_strcmp0 (CHD_NODE (change->before)->unit, CHD_NODE (change->after)->unit) != 0));
}

static void
step_done_cb (ChdOrganisationPanel *self)
{
  if (self->stale)
    rebuild (self);
  self->stale = FALSE;
}

static void
document_changed_cb (ChdOrganisationPanel *self)
{
  ChdChain *chain = get_chain (self);

  if (chain != NULL)
    {
      g_signal_connect_object (chain, "changed", G_CALLBACK (item_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (chain, "step-done", G_CALLBACK (step_done_cb), self, G_CONNECT_SWAPPED);
    }
  rebuild (self);
}

/* Actions */

static void
add_unit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdOrganisationPanel *self = user_data;
  ChdChain *chain = get_chain (self);
  g_autofree char *id = NULL;

  if (chain == NULL)
    return;
  id = chd_chain_make_id (chain, CHD_ITEM_UNIT, "unit");
  chd_chain_begin (chain, _ ("Add Unit"));
  chd_chain_append (chain, chd_unit_new (id, _ ("New unit"), get_selected_unit (self)));
  chd_chain_end (chain);
  chd_workspace_select (self->workspace, CHD_ITEM_UNIT, id);
}

/* What stood in the unit moves up; without a unit above it cannot go while something is in it. */
static void
delete_unit_activated (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  ChdOrganisationPanel *self = user_data;
  ChdChain *chain = get_chain (self);
  const char *selected = chain != NULL ? get_selected_unit (self) : NULL;
  g_autoptr (ChdUnit) unit = selected != NULL ? chd_item_ref (chd_chain_find_unit (chain, selected)) : NULL;

  if (unit == NULL)
    return;
  chd_chain_begin (chain, _ ("Delete Unit"));
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *child = CHD_UNIT (chd_chain_get_item (chain, CHD_ITEM_UNIT, i));

      if (g_strcmp0 (child->parent, unit->item.id) == 0)
        {
          ChdUnit *changed = chd_item_copy (child);

          chd_set_str (&changed->parent, unit->parent);
          chd_chain_replace (chain, changed);
        }
    }
  for (guint i = 0; unit->parent != NULL && i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (chain, CHD_ITEM_NODE, i));

      if (g_strcmp0 (node->unit, unit->item.id) == 0)
        {
          ChdNode *changed = chd_item_copy (node);

          chd_set_str (&changed->unit, unit->parent);
          chd_chain_replace (chain, changed);
        }
    }
  chd_chain_remove (chain, CHD_ITEM_UNIT, unit->item.id);
  chd_chain_end (chain);
  chd_workspace_select (self->workspace, CHD_ITEM_UNIT, unit->parent);
}

static const GActionEntry actions[] = {
  { "add-unit", add_unit_activated },
  { "delete-unit", delete_unit_activated },
};

/* Object */

static void
root_changed_cb (ChdOrganisationPanel *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  /* The inspector offers them too. */
  if (root != NULL)
    gtk_widget_insert_action_group (GTK_WIDGET (root), "organisation", G_ACTION_GROUP (self->actions));
}

static void
chd_organisation_panel_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_ORGANISATION_PANEL (object)->workspace);
}

static void
chd_organisation_panel_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdOrganisationPanel *self = CHD_ORGANISATION_PANEL (object);

  if (!g_set_object (&self->workspace, g_value_get_object (value)) || self->workspace == NULL)
    return;
  g_signal_connect_object (self->workspace, "notify::document", G_CALLBACK (document_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "selection-changed", G_CALLBACK (workspace_selection_cb), self,
                           G_CONNECT_SWAPPED);
  document_changed_cb (self);
}

static void
chd_organisation_panel_dispose (GObject *object)
{
  ChdOrganisationPanel *self = CHD_ORGANISATION_PANEL (object);

  g_clear_object (&self->selection);
  g_clear_object (&self->workspace);
  g_clear_object (&self->actions);
  G_OBJECT_CLASS (chd_organisation_panel_parent_class)->dispose (object);
}

static void
chd_organisation_panel_class_init (ChdOrganisationPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_organisation_panel_get_property;
  object_class->set_property = chd_organisation_panel_set_property;
  object_class->dispose = chd_organisation_panel_dispose;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static GtkWidget *
new_nothing (void)
{
  GtkWidget *page = adw_status_page_new ();
  GtkWidget *button = gtk_button_new_with_mnemonic (_ ("Add _Unit"));

  adw_status_page_set_title (ADW_STATUS_PAGE (page), _ ("No Units Yet"));
  adw_status_page_set_description (ADW_STATUS_PAGE (page), _ ("Units are the lanes that nodes stand in."));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "organisation.add-unit");
  gtk_widget_set_halign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "pill");
  gtk_widget_add_css_class (page, "compact");
  adw_status_page_set_child (ADW_STATUS_PAGE (page), button);
  return page;
}

static GtkWidget *
new_header (void)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GtkWidget *title = gtk_label_new (_ ("Organisation"));
  GtkWidget *add = gtk_button_new_from_icon_name ("list-add-symbolic");

  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_widget_set_hexpand (title, TRUE);
  gtk_widget_add_css_class (title, "heading");
  gtk_widget_add_css_class (add, "flat");
  chd_icon_button_set_name (add, _ ("Add a Unit Below the Selected One"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (add), "organisation.add-unit");
  gtk_widget_set_margin_start (box, 12);
  gtk_widget_set_margin_end (box, 6);
  gtk_widget_set_margin_top (box, 6);
  gtk_box_append (GTK_BOX (box), title);
  gtk_box_append (GTK_BOX (box), add);
  return box;
}

static void
chd_organisation_panel_init (ChdOrganisationPanel *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();

  self->actions = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->actions), actions, G_N_ELEMENTS (actions), self);
  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (NULL, factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Organisation"), -1);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_stack_add_named (self->stack, scroller, "tree");
  gtk_stack_add_named (self->stack, new_nothing (), "nothing");
  gtk_box_append (GTK_BOX (box), new_header ());
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
  g_signal_connect (self, "notify::root", G_CALLBACK (root_changed_cb), NULL);
}
