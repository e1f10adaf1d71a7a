/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-chain.h"

G_BEGIN_DECLS

/* The rows that the inspector's pages consist of. A row hands over what was entered when it is confirmed by Enter or
 * left, and only when it is another value than it was set to. */

typedef void (*ChdTextCommit) (gpointer page, const char *text);
typedef void (*ChdChoiceCommit) (gpointer page, guint index);

AdwEntryRow *
chd_inspector_add_entry (AdwPreferencesGroup *group, const char *title, ChdTextCommit commit, gpointer page);
/* @text: (nullable). What is being typed stays while the row stands for the same text. */
void chd_inspector_set_entry (AdwEntryRow *row, const char *text);
/* Hands over what was entered so far. @row: (nullable); any other widget is passed over. */
void chd_inspector_commit_entry (GtkWidget *row);

AdwComboRow *
chd_inspector_add_choice (AdwPreferencesGroup *group, const char *title, ChdChoiceCommit commit, gpointer page);
void chd_inspector_set_choice (AdwComboRow *row, const char *const *titles, guint selected);

/* A row that leads somewhere. @action: with @target of type s, or ss when @target2 is given. */
GtkWidget *chd_inspector_new_link_row (const char *icon,
                                       const char *title,
                                       const char *subtitle,
                                       const char *action,
                                       const char *target,
                                       const char *target2);
GtkWidget *chd_inspector_new_button_row (const char *label, const char *action, const char *target);
AdwPreferencesGroup *chd_inspector_new_group (const char *title); /* (nullable) */

/* The scrolled column of a page. Returns: (transfer none): the box to append to */
GtkBox *chd_inspector_new_column (GtkWidget **scroller);

/* Units as choices: paths as titles, ids beside them. @except: (nullable): this unit and those below it are left out;
 * @none: (nullable): title of a first choice that means no unit, its id is "".
 * Returns: (transfer full): ids; @titles: (out) (transfer full) */
char **chd_inspector_list_units (ChdChain *chain, const char *except, const char *none, char ***titles);
guint chd_inspector_find (char **ids, const char *id); /* @id: (nullable) */

G_END_DECLS
