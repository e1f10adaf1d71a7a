/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The list twin of the drawing. What its keys do is the canvas' doing: it has the same selection. */

#include "config.h"

#include "chd-outline.h"

#include <glib/gi18n.h>

#include "chd-outline-model.h"

#define INDENT 16

struct _ChdOutline
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  ChdCanvas *canvas;       /* (owned) (nullable) */
  ChdScene *scene;         /* (owned) (nullable): the canvas' */
  GtkWidget *search;
  GtkStack *stack;
  GtkListView *view;
  ChdOutlineModel *model;       /* (owned) (nullable) */
  GtkMultiSelection *selection; /* (owned) (nullable) */
  GHashTable *bound;            /* GtkListItem: those that are shown */
  gboolean selecting;
};

G_DEFINE_FINAL_TYPE (ChdOutline, chd_outline, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

/* Words */

static char *
dup_link_title (ChdOutline *self, const ChdLink *link)
{
  const ChdNode *to = chd_chain_find_node (chd_scene_get_chain (self->scene), link->to);
  guint index = chd_scene_find_link (self->scene, link->item.id);
  g_autofree char *condition = index != CHD_NO_INDEX ? chd_scene_dup_link_label (self->scene, index) : NULL;
  const char *title = to != NULL ? chd_item_get_title (to) : link->to;

  if (condition != NULL)
    /* Translators: where a link leads and its condition: "Leads to “Pay” when decision is ok" */
    return g_strdup_printf (_ ("Leads to “%s” when %s"), title, condition);
  return g_strdup_printf (_ ("Leads to “%s”"), title);
}

static char *
dup_neighbours (ChdOutline *self, const char *id)
{
  ChdChain *chain = chd_scene_get_chain (self->scene);
  GPtrArray *links = chd_chain_get_links (chain, id, CHD_LINKS_OUT);
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  g_autofree char *joined = NULL;

  for (guint i = 0; i < links->len; i++)
    {
      const ChdNode *to = chd_chain_find_node (chain, ((const ChdLink *) g_ptr_array_index (links, i))->to);

      if (to != NULL)
        g_ptr_array_add (titles, (gpointer) chd_item_get_title (to));
    }
  if (titles->len == 0)
    return NULL;
  g_ptr_array_add (titles, NULL);
  joined = g_strjoinv (", ", (char **) titles->pdata);
  /* Translators: titles of nodes */
  return g_strdup_printf (_ ("Leads to %s"), joined);
}

/* What a row says: @title, and below it @note (nullable); @name is for who does not see it. */
static void
describe (ChdOutline *self, ChdOutlineRow *row, char **title, char **note, char **name)
{
  const char *id = chd_outline_row_get_id (row);
  guint index;

  switch (chd_outline_row_get_kind (row))
    {
    case CHD_ITEM_UNIT:
      index = id != NULL ? chd_scene_find_lane (self->scene, id) : CHD_NO_INDEX;
      *title = g_strdup (index != CHD_NO_INDEX ? chd_item_get_title (chd_scene_get_lane (self->scene, index)->item)
                                               : _ ("Without a unit"));
      *name = index != CHD_NO_INDEX ? chd_scene_dup_lane_name (self->scene, index) : g_strdup (*title);
      break;
    case CHD_ITEM_NODE:
      index = chd_scene_find_node (self->scene, id);
      if (index == CHD_NO_INDEX)
        break;
      *title = g_strdup (chd_item_get_title (chd_scene_get_node (self->scene, index)->item));
      *note = chd_outline_row_get_fold (row) == CHD_OUTLINE_FOLDED ? dup_neighbours (self, id) : NULL;
      *name = chd_scene_dup_node_name (self->scene, index);
      break;
    case CHD_ITEM_LINK:
      index = chd_scene_find_link (self->scene, id);
      if (index == CHD_NO_INDEX)
        break;
      *title = dup_link_title (self, chd_scene_get_link (self->scene, index)->item);
      *name = g_strdup (*title);
      break;
    case CHD_ITEM_HEAD:
    case CHD_ITEM_ENVIRONMENT:
    case CHD_ITEM_SCRIPT:
    default:
      break;
    }
}

/* While there is nothing to tell, nothing is told. */
static const char *
get_state_word (ChdOutline *self, ChdOutlineRow *row)
{
  guint index = chd_outline_row_get_kind (row) == CHD_ITEM_NODE
                    ? chd_scene_find_node (self->scene, chd_outline_row_get_id (row))
                    : CHD_NO_INDEX;

  ChdNodeState state = index != CHD_NO_INDEX ? chd_scene_get_node (self->scene, index)->state : CHD_NODE_DRAFT;

  return state != CHD_NODE_DRAFT ? chd_node_state_get_title (state) : "";
}

/* Rows */

static void
arrow_clicked_cb (GtkButton *button, GtkListItem *item)
{
  ChdOutline *self = CHD_OUTLINE (gtk_widget_get_ancestor (GTK_WIDGET (button), CHD_TYPE_OUTLINE));
  ChdOutlineRow *row = gtk_list_item_get_item (item);

  if (row != NULL)
    chd_outline_model_fold (self->model, gtk_list_item_get_position (item),
                            chd_outline_row_get_fold (row) == CHD_OUTLINE_UNFOLDED);
}

static void
setup_cb (GtkListItemFactory *factory, GtkListItem *item)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 4);
  GtkWidget *arrow = gtk_button_new_from_icon_name ("pan-end-symbolic");
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *title = gtk_label_new (NULL), *note = gtk_label_new (NULL), *state = gtk_label_new (NULL);

  gtk_widget_add_css_class (arrow, "flat");
  gtk_widget_add_css_class (arrow, "chd-arrow");
  gtk_widget_set_valign (arrow, GTK_ALIGN_CENTER);
  gtk_widget_set_focusable (arrow, FALSE);
  g_signal_connect (arrow, "clicked", G_CALLBACK (arrow_clicked_cb), item);
  gtk_label_set_ellipsize (GTK_LABEL (title), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (title), 0);
  gtk_label_set_ellipsize (GTK_LABEL (note), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (note), 0);
  gtk_widget_add_css_class (note, "caption");
  gtk_widget_add_css_class (note, "dim-label");
  gtk_widget_add_css_class (state, "caption");
  gtk_widget_add_css_class (state, "dim-label");
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (texts, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), title);
  gtk_box_append (GTK_BOX (texts), note);
  gtk_box_append (GTK_BOX (box), arrow);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), state);
  gtk_list_item_set_child (item, box);
}

static void
fill (ChdOutline *self, GtkListItem *item)
{
  ChdOutlineRow *row = gtk_list_item_get_item (item);
  GtkWidget *box = gtk_list_item_get_child (item);
  GtkWidget *arrow = gtk_widget_get_first_child (box), *texts = gtk_widget_get_next_sibling (arrow);
  GtkWidget *state = gtk_widget_get_next_sibling (texts), *title_label = gtk_widget_get_first_child (texts);
  GtkWidget *note_label = gtk_widget_get_next_sibling (title_label);
  ChdOutlineFold fold = chd_outline_row_get_fold (row);
  g_autofree char *title = NULL;
  g_autofree char *note = NULL;
  g_autofree char *name = NULL;

  describe (self, row, &title, &note, &name);
  gtk_widget_set_margin_start (box, (int) chd_outline_row_get_depth (row) * INDENT);
  gtk_button_set_icon_name (GTK_BUTTON (arrow),
                            fold == CHD_OUTLINE_UNFOLDED ? "pan-down-symbolic" : "pan-end-symbolic");
  gtk_widget_set_opacity (arrow, fold == CHD_OUTLINE_LEAF ? 0 : 1);
  gtk_widget_set_sensitive (arrow, fold != CHD_OUTLINE_LEAF);
  gtk_widget_set_tooltip_text (arrow, fold == CHD_OUTLINE_UNFOLDED ? _ ("Fold") : _ ("Unfold"));
  gtk_label_set_label (GTK_LABEL (title_label), title != NULL ? title : "");
  if (chd_outline_row_get_kind (row) == CHD_ITEM_UNIT)
    gtk_widget_add_css_class (title_label, "heading");
  else
    gtk_widget_remove_css_class (title_label, "heading");
  gtk_label_set_label (GTK_LABEL (note_label), note != NULL ? note : "");
  gtk_widget_set_visible (note_label, note != NULL);
  gtk_label_set_label (GTK_LABEL (state), get_state_word (self, row));
  gtk_widget_set_tooltip_text (box, note != NULL ? note : title);
  gtk_accessible_update_property (GTK_ACCESSIBLE (box), GTK_ACCESSIBLE_PROPERTY_LABEL, name != NULL ? name : "", -1);
}

static void
bind_cb (GtkListItemFactory *factory, GtkListItem *item, ChdOutline *self)
{
  g_hash_table_add (self->bound, item);
  fill (self, item);
}

static void
unbind_cb (GtkListItemFactory *factory, GtkListItem *item, ChdOutline *self)
{
  g_hash_table_remove (self->bound, item);
}

/* What a row says may change while it stays the same row: titles of others, states. */
static void
refill (ChdOutline *self, const char *node)
{
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->bound);
  while (g_hash_table_iter_next (&iter, &item, NULL))
    {
      ChdOutlineRow *row = gtk_list_item_get_item (item);

      if (row != NULL && (node == NULL || g_strcmp0 (chd_outline_row_get_id (row), node) == 0))
        fill (self, item);
    }
}

static void
scene_node_changed_cb (ChdOutline *self, guint index)
{
  refill (self, chd_scene_get_node (self->scene, index)->item->item.id);
}

/* Selection */

static void
show_selection (ChdOutline *self)
{
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);
  g_autoptr (GtkBitset) selected = gtk_bitset_new_empty ();
  g_autoptr (GtkBitset) all = gtk_bitset_new_empty ();

  if (self->selection == NULL || self->selecting || !gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  self->selecting = TRUE;
  for (guint i = 0; ids[i] != NULL; i++)
    {
      guint position = ids[1] == NULL ? chd_outline_model_reveal (self->model, kind, ids[i])
                                      : chd_outline_model_find (self->model, kind, ids[i]);

      if (position == G_MAXUINT)
        continue;
      gtk_bitset_add (selected, position);
      if (ids[1] == NULL)
        gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", position);
    }
  gtk_bitset_add_range (all, 0, g_list_model_get_n_items (G_LIST_MODEL (self->selection)));
  gtk_selection_model_set_selection (GTK_SELECTION_MODEL (self->selection), selected, all);
  self->selecting = FALSE;
}

/* Things of one kind at a time: of what was selected last. */
static void
selection_changed_cb (ChdOutline *self, guint position, guint n_items)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) ids = NULL;
  ChdItemKind kind = CHD_ITEM_NODE;
  gboolean known = FALSE;

  if (self->selecting)
    return;
  for (guint pass = 0; pass < 2; pass++)
    for (guint64 i = 0; i < gtk_bitset_get_size (selected); i++)
      {
        guint at = gtk_bitset_get_nth (selected, (guint) i);
        g_autoptr (ChdOutlineRow) row = g_list_model_get_item (G_LIST_MODEL (self->model), at);
        const char *id = chd_outline_row_get_id (row);

        if (pass == 0 && !known && id != NULL && at >= position && at < position + n_items)
          {
            kind = chd_outline_row_get_kind (row);
            known = TRUE;
          }
        if (pass == 1 && id != NULL && chd_outline_row_get_kind (row) == kind)
          g_strv_builder_add (builder, id);
      }
  ids = g_strv_builder_end (builder);
  self->selecting = TRUE;
  chd_workspace_set_selection (self->workspace, kind, (const char *const *) ids);
  if (ids[0] != NULL && ids[1] == NULL)
    chd_canvas_show_item (self->canvas, kind, ids[0]);
  self->selecting = FALSE;
}

/* Keys */

static ChdOutlineRow *
dup_selected_row (ChdOutline *self, guint *position)
{
  g_autoptr (GtkBitset) selected = gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection));

  if (gtk_bitset_get_size (selected) != 1)
    return NULL;
  *position = gtk_bitset_get_nth (selected, 0);
  return g_list_model_get_item (G_LIST_MODEL (self->model), *position);
}

static gboolean
fold_selected (ChdOutline *self, gboolean fold)
{
  guint position;
  g_autoptr (ChdOutlineRow) row = dup_selected_row (self, &position);

  if (row == NULL || chd_outline_row_get_fold (row) == CHD_OUTLINE_LEAF)
    return FALSE;
  chd_outline_model_fold (self->model, position, fold);
  show_selection (self);
  return TRUE;
}

static gboolean
key_pressed_cb (ChdOutline *self, guint keyval, guint keycode, GdkModifierType state)
{
  static const struct
  {
    guint key;
    GdkModifierType modifiers;
    const char *action;
  } keys[] = {
    { GDK_KEY_F2, 0, "canvas.rename" },
    { GDK_KEY_Delete, 0, "canvas.delete" },
    { GDK_KEY_BackSpace, 0, "canvas.delete" },
    { GDK_KEY_Delete, GDK_CONTROL_MASK, "canvas.delete-keep-gap" },
    { GDK_KEY_a, 0, "canvas.add-next" },
    { GDK_KEY_Return, GDK_CONTROL_MASK, "canvas.add-next" },
    { GDK_KEY_c, 0, "canvas.connect" },
    { GDK_KEY_l, GDK_CONTROL_MASK, "canvas.connect" },
    { GDK_KEY_m, 0, "canvas.choose-unit" },
    { GDK_KEY_n, 0, "canvas.add" },
    { GDK_KEY_p, 0, "canvas.bind-pipeline" },
    { GDK_KEY_t, 0, "canvas.bind-task" },
    { GDK_KEY_d, GDK_CONTROL_MASK, "canvas.duplicate" },
    { GDK_KEY_c, GDK_CONTROL_MASK, "canvas.copy" },
    { GDK_KEY_x, GDK_CONTROL_MASK, "canvas.cut" },
    { GDK_KEY_v, GDK_CONTROL_MASK, "canvas.paste" },
    { GDK_KEY_z, GDK_CONTROL_MASK, "canvas.undo" },
    { GDK_KEY_z, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "canvas.redo" },
  };
  gboolean letters = FALSE;

  if (self->canvas == NULL)
    return GDK_EVENT_PROPAGATE;
  state &= GDK_CONTROL_MASK | GDK_SHIFT_MASK | GDK_ALT_MASK;
  keyval = gdk_keyval_to_lower (keyval);
  if (state == 0 && (keyval == GDK_KEY_Left || keyval == GDK_KEY_Right))
    return fold_selected (self, keyval == GDK_KEY_Left);
  g_object_get (self->canvas, "single-keys", &letters, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (keys[i].key == keyval && keys[i].modifiers == state &&
        (letters || state != 0 || keyval < GDK_KEY_a || keyval > GDK_KEY_z))
      return gtk_widget_activate_action (GTK_WIDGET (self->canvas), keys[i].action, NULL);
  return GDK_EVENT_PROPAGATE;
}

static void
activate_cb (ChdOutline *self)
{
  if (self->canvas != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self->canvas), "canvas.activate", NULL);
}

/* Filter */

static void
update_stack (ChdOutline *self)
{
  gboolean filtered = *gtk_editable_get_text (GTK_EDITABLE (self->search)) != '\0';
  guint n = self->model != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->model)) : 0;

  gtk_stack_set_visible_child_name (self->stack, n > 0 ? "list" : filtered ? "unfound" : "nothing");
}

static void
search_changed_cb (ChdOutline *self)
{
  if (self->model == NULL)
    return;
  chd_outline_model_set_filter (self->model, gtk_editable_get_text (GTK_EDITABLE (self->search)));
  update_stack (self);
  show_selection (self);
}

static void
stop_search_cb (ChdOutline *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

static void
scene_changed_cb (ChdOutline *self)
{
  if (!gtk_widget_get_mapped (GTK_WIDGET (self)))
    return;
  refill (self, NULL);
  update_stack (self);
  show_selection (self);
}

void
chd_outline_set_canvas (ChdOutline *self, ChdCanvas *canvas)
{
  g_return_if_fail (CHD_IS_OUTLINE (self));

  if (self->canvas == canvas)
    return;
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_data (self->scene, self);
  gtk_list_view_set_model (self->view, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->scene);
  gtk_editable_set_text (GTK_EDITABLE (self->search), "");
  g_set_object (&self->canvas, canvas);
  if (canvas != NULL)
    {
      self->scene = g_object_ref (chd_canvas_get_scene (canvas));
      self->model = chd_outline_model_new (self->scene);
      self->selection = gtk_multi_selection_new (G_LIST_MODEL (g_object_ref (self->model)));
      g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (self->scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->scene, "node-changed", G_CALLBACK (scene_node_changed_cb), self,
                               G_CONNECT_SWAPPED);
      gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
      chd_outline_model_set_active (self->model, gtk_widget_get_mapped (GTK_WIDGET (self)));
    }
  update_stack (self);
}

/* Object */

static void
chd_outline_map (GtkWidget *widget)
{
  ChdOutline *self = CHD_OUTLINE (widget);

  GTK_WIDGET_CLASS (chd_outline_parent_class)->map (widget);
  if (self->model != NULL)
    chd_outline_model_set_active (self->model, TRUE);
  update_stack (self);
  show_selection (self);
}

static void
chd_outline_unmap (GtkWidget *widget)
{
  ChdOutline *self = CHD_OUTLINE (widget);

  if (self->model != NULL)
    chd_outline_model_set_active (self->model, FALSE);
  GTK_WIDGET_CLASS (chd_outline_parent_class)->unmap (widget);
}

static void
chd_outline_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_OUTLINE (object)->workspace);
}

static void
chd_outline_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdOutline *self = CHD_OUTLINE (object);

  if (g_set_object (&self->workspace, g_value_get_object (value)) && self->workspace != NULL)
    g_signal_connect_object (self->workspace, "selection-changed", G_CALLBACK (show_selection), self,
                             G_CONNECT_SWAPPED);
}

static void
chd_outline_dispose (GObject *object)
{
  ChdOutline *self = CHD_OUTLINE (object);

  if (self->canvas != NULL)
    chd_outline_set_canvas (self, NULL);
  g_clear_object (&self->workspace);
  G_OBJECT_CLASS (chd_outline_parent_class)->dispose (object);
}

static void
chd_outline_finalize (GObject *object)
{
  g_hash_table_unref (CHD_OUTLINE (object)->bound);
  G_OBJECT_CLASS (chd_outline_parent_class)->finalize (object);
}

static void
chd_outline_class_init (ChdOutlineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_outline_get_property;
  object_class->set_property = chd_outline_set_property;
  object_class->dispose = chd_outline_dispose;
  object_class->finalize = chd_outline_finalize;
  GTK_WIDGET_CLASS (klass)->map = chd_outline_map;
  GTK_WIDGET_CLASS (klass)->unmap = chd_outline_unmap;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static GtkWidget *
new_page (const char *title, const char *description)
{
  GtkWidget *page = adw_status_page_new ();

  adw_status_page_set_title (ADW_STATUS_PAGE (page), title);
  adw_status_page_set_description (ADW_STATUS_PAGE (page), description);
  gtk_widget_add_css_class (page, "compact");
  return page;
}

static void
chd_outline_init (ChdOutline *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkListItemFactory *factory = gtk_signal_list_item_factory_new ();
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->bound = g_hash_table_new (NULL, NULL);
  self->search = gtk_search_entry_new ();
  g_object_set (self->search, "placeholder-text", _ ("Filter"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->search), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Filter the outline"), -1);
  gtk_widget_set_margin_start (self->search, 9);
  gtk_widget_set_margin_end (self->search, 9);
  g_signal_connect_object (self->search, "search-changed", G_CALLBACK (search_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->search, "stop-search", G_CALLBACK (stop_search_cb), self, G_CONNECT_SWAPPED);

  g_signal_connect (factory, "setup", G_CALLBACK (setup_cb), NULL);
  g_signal_connect (factory, "bind", G_CALLBACK (bind_cb), self);
  g_signal_connect (factory, "unbind", G_CALLBACK (unbind_cb), self);
  self->view = GTK_LIST_VIEW (gtk_list_view_new (NULL, factory));
  gtk_widget_add_css_class (GTK_WIDGET (self->view), "navigation-sidebar");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Outline"), -1);
  g_signal_connect_object (self->view, "activate", G_CALLBACK (activate_cb), self, G_CONNECT_SWAPPED);
  /* Before the list, which moves by the arrows sideways too. */
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->view), keys);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->view));
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);

  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_widget_set_vexpand (GTK_WIDGET (self->stack), TRUE);
  gtk_stack_add_named (self->stack, scroller, "list");
  gtk_stack_add_named (self->stack,
                       new_page (_ ("Nothing Here Yet"), _ ("Units and nodes are listed as you draw them.")),
                       "nothing");
  gtk_stack_add_named (self->stack, new_page (_ ("Nothing Found"), _ ("Press Escape to see everything again.")),
                       "unfound");
  gtk_box_append (GTK_BOX (box), self->search);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->stack));
  adw_bin_set_child (ADW_BIN (self), box);
  update_stack (self);
}
