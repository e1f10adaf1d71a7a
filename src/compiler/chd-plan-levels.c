/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The levels of the organisation that an approval climbs. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-kube.h"
#include "chd-plan.h"

gboolean
chd_interface_expands_levels (ChdInterface *interface)
{
  return g_strcmp0 (chd_kube_get_annotation (chd_interface_get_pipeline (interface), CHD_ANNOTATION_EXPAND),
                    CHD_EXPAND_ORGANISATION_LEVELS) == 0;
}

GPtrArray *
chd_list_levels (ChdChain *chain,
                 const ChdNode *node,
                 const ChdPipelineBinding *binding,
                 ChdInterface *interface,
                 GError **error)
{
  g_autoptr (GPtrArray) levels = chd_chain_list_unit_ancestry (chain, node->unit);
  g_autoptr (GVariant) value = chd_values_lookup (binding->params, "upTo");
  const ChdParam *param = chd_params_find (chd_interface_get_params (interface), "upTo");
  const char *limit;
  guint n = 0;

  if (value == NULL && param != NULL && param->fallback != NULL)
    value = g_variant_ref (param->fallback);
  limit =
      value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_get_string (value, NULL) : NULL;
  for (guint i = 0; i < levels->len && n == 0; i++)
    {
      const ChdUnit *unit = g_ptr_array_index (levels, i);

      if (g_strcmp0 (unit->item.id, limit) == 0 || g_strcmp0 (unit->level, limit) == 0)
        n = i + 1;
    }
  if (n == 0)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   _ ("The approval of “%s” climbs up to “%s”, which is no unit or level above the node. Choose one of "
                      "the units above it."),
                   chd_item_get_title (node), limit != NULL ? limit : "");
      return NULL;
    }
  g_ptr_array_set_size (levels, n);
  for (guint i = 0; i < n; i++)
    {
      const ChdUnit *unit = g_ptr_array_index (levels, i);

      if (unit->lead == NULL || *unit->lead == '\0')
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                       _ ("“%s” has no lead who could approve “%s”. Name its lead."), chd_item_get_title (unit),
                       chd_item_get_title (node));
          return NULL;
        }
    }
  return g_steal_pointer (&levels);
}
