/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The canvas' menus: for a node, a link, a unit, and the empty canvas. */

#include "config.h"

#include <glib/gi18n.h>

#include "chd-window-private.h"

static void
set_menu_item (GMenu *menu, const char *label, const char *action, const char *target)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  if (target != NULL)
    g_menu_item_set_action_and_target (item, action, "s", target);
  else
    g_menu_item_set_detailed_action (item, action);
  g_menu_append_item (menu, item);
}

static GMenuModel *
build_arrange_menu (void)
{
  static const struct
  {
    const char *label;
    const char *action;
  } entries[] = {
    { N_ ("Align _Left"), "canvas.align-left" },
    { N_ ("Align _Right"), "canvas.align-right" },
    { N_ ("Align _Top"), "canvas.align-top" },
    { N_ ("Align _Bottom"), "canvas.align-bottom" },
    { N_ ("Distribute _Horizontally"), "canvas.distribute-across" },
    { N_ ("Distribute _Vertically"), "canvas.distribute-down" },
    { N_ ("Tidy _Up"), "canvas.tidy" },
  };
  GMenu *menu = g_menu_new ();

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    g_menu_append (menu, _ (entries[i].label), entries[i].action);
  return G_MENU_MODEL (menu);
}

GMenuModel *
chd_window_build_canvas_menu (ChdWindow *self, const char *id)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenu) edit = g_menu_new ();

  if (id != NULL && chd_chain_find_node (chain, id) != NULL)
    {
      g_autoptr (GMenu) requests = g_menu_new ();
      g_autoptr (GMenuModel) arrange = build_arrange_menu ();

      set_menu_item (requests, _ ("_Pipeline…"), "win.edit-pipeline", id);
      set_menu_item (requests, _ ("_Task…"), "win.edit-task", id);
      set_menu_item (requests, _ ("Show _Log"), "win.show-log", id);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (requests));
      set_menu_item (edit, _ ("Add _Next Node"), "canvas.add-next", NULL);
      set_menu_item (edit, _ ("_Connect to…"), "canvas.connect", NULL);
      set_menu_item (edit, _ ("_Rename"), "canvas.rename", NULL);
      set_menu_item (edit, _ ("Cu_t"), "canvas.cut", NULL);
      set_menu_item (edit, _ ("C_opy"), "canvas.copy", NULL);
      set_menu_item (edit, _ ("D_uplicate"), "canvas.duplicate", NULL);
      g_menu_append_submenu (edit, _ ("Arran_ge"), arrange);
      set_menu_item (edit, _ ("_Delete"), "canvas.delete", NULL);
    }
  else if (id != NULL && chd_chain_find (chain, CHD_ITEM_LINK, id) != NULL)
    set_menu_item (edit, _ ("_Delete"), "canvas.delete", NULL);
  else if (id != NULL && chd_chain_find_unit (chain, id) != NULL)
    {
      gboolean collapsed = chd_chain_find_unit (chain, id)->collapsed;
      g_autoptr (GMenu) move = g_menu_new ();

      set_menu_item (edit, _ ("_Add Node"), "canvas.add", NULL);
      set_menu_item (edit, _ ("_Paste"), "canvas.paste", NULL);
      set_menu_item (edit, _ ("_Rename"), "canvas.rename", NULL);
      set_menu_item (edit, _ ("_Delete"), "canvas.delete", NULL);
      set_menu_item (move, collapsed ? _ ("_Expand") : _ ("_Collapse"), "canvas.lane-collapse", NULL);
      set_menu_item (move, _ ("Move _Up"), "canvas.lane-up", NULL);
      set_menu_item (move, _ ("Move Do_wn"), "canvas.lane-down", NULL);
      set_menu_item (move, _ ("_Indent"), "canvas.lane-indent", NULL);
      set_menu_item (move, _ ("_Outdent"), "canvas.lane-outdent", NULL);
      g_menu_append_section (menu, NULL, G_MENU_MODEL (move));
    }
  else
    {
      set_menu_item (edit, _ ("_Add Node"), "canvas.add", NULL);
      set_menu_item (edit, _ ("_Paste"), "canvas.paste-here", NULL);
      set_menu_item (edit, _ ("_Select All"), "canvas.select-all", NULL);
      set_menu_item (edit, _ ("_Tidy Up"), "canvas.tidy", NULL);
      set_menu_item (edit, _ ("_Fit Chain"), "canvas.zoom-fit", NULL);
    }
  g_menu_append_section (menu, NULL, G_MENU_MODEL (edit));
  return G_MENU_MODEL (menu);
}
