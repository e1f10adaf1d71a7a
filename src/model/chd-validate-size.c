/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of size: an engine keeps objects of 1.5 MiB at most, and a ConfigMap's data of 1 MiB. The sizes are
 * estimates from below of what the document and the chain's Pipeline take, so that a chain that is refused here cannot
 * be created anywhere; the service that creates it knows the exact ones. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-json.h"
#include "chd-validate-private.h"

#define MAX_DOCUMENT (1024 * 1024)
#define MAX_OBJECT (1536 * 1024)

/* What the document has around an item's texts: braces, names of members, indent. */
static const guint item_overhead[CHD_N_ITEM_KINDS] = { 100, 60, 90, 110, 70, 55 };
#define DECLARATION_OVERHEAD 60
#define REQUEST_OVERHEAD 80

/* What a pipeline task takes in the chain's Pipeline: name, reference, order. */
#define PIPELINE_TASK_OVERHEAD 120

/* Line breaks and quotes take two bytes in JSON. */
static gsize
measure (const char *text)
{
  gsize size = 0;

  for (const char *c = text; c != NULL && *c != '\0'; c++)
    size += *c == '\n' || *c == '"' || *c == '\\' || *c == '\t' ? 2 : 1;
  return size;
}

static gsize
measure_values (GVariant *values)
{
  return g_variant_get_size (values);
}

static gsize
measure_params (GPtrArray *params)
{
  gsize size = 0;

  for (guint i = 0; i < params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);

      size += DECLARATION_OVERHEAD + measure (param->name) + measure (param->description) +
              (param->fallback != NULL ? g_variant_get_size (param->fallback) : 0);
    }
  return size;
}

static gsize
measure_node (const ChdNode *node)
{
  gsize size = measure (node->title) + measure (node->description) + measure (node->unit);

  for (guint i = 0; i < node->pipelines->len; i++)
    size += REQUEST_OVERHEAD +
            measure_values (((const ChdPipelineBinding *) g_ptr_array_index (node->pipelines, i))->params);
  if (node->task != NULL)
    size += REQUEST_OVERHEAD + measure_values (node->task->params);
  return size;
}

static gsize
measure_item (const ChdItem *item)
{
  gsize size = item_overhead[item->kind] + measure (item->id);

  switch (item->kind)
    {
    case CHD_ITEM_HEAD:
      return size + measure (CHD_HEAD (item)->title) + measure (CHD_HEAD (item)->description) +
             measure_params (CHD_HEAD (item)->params);
    case CHD_ITEM_UNIT:
      return size + measure (CHD_UNIT (item)->title) + measure (CHD_UNIT (item)->lead);
    case CHD_ITEM_ENVIRONMENT:
      return size + measure (CHD_ENVIRONMENT (item)->title) + measure (CHD_ENVIRONMENT (item)->image);
    case CHD_ITEM_SCRIPT:
      return size + measure (CHD_SCRIPT (item)->title) + measure (CHD_SCRIPT (item)->text) +
             measure_params (CHD_SCRIPT (item)->params);
    case CHD_ITEM_NODE:
      return size + measure_node (CHD_NODE (item));
    case CHD_ITEM_LINK:
    default:
      return size;
    }
}

static gsize
measure_document (ChdValidation *self)
{
  gsize size = 0;

  for (guint kind = 0; kind < CHD_N_ITEM_KINDS; kind++)
    for (guint i = 0; i < chd_chain_get_n_items (self->chain, (ChdItemKind) kind); i++)
      size += measure_item (chd_chain_get_item (self->chain, (ChdItemKind) kind, i));
  return size;
}

/* The tasks of a pipeline interface are copied into the chain's Pipeline each time it is used. */
static gsize
measure_interface (ChdInterface *interface)
{
  JsonNode *tasks = chd_json_lookup (chd_interface_get_pipeline (interface), "spec/tasks");
  gsize size = 0;
  g_autofree char *text = tasks != NULL ? chd_json_write (tasks, FALSE, &size) : NULL;

  return size;
}

static gsize
measure_pipeline (ChdValidation *self)
{
  g_autoptr (GHashTable) interfaces = g_hash_table_new (NULL, NULL); /* ChdInterface → size */
  gsize size = 0;

  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_NODE); i++)
    {
      const ChdNode *node = CHD_NODE (chd_chain_get_item (self->chain, CHD_ITEM_NODE, i));

      if (node->task != NULL)
        size += PIPELINE_TASK_OVERHEAD + measure_values (node->task->params);
      for (guint j = 0; j < node->pipelines->len; j++)
        {
          const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, j);
          ChdInterface *interface = chd_catalogue_find_interface (self->catalogue, binding->interface_id);

          if (interface == NULL)
            continue;
          if (!g_hash_table_contains (interfaces, interface))
            g_hash_table_insert (interfaces, interface, GSIZE_TO_POINTER (measure_interface (interface)));
          size += GPOINTER_TO_SIZE (g_hash_table_lookup (interfaces, interface));
        }
    }
  return size;
}

static void
check_document (const ChdSubject *subject)
{
  gsize size = measure_document (subject->validation);
  g_autofree char *shown = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *most = g_format_size_full (MAX_DOCUMENT, G_FORMAT_SIZE_IEC_UNITS);

  if (size > MAX_DOCUMENT)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "document-too-big", NULL, _ ("Divide the chain"),
                     /* Translators: title of a chain, and two sizes such as “1.2 MiB” */
                     _ ("The document of “%s” takes %s; an engine keeps at most %s. Shorten its scripts or divide "
                        "the chain."),
                     subject->title, shown, most);
}

static void
check_pipeline (const ChdSubject *subject)
{
  gsize size = measure_pipeline (subject->validation);
  g_autofree char *shown = g_format_size_full (size, G_FORMAT_SIZE_IEC_UNITS);
  g_autofree char *most = g_format_size_full (MAX_OBJECT, G_FORMAT_SIZE_IEC_UNITS);

  if (size > MAX_OBJECT)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "chain-too-big", NULL, _ ("Divide the chain"),
                     /* Translators: title of a chain, and two sizes such as “1.6 MiB” */
                     _ ("“%s” takes %s on the engine, which keeps at most %s. Divide it into several chains."),
                     subject->title, shown, most);
}

void
chd_validate_size (ChdValidation *self)
{
  ChdSubject subject;

  chd_subject_init (&subject, self, CHD_ITEM_HEAD, 0);
  check_document (&subject);
  check_pipeline (&subject);
}
