/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A reader of Kubernetes' protobuf envelope for the messages of one table. Every length is checked against what is
 * there, nesting is bounded by the table. Empty strings and zeros are written by the senders and mean absent, except
 * as values of a map. */

#include "config.h"

#include "chd-api-protobuf.h"

#include <string.h>

#include "chd-api-error.h"
#include "chd-json.h"
#include "chd-util.h"

typedef enum
{
  KIND_STRING,
  KIND_BOOL,
  KIND_INT,
  KIND_MESSAGE,
  KIND_MESSAGES, /* repeated */
  KIND_STRINGS,  /* repeated */
  KIND_MAP,      /* of strings */
  KIND_BYTES_MAP,
  KIND_TIME,
} Kind;

typedef struct _Field Field;

struct _Field
{
  guint number;
  const char *name;
  Kind kind;
  const Field *message;
};

static const Field owner_fields[] = {
  { 1, "kind", KIND_STRING, NULL },     { 3, "name", KIND_STRING, NULL },
  { 4, "uid", KIND_STRING, NULL },      { 5, "apiVersion", KIND_STRING, NULL },
  { 6, "controller", KIND_BOOL, NULL }, { 7, "blockOwnerDeletion", KIND_BOOL, NULL },
  { 0, NULL, KIND_STRING, NULL }
};
static const Field metadata_fields[] = { { 1, "name", KIND_STRING, NULL },
                                         { 2, "generateName", KIND_STRING, NULL },
                                         { 3, "namespace", KIND_STRING, NULL },
                                         { 5, "uid", KIND_STRING, NULL },
                                         { 6, "resourceVersion", KIND_STRING, NULL },
                                         { 7, "generation", KIND_INT, NULL },
                                         { 8, "creationTimestamp", KIND_TIME, NULL },
                                         { 11, "labels", KIND_MAP, NULL },
                                         { 12, "annotations", KIND_MAP, NULL },
                                         { 13, "ownerReferences", KIND_MESSAGES, owner_fields },
                                         { 14, "finalizers", KIND_STRINGS, NULL },
                                         { 0, NULL, KIND_STRING, NULL } };
static const Field reference_fields[] = { { 1, "name", KIND_STRING, NULL }, { 0, NULL, KIND_STRING, NULL } };
static const Field namespace_spec_fields[] = { { 1, "finalizers", KIND_STRINGS, NULL },
                                               { 0, NULL, KIND_STRING, NULL } };
static const Field namespace_fields[] = { { 1, "metadata", KIND_MESSAGE, metadata_fields },
                                          { 2, "spec", KIND_MESSAGE, namespace_spec_fields },
                                          { 0, NULL, KIND_STRING, NULL } };
static const Field config_map_fields[] = { { 1, "metadata", KIND_MESSAGE, metadata_fields },
                                           { 2, "data", KIND_MAP, NULL },
                                           { 3, "binaryData", KIND_BYTES_MAP, NULL },
                                           { 4, "immutable", KIND_BOOL, NULL },
                                           { 0, NULL, KIND_STRING, NULL } };
static const Field service_account_fields[] = { { 1, "metadata", KIND_MESSAGE, metadata_fields },
                                                { 3, "imagePullSecrets", KIND_MESSAGES, reference_fields },
                                                { 4, "automountServiceAccountToken", KIND_BOOL, NULL },
                                                { 0, NULL, KIND_STRING, NULL } };
static const Field attribute_fields[] = {
  { 1, "namespace", KIND_STRING, NULL }, { 2, "verb", KIND_STRING, NULL },     { 3, "group", KIND_STRING, NULL },
  { 4, "version", KIND_STRING, NULL },   { 5, "resource", KIND_STRING, NULL }, { 6, "subresource", KIND_STRING, NULL },
  { 7, "name", KIND_STRING, NULL },      { 0, NULL, KIND_STRING, NULL }
};
static const Field path_fields[] = { { 1, "path", KIND_STRING, NULL },
                                     { 2, "verb", KIND_STRING, NULL },
                                     { 0, NULL, KIND_STRING, NULL } };
static const Field access_spec_fields[] = { { 1, "resourceAttributes", KIND_MESSAGE, attribute_fields },
                                            { 2, "nonResourceAttributes", KIND_MESSAGE, path_fields },
                                            { 0, NULL, KIND_STRING, NULL } };
static const Field access_fields[] = { { 1, "metadata", KIND_MESSAGE, metadata_fields },
                                       { 2, "spec", KIND_MESSAGE, access_spec_fields },
                                       { 0, NULL, KIND_STRING, NULL } };
static const Field rules_spec_fields[] = { { 1, "namespace", KIND_STRING, NULL }, { 0, NULL, KIND_STRING, NULL } };
static const Field rules_fields[] = { { 1, "metadata", KIND_MESSAGE, metadata_fields },
                                      { 2, "spec", KIND_MESSAGE, rules_spec_fields },
                                      { 0, NULL, KIND_STRING, NULL } };
static const Field review_fields[] = { { 1, "metadata", KIND_MESSAGE, metadata_fields },
                                       { 0, NULL, KIND_STRING, NULL } };
static const Field precondition_fields[] = { { 1, "uid", KIND_STRING, NULL },
                                             { 2, "resourceVersion", KIND_STRING, NULL },
                                             { 0, NULL, KIND_STRING, NULL } };
static const Field delete_fields[] = { { 1, "gracePeriodSeconds", KIND_INT, NULL },
                                       { 2, "preconditions", KIND_MESSAGE, precondition_fields },
                                       { 4, "propagationPolicy", KIND_STRING, NULL },
                                       { 5, "dryRun", KIND_STRINGS, NULL },
                                       { 0, NULL, KIND_STRING, NULL } };
static const Field type_fields[] = { { 1, "apiVersion", KIND_STRING, NULL },
                                     { 2, "kind", KIND_STRING, NULL },
                                     { 0, NULL, KIND_STRING, NULL } };

static const struct
{
  const char *kind;
  const Field *fields;
} messages[] = {
  { "Namespace", namespace_fields },
  { "ConfigMap", config_map_fields },
  { "ServiceAccount", service_account_fields },
  { "SelfSubjectAccessReview", access_fields },
  { "SelfSubjectRulesReview", rules_fields },
  { "SelfSubjectReview", review_fields },
  { "DeleteOptions", delete_fields },
};

typedef struct
{
  const guint8 *at;
  const guint8 *end;
} Reader;

static gboolean
read_varint (Reader *reader, guint64 *value)
{
  *value = 0;
  for (guint shift = 0; shift < 64; shift += 7)
    {
      guint8 byte;

      if (reader->at == reader->end)
        return FALSE;
      byte = *reader->at++;
      *value |= (guint64) (byte & 0x7f) << shift;
      if ((byte & 0x80) == 0)
        return TRUE;
    }
  return FALSE;
}

/* One field: its number, and its value as a number or as a piece of the text. */
static gboolean
read_field (Reader *reader, guint *number, gboolean *is_piece, guint64 *value, Reader *piece)
{
  guint64 tag, length;
  gsize skip = 0;

  if (!read_varint (reader, &tag) || tag >> 3 == 0 || tag >> 3 > G_MAXUINT32)
    return FALSE;
  *number = (guint) (tag >> 3);
  *is_piece = FALSE;
  *value = 0;
  switch (tag & 7)
    {
    case 0:
      return read_varint (reader, value);
    case 1:
      skip = 8;
      break;
    case 5:
      skip = 4;
      break;
    case 2:
      if (!read_varint (reader, &length) || length > (guint64) (reader->end - reader->at))
        return FALSE;
      *is_piece = TRUE;
      piece->at = reader->at;
      piece->end = reader->at + length;
      reader->at += length;
      return TRUE;
    default:
      return FALSE;
    }
  if ((gsize) (reader->end - reader->at) < skip)
    return FALSE;
  reader->at += skip;
  return TRUE;
}

/* (nullable) (transfer full): %NULL when it is no text */
static char *
as_text (Reader *piece)
{
  gsize length = (gsize) (piece->end - piece->at);

  if (!g_utf8_validate_len ((const char *) piece->at, length, NULL))
    return NULL;
  return g_strndup ((const char *) piece->at, length);
}

static gboolean
read_map_entry (Reader *piece, gboolean bytes, JsonObject *map)
{
  g_autofree char *key = NULL;
  g_autofree char *value = NULL;
  guint number;
  gboolean is_piece;
  guint64 ignored;
  Reader inner;

  while (piece->at < piece->end)
    {
      if (!read_field (piece, &number, &is_piece, &ignored, &inner) || !is_piece)
        return FALSE;
      if (number == 1)
        {
          g_free (key);
          key = as_text (&inner);
        }
      else if (number == 2)
        {
          g_free (value);
          value = bytes ? g_base64_encode (inner.at, (gsize) (inner.end - inner.at)) : as_text (&inner);
          if (value == NULL)
            return FALSE;
        }
    }
  if (key == NULL)
    return FALSE;
  json_object_set_string_member (map, key, value != NULL ? value : "");
  return TRUE;
}

static gboolean
read_time (Reader *piece, JsonObject *object, const char *name)
{
  g_autofree char *text = NULL;
  guint64 seconds = 0;
  guint number;
  gboolean is_piece;
  guint64 value;
  Reader inner;

  while (piece->at < piece->end)
    {
      if (!read_field (piece, &number, &is_piece, &value, &inner))
        return FALSE;
      if (number == 1 && !is_piece)
        seconds = value;
    }
  if (seconds == 0)
    return TRUE;
  text = chd_format_timestamp ((gint64) seconds);
  json_object_set_string_member (object, name, text);
  return TRUE;
}

static JsonArray *
ensure_array (JsonObject *object, const char *name)
{
  if (chd_json_array (object, name) == NULL)
    json_object_set_array_member (object, name, json_array_new ());
  return chd_json_array (object, name);
}

static JsonObject *read_message (Reader *reader, const Field *fields);

/* A field that is a piece of text. */
static gboolean
read_piece (JsonObject *object, const Field *field, Reader *piece)
{
  g_autofree char *text = NULL;
  JsonObject *message;

  switch (field->kind)
    {
    case KIND_STRING:
    case KIND_STRINGS:
      text = as_text (piece);
      if (text == NULL)
        return FALSE;
      if (field->kind == KIND_STRING)
        chd_json_set_string_if (object, field->name, text);
      else if (*text != '\0')
        json_array_add_string_element (ensure_array (object, field->name), text);
      return TRUE;
    case KIND_MAP:
    case KIND_BYTES_MAP:
      return read_map_entry (piece, field->kind == KIND_BYTES_MAP, chd_json_ensure_object (object, field->name));
    case KIND_TIME:
      return read_time (piece, object, field->name);
    case KIND_MESSAGE:
    case KIND_MESSAGES:
      message = read_message (piece, field->message);
      if (message == NULL)
        return FALSE;
      if (field->kind == KIND_MESSAGES)
        json_array_add_object_element (ensure_array (object, field->name), message);
      else if (json_object_get_size (message) > 0)
        json_object_set_object_member (object, field->name, message);
      else
        json_object_unref (message);
      return TRUE;
    default:
      return FALSE;
    }
}

static JsonObject *
read_message (Reader *reader, const Field *fields)
{
  g_autoptr (JsonObject) object = json_object_new ();

  while (reader->at < reader->end)
    {
      const Field *field = fields;
      guint number;
      gboolean is_piece;
      guint64 value;
      Reader piece;

      if (!read_field (reader, &number, &is_piece, &value, &piece))
        return NULL;
      while (field->name != NULL && field->number != number)
        field++;
      if (field->name == NULL)
        continue;
      if (is_piece)
        {
          if (!read_piece (object, field, &piece))
            return NULL;
        }
      else if (field->kind == KIND_BOOL)
        json_object_set_boolean_member (object, field->name, value != 0);
      else if (field->kind == KIND_INT && value != 0)
        json_object_set_int_member (object, field->name, (gint64) value);
    }
  return g_steal_pointer (&object);
}

static JsonObject *
broken (GError **error)
{
  g_propagate_error (error,
                     chd_api_error_bad_request ("the object provided is unrecognized: proto: illegal wireType or "
                                                "length"));
  return NULL;
}

JsonObject *
chd_api_protobuf_decode (const guint8 *data, gsize length, GError **error)
{
  static const guint8 magic[] = { 0x6b, 0x38, 0x73, 0x00 };
  g_autoptr (JsonObject) type = NULL;
  JsonObject *object;
  Reader reader = { data, data + length };
  Reader raw = { NULL, NULL };
  const char *kind;

  if (length < sizeof magic || memcmp (data, magic, sizeof magic) != 0)
    return broken (error);
  reader.at += sizeof magic;
  while (reader.at < reader.end)
    {
      guint number;
      gboolean is_piece;
      guint64 value;
      Reader piece;

      if (!read_field (&reader, &number, &is_piece, &value, &piece))
        return broken (error);
      if (number == 1 && is_piece)
        {
          g_clear_pointer (&type, json_object_unref);
          type = read_message (&piece, type_fields);
        }
      else if (number == 2 && is_piece)
        raw = piece;
    }
  if (type == NULL)
    return broken (error);
  kind = chd_json_string (type, "kind", "");
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    if (strcmp (messages[i].kind, kind) == 0)
      {
        object = read_message (&raw, messages[i].fields);
        if (object == NULL)
          return broken (error);
        json_object_set_string_member (object, "apiVersion", chd_json_string (type, "apiVersion", ""));
        json_object_set_string_member (object, "kind", kind);
        return object;
      }
  g_propagate_error (error, chd_api_error_new (415, "UnsupportedMediaType", NULL,
                                               "the body of the request was in an unknown format - accepted media "
                                               "types include: application/json, application/yaml"));
  return NULL;
}
