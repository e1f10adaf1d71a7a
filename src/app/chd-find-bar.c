/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Find over the canvas. What is found is marked while the bar is open; the keyboard stays in the entry while one walks
 * and goes to the match when the bar is closed. */

#include "config.h"

#include "chd-find-bar.h"

#include <glib/gi18n.h>

#include "chd-finder.h"
#include "chd-icon-button.h"
#include "chd-util.h"

struct _ChdFindBar
{
  AdwBin parent_instance;

  GtkRevealer *revealer;
  GtkSearchEntry *entry;
  GtkLabel *count;
  GtkWidget *buttons[2];

  ChdCanvas *canvas; /* (owned) (nullable) */
  ChdScene *scene;   /* (owned) (nullable): the canvas' */
  ChdFinder *finder; /* (owned) (nullable) */
  char *query;       /* (nullable): of the last search */
  GPtrArray *found;  /* (owned): of ChdFound, of the last search */
  guint at;          /* its place in there */
};

G_DEFINE_FINAL_TYPE (ChdFindBar, chd_find_bar, ADW_TYPE_BIN)

static gboolean
is_open (ChdFindBar *self)
{
  return gtk_revealer_get_reveal_child (self->revealer);
}

static void
update_count (ChdFindBar *self)
{
  gboolean asked = *gtk_editable_get_text (GTK_EDITABLE (self->entry)) != '\0';
  g_autofree char *text = NULL;

  if (self->found->len > 0)
    /* Translators: which of the things found is shown, and how many there are */
    text = g_strdup_printf (_ ("%u of %u"), self->at + 1, self->found->len);
  gtk_label_set_label (self->count, text != NULL ? text : asked ? _ ("Nothing found") : "");
  if (asked && self->found->len == 0)
    gtk_widget_add_css_class (GTK_WIDGET (self->entry), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->entry), "error");
  for (guint i = 0; i < G_N_ELEMENTS (self->buttons); i++)
    gtk_widget_set_sensitive (self->buttons[i], self->found->len > 0);
}

/* Searches anew and stays at the match that was shown, if it is still one. */
static void
search (ChdFindBar *self)
{
  const ChdFound *before = self->at < self->found->len ? g_ptr_array_index (self->found, self->at) : NULL;
  g_autofree char *id = before != NULL ? g_strdup (before->id) : NULL;
  ChdItemKind kind = before != NULL ? before->kind : CHD_ITEM_NODE;
  GPtrArray *found = self->finder != NULL
                         ? chd_finder_find (self->finder, gtk_editable_get_text (GTK_EDITABLE (self->entry)))
                         : g_ptr_array_new ();

  chd_set_str (&self->query, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
  g_ptr_array_unref (self->found);
  self->found = found;
  self->at = 0;
  for (guint i = 0; i < found->len && id != NULL; i++)
    {
      const ChdFound *one = g_ptr_array_index (found, i);

      if (one->kind == kind && g_str_equal (one->id, id))
        self->at = i;
    }
  if (self->canvas != NULL)
    chd_canvas_set_matches (self->canvas, is_open (self) ? found : NULL);
  update_count (self);
}

static void
show_match (ChdFindBar *self)
{
  const ChdFound *one;

  if (self->canvas == NULL || self->at >= self->found->len)
    return;
  one = g_ptr_array_index (self->found, self->at);
  chd_canvas_show_item (self->canvas, one->kind, one->id);
  update_count (self);
}

static void
search_changed_cb (ChdFindBar *self)
{
  if (!is_open (self))
    return;
  search (self);
  show_match (self);
}

static void
scene_changed_cb (ChdFindBar *self)
{
  if (is_open (self))
    search (self);
}

static void
close_bar (ChdFindBar *self)
{
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  if (self->canvas == NULL)
    return;
  chd_canvas_set_matches (self->canvas, NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->canvas));
}

void
chd_find_bar_open (ChdFindBar *self)
{
  g_return_if_fail (CHD_IS_FIND_BAR (self));

  if (self->canvas == NULL)
    return;
  gtk_revealer_set_reveal_child (self->revealer, TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  gtk_editable_select_region (GTK_EDITABLE (self->entry), 0, -1);
  search (self);
}

void
chd_find_bar_go (ChdFindBar *self, gboolean forward)
{
  g_return_if_fail (CHD_IS_FIND_BAR (self));

  if (!is_open (self) || self->found->len == 0)
    {
      chd_find_bar_open (self);
      return;
    }
  self->at = (self->at + (forward ? 1 : self->found->len - 1)) % self->found->len;
  show_match (self);
}

static void
next_cb (ChdFindBar *self)
{
  /* An entry waits before it tells what was typed: Enter right after typing shows the first match. */
  if (is_open (self) && g_strcmp0 (self->query, gtk_editable_get_text (GTK_EDITABLE (self->entry))) != 0)
    search_changed_cb (self);
  else
    chd_find_bar_go (self, TRUE);
}

static void
previous_cb (ChdFindBar *self)
{
  chd_find_bar_go (self, FALSE);
}

static gboolean
key_pressed_cb (ChdFindBar *self, guint keyval, guint keycode, GdkModifierType state)
{
  gboolean enter = keyval == GDK_KEY_Return || keyval == GDK_KEY_KP_Enter;

  if (!enter || (state & GDK_SHIFT_MASK) == 0)
    return GDK_EVENT_PROPAGATE;
  chd_find_bar_go (self, FALSE);
  return GDK_EVENT_STOP;
}

void
chd_find_bar_set_canvas (ChdFindBar *self, ChdCanvas *canvas)
{
  g_return_if_fail (CHD_IS_FIND_BAR (self));

  if (self->canvas == canvas)
    return;
  if (self->scene != NULL)
    g_signal_handlers_disconnect_by_data (self->scene, self);
  g_clear_object (&self->scene);
  g_clear_pointer (&self->finder, chd_finder_free);
  g_set_object (&self->canvas, canvas);
  gtk_revealer_set_reveal_child (self->revealer, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  g_ptr_array_set_size (self->found, 0);
  if (canvas == NULL)
    return;
  self->scene = g_object_ref (chd_canvas_get_scene (canvas));
  self->finder = chd_finder_new (self->scene);
  g_signal_connect_object (self->scene, "changed", G_CALLBACK (scene_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
chd_find_bar_dispose (GObject *object)
{
  ChdFindBar *self = CHD_FIND_BAR (object);

  g_clear_pointer (&self->finder, chd_finder_free);
  g_clear_object (&self->scene);
  g_clear_object (&self->canvas);
  G_OBJECT_CLASS (chd_find_bar_parent_class)->dispose (object);
}

static void
chd_find_bar_finalize (GObject *object)
{
  g_ptr_array_unref (CHD_FIND_BAR (object)->found);
  g_free (CHD_FIND_BAR (object)->query);
  G_OBJECT_CLASS (chd_find_bar_parent_class)->finalize (object);
}

static void
chd_find_bar_class_init (ChdFindBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = chd_find_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = chd_find_bar_finalize;
}

static GtkWidget *
new_button (ChdFindBar *self, const char *icon, const char *tooltip, GCallback clicked)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  chd_icon_button_set_name (button, tooltip);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", clicked, self, G_CONNECT_SWAPPED);
  return button;
}

static void
chd_find_bar_init (ChdFindBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->found = g_ptr_array_new ();
  self->entry = GTK_SEARCH_ENTRY (gtk_search_entry_new ());
  self->count = GTK_LABEL (gtk_label_new (NULL));
  self->buttons[0] = new_button (self, "go-up-symbolic", _ ("Previous Match"), G_CALLBACK (previous_cb));
  self->buttons[1] = new_button (self, "go-down-symbolic", _ ("Next Match"), G_CALLBACK (next_cb));
  g_object_set (self->entry, "placeholder-text", _ ("Name, unit, person, script, state"), NULL);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _ ("Find in the chain"),
                                  -1);
  gtk_widget_set_size_request (GTK_WIDGET (self->entry), 260, -1);
  gtk_label_set_width_chars (self->count, 9);
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "dim-label");
  gtk_widget_add_css_class (GTK_WIDGET (self->count), "numeric");
  g_signal_connect_object (self->entry, "search-changed", G_CALLBACK (search_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "activate", G_CALLBACK (next_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->entry, "stop-search", G_CALLBACK (close_bar), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (keys, "key-pressed", G_CALLBACK (key_pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self->entry), keys);

  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->entry));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->count));
  for (guint i = 0; i < G_N_ELEMENTS (self->buttons); i++)
    gtk_box_append (GTK_BOX (box), self->buttons[i]);
  gtk_box_append (GTK_BOX (box), new_button (self, "window-close-symbolic", _ ("Close"), G_CALLBACK (close_bar)));
  gtk_widget_add_css_class (box, "chd-find");

  self->revealer = GTK_REVEALER (gtk_revealer_new ());
  gtk_revealer_set_child (self->revealer, box);
  adw_bin_set_child (ADW_BIN (self), GTK_WIDGET (self->revealer));
  gtk_widget_set_halign (GTK_WIDGET (self), GTK_ALIGN_END);
  gtk_widget_set_valign (GTK_WIDGET (self), GTK_ALIGN_START);
  gtk_widget_set_margin_end (GTK_WIDGET (self), 18);
  update_count (self);
}
