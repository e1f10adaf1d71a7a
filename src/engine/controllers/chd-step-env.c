/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Environment variables of steps. */

#include "config.h"

#include "chd-step-env.h"

#include <string.h>

#include "chd-error.h"
#include "chd-json.h"

static const char *
find_value (GPtrArray *env, const char *name)
{
  for (guint i = 0; i + 1 < env->len; i += 2)
    if (g_str_equal (g_ptr_array_index (env, i), name))
      return g_ptr_array_index (env, i + 1);
  return NULL;
}

static void
set_value (GPtrArray *env, const char *name, const char *value)
{
  for (guint i = 0; i + 1 < env->len; i += 2)
    if (g_str_equal (g_ptr_array_index (env, i), name))
      {
        g_free (g_ptr_array_index (env, i + 1));
        g_ptr_array_index (env, i + 1) = g_strdup (value);
        return;
      }
  g_ptr_array_add (env, g_strdup (name));
  g_ptr_array_add (env, g_strdup (value));
}

char *
chd_step_env_expand (GPtrArray *env, const char *text)
{
  GString *result = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c++)
    {
      const char *end = strchr (c, ')');
      g_autofree char *name = NULL;
      const char *value;

      if (c[0] == '$' && c[1] == '$')
        {
          g_string_append_c (result, '$');
          c++;
          continue;
        }
      if (c[0] != '$' || c[1] != '(' || end == NULL)
        {
          g_string_append_c (result, *c);
          continue;
        }
      name = g_strndup (c + 2, (gsize) (end - c - 2));
      value = find_value (env, name);
      if (value != NULL)
        g_string_append (result, value);
      else
        g_string_append_len (result, c, end + 1 - c);
      c = end;
    }
  return g_string_free (result, FALSE);
}

static gboolean
refuse (GError **error, const char *format, const char *name)
{
  g_autofree char *message = g_strdup_printf ("%s \"%s\" not found", format, name);

  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, message);
  return FALSE;
}

/* A field of the Pod that does not depend on a machine. (transfer full) (nullable) */
static char *
read_field (JsonObject *run, const char *path)
{
  static const char *const maps[] = { "labels", "annotations" };

  if (g_str_equal (path, "metadata.name"))
    return g_strdup (chd_json_lookup_string (run, "status/podName", ""));
  if (g_str_equal (path, "metadata.namespace"))
    return g_strdup (chd_kube_get_namespace (run));
  if (g_str_equal (path, "metadata.uid"))
    return g_strdup (chd_kube_get_uid (run));
  if (g_str_equal (path, "spec.serviceAccountName"))
    return g_strdup (chd_json_lookup_string (run, "spec/serviceAccountName", ""));
  for (guint i = 0; i < G_N_ELEMENTS (maps); i++)
    {
      g_autofree char *prefix = g_strdup_printf ("metadata.%s['", maps[i]);

      if (g_str_has_prefix (path, prefix) && g_str_has_suffix (path, "']"))
        {
          g_autofree char *key = g_strndup (path + strlen (prefix), strlen (path) - strlen (prefix) - 2);

          return g_strdup (chd_json_string (chd_json_object (chd_json_object (run, "metadata"), maps[i]), key, ""));
        }
    }
  return NULL;
}

static gboolean
add_from_source (GPtrArray *env,
                 JsonObject *run,
                 const char *name,
                 JsonObject *source,
                 ChdFindConfigMapFunc find,
                 gpointer user_data,
                 GError **error)
{
  JsonObject *reference = chd_json_object (source, "configMapKeyRef");
  const char *field = chd_json_lookup_string (source, "fieldRef/fieldPath", NULL);

  if (reference != NULL)
    {
      const char *map_name = chd_json_string (reference, "name", "");
      JsonObject *map = find (chd_kube_get_namespace (run), map_name, user_data);
      const char *value = chd_json_string (chd_json_object (map, "data"), chd_json_string (reference, "key", ""), NULL);

      if (value != NULL)
        set_value (env, name, value);
      else if (!chd_json_bool (reference, "optional", FALSE))
        return map == NULL ? refuse (error, "configmap", map_name)
                           : refuse (error, "key in configmap", chd_json_string (reference, "key", ""));
      return TRUE;
    }
  if (field != NULL)
    {
      g_autofree char *value = read_field (run, field);

      if (value == NULL)
        return refuse (error, "fieldPath", field);
      set_value (env, name, value);
      return TRUE;
    }
  reference = chd_json_object (source, "secretKeyRef");
  if (chd_json_bool (reference, "optional", FALSE))
    return TRUE;
  return refuse (error, reference != NULL ? "secret" : "source of the variable",
                 reference != NULL ? chd_json_string (reference, "name", "") : name);
}

static gboolean
add_all_from (GPtrArray *env,
              JsonObject *run,
              JsonObject *source,
              ChdFindConfigMapFunc find,
              gpointer user_data,
              GError **error)
{
  JsonObject *reference = chd_json_object (source, "configMapRef");
  const char *prefix = chd_json_string (source, "prefix", "");
  JsonObject *map;
  JsonObject *data;
  g_autoptr (GList) names = NULL;

  if (reference == NULL)
    {
      reference = chd_json_object (source, "secretRef");
      return chd_json_bool (reference, "optional", FALSE)
                 ? TRUE
                 : refuse (error, "secret", chd_json_string (reference, "name", ""));
    }
  map = find (chd_kube_get_namespace (run), chd_json_string (reference, "name", ""), user_data);
  if (map == NULL && !chd_json_bool (reference, "optional", FALSE))
    return refuse (error, "configmap", chd_json_string (reference, "name", ""));
  data = chd_json_object (map, "data");
  names = data != NULL ? json_object_get_members (data) : NULL;
  for (GList *link = names; link != NULL; link = link->next)
    {
      g_autofree char *name = g_strconcat (prefix, (const char *) link->data, NULL);
      const char *value = chd_json_string (data, link->data, NULL);

      if (value != NULL && strchr (name, '=') == NULL)
        set_value (env, name, value);
    }
  return TRUE;
}

gboolean
chd_step_env_add (GPtrArray *env,
                  JsonObject *run,
                  JsonObject *container,
                  ChdFindConfigMapFunc find,
                  gpointer user_data,
                  GError **error)
{
  JsonArray *sources = chd_json_array (container, "envFrom");
  JsonArray *variables = chd_json_array (container, "env");

  for (guint i = 0; i < chd_json_length (sources); i++)
    if (!add_all_from (env, run, chd_json_object_at (sources, i), find, user_data, error))
      return FALSE;
  for (guint i = 0; i < chd_json_length (variables); i++)
    {
      JsonObject *variable = chd_json_object_at (variables, i);
      const char *name = chd_json_string (variable, "name", "");
      JsonObject *source = chd_json_object (variable, "valueFrom");

      if (*name == '\0' || strchr (name, '=') != NULL)
        continue;
      if (source != NULL)
        {
          if (!add_from_source (env, run, name, source, find, user_data, error))
            return FALSE;
        }
      else
        {
          g_autofree char *value = chd_step_env_expand (env, chd_json_string (variable, "value", ""));

          set_value (env, name, value);
        }
    }
  return TRUE;
}
