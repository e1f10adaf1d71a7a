/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of the structure: enough nodes, each with something to do; links that lead somewhere, once, and not in a
 * circle; an organisation that is a tree. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-validate-private.h"

/* Longer circles are told by their beginning. */
#define MAX_CIRCLE_SHOWN 8

/* "A → B → A", from indexes of items. */
static char *
describe_circle (ChdValidation *self, ChdItemKind kind, GArray *circle)
{
  GString *path = g_string_new (NULL);

  for (guint i = 0; i <= circle->len; i++)
    {
      ChdSubject subject;

      if (i == MAX_CIRCLE_SHOWN && circle->len > MAX_CIRCLE_SHOWN)
        {
          g_string_append (path, " → …");
          i = circle->len;
        }
      chd_subject_init (&subject, self, kind, g_array_index (circle, guint, i % circle->len));
      g_string_append_printf (path, i > 0 ? " → %s" : "%s", subject.title);
    }
  return g_string_free (path, FALSE);
}

static void
check_nodes (ChdValidation *self)
{
  guint n = chd_chain_get_n_items (self->chain, CHD_ITEM_NODE);
  ChdSubject subject;

  if (n < 2)
    {
      chd_subject_init (&subject, self, CHD_ITEM_HEAD, 0);
      chd_subject_add (&subject, CHD_SEVERITY_ERROR, "too-few-nodes", "nodes", _ ("Add a node"),
                       _ ("A chain needs at least two nodes."));
    }
  for (guint i = 0; i < n; i++)
    {
      const ChdNode *node;

      chd_subject_init (&subject, self, CHD_ITEM_NODE, i);
      node = CHD_NODE (subject.item);
      if (!chd_node_has_work (node))
        chd_subject_add (&subject, CHD_SEVERITY_ERROR, "no-work", NULL, _ ("Add a pipeline or a task"),
                         /* Translators: %s is the title of a node */
                         _ ("“%s” has nothing to do yet. Add a pipeline or a task."), subject.title);
      if (chd_node_has_pair (node) && node->execution == CHD_EXECUTION_UNSET)
        chd_subject_add (&subject, CHD_SEVERITY_WARNING, "no-execution", "execution.mode",
                         _ ("Choose Dependent or Parallel"),
                         /* Translators: %s is the title of a node */
                         _ ("“%s” has a pipeline and a task, but not how they go together. As it is, the pipeline "
                            "runs first, then the task."),
                         subject.title);
    }
}

static void
check_links (ChdValidation *self)
{
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_LINK); i++)
    {
      ChdSubject subject;
      const ChdLink *link;
      const char *missing;

      chd_subject_init (&subject, self, CHD_ITEM_LINK, i);
      link = CHD_LINK (subject.item);
      missing = chd_chain_find_node (self->chain, link->from) == NULL ? link->from
                : chd_chain_find_node (self->chain, link->to) == NULL ? link->to
                                                                      : NULL;
      if (missing != NULL)
        chd_subject_add (&subject, CHD_SEVERITY_ERROR, "unknown-node", missing == link->from ? "from" : "to",
                         _ ("Remove the link"),
                         /* Translators: two ids of nodes, and the one of them that is not there */
                         _ ("The link from “%s” to “%s” leads nowhere: there is no node “%s”."),
                         chd_validation_shorten (self, link->from), chd_validation_shorten (self, link->to),
                         chd_validation_shorten (self, missing));
      else if (g_strcmp0 (link->from, link->to) == 0)
        chd_subject_add (&subject, CHD_SEVERITY_ERROR, "self-link", NULL, _ ("Remove the link"),
                         /* Translators: %s is the title of a node */
                         _ ("“%s” is linked to itself, so it would wait for its own end."),
                         chd_validation_shorten (self,
                                                 chd_item_get_title (chd_chain_find_node (self->chain, link->from))));
      if (chd_chain_find (self->chain, CHD_ITEM_LINK, subject.item->id) != subject.item)
        chd_subject_add (&subject, CHD_SEVERITY_ERROR, "duplicate-link", NULL, _ ("Remove one of the links"),
                         /* Translators: two ids of nodes */
                         _ ("There is more than one link from “%s” to “%s”."),
                         chd_validation_shorten (self, link->from), chd_validation_shorten (self, link->to));
    }
}

static void
check_circles (ChdValidation *self)
{
  g_autoptr (GPtrArray) circles = chd_graph_list_circles (self->graph);

  for (guint i = 0; i < circles->len; i++)
    {
      GArray *circle = g_ptr_array_index (circles, i);
      g_autofree char *path = describe_circle (self, CHD_ITEM_NODE, circle);
      ChdSubject subject;

      chd_subject_init (&subject, self, CHD_ITEM_NODE, g_array_index (circle, guint, 0));
      chd_subject_add (&subject, CHD_SEVERITY_ERROR, "cycle", NULL, _ ("Remove one link of the circle"),
                       /* Translators: %s is a path of nodes such as “A → B → A” */
                       _ ("These nodes wait for each other: %s. Remove one link."), path);
    }
}

/* Every unit has at most one parent, so a walk upward ends at the top, at a unit that an earlier walk has seen, or in
 * a circle that is new.
 * Returns: (transfer full) (nullable): the circle, as indexes of units */
static GArray *
find_unit_circle (ChdValidation *self, guint start, guint *walk_of)
{
  g_autoptr (GArray) walk = g_array_new (FALSE, FALSE, sizeof (guint));
  guint at = start, first = 0;

  while (walk_of[at] == 0)
    {
      const ChdUnit *unit = CHD_UNIT (chd_chain_get_item (self->chain, CHD_ITEM_UNIT, at));

      walk_of[at] = start + 1;
      g_array_append_val (walk, at);
      if (!chd_chain_find_index (self->chain, CHD_ITEM_UNIT, unit->parent, &at))
        return NULL;
    }
  if (walk_of[at] != start + 1 || walk->len == 0)
    return NULL;
  while (g_array_index (walk, guint, first) != at)
    first++;
  if (first > 0)
    g_array_remove_range (walk, 0, first);
  return g_steal_pointer (&walk);
}

static void
check_units (ChdValidation *self)
{
  guint n = chd_chain_get_n_items (self->chain, CHD_ITEM_UNIT);
  g_autofree guint *walk_of = g_new0 (guint, n + 1);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GArray) circle = find_unit_circle (self, i, walk_of);
      g_autofree char *path = NULL;
      ChdSubject subject;

      if (circle == NULL)
        continue;
      path = describe_circle (self, CHD_ITEM_UNIT, circle);
      chd_subject_init (&subject, self, CHD_ITEM_UNIT, g_array_index (circle, guint, 0));
      chd_subject_add (&subject, CHD_SEVERITY_ERROR, "unit-cycle", "parent", _ ("Choose another parent"),
                       /* Translators: %s is a path of units such as “Finance → Group → Finance” */
                       _ ("These units lie within each other: %s. Give one of them another parent."), path);
    }
}

void
chd_validate_structure (ChdValidation *self)
{
  check_nodes (self);
  check_links (self);
  check_circles (self);
  check_units (self);
}
