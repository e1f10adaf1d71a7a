/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Several things in the inspector. */

#include "config.h"

#include "chd-several-page.h"

#include <glib/gi18n.h>

#include "chd-inspector-rows.h"

struct _ChdSeveralPage
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  AdwPreferencesGroup *common;
  AdwComboRow *unit;
  AdwComboRow *execution;
  GtkWidget *duplicate;
  char **units; /* (owned) (nullable): of the choices; the first is "" while they have several */
};

G_DEFINE_FINAL_TYPE (ChdSeveralPage, chd_several_page, ADW_TYPE_BIN)

static void
unit_committed (gpointer page, guint index)
{
  ChdSeveralPage *self = page;

  if (self->units != NULL && *self->units[index] != '\0')
    gtk_widget_activate_action (GTK_WIDGET (self), "win.move-to-unit", "s", self->units[index]);
}

/* The first choice stands for several values. */
static void
execution_committed (gpointer page, guint index)
{
  ChdSeveralPage *self = page;
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  g_auto (GStrv) ids = g_strdupv ((char **) chd_workspace_get_selection (self->workspace, NULL));

  if (index == 0)
    return;
  chd_chain_begin (chain, _ ("Change Execution"));
  for (guint i = 0; ids[i] != NULL; i++)
    {
      const ChdNode *node = chd_chain_find_node (chain, ids[i]);
      ChdNode *copy;

      if (node == NULL || !chd_node_has_pair (node))
        continue;
      copy = chd_item_copy (node);
      copy->execution = index == 1 ? CHD_EXECUTION_DEPENDENT : CHD_EXECUTION_PARALLEL;
      chd_chain_replace (chain, copy);
    }
  chd_chain_end (chain);
}

static void
update_unit (ChdSeveralPage *self, ChdChain *chain, const char *const *ids)
{
  const ChdNode *first = chd_chain_find_node (chain, ids[0]);
  const char *unit = first != NULL ? first->unit : NULL;
  g_auto (GStrv) titles = NULL;

  for (guint i = 1; ids[i] != NULL && unit != NULL; i++)
    {
      const ChdNode *node = chd_chain_find_node (chain, ids[i]);

      if (node != NULL && g_strcmp0 (node->unit, unit) != 0)
        unit = NULL;
    }
  g_strfreev (self->units);
  self->units = chd_inspector_list_units (chain, NULL, unit == NULL ? _ ("(several values)") : NULL, &titles);
  chd_inspector_set_choice (self->unit, (const char *const *) titles,
                            unit != NULL ? chd_inspector_find (self->units, unit) : 0);
}

/* Only of nodes that have both a pipeline and a task. */
static void
update_execution (ChdSeveralPage *self, ChdChain *chain, const char *const *ids)
{
  const char *const titles[] = { _ ("(several values)"), _ ("Dependent"), _ ("Parallel"), NULL };
  ChdExecutionMode mode = CHD_EXECUTION_UNSET;
  gboolean any = FALSE;

  for (guint i = 0; ids[i] != NULL; i++)
    {
      const ChdNode *node = chd_chain_find_node (chain, ids[i]);

      if (node == NULL || !chd_node_has_pair (node))
        continue;
      if (!any)
        mode = node->execution;
      else if (mode != node->execution)
        mode = CHD_EXECUTION_UNSET;
      any = TRUE;
    }
  gtk_widget_set_visible (GTK_WIDGET (self->execution), any);
  chd_inspector_set_choice (self->execution, titles,
                            mode == CHD_EXECUTION_UNSET       ? 0
                            : mode == CHD_EXECUTION_DEPENDENT ? 1
                                                              : 2);
}

static void
chd_several_page_dispose (GObject *object)
{
  ChdSeveralPage *self = CHD_SEVERAL_PAGE (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->units, g_strfreev);
  G_OBJECT_CLASS (chd_several_page_parent_class)->dispose (object);
}

static void
chd_several_page_class_init (ChdSeveralPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_several_page_dispose;
}

static void
chd_several_page_init (ChdSeveralPage *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_inspector_new_column (&scroller);

  self->common = chd_inspector_new_group (NULL);
  self->unit = chd_inspector_add_choice (self->common, _ ("Unit"), unit_committed, self);
  self->execution = chd_inspector_add_choice (self->common, _ ("Execution"), execution_committed, self);
  self->duplicate = chd_inspector_new_button_row (_ ("Duplicate"), "win.canvas", "canvas.duplicate");
  gtk_box_append (column, GTK_WIDGET (self->common));
  gtk_box_append (column, self->duplicate);
  gtk_box_append (column, chd_inspector_new_button_row (_ ("Delete"), "win.canvas", "canvas.delete"));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
chd_several_page_new (ChdWorkspace *workspace)
{
  ChdSeveralPage *self = g_object_new (CHD_TYPE_SEVERAL_PAGE, NULL);

  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}

void
chd_several_page_update (ChdSeveralPage *self)
{
  ChdChain *chain;
  ChdItemKind kind;
  const char *const *ids;
  guint count;
  g_autofree char *title = NULL;

  g_return_if_fail (CHD_IS_SEVERAL_PAGE (self));

  chain = chd_workspace_get_chain (self->workspace);
  ids = chd_workspace_get_selection (self->workspace, &kind);
  count = g_strv_length ((char **) ids);
  title = g_strdup_printf (kind == CHD_ITEM_NODE   ? ngettext ("%u Node", "%u Nodes", count)
                           : kind == CHD_ITEM_LINK ? ngettext ("%u Link", "%u Links", count)
                                                   : ngettext ("%u Unit", "%u Units", count),
                           count);
  adw_preferences_group_set_title (self->common, title);
  gtk_widget_set_visible (GTK_WIDGET (self->unit), kind == CHD_ITEM_NODE);
  gtk_widget_set_visible (GTK_WIDGET (self->execution), FALSE);
  gtk_widget_set_visible (self->duplicate, kind == CHD_ITEM_NODE);
  if (kind != CHD_ITEM_NODE || count == 0)
    return;
  update_unit (self, chain, ids);
  update_execution (self, chain, ids);
}
