/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads chain documents (*.chain.json; data/chain.schema.json describes them). The shape is checked here; whether the
 * chain makes sense is a matter of validation (model/chd-validate.h), so that a broken one can be opened and
 * repaired. */

#include "config.h"

#include "chd-chain-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-item-private.h"
#include "chd-json.h"

/* Chains of 100 000 nodes fit, and so does what a later version may add; more would take gigabytes of memory as a tree,
 * or as text when it is written with its indent. */
#define MAX_CONTAINERS 500000
#define MAX_VALUES 2000000
#define MAX_DEPTH 32

/* Files that other programs have saved in another encoding say so by their first bytes. */
static gboolean
check_encoding (const char **data, gsize *length, GError **error)
{
  const guchar *bytes = (const guchar *) *data;

  if (*length >= 3 && memcmp (bytes, "\xef\xbb\xbf", 3) == 0)
    {
      *data += 3;
      *length -= 3;
    }
  else if (*length >= 2 && ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff) ||
                            bytes[0] == '\0' || bytes[1] == '\0'))
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("This file is encoded in UTF-16. Save it as UTF-8, then open it again."));
      return FALSE;
    }
  return TRUE;
}

/* Returns: (transfer full) (nullable): the document's tree */
static JsonObject *
parse (const char *data, gsize length, GError **error)
{
  ChdJsonMeasure measure;

  if (!chd_json_scan (data, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_UNIQUE_KEYS, error))
    return NULL;
  measure = chd_json_measure (data, length);
  if (measure.values > MAX_VALUES || measure.containers > MAX_CONTAINERS || measure.depth > MAX_DEPTH)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT,
                   /* Translators: numbers */
                   _ ("This document is too large: it holds %zu values in %zu objects and lists, %u deep. At most %d "
                      "in %d, %d deep, can be opened."),
                   measure.values, measure.containers, measure.depth, MAX_VALUES, MAX_CONTAINERS, MAX_DEPTH);
      return NULL;
    }
  return chd_json_parse_object (data, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, error);
}

static gboolean
check_format (const ChdFields *root, GError **error)
{
  g_autofree char *format = chd_fields_dup_string (root, "format", CHD_REQUIRED);
  guint64 version = 0;

  if (format == NULL)
    return FALSE;
  if (strcmp (format, CHD_CHAIN_FORMAT) == 0)
    return TRUE;
  if (g_str_has_prefix (format, CHD_CHAIN_FORMAT_STEM) &&
      g_ascii_string_to_unsigned (format + strlen (CHD_CHAIN_FORMAT_STEM), 10, CHD_CHAIN_VERSION + 1, G_MAXUINT,
                                  &version, NULL))
    g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                 /* Translators: version numbers of the file format */
                 _ ("This chain was saved by a newer version of Chain Designer: its format is number %u, and this "
                    "version reads up to number %u. Update Chain Designer to open it."),
                 (guint) version, CHD_CHAIN_VERSION);
  else
    /* Translators: %s is the name of a file format, “chain-designer/1” */
    chd_fields_fail (root, "format", _ ("“%s” is expected, the mark of a chain document"), CHD_CHAIN_FORMAT);
  return FALSE;
}

static void
read_items (ChdChain *chain, ChdItemKind kind, const ChdFields *fields)
{
  const char *name = chd_item_members[kind];
  JsonArray *array = chd_fields_get_array (fields, name);
  guint length = array != NULL ? json_array_get_length (array) : 0;

  for (guint i = 0; i < length && fields->reading->error == NULL; i++)
    {
      ChdFields element;
      g_autoptr (ChdItem) item = NULL;

      if (!chd_fields_enter_element (fields, name, array, i, &element))
        return;
      item = chd_item_read (kind, &element);
      if (fields->reading->error == NULL)
        chd_chain_append (chain, g_steal_pointer (&item));
    }
}

/* Goes up from the unit, @steps times at most. */
static const ChdUnit *
climb (ChdChain *chain, const ChdUnit *unit, const ChdUnit *until, guint steps)
{
  for (guint i = 0; i < steps && unit != NULL; i++)
    {
      unit = chd_chain_find_unit (chain, unit->parent);
      if (unit == until)
        break;
    }
  return unit;
}

/* Everything that asks for the units above a unit may rely on there being few; a small circle is left to validation. */
static void
check_depth (ChdChain *chain, const ChdFields *organisation)
{
  for (guint i = 0; i < chd_chain_get_n_items (chain, CHD_ITEM_UNIT); i++)
    {
      const ChdUnit *unit = CHD_UNIT (chd_chain_get_item (chain, CHD_ITEM_UNIT, i));
      const ChdUnit *high = climb (chain, unit, NULL, CHD_MAX_LEVELS);
      ChdFields element = { organisation->reading, organisation, chd_item_members[CHD_ITEM_UNIT], (int) i, NULL };

      if (high == NULL || climb (chain, high, high, CHD_MAX_LEVELS) == high)
        continue;
      chd_fields_fail (&element, "parent", _ ("units lie within each other at most %d deep"), CHD_MAX_LEVELS);
      organisation->reading->error->code = CHD_ERROR_LIMIT;
      return;
    }
}

static ChdChain *
read_chain (const ChdFields *root)
{
  g_autoptr (ChdItem) head = chd_item_read (CHD_ITEM_HEAD, root);
  g_autoptr (ChdChain) chain = NULL;
  ChdFields organisation;

  if (root->reading->error != NULL)
    return NULL;
  chain = chd_chain_new (head->id, "");
  chd_chain_begin (chain, _ ("Open"));
  chd_chain_replace (chain, g_steal_pointer (&head));
  if (chd_fields_enter (root, "organisation", &organisation))
    {
      read_items (chain, CHD_ITEM_UNIT, &organisation);
      if (root->reading->error == NULL)
        check_depth (chain, &organisation);
    }
  for (guint kind = CHD_ITEM_ENVIRONMENT; kind < CHD_N_ITEM_KINDS; kind++)
    read_items (chain, (ChdItemKind) kind, root);
  chd_chain_end (chain);
  chd_chain_clear_history (chain);
  return g_steal_pointer (&chain);
}

/**
 * chd_chain_read:
 * @data: the document's bytes
 *
 * Returns: (transfer full): the chain, saved and without history. %NULL with %CHD_ERROR_INVALID when the text is not
 *   JSON or a field is wrong (the message names line, path and what is expected; the error's field is the path),
 *   %CHD_ERROR_LIMIT when it is too large or too deep, %CHD_ERROR_UNSUPPORTED when a newer version wrote it
 */
ChdChain *
chd_chain_read (const char *data, gsize length, GError **error)
{
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (ChdChain) chain = NULL;
  ChdReading reading = { 0 };
  ChdFields root;

  if (!check_encoding (&data, &length, error))
    return NULL;
  object = parse (data, length, error);
  if (object == NULL)
    return NULL;
  reading.text = data;
  reading.length = length;
  chd_fields_init (&root, &reading, object);
  if (check_format (&root, error))
    chain = read_chain (&root);
  if (reading.error != NULL)
    {
      g_propagate_error (error, reading.error);
      return NULL;
    }
  return g_steal_pointer (&chain);
}
