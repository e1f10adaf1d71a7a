/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The canvas widget: its chain, properties and signals. Scrolling and zoom are in chd-canvas-view.c, what it draws is
 * in chd-canvas-draw.c and -overlay.c, what the pointer does in -gestures.c and the tools, what keys and menus do in
 * -actions.c.
 *
 *  (1) Every edit is a step of the chain; the canvas keeps nothing of the document beside it.
 *  (2) `view` says what is seen; the adjustments follow it and it follows them, and nobody else sets either.
 *  (3) A running tool changes nothing of the chain before its end; cancelling it leaves no trace. */

#include "config.h"

#include "chd-canvas-private.h"

#include <math.h>

#include "chd-util.h"

static void chd_canvas_scrollable_init (GtkScrollableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChdCanvas,
                               chd_canvas,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, chd_canvas_scrollable_init))

typedef enum
{
  PROP_CHAIN = 1,
  PROP_ZOOM,
  PROP_EDITABLE,
  PROP_SINGLE_KEYS,
  PROP_EMPTY_SELECTION,
  PROP_HADJUSTMENT, /* of GtkScrollable from here */
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
} ChdCanvasProperty;
static GParamSpec *properties[PROP_EMPTY_SELECTION + 1];

enum
{
  SIGNAL_SELECTION_CHANGED,
  SIGNAL_ACTIVATE_NODE,
  SIGNAL_REQUEST_MENU,
  SIGNAL_MESSAGE,
  SIGNAL_BIND_NODE,
  SIGNAL_COPY,
  SIGNAL_PASTE,
  SIGNAL_VIEW_CHANGED, /* for the minimap */
  N_SIGNALS
};
static guint signals[N_SIGNALS];

void
chd_canvas_emit_message (ChdCanvas *self, const char *text, gboolean undoable)
{
  g_signal_emit (self, signals[SIGNAL_MESSAGE], 0, text, undoable);
}

void
chd_canvas_emit_bind (ChdCanvas *self, const char *id, const char *kind)
{
  g_signal_emit (self, signals[SIGNAL_BIND_NODE], 0, id, kind);
}

void
chd_canvas_emit_activate (ChdCanvas *self, const char *id)
{
  g_signal_emit (self, signals[SIGNAL_ACTIVATE_NODE], 0, id);
}

void
chd_canvas_emit_menu (ChdCanvas *self, double x, double y, const char *id)
{
  g_signal_emit (self, signals[SIGNAL_REQUEST_MENU], 0, x, y, id);
}

void
chd_canvas_emit_copy (ChdCanvas *self, ChdChain *fragment)
{
  g_signal_emit (self, signals[SIGNAL_COPY], 0, fragment);
}

void
chd_canvas_emit_paste (ChdCanvas *self)
{
  g_signal_emit (self, signals[SIGNAL_PASTE], 0);
}

void
chd_canvas_emit_view_changed (ChdCanvas *self)
{
  g_signal_emit (self, signals[SIGNAL_VIEW_CHANGED], 0);
}

void
chd_canvas_invalidate (ChdCanvas *self)
{
  g_clear_pointer (&self->layer, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
chd_canvas_selection_changed (ChdCanvas *self)
{
  chd_canvas_name_proxies (self);
  chd_canvas_update_actions (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
  g_signal_emit (self, signals[SIGNAL_SELECTION_CHANGED], 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EMPTY_SELECTION]);
}

static void
scene_changed_cb (ChdCanvas *self)
{
  chd_canvas_prune_selection (self);
  chd_canvas_scene_changed (self);
  self->relations_stale = TRUE;
  chd_canvas_name_proxies (self);
  chd_canvas_update_actions (self);
  chd_canvas_configure_adjustments (self);
  gtk_widget_queue_allocate (GTK_WIDGET (self));
}

static void
scene_node_changed_cb (ChdCanvas *self, guint index)
{
  chd_canvas_node_state_changed (self, index);
  chd_canvas_name_proxies (self);
}

static void
chd_canvas_measure (GtkWidget *widget,
                    GtkOrientation orientation,
                    int for_size,
                    int *minimum,
                    int *natural,
                    int *minimum_baseline,
                    int *natural_baseline)
{
  *minimum = 64;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 800 : 560;
}

static void
chd_canvas_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  ChdCanvas *self = CHD_CANVAS (widget);

  if (self->view.width != width || self->view.height != height)
    {
      self->view.width = width;
      self->view.height = height;
      g_clear_pointer (&self->layer, gsk_render_node_unref);
      if (self->fit_pending && self->scene != NULL)
        chd_canvas_open_view (self);
      chd_canvas_configure_adjustments (self);
      g_signal_emit (self, signals[SIGNAL_VIEW_CHANGED], 0);
    }
  chd_canvas_allocate_proxies (self);
  chd_canvas_allocate_editor (self);
  if (self->chooser != NULL)
    gtk_popover_present (GTK_POPOVER (self->chooser));
}

static void
chd_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  ChdCanvas *self = CHD_CANVAS (widget);

  gtk_snapshot_push_clip (snapshot, &GRAPHENE_RECT_INIT (0, 0, (float) self->view.width, (float) self->view.height));
  chd_canvas_draw (self, snapshot);
  gtk_snapshot_pop (snapshot);
  if (self->editor != NULL)
    gtk_widget_snapshot_child (widget, self->editor, snapshot);
}

static void
chd_canvas_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  ChdCanvas *self = CHD_CANVAS (widget);

  GTK_WIDGET_CLASS (chd_canvas_parent_class)->css_changed (widget, change);
  chd_canvas_style_changed (self);
}

static void
chd_canvas_system_setting_changed (GtkWidget *widget, GtkSystemSetting setting)
{
  ChdCanvas *self = CHD_CANVAS (widget);

  GTK_WIDGET_CLASS (chd_canvas_parent_class)->system_setting_changed (widget, setting);
  chd_canvas_style_changed (self);
  chd_canvas_view_changed (self);
}

/* Tab leaves the canvas; it enters at the node that had the focus, else at the start of the chain. */
static gboolean
chd_canvas_focus (GtkWidget *widget, GtkDirectionType direction)
{
  if (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD)
    return FALSE;
  if (gtk_widget_get_focus_child (widget) != NULL || gtk_widget_has_focus (widget))
    return FALSE;
  return gtk_widget_grab_focus (widget);
}

static gboolean
chd_canvas_grab_focus (GtkWidget *widget)
{
  ChdCanvas *self = CHD_CANVAS (widget);
  GtkWidget *proxy;

  if (self->focus == NULL && self->scene != NULL && self->selection_kind == CHD_ITEM_NODE &&
      chd_scene_get_n_nodes (self->scene) > 0)
    {
      guint first = chd_scene_go (self->scene, CHD_NO_INDEX, CHD_GO_FIRST);

      /* All of them may be inside of collapsed lanes. */
      if (first != CHD_NO_INDEX)
        self->focus = g_strdup (chd_scene_get_node (self->scene, first)->item->item.id);
    }
  proxy = self->focus != NULL ? chd_canvas_get_node_proxy (self, self->focus) : NULL;
  if (proxy != NULL && gtk_widget_grab_focus (proxy))
    return TRUE;
  return GTK_WIDGET_CLASS (chd_canvas_parent_class)->grab_focus (widget);
}

static void
chd_canvas_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (chd_canvas_parent_class)->realize (widget);
  chd_canvas_style_changed (CHD_CANVAS (widget));
}

static void
chd_canvas_unrealize (GtkWidget *widget)
{
  ChdCanvas *self = CHD_CANVAS (widget);

  chd_canvas_tool_cancel (self);
  chd_canvas_stop_editor (self, TRUE);
  chd_canvas_close_chooser (self);
  g_clear_handle_id (&self->rename_timeout, g_source_remove);
  GTK_WIDGET_CLASS (chd_canvas_parent_class)->unrealize (widget);
}

static gboolean
chd_canvas_get_border (GtkScrollable *scrollable, GtkBorder *border)
{
  return FALSE;
}

static void
chd_canvas_scrollable_init (GtkScrollableInterface *iface)
{
  iface->get_border = chd_canvas_get_border;
}

static void
chd_canvas_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdCanvas *self = CHD_CANVAS (object);

  switch ((ChdCanvasProperty) prop_id)
    {
    case PROP_CHAIN:
      g_value_set_object (value, self->chain);
      break;
    case PROP_ZOOM:
      g_value_set_double (value, self->zoom);
      break;
    case PROP_EDITABLE:
      g_value_set_boolean (value, self->editable);
      break;
    case PROP_SINGLE_KEYS:
      g_value_set_boolean (value, self->single_keys);
      break;
    case PROP_EMPTY_SELECTION:
      g_value_set_boolean (value, g_hash_table_size (self->selection) == 0);
      break;
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->adjustments[0]);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->adjustments[1]);
      break;
    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, self->policies[0]);
      break;
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, self->policies[1]);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_canvas_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdCanvas *self = CHD_CANVAS (object);

  switch ((ChdCanvasProperty) prop_id)
    {
    case PROP_CHAIN:
      chd_canvas_set_chain (self, g_value_get_object (value));
      break;
    case PROP_ZOOM:
      chd_canvas_set_zoom (self, g_value_get_double (value));
      break;
    case PROP_EDITABLE:
      chd_canvas_set_editable (self, g_value_get_boolean (value));
      break;
    case PROP_SINGLE_KEYS:
      if (self->single_keys != g_value_get_boolean (value))
        {
          self->single_keys = g_value_get_boolean (value);
          g_object_notify_by_pspec (object, pspec);
        }
      break;
    case PROP_HADJUSTMENT:
      chd_canvas_set_adjustment (self, 0, g_value_get_object (value));
      break;
    case PROP_VADJUSTMENT:
      chd_canvas_set_adjustment (self, 1, g_value_get_object (value));
      break;
    case PROP_HSCROLL_POLICY:
      self->policies[0] = g_value_get_enum (value);
      break;
    case PROP_VSCROLL_POLICY:
      self->policies[1] = g_value_get_enum (value);
      break;
    case PROP_EMPTY_SELECTION:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_canvas_dispose (GObject *object)
{
  ChdCanvas *self = CHD_CANVAS (object);

  chd_canvas_stop_auto_pan (self);
  g_clear_handle_id (&self->rename_timeout, g_source_remove);
  chd_canvas_close_chooser (self);
  chd_canvas_stop_editor (self, FALSE);
  chd_canvas_drop_proxies (self);
  chd_canvas_set_chain (self, NULL);
  chd_canvas_set_adjustment (self, 0, NULL);
  chd_canvas_set_adjustment (self, 1, NULL);
  G_OBJECT_CLASS (chd_canvas_parent_class)->dispose (object);
}

static void
chd_canvas_finalize (GObject *object)
{
  ChdCanvas *self = CHD_CANVAS (object);

  g_clear_pointer (&self->layer, gsk_render_node_unref);
  g_clear_pointer (&self->painter, chd_snapshot_painter_free);
  g_clear_pointer (&self->band_before, g_hash_table_unref);
  g_ptr_array_unref (self->lane_pictures);
  g_clear_pointer (&self->matches, g_hash_table_unref);
  g_hash_table_unref (self->plain_tiles);
  g_hash_table_unref (self->selection);
  g_hash_table_unref (self->proxies);
  g_ptr_array_unref (self->spare_proxies);
  g_free (self->focus);
  g_free (self->tool_node);
  g_free (self->tool_target);
  g_free (self->tool_reason);
  g_free (self->editor_id);
  G_OBJECT_CLASS (chd_canvas_parent_class)->finalize (object);
}

static void
install_signals (ChdCanvasClass *klass)
{
  const GType type = G_TYPE_FROM_CLASS (klass);

  signals[SIGNAL_SELECTION_CHANGED] =
      g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_ACTIVATE_NODE] =
      g_signal_new ("activate-node", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_REQUEST_MENU] = g_signal_new ("request-menu", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                               G_TYPE_NONE, 3, G_TYPE_DOUBLE, G_TYPE_DOUBLE, G_TYPE_STRING);
  signals[SIGNAL_MESSAGE] = g_signal_new ("message", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                          G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[SIGNAL_COPY] =
      g_signal_new ("copy", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, CHD_TYPE_CHAIN);
  signals[SIGNAL_PASTE] = g_signal_new ("paste", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_VIEW_CHANGED] =
      g_signal_new ("view-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_BIND_NODE] = g_signal_new ("bind-node", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                                            G_TYPE_STRING, G_TYPE_STRING);
}

static void
chd_canvas_class_init (ChdCanvasClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = chd_canvas_get_property;
  object_class->set_property = chd_canvas_set_property;
  object_class->dispose = chd_canvas_dispose;
  object_class->finalize = chd_canvas_finalize;
  widget_class->measure = chd_canvas_measure;
  widget_class->size_allocate = chd_canvas_size_allocate;
  widget_class->snapshot = chd_canvas_snapshot;
  widget_class->css_changed = chd_canvas_css_changed;
  widget_class->system_setting_changed = chd_canvas_system_setting_changed;
  widget_class->focus = chd_canvas_focus;
  widget_class->grab_focus = chd_canvas_grab_focus;
  widget_class->realize = chd_canvas_realize;
  widget_class->unrealize = chd_canvas_unrealize;

  properties[PROP_CHAIN] = g_param_spec_object ("chain", NULL, NULL, CHD_TYPE_CHAIN, flags);
  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, CHD_CANVAS_MIN_ZOOM, CHD_CANVAS_MAX_ZOOM, 1, flags);
  properties[PROP_EDITABLE] = g_param_spec_boolean ("editable", NULL, NULL, TRUE, flags);
  properties[PROP_SINGLE_KEYS] = g_param_spec_boolean ("single-keys", NULL, NULL, TRUE, flags);
  properties[PROP_EMPTY_SELECTION] =
      g_param_spec_boolean ("empty-selection", NULL, NULL, TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");
  install_signals (klass);
  chd_canvas_install_actions (widget_class);
  gtk_widget_class_set_css_name (widget_class, "chain-canvas");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

/* Lanes that were never in view have no picture. */
static void
free_lane_picture (gpointer picture)
{
  if (picture != NULL)
    chd_canvas_free_picture (picture);
}

static void
chd_canvas_init (ChdCanvas *self)
{
  self->editable = TRUE;
  self->single_keys = TRUE;
  self->zoom = self->text_scale = self->view.scale = 1;
  self->fit_pending = TRUE;
  self->selection_kind = CHD_ITEM_NODE;
  self->selection = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->lane_pictures = g_ptr_array_new_with_free_func (free_lane_picture);
  self->plain_tiles = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gsk_render_node_unref);
  self->proxies = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->spare_proxies = g_ptr_array_new ();
  chd_canvas_drop_guides (self);
  self->tool_lane = self->tool_link = CHD_NO_INDEX;
  self->hover = (ChdHit){ CHD_HIT_NOTHING, CHD_NO_INDEX };
  chd_palette_init (&self->palette, FALSE);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
  chd_canvas_add_controllers (self);
  chd_canvas_add_drop_target (self);
}

GtkWidget *
chd_canvas_new (ChdChain *chain)
{
  return g_object_new (CHD_TYPE_CANVAS, "chain", chain, NULL);
}

ChdChain *
chd_canvas_get_chain (ChdCanvas *self)
{
  return self->chain;
}

void
chd_canvas_set_chain (ChdCanvas *self, ChdChain *chain)
{
  if (self->chain == chain)
    return;
  chd_canvas_tool_cancel (self);
  chd_canvas_stop_editor (self, FALSE);
  chd_canvas_drop_proxies (self);
  if (self->scene != NULL)
    {
      chd_canvas_drop_drawings (self);
      chd_scene_set_picture_free (self->scene, NULL);
      g_signal_handlers_disconnect_by_data (self->scene, self);
      g_signal_handlers_disconnect_by_data (self->chain, self);
    }
  g_clear_object (&self->scene);
  g_set_object (&self->chain, chain);
  g_hash_table_remove_all (self->selection);
  g_clear_pointer (&self->focus, g_free);
  self->hover = (ChdHit){ CHD_HIT_NOTHING, CHD_NO_INDEX };
  if (chain != NULL)
    {
      self->scene = chd_scene_new (chain);
      chd_scene_set_picture_free (self->scene, chd_canvas_free_picture);
      g_signal_connect_swapped (self->scene, "changed", G_CALLBACK (scene_changed_cb), self);
      g_signal_connect_swapped (self->scene, "node-changed", G_CALLBACK (scene_node_changed_cb), self);
      g_signal_connect_swapped (chain, "step-done", G_CALLBACK (chd_canvas_update_actions), self);
      chd_canvas_scene_changed (self);
      chd_canvas_selection_changed (self);
      if (self->view.width > 0)
        chd_canvas_open_view (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHAIN]);
}

ChdScene *
chd_canvas_get_scene (ChdCanvas *self)
{
  return self->scene;
}

gboolean
chd_canvas_get_editable (ChdCanvas *self)
{
  return self->editable;
}

void
chd_canvas_set_editable (ChdCanvas *self, gboolean editable)
{
  if (self->editable == editable)
    return;
  if (!editable)
    {
      chd_canvas_tool_cancel (self);
      chd_canvas_stop_editor (self, FALSE);
    }
  self->editable = editable;
  chd_canvas_drop_drawings (self);
  chd_canvas_update_actions (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_EDITABLE]);
}

void
chd_canvas_focus_node (ChdCanvas *self, const char *id)
{
  if (self->chain == NULL || chd_chain_find_node (self->chain, id) == NULL)
    return;
  chd_canvas_select_one (self, CHD_ITEM_NODE, id);
  chd_canvas_scroll_to_node (self, id);
  chd_canvas_set_focus_node (self, id, TRUE);
}

void
chd_canvas_set_node_state (ChdCanvas *self, const char *id, ChdNodeState state, const char *note, double progress)
{
  if (self->scene != NULL)
    chd_scene_set_node_state (self->scene, id, state, note, progress);
}

void
chd_canvas_clear_node_states (ChdCanvas *self)
{
  if (self->scene != NULL)
    chd_scene_clear_node_states (self->scene);
}
