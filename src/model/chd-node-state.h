/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The state of a node in a run (design.md, 1) or, before that, of its creation. */
typedef enum
{
  CHD_NODE_DRAFT,
  /* creation */
  CHD_NODE_PLANNED,
  CHD_NODE_UPLOADING,
  CHD_NODE_CREATING,
  CHD_NODE_CREATED,
  CHD_NODE_CREATE_FAILED,
  CHD_NODE_CONFLICT,
  /* run */
  CHD_NODE_WAITING,
  CHD_NODE_PROCESSING,
  CHD_NODE_AWAITING_APPROVAL, /* processing, and waits for a person */
  CHD_NODE_SUCCEEDED,
  CHD_NODE_FAILED,
  CHD_NODE_TIMED_OUT, /* failed, because of a time limit */
  CHD_NODE_REJECTED,  /* failed, because a person said no */
  CHD_NODE_SKIPPED,
  CHD_NODE_CANCELLED,
} ChdNodeState;
#define CHD_N_NODE_STATES (CHD_NODE_CANCELLED + 1)

const char *chd_node_state_to_string (ChdNodeState state); /* "awaiting-approval"; for machines */
const char *chd_node_state_get_title (ChdNodeState state); /* translated word: "Waits for approval" */
gboolean chd_node_state_is_final (ChdNodeState state);     /* of a run */

G_END_DECLS
