/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a chain to targets: the order of the objects, their hashes, and the limits an engine has. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-compiler-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-validate.h"

/* What etcd takes in one request, and what the API server takes as data of a ConfigMap. */
#define MAX_OBJECT (1536 * 1024)
#define MAX_DESIGN (1024 * 1024)

void
chd_compilation_init (ChdCompilation *self, ChdChain *chain, ChdCatalogue *catalogue, GHashTable *images)
{
  self->chain = chain;
  self->catalogue = catalogue;
  self->images = images;
  self->plans = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) chd_plan_free);
  self->guards = chd_guards_new (chain);
}

void
chd_compilation_clear (ChdCompilation *self)
{
  g_clear_pointer (&self->plans, g_hash_table_unref);
  g_clear_pointer (&self->guards, g_hash_table_unref);
}

ChdPlan *
chd_compilation_get_plan (ChdCompilation *self, const ChdNode *node, GError **error)
{
  ChdPlan *plan = g_hash_table_lookup (self->plans, node->item.id);
  g_autoptr (GError) local_error = NULL;

  if (plan != NULL)
    return plan;
  plan = chd_plan_new (self->chain, self->catalogue, node, &local_error);
  if (plan == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  g_hash_table_insert (self->plans, node->item.id, plan);
  return plan;
}

const char *
chd_compilation_get_image (ChdCompilation *self, const ChdEnvironment *environment)
{
  const char *pinned = self->images != NULL ? g_hash_table_lookup (self->images, environment->item.id) : NULL;

  return pinned != NULL ? pinned : environment->image;
}

const ChdEnvironment *
chd_find_environment_of_image (ChdChain *chain, ChdCatalogue *catalogue, const char *image)
{
  GPtrArray *known = chd_catalogue_get_environments (catalogue);

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_ENVIRONMENT); i++)
    {
      const ChdEnvironment *environment = CHD_ENVIRONMENT (chd_chain_get_item (chain, CHD_ITEM_ENVIRONMENT, i));

      if (g_strcmp0 (environment->image, image) == 0)
        return environment;
    }
  for (guint i = 0; i < known->len; i++)
    {
      const ChdEnvironment *environment = g_ptr_array_index (known, i);

      if (g_strcmp0 (environment->image, image) == 0)
        return environment;
    }
  return NULL;
}

static void
target_clear (ChdTarget *target)
{
  g_free (target->name);
  g_free (target->node);
  g_free (target->environment);
  json_object_unref (target->object);
}

ChdTarget *
chd_target_ref (ChdTarget *target)
{
  return g_rc_box_acquire (target);
}

void
chd_target_unref (ChdTarget *target)
{
  g_rc_box_release_full (target, (GDestroyNotify) target_clear);
}

/* The hash covers what the object says, not in which revision of the document it said so first: moving a card on the
 * canvas makes no target different. */
static ChdTarget *
target_new (ChdKubeType type, JsonObject *object, const ChdNode *node, const char *revision)
{
  ChdTarget *target = g_rc_box_new0 (ChdTarget);
  gsize length;
  g_autofree char *text = chd_json_write_object (object, FALSE, &length);
  g_autofree char *hash = chd_sha256 (text, length);

  chd_kube_set_annotation (object, CHD_ANNOTATION_REVISION, revision);
  chd_kube_set_annotation (object, CHD_ANNOTATION_HASH, hash);
  target->type = type;
  target->name = g_strdup (chd_kube_get_name (object));
  target->node = node != NULL ? g_strdup (node->item.id) : NULL;
  target->at = CHD_POSITION_WORK;
  target->object = object;
  return target;
}

static gboolean
check_size (const ChdTarget *target, GError **error)
{
  gsize length;
  gsize limit = target->type == CHD_KUBE_CONFIG_MAP ? MAX_DESIGN : MAX_OBJECT;
  g_autofree char *text = chd_json_write_object (target->object, FALSE, &length);

  if (length <= limit)
    return TRUE;
  g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT,
               _ ("“%s” becomes larger than an engine takes. Split the chain into smaller ones."), target->name);
  chd_error_set_object (*error, target->name);
  return FALSE;
}

static gboolean
check_names (ChdCompilation *self, GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  ChdPlan *plan;

  /* Rule (1) of chd-plan.h makes this all but impossible; two tasks of one name would be refused by the engine. */
  g_hash_table_iter_init (&iter, self->plans);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &plan))
    for (guint i = 0; i < plan->tasks->len; i++)
      {
        const ChdPlanTask *task = g_ptr_array_index (plan->tasks, i);

        if (g_hash_table_add (names, task->name))
          continue;
        g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                     _ ("“%s” and another node become tasks of the same name. Give one of them another id."),
                     chd_item_get_title (plan->node));
        return FALSE;
      }
  return TRUE;
}

static gboolean
check_problems (ChdChain *chain, ChdCatalogue *catalogue, GError **error)
{
  g_autoptr (GPtrArray) problems = chd_validate (chain, catalogue);

  for (guint i = 0; i < problems->len; i++)
    {
      const ChdProblem *problem = g_ptr_array_index (problems, i);

      if (problem->severity != CHD_SEVERITY_ERROR)
        continue;
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, problem->message);
      if (error != NULL)
        {
          chd_error_set_object (*error, problem->id);
          chd_error_set_field (*error, problem->field);
        }
      return FALSE;
    }
  return TRUE;
}

static GPtrArray *
compile (ChdCompilation *self, const char *document, GError **error)
{
  g_autoptr (GPtrArray) targets = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_target_unref);
  g_autofree char *revision = chd_sha256 (document, strlen (document));
  guint n = chd_chain_get_n_items (self->chain, CHD_ITEM_NODE);
  JsonObject *object;

  for (guint i = 0; i < n; i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (self->chain, CHD_ITEM_NODE, i));
      ChdTarget *target;

      if (node->task == NULL)
        continue;
      target = target_new (CHD_KUBE_TASK, chd_compile_task_object (self, node), node, revision);
      target->is_task = TRUE;
      target->environment = g_strdup (node->task->environment);
      g_ptr_array_add (targets, target);
    }
  for (guint i = 0; i < n; i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (self->chain, CHD_ITEM_NODE, i));

      for (guint at = 0; at < CHD_N_POSITIONS; at++)
        {
          ChdTarget *target;

          if (chd_node_get_pipeline (node, at) == NULL)
            continue;
          object = chd_compile_pipeline_object (self, node, at, error);
          if (object == NULL)
            return NULL;
          target = target_new (CHD_KUBE_PIPELINE, object, node, revision);
          target->at = at;
          g_ptr_array_add (targets, target);
        }
    }
  g_ptr_array_add (targets, target_new (CHD_KUBE_CONFIG_MAP, chd_compile_design (self, document), NULL, revision));
  object = chd_compile_chain_object (self, error);
  if (object == NULL)
    return NULL;
  g_ptr_array_add (targets, target_new (CHD_KUBE_PIPELINE, object, NULL, revision));
  return g_steal_pointer (&targets);
}

GPtrArray *
chd_compile (ChdChain *chain, ChdCatalogue *catalogue, GHashTable *images, const char *document, GError **error)
{
  g_auto (ChdCompilation) self = { 0 };
  g_autoptr (GPtrArray) targets = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (document != NULL, NULL);

  if (!check_problems (chain, catalogue, error))
    return NULL;
  chd_compilation_init (&self, chain, catalogue, images);
  targets = compile (&self, document, &local_error);
  if (targets == NULL || !check_names (&self, &local_error))
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  for (guint i = 0; i < targets->len; i++)
    if (!check_size (g_ptr_array_index (targets, i), &local_error))
      {
        g_propagate_error (error, g_steal_pointer (&local_error));
        return NULL;
      }
  return g_steal_pointer (&targets);
}

char *
chd_design_name (const char *chain)
{
  return g_strconcat (chain, "-design", NULL);
}

static void
add_environment (GHashTable *used, const ChdEnvironment *environment, GPtrArray *list)
{
  if (environment != NULL && g_hash_table_add (used, environment->item.id))
    g_ptr_array_add (list, (gpointer) environment);
}

typedef struct
{
  ChdChain *chain;
  ChdCatalogue *catalogue;
  GHashTable *used;
  GPtrArray *list;
} ImageSearch;

static void
search_images (ImageSearch *search, JsonNode *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        search_images (search, json_array_get_element (array, i));
    }
  else if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *object = json_node_get_object (node);
      const char *image = chd_json_string (object, "image", NULL);
      JsonObjectIter iter;
      const char *name;
      JsonNode *member;

      if (image != NULL)
        add_environment (search->used, chd_find_environment_of_image (search->chain, search->catalogue, image),
                         search->list);
      json_object_iter_init_ordered (&iter, object);
      while (json_object_iter_next_ordered (&iter, &name, &member))
        search_images (search, member);
    }
}

GPtrArray *
chd_compile_list_environments (ChdChain *chain, ChdCatalogue *catalogue)
{
  g_autoptr (GHashTable) used = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_direct_hash, g_direct_equal);
  GPtrArray *list = g_ptr_array_new ();
  ImageSearch search = { chain, catalogue, used, list };

  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (chain, CHD_ITEM_NODE, i));

      if (node->task != NULL)
        add_environment (used, chd_resolve_environment (chain, catalogue, node->task->environment), list);
      for (guint j = 0; j < node->pipelines->len; j++)
        {
          const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, j);
          ChdInterface *interface = chd_catalogue_find_interface (catalogue, binding->interface_id);
          g_autoptr (JsonNode) pipeline = NULL;

          if (interface == NULL || !g_hash_table_add (seen, interface))
            continue;
          pipeline = chd_json_node_from_object (chd_interface_get_pipeline (interface));
          search_images (&search, pipeline);
        }
    }
  return list;
}

char **
chd_compile_list_part_tasks (ChdChain *chain,
                             ChdCatalogue *catalogue,
                             const ChdNode *node,
                             gboolean is_task,
                             ChdPosition at)
{
  g_autoptr (ChdPlan) plan = chd_plan_new (chain, catalogue, node, NULL);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();

  for (guint i = 0; i < plan->tasks->len; i++)
    {
      const ChdPlanTask *task = g_ptr_array_index (plan->tasks, i);

      if (task->is_task == is_task && (is_task || task->at == at))
        g_strv_builder_add (names, task->name);
    }
  return g_strv_builder_end (names);
}
