/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-run-status.h"

G_BEGIN_DECLS

/* One part of a node in a run, for a list: immutable texts. */
#define CHD_TYPE_EXECUTION_ROW (chd_execution_row_get_type ())
G_DECLARE_FINAL_TYPE (ChdExecutionRow, chd_execution_row, CHD, EXECUTION_ROW, GObject)

/* @part: (nullable): a node of which nothing has started has none */
ChdExecutionRow *chd_execution_row_new (const ChdNodeStatus *node, const char *title, const ChdPartStatus *part);
const char *chd_execution_row_get_node (ChdExecutionRow *self);
ChdNodeState chd_execution_row_get_state (ChdExecutionRow *self);

typedef enum
{
  CHD_EXECUTION_NODE,
  CHD_EXECUTION_PART,
  CHD_EXECUTION_STATE,
  CHD_EXECUTION_STARTED,
  CHD_EXECUTION_RAN,
  CHD_EXECUTION_NOTE,
  CHD_N_EXECUTION_COLUMNS,
} ChdExecutionColumn;

const char *chd_execution_row_get_text (ChdExecutionRow *self, ChdExecutionColumn column);
/* Whether both say the same. */
gboolean chd_execution_row_equal (ChdExecutionRow *self, ChdExecutionRow *other);
/* "m:ss" or "h:mm:ss"; (transfer full). */
char *chd_format_elapsed (gint64 seconds);

G_END_DECLS
