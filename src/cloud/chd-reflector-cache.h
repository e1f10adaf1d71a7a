/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Private to cloud: what a reflector holds, and what an event or a list means for it. Pure: no network, no clock. */

typedef struct _ChdReflectorCache ChdReflectorCache;

typedef enum
{
  CHD_CHANGE_ADDED,
  CHD_CHANGE_MODIFIED,
  CHD_CHANGE_DELETED,
} ChdChangeType;

typedef struct
{
  ChdChangeType type;
  JsonObject *object; /* (owned) new, or for a deletion the last */
  JsonObject *before; /* (owned) (nullable) of a modification */
} ChdChange;

ChdReflectorCache *chd_reflector_cache_new (void);
void chd_reflector_cache_free (ChdReflectorCache *self);
gboolean chd_reflector_cache_is_object (JsonObject *object);
JsonObject *chd_reflector_cache_lookup (ChdReflectorCache *self, const char *namespace_, const char *name);
GPtrArray *chd_reflector_cache_list (ChdReflectorCache *self);
guint chd_reflector_cache_get_n_objects (ChdReflectorCache *self);

/* Each returns (element-type ChdChange): what has changed; the objects are held already. */
GPtrArray *chd_reflector_cache_put (ChdReflectorCache *self, JsonObject *object);
GPtrArray *chd_reflector_cache_remove (ChdReflectorCache *self, JsonObject *object);
GPtrArray *chd_reflector_cache_replace (ChdReflectorCache *self, GPtrArray *objects, gboolean authoritative);

G_END_DECLS
