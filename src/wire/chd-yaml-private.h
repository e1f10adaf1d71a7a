/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-yaml.h"

G_BEGIN_DECLS

/* @root: (transfer full); @lines: (transfer full): JsonNode → line, of the nodes below @root */
ChdYamlDocument *chd_yaml_document_new (JsonNode *root, GHashTable *lines, guint line);

G_END_DECLS
