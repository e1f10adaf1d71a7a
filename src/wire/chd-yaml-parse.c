/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * YAML to JSON over libyaml's events, with limits that hold while reading: depth is counted before libyaml's own
 * nesting grows costly, and aliases are counted as what they expand to although their nodes are shared. */

#include "config.h"

#include "chd-yaml.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include <yaml.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"
#include "chd-yaml-private.h"
#include "chd-yaml-scalar.h"

typedef struct
{
  JsonNode *node; /* (owned) (nullable) while it is being read: an alias to it would be a cycle */
  guint nodes;
  gsize bytes;
  guint height;
} Anchor;

typedef struct
{
  yaml_parser_t *parser;
  const char *data;
  gsize length;
  GHashTable *anchors; /* (owned) name → Anchor, of this document */
  GHashTable *lines;   /* (owned) */
  guint nodes;         /* of this text, aliases expanded */
  gsize bytes;
} Reader;

static JsonNode *read_node (Reader *reader, yaml_event_t *event, guint depth, guint *height, GError **error);

static void
anchor_free (Anchor *anchor)
{
  g_clear_pointer (&anchor->node, json_node_unref);
  g_free (anchor);
}

static void
set_error (GError **error, ChdErrorCode code, yaml_mark_t mark, const char *problem)
{
  g_autofree char *field = g_strdup_printf ("line %zu", mark.line + 1);
  g_autofree char *harmless = chd_str_sanitize (problem, -1, 300);

  if (error == NULL)
    return;
  g_set_error (error, CHD_ERROR, (int) code,
               /* Translators: line number, column number, and the reason, as the parser words it */
               _ ("This YAML text cannot be read: line %zu, column %zu: %s."), mark.line + 1, mark.column + 1,
               harmless);
  chd_error_set_field (*error, field);
}

static gboolean
next_event (Reader *reader, yaml_event_t *event, GError **error)
{
  yaml_parser_t *parser = reader->parser;

  if (yaml_parser_parse (parser, event))
    return TRUE;

  if (parser->error == YAML_READER_ERROR)
    {
      /* The reader runs ahead of the marks and names an offset only. */
      yaml_mark_t mark = { parser->problem_offset, 0, 0 };

      for (gsize i = 0; i < parser->problem_offset && i < reader->length; i++)
        if (reader->data[i] == '\n')
          {
            mark.line++;
            mark.column = 0;
          }
        else
          {
            mark.column++;
          }
      set_error (error, CHD_ERROR_INVALID, mark, parser->problem);
    }
  else
    {
      set_error (error, CHD_ERROR_INVALID, parser->problem_mark,
                 parser->problem != NULL ? parser->problem : _ ("unexpected end"));
    }
  return FALSE;
}

static gboolean
count_node (Reader *reader, guint nodes, gsize bytes, yaml_mark_t mark, GError **error)
{
  reader->nodes += nodes;
  reader->bytes += bytes;
  if (reader->nodes <= CHD_YAML_MAX_NODES && reader->bytes <= CHD_YAML_MAX_EXPANDED)
    return TRUE;

  set_error (error, CHD_ERROR_LIMIT, mark, _ ("the text is too large once its aliases are put in"));
  return FALSE;
}

static gboolean
check_tag (const yaml_char_t *tag, yaml_mark_t mark, GError **error)
{
  static const char *const harmless[] = { "!", YAML_STR_TAG, YAML_MAP_TAG, YAML_SEQ_TAG, NULL };

  if (tag == NULL || g_strv_contains (harmless, (const char *) tag))
    return TRUE;

  set_error (error, CHD_ERROR_UNSUPPORTED, mark, _ ("tags are not accepted"));
  return FALSE;
}

static JsonNode *
read_scalar (yaml_event_t *event, GError **error)
{
  const char *text = (const char *) event->data.scalar.value;
  gboolean plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && event->data.scalar.tag == NULL;
  ChdYamlScalar scalar = { CHD_YAML_SCALAR_TEXT, FALSE, 0, 0 };
  JsonNode *node;

  if (strlen (text) != event->data.scalar.length)
    {
      set_error (error, CHD_ERROR_INVALID, event->start_mark, _ ("a text contains a NUL character"));
      return NULL;
    }
  if (plain)
    scalar = chd_yaml_scalar_resolve (text);
  if (scalar.type == CHD_YAML_SCALAR_NOT_FINITE)
    {
      set_error (error, CHD_ERROR_INVALID, event->start_mark, _ ("a number is not finite"));
      return NULL;
    }

  node = json_node_alloc ();
  switch (scalar.type)
    {
    case CHD_YAML_SCALAR_NULL:
      return json_node_init_null (node);
    case CHD_YAML_SCALAR_BOOLEAN:
      return json_node_init_boolean (node, scalar.boolean);
    case CHD_YAML_SCALAR_INTEGER:
      return json_node_init_int (node, scalar.integer);
    case CHD_YAML_SCALAR_NUMBER:
      return json_node_init_double (node, scalar.number);
    case CHD_YAML_SCALAR_TEXT:
    case CHD_YAML_SCALAR_NOT_FINITE:
    default:
      return json_node_init_string (node, text);
    }
}

/* A key is text in JSON, whatever YAML takes it for: "y: 1" has the key "true". */
static char *
read_key (yaml_event_t *event, gboolean *merge, GError **error)
{
  g_autoptr (JsonNode) node = NULL;

  if (event->type != YAML_SCALAR_EVENT)
    {
      set_error (error, CHD_ERROR_UNSUPPORTED, event->start_mark, _ ("a key has to be a plain text"));
      return NULL;
    }
  if (!check_tag (event->data.scalar.tag, event->start_mark, error))
    return NULL;

  *merge = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           strcmp ((const char *) event->data.scalar.value, "<<") == 0;
  node = read_scalar (event, error);
  if (node == NULL)
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return chd_json_write (node, FALSE, NULL);
}

static void
merge_members (JsonObject *target, JsonObject *source)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, source);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    if (!json_object_has_member (target, name))
      json_object_set_member (target, name, json_node_ref (value));
}

/* "<<": members of another mapping (or several) that this one does not have itself. */
static gboolean
merge_value (JsonObject *target, JsonNode *value, yaml_mark_t mark, GError **error)
{
  if (JSON_NODE_HOLDS_OBJECT (value))
    {
      merge_members (target, json_node_get_object (value));
      return TRUE;
    }
  if (JSON_NODE_HOLDS_ARRAY (value))
    {
      JsonArray *array = json_node_get_array (value);
      gboolean mappings = TRUE;

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          JsonObject *source = chd_json_object_at (array, i);

          if (source != NULL)
            merge_members (target, source);
          mappings = mappings && source != NULL;
        }
      if (mappings)
        return TRUE;
    }
  set_error (error, CHD_ERROR_INVALID, mark, _ ("only mappings can be merged"));
  return FALSE;
}

static JsonNode *
read_mapping (Reader *reader, guint depth, guint *height, GError **error)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (GPtrArray) merges = g_ptr_array_new_with_free_func ((GDestroyNotify) json_node_unref);
  yaml_mark_t merge_mark = { 0, 0, 0 };

  while (TRUE)
    {
      yaml_event_t event;
      g_autofree char *key = NULL;
      JsonNode *value;
      gboolean merge = FALSE, alias;
      yaml_mark_t mark;
      guint child_height = 0;

      if (!next_event (reader, &event, error))
        return NULL;
      if (event.type == YAML_MAPPING_END_EVENT)
        {
          yaml_event_delete (&event);
          break;
        }
      mark = event.start_mark;
      key = read_key (&event, &merge, error);
      yaml_event_delete (&event);
      if (key == NULL || !count_node (reader, 0, strlen (key), mark, error))
        return NULL;
      if (json_object_has_member (object, key))
        {
          set_error (error, CHD_ERROR_INVALID, mark, _ ("a key stands twice in one mapping"));
          return NULL;
        }

      if (!next_event (reader, &event, error))
        return NULL;
      alias = event.type == YAML_ALIAS_EVENT;
      value = read_node (reader, &event, depth, &child_height, error);
      yaml_event_delete (&event);
      if (value == NULL)
        return NULL;
      *height = MAX (*height, child_height + 1);
      if (merge)
        {
          merge_mark = mark;
          g_ptr_array_add (merges, value);
        }
      else
        {
          if (!alias)
            g_hash_table_insert (reader->lines, value, GSIZE_TO_POINTER (mark.line + 1));
          json_object_set_member (object, key, value);
        }
    }

  for (guint i = 0; i < merges->len; i++)
    if (!merge_value (object, merges->pdata[i], merge_mark, error))
      return NULL;
  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
read_sequence (Reader *reader, guint depth, guint *height, GError **error)
{
  g_autoptr (JsonArray) array = json_array_new ();

  while (TRUE)
    {
      yaml_event_t event;
      JsonNode *value;
      guint child_height = 0;

      if (!next_event (reader, &event, error))
        return NULL;
      if (event.type == YAML_SEQUENCE_END_EVENT)
        {
          yaml_event_delete (&event);
          break;
        }
      value = read_node (reader, &event, depth, &child_height, error);
      yaml_event_delete (&event);
      if (value == NULL)
        return NULL;
      *height = MAX (*height, child_height + 1);
      json_array_add_element (array, value);
    }
  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
read_alias (Reader *reader, yaml_event_t *event, guint depth, guint *height, GError **error)
{
  Anchor *anchor = g_hash_table_lookup (reader->anchors, event->data.alias.anchor);

  if (anchor == NULL || anchor->node == NULL)
    {
      set_error (error, CHD_ERROR_INVALID, event->start_mark,
                 anchor == NULL ? _ ("an alias names nothing") : _ ("an alias contains itself"));
      return NULL;
    }
  if (depth + anchor->height > CHD_YAML_MAX_DEPTH)
    {
      set_error (error, CHD_ERROR_LIMIT, event->start_mark, _ ("it is nested too deeply"));
      return NULL;
    }
  if (!count_node (reader, anchor->nodes, anchor->bytes, event->start_mark, error))
    return NULL;
  *height = anchor->height;
  return json_node_ref (anchor->node);
}

/* Reads the node that begins with @event. @depth: of its parent; @height: levels below it. */
static JsonNode *
read_node (Reader *reader, yaml_event_t *event, guint depth, guint *height, GError **error)
{
  g_autofree char *name = NULL;
  Anchor *anchor;
  guint nodes_before = reader->nodes;
  gsize bytes_before = reader->bytes;
  const yaml_char_t *tag = NULL, *anchor_name = NULL;
  JsonNode *node = NULL;

  if (event->type == YAML_ALIAS_EVENT)
    return read_alias (reader, event, depth, height, error);

  if (event->type == YAML_SCALAR_EVENT)
    {
      tag = event->data.scalar.tag;
      anchor_name = event->data.scalar.anchor;
      if (!count_node (reader, 1, event->data.scalar.length, event->start_mark, error))
        return NULL;
    }
  else
    {
      gboolean mapping = event->type == YAML_MAPPING_START_EVENT;

      tag = mapping ? event->data.mapping_start.tag : event->data.sequence_start.tag;
      anchor_name = mapping ? event->data.mapping_start.anchor : event->data.sequence_start.anchor;
      if (depth + 1 > CHD_YAML_MAX_DEPTH)
        {
          set_error (error, CHD_ERROR_LIMIT, event->start_mark, _ ("it is nested too deeply"));
          return NULL;
        }
      if (!count_node (reader, 1, 0, event->start_mark, error))
        return NULL;
    }
  if (!check_tag (tag, event->start_mark, error))
    return NULL;

  if (anchor_name != NULL)
    {
      name = g_strdup ((const char *) anchor_name);
      g_hash_table_insert (reader->anchors, g_strdup (name), g_new0 (Anchor, 1));
    }
  if (event->type == YAML_SCALAR_EVENT)
    node = read_scalar (event, error);
  else if (event->type == YAML_MAPPING_START_EVENT)
    node = read_mapping (reader, depth + 1, height, error);
  else
    node = read_sequence (reader, depth + 1, height, error);
  if (node == NULL)
    return NULL;

  g_hash_table_insert (reader->lines, node, GSIZE_TO_POINTER (event->start_mark.line + 1));
  /* Looked up again: an anchor of the same name inside replaces this one. */
  anchor = name != NULL ? g_hash_table_lookup (reader->anchors, name) : NULL;
  if (anchor != NULL && anchor->node == NULL)
    {
      anchor->node = json_node_ref (node);
      anchor->nodes = reader->nodes - nodes_before;
      anchor->bytes = reader->bytes - bytes_before;
      anchor->height = *height;
    }
  return node;
}

static ChdYamlDocument *
read_document (Reader *reader, GError **error)
{
  yaml_event_t event;
  g_autoptr (JsonNode) root = NULL;
  guint line, height = 0;

  if (!next_event (reader, &event, error))
    return NULL;
  reader->anchors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) anchor_free);
  reader->lines = g_hash_table_new (NULL, NULL);
  line = (guint) event.start_mark.line + 1;
  root = read_node (reader, &event, 0, &height, error);
  yaml_event_delete (&event);

  if (root != NULL && next_event (reader, &event, error))
    {
      yaml_event_delete (&event); /* the end of the document */
      g_hash_table_unref (g_steal_pointer (&reader->anchors));
      return chd_yaml_document_new (g_steal_pointer (&root), g_steal_pointer (&reader->lines), line);
    }
  g_clear_pointer (&reader->anchors, g_hash_table_unref);
  g_clear_pointer (&reader->lines, g_hash_table_unref);
  return NULL;
}

static gboolean
read_stream (Reader *reader, GPtrArray *documents, GError **error)
{
  while (TRUE)
    {
      yaml_event_t event;
      yaml_event_type_t type;
      yaml_mark_t mark;
      ChdYamlDocument *document;

      if (!next_event (reader, &event, error))
        return FALSE;
      type = event.type;
      mark = event.start_mark;
      yaml_event_delete (&event);
      if (type == YAML_STREAM_END_EVENT)
        return TRUE;
      if (type != YAML_DOCUMENT_START_EVENT)
        continue;
      if (documents->len >= CHD_YAML_MAX_DOCUMENTS)
        {
          set_error (error, CHD_ERROR_LIMIT, mark, _ ("there are too many documents in one text"));
          return FALSE;
        }
      document = read_document (reader, error);
      if (document == NULL)
        return FALSE;
      g_ptr_array_add (documents, document);
    }
}

/* JSON is YAML, but libyaml knows neither its surrogate pairs nor its tabs: one document in JSON is read as such. */
static gboolean
read_as_json (const char *data, gsize length, GPtrArray *documents)
{
  gsize start = 0;
  JsonNode *root;

  while (start < length && g_ascii_isspace (data[start]))
    start++;
  if (start == length || data[start] != '{')
    return FALSE;

  root = chd_json_parse (data, length, CHD_YAML_MAX_BYTES, CHD_JSON_UNIQUE_KEYS, NULL);
  if (root == NULL)
    return FALSE;
  g_ptr_array_add (documents, chd_yaml_document_new (root, g_hash_table_new (NULL, NULL), 1));
  return TRUE;
}

/**
 * chd_yaml_parse_documents:
 * @data: a YAML stream, UTF-8 or UTF-16 with a byte-order mark
 * @length: its length in bytes
 *
 * Empty documents are kept (their root is null), so that a document's position in the array is its number.
 *
 * Returns: (transfer full) (element-type ChdYamlDocument): the documents, or %NULL with %CHD_ERROR_INVALID,
 *   %CHD_ERROR_LIMIT or %CHD_ERROR_UNSUPPORTED, whose field is "line N"
 */
GPtrArray *
chd_yaml_parse_documents (const char *data, gsize length, GError **error)
{
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_yaml_document_unref);
  yaml_parser_t parser;
  Reader reader = { &parser, data, length, NULL, NULL, 0, 0 };
  gboolean ok;

  if (length > CHD_YAML_MAX_BYTES)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("This YAML text is larger than %u MiB."),
                   (guint) (CHD_YAML_MAX_BYTES / 1024 / 1024));
      return NULL;
    }
  if (read_as_json (data, length, documents))
    return g_steal_pointer (&documents);

  if (!yaml_parser_initialize (&parser))
    g_error ("out of memory");
  yaml_parser_set_input_string (&parser, (const unsigned char *) data, length);
  ok = read_stream (&reader, documents, error);
  yaml_parser_delete (&parser);
  return ok ? g_steal_pointer (&documents) : NULL;
}
