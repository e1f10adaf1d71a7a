/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Findings of validation, and what names in a document mean. */

#include "config.h"

#include "chd-validate.h"

ChdProblem *
chd_problem_ref (ChdProblem *problem)
{
  return g_rc_box_acquire (problem);
}

static void
clear_problem (gpointer data)
{
  ChdProblem *problem = data;

  g_free (problem->id);
  g_free (problem->field);
  g_free (problem->message);
  g_free (problem->repair);
}

void
chd_problem_unref (ChdProblem *problem)
{
  g_rc_box_release_full (problem, clear_problem);
}

guint
chd_problems_count (GPtrArray *problems, ChdSeverity severity)
{
  guint count = 0;

  for (guint i = 0; i < problems->len; i++)
    count += ((const ChdProblem *) g_ptr_array_index (problems, i))->severity == severity;
  return count;
}

/**
 * chd_resolve_script:
 * @catalogue: (nullable):
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable): the document's own script of that id, else the catalogue's
 */
const ChdScript *
chd_resolve_script (ChdChain *chain, ChdCatalogue *catalogue, const char *id)
{
  const ChdScript *script = chd_chain_find_script (chain, id);

  return script != NULL || catalogue == NULL ? script : chd_catalogue_find_script (catalogue, id);
}

/**
 * chd_resolve_environment:
 * @catalogue: (nullable):
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable): the document's own environment of that id, else the catalogue's
 */
const ChdEnvironment *
chd_resolve_environment (ChdChain *chain, ChdCatalogue *catalogue, const char *id)
{
  const ChdEnvironment *environment = chd_chain_find_environment (chain, id);

  return environment != NULL || catalogue == NULL ? environment : chd_catalogue_find_environment (catalogue, id);
}

/**
 * chd_node_list_results:
 * @catalogue: (nullable):
 *
 * Returns: (transfer container) (element-type ChdResult): what the node's task declares, then what its work pipeline
 *   declares besides; empty as far as they are not known
 */
GPtrArray *
chd_node_list_results (ChdChain *chain, ChdCatalogue *catalogue, const ChdNode *node)
{
  GPtrArray *results = g_ptr_array_new ();
  const ChdPipelineBinding *work = chd_node_get_pipeline (node, CHD_POSITION_WORK);
  const ChdScript *script = node->task != NULL ? chd_resolve_script (chain, catalogue, node->task->script) : NULL;
  ChdInterface *interface =
      work != NULL && catalogue != NULL ? chd_catalogue_find_interface (catalogue, work->interface_id) : NULL;
  guint of_script;

  if (script != NULL)
    g_ptr_array_extend (results, script->results, NULL, NULL);
  of_script = results->len;
  for (guint i = 0; interface != NULL && i < chd_interface_get_results (interface)->len; i++)
    {
      const ChdResult *result = g_ptr_array_index (chd_interface_get_results (interface), i);

      if (of_script == 0 || chd_results_find (script->results, result->name) == NULL)
        g_ptr_array_add (results, (gpointer) result);
    }
  return results;
}
