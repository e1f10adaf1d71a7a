/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-item.h"

G_BEGIN_DECLS

typedef enum
{
  CHD_ORIGIN_SHIPPED,
  CHD_ORIGIN_LIBRARY, /* the user's own folder */
  CHD_ORIGIN_ENGINE,  /* published on the connected engine */
} ChdOrigin;

/* A pipeline interface: a Tekton Pipeline that is a template, described for analysts. Immutable after creation;
 * read by formats (chd-interface-reader.h). */
#define CHD_TYPE_INTERFACE (chd_interface_get_type ())
G_DECLARE_FINAL_TYPE (ChdInterface, chd_interface, CHD, INTERFACE, GObject)

ChdInterface *chd_interface_new (const char *id,
                                 const char *title,
                                 const char *description,
                                 ChdOrigin origin,
                                 guint positions,
                                 GPtrArray *params,
                                 GPtrArray *results,
                                 JsonObject *pipeline);
const char *chd_interface_get_id (ChdInterface *self);
const char *chd_interface_get_title (ChdInterface *self); /* in the user's language where the file has it */
const char *chd_interface_get_description (ChdInterface *self);
ChdOrigin chd_interface_get_origin (ChdInterface *self);
gboolean chd_interface_fits (ChdInterface *self, ChdPosition position); /* @positions: bits 1 << ChdPosition */
GPtrArray *chd_interface_get_params (ChdInterface *self);               /* (element-type ChdParam) */
GPtrArray *chd_interface_get_results (ChdInterface *self);              /* (element-type ChdResult) */
JsonObject *chd_interface_get_pipeline (ChdInterface *self);            /* the Pipeline object as it was read */

/* What the document can name without defining it: interfaces, scripts and environments, shipped, from the user's
 * library and from the engine. A later addition with the same id replaces the earlier one. */
#define CHD_TYPE_CATALOGUE (chd_catalogue_get_type ())
G_DECLARE_FINAL_TYPE (ChdCatalogue, chd_catalogue, CHD, CATALOGUE, GObject)

ChdCatalogue *chd_catalogue_new (void);
void chd_catalogue_add_interface (ChdCatalogue *self, ChdInterface *interface);
void chd_catalogue_add_script (ChdCatalogue *self, const ChdScript *script);
void chd_catalogue_add_environment (ChdCatalogue *self, const ChdEnvironment *environment);
ChdInterface *chd_catalogue_find_interface (ChdCatalogue *self, const char *id);
const ChdScript *chd_catalogue_find_script (ChdCatalogue *self, const char *id);
const ChdEnvironment *chd_catalogue_find_environment (ChdCatalogue *self, const char *id);
GListModel *chd_catalogue_list_interfaces (ChdCatalogue *self); /* (transfer none) of ChdInterface */
GPtrArray *chd_catalogue_get_scripts (ChdCatalogue *self);      /* (transfer none) (element-type ChdScript) */
GPtrArray *chd_catalogue_get_environments (ChdCatalogue *self); /* (transfer none) (element-type ChdEnvironment) */

G_END_DECLS
