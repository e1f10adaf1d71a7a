/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The values that "$(…)" stand for, and putting them in: one implementation for pipelines and for tasks.
 *
 *  (1) One pass: what a value brings in is text and is not looked at again.
 *  (2) A reference nobody knows stays as it is, so that scopes can be applied one after the other.
 *  (3) In an array, an element that is exactly "$(x[*])" of an array becomes the array's elements; elsewhere a string
 *      that is exactly such a reference becomes the array or object itself. */

typedef struct _ChdVariables ChdVariables;

ChdVariables *chd_variables_new (void);
void chd_variables_free (ChdVariables *self);

void chd_variables_set_string (ChdVariables *self, const char *key, const char *value);
/* @value: string, array of strings or object of strings; its keys become variables too ("params.x.key"). */
void chd_variables_set (ChdVariables *self, const char *key, JsonNode *value);
void chd_variables_remove (ChdVariables *self, const char *key);
JsonNode *chd_variables_get (ChdVariables *self, const char *key); /* (nullable) */

/* (transfer full) */
char *chd_variables_expand (ChdVariables *self, const char *text);
JsonNode *chd_variables_expand_node (ChdVariables *self, JsonNode *node);
JsonObject *chd_variables_expand_object (ChdVariables *self, JsonObject *object);
/* Whether an expansion since chd_variables_new() was cut because it would have become larger than an object may be. */
gboolean chd_variables_is_exceeded (ChdVariables *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdVariables, chd_variables_free)

G_END_DECLS
