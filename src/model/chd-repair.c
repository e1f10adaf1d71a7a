/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Mechanical repairs of what validation finds. */

#include "config.h"

#include "chd-repair.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-util.h"

typedef gboolean (*RepairFunc) (ChdChain *chain, const ChdProblem *problem);

static gboolean
remove_link (ChdChain *chain, const ChdProblem *problem)
{
  if (chd_chain_find (chain, CHD_ITEM_LINK, problem->id) == NULL)
    return FALSE;
  chd_chain_begin (chain, _ ("Delete Link"));
  chd_chain_remove (chain, CHD_ITEM_LINK, problem->id);
  chd_chain_end (chain);
  return TRUE;
}

static gboolean
rename_node (ChdChain *chain, const ChdProblem *problem)
{
  g_autofree char *better = NULL;

  if (chd_chain_find_node (chain, problem->id) == NULL)
    return FALSE;
  better = chd_chain_make_id (chain, CHD_ITEM_NODE, problem->id);
  chd_chain_rename_node (chain, problem->id, better);
  return TRUE;
}

static gboolean
rename_chain (ChdChain *chain, const ChdProblem *problem)
{
  const ChdHead *head = chd_chain_get_head (chain);
  ChdHead *copy = chd_item_copy (head);

  g_free (copy->item.id);
  copy->item.id = chd_str_to_label (head->item.id, CHD_MAX_NAME, "chain");
  chd_chain_begin (chain, _ ("Rename Chain"));
  chd_chain_replace (chain, copy);
  chd_chain_end (chain);
  return TRUE;
}

static gboolean
choose_dependent (ChdChain *chain, const ChdProblem *problem)
{
  const ChdNode *node = chd_chain_find_node (chain, problem->id);
  ChdNode *copy;

  if (node == NULL || node->execution != CHD_EXECUTION_UNSET)
    return FALSE;
  copy = chd_item_copy (node);
  copy->execution = CHD_EXECUTION_DEPENDENT;
  chd_chain_begin (chain, _ ("Change Execution"));
  chd_chain_replace (chain, copy);
  chd_chain_end (chain);
  return TRUE;
}

/* Takes the name at the end of a field such as "task.params.amount" out of the values it belongs to. */
static gboolean
take_out (GVariant **values, const char *field, const char *prefix)
{
  gsize length = strlen (prefix);
  const char *name = g_str_has_prefix (field, prefix) && field[length] == '.' ? field + length + 1 : NULL;
  g_autoptr (GVariant) value = name != NULL ? chd_values_lookup (*values, name) : NULL;
  GVariant *changed;

  if (value == NULL)
    return FALSE;
  changed = chd_values_set (*values, name, NULL);
  g_variant_unref (*values);
  *values = changed;
  return TRUE;
}

static gboolean
remove_value (ChdChain *chain, const ChdProblem *problem)
{
  const ChdNode *node = chd_chain_find_node (chain, problem->id);
  g_autoptr (ChdNode) copy = node != NULL ? chd_item_copy (node) : NULL;
  gboolean done = FALSE;

  if (copy == NULL || problem->field == NULL)
    return FALSE;
  if (copy->task != NULL)
    done = take_out (&copy->task->params, problem->field, "task.params");
  for (guint i = 0; i < copy->pipelines->len && !done; i++)
    {
      ChdPipelineBinding *binding = g_ptr_array_index (copy->pipelines, i);
      g_autofree char *prefix = g_strdup_printf ("pipelines.%s", chd_position_to_string (binding->at));

      done = take_out (&binding->params, problem->field, prefix);
    }
  if (!done)
    return FALSE;
  chd_chain_begin (chain, _ ("Remove Value"));
  chd_chain_replace (chain, g_steal_pointer (&copy));
  chd_chain_end (chain);
  return TRUE;
}

static const struct
{
  const char *code;
  ChdItemKind kind;
  const char *field; /* (nullable): any */
  RepairFunc func;
  const char *label; /* (nullable): what the problem itself proposes */
} repairs[] = {
  { "unknown-node", CHD_ITEM_LINK, NULL, remove_link, NULL },
  { "self-link", CHD_ITEM_LINK, NULL, remove_link, NULL },
  { "bad-name", CHD_ITEM_NODE, "id", rename_node, NULL },
  { "name-too-long", CHD_ITEM_NODE, "id", rename_node, NULL },
  { "bad-name", CHD_ITEM_HEAD, "name", rename_chain, NULL },
  { "name-too-long", CHD_ITEM_HEAD, "name", rename_chain, NULL },
  { "no-execution", CHD_ITEM_NODE, NULL, choose_dependent, N_ ("Choose Dependent") },
  { "unknown-param", CHD_ITEM_NODE, NULL, remove_value, NULL },
};

static guint
find_repair (const ChdProblem *problem)
{
  for (guint i = 0; i < G_N_ELEMENTS (repairs); i++)
    if (strcmp (repairs[i].code, problem->code) == 0 && repairs[i].kind == problem->kind &&
        (repairs[i].field == NULL || g_strcmp0 (repairs[i].field, problem->field) == 0))
      return i;
  return G_N_ELEMENTS (repairs);
}

char *
chd_repair_dup_label (const ChdProblem *problem)
{
  guint index = find_repair (problem);

  if (index == G_N_ELEMENTS (repairs))
    return NULL;
  return g_strdup (repairs[index].label != NULL ? _ (repairs[index].label) : problem->repair);
}

gboolean
chd_repair_apply (ChdChain *chain, const ChdProblem *problem)
{
  guint index = find_repair (problem);

  return index < G_N_ELEMENTS (repairs) && repairs[index].func (chain, problem);
}
