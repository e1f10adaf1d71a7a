/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A unit in the inspector. */

#include "config.h"

#include "chd-unit-page.h"

#include <glib/gi18n.h>

#include "chd-inspector-rows.h"
#include "chd-util.h"

struct _ChdUnitPage
{
  AdwBin parent_instance;

  ChdWorkspace *workspace; /* (owned) */
  AdwEntryRow *title;
  AdwEntryRow *level;
  AdwComboRow *parent;
  AdwEntryRow *lead;
  AdwEntryRow *members;
  AdwEntryRow *service_account;
  char **units; /* (owned) (nullable): ids of the choices */
};

G_DEFINE_FINAL_TYPE (ChdUnitPage, chd_unit_page, ADW_TYPE_BIN)

static const ChdUnit *
get_unit (ChdUnitPage *self)
{
  ChdItemKind kind;
  const char *const *ids = chd_workspace_get_selection (self->workspace, &kind);

  return kind == CHD_ITEM_UNIT && ids[0] != NULL
             ? chd_chain_find_unit (chd_workspace_get_chain (self->workspace), ids[0])
             : NULL;
}

/* Sets one text field of the unit, as a step; @offset: of the field in ChdUnit */
static void
set_text (ChdUnitPage *self, gsize offset, const char *text, const char *step)
{
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  const ChdUnit *unit = get_unit (self);
  const char *value = *text != '\0' ? text : NULL;
  ChdUnit *changed;

  if (unit == NULL || g_strcmp0 (*(char *const *) ((const char *) unit + offset), value) == 0)
    return;
  changed = chd_item_copy (unit);
  chd_set_str ((char **) ((char *) changed + offset), value);
  chd_chain_begin (chain, step);
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
title_committed (gpointer page, const char *text)
{
  if (*text != '\0')
    set_text (page, G_STRUCT_OFFSET (ChdUnit, title), text, _ ("Rename Unit"));
}

static void
level_committed (gpointer page, const char *text)
{
  set_text (page, G_STRUCT_OFFSET (ChdUnit, level), text, _ ("Change Unit"));
}

static void
lead_committed (gpointer page, const char *text)
{
  set_text (page, G_STRUCT_OFFSET (ChdUnit, lead), text, _ ("Change Lead"));
}

static void
service_account_committed (gpointer page, const char *text)
{
  set_text (page, G_STRUCT_OFFSET (ChdUnit, service_account), text, _ ("Change Unit"));
}

static void
parent_committed (gpointer page, guint index)
{
  ChdUnitPage *self = page;

  if (self->units != NULL)
    set_text (self, G_STRUCT_OFFSET (ChdUnit, parent), self->units[index], _ ("Move Unit"));
}

static void
members_committed (gpointer page, const char *text)
{
  ChdUnitPage *self = page;
  ChdChain *chain = chd_workspace_get_chain (self->workspace);
  const ChdUnit *unit = get_unit (self);
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  g_autoptr (GStrvBuilder) members = g_strv_builder_new ();
  ChdUnit *changed;

  if (unit == NULL)
    return;
  for (guint i = 0; parts[i] != NULL; i++)
    if (*g_strstrip (parts[i]) != '\0')
      g_strv_builder_add (members, parts[i]);
  changed = chd_item_copy (unit);
  g_strfreev (changed->members);
  changed->members = g_strv_builder_end (members);
  if (changed->members[0] == NULL)
    g_clear_pointer (&changed->members, g_strfreev);
  chd_chain_begin (chain, _ ("Change Members"));
  chd_chain_replace (chain, changed);
  chd_chain_end (chain);
}

static void
chd_unit_page_dispose (GObject *object)
{
  ChdUnitPage *self = CHD_UNIT_PAGE (object);

  g_clear_object (&self->workspace);
  g_clear_pointer (&self->units, g_strfreev);
  G_OBJECT_CLASS (chd_unit_page_parent_class)->dispose (object);
}

static void
chd_unit_page_class_init (ChdUnitPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_unit_page_dispose;
}

static void
chd_unit_page_init (ChdUnitPage *self)
{
  GtkWidget *scroller;
  GtkBox *column = chd_inspector_new_column (&scroller);
  AdwPreferencesGroup *general = chd_inspector_new_group (_ ("Unit"));
  AdwPreferencesGroup *people = chd_inspector_new_group (_ ("People"));

  self->title = chd_inspector_add_entry (general, _ ("Name"), title_committed, self);
  self->level = chd_inspector_add_entry (general, _ ("Level, for example department"), level_committed, self);
  self->parent = chd_inspector_add_choice (general, _ ("Part of"), parent_committed, self);
  self->lead = chd_inspector_add_entry (people, _ ("Lead, who approves"), lead_committed, self);
  self->members = chd_inspector_add_entry (people, _ ("Members, with commas between"), members_committed, self);
  self->service_account =
      chd_inspector_add_entry (people, _ ("Account the engine uses"), service_account_committed, self);
  gtk_box_append (column, GTK_WIDGET (general));
  gtk_box_append (column, GTK_WIDGET (people));
  gtk_box_append (column, chd_inspector_new_button_row (_ ("Add a Unit _Below"), "organisation.add-unit", NULL));
  gtk_box_append (column, chd_inspector_new_button_row (_ ("_Delete This Unit"), "organisation.delete-unit", NULL));
  adw_bin_set_child (ADW_BIN (self), scroller);
}

GtkWidget *
chd_unit_page_new (ChdWorkspace *workspace)
{
  ChdUnitPage *self = g_object_new (CHD_TYPE_UNIT_PAGE, NULL);

  self->workspace = g_object_ref (workspace);
  return GTK_WIDGET (self);
}

void
chd_unit_page_update (ChdUnitPage *self)
{
  const ChdUnit *unit;
  g_autofree char *members = NULL;
  g_auto (GStrv) titles = NULL;

  g_return_if_fail (CHD_IS_UNIT_PAGE (self));

  unit = get_unit (self);
  if (unit == NULL)
    return;
  members = unit->members != NULL ? g_strjoinv (", ", unit->members) : NULL;
  chd_inspector_set_entry (self->title, unit->title);
  chd_inspector_set_entry (self->level, unit->level);
  chd_inspector_set_entry (self->lead, unit->lead);
  chd_inspector_set_entry (self->members, members);
  chd_inspector_set_entry (self->service_account, unit->service_account);
  g_strfreev (self->units);
  self->units = chd_inspector_list_units (chd_workspace_get_chain (self->workspace), unit->item.id,
                                          _ ("(the organisation itself)"), &titles);
  chd_inspector_set_choice (self->parent, (const char *const *) titles, chd_inspector_find (self->units, unit->parent));
}
