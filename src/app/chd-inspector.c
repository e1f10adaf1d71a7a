/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Chooses the page for what is selected and keeps it up to date. */

#include "config.h"

#include "chd-inspector.h"

#include "chd-chain-page.h"
#include "chd-inspector-rows.h"
#include "chd-link-page.h"
#include "chd-node-page.h"
#include "chd-several-page.h"
#include "chd-unit-page.h"

struct _ChdInspector
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) (nullable) */
  GtkStack *stack;
  ChdChainPage *chain_page;
  ChdNodePage *node_page;
  ChdLinkPage *link_page;
  ChdUnitPage *unit_page;
  ChdSeveralPage *several_page;
};

G_DEFINE_FINAL_TYPE (ChdInspector, chd_inspector, ADW_TYPE_BIN)

static GParamSpec *workspace_property;

static void
update (ChdInspector *self)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);
  guint count = g_strv_length ((char **) ids);

  if (chain == NULL)
    return;
  if (count > 1)
    {
      chd_several_page_update (self->several_page);
      gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->several_page));
    }
  else if (count == 0 || chd_chain_find (chain, kind, ids[0]) == NULL)
    {
      chd_chain_page_update (self->chain_page);
      gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->chain_page));
    }
  else if (kind == CHD_ITEM_NODE)
    {
      chd_node_page_update (self->node_page);
      gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->node_page));
    }
  else if (kind == CHD_ITEM_LINK)
    {
      chd_link_page_update (self->link_page);
      gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->link_page));
    }
  else if (kind == CHD_ITEM_UNIT)
    {
      chd_unit_page_update (self->unit_page);
      gtk_stack_set_visible_child (self->stack, GTK_WIDGET (self->unit_page));
    }
}

static void
document_changed_cb (ChdInspector *self)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  if (chain != NULL)
    g_signal_connect_object (chain, "step-done", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

/* Other fields were taken over when the keyboard left them. */
static void
commit_cb (ChdInspector *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && gtk_widget_is_ancestor (focus, GTK_WIDGET (self)))
    chd_inspector_commit_entry (gtk_widget_get_ancestor (focus, ADW_TYPE_ENTRY_ROW));
}

static GtkWidget *
add_page (ChdInspector *self, GtkWidget *page)
{
  gtk_stack_add_child (self->stack, page);
  return page;
}

static void
chd_inspector_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  g_value_set_object (value, CHD_INSPECTOR (object)->workspace);
}

static void
chd_inspector_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdInspector *self = CHD_INSPECTOR (object);

  if (!g_set_object (&self->workspace, g_value_get_object (value)) || self->workspace == NULL)
    return;
  self->chain_page = CHD_CHAIN_PAGE (add_page (self, chd_chain_page_new (self->workspace)));
  self->node_page = CHD_NODE_PAGE (add_page (self, chd_node_page_new (self->workspace)));
  self->link_page = CHD_LINK_PAGE (add_page (self, chd_link_page_new (self->workspace)));
  self->unit_page = CHD_UNIT_PAGE (add_page (self, chd_unit_page_new (self->workspace)));
  self->several_page = CHD_SEVERAL_PAGE (add_page (self, chd_several_page_new (self->workspace)));
  g_signal_connect_object (self->workspace, "commit", G_CALLBACK (commit_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "selection-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "run-changed", G_CALLBACK (chd_node_page_update_run), self->node_page,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "notify::catalogue", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->workspace, "notify::document", G_CALLBACK (document_changed_cb), self,
                           G_CONNECT_SWAPPED);
  document_changed_cb (self);
}

static void
chd_inspector_dispose (GObject *object)
{
  g_clear_object (&CHD_INSPECTOR (object)->workspace);
  G_OBJECT_CLASS (chd_inspector_parent_class)->dispose (object);
}

static void
chd_inspector_class_init (ChdInspectorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_inspector_get_property;
  object_class->set_property = chd_inspector_set_property;
  object_class->dispose = chd_inspector_dispose;
  workspace_property =
      g_param_spec_object ("workspace", NULL, NULL, CHD_TYPE_WORKSPACE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_property (object_class, 1, workspace_property);
}

static void
chd_inspector_init (ChdInspector *self)
{
  self->stack = GTK_STACK (gtk_stack_new ());
  gtk_stack_set_hhomogeneous (self->stack, TRUE);
  gtk_stack_set_vhomogeneous (self->stack, FALSE);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->stack));
}
