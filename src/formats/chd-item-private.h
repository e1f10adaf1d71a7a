/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-fields.h"
#include "chd-item.h"

G_BEGIN_DECLS

/* Private to formats. */

/* The name and version of the document's format (design.md, 3). */
#define CHD_CHAIN_FORMAT_STEM "chain-designer/"
#define CHD_CHAIN_VERSION 1
#define CHD_CHAIN_FORMAT CHD_CHAIN_FORMAT_STEM G_STRINGIFY (CHD_CHAIN_VERSION)

/* The member of the document that holds the items of a kind; units stand in "organisation". */
static const char *const chd_item_members[CHD_N_ITEM_KINDS] = {
  NULL, "units", "environments", "scripts", "nodes", "links",
};

ChdItem *chd_item_read (ChdItemKind kind, const ChdFields *fields);
void chd_json_add_extra (JsonObject *object, JsonObject *extra);

G_END_DECLS
