/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Giving a node another id: its links and the references to its results follow. */

#include "config.h"

#include "chd-chain-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The ways to begin a reference to a node's result. */
static const char *const reference_forms[] = { "$(nodes.%s.", "$(nodes['%s']", "$(nodes[\"%s\"]" };

typedef struct
{
  char *from[G_N_ELEMENTS (reference_forms)];
  char *to[G_N_ELEMENTS (reference_forms)];
} Renaming;

static void
init_renaming (Renaming *renaming, const char *id, const char *new_id)
{
  for (guint i = 0; i < G_N_ELEMENTS (reference_forms); i++)
    {
      g_auto (GStrv) around = g_strsplit (reference_forms[i], "%s", 2);

      renaming->from[i] = g_strconcat (around[0], id, around[1], NULL);
      renaming->to[i] = g_strconcat (around[0], new_id, around[1], NULL);
    }
}

static void
clear_renaming (Renaming *renaming)
{
  for (guint i = 0; i < G_N_ELEMENTS (reference_forms); i++)
    {
      g_free (renaming->from[i]);
      g_free (renaming->to[i]);
    }
}

static char *
rename_in_text (const Renaming *renaming, const char *text, gboolean *changed)
{
  g_autoptr (GString) renamed = g_string_new (text);

  for (guint i = 0; i < G_N_ELEMENTS (reference_forms); i++)
    if (g_string_replace (renamed, renaming->from[i], renaming->to[i], 0) > 0)
      *changed = TRUE;
  return g_string_free (g_steal_pointer (&renamed), FALSE);
}

/* Returns: (transfer full): a list or an object with the references in it renamed */
static GVariant *
rename_in_container (const Renaming *renaming, GVariant *value, gboolean *changed)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (g_variant_get_type (value));
  gboolean list = chd_value_get_param_type (value) == CHD_PARAM_ARRAY;
  GVariantIter iter;
  const char *key, *text;

  g_variant_iter_init (&iter, value);
  while (list ? g_variant_iter_next (&iter, "&s", &text) : g_variant_iter_next (&iter, "{&s&s}", &key, &text))
    {
      g_autofree char *renamed = rename_in_text (renaming, text, changed);

      if (list)
        g_variant_builder_add (&builder, "s", renamed);
      else
        g_variant_builder_add (&builder, "{ss}", key, renamed);
    }
  return g_variant_ref_sink (g_variant_builder_end (&builder));
}

static GVariant *
rename_in_value (const Renaming *renaming, GVariant *value, gboolean *changed)
{
  if (g_variant_is_container (value))
    return rename_in_container (renaming, value, changed);
  return g_variant_ref_sink (
      g_variant_new_take_string (rename_in_text (renaming, g_variant_get_string (value, NULL), changed)));
}

static void
rename_in_values (const Renaming *renaming, GVariant **values, gboolean *changed)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE_VARDICT);
  GVariantIter iter;
  const char *name;
  GVariant *value;

  g_variant_iter_init (&iter, *values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) renamed = rename_in_value (renaming, value, changed);

      g_variant_builder_add (&builder, "{sv}", name, renamed);
      g_variant_unref (value);
    }
  g_variant_unref (*values);
  *values = g_variant_ref_sink (g_variant_builder_end (&builder));
}

static void
rename_references (ChdChain *self, const char *id, const char *new_id)
{
  Renaming renaming;

  init_renaming (&renaming, id, new_id);
  for (guint i = 0; i < chd_chain_get_n_items (self, CHD_ITEM_NODE); i++)
    {
      const ChdItem *before = chd_chain_get_item (self, CHD_ITEM_NODE, i);
      g_autoptr (ChdNode) node = chd_item_copy (before);
      gboolean changed = FALSE;

      for (guint j = 0; j < node->pipelines->len; j++)
        rename_in_values (&renaming, &((ChdPipelineBinding *) g_ptr_array_index (node->pipelines, j))->params,
                          &changed);
      if (node->task != NULL)
        rename_in_values (&renaming, &node->task->params, &changed);
      if (changed)
        chd_chain_change (self, CHD_ITEM_NODE, i, before, (ChdItem *) g_steal_pointer (&node));
    }
  clear_renaming (&renaming);
}

static void
rename_links (ChdChain *self, const char *id, const char *new_id)
{
  for (guint i = 0; i < chd_chain_get_n_items (self, CHD_ITEM_LINK); i++)
    {
      const ChdItem *before = chd_chain_get_item (self, CHD_ITEM_LINK, i);
      const ChdLink *link = CHD_LINK (before);
      gboolean from = strcmp (link->from, id) == 0, to = strcmp (link->to, id) == 0;
      ChdLink *renamed;

      if (!from && !to)
        continue;
      renamed = chd_item_copy (link);
      chd_link_set_ends (renamed, from ? new_id : link->from, to ? new_id : link->to);
      chd_chain_change (self, CHD_ITEM_LINK, i, before, &renamed->item);
    }
}

/**
 * chd_chain_rename_node:
 * @new_id: must be free
 *
 * Gives the node another id and follows it in links and references, as one step.
 */
void
chd_chain_rename_node (ChdChain *self, const char *id, const char *new_id)
{
  g_autofree char *old_id = g_strdup (id);
  const ChdItem *before;
  ChdItem *renamed;
  guint index;

  g_return_if_fail (chd_chain_find_node (self, new_id) == NULL);
  g_return_if_fail (chd_chain_find_index (self, CHD_ITEM_NODE, old_id, &index));

  chd_chain_begin (self, _ ("Rename Node"));
  before = chd_chain_get_item (self, CHD_ITEM_NODE, index);
  renamed = chd_item_copy (before);
  g_free (renamed->id);
  renamed->id = g_strdup (new_id);
  chd_chain_change (self, CHD_ITEM_NODE, index, before, renamed);
  rename_links (self, old_id, new_id);
  rename_references (self, old_id, new_id);
  chd_chain_end (self);
}
