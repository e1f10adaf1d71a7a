/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The chain itself in the inspector. */

#include "config.h"

#include "chd-chain-page.h"

#include <glib/gi18n.h>

#include "chd-icon-button.h"
#include "chd-inspector-rows.h"
#include "chd-util.h"

struct _ChdChainPage
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  AdwEntryRow *title;
  AdwEntryRow *name;
  AdwEntryRow *description;
  AdwComboRow *owner;
  AdwEntryRow *organisation;
  GtkBox *params;
  guint n_params; /* rows that are there */
  char **units;   /* (owned) (nullable): ids of the choices */
};

G_DEFINE_FINAL_TYPE (ChdChainPage, chd_chain_page, ADW_TYPE_BIN)

static const ChdHead *
get_head (ChdChainPage *self)
{
  return chd_chain_get_head (chd_workspace_get_chain (self->workspace));
}

static void
replace (ChdChainPage *self, ChdHead *changed, const char *step)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);

  chd_chain_begin (chain, step);
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
set_text (ChdChainPage *self, gsize offset, const char *value, const char *step)
{
  ChdHead *changed;

  if (g_strcmp0 (*(char *const *) ((const char *) get_head (self) + offset), value) == 0)
    return;
  changed = chd_item_copy (get_head (self));
  chd_set_str ((char **) ((char *) changed + offset), value);
  replace (self, changed, step);
}

static void
title_committed (gpointer page, const char *text)
{
  if (*text != '\0')
    set_text (page, G_STRUCT_OFFSET (ChdHead, title), text, _ ("Rename Chain"));
}

static void
description_committed (gpointer page, const char *text)
{
  set_text (page, G_STRUCT_OFFSET (ChdHead, description), text, _ ("Describe Chain"));
}

static void
organisation_committed (gpointer page, const char *text)
{
  set_text (page, G_STRUCT_OFFSET (ChdHead, organisation_title), *text != '\0' ? text : NULL,
            _ ("Rename Organisation"));
}

/* The name is what the engine's objects are called by: it is made legal rather than refused. */
static void
name_committed (gpointer page, const char *text)
{
  ChdChainPage *self = page;
  g_autofree char *name = chd_str_to_label (text, CHD_MAX_NAME, get_head (self)->item.id);

  set_text (self, G_STRUCT_OFFSET (ChdItem, id), name, _ ("Rename Chain"));
  chd_inspector_set_entry (self->name, get_head (self)->item.id);
}

static void
owner_committed (gpointer page, guint index)
{
  ChdChainPage *self = page;

  if (self->units != NULL)
    set_text (self, G_STRUCT_OFFSET (ChdHead, owner), *self->units[index] != '\0' ? self->units[index] : NULL,
              _ ("Change Owner"));
}

/* Params */

typedef struct
{
  ChdChainPage *page;
  guint index;
} ParamField;

static ChdHead *
copy_for_param (ParamField *field, ChdParam **param)
{
  ChdHead *changed;

  if (field->index >= get_head (field->page)->params->len)
    return NULL;
  changed = chd_item_copy (get_head (field->page));
  *param = g_ptr_array_index (changed->params, field->index);
  return changed;
}

static void
param_name_committed (gpointer data, const char *text)
{
  ParamField *field = data;
  ChdParam *param;
  ChdHead *changed = *text != '\0' ? copy_for_param (field, &param) : NULL;

  if (changed == NULL)
    return;
  chd_set_str (&param->name, text);
  replace (field->page, changed, _ ("Rename Value"));
}

static void
param_default_committed (gpointer data, const char *text)
{
  ParamField *field = data;
  ChdParam *param;
  ChdHead *changed = copy_for_param (field, &param);

  if (changed == NULL)
    return;
  g_clear_pointer (&param->fallback, g_variant_unref);
  if (*text != '\0')
    param->fallback = g_variant_ref_sink (g_variant_new_string (text));
  replace (field->page, changed, _ ("Change Value"));
}

static void
param_description_committed (gpointer data, const char *text)
{
  ParamField *field = data;
  ChdParam *param;
  ChdHead *changed = copy_for_param (field, &param);

  if (changed == NULL)
    return;
  chd_set_str (&param->description, *text != '\0' ? text : NULL);
  replace (field->page, changed, _ ("Describe Value"));
}

static void
remove_param_cb (GtkButton *button, ParamField *field)
{
  ChdParam *param;
  ChdHead *changed = copy_for_param (field, &param);

  if (changed == NULL)
    return;
  g_ptr_array_remove_index (changed->params, field->index);
  replace (field->page, changed, _ ("Remove Value"));
}

static void
add_param_cb (ChdChainPage *self)
{
  ChdHead *changed = chd_item_copy (get_head (self));
  g_autofree char *name = g_strdup ("value");

  for (guint i = 2; chd_params_find (changed->params, name) != NULL; i++)
    {
      g_free (name);
      name = g_strdup_printf ("value-%u", i);
    }
  g_ptr_array_add (changed->params, chd_param_new (name, CHD_PARAM_STRING));
  replace (self, changed, _ ("Add Value"));
}

static GtkWidget *
new_param_group (ChdChainPage *self, guint index)
{
  AdwPreferencesGroup *group = chd_inspector_new_group (index == 0 ? _ ("Values of a Run") : NULL);
  ParamField *field = g_new0 (ParamField, 1);
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  AdwEntryRow *name;

  field->page = self;
  field->index = index;
  g_object_set_data_full (G_OBJECT (group), "field", field, g_free);
  name = chd_inspector_add_entry (group, _ ("Name"), param_name_committed, field);
  g_object_set_data (G_OBJECT (group), "name", name);
  g_object_set_data (G_OBJECT (group), "default",
                     chd_inspector_add_entry (group, _ ("Usual value"), param_default_committed, field));
  g_object_set_data (G_OBJECT (group), "description",
                     chd_inspector_add_entry (group, _ ("Description"), param_description_committed, field));
  chd_icon_button_set_name (remove, _ ("Remove"));
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (remove, "flat");
  g_signal_connect (remove, "clicked", G_CALLBACK (remove_param_cb), field);
  adw_entry_row_add_suffix (name, remove);
  return GTK_WIDGET (group);
}

static void
fill_param_group (GtkWidget *group, const ChdParam *param)
{
  chd_inspector_set_entry (g_object_get_data (G_OBJECT (group), "name"), param->name);
  chd_inspector_set_entry (g_object_get_data (G_OBJECT (group), "default"),
                           param->fallback != NULL && g_variant_is_of_type (param->fallback, G_VARIANT_TYPE_STRING)
                               ? g_variant_get_string (param->fallback, NULL)
                               : NULL);
  chd_inspector_set_entry (g_object_get_data (G_OBJECT (group), "description"), param->description);
}

static void
update_params (ChdChainPage *self, const ChdHead *head)
{
  GtkWidget *group;

  while (self->n_params > head->params->len)
    {
      gtk_box_remove (self->params, gtk_widget_get_last_child (GTK_WIDGET (self->params)));
      self->n_params--;
    }
  while (self->n_params < head->params->len)
    gtk_box_append (self->params, new_param_group (self, self->n_params++));
  group = gtk_widget_get_first_child (GTK_WIDGET (self->params));
  for (guint i = 0; i < head->params->len; i++, group = gtk_widget_get_next_sibling (group))
    fill_param_group (group, g_ptr_array_index (head->params, i));
}

static void
chd_chain_page_dispose (GObject *object)
{
  ChdChainPage *self = CHD_CHAIN_PAGE (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->units, g_strfreev);
  G_OBJECT_CLASS (chd_chain_page_parent_class)->dispose (object);
}

static void
chd_chain_page_class_init (ChdChainPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_chain_page_dispose;
}

static void
chd_chain_page_init (ChdChainPage *self)
{
  GtkWidget *scroller, *add = gtk_button_new_with_mnemonic (_ ("Add a _Value"));
  GtkBox *column = chd_inspector_new_column (&scroller);
  AdwPreferencesGroup *general = chd_inspector_new_group (_ ("Chain"));

  self->title = chd_inspector_add_entry (general, _ ("Name"), title_committed, self);
  self->name = chd_inspector_add_entry (general, _ ("Short name on the engine"), name_committed, self);
  self->description = chd_inspector_add_entry (general, _ ("Description"), description_committed, self);
  self->organisation = chd_inspector_add_entry (general, _ ("Organisation"), organisation_committed, self);
  self->owner = chd_inspector_add_choice (general, _ ("Owner"), owner_committed, self);
  self->params = GTK_BOX (gtk_box_new (GTK_ORIENTATION_VERTICAL, 12));
  g_signal_connect_object (add, "clicked", G_CALLBACK (add_param_cb), self, G_CONNECT_SWAPPED);
  gtk_box_append (column, GTK_WIDGET (general));
  gtk_box_append (column, GTK_WIDGET (self->params));
  gtk_box_append (column, add);
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
chd_chain_page_new (ChdWorkspace *workspace)
{
  ChdChainPage *self = g_object_new (CHD_TYPE_CHAIN_PAGE, NULL);

  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}

void
chd_chain_page_update (ChdChainPage *self)
{
  const ChdHead *head;
  g_auto (GStrv) titles = NULL;

  g_return_if_fail (CHD_IS_CHAIN_PAGE (self));

  head = get_head (self);
  chd_inspector_set_entry (self->title, head->title);
  chd_inspector_set_entry (self->name, head->item.id);
  chd_inspector_set_entry (self->description, head->description);
  chd_inspector_set_entry (self->organisation, head->organisation_title);
  g_strfreev (self->units);
  self->units = chd_inspector_list_units (chd_workspace_get_chain (self->workspace), NULL, _ ("(nobody)"), &titles);
  chd_inspector_set_choice (self->owner, (const char *const *) titles, chd_inspector_find (self->units, head->owner));
  update_params (self, head);
}
