/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Declared params and results, and whether a value fits its declaration. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-item.h"
#include "chd-util.h"

static const char *const type_names[] = { "string", "array", "object" };

const char *
chd_param_type_to_string (ChdParamType type)
{
  g_return_val_if_fail ((guint) type < G_N_ELEMENTS (type_names), "string");
  return type_names[type];
}

gboolean
chd_param_type_from_string (const char *text, ChdParamType *type)
{
  for (guint i = 0; i < G_N_ELEMENTS (type_names); i++)
    if (g_strcmp0 (text, type_names[i]) == 0)
      {
        *type = (ChdParamType) i;
        return TRUE;
      }
  return FALSE;
}

ChdParam *
chd_param_new (const char *name, ChdParamType type)
{
  ChdParam *param = g_new0 (ChdParam, 1);

  param->name = g_strdup (name);
  param->type = type;
  return param;
}

ChdParam *
chd_param_copy (const ChdParam *param)
{
  ChdParam *copy = chd_param_new (param->name, param->type);

  copy->title = g_strdup (param->title);
  copy->description = g_strdup (param->description);
  copy->fallback = param->fallback != NULL ? g_variant_ref (param->fallback) : NULL;
  copy->choices = g_strdupv (param->choices);
  copy->properties = g_strdupv (param->properties);
  copy->widget = g_strdup (param->widget);
  copy->extra = param->extra != NULL ? json_object_ref (param->extra) : NULL;
  return copy;
}

void
chd_param_free (ChdParam *param)
{
  g_free (param->name);
  g_free (param->title);
  g_free (param->description);
  g_clear_pointer (&param->fallback, g_variant_unref);
  g_strfreev (param->choices);
  g_strfreev (param->properties);
  g_free (param->widget);
  g_clear_pointer (&param->extra, json_object_unref);
  g_free (param);
}

gboolean
chd_param_is_required (const ChdParam *param)
{
  return param->fallback == NULL;
}

/* What only the engine knows at run time cannot be judged by its text. */
static gboolean
holds_reference (const char *text)
{
  return strstr (text, "$(") != NULL;
}

static gboolean
check_string (const ChdParam *param, const char *text, char **message)
{
  gint64 seconds;

  if (holds_reference (text))
    return TRUE;
  if (param->choices != NULL && !g_strv_contains ((const char *const *) param->choices, text))
    {
      g_autofree char *choices = g_strjoinv (", ", param->choices);

      *message = g_strdup_printf (_ ("Choose one of: %s."), choices);
      return FALSE;
    }
  if (*text == '\0')
    {
      if (!chd_param_is_required (param))
        return TRUE;
      *message = g_strdup (_ ("Enter a value."));
      return FALSE;
    }
  if (g_strcmp0 (param->widget, "number") == 0)
    {
      char *end;

      g_ascii_strtod (text, &end);
      if (end == text || *end != '\0')
        {
          *message = g_strdup (_ ("Enter a number, for example 12000."));
          return FALSE;
        }
    }
  if (g_strcmp0 (param->widget, "duration") == 0 && !chd_parse_duration (text, &seconds))
    {
      *message = g_strdup (_ ("Enter a duration such as 30s, 10m or 1h30m."));
      return FALSE;
    }
  if (g_strcmp0 (param->widget, "boolean") == 0 && strcmp (text, "true") != 0 && strcmp (text, "false") != 0)
    {
      *message = g_strdup (_ ("Enter true or false."));
      return FALSE;
    }
  return TRUE;
}

/**
 * chd_param_check_value:
 * @value: (nullable): what is set; %NULL when nothing is
 * @message: (out): translated, why not
 *
 * Returns: whether @value can be given for @param; texts with references ("$(…)") pass, the engine fills them in
 */
gboolean
chd_param_check_value (const ChdParam *param, GVariant *value, char **message)
{
  *message = NULL;
  if (value == NULL)
    {
      if (!chd_param_is_required (param))
        return TRUE;
      *message = g_strdup (_ ("Enter a value."));
      return FALSE;
    }
  /* A lone reference may stand for a whole list or object. */
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) && param->type != CHD_PARAM_STRING &&
      g_str_has_prefix (g_variant_get_string (value, NULL), "$(") &&
      g_str_has_suffix (g_variant_get_string (value, NULL), ")"))
    return TRUE;
  if (chd_value_get_param_type (value) != param->type)
    {
      *message = g_strdup (param->type == CHD_PARAM_ARRAY    ? _ ("A list is expected here.")
                           : param->type == CHD_PARAM_OBJECT ? _ ("Several named values are expected here.")
                                                             : _ ("A single value is expected here."));
      return FALSE;
    }
  if (param->type == CHD_PARAM_STRING)
    return check_string (param, g_variant_get_string (value, NULL), message);
  if (param->type == CHD_PARAM_ARRAY && g_variant_n_children (value) == 0 && chd_param_is_required (param))
    {
      *message = g_strdup (_ ("Add at least one entry."));
      return FALSE;
    }
  if (param->type == CHD_PARAM_OBJECT)
    for (guint i = 0; param->properties != NULL && param->properties[i] != NULL; i++)
      if (!g_variant_lookup (value, param->properties[i], "&s", NULL) &&
          (param->fallback == NULL || !g_variant_lookup (param->fallback, param->properties[i], "&s", NULL)))
        {
          *message = g_strdup_printf (_ ("“%s” needs a value."), param->properties[i]);
          return FALSE;
        }
  return TRUE;
}

/**
 * chd_params_find:
 * @params: (element-type ChdParam):
 *
 * Returns: (transfer none) (nullable):
 */
const ChdParam *
chd_params_find (GPtrArray *params, const char *name)
{
  for (guint i = 0; i < params->len; i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);

      if (g_strcmp0 (param->name, name) == 0)
        return param;
    }
  return NULL;
}

ChdResult *
chd_result_new (const char *name)
{
  ChdResult *result = g_new0 (ChdResult, 1);

  result->name = g_strdup (name);
  return result;
}

ChdResult *
chd_result_copy (const ChdResult *result)
{
  ChdResult *copy = chd_result_new (result->name);

  copy->type = result->type;
  copy->description = g_strdup (result->description);
  copy->extra = result->extra != NULL ? json_object_ref (result->extra) : NULL;
  return copy;
}

void
chd_result_free (ChdResult *result)
{
  g_free (result->name);
  g_free (result->description);
  g_clear_pointer (&result->extra, json_object_unref);
  g_free (result);
}

/**
 * chd_results_find:
 * @results: (element-type ChdResult):
 *
 * Returns: (transfer none) (nullable):
 */
const ChdResult *
chd_results_find (GPtrArray *results, const char *name)
{
  for (guint i = 0; i < results->len; i++)
    {
      const ChdResult *result = g_ptr_array_index (results, i);

      if (g_strcmp0 (result->name, name) == 0)
        return result;
    }
  return NULL;
}
