/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A node in the inspector. Every change is one step of the chain. */

#include "config.h"

#include "chd-node-page.h"

#include <glib/gi18n.h>

#include "chd-inspector-rows.h"
#include "chd-util.h"

struct _ChdNodePage
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  AdwEntryRow *title;
  AdwComboRow *unit;
  AdwEntryRow *description;
  GtkBox *requests; /* one group, made anew when it changes */
  GtkBox *neighbours;
  GtkBox *state;
  AdwPreferencesGroup *execution;
  AdwComboRow *mode;
  AdwComboRow *order;
  char **units; /* (owned) (nullable): ids of the choices */
};

G_DEFINE_FINAL_TYPE (ChdNodePage, chd_node_page, ADW_TYPE_BIN)

static const ChdNode *
get_node (ChdNodePage *self)
{
  return chd_workspace_get_selected_node (self->workspace);
}

static void
replace (ChdNodePage *self, ChdNode *changed, const char *step)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  chd_chain_begin (chain, step);
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
title_committed (gpointer page, const char *text)
{
  ChdNodePage *self = page;
  const ChdNode *node = get_node (self);
  ChdNode *changed;

  if (node == NULL || *text == '\0' || g_str_equal (node->title, text))
    return;
  changed = chd_item_copy (node);
  chd_set_str (&changed->title, text);
  replace (self, changed, _ ("Rename Node"));
}

static void
description_committed (gpointer page, const char *text)
{
  ChdNodePage *self = page;
  const ChdNode *node = get_node (self);
  ChdNode *changed;

  if (node == NULL || g_strcmp0 (node->description != NULL ? node->description : "", text) == 0)
    return;
  changed = chd_item_copy (node);
  chd_set_str (&changed->description, *text != '\0' ? text : NULL);
  replace (self, changed, _ ("Describe Node"));
}

static void
unit_committed (gpointer page, guint index)
{
  ChdNodePage *self = page;
  const ChdNode *node = get_node (self);
  ChdNode *changed;

  if (node == NULL || self->units == NULL || g_strcmp0 (node->unit, self->units[index]) == 0)
    return;
  changed = chd_item_copy (node);
  chd_set_str (&changed->unit, self->units[index]);
  replace (self, changed, _ ("Move to Unit"));
}

static void
mode_committed (gpointer page, guint index)
{
  ChdNodePage *self = page;
  const ChdNode *node = get_node (self);
  ChdNode *changed;
  ChdExecutionMode mode = index == 0 ? CHD_EXECUTION_DEPENDENT : CHD_EXECUTION_PARALLEL;

  if (node == NULL || node->execution == mode)
    return;
  changed = chd_item_copy (node);
  changed->execution = mode;
  replace (self, changed, _ ("Change Execution"));
}

static void
order_committed (gpointer page, guint index)
{
  ChdNodePage *self = page;
  const ChdNode *node = get_node (self);
  ChdNode *changed;

  if (node == NULL || node->task_first == (index == 1))
    return;
  changed = chd_item_copy (node);
  changed->task_first = index == 1;
  replace (self, changed, _ ("Change Execution"));
}

static void
clear (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}

static void
update_requests (ChdNodePage *self, const ChdNode *node)
{
  AdwPreferencesGroup *group = chd_inspector_new_group (_ ("Create Requests"));
  ChdCatalogue *catalogue = chd_workspace_get_catalogue (self->workspace);

  clear (self->requests);
  for (ChdPosition position = 0; position < CHD_N_POSITIONS; position++)
    {
      const ChdPipelineBinding *binding = chd_node_get_pipeline (node, position);
      ChdInterface *interface =
          binding != NULL ? chd_catalogue_find_interface (catalogue, binding->interface_id) : NULL;

      if (binding != NULL)
        adw_preferences_group_add (group,
                                   chd_inspector_new_link_row ("chd-pipeline-symbolic",
                                                               interface != NULL ? chd_interface_get_title (interface)
                                                                                 : binding->interface_id,
                                                               chd_position_get_title (position),
                                                               "win.edit-pipeline-at", node->item.id,
                                                               chd_position_to_string (position)));
    }
  if (node->task != NULL)
    {
      ChdChain *chain = chd_workspace_get_chain (self->workspace);
      const ChdScript *script = chd_resolve_script (chain, catalogue, node->task->script);
      const ChdEnvironment *environment = chd_resolve_environment (chain, catalogue, node->task->environment);

      adw_preferences_group_add (group, chd_inspector_new_link_row ("chd-task-symbolic",
                                                                    script != NULL ? script->title : node->task->script,
                                                                    environment != NULL ? environment->title
                                                                                        : node->task->environment,
                                                                    "win.edit-task", node->item.id, NULL));
    }
  gtk_box_append (self->requests, GTK_WIDGET (group));
  gtk_box_append (self->requests,
                  chd_inspector_new_button_row (_ ("Add _Pipeline…"), "win.edit-pipeline", node->item.id));
  if (node->task == NULL)
    gtk_box_append (self->requests, chd_inspector_new_button_row (_ ("Add _Task…"), "win.edit-task", node->item.id));
}

static void
update_execution (ChdNodePage *self, const ChdNode *node)
{
  const char *const modes[] = { _ ("Dependent: one after the other"), _ ("Parallel: both at once"), NULL };
  const char *const orders[] = { _ ("Pipeline first"), _ ("Task first"), NULL };
  gboolean pair = chd_node_has_pair (node);

  gtk_widget_set_visible (GTK_WIDGET (self->execution), pair);
  if (!pair)
    return;
  chd_inspector_set_choice (self->mode, modes,
                            node->execution == CHD_EXECUTION_DEPENDENT  ? 0
                            : node->execution == CHD_EXECUTION_PARALLEL ? 1
                                                                        : GTK_INVALID_LIST_POSITION);
  chd_inspector_set_choice (self->order, orders, node->task_first ? 1 : 0);
  gtk_widget_set_visible (GTK_WIDGET (self->order), node->execution != CHD_EXECUTION_PARALLEL);
}

static void
add_neighbours (ChdNodePage *self, const ChdNode *node, ChdLinkDirection direction, const char *title)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  GPtrArray *links = chd_chain_get_links (chain, node->item.id, direction);
  AdwPreferencesGroup *group;

  if (links->len == 0)
    return;
  group = chd_inspector_new_group (title);
  for (guint i = 0; i < links->len; i++)
    {
      const ChdLink *link = g_ptr_array_index (links, i);
      const char *other = direction == CHD_LINKS_IN ? link->from : link->to;
      const ChdNode *neighbour = chd_chain_find_node (chain, other);
      g_autofree char *values = link->values != NULL ? g_strjoinv (", ", link->values) : NULL;
      g_autofree char *condition =
          link->result != NULL
              ? g_strdup_printf (link->op == CHD_OPERATOR_IN ? _ ("When “%s” is %s") : _ ("When “%s” is not %s"),
                                 link->result, values != NULL ? values : "")
              : NULL;

      adw_preferences_group_add (group, chd_inspector_new_link_row ("chd-node-symbolic",
                                                                    neighbour != NULL ? neighbour->title : other,
                                                                    condition, "win.focus-node", other, NULL));
    }
  gtk_box_append (self->neighbours, GTK_WIDGET (group));
}

static void
update_state (ChdNodePage *self, const ChdNode *node)
{
  const ChdNodeStatus *status = chd_workspace_find_node_status (self->workspace, node->item.id);
  AdwPreferencesGroup *group;

  clear (self->state);
  gtk_widget_set_visible (GTK_WIDGET (self->state), status != NULL);
  if (status == NULL)
    return;
  group = chd_inspector_new_group (_ ("In This Run"));
  adw_preferences_group_add (group, chd_inspector_new_link_row ("utilities-terminal-symbolic",
                                                                chd_node_state_get_title (status->state), status->note,
                                                                "win.show-log", node->item.id, NULL));
  for (guint i = 0; i < status->parts->len; i++)
    {
      const ChdPartStatus *part = g_ptr_array_index (status->parts, i);
      g_autoptr (GList) names = part->results != NULL ? json_object_get_members (part->results) : NULL;

      for (GList *link = names; link != NULL; link = link->next)
        {
          GtkWidget *row = adw_action_row_new ();
          g_autofree char *value = NULL;
          JsonNode *member = json_object_get_member (part->results, link->data);

          value = JSON_NODE_HOLDS_VALUE (member) && json_node_get_value_type (member) == G_TYPE_STRING
                      ? g_markup_escape_text (json_node_get_string (member), -1)
                      : NULL;
          adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), link->data);
          adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value != NULL ? value : "…");
          adw_preferences_group_add (group, row);
        }
    }
  gtk_box_append (self->state, GTK_WIDGET (group));
}

static void
chd_node_page_dispose (GObject *object)
{
  ChdNodePage *self = CHD_NODE_PAGE (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->units, g_strfreev);
  G_OBJECT_CLASS (chd_node_page_parent_class)->dispose (object);
}

static void
chd_node_page_class_init (ChdNodePageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_node_page_dispose;
}

static void
chd_node_page_init (ChdNodePage *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_inspector_new_column (&scroller);
  AdwPreferencesGroup *general = chd_inspector_new_group (_ ("Node"));

  self->title = chd_inspector_add_entry (general, _ ("Name"), title_committed, self);
  self->unit = chd_inspector_add_choice (general, _ ("Unit"), unit_committed, self);
  self->description = chd_inspector_add_entry (general, _ ("Description"), description_committed, self);
  self->requests = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));
  self->execution = chd_inspector_new_group (_ ("Execution"));
  adw_preferences_group_set_description (self->execution, _ ("The node succeeds only if both of its parts do."));
  self->mode = chd_inspector_add_choice (self->execution, _ ("How"), mode_committed, self);
  self->order = chd_inspector_add_choice (self->execution, _ ("Order"), order_committed, self);
  self->neighbours = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 18));
  self->state = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 0));

  gtk_box_append (column, GTK_WIDGET (general));
  gtk_box_append (column, GTK_WIDGET (self->state));
  gtk_box_append (column, GTK_WIDGET (self->requests));
  gtk_box_append (column, GTK_WIDGET (self->execution));
  gtk_box_append (column, GTK_WIDGET (self->neighbours));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
chd_node_page_new (ChdWorkspace *workspace)
{
  ChdNodePage *self = g_object_new (CHD_TYPE_NODE_PAGE, NULL);

  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}

void
chd_node_page_update_run (ChdNodePage *self)
{
  g_return_if_fail (CHD_IS_NODE_PAGE (self));

  if (get_node (self) != NULL)
    update_state (self, get_node (self));
}

void
chd_node_page_update (ChdNodePage *self)
{
  const ChdNode *node;
  g_auto (GStrv) titles = NULL;

  g_return_if_fail (CHD_IS_NODE_PAGE (self));

  node = get_node (self);
  if (node == NULL)
    return;
  chd_inspector_set_entry (self->title, node->title);
  chd_inspector_set_entry (self->description, node->description);
  g_strfreev (self->units);
  self->units = chd_inspector_list_units (chd_workspace_get_chain (self->workspace), NULL, NULL, &titles);
  chd_inspector_set_choice (self->unit, (const char *const *) titles, chd_inspector_find (self->units, node->unit));
  update_state (self, node);
  update_requests (self, node);
  update_execution (self, node);
  clear (self->neighbours);
  add_neighbours (self, node, CHD_LINKS_IN, _ ("Comes After"));
  add_neighbours (self, node, CHD_LINKS_OUT, _ ("Leads To"));
  gtk_widget_set_visible (GTK_WIDGET (self->neighbours),
                          gtk_widget_get_first_child (GTK_WIDGET (self->neighbours)) != NULL);
}
