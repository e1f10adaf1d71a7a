/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-yaml.h"

G_BEGIN_DECLS

/* Private to formats: reading the members of JSON objects of a known shape, so that a wrong one is an error that names
 * its path, its line and what was expected.
 *
 * The first thing that is wrong counts: once reading->error is set, every call gives its fallback, and the reader
 * looks at the error once, at its end. */
typedef struct
{
  const char *text; /* (nullable): the JSON text the objects came from, to name lines */
  gsize length;
  ChdYamlDocument *yaml; /* (nullable): or the YAML document */
  GError *error;         /* (owned by the caller in the end) */
} ChdReading;

/* An object, and how one gets there. */
typedef struct _ChdFields ChdFields;
struct _ChdFields
{
  ChdReading *reading;
  const ChdFields *parent; /* (nullable) */
  const char *name;        /* (nullable): the member of the parent that this is or that holds it; NULL at the root */
  int index;               /* its place in that member, when it is an array; else -1 */
  JsonObject *object;
};

typedef enum
{
  CHD_OPTIONAL,
  CHD_REQUIRED,
} ChdNeed;

void chd_fields_init (ChdFields *self, ChdReading *reading, JsonObject *root);
void chd_fields_fail (const ChdFields *self, const char *name, const char *expected, ...) G_GNUC_PRINTF (3, 4);

char *chd_fields_dup_string (const ChdFields *self, const char *name, ChdNeed need);
int chd_fields_read_int (const ChdFields *self, const char *name, int minimum, int maximum, int fallback);
double chd_fields_read_double (const ChdFields *self, const char *name, double limit);
gboolean chd_fields_read_bool (const ChdFields *self, const char *name);
char **chd_fields_dup_strv (const ChdFields *self, const char *name);
JsonArray *chd_fields_get_array (const ChdFields *self, const char *name);
gboolean chd_fields_enter (const ChdFields *self, const char *name, ChdFields *child);
gboolean
chd_fields_enter_element (const ChdFields *self, const char *name, JsonArray *array, guint index, ChdFields *child);
GVariant *chd_fields_dup_value (const ChdFields *self, const char *name);
GVariant *chd_fields_dup_values (const ChdFields *self, const char *name);
JsonObject *chd_fields_dup_extra (const ChdFields *self, const char *const *known);

/* How much a JSON text holds: what the tree of it takes in memory hangs on this more than on its length. */
typedef struct
{
  gsize values;
  gsize containers; /* objects and lists */
  guint depth;
} ChdJsonMeasure;

ChdJsonMeasure chd_json_measure (const char *text, gsize length);
guint chd_json_line_of (const char *text, gsize length, const char *const *steps);

G_END_DECLS
