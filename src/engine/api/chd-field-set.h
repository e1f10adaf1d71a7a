/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* A set of an object's fields, as managedFields writes them (FieldsV1): a tree of path elements ("f:spec",
 * "k:{\"uid\":…}", "v:…") whose nodes are members or not. Lists are one field, except owners and finalizers. */
typedef struct _ChdFieldSet ChdFieldSet;

ChdFieldSet *chd_field_set_new (void);
ChdFieldSet *chd_field_set_copy (ChdFieldSet *self);
void chd_field_set_free (ChdFieldSet *self);
gboolean chd_field_set_is_empty (ChdFieldSet *self);
gboolean chd_field_set_equal (ChdFieldSet *a, ChdFieldSet *b);

ChdFieldSet *chd_field_set_from_json (JsonObject *fields);
JsonObject *chd_field_set_to_json (ChdFieldSet *self);

/* What an applied @object speaks of, without what the server owns. */
ChdFieldSet *chd_field_set_of_object (JsonObject *object);
/* What differs between two states, each (transfer full). @before: (nullable) */
void chd_field_set_compare (JsonObject *before,
                            JsonObject *after,
                            ChdFieldSet **added,
                            ChdFieldSet **changed,
                            ChdFieldSet **removed);

void chd_field_set_add (ChdFieldSet *self, ChdFieldSet *other);
void chd_field_set_subtract (ChdFieldSet *self, ChdFieldSet *other);
/* Keeps what both have. */
void chd_field_set_intersect (ChdFieldSet *self, ChdFieldSet *other);
/* Forgets "status" (or everything but it). */
void chd_field_set_restrict (ChdFieldSet *self, gboolean status);

/* (element-type utf8) (transfer full): the members as ".spec.steps", sorted */
GPtrArray *chd_field_set_list_paths (ChdFieldSet *self);
/* Removes the members' values from @object, and containers that become empty by it. */
void chd_field_set_remove_from (ChdFieldSet *self, JsonObject *object);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdFieldSet, chd_field_set_free)

G_END_DECLS
