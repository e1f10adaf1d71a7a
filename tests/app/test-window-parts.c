/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A window of the program, in this process: every action of the table exists, every key of the canvas is in the table
 * and heard, the shortcuts window shows every line, and every window and dialog is built and shown.
 * Runs under tests/support/with-display, which gives it folders of its own. */

#include "config.h"

#include "chd-action-table.h"
#include "chd-pipeline-dialog.h"
#include "chd-preferences-window.h"
#include "chd-run-dialog.h"
#include "chd-task-dialog.h"
#include "chd-test-loop.h"
#include "chd-window-private.h"

static ChdApplication *application;

static void
ignore_activation_cb (void)
{
}

/* The program without a bus, with a store of its own. */
static void
start_application (void)
{
  g_autoptr (GError) error = NULL;

  application = chd_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE);
  g_signal_connect (application, "activate", G_CALLBACK (ignore_activation_cb), NULL);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  chd_test_wait_for (chd_application_get_store (application) != NULL);
}

static ChdWindow *
open_window (void)
{
  ChdWindow *window = chd_window_new (application);

  chd_window_new_chain (window);
  gtk_window_present (GTK_WINDOW (window));
  chd_test_wait_for (gtk_widget_get_width (GTK_WIDGET (window->canvas)) > 0);
  return window;
}

static gboolean
class_has_action (GtkWidget *widget, const char *action)
{
  GType owner;
  const char *name, *property;
  const GVariantType *type;

  for (guint i = 0; gtk_widget_class_query_action (GTK_WIDGET_GET_CLASS (widget), i, &owner, &name, &type, &property);
       i++)
    if (g_str_equal (name, action))
      return TRUE;
  return FALSE;
}

static void
test_actions (void)
{
  ChdWindow *window = open_window ();
  guint n;
  const ChdActionEntry *entries = chd_action_table_get (&n);
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = NULL;
      g_autoptr (GVariant) target = NULL;
      g_autoptr (GError) error = NULL;
      g_auto (GStrv) accelerators = g_strsplit (entries[i].keys, " ", -1);
      gboolean known;

      g_action_parse_detailed_name (entries[i].action, &name, &target, &error);
      g_assert_no_error (error);
      if (g_str_has_prefix (name, "app."))
        known = g_action_group_has_action (G_ACTION_GROUP (application), name + 4);
      else if (g_str_has_prefix (name, "win."))
        known = g_action_group_has_action (G_ACTION_GROUP (window), name + 4);
      else if (g_str_has_prefix (name, "canvas."))
        known = class_has_action (GTK_WIDGET (window->canvas), name);
      else
        known = class_has_action (GTK_WIDGET (window), name);
      if (!known)
        g_error ("there is no action “%s”", name);

      for (guint j = 0; accelerators[j] != NULL; j++)
        {
          guint key;
          GdkModifierType modifiers;

          g_assert_true (gtk_accelerator_parse (accelerators[j], &key, &modifiers));
          if (!g_hash_table_add (keys, gtk_accelerator_name (key, modifiers)))
            g_error ("“%s” does two things", accelerators[j]);
          /* A key without Ctrl that a text field needs must not be taken away from it (ux-guide 2.2). */
          if (!entries[i].local && (modifiers & (GDK_CONTROL_MASK | GDK_ALT_MASK)) == 0)
            g_assert_true (key >= GDK_KEY_F1 && key <= GDK_KEY_F12);
        }
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

/* Keys that move the focus or the selection, or stand for another key. */
static gboolean
is_plain_navigation (guint key)
{
  static const guint plain[] = { GDK_KEY_Left,    GDK_KEY_Right,     GDK_KEY_Up,        GDK_KEY_Down,
                                 GDK_KEY_Page_Up, GDK_KEY_Page_Down, GDK_KEY_Home,      GDK_KEY_End,
                                 GDK_KEY_Menu,    GDK_KEY_F10,       GDK_KEY_KP_Delete, GDK_KEY_KP_Enter };

  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    if (key == plain[i])
      return TRUE;
  return key >= GDK_KEY_KP_Space && key <= GDK_KEY_KP_9;
}

/* (element-type utf8): the accelerators that the canvas hears. */
static GHashTable *
list_canvas_keys (GtkWidget *canvas)
{
  GHashTable *keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (canvas);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GtkEventController) controller = g_list_model_get_item (controllers, i);

      for (guint j = 0;
           GTK_IS_SHORTCUT_CONTROLLER (controller) && j < g_list_model_get_n_items (G_LIST_MODEL (controller)); j++)
        {
          g_autoptr (GtkShortcut) shortcut = g_list_model_get_item (G_LIST_MODEL (controller), j);
          GtkShortcutTrigger *trigger = gtk_shortcut_get_trigger (shortcut);

          if (GTK_IS_KEYVAL_TRIGGER (trigger))
            g_hash_table_add (keys,
                              gtk_accelerator_name (gtk_keyval_trigger_get_keyval (GTK_KEYVAL_TRIGGER (trigger)),
                                                    gtk_keyval_trigger_get_modifiers (GTK_KEYVAL_TRIGGER (trigger))));
        }
    }
  return keys;
}

static void
test_canvas_keys (void)
{
  ChdWindow *window = open_window ();
  g_autoptr (GHashTable) heard = list_canvas_keys (GTK_WIDGET (window->canvas));
  g_autoptr (GHashTable) listed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n;
  const ChdActionEntry *entries = chd_action_table_get (&n);
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < n; i++)
    {
      g_auto (GStrv) accelerators = g_strsplit (entries[i].keys, " ", -1);

      for (guint j = 0; entries[i].local && accelerators[j] != NULL; j++)
        {
          guint key;
          GdkModifierType modifiers;
          g_autofree char *accelerator = NULL;

          gtk_accelerator_parse (accelerators[j], &key, &modifiers);
          accelerator = gtk_accelerator_name (key, modifiers);
          if (!g_hash_table_contains (heard, accelerator))
            g_error ("the canvas does not hear “%s”", accelerator);
          g_hash_table_add (listed, g_steal_pointer (&accelerator));
        }
    }
  g_hash_table_iter_init (&iter, heard);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    {
      guint key;
      GdkModifierType modifiers;

      gtk_accelerator_parse (name, &key, &modifiers);
      if (!g_hash_table_contains (listed, name) && !is_plain_navigation (key))
        g_error ("“%s” of the canvas is not in the table", (char *) name);
    }
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
list_titles (GtkWidget *widget, GHashTable *titles)
{
  if (GTK_IS_SHORTCUTS_SHORTCUT (widget))
    {
      char *title;

      g_object_get (widget, "title", &title, NULL);
      g_hash_table_add (titles, title);
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    list_titles (child, titles);
}

static void
test_shortcuts_window (void)
{
  GtkWidget *window = g_object_ref_sink (chd_action_table_build_shortcuts_window ());
  g_autoptr (GHashTable) titles = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  guint n;
  const ChdActionEntry *entries = chd_action_table_get (&n);

  gtk_window_present (GTK_WINDOW (window));
  chd_test_wait_for (gtk_widget_get_width (window) > 0);
  list_titles (window, titles);
  for (guint i = 0; i < n; i++)
    if (!g_hash_table_contains (titles, entries[i].title))
      g_error ("the shortcuts window does not show “%s”", entries[i].title);
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (window);
}

/* Shows a dialog until it was drawn, and closes it as Escape would. */
static void
show_dialog (ChdWindow *window, GtkWidget *dialog)
{
  g_object_add_weak_pointer (G_OBJECT (dialog), (gpointer *) &dialog);
  gtk_window_set_transient_for (GTK_WINDOW (dialog), GTK_WINDOW (window));
  gtk_window_present (GTK_WINDOW (dialog));
  chd_test_wait_for (gtk_widget_get_width (dialog) > 0);
  g_assert_nonnull (gtk_window_get_title (GTK_WINDOW (dialog)));
  gtk_window_close (GTK_WINDOW (dialog));
  chd_test_wait_for (dialog == NULL);
}

static void
test_dialogs (void)
{
  ChdWindow *window = open_window ();
  ChdWorkspace *workspace = chd_window_get_workspace (window);
  ChdChain *chain = chd_workspace_get_chain (workspace);

  chd_chain_begin (chain, "Draw");
  chd_chain_append (chain, chd_unit_new ("risk", "Risk", NULL));
  chd_chain_append (chain, chd_node_new ("check", "Check", "risk"));
  chd_chain_end (chain);
  chd_test_wait_for (
      g_list_model_get_n_items (chd_catalogue_list_interfaces (chd_workspace_get_catalogue (workspace))) > 0);
  show_dialog (window, chd_pipeline_dialog_new (workspace, "check", -1, NULL));
  show_dialog (window, chd_pipeline_dialog_new (workspace, "check", CHD_POSITION_WORK, "wait"));
  show_dialog (window, chd_task_dialog_new (workspace, "check"));
  show_dialog (window, chd_run_dialog_new (workspace));
  show_dialog (window, chd_preferences_window_new (chd_application_get_settings (application)));
  gtk_window_destroy (GTK_WINDOW (window));
}

int
main (int argc, char *argv[])
{
  int result;

  /* No engine: these windows have none to talk to, and say so. */
  g_setenv ("CHD_ENGINE_SOCKET", "/dev/null/engine", TRUE);
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  start_application ();
  g_test_add_func ("/app/window/actions", test_actions);
  g_test_add_func ("/app/window/canvas-keys", test_canvas_keys);
  g_test_add_func ("/app/window/shortcuts", test_shortcuts_window);
  g_test_add_func ("/app/window/dialogs", test_dialogs);
  result = g_test_run ();
  g_clear_object (&application);
  return result;
}
