/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The items of a chain: making, copying, comparing and freeing each kind. */

#include "config.h"

#include "chd-item.h"

#include <string.h>

static const gsize item_sizes[CHD_N_ITEM_KINDS] = {
  sizeof (ChdHead), sizeof (ChdUnit), sizeof (ChdEnvironment), sizeof (ChdScript), sizeof (ChdNode), sizeof (ChdLink),
};

static gpointer
new_item (ChdItemKind kind, const char *id)
{
  ChdItem *item = g_malloc0 (item_sizes[kind]);

  g_atomic_ref_count_init (&item->refs);
  item->kind = kind;
  item->id = g_strdup (id);
  return item;
}

static GPtrArray *
new_params (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) chd_param_free);
}

static GPtrArray *
new_results (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) chd_result_free);
}

ChdHead *
chd_head_new (const char *name, const char *title)
{
  ChdHead *head = new_item (CHD_ITEM_HEAD, name);

  head->title = g_strdup (title);
  head->params = new_params ();
  return head;
}

ChdUnit *
chd_unit_new (const char *id, const char *title, const char *parent)
{
  ChdUnit *unit = new_item (CHD_ITEM_UNIT, id);

  unit->title = g_strdup (title);
  unit->parent = g_strdup (parent);
  return unit;
}

ChdEnvironment *
chd_environment_new (const char *id, const char *title, const char *image)
{
  ChdEnvironment *environment = new_item (CHD_ITEM_ENVIRONMENT, id);

  environment->title = g_strdup (title);
  environment->image = g_strdup (image);
  return environment;
}

ChdScript *
chd_script_new (const char *id, const char *title)
{
  ChdScript *script = new_item (CHD_ITEM_SCRIPT, id);

  script->title = g_strdup (title);
  script->interpreter = g_strdup ("/bin/sh");
  script->text = g_strdup ("");
  script->params = new_params ();
  script->results = new_results ();
  return script;
}

ChdNode *
chd_node_new (const char *id, const char *title, const char *unit)
{
  ChdNode *node = new_item (CHD_ITEM_NODE, id);

  node->title = g_strdup (title);
  node->unit = g_strdup (unit);
  node->pipelines = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_pipeline_binding_free);
  return node;
}

/**
 * chd_link_make_id:
 *
 * Returns: (transfer full): the id of the link between two nodes; ids of nodes hold no '>'
 */
char *
chd_link_make_id (const char *from, const char *to)
{
  return g_strconcat (from, "->", to, NULL);
}

/* Not for links that are in a chain. The ends may be the link's own. */
void
chd_link_set_ends (ChdLink *link, const char *from, const char *to)
{
  char *new_from = g_strdup (from), *new_to = g_strdup (to);

  g_free (link->item.id);
  g_free (link->from);
  g_free (link->to);
  link->from = new_from;
  link->to = new_to;
  link->item.id = chd_link_make_id (new_from, new_to);
}

ChdLink *
chd_link_new (const char *from, const char *to)
{
  ChdLink *link = new_item (CHD_ITEM_LINK, NULL);

  chd_link_set_ends (link, from, to);
  return link;
}

gpointer
chd_item_ref (gconstpointer item)
{
  g_atomic_ref_count_inc (&((ChdItem *) item)->refs);
  return (gpointer) item;
}

static void
clear_json (JsonObject **object)
{
  g_clear_pointer (object, json_object_unref);
}

static void
clear_head (ChdHead *head)
{
  g_free (head->title);
  g_free (head->description);
  g_free (head->owner);
  g_ptr_array_unref (head->params);
  g_free (head->organisation_title);
  clear_json (&head->organisation_extra);
}

static void
clear_unit (ChdUnit *unit)
{
  g_free (unit->title);
  g_free (unit->level);
  g_free (unit->parent);
  g_free (unit->lead);
  g_strfreev (unit->members);
  g_free (unit->service_account);
}

static void
clear_environment (ChdEnvironment *environment)
{
  g_free (environment->title);
  g_free (environment->image);
  g_free (environment->source_type);
  g_free (environment->source_path);
  clear_json (&environment->source_extra);
}

static void
clear_script (ChdScript *script)
{
  g_free (script->title);
  g_free (script->interpreter);
  g_free (script->text);
  g_ptr_array_unref (script->params);
  g_ptr_array_unref (script->results);
}

static void
clear_node (ChdNode *node)
{
  g_free (node->title);
  g_free (node->description);
  g_free (node->unit);
  g_ptr_array_unref (node->pipelines);
  if (node->task != NULL)
    chd_task_binding_free (node->task);
  clear_json (&node->position_extra);
  clear_json (&node->execution_extra);
}

static void
clear_link (ChdLink *link)
{
  g_free (link->from);
  g_free (link->to);
  g_free (link->result);
  g_strfreev (link->values);
  clear_json (&link->condition_extra);
}

void
chd_item_unref (gpointer item)
{
  ChdItem *self = item;

  if (!g_atomic_ref_count_dec (&self->refs))
    return;

  switch (self->kind)
    {
    case CHD_ITEM_HEAD:
      clear_head (CHD_HEAD (self));
      break;
    case CHD_ITEM_UNIT:
      clear_unit (CHD_UNIT (self));
      break;
    case CHD_ITEM_ENVIRONMENT:
      clear_environment (CHD_ENVIRONMENT (self));
      break;
    case CHD_ITEM_SCRIPT:
      clear_script (CHD_SCRIPT (self));
      break;
    case CHD_ITEM_NODE:
      clear_node (CHD_NODE (self));
      break;
    case CHD_ITEM_LINK:
      clear_link (CHD_LINK (self));
      break;
    default:
      g_assert_not_reached ();
    }
  g_free (self->id);
  clear_json (&self->extra);
  g_free (self);
}

static JsonObject *
ref_json (JsonObject *object)
{
  return object != NULL ? json_object_ref (object) : NULL;
}

static GPtrArray *
copy_params (GPtrArray *params)
{
  return g_ptr_array_copy (params, (GCopyFunc) chd_param_copy, NULL);
}

static GPtrArray *
copy_results (GPtrArray *results)
{
  return g_ptr_array_copy (results, (GCopyFunc) chd_result_copy, NULL);
}

/* Each copies what its kind adds to a fresh bitwise copy, whose pointers still belong to the original. */

static void
own_head (ChdHead *head)
{
  head->title = g_strdup (head->title);
  head->description = g_strdup (head->description);
  head->owner = g_strdup (head->owner);
  head->params = copy_params (head->params);
  head->organisation_title = g_strdup (head->organisation_title);
  head->organisation_extra = ref_json (head->organisation_extra);
}

static void
own_unit (ChdUnit *unit)
{
  unit->title = g_strdup (unit->title);
  unit->level = g_strdup (unit->level);
  unit->parent = g_strdup (unit->parent);
  unit->lead = g_strdup (unit->lead);
  unit->members = g_strdupv (unit->members);
  unit->service_account = g_strdup (unit->service_account);
}

static void
own_environment (ChdEnvironment *environment)
{
  environment->title = g_strdup (environment->title);
  environment->image = g_strdup (environment->image);
  environment->source_type = g_strdup (environment->source_type);
  environment->source_path = g_strdup (environment->source_path);
  environment->source_extra = ref_json (environment->source_extra);
}

static void
own_script (ChdScript *script)
{
  script->title = g_strdup (script->title);
  script->interpreter = g_strdup (script->interpreter);
  script->text = g_strdup (script->text);
  script->params = copy_params (script->params);
  script->results = copy_results (script->results);
}

static void
own_node (ChdNode *node)
{
  node->title = g_strdup (node->title);
  node->description = g_strdup (node->description);
  node->unit = g_strdup (node->unit);
  node->pipelines = g_ptr_array_copy (node->pipelines, (GCopyFunc) chd_pipeline_binding_copy, NULL);
  node->task = node->task != NULL ? chd_task_binding_copy (node->task) : NULL;
  node->position_extra = ref_json (node->position_extra);
  node->execution_extra = ref_json (node->execution_extra);
}

static void
own_link (ChdLink *link)
{
  link->from = g_strdup (link->from);
  link->to = g_strdup (link->to);
  link->result = g_strdup (link->result);
  link->values = g_strdupv (link->values);
  link->condition_extra = ref_json (link->condition_extra);
}

/**
 * chd_item_copy:
 *
 * Returns: (transfer full): a copy of the same kind that may be changed until it is put into a chain
 */
gpointer
chd_item_copy (gconstpointer item)
{
  const ChdItem *source = item;
  ChdItem *copy = g_memdup2 (source, item_sizes[source->kind]);

  g_atomic_ref_count_init (&copy->refs);
  copy->id = g_strdup (source->id);
  copy->extra = ref_json (source->extra);
  switch (copy->kind)
    {
    case CHD_ITEM_HEAD:
      own_head (CHD_HEAD (copy));
      break;
    case CHD_ITEM_UNIT:
      own_unit (CHD_UNIT (copy));
      break;
    case CHD_ITEM_ENVIRONMENT:
      own_environment (CHD_ENVIRONMENT (copy));
      break;
    case CHD_ITEM_SCRIPT:
      own_script (CHD_SCRIPT (copy));
      break;
    case CHD_ITEM_NODE:
      own_node (CHD_NODE (copy));
      break;
    case CHD_ITEM_LINK:
      own_link (CHD_LINK (copy));
      break;
    default:
      g_assert_not_reached ();
    }
  return copy;
}

/**
 * chd_item_get_title:
 *
 * Returns: (transfer none): what the user calls it; the id when it has no title
 */
const char *
chd_item_get_title (gconstpointer item)
{
  const ChdItem *self = item;
  const char *title = NULL;

  switch (self->kind)
    {
    case CHD_ITEM_HEAD:
      title = CHD_HEAD (self)->title;
      break;
    case CHD_ITEM_UNIT:
      title = CHD_UNIT (self)->title;
      break;
    case CHD_ITEM_ENVIRONMENT:
      title = CHD_ENVIRONMENT (self)->title;
      break;
    case CHD_ITEM_SCRIPT:
      title = CHD_SCRIPT (self)->title;
      break;
    case CHD_ITEM_NODE:
      title = CHD_NODE (self)->title;
      break;
    case CHD_ITEM_LINK:
    default:
      break;
    }
  return title != NULL && *title != '\0' ? title : self->id;
}
