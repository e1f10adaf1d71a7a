/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of what values refer to: "$(params.amount)", a param of the chain, and "$(nodes.check.results.decision)",
 * a result of a node that runs before. Other things in "$(…)" are left to the engine or to a shell. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-validate-private.h"

/* References in one value that are looked at. */
#define MAX_REFERENCES 100

/* One reference to a node's result, to be checked against the order of the chain when all are known. */
typedef struct
{
  guint target;       /* index of the node whose result it is */
  ChdSubject subject; /* the node that uses it */
  char *field;        /* (owned) */
  const char *label;
} Use;

struct _ChdUses
{
  ChdValidation *validation;
  GArray *uses; /* (owned) of Use */
};

static void
clear_use (gpointer data)
{
  g_free (((Use *) data)->field);
}

ChdUses *
chd_uses_new (ChdValidation *validation)
{
  ChdUses *self = g_new0 (ChdUses, 1);

  self->validation = validation;
  self->uses = g_array_new (FALSE, FALSE, sizeof (Use));
  g_array_set_clear_func (self->uses, clear_use);
  return self;
}

/* Takes ".name" or "['name']" off the front; %NULL when it is neither. */
static char *
take_name (const char **at, const char *end)
{
  const char *start = *at;
  gsize length;

  if (start < end && *start == '.')
    {
      start++;
      length = strcspn (start, ".[)");
      *at = start + length;
      return length > 0 ? g_strndup (start, length) : NULL;
    }
  if (end - start > 4 && start[0] == '[' && (start[1] == '\'' || start[1] == '"'))
    {
      const char *quote = memchr (start + 2, start[1], (gsize) (end - start - 2));

      if (quote == NULL || quote == start + 2 || quote + 1 >= end || quote[1] != ']')
        return NULL;
      *at = quote + 2;
      return g_strndup (start + 2, (gsize) (quote - start - 2));
    }
  return NULL;
}

static void
complain (const ChdValuePlace *place, const char *start, const char *end, const char *reason)
{
  g_autofree char *reference = g_strndup (start, (gsize) (end + 1 - start));

  chd_subject_add (place->subject, CHD_SEVERITY_ERROR, "unknown-reference", place->field, _ ("Choose another source"),
                   /* Translators: title of a node; of a param; a reference such as “$(params.amount)”; a sentence */
                   _ ("“%s” takes “%s” from “%s”. %s"), place->subject->title, place->label,
                   chd_validation_shorten (place->subject->validation, reference), reason);
}

static void
look_at_param (const ChdUses *self, const ChdValuePlace *place, const char *start, const char *end)
{
  const char *at = start + strlen ("$(params");
  g_autofree char *name = take_name (&at, end);

  if (name == NULL || chd_params_find (chd_chain_get_head (self->validation->chain)->params, name) == NULL)
    complain (place, start, end, _ ("The chain has no such param."));
}

/* Whether the part of the node that gives the result has ended when the part that asks for it starts. Parts that react
 * to a failure run at the end of the chain, so they may take any result. */
static gboolean
comes_before (ChdValidation *self, const ChdValuePlace *place, const ChdNode *node, const char *result)
{
  const ChdScript *script =
      node->task != NULL ? chd_resolve_script (self->chain, self->catalogue, node->task->script) : NULL;
  gboolean from_task = script != NULL && chd_results_find (script->results, result) != NULL;

  if (place->at != CHD_POSITION_WORK || place->is_task == from_task)
    return place->at == CHD_POSITION_AFTER;
  return node->execution != CHD_EXECUTION_PARALLEL && node->task_first == from_task;
}

static void
look_at_node (const ChdUses *self, const ChdValuePlace *place, const char *start, const char *end)
{
  ChdValidation *validation = self->validation;
  const char *at = start + strlen ("$(nodes");
  g_autofree char *id = take_name (&at, end);
  g_autofree char *member = id != NULL ? take_name (&at, end) : NULL;
  g_autofree char *result = member != NULL ? take_name (&at, end) : NULL;
  const ChdNode *node;
  Use use = { 0 };

  if (result == NULL || strcmp (member, "results") != 0)
    {
      complain (place, start, end, _ ("A result is written as $(nodes.NODE.results.RESULT)."));
      return;
    }
  if (!chd_chain_find_index (validation->chain, CHD_ITEM_NODE, id, &use.target))
    {
      complain (place, start, end, _ ("There is no such node."));
      return;
    }
  node = CHD_NODE (chd_chain_get_item (validation->chain, CHD_ITEM_NODE, use.target));
  if (chd_validation_knows_results (validation, node))
    {
      g_autoptr (GPtrArray) results = chd_node_list_results (validation->chain, validation->catalogue, node);

      if (chd_results_find (results, result) == NULL)
        {
          complain (place, start, end, _ ("That node gives no such result."));
          return;
        }
    }
  if (place->at == CHD_POSITION_ON_FAILURE ||
      (node == (const ChdNode *) place->subject->item && comes_before (validation, place, node, result)))
    return;
  use.subject = *place->subject;
  use.field = g_strdup (place->field);
  use.label = place->label;
  g_array_append_val (self->uses, use);
}

static void
look_at_text (ChdUses *self, const ChdValuePlace *place, const char *text)
{
  guint n = 0;

  for (const char *start = strstr (text, "$("); start != NULL && n < MAX_REFERENCES; start = strstr (start + 2, "$("))
    {
      const char *end = strchr (start, ')');

      if (end == NULL)
        return;
      n++;
      if (g_str_has_prefix (start, "$(params.") || g_str_has_prefix (start, "$(params["))
        look_at_param (self, place, start, end);
      else if (g_str_has_prefix (start, "$(nodes.") || g_str_has_prefix (start, "$(nodes["))
        look_at_node (self, place, start, end);
      else if (g_str_has_prefix (start, "$(tasks.") && !g_str_has_prefix (start, "$(tasks.status)"))
        complain (place, start, end, _ ("A result is written as $(nodes.NODE.results.RESULT)."));
    }
}

/**
 * chd_uses_look_at:
 * @value: of a param: s, as or a{ss}
 */
void
chd_uses_look_at (ChdUses *self, const ChdValuePlace *place, GVariant *value)
{
  GVariantIter iter;
  const char *key, *text;

  switch (chd_value_get_param_type (value))
    {
    case CHD_PARAM_ARRAY:
      g_variant_iter_init (&iter, value);
      while (g_variant_iter_next (&iter, "&s", &text))
        look_at_text (self, place, text);
      break;
    case CHD_PARAM_OBJECT:
      g_variant_iter_init (&iter, value);
      while (g_variant_iter_next (&iter, "{&s&s}", &key, &text))
        look_at_text (self, place, text);
      break;
    case CHD_PARAM_STRING:
    default:
      look_at_text (self, place, g_variant_get_string (value, NULL));
      break;
    }
}

static void
complain_order (const ChdUses *self, const Use *use)
{
  const ChdItem *target = chd_chain_get_item (self->validation->chain, CHD_ITEM_NODE, use->target);

  if (use->target == use->subject.index)
    chd_subject_add (&use->subject, CHD_SEVERITY_ERROR, "not-upstream", use->field, _ ("Choose another source"),
                     /* Translators: title of a node, and of a param */
                     _ ("“%s” takes “%s” from its own result, which is not there yet."), use->subject.title,
                     use->label);
  else
    chd_subject_add (&use->subject, CHD_SEVERITY_ERROR, "not-upstream", use->field, _ ("Link the two nodes"),
                     /* Translators: title of a node; of a param; title of another node, twice */
                     _ ("“%s” takes “%s” from “%s”, but does not come after it. Link “%s” to it."), use->subject.title,
                     use->label, chd_validation_shorten (self->validation, chd_item_get_title (target)),
                     chd_validation_shorten (self->validation, chd_item_get_title (target)));
}

static int
compare_targets (gconstpointer a, gconstpointer b)
{
  const Use *p = a, *q = b;

  return p->target < q->target ? -1 : p->target > q->target;
}

/* Checks the uses @from … @to - 1, which are all of one node's results. Most come from the nodes right behind it, so
 * these are looked at before everything that can be reached. */
static void
check_group (const ChdUses *self, guint from, guint to, guint *marks, guint *mark)
{
  const ChdGraph *graph = self->validation->graph;
  guint target = g_array_index (self->uses, Use, from).target;
  guint last_rank = 0;
  gboolean far = FALSE;

  ++*mark;
  for (guint i = graph->first[target]; i < graph->first[target + 1]; i++)
    marks[graph->targets[i]] = *mark;
  for (guint i = from; i < to; i++)
    {
      guint source = g_array_index (self->uses, Use, i).subject.index;

      far = far || marks[source] != *mark;
      last_rank = MAX (last_rank, graph->rank[source]);
    }
  if (!far)
    return;
  ++*mark;
  chd_graph_mark_reached (graph, target, last_rank, marks, *mark);
  for (guint i = from; i < to; i++)
    {
      const Use *use = &g_array_index (self->uses, Use, i);

      if (marks[use->subject.index] != *mark)
        complain_order (self, use);
    }
}

/**
 * chd_uses_finish:
 * @self: (transfer full):
 *
 * Checks that results are taken from nodes that come before; not while nodes wait for each other, since then none does.
 */
void
chd_uses_finish (ChdUses *self)
{
  const ChdGraph *graph = self->validation->graph;
  g_autofree guint *marks = g_new0 (guint, graph->n + 1);
  guint mark = 0;

  g_array_sort (self->uses, compare_targets);
  for (guint from = 0, to; from < self->uses->len && graph->n_ranked == graph->n; from = to)
    {
      for (to = from + 1; to < self->uses->len &&
                          g_array_index (self->uses, Use, to).target == g_array_index (self->uses, Use, from).target;)
        to++;
      check_group (self, from, to, marks, &mark);
    }
  g_array_unref (self->uses);
  g_free (self);
}
