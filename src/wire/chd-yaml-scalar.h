/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Private to wire: what an unquoted YAML scalar means. */

typedef enum
{
  CHD_YAML_SCALAR_TEXT,
  CHD_YAML_SCALAR_NULL,
  CHD_YAML_SCALAR_BOOLEAN,
  CHD_YAML_SCALAR_INTEGER,
  CHD_YAML_SCALAR_NUMBER,
  CHD_YAML_SCALAR_NOT_FINITE, /* .inf and .nan: JSON has none */
} ChdYamlScalarType;

typedef struct
{
  ChdYamlScalarType type;
  gboolean boolean;
  gint64 integer;
  double number;
} ChdYamlScalar;

ChdYamlScalar chd_yaml_scalar_resolve (const char *text);

G_END_DECLS
