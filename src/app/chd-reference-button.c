/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Picks a reference instead of typing "$(…)". The list is made when it opens, so that it is never outdated. */

#include "config.h"

#include "chd-reference-button.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "chd-icon-button.h"

typedef struct
{
  ChdWorkspace *workspace; /* (owned) */
  char *node;              /* (owned) */
  GtkEditable *target;     /* the field beside the button: it lives as long */
  ChdParamType type;
} Picker;

static void
picker_free (Picker *picker)
{
  g_object_unref (picker->workspace);
  g_free (picker->node);
  g_free (picker);
}

static void
row_activated_cb (GtkListBox *list, GtkListBoxRow *row, Picker *picker)
{
  const char *reference = g_object_get_data (G_OBJECT (row), "reference");
  int position = gtk_editable_get_position (picker->target);

  gtk_editable_delete_selection (picker->target);
  gtk_editable_insert_text (picker->target, reference, -1, &position);
  gtk_editable_set_position (picker->target, position);
  gtk_popover_popdown (GTK_POPOVER (gtk_widget_get_ancestor (GTK_WIDGET (list), GTK_TYPE_POPOVER)));
  gtk_widget_grab_focus (GTK_WIDGET (picker->target));
}

static void
add_row (GtkListBox *list, const char *title, const char *subtitle, char *reference)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *safe_title = g_markup_escape_text (title, -1);
  g_autofree char *safe_subtitle = g_markup_escape_text (subtitle, -1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), safe_title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), safe_subtitle);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "reference", reference, g_free);
  gtk_list_box_append (list, row);
}

static void
add_params (GtkListBox *list, ChdChain *chain, ChdParamType type)
{
  GPtrArray *params = chd_chain_get_head (chain)->params;

  for (guint i = 0; i < params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);

      if (param->type == type)
        add_row (list, param->title != NULL ? param->title : param->name, _ ("A value of the chain"),
                 g_strdup_printf ("$(params.%s)", param->name));
    }
}

static void
add_results (GtkListBox *list, Picker *picker, ChdChain *chain)
{
  g_autoptr (GPtrArray) nodes = chd_chain_list_in_order (chain);

  for (guint i = 0; i < nodes->len; i++)
    {
      const ChdNode *node = g_ptr_array_index (nodes, i);
      g_autoptr (GPtrArray) results = NULL;

      if (g_str_equal (node->item.id, picker->node) || !chd_chain_reaches (chain, node->item.id, picker->node))
        continue;
      results = chd_node_list_results (chain, chd_workspace_get_catalogue (picker->workspace), node);
      for (guint k = 0; k < results->len; k++)
        {
          const ChdResult *result = g_ptr_array_index (results, k);
          /* Translators: a result of the node that is named. */
          g_autofree char *subtitle = g_strdup_printf (_ ("Result of “%s”"), node->title);

          if (result->type == picker->type)
            add_row (list, result->description != NULL ? result->description : result->name, subtitle,
                     g_strdup_printf ("$(nodes.%s.results.%s)", node->item.id, result->name));
        }
    }
}

static void
create_popup_cb (GtkMenuButton *button, gpointer user_data)
{
  Picker *picker = user_data;
  ChdChain *chain = chd_workspace_get_chain (picker->workspace);
  GtkWidget *popover = gtk_popover_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();
  GtkWidget *list = gtk_list_box_new ();
  GtkWidget *nothing = gtk_label_new (_ ("Nothing comes before this node that could be used here."));

  gtk_label_set_wrap (GTK_LABEL (nothing), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (nothing), 30);
  gtk_list_box_set_placeholder (GTK_LIST_BOX (list), nothing);
  gtk_list_box_set_selection_mode (GTK_LIST_BOX (list), GTK_SELECTION_NONE);
  add_params (GTK_LIST_BOX (list), chain, picker->type);
  add_results (GTK_LIST_BOX (list), picker, chain);
  g_signal_connect (list, "row-activated", G_CALLBACK (row_activated_cb), picker);

  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), list);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 320);
  gtk_popover_set_child (GTK_POPOVER (popover), scroller);
  gtk_menu_button_set_popover (button, popover);
}

GtkWidget *
chd_reference_button_new (ChdWorkspace *workspace, const char *node, GtkEditable *target, ChdParamType type)
{
  GtkWidget *button = gtk_menu_button_new ();
  Picker *picker;

  if (node == NULL)
    {
      gtk_widget_set_visible (button, FALSE);
      return button;
    }
  picker = g_new0 (Picker, 1);
  picker->workspace = g_object_ref (workspace);
  picker->node = g_strdup (node);
  picker->target = target;
  /* An entry of a list is a text. */
  picker->type = type == CHD_PARAM_ARRAY ? CHD_PARAM_STRING : type;
  gtk_menu_button_set_icon_name (GTK_MENU_BUTTON (button), "insert-link-symbolic");
  chd_icon_button_set_name (button, _ ("Take the Value from Elsewhere"));
  gtk_widget_add_css_class (button, "flat");
  gtk_menu_button_set_create_popup_func (GTK_MENU_BUTTON (button), create_popup_cb, picker,
                                         (GDestroyNotify) picker_free);
  return button;
}
