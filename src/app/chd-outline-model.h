/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "chd-scene.h"

G_BEGIN_DECLS

/* One row of the outline. */
#define CHD_TYPE_OUTLINE_ROW (chd_outline_row_get_type ())
G_DECLARE_FINAL_TYPE (ChdOutlineRow, chd_outline_row, CHD, OUTLINE_ROW, GObject)

typedef enum
{
  CHD_OUTLINE_LEAF,
  CHD_OUTLINE_FOLDED,
  CHD_OUTLINE_UNFOLDED,
} ChdOutlineFold;

ChdItemKind chd_outline_row_get_kind (ChdOutlineRow *self);
const char *chd_outline_row_get_id (ChdOutlineRow *self); /* (nullable): of the nodes without a unit */
guint chd_outline_row_get_depth (ChdOutlineRow *self);
ChdOutlineFold chd_outline_row_get_fold (ChdOutlineRow *self);

/* The rows: a tree that is laid flat, so that a chain of any size costs what is seen. A GListModel of ChdOutlineRow;
 * what did not change stays in place when the chain changes. */
#define CHD_TYPE_OUTLINE_MODEL (chd_outline_model_get_type ())
G_DECLARE_FINAL_TYPE (ChdOutlineModel, chd_outline_model, CHD, OUTLINE_MODEL, GObject)

ChdOutlineModel *chd_outline_model_new (ChdScene *scene);
/* It follows the chain only while somebody looks at it; empty before. */
void chd_outline_model_set_active (ChdOutlineModel *self, gboolean active);
void chd_outline_model_set_filter (ChdOutlineModel *self, const char *query);
void chd_outline_model_fold (ChdOutlineModel *self, guint position, gboolean fold);
guint chd_outline_model_find (ChdOutlineModel *self, ChdItemKind kind, const char *id); /* G_MAXUINT when hidden */
/* Unfolds what hides it. Returns: its position, G_MAXUINT when the filter leaves it out */
guint chd_outline_model_reveal (ChdOutlineModel *self, ChdItemKind kind, const char *id);

G_END_DECLS
