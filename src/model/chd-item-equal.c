/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether two items say the same, so that an edit that changes nothing makes no step. */

#include "config.h"

#include "chd-item.h"

static gboolean
equal_str (const char *a, const char *b)
{
  return g_strcmp0 (a, b) == 0;
}

static gboolean
equal_strv (char **a, char **b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return g_strv_equal ((const char *const *) a, (const char *const *) b);
}

static gboolean
equal_variant (GVariant *a, GVariant *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a == b || g_variant_equal (a, b);
}

static gboolean
equal_json (JsonObject *a, JsonObject *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return a == b || json_object_equal (a, b);
}

static gboolean
equal_param (gconstpointer a, gconstpointer b)
{
  const ChdParam *p = a, *q = b;

  return p->type == q->type && equal_str (p->name, q->name) && equal_str (p->title, q->title) &&
         equal_str (p->description, q->description) && equal_variant (p->fallback, q->fallback) &&
         equal_strv (p->choices, q->choices) && equal_strv (p->properties, q->properties) &&
         equal_str (p->widget, q->widget) && equal_json (p->extra, q->extra);
}

static gboolean
equal_result (gconstpointer a, gconstpointer b)
{
  const ChdResult *p = a, *q = b;

  return p->type == q->type && equal_str (p->name, q->name) && equal_str (p->description, q->description) &&
         equal_json (p->extra, q->extra);
}

static gboolean
equal_pipeline (gconstpointer a, gconstpointer b)
{
  const ChdPipelineBinding *p = a, *q = b;

  return p->at == q->at && equal_str (p->interface_id, q->interface_id) && equal_variant (p->params, q->params) &&
         equal_json (p->extra, q->extra);
}

static gboolean
equal_task (const ChdTaskBinding *a, const ChdTaskBinding *b)
{
  if (a == NULL || b == NULL)
    return a == b;
  return equal_str (a->script, b->script) && equal_str (a->environment, b->environment) &&
         equal_variant (a->params, b->params) && a->retries == b->retries && equal_str (a->timeout, b->timeout) &&
         equal_json (a->extra, b->extra);
}

static gboolean
equal_all (GPtrArray *a, GPtrArray *b, GEqualFunc equal)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (!equal (g_ptr_array_index (a, i), g_ptr_array_index (b, i)))
      return FALSE;
  return TRUE;
}

static gboolean
equal_head (const ChdHead *a, const ChdHead *b)
{
  return equal_str (a->title, b->title) && equal_str (a->description, b->description) &&
         equal_str (a->owner, b->owner) && equal_all (a->params, b->params, equal_param) &&
         equal_str (a->organisation_title, b->organisation_title) &&
         equal_json (a->organisation_extra, b->organisation_extra);
}

static gboolean
equal_unit (const ChdUnit *a, const ChdUnit *b)
{
  return equal_str (a->title, b->title) && equal_str (a->level, b->level) && equal_str (a->parent, b->parent) &&
         equal_str (a->lead, b->lead) && equal_strv (a->members, b->members) &&
         equal_str (a->service_account, b->service_account) && a->collapsed == b->collapsed;
}

static gboolean
equal_environment (const ChdEnvironment *a, const ChdEnvironment *b)
{
  return equal_str (a->title, b->title) && equal_str (a->image, b->image) &&
         equal_str (a->source_type, b->source_type) && equal_str (a->source_path, b->source_path) &&
         a->network == b->network && equal_json (a->source_extra, b->source_extra);
}

static gboolean
equal_script (const ChdScript *a, const ChdScript *b)
{
  return equal_str (a->title, b->title) && equal_str (a->interpreter, b->interpreter) && equal_str (a->text, b->text) &&
         equal_all (a->params, b->params, equal_param) && equal_all (a->results, b->results, equal_result);
}

static gboolean
equal_node (const ChdNode *a, const ChdNode *b)
{
  return equal_str (a->title, b->title) && equal_str (a->description, b->description) && equal_str (a->unit, b->unit) &&
         a->placed == b->placed && a->x == b->x && a->y == b->y && equal_json (a->position_extra, b->position_extra) &&
         equal_all (a->pipelines, b->pipelines, equal_pipeline) && equal_task (a->task, b->task) &&
         a->execution == b->execution && a->task_first == b->task_first &&
         equal_json (a->execution_extra, b->execution_extra);
}

static gboolean
equal_link (const ChdLink *a, const ChdLink *b)
{
  return equal_str (a->from, b->from) && equal_str (a->to, b->to) && equal_str (a->result, b->result) &&
         a->op == b->op && equal_strv (a->values, b->values) && equal_json (a->condition_extra, b->condition_extra);
}

/**
 * chd_item_equal:
 *
 * Returns: whether both items are of one kind and say the same
 */
gboolean
chd_item_equal (gconstpointer a, gconstpointer b)
{
  const ChdItem *p = a, *q = b;

  if (p == q)
    return TRUE;
  if (p->kind != q->kind || !equal_str (p->id, q->id) || !equal_json (p->extra, q->extra))
    return FALSE;
  switch (p->kind)
    {
    case CHD_ITEM_HEAD:
      return equal_head (a, b);
    case CHD_ITEM_UNIT:
      return equal_unit (a, b);
    case CHD_ITEM_ENVIRONMENT:
      return equal_environment (a, b);
    case CHD_ITEM_SCRIPT:
      return equal_script (a, b);
    case CHD_ITEM_NODE:
      return equal_node (a, b);
    case CHD_ITEM_LINK:
      return equal_link (a, b);
    default:
      g_assert_not_reached ();
    }
}
