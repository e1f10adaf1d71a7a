/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Every action with a key, its label and its line in the shortcuts window, in one table (ux-guide 2.2). */
typedef struct
{
  const char *action; /* with its target in "(…)": "win.panel('logs')" */
  const char *keys;   /* accelerators, separated by spaces */
  gboolean local;     /* a shortcut of the canvas, not an accelerator of the application */
  const char *title;  /* N_() */
  const char *group;  /* N_() */
} ChdActionEntry;

const ChdActionEntry *chd_action_table_get (guint *n_entries);
void chd_action_table_install (GtkApplication *application);
/* (transfer floating) */
GtkWidget *chd_action_table_build_shortcuts_window (void);

G_END_DECLS
