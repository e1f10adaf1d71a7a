/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A pipeline interface: a template with the words and the params an analyst fills in. Immutable, so it may be read
 * from any thread. */

#include "config.h"

#include "chd-catalogue.h"

struct _ChdInterface
{
  GObject parent_instance;

  char *id;          /* (owned) */
  char *title;       /* (owned) */
  char *description; /* (owned) */
  ChdOrigin origin;
  guint positions;      /* bits 1 << ChdPosition */
  GPtrArray *params;    /* (owned) of ChdParam */
  GPtrArray *results;   /* (owned) of ChdResult */
  JsonObject *pipeline; /* (owned) */
};

G_DEFINE_FINAL_TYPE (ChdInterface, chd_interface, G_TYPE_OBJECT)

static void
chd_interface_finalize (GObject *object)
{
  ChdInterface *self = CHD_INTERFACE (object);

  g_free (self->id);
  g_free (self->title);
  g_free (self->description);
  g_clear_pointer (&self->params, g_ptr_array_unref);
  g_clear_pointer (&self->results, g_ptr_array_unref);
  g_clear_pointer (&self->pipeline, json_object_unref);
  G_OBJECT_CLASS (chd_interface_parent_class)->finalize (object);
}

static void
chd_interface_class_init (ChdInterfaceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_interface_finalize;
}

static void
chd_interface_init (ChdInterface *self)
{
}

/**
 * chd_interface_new:
 * @title: (nullable): the id when unset
 * @description: (nullable):
 * @positions: where a node may use it: bits 1 << ChdPosition
 * @params: (element-type ChdParam): a reference is taken
 * @results: (element-type ChdResult): a reference is taken
 * @pipeline: a reference is taken
 *
 * Returns: (transfer full):
 */
ChdInterface *
chd_interface_new (const char *id,
                   const char *title,
                   const char *description,
                   ChdOrigin origin,
                   guint positions,
                   GPtrArray *params,
                   GPtrArray *results,
                   JsonObject *pipeline)
{
  ChdInterface *self = g_object_new (CHD_TYPE_INTERFACE, NULL);

  self->id = g_strdup (id);
  self->title = g_strdup (title != NULL && *title != '\0' ? title : id);
  self->description = g_strdup (description != NULL ? description : "");
  self->origin = origin;
  self->positions = positions;
  self->params = g_ptr_array_ref (params);
  self->results = g_ptr_array_ref (results);
  self->pipeline = json_object_ref (pipeline);
  return self;
}

const char *
chd_interface_get_id (ChdInterface *self)
{
  return self->id;
}

const char *
chd_interface_get_title (ChdInterface *self)
{
  return self->title;
}

/**
 * chd_interface_get_description:
 *
 * Returns: (transfer none): empty when there is none
 */
const char *
chd_interface_get_description (ChdInterface *self)
{
  return self->description;
}

ChdOrigin
chd_interface_get_origin (ChdInterface *self)
{
  return self->origin;
}

gboolean
chd_interface_fits (ChdInterface *self, ChdPosition position)
{
  return (self->positions & (1u << position)) != 0;
}

GPtrArray *
chd_interface_get_params (ChdInterface *self)
{
  return self->params;
}

GPtrArray *
chd_interface_get_results (ChdInterface *self)
{
  return self->results;
}

JsonObject *
chd_interface_get_pipeline (ChdInterface *self)
{
  return self->pipeline;
}
