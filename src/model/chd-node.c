/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Interface positions, the create requests of a node, and what a node has to do. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-item.h"

static const char *const position_names[] = { "before", "work", "after", "on-failure" };

const char *
chd_position_to_string (ChdPosition position)
{
  g_return_val_if_fail ((guint) position < CHD_N_POSITIONS, "work");
  return position_names[position];
}

gboolean
chd_position_from_string (const char *text, ChdPosition *position)
{
  for (guint i = 0; i < CHD_N_POSITIONS; i++)
    if (g_strcmp0 (text, position_names[i]) == 0)
      {
        *position = (ChdPosition) i;
        return TRUE;
      }
  return FALSE;
}

/**
 * chd_position_get_title:
 *
 * Returns: (transfer none): the position's translated name
 */
const char *
chd_position_get_title (ChdPosition position)
{
  switch (position)
    {
    case CHD_POSITION_BEFORE:
      return C_ ("interface position", "Before");
    case CHD_POSITION_AFTER:
      return C_ ("interface position", "After");
    case CHD_POSITION_ON_FAILURE:
      return C_ ("interface position", "On Failure");
    case CHD_POSITION_WORK:
    default:
      return C_ ("interface position", "Work");
    }
}

static GVariant *
take_values (GVariant *params)
{
  return params != NULL ? g_variant_ref_sink (params) : chd_values_from_json (NULL);
}

/**
 * chd_pipeline_binding_new:
 * @params: (nullable): a{sv}; consumed when floating
 */
ChdPipelineBinding *
chd_pipeline_binding_new (ChdPosition at, const char *interface_id, GVariant *params)
{
  ChdPipelineBinding *binding = g_new0 (ChdPipelineBinding, 1);

  binding->at = at;
  binding->interface_id = g_strdup (interface_id);
  binding->params = take_values (params);
  return binding;
}

ChdPipelineBinding *
chd_pipeline_binding_copy (const ChdPipelineBinding *binding)
{
  ChdPipelineBinding *copy = chd_pipeline_binding_new (binding->at, binding->interface_id, binding->params);

  copy->extra = binding->extra != NULL ? json_object_ref (binding->extra) : NULL;
  return copy;
}

void
chd_pipeline_binding_free (ChdPipelineBinding *binding)
{
  g_free (binding->interface_id);
  g_variant_unref (binding->params);
  g_clear_pointer (&binding->extra, json_object_unref);
  g_free (binding);
}

/**
 * chd_task_binding_new:
 * @params: (nullable): a{sv}; consumed when floating
 */
ChdTaskBinding *
chd_task_binding_new (const char *script, const char *environment, GVariant *params)
{
  ChdTaskBinding *binding = g_new0 (ChdTaskBinding, 1);

  binding->script = g_strdup (script);
  binding->environment = g_strdup (environment);
  binding->params = take_values (params);
  return binding;
}

ChdTaskBinding *
chd_task_binding_copy (const ChdTaskBinding *binding)
{
  ChdTaskBinding *copy = chd_task_binding_new (binding->script, binding->environment, binding->params);

  copy->retries = binding->retries;
  copy->timeout = g_strdup (binding->timeout);
  copy->extra = binding->extra != NULL ? json_object_ref (binding->extra) : NULL;
  return copy;
}

void
chd_task_binding_free (ChdTaskBinding *binding)
{
  g_free (binding->script);
  g_free (binding->environment);
  g_variant_unref (binding->params);
  g_free (binding->timeout);
  g_clear_pointer (&binding->extra, json_object_unref);
  g_free (binding);
}

/**
 * chd_node_get_pipeline:
 *
 * Returns: (transfer none) (nullable): the pipeline create request at that position
 */
const ChdPipelineBinding *
chd_node_get_pipeline (const ChdNode *node, ChdPosition at)
{
  for (guint i = 0; i < node->pipelines->len; i++)
    {
      const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, i);

      if (binding->at == at)
        return binding;
    }
  return NULL;
}

/* Puts the request at its position, instead of the one that was there. */
void
chd_node_set_pipeline (ChdNode *node, ChdPipelineBinding *binding)
{
  for (guint i = 0; i < node->pipelines->len; i++)
    {
      ChdPipelineBinding *old = g_ptr_array_index (node->pipelines, i);

      if (old->at == binding->at)
        {
          g_ptr_array_index (node->pipelines, i) = binding;
          chd_pipeline_binding_free (old);
          return;
        }
    }
  g_ptr_array_add (node->pipelines, binding);
}

void
chd_node_unset_pipeline (ChdNode *node, ChdPosition at)
{
  for (guint i = 0; i < node->pipelines->len; i++)
    {
      const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, i);

      if (binding->at == at)
        {
          g_ptr_array_remove_index (node->pipelines, i);
          return;
        }
    }
}

void
chd_node_set_task (ChdNode *node, ChdTaskBinding *task)
{
  if (node->task != NULL)
    chd_task_binding_free (node->task);
  node->task = task;
}

/**
 * chd_node_has_work:
 *
 * Returns: whether the node has something to do besides reacting to a failure
 */
gboolean
chd_node_has_work (const ChdNode *node)
{
  return node->task != NULL || chd_node_get_pipeline (node, CHD_POSITION_BEFORE) != NULL ||
         chd_node_get_pipeline (node, CHD_POSITION_WORK) != NULL ||
         chd_node_get_pipeline (node, CHD_POSITION_AFTER) != NULL;
}

/**
 * chd_node_has_pair:
 *
 * Returns: whether both a work pipeline and a task are there, so that the execution attribute counts
 */
gboolean
chd_node_has_pair (const ChdNode *node)
{
  return node->task != NULL && chd_node_get_pipeline (node, CHD_POSITION_WORK) != NULL;
}
