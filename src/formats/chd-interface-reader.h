/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-catalogue.h"

G_BEGIN_DECLS

/* How a Tekton Pipeline describes itself to analysts, all in its metadata:
 *
 *   label       chain-designer.example.org/interface: "true"
 *   annotation  …/title, …/description     with a language suffix for other languages: …/title.zh_CN
 *   annotation  …/positions                "before,work"; absent: every position
 *   annotation  …/param.<name>             {"title": …, "title.zh_CN": …, "description": …, "description.zh_CN": …,
 *                                           "choices": […], "widget": …, "properties": […]}, all optional
 *
 * The id is metadata.name; type, description, default and enum of the params come from spec.params, the results from
 * spec.results. */
ChdInterface *chd_interface_read (const char *yaml, gsize length, ChdOrigin origin, GError **error);
ChdInterface *chd_interface_read_object (JsonObject *pipeline, ChdOrigin origin, GError **error);

G_END_DECLS
