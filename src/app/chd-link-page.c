/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A link in the inspector. */

#include "config.h"

#include "chd-link-page.h"

#include <glib/gi18n.h>

#include "chd-inspector-rows.h"
#include "chd-util.h"

struct _ChdLinkPage
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  GtkBox *ends;
  AdwPreferencesGroup *condition;
  AdwComboRow *result;
  AdwComboRow *op;
  AdwEntryRow *values;
  char **results; /* (owned) (nullable): of the choices; the first is "" for no condition */
};

G_DEFINE_FINAL_TYPE (ChdLinkPage, chd_link_page, ADW_TYPE_BIN)

static const ChdLink *
get_link (ChdLinkPage *self)
{
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);

  return kind == CHD_ITEM_LINK && ids[0] != NULL
             ? CHD_LINK (chd_chain_find (chd_workspace_get_chain (self->workspace), CHD_ITEM_LINK, ids[0]))
             : NULL;
}

static void
replace (ChdLinkPage *self, ChdLink *changed)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  chd_chain_begin (chain, _ ("Change Condition"));
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
result_committed (gpointer page, guint index)
{
  ChdLinkPage *self = page;
  const ChdLink *link = get_link (self);
  const char *result = self->results != NULL && *self->results[index] != '\0' ? self->results[index] : NULL;
  ChdLink *changed;

  if (link == NULL || g_strcmp0 (link->result, result) == 0)
    return;
  changed = chd_item_copy (link);
  chd_set_str (&changed->result, result);
  replace (self, changed);
}

static void
op_committed (gpointer page, guint index)
{
  ChdLinkPage *self = page;
  const ChdLink *link = get_link (self);
  ChdLink *changed;

  if (link == NULL || link->op == (index == 0 ? CHD_OPERATOR_IN : CHD_OPERATOR_NOT_IN))
    return;
  changed = chd_item_copy (link);
  changed->op = index == 0 ? CHD_OPERATOR_IN : CHD_OPERATOR_NOT_IN;
  replace (self, changed);
}

static void
values_committed (gpointer page, const char *text)
{
  ChdLinkPage *self = page;
  const ChdLink *link = get_link (self);
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  g_autoptr (GStrvBuilder) values = g_strv_builder_new ();
  ChdLink *changed;

  if (link == NULL)
    return;
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_strv_builder_add (values, parts[i]);
  changed = chd_item_copy (link);
  g_strfreev (changed->values);
  changed->values = g_strv_builder_end (values);
  replace (self, changed);
}

static void
update_ends (ChdLinkPage *self, const ChdLink *link)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  const ChdNode *from = chd_chain_find_node (chain, link->from);
  const ChdNode *to = chd_chain_find_node (chain, link->to);
  AdwPreferencesGroup *group = chd_inspector_new_group (_ ("Link"));
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->ends))) != NULL)
    gtk_box_remove (self->ends, child);
  adw_preferences_group_add (group,
                             chd_inspector_new_link_row ("chd-node-symbolic", from != NULL ? from->title : link->from,
                                                         _ ("From"), "win.focus-node", link->from, NULL));
  adw_preferences_group_add (group, chd_inspector_new_link_row ("chd-node-symbolic", to != NULL ? to->title : link->to,
                                                                _ ("To"), "win.focus-node", link->to, NULL));
  gtk_box_append (self->ends, GTK_WIDGET (group));
}

static void
update_condition (ChdLinkPage *self, const ChdLink *link)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  const ChdNode *from = chd_chain_find_node (chain, link->from);
  g_autoptr (GPtrArray) declared =
      from != NULL ? chd_node_list_results (chain, chd_workspace_get_catalogue (self->workspace), from) : NULL;
  g_autoptr (GStrvBuilder) ids = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) titles = NULL;
  g_autofree char *values = link->values != NULL ? g_strjoinv (", ", link->values) : NULL;
  const char *const ops[] = { _ ("is one of"), _ ("is none of"), NULL };
  gboolean known = link->result == NULL;

  g_strv_builder_add (ids, "");
  g_strv_builder_add (names, _ ("Always"));
  for (guint i = 0; declared != NULL && i < declared->len; i++)
    {
      const ChdResult *result = g_ptr_array_index (declared, i);

      g_strv_builder_add (ids, result->name);
      g_strv_builder_add (names, result->name);
      known |= g_strcmp0 (result->name, link->result) == 0;
    }
  if (!known)
    {
      g_strv_builder_add (ids, link->result);
      g_strv_builder_add (names, link->result);
    }
  g_strfreev (self->results);
  self->results = g_strv_builder_end (ids);
  titles = g_strv_builder_end (names);
  chd_inspector_set_choice (self->result, (const char *const *) titles,
                            chd_inspector_find (self->results, link->result));
  chd_inspector_set_choice (self->op, ops, link->op == CHD_OPERATOR_IN ? 0 : 1);
  chd_inspector_set_entry (self->values, values);
  gtk_widget_set_visible (GTK_WIDGET (self->op), link->result != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->values), link->result != NULL);
}

static void
chd_link_page_dispose (GObject *object)
{
  ChdLinkPage *self = CHD_LINK_PAGE (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->results, g_strfreev);
  G_OBJECT_CLASS (chd_link_page_parent_class)->dispose (object);
}

static void
chd_link_page_class_init (ChdLinkPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_link_page_dispose;
}

static void
chd_link_page_init (ChdLinkPage *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_inspector_new_column (&scroller);

  self->ends = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->condition = chd_inspector_new_group (_ ("Condition"));
  adw_preferences_group_set_description (self->condition, _ ("When the way is taken, by a result of the first node."));
  self->result = chd_inspector_add_choice (self->condition, _ ("Result"), result_committed, self);
  self->op = chd_inspector_add_choice (self->condition, _ ("Compared"), op_committed, self);
  self->values = chd_inspector_add_entry (self->condition, _ ("Values, with commas between"), values_committed, self);
  gtk_box_append (column, GTK_WIDGET (self->ends));
  gtk_box_append (column, GTK_WIDGET (self->condition));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
chd_link_page_new (ChdWorkspace *workspace)
{
  ChdLinkPage *self = g_object_new (CHD_TYPE_LINK_PAGE, NULL);

  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}

void
chd_link_page_update (ChdLinkPage *self)
{
  const ChdLink *link;

  g_return_if_fail (CHD_IS_LINK_PAGE (self));

  link = get_link (self);
  if (link == NULL)
    return;
  update_ends (self, link);
  update_condition (self, link);
}
