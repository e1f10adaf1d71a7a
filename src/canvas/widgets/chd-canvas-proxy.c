/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "config.h"

#include "chd-canvas-proxy.h"

#include "chd-util.h"

struct _ChdCanvasProxy
{
  GtkWidget parent_instance;

  ChdItemKind kind;
  char *id;
  char *name;
  char *description;
  gboolean selected;
};

G_DEFINE_FINAL_TYPE (ChdCanvasProxy, chd_canvas_proxy, GTK_TYPE_WIDGET)

static void
chd_canvas_proxy_finalize (GObject *object)
{
  ChdCanvasProxy *self = CHD_CANVAS_PROXY (object);

  g_free (self->id);
  g_free (self->name);
  g_free (self->description);
  G_OBJECT_CLASS (chd_canvas_proxy_parent_class)->finalize (object);
}

static void
chd_canvas_proxy_class_init (ChdCanvasProxyClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_canvas_proxy_finalize;
}

static void
chd_canvas_proxy_init (ChdCanvasProxy *self)
{
  /* The pointer goes to the canvas below. */
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
chd_canvas_proxy_new (ChdItemKind kind)
{
  ChdCanvasProxy *self =
      g_object_new (CHD_TYPE_CANVAS_PROXY, "accessible-role",
                    kind == CHD_ITEM_NODE ? GTK_ACCESSIBLE_ROLE_LIST_ITEM : GTK_ACCESSIBLE_ROLE_GROUP, NULL);

  self->kind = kind;
  gtk_widget_set_focusable (GTK_WIDGET (self), kind == CHD_ITEM_NODE);
  return GTK_WIDGET (self);
}

ChdItemKind
chd_canvas_proxy_get_kind (ChdCanvasProxy *self)
{
  return self->kind;
}

const char *
chd_canvas_proxy_get_id (ChdCanvasProxy *self)
{
  return self->id;
}

void
chd_canvas_proxy_set_id (ChdCanvasProxy *self, const char *id)
{
  chd_set_str (&self->id, id);
}

void
chd_canvas_proxy_describe (ChdCanvasProxy *self, const char *name, const char *description, gboolean selected)
{
  GtkAccessible *accessible = GTK_ACCESSIBLE (self);

  if (chd_set_str (&self->name, name))
    gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (chd_set_str (&self->description, description) && description != NULL)
    gtk_accessible_update_property (accessible, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  if (self->kind == CHD_ITEM_NODE && self->selected != selected)
    {
      self->selected = selected;
      gtk_accessible_update_state (accessible, GTK_ACCESSIBLE_STATE_SELECTED, selected, -1);
    }
}

const char *
chd_canvas_proxy_get_name (ChdCanvasProxy *self)
{
  return self->name;
}
