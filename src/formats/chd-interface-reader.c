/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads pipeline interfaces: what a Tekton Pipeline says of itself in its metadata, joined with the params and results
 * it declares. chd-interface-reader.h says where what stands. */

#include "config.h"

#include "chd-interface-reader.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-fields.h"
#include "chd-json.h"
#include "chd-kube.h"
#include "chd-util.h"

/**
 * dup_localised:
 * @object: (nullable):
 *
 * Returns: (transfer full) (nullable): the member in the user's language ("title.zh_CN"), else the plain one
 */
static char *
dup_localised (JsonObject *object, const char *name)
{
  const char *const *languages = g_get_language_names ();

  for (guint i = 0; languages[i] != NULL && g_strcmp0 (languages[i], "C") != 0; i++)
    {
      g_autofree char *localised = g_strconcat (name, ".", languages[i], NULL);
      const char *text = chd_json_string (object, localised, NULL);

      if (text != NULL)
        return g_strdup (text);
    }
  return g_strdup (chd_json_string (object, name, NULL));
}

/* Tekton's own rule for a param without a type (tekton-api.md, 3). */
static ChdParamType
infer_type (const ChdFields *fields, GVariant *fallback)
{
  g_autofree char *text = chd_fields_dup_string (fields, "type", CHD_OPTIONAL);
  ChdParamType type;

  if (text == NULL)
    return json_object_has_member (fields->object, "properties") ? CHD_PARAM_OBJECT
           : fallback != NULL                                    ? chd_value_get_param_type (fallback)
                                                                 : CHD_PARAM_STRING;
  if (chd_param_type_from_string (text, &type))
    return type;
  chd_fields_fail (fields, "type", _ ("one of “string”, “array” and “object” is expected"));
  return CHD_PARAM_STRING;
}

static char **
list_properties (const ChdFields *fields)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  ChdFields properties;
  JsonObjectIter iter;
  const char *name;

  if (!chd_fields_enter (fields, "properties", &properties))
    return NULL;
  json_object_iter_init_ordered (&iter, properties.object);
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    g_strv_builder_add (names, name);
  return g_strv_builder_end (names);
}

/* What the annotation about a param says; it wins over what the Pipeline declares. */
static void
read_hints (const ChdFields *annotations, ChdParam *param)
{
  g_autofree char *key = g_strconcat (CHD_ANNOTATION_PARAM_PREFIX, param->name, NULL);
  g_autofree char *text = chd_fields_dup_string (annotations, key, CHD_OPTIONAL);
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;
  ChdReading reading = { 0 };
  g_autofree char *description = NULL;
  ChdFields hints;

  if (text == NULL)
    return;
  object = chd_json_parse_object (text, strlen (text), CHD_JSON_MAX_OBJECT, CHD_JSON_UNIQUE_KEYS, &error);
  if (object != NULL)
    {
      g_auto (GStrv) choices = NULL, properties = NULL;

      chd_fields_init (&hints, &reading, object);
      param->title = dup_localised (object, "title");
      description = dup_localised (object, "description");
      param->widget = chd_fields_dup_string (&hints, "widget", CHD_OPTIONAL);
      choices = chd_fields_dup_strv (&hints, "choices");
      properties = chd_fields_dup_strv (&hints, "properties");
      if (description != NULL)
        chd_set_str (&param->description, description);
      if (choices != NULL)
        {
          g_strfreev (param->choices);
          param->choices = g_steal_pointer (&choices);
        }
      if (properties != NULL)
        {
          g_strfreev (param->properties);
          param->properties = g_steal_pointer (&properties);
        }
      error = reading.error;
    }
  if (error != NULL)
    /* Translators: %s is a sentence that says what is wrong with it */
    chd_fields_fail (annotations, key, _ ("a JSON object about the param is expected (%s)"), error->message);
}

static GPtrArray *
read_params (const ChdFields *spec, const ChdFields *annotations)
{
  g_autoptr (GPtrArray) params = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_param_free);
  JsonArray *array = chd_fields_get_array (spec, "params");

  for (guint i = 0; i < chd_json_length (array); i++)
    {
      ChdFields fields;
      g_autofree char *name = NULL;
      ChdParam *param;

      if (!chd_fields_enter_element (spec, "params", array, i, &fields))
        break;
      name = chd_fields_dup_string (&fields, "name", CHD_REQUIRED);
      if (name == NULL)
        break;
      param = chd_param_new (name, CHD_PARAM_STRING);
      g_ptr_array_add (params, param);
      param->fallback = chd_fields_dup_value (&fields, "default");
      param->type = infer_type (&fields, param->fallback);
      param->description = chd_fields_dup_string (&fields, "description", CHD_OPTIONAL);
      param->choices = chd_fields_dup_strv (&fields, "enum");
      param->properties = list_properties (&fields);
      read_hints (annotations, param);
    }
  return g_steal_pointer (&params);
}

static GPtrArray *
read_results (const ChdFields *spec)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_result_free);
  JsonArray *array = chd_fields_get_array (spec, "results");

  for (guint i = 0; i < chd_json_length (array); i++)
    {
      ChdFields fields;
      g_autofree char *name = NULL;
      ChdResult *result;

      if (!chd_fields_enter_element (spec, "results", array, i, &fields))
        break;
      name = chd_fields_dup_string (&fields, "name", CHD_REQUIRED);
      if (name == NULL)
        break;
      result = chd_result_new (name);
      g_ptr_array_add (results, result);
      result->type = infer_type (&fields, NULL);
      result->description = chd_fields_dup_string (&fields, "description", CHD_OPTIONAL);
    }
  return g_steal_pointer (&results);
}

static guint
read_positions (const ChdFields *annotations)
{
  g_autofree char *text = chd_fields_dup_string (annotations, CHD_ANNOTATION_POSITIONS, CHD_OPTIONAL);
  g_auto (GStrv) words = g_strsplit (text != NULL ? text : "", ",", -1);
  guint positions = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      ChdPosition position;

      if (chd_position_from_string (g_strstrip (words[i]), &position))
        positions |= 1u << position;
      else
        chd_fields_fail (annotations, CHD_ANNOTATION_POSITIONS,
                         _ ("a list of “before”, “work”, “after” and “on-failure” is expected"));
    }
  return positions != 0 ? positions : (1u << CHD_N_POSITIONS) - 1;
}

static ChdInterface *
read_interface (const ChdFields *root, ChdOrigin origin)
{
  ChdFields metadata = { .object = NULL }, annotations = { .object = NULL }, spec = { .object = NULL };
  g_autoptr (JsonObject) no_annotations = json_object_new ();
  g_autoptr (GPtrArray) params = NULL, results = NULL;
  g_autofree char *id = NULL, *title = NULL, *description = NULL;
  JsonArray *tasks;
  ChdKubeType type;
  guint positions;

  if (!chd_kube_type_of (root->object, &type) || type != CHD_KUBE_PIPELINE)
    chd_fields_fail (root, NULL, _ ("a Tekton Pipeline is expected (apiVersion “tekton.dev/v1”, kind “Pipeline”)"));
  if (!chd_fields_enter (root, "metadata", &metadata))
    chd_fields_fail (root, NULL, _ ("the field “%s” is missing"), "metadata");
  if (!chd_fields_enter (root, "spec", &spec))
    chd_fields_fail (root, NULL, _ ("the field “%s” is missing"), "spec");
  if (root->reading->error != NULL)
    return NULL;

  id = chd_fields_dup_string (&metadata, "name", CHD_REQUIRED);
  if (id != NULL && !chd_str_is_label (id, CHD_MAX_ID))
    chd_fields_fail (&metadata, "name", _ ("a name of small letters, digits and “-” is expected"));
  if (!chd_fields_enter (&metadata, "annotations", &annotations))
    annotations.object = no_annotations;
  tasks = chd_fields_get_array (&spec, "tasks");
  if (chd_json_length (tasks) == 0)
    chd_fields_fail (&spec, NULL, _ ("a Pipeline with at least one task is expected"));
  title = dup_localised (annotations.object, CHD_ANNOTATION_TITLE);
  description = dup_localised (annotations.object, CHD_ANNOTATION_DESCRIPTION);
  if (description == NULL)
    description = chd_fields_dup_string (&spec, "description", CHD_OPTIONAL);
  positions = read_positions (&annotations);
  params = read_params (&spec, &annotations);
  results = read_results (&spec);
  if (root->reading->error != NULL)
    return NULL;
  return chd_interface_new (id, title, description, origin, positions, params, results, root->object);
}

static ChdInterface *
read_root (ChdReading *reading, JsonObject *object, ChdOrigin origin, GError **error)
{
  g_autoptr (ChdInterface) interface = NULL;
  ChdFields root;

  chd_fields_init (&root, reading, object);
  interface = read_interface (&root, origin);
  if (reading->error != NULL)
    {
      g_propagate_error (error, reading->error);
      return NULL;
    }
  return g_steal_pointer (&interface);
}

/**
 * chd_interface_read:
 * @yaml: a text with one Pipeline, in YAML or JSON
 *
 * Returns: (transfer full): the interface; %NULL with %CHD_ERROR_INVALID or %CHD_ERROR_LIMIT, whose message names the
 *   line and what is expected there
 */
ChdInterface *
chd_interface_read (const char *yaml, gsize length, ChdOrigin origin, GError **error)
{
  g_autoptr (GPtrArray) documents = chd_yaml_parse_documents (yaml, length, error);
  ChdReading reading = { 0 };
  JsonObject *object;

  if (documents == NULL)
    return NULL;
  object = documents->len == 1 ? chd_yaml_document_get_object (g_ptr_array_index (documents, 0)) : NULL;
  if (object == NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID,
                           _ ("One Tekton Pipeline is expected in a file with a pipeline interface."));
      return NULL;
    }
  reading.yaml = g_ptr_array_index (documents, 0);
  return read_root (&reading, object, origin, error);
}

/**
 * chd_interface_read_object:
 * @pipeline: a Pipeline, as the engine gave it; the interface keeps a reference
 *
 * Returns: (transfer full): the interface; %NULL with %CHD_ERROR_INVALID, whose field is the path of what is wrong
 */
ChdInterface *
chd_interface_read_object (JsonObject *pipeline, ChdOrigin origin, GError **error)
{
  ChdReading reading = { 0 };

  return read_root (&reading, pipeline, origin, error);
}
