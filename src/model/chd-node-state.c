/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The words for the states of a node: for machines, and for people (ux-guide.md, 5.1). */

#include "config.h"

#include "chd-node-state.h"

#include <glib/gi18n-lib.h>

static const char *const state_names[CHD_N_NODE_STATES] = {
  [CHD_NODE_DRAFT] = "draft",           [CHD_NODE_PLANNED] = "planned",
  [CHD_NODE_UPLOADING] = "uploading",   [CHD_NODE_CREATING] = "creating",
  [CHD_NODE_CREATED] = "created",       [CHD_NODE_CREATE_FAILED] = "create-failed",
  [CHD_NODE_CONFLICT] = "conflict",     [CHD_NODE_WAITING] = "waiting",
  [CHD_NODE_PROCESSING] = "processing", [CHD_NODE_AWAITING_APPROVAL] = "awaiting-approval",
  [CHD_NODE_SUCCEEDED] = "succeeded",   [CHD_NODE_FAILED] = "failed",
  [CHD_NODE_TIMED_OUT] = "timed-out",   [CHD_NODE_REJECTED] = "rejected",
  [CHD_NODE_SKIPPED] = "skipped",       [CHD_NODE_CANCELLED] = "cancelled",
};

const char *
chd_node_state_to_string (ChdNodeState state)
{
  g_return_val_if_fail ((guint) state < CHD_N_NODE_STATES, "draft");
  return state_names[state];
}

const char *
chd_node_state_get_title (ChdNodeState state)
{
  switch (state)
    {
    case CHD_NODE_PLANNED:
      return C_ ("node state", "Planned");
    case CHD_NODE_UPLOADING:
      return C_ ("node state", "Uploading image");
    case CHD_NODE_CREATING:
      return C_ ("node state", "Creating");
    case CHD_NODE_CREATED:
      return C_ ("node state", "Created");
    case CHD_NODE_CREATE_FAILED:
      return C_ ("node state", "Not created");
    case CHD_NODE_CONFLICT:
      return C_ ("node state", "Conflict");
    case CHD_NODE_WAITING:
      return C_ ("node state", "Waiting");
    case CHD_NODE_PROCESSING:
      return C_ ("node state", "Processing");
    case CHD_NODE_AWAITING_APPROVAL:
      return C_ ("node state", "Waits for approval");
    case CHD_NODE_SUCCEEDED:
      return C_ ("node state", "Succeeded");
    case CHD_NODE_FAILED:
      return C_ ("node state", "Failed");
    case CHD_NODE_TIMED_OUT:
      return C_ ("node state", "Timed out");
    case CHD_NODE_REJECTED:
      return C_ ("node state", "Rejected");
    case CHD_NODE_SKIPPED:
      return C_ ("node state", "Skipped");
    case CHD_NODE_CANCELLED:
      return C_ ("node state", "Stopped");
    case CHD_NODE_DRAFT:
    default:
      return C_ ("node state", "Draft");
    }
}

/**
 * chd_node_state_is_final:
 *
 * Returns: whether the node has ended in its run, so that its state does not change any more
 */
gboolean
chd_node_state_is_final (ChdNodeState state)
{
  switch (state)
    {
    case CHD_NODE_SUCCEEDED:
    case CHD_NODE_FAILED:
    case CHD_NODE_TIMED_OUT:
    case CHD_NODE_REJECTED:
    case CHD_NODE_SKIPPED:
    case CHD_NODE_CANCELLED:
      return TRUE;
    case CHD_NODE_DRAFT:
    case CHD_NODE_PLANNED:
    case CHD_NODE_UPLOADING:
    case CHD_NODE_CREATING:
    case CHD_NODE_CREATED:
    case CHD_NODE_CREATE_FAILED:
    case CHD_NODE_CONFLICT:
    case CHD_NODE_WAITING:
    case CHD_NODE_PROCESSING:
    case CHD_NODE_AWAITING_APPROVAL:
    default:
      return FALSE;
    }
}
