/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of approvals that climb the organisation: from the node's unit upward to the unit or level that the form's
 * "upTo" names, and every unit on the way needs a lead who can approve (design.md, 3). */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-json.h"
#include "chd-validate-private.h"

/* How an interface says so; the compiler goes by the same. */
#define ANNOTATION_EXPAND "chain-designer.example.org/expand"
#define EXPAND_LEVELS "organisation-levels"

static gboolean
climbs (ChdInterface *interface)
{
  JsonObject *annotations = chd_json_lookup_object (chd_interface_get_pipeline (interface), "metadata/annotations");

  return g_strcmp0 (chd_json_string (annotations, ANNOTATION_EXPAND, NULL), EXPAND_LEVELS) == 0;
}

/* Returns: (transfer full) (nullable): what the form says, or its default */
static char *
dup_limit (ChdInterface *interface, const ChdPipelineBinding *binding)
{
  g_autoptr (GVariant) value = chd_values_lookup (binding->params, "upTo");
  const ChdParam *param = chd_params_find (chd_interface_get_params (interface), "upTo");

  if (value == NULL && param != NULL && param->fallback != NULL)
    value = g_variant_ref (param->fallback);
  if (value == NULL || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return NULL;
  return g_variant_dup_string (value, NULL);
}

/* Returns: (transfer container) (nullable): the units that approve; %NULL when the limit is not above the node. The
 * greatest depth also ends a circle of units. */
static GPtrArray *
list_levels (ChdValidation *self, const char *unit_id, const char *limit)
{
  g_autoptr (GPtrArray) units = g_ptr_array_new ();
  const ChdUnit *unit = chd_chain_find_unit (self->chain, unit_id);

  while (unit != NULL && units->len < CHD_MAX_LEVELS)
    {
      g_ptr_array_add (units, (gpointer) unit);
      if (g_strcmp0 (unit->item.id, limit) == 0 || g_strcmp0 (unit->level, limit) == 0)
        return g_steal_pointer (&units);
      unit = chd_chain_find_unit (self->chain, unit->parent);
    }
  return NULL;
}

static void
check_levels (const ChdSubject *subject, const ChdPipelineBinding *binding, const char *limit)
{
  ChdValidation *self = subject->validation;
  const ChdNode *node = CHD_NODE (subject->item);
  g_autoptr (GPtrArray) units = list_levels (self, node->unit, limit);
  g_autofree char *field = g_strdup_printf ("pipelines.%s.upTo", chd_position_to_string (binding->at));

  if (units == NULL)
    {
      chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-level", field, _ ("Choose a unit above the node"),
                       /* Translators: title of a node, and the name of a unit or level */
                       _ ("The approval of “%s” climbs up to “%s”, which is no unit or level above the node."),
                       subject->title, chd_validation_shorten (self, limit));
      return;
    }
  for (guint i = 0; i < units->len; i++)
    {
      const ChdUnit *unit = g_ptr_array_index (units, i);

      if (unit->lead == NULL || *unit->lead == '\0')
        chd_subject_add (subject, CHD_SEVERITY_ERROR, "no-lead", field, _ ("Name the unit's lead"),
                         /* Translators: title of a node, and title of a unit */
                         _ ("“%s” asks the lead of “%s” for approval, but that unit has no lead."), subject->title,
                         chd_validation_shorten (self, chd_item_get_title (unit)));
    }
}

void
chd_validate_approvals (ChdValidation *self)
{
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_NODE); i++)
    {
      ChdSubject subject;
      const ChdNode *node;

      chd_subject_init (&subject, self, CHD_ITEM_NODE, i);
      node = CHD_NODE (subject.item);
      for (guint j = 0; j < node->pipelines->len && chd_chain_find_unit (self->chain, node->unit) != NULL; j++)
        {
          const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, j);
          ChdInterface *interface = chd_catalogue_find_interface (self->catalogue, binding->interface_id);
          g_autofree char *limit = interface != NULL && climbs (interface) ? dup_limit (interface, binding) : NULL;

          /* A limit that is missing is told as a missing param. */
          if (limit != NULL && *limit != '\0')
            check_levels (&subject, binding, limit);
        }
    }
}
