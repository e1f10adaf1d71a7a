/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writes chain documents: the same chain gives the same bytes, one item after the other, so that a large chain never
 * stands in memory as a tree. */

#include "config.h"

#include "chd-chain-writer.h"

#include "chd-item-json.h"
#include "chd-item-private.h"
#include "chd-json.h"

/* Appends the text with all of its lines but the first indented. Strings in JSON hold no line breaks. */
static void
append_indented (GString *out, const char *text, gsize length, guint level)
{
  for (gsize i = 0; i < length; i++)
    {
      g_string_append_c (out, text[i]);
      for (guint j = 0; text[i] == '\n' && j < level; j++)
        g_string_append (out, "  ");
    }
}

static void
append_node (GString *out, JsonNode *node, guint level)
{
  gsize length;
  g_autofree char *text = chd_json_write (node, TRUE, &length);

  append_indented (out, text, length - 1, level); /* without the final newline */
}

static void
begin_member (GString *out, const char *name, guint level)
{
  g_autoptr (JsonNode) key = json_node_init_string (json_node_alloc (), name);

  g_string_append (out, out->str[out->len - 1] == '{' ? "\n" : ",\n");
  for (guint i = 0; i < level; i++)
    g_string_append (out, "  ");
  append_node (out, key, 0);
  g_string_append (out, ": ");
}

static void
append_items (GString *out, ChdChain *chain, ChdItemKind kind, guint level)
{
  guint n = chd_chain_get_n_items (chain, kind);

  begin_member (out, chd_item_members[kind], level);
  g_string_append_c (out, '[');
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (JsonObject) object = chd_item_to_json (chd_chain_get_item (chain, kind, i));
      g_autoptr (JsonNode) node = chd_json_node_from_object (object);

      g_string_append (out, i > 0 ? ",\n" : "\n");
      for (guint j = 0; j <= level; j++)
        g_string_append (out, "  ");
      append_node (out, node, level + 1);
    }
  if (n > 0)
    {
      g_string_append_c (out, '\n');
      for (guint i = 0; i < level; i++)
        g_string_append (out, "  ");
    }
  g_string_append_c (out, ']');
}

/* The title, the units, and what else the organisation of the document holds. */
static void
append_organisation (GString *out, ChdChain *chain, JsonObject *organisation)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  begin_member (out, "organisation", 1);
  g_string_append_c (out, '{');
  if (json_object_has_member (organisation, "title"))
    {
      begin_member (out, "title", 2);
      append_node (out, json_object_get_member (organisation, "title"), 2);
    }
  append_items (out, chain, CHD_ITEM_UNIT, 2);
  json_object_iter_init_ordered (&iter, organisation);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_strcmp0 (name, "title") != 0)
      {
        begin_member (out, name, 2);
        append_node (out, node, 2);
      }
  g_string_append (out, "\n  }");
}

static void
append_lists (GString *out, ChdChain *chain)
{
  for (guint kind = CHD_ITEM_ENVIRONMENT; kind < CHD_N_ITEM_KINDS; kind++)
    if (kind >= CHD_ITEM_NODE || chd_chain_get_n_items (chain, (ChdItemKind) kind) > 0)
      append_items (out, chain, (ChdItemKind) kind, 1);
}

/**
 * chd_chain_write:
 * @length: (out) (optional): bytes
 *
 * Returns: (transfer full): the document: members in the order that design.md (3) shows, unknown ones behind them,
 *   two-space indent, a newline at the end
 */
char *
chd_chain_write (ChdChain *chain, gsize *length)
{
  g_autoptr (JsonObject) head = chd_item_to_json (&chd_chain_get_head (chain)->item);
  GString *out = g_string_new ("{");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  begin_member (out, "format", 1);
  g_string_append (out, "\"" CHD_CHAIN_FORMAT "\"");
  json_object_iter_init_ordered (&iter, head);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (g_strcmp0 (name, "organisation") == 0)
      {
        /* The lists stand between the head's own members and the unknown ones. */
        append_organisation (out, chain, json_node_get_object (node));
        append_lists (out, chain);
      }
    else
      {
        begin_member (out, name, 1);
        append_node (out, node, 1);
      }
  g_string_append (out, "\n}\n");
  if (length != NULL)
    *length = out->len;
  return g_string_free (out, FALSE);
}
