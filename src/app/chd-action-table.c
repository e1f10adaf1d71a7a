/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table of keys. Application accelerators take keys away from text fields (GTK 4.8), so only function keys and
 * Ctrl combinations that mean nothing in a text are accelerators; the others act while the canvas has the focus. */

#include "config.h"

#include "chd-action-table.h"

#include <glib/gi18n.h>

static const ChdActionEntry entries[] = {
  { "app.new-window", "<Control>n", FALSE, N_ ("New chain"), N_ ("Chains") },
  { "win.open", "<Control>o", FALSE, N_ ("Open a chain"), N_ ("Chains") },
  { "win.save", "<Control>s", FALSE, N_ ("Save"), N_ ("Chains") },
  { "win.save-as", "<Shift><Control>s", FALSE, N_ ("Save a copy"), N_ ("Chains") },
  { "window.close", "<Control>w", FALSE, N_ ("Close the window"), N_ ("Chains") },
  { "app.quit", "<Control>q", FALSE, N_ ("Quit"), N_ ("Chains") },

  { "win.check", "F7", FALSE, N_ ("Check the chain"), N_ ("Create and run") },
  { "win.next-problem", "F4", FALSE, N_ ("Next problem"), N_ ("Create and run") },
  { "win.previous-problem", "<Shift>F4", FALSE, N_ ("Previous problem"), N_ ("Create and run") },
  { "win.primary", "F5", FALSE, N_ ("Create or run"), N_ ("Create and run") },
  { "win.stop('now')", "<Shift>F5", FALSE, N_ ("Stop the run"), N_ ("Create and run") },
  { "win.approvals", "<Control>period", FALSE, N_ ("Show what waits for approval"), N_ ("Create and run") },

  { "win.next-pane", "F6", FALSE, N_ ("Next pane"), N_ ("View") },
  { "win.previous-pane", "<Shift>F6", FALSE, N_ ("Previous pane"), N_ ("View") },
  { "win.show-left-pane", "F9", FALSE, N_ ("Show or hide the left pane"), N_ ("View") },
  { "win.show-inspector", "<Shift>F9", FALSE, N_ ("Show or hide the inspector"), N_ ("View") },
  { "win.show-bottom-panel", "<Control>F9", FALSE, N_ ("Show or hide the bottom panel"), N_ ("View") },
  { "canvas.zoom-in", "<Control>plus <Control>equal", TRUE, N_ ("Zoom in"), N_ ("View") },
  { "canvas.zoom-out", "<Control>minus", TRUE, N_ ("Zoom out"), N_ ("View") },
  { "canvas.zoom-reset", "<Control>0", TRUE, N_ ("Original size"), N_ ("View") },
  { "canvas.zoom-fit", "<Control>1", TRUE, N_ ("Fit the chain"), N_ ("View") },
  { "canvas.zoom-selection", "<Control>2", TRUE, N_ ("Fit the selection"), N_ ("View") },

  { "win.find", "<Control>f", FALSE, N_ ("Find"), N_ ("Canvas") },
  { "win.find-next", "<Control>g", FALSE, N_ ("Next match"), N_ ("Canvas") },
  { "win.find-previous", "<Shift><Control>g", FALSE, N_ ("Previous match"), N_ ("Canvas") },
  { "canvas.add", "n Insert", TRUE, N_ ("Add a node"), N_ ("Canvas") },
  { "canvas.add-next", "a <Control>Return", TRUE, N_ ("Add a node after this one"), N_ ("Canvas") },
  { "canvas.connect", "c <Control>l", TRUE, N_ ("Connect to…"), N_ ("Canvas") },
  { "canvas.bind-pipeline", "p", TRUE, N_ ("Set a pipeline"), N_ ("Canvas") },
  { "canvas.bind-task", "t", TRUE, N_ ("Set the task"), N_ ("Canvas") },
  { "canvas.choose-unit", "m", TRUE, N_ ("Move to a unit…"), N_ ("Canvas") },
  { "canvas.activate", "Return", TRUE, N_ ("Open the details"), N_ ("Canvas") },
  { "canvas.rename", "F2", TRUE, N_ ("Rename"), N_ ("Canvas") },
  { "canvas.delete", "Delete BackSpace", TRUE, N_ ("Delete and close the gap"), N_ ("Canvas") },
  { "canvas.delete-keep-gap", "<Control>Delete", TRUE, N_ ("Delete and leave the gap"), N_ ("Canvas") },
  { "canvas.duplicate", "<Control>d", TRUE, N_ ("Duplicate (or drag with Ctrl)"), N_ ("Canvas") },
  { "canvas.cut", "<Control>x", TRUE, N_ ("Cut"), N_ ("Canvas") },
  { "canvas.copy", "<Control>c", TRUE, N_ ("Copy"), N_ ("Canvas") },
  { "canvas.paste", "<Control>v", TRUE, N_ ("Paste"), N_ ("Canvas") },
  { "canvas.select-all", "<Control>a", TRUE, N_ ("Select all"), N_ ("Canvas") },
  { "canvas.select-none", "<Shift><Control>a Escape", TRUE, N_ ("Select nothing"), N_ ("Canvas") },
  { "canvas.lane-collapse", "Left Right", TRUE, N_ ("Collapse or expand the selected unit"), N_ ("Canvas") },
  { "canvas.lane-up", "<Control>Up", TRUE, N_ ("Move the selected unit up"), N_ ("Canvas") },
  { "canvas.lane-down", "<Control>Down", TRUE, N_ ("Move the selected unit down"), N_ ("Canvas") },
  { "canvas.lane-indent", "<Control>bracketright", TRUE, N_ ("Put the unit into the one above it"), N_ ("Canvas") },
  { "canvas.lane-outdent", "<Control>bracketleft", TRUE, N_ ("Take the unit out of the one around it"), N_ ("Canvas") },
  { "canvas.undo", "<Control>z", TRUE, N_ ("Undo"), N_ ("Canvas") },
  { "canvas.redo", "<Shift><Control>z <Control>y", TRUE, N_ ("Redo"), N_ ("Canvas") },

  { "app.preferences", "<Control>comma", FALSE, N_ ("Preferences"), N_ ("General") },
  { "app.shortcuts", "<Control>question", FALSE, N_ ("Keyboard shortcuts"), N_ ("General") },
  { "win.main-menu", "F10", FALSE, N_ ("Main menu"), N_ ("General") },
  { "win.fullscreen", "F11", FALSE, N_ ("Full screen"), N_ ("General") },
};

const ChdActionEntry *
chd_action_table_get (guint *n_entries)
{
  *n_entries = G_N_ELEMENTS (entries);
  return entries;
}

void
chd_action_table_install (GtkApplication *application)
{
  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_auto (GStrv) keys = g_strsplit (entries[i].keys, " ", -1);

      if (!entries[i].local)
        gtk_application_set_accels_for_action (application, entries[i].action, (const char *const *) keys);
    }
}

/* The classes of a shortcuts window can only be filled by a builder. */
static void
append_property (GString *ui, const char *name, const char *text)
{
  g_autofree char *escaped = g_markup_escape_text (text, -1);

  g_string_append_printf (ui, "<property name='%s'>%s</property>", name, escaped);
}

GtkWidget *
chd_action_table_build_shortcuts_window (void)
{
  g_autoptr (GString) ui = g_string_new ("<interface><object class='GtkShortcutsWindow' id='window'>"
                                         "<property name='modal'>1</property>"
                                         "<child><object class='GtkShortcutsSection'>"
                                         "<property name='section-name'>shortcuts</property>"
                                         "<property name='max-height'>14</property>");
  g_autoptr (GtkBuilder) builder = gtk_builder_new ();
  g_autoptr (GError) error = NULL;
  const char *group = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      if (g_strcmp0 (group, entries[i].group) != 0)
        {
          g_string_append (ui, group != NULL ? "</object></child>" : "");
          g_string_append (ui, "<child><object class='GtkShortcutsGroup'>");
          group = entries[i].group;
          append_property (ui, "title", _ (group));
        }
      g_string_append (ui, "<child><object class='GtkShortcutsShortcut'>");
      append_property (ui, "title", _ (entries[i].title));
      append_property (ui, "accelerator", entries[i].keys);
      g_string_append (ui, "</object></child>");
    }
  g_string_append (ui, "</object></child></object></child></object></interface>");

  if (!gtk_builder_add_from_string (builder, ui->str, ui->len, &error))
    g_error ("the shortcuts window: %s", error->message);
  return GTK_WIDGET (g_object_ref (gtk_builder_get_object (builder, "window")));
}
