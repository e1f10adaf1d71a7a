/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The canvas' actions, each for menus, buttons, keys and assistive tools alike, and the keys that are its own
 * (ux-guide.md, 2.1). One table says it all. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-canvas-private.h"
#include "chd-edit-arrange.h"
#include "chd-edit-lanes.h"
#include "chd-edit.h"
#include "chd-layout.h"

#define NUDGE 16.0
#define FINE_NUDGE 1.0

typedef void (*ActFunc) (ChdCanvas *self, int argument);

/* When an action makes sense. */
typedef enum
{
  NEEDS_CHAIN = 0,
  NEEDS_EDITABLE = 1 << 0,
  NEEDS_SELECTION = 1 << 1,
  NEEDS_NODE = 1 << 2, /* one that has the focus */
  NEEDS_UNDO = 1 << 3,
  NEEDS_REDO = 1 << 4,
  NEEDS_NODES = 1 << 5, /* any in the chain */
  NEEDS_SELECTED_NODES = 1 << 6,
  NEEDS_SEVERAL_NODES = 1 << 9,
  NEEDS_UNIT = 1 << 8,         /* exactly one selected */
  NEEDS_NODE_OR_LINK = 1 << 7, /* such a node, or one link */
} Needs;

static void
act_undo (ChdCanvas *self, int argument)
{
  if (argument < 0)
    chd_chain_undo (self->chain);
  else
    chd_chain_redo (self->chain);
}

static void
act_select_all (ChdCanvas *self, int argument)
{
  if (argument != 0)
    chd_canvas_select_all (self);
  else
    chd_canvas_select_one (self, CHD_ITEM_NODE, NULL);
}

static void
act_delete (ChdCanvas *self, int keep_gap)
{
  ChdItemKind kind;
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, &kind);
  g_autofree char *message = NULL;
  g_autofree char *next = NULL;
  gboolean done;

  /* The keyboard goes on from what came before. */
  if (kind == CHD_ITEM_NODE && self->focus != NULL && g_strv_contains ((const char *const *) ids, self->focus))
    {
      guint from = chd_scene_find_node (self->scene, self->focus), to = chd_scene_go (self->scene, from, CHD_GO_LEFT);

      if (to == CHD_NO_INDEX)
        to = chd_scene_go (self->scene, from, CHD_GO_NEXT);
      if (to != CHD_NO_INDEX)
        next = g_strdup (chd_scene_get_node (self->scene, to)->item->item.id);
    }
  done = chd_edit_delete (self->scene, kind, (const char *const *) ids, keep_gap != 0, &message);
  if (done && next != NULL && chd_chain_find_node (self->chain, next) != NULL)
    chd_canvas_set_focus_node (self, next, FALSE);
  if (message != NULL)
    chd_canvas_emit_message (self, message, done);
}

static void
act_rename (ChdCanvas *self, int argument)
{
  ChdItemKind kind;
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, &kind);

  if (ids[0] != NULL && (kind == CHD_ITEM_NODE || kind == CHD_ITEM_UNIT))
    chd_canvas_start_editor (self, kind, ids[0]);
}

static void
add_first_unit (ChdCanvas *self)
{
  g_autofree char *id = chd_edit_add_unit (self->chain, _ ("New unit"), NULL);

  chd_canvas_select_one (self, CHD_ITEM_UNIT, id);
  chd_canvas_zoom_fit (self);
  chd_canvas_start_editor (self, CHD_ITEM_UNIT, id);
}

static void
act_add (ChdCanvas *self, int argument)
{
  /* Nodes belong to units: without any there is a unit to add first. */
  if (chd_chain_get_n_items (self->chain, CHD_ITEM_UNIT) == 0)
    add_first_unit (self);
  else
    g_free (chd_canvas_add (self, "node", NULL));
}

static void
insert_on_link (ChdCanvas *self)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);
  guint link = chd_scene_find_link (self->scene, ids[0]);
  ChdRect rect;
  g_autofree char *id = NULL;

  if (link == CHD_NO_INDEX)
    return;
  rect = chd_scene_get_link_rect (self->scene, link);
  id = chd_edit_insert (self->scene, "node", NULL, link, rect.x + rect.width / 2, rect.y + rect.height / 2);
  if (id != NULL)
    chd_canvas_present_new (self, id, "node");
}

/* After the node, or on the link that is selected. */
static void
act_add_next (ChdCanvas *self, int argument)
{
  g_autofree char *after = g_strdup (self->focus);
  g_autofree char *id = NULL;

  if (self->selection_kind == CHD_ITEM_LINK)
    {
      insert_on_link (self);
      return;
    }
  id = chd_edit_add_after (self->scene, "node", NULL, after);
  if (id != NULL)
    chd_canvas_present_new (self, id, "node");
}

/* With exactly two selected nodes they are meant; else there is a list to choose from. */
static void
act_connect (ChdCanvas *self, int argument)
{
  chd_canvas_choose_target (self, self->focus);
}

static void
act_duplicate (ChdCanvas *self, int argument)
{
  chd_canvas_duplicate (self);
}

static void
act_copy (ChdCanvas *self, int cut)
{
  chd_canvas_copy (self, cut != 0);
}

static void
act_paste (ChdCanvas *self, int at_menu)
{
  chd_canvas_ask_for_paste (self, at_menu != 0);
}

static void
act_choose_unit (ChdCanvas *self, int argument)
{
  chd_canvas_choose_unit (self);
}

static void
act_activate (ChdCanvas *self, int argument)
{
  g_autofree char *id = g_strdup (self->focus);

  chd_canvas_emit_activate (self, id);
}

static void
act_bind (ChdCanvas *self, int task)
{
  g_autofree char *id = g_strdup (self->focus);

  chd_canvas_emit_bind (self, id, task != 0 ? "task" : "pipeline");
}

static void
act_zoom (ChdCanvas *self, int argument)
{
  if (argument > 0)
    chd_canvas_zoom_in (self);
  else if (argument < 0)
    chd_canvas_zoom_out (self);
  else
    chd_canvas_set_zoom (self, 1);
}

static void
act_fit (ChdCanvas *self, int selection)
{
  ChdRect rect;

  if (selection == 0)
    {
      chd_canvas_zoom_fit (self);
      return;
    }
  rect = chd_canvas_get_selection_rect (self);
  chd_canvas_fit_rect (self, &rect);
}

static void
act_tidy (ChdCanvas *self, int argument)
{
  if (chd_layout_apply (self->chain))
    chd_canvas_zoom_fit (self);
}

static void
act_go (ChdCanvas *self, int where)
{
  guint from = self->focus != NULL ? chd_scene_find_node (self->scene, self->focus) : CHD_NO_INDEX;
  guint to;
  g_autofree char *id = NULL;

  /* A selected lane is folded by the arrows, as a row of a tree. */
  if ((where == CHD_GO_LEFT || where == CHD_GO_RIGHT) && chd_canvas_set_lane_collapsed (self, where == CHD_GO_LEFT))
    return;
  to = chd_scene_go (self->scene, from, where & 0xff);
  if (to == CHD_NO_INDEX)
    return;
  id = g_strdup (chd_scene_get_node (self->scene, to)->item->item.id);
  if ((where & 0x100) != 0)
    {
      /* Extending: what was left stays selected. */
      if (!chd_canvas_is_selected (self, CHD_ITEM_NODE, id))
        chd_canvas_toggle (self, CHD_ITEM_NODE, id);
      chd_canvas_scroll_to_node (self, id);
      chd_canvas_set_focus_node (self, id, TRUE);
    }
  else
    chd_canvas_focus_node (self, id);
}

static void
act_arrange (ChdCanvas *self, int how)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);

  chd_edit_arrange (self->scene, (const char *const *) ids, how);
}

static void
act_lane (ChdCanvas *self, int step)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);

  if (self->selection_kind == CHD_ITEM_UNIT && ids[0] != NULL)
    chd_canvas_step_lane (self, ids[0], step);
}

static void
act_collapse (ChdCanvas *self, int argument)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);
  guint lane = self->selection_kind == CHD_ITEM_UNIT && ids[0] != NULL ? chd_scene_find_lane (self->scene, ids[0])
                                                                       : CHD_NO_INDEX;

  if (lane != CHD_NO_INDEX)
    chd_canvas_toggle_lane (self, lane);
}

static void
act_nudge (ChdCanvas *self, int how)
{
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, NULL);
  g_autofree char *joined = g_strjoinv (" ", ids);
  g_autofree char *key = g_strconcat ("nudge:", joined, NULL);
  double by = (how & 0x100) != 0 ? FINE_NUDGE : NUDGE;
  ChdGo where = how & 0xff;
  double dx = where == CHD_GO_LEFT ? -by : where == CHD_GO_RIGHT ? by : 0;
  double dy = where == CHD_GO_UP ? -by : where == CHD_GO_DOWN ? by : 0;

  if (self->selection_kind == CHD_ITEM_UNIT)
    {
      act_lane (self, where == CHD_GO_UP     ? CHD_LANE_UP
                      : where == CHD_GO_DOWN ? CHD_LANE_DOWN
                      : where == CHD_GO_LEFT ? CHD_LANE_OUTDENT
                                             : CHD_LANE_INDENT);
      return;
    }
  chd_edit_move (self->scene, (const char *const *) ids, dx, dy, CHD_NO_INDEX, key);
  if (self->focus != NULL)
    chd_canvas_scroll_to_node (self, self->focus);
}

static void
act_menu (ChdCanvas *self, int argument)
{
  guint node = self->focus != NULL ? chd_scene_find_node (self->scene, self->focus) : CHD_NO_INDEX;
  g_autofree char *id = g_strdup (self->focus);
  ChdRect card;

  if (node == CHD_NO_INDEX)
    {
      self->menu_at = chd_canvas_to_scene (self, self->view.width / 2, self->view.height / 2);
      chd_canvas_emit_menu (self, self->view.width / 2, self->view.height / 2, NULL);
      return;
    }
  card = chd_scene_get_card_rect (self->scene, node);
  card = chd_viewport_rect_to_view (&self->view, &card);
  chd_canvas_emit_menu (self, card.x + card.width / 2, card.y + card.height, id);
}

static const struct
{
  const char *name;
  ActFunc func;
  int argument;
  guint needs;
} actions[] = {
  { "canvas.undo", act_undo, -1, NEEDS_EDITABLE | NEEDS_UNDO },
  { "canvas.redo", act_undo, 1, NEEDS_EDITABLE | NEEDS_REDO },
  { "canvas.select-all", act_select_all, 1, NEEDS_CHAIN },
  { "canvas.select-none", act_select_all, 0, NEEDS_CHAIN },
  { "canvas.duplicate", act_duplicate, 0, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
  { "canvas.copy", act_copy, 0, NEEDS_SELECTED_NODES },
  { "canvas.cut", act_copy, 1, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
  { "canvas.paste", act_paste, 0, NEEDS_EDITABLE },
  { "canvas.paste-here", act_paste, 1, NEEDS_EDITABLE },
  { "canvas.delete", act_delete, 0, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.delete-keep-gap", act_delete, 1, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.rename", act_rename, 0, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.add", act_add, 0, NEEDS_EDITABLE },
  { "canvas.add-next", act_add_next, 0, NEEDS_EDITABLE | NEEDS_NODE_OR_LINK },
  { "canvas.connect", act_connect, 0, NEEDS_EDITABLE | NEEDS_NODE },
  { "canvas.choose-unit", act_choose_unit, 0, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
  { "canvas.activate", act_activate, 0, NEEDS_NODE },
  { "canvas.bind-pipeline", act_bind, 0, NEEDS_EDITABLE | NEEDS_NODE },
  { "canvas.bind-task", act_bind, 1, NEEDS_EDITABLE | NEEDS_NODE },
  { "canvas.zoom-in", act_zoom, 1, NEEDS_CHAIN },
  { "canvas.zoom-out", act_zoom, -1, NEEDS_CHAIN },
  { "canvas.zoom-reset", act_zoom, 0, NEEDS_CHAIN },
  { "canvas.zoom-fit", act_fit, 0, NEEDS_CHAIN },
  { "canvas.zoom-selection", act_fit, 1, NEEDS_SELECTION },
  { "canvas.tidy", act_tidy, 0, NEEDS_EDITABLE | NEEDS_NODES },
  { "canvas.menu", act_menu, 0, NEEDS_CHAIN },
  { "canvas.focus-left", act_go, CHD_GO_LEFT, NEEDS_NODES },
  { "canvas.focus-right", act_go, CHD_GO_RIGHT, NEEDS_NODES },
  { "canvas.focus-up", act_go, CHD_GO_UP, NEEDS_NODES },
  { "canvas.focus-down", act_go, CHD_GO_DOWN, NEEDS_NODES },
  { "canvas.focus-previous", act_go, CHD_GO_PREVIOUS, NEEDS_NODES },
  { "canvas.focus-next", act_go, CHD_GO_NEXT, NEEDS_NODES },
  { "canvas.focus-first", act_go, CHD_GO_FIRST, NEEDS_NODES },
  { "canvas.focus-last", act_go, CHD_GO_LAST, NEEDS_NODES },
  { "canvas.extend-left", act_go, CHD_GO_LEFT | 0x100, NEEDS_NODES },
  { "canvas.extend-right", act_go, CHD_GO_RIGHT | 0x100, NEEDS_NODES },
  { "canvas.extend-up", act_go, CHD_GO_UP | 0x100, NEEDS_NODES },
  { "canvas.extend-down", act_go, CHD_GO_DOWN | 0x100, NEEDS_NODES },
  { "canvas.nudge-left", act_nudge, CHD_GO_LEFT, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.nudge-right", act_nudge, CHD_GO_RIGHT, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.nudge-up", act_nudge, CHD_GO_UP, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.nudge-down", act_nudge, CHD_GO_DOWN, NEEDS_EDITABLE | NEEDS_SELECTION },
  { "canvas.align-left", act_arrange, CHD_ARRANGE_LEFT, NEEDS_EDITABLE | NEEDS_SEVERAL_NODES },
  { "canvas.align-right", act_arrange, CHD_ARRANGE_RIGHT, NEEDS_EDITABLE | NEEDS_SEVERAL_NODES },
  { "canvas.align-top", act_arrange, CHD_ARRANGE_TOP, NEEDS_EDITABLE | NEEDS_SEVERAL_NODES },
  { "canvas.align-bottom", act_arrange, CHD_ARRANGE_BOTTOM, NEEDS_EDITABLE | NEEDS_SEVERAL_NODES },
  { "canvas.distribute-across", act_arrange, CHD_ARRANGE_ACROSS, NEEDS_EDITABLE | NEEDS_SEVERAL_NODES },
  { "canvas.distribute-down", act_arrange, CHD_ARRANGE_DOWN, NEEDS_EDITABLE | NEEDS_SEVERAL_NODES },
  { "canvas.lane-collapse", act_collapse, 0, NEEDS_EDITABLE | NEEDS_UNIT },
  { "canvas.lane-up", act_lane, CHD_LANE_UP, NEEDS_EDITABLE | NEEDS_UNIT },
  { "canvas.lane-down", act_lane, CHD_LANE_DOWN, NEEDS_EDITABLE | NEEDS_UNIT },
  { "canvas.lane-indent", act_lane, CHD_LANE_INDENT, NEEDS_EDITABLE | NEEDS_UNIT },
  { "canvas.lane-outdent", act_lane, CHD_LANE_OUTDENT, NEEDS_EDITABLE | NEEDS_UNIT },
  { "canvas.nudge-left-fine", act_nudge, CHD_GO_LEFT | 0x100, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
  { "canvas.nudge-right-fine", act_nudge, CHD_GO_RIGHT | 0x100, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
  { "canvas.nudge-up-fine", act_nudge, CHD_GO_UP | 0x100, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
  { "canvas.nudge-down-fine", act_nudge, CHD_GO_DOWN | 0x100, NEEDS_EDITABLE | NEEDS_SELECTED_NODES },
};

#define CTRL GDK_CONTROL_MASK
#define SHIFT GDK_SHIFT_MASK

static const struct
{
  guint key;
  GdkModifierType modifiers;
  const char *action;
} keys[] = {
  { GDK_KEY_z, CTRL, "canvas.undo" },
  { GDK_KEY_z, CTRL | SHIFT, "canvas.redo" },
  { GDK_KEY_y, CTRL, "canvas.redo" },
  { GDK_KEY_d, CTRL, "canvas.duplicate" },
  { GDK_KEY_c, CTRL, "canvas.copy" },
  { GDK_KEY_x, CTRL, "canvas.cut" },
  { GDK_KEY_v, CTRL, "canvas.paste" },
  { GDK_KEY_a, CTRL, "canvas.select-all" },
  { GDK_KEY_a, CTRL | SHIFT, "canvas.select-none" },
  { GDK_KEY_Escape, 0, "canvas.select-none" },
  { GDK_KEY_Delete, 0, "canvas.delete" },
  { GDK_KEY_KP_Delete, 0, "canvas.delete" },
  { GDK_KEY_BackSpace, 0, "canvas.delete" },
  { GDK_KEY_Delete, CTRL, "canvas.delete-keep-gap" },
  { GDK_KEY_F2, 0, "canvas.rename" },
  { GDK_KEY_n, 0, "canvas.add" },
  { GDK_KEY_Insert, 0, "canvas.add" },
  { GDK_KEY_a, 0, "canvas.add-next" },
  { GDK_KEY_Return, CTRL, "canvas.add-next" },
  { GDK_KEY_KP_Enter, CTRL, "canvas.add-next" },
  { GDK_KEY_c, 0, "canvas.connect" },
  { GDK_KEY_l, CTRL, "canvas.connect" },
  { GDK_KEY_m, 0, "canvas.choose-unit" },
  { GDK_KEY_Return, 0, "canvas.activate" },
  { GDK_KEY_KP_Enter, 0, "canvas.activate" },
  { GDK_KEY_p, 0, "canvas.bind-pipeline" },
  { GDK_KEY_t, 0, "canvas.bind-task" },
  { GDK_KEY_plus, CTRL, "canvas.zoom-in" },
  { GDK_KEY_equal, CTRL, "canvas.zoom-in" },
  { GDK_KEY_KP_Add, CTRL, "canvas.zoom-in" },
  { GDK_KEY_minus, CTRL, "canvas.zoom-out" },
  { GDK_KEY_KP_Subtract, CTRL, "canvas.zoom-out" },
  { GDK_KEY_0, CTRL, "canvas.zoom-reset" },
  { GDK_KEY_KP_0, CTRL, "canvas.zoom-reset" },
  { GDK_KEY_1, CTRL, "canvas.zoom-fit" },
  { GDK_KEY_2, CTRL, "canvas.zoom-selection" },
  { GDK_KEY_Menu, 0, "canvas.menu" },
  { GDK_KEY_F10, SHIFT, "canvas.menu" },
  { GDK_KEY_Left, 0, "canvas.focus-left" },
  { GDK_KEY_Right, 0, "canvas.focus-right" },
  { GDK_KEY_Up, 0, "canvas.focus-up" },
  { GDK_KEY_Down, 0, "canvas.focus-down" },
  { GDK_KEY_Page_Up, 0, "canvas.focus-previous" },
  { GDK_KEY_Page_Down, 0, "canvas.focus-next" },
  { GDK_KEY_Home, 0, "canvas.focus-first" },
  { GDK_KEY_End, 0, "canvas.focus-last" },
  { GDK_KEY_Left, SHIFT, "canvas.extend-left" },
  { GDK_KEY_Right, SHIFT, "canvas.extend-right" },
  { GDK_KEY_Up, SHIFT, "canvas.extend-up" },
  { GDK_KEY_Down, SHIFT, "canvas.extend-down" },
  { GDK_KEY_Left, CTRL, "canvas.nudge-left" },
  { GDK_KEY_Right, CTRL, "canvas.nudge-right" },
  { GDK_KEY_Up, CTRL, "canvas.nudge-up" },
  { GDK_KEY_Down, CTRL, "canvas.nudge-down" },
  { GDK_KEY_bracketright, CTRL, "canvas.lane-indent" },
  { GDK_KEY_bracketleft, CTRL, "canvas.lane-outdent" },
  { GDK_KEY_Left, CTRL | SHIFT, "canvas.nudge-left-fine" },
  { GDK_KEY_Right, CTRL | SHIFT, "canvas.nudge-right-fine" },
  { GDK_KEY_Up, CTRL | SHIFT, "canvas.nudge-up-fine" },
  { GDK_KEY_Down, CTRL | SHIFT, "canvas.nudge-down-fine" },
};

static gboolean
can_act (ChdCanvas *self, guint needs)
{
  guint n_selected = g_hash_table_size (self->selection);

  if (self->chain == NULL)
    return FALSE;
  if ((needs & NEEDS_NODE_OR_LINK) != 0 && (self->selection_kind != CHD_ITEM_LINK || n_selected != 1))
    needs |= NEEDS_NODE;
  return ((needs & NEEDS_EDITABLE) == 0 || self->editable) && ((needs & NEEDS_SELECTION) == 0 || n_selected > 0) &&
         ((needs & NEEDS_SELECTED_NODES) == 0 || (n_selected > 0 && self->selection_kind == CHD_ITEM_NODE)) &&
         ((needs & NEEDS_NODE) == 0 || (self->focus != NULL && chd_chain_find_node (self->chain, self->focus) != NULL &&
                                        chd_canvas_is_selected (self, CHD_ITEM_NODE, self->focus))) &&
         ((needs & NEEDS_UNIT) == 0 || (n_selected == 1 && self->selection_kind == CHD_ITEM_UNIT)) &&
         ((needs & NEEDS_SEVERAL_NODES) == 0 || (n_selected > 1 && self->selection_kind == CHD_ITEM_NODE)) &&
         ((needs & NEEDS_UNDO) == 0 || chd_chain_can_undo (self->chain)) &&
         ((needs & NEEDS_REDO) == 0 || chd_chain_can_redo (self->chain)) &&
         ((needs & NEEDS_NODES) == 0 || chd_chain_get_n_items (self->chain, CHD_ITEM_NODE) > 0);
}

static void
activate_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChdCanvas *self = CHD_CANVAS (widget);

  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (actions[i].name, name) == 0 && can_act (self, actions[i].needs))
      {
        /* A step has to be whole before the next one. */
        chd_canvas_stop_editor (self, TRUE);
        chd_canvas_tool_cancel (self);
        if (can_act (self, actions[i].needs))
          actions[i].func (self, actions[i].argument);
        return;
      }
}

static void
move_to_unit_cb (GtkWidget *widget, const char *name, GVariant *parameter)
{
  ChdCanvas *self = CHD_CANVAS (widget);
  ChdItemKind kind;
  g_auto (GStrv) ids = chd_canvas_dup_selection (self, &kind);

  if (self->scene == NULL || !self->editable || kind != CHD_ITEM_NODE || ids[0] == NULL)
    return;
  if (chd_edit_move_to_unit (self->scene, (const char *const *) ids, g_variant_get_string (parameter, NULL)))
    chd_canvas_scroll_to_node (self, ids[0]);
}

static gboolean
key_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  ChdCanvas *self = CHD_CANVAS (widget);
  const char *name;
  gboolean is_letter;

  g_variant_get (args, "(&sb)", &name, &is_letter);
  /* Keys that an editor inside does not use come here too; they are not meant for the drawing. */
  if (chd_canvas_editor_has_focus (self) || self->chooser != NULL || (is_letter && !self->single_keys))
    return GDK_EVENT_PROPAGATE;
  return gtk_widget_activate_action_variant (widget, name, NULL);
}

void
chd_canvas_install_actions (GtkWidgetClass *klass)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_class_install_action (klass, actions[i].name, NULL, activate_cb);
  gtk_widget_class_install_action (klass, "canvas.move-to-unit", "s", move_to_unit_cb);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      gboolean is_letter = keys[i].modifiers == 0 && keys[i].key >= GDK_KEY_a && keys[i].key <= GDK_KEY_z;

      gtk_widget_class_add_binding (klass, keys[i].key, keys[i].modifiers, key_cb, "(sb)", keys[i].action, is_letter);
    }
}

void
chd_canvas_update_actions (ChdCanvas *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), actions[i].name, can_act (self, actions[i].needs));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "canvas.move-to-unit",
                                 can_act (self, NEEDS_EDITABLE | NEEDS_SELECTED_NODES));
}
