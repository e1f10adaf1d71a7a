/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Negotiating the form of an answer: the entries are tried in the order of the header, unknown ones are passed over. */

#include "config.h"

#include "chd-api-media.h"

#include <string.h>

#include "chd-api-error.h"

char *
chd_api_media_type (const char *header)
{
  g_auto (GStrv) parts = header != NULL ? g_strsplit (header, ";", 2) : NULL;
  g_autofree char *type = g_strdup (parts != NULL && parts[0] != NULL ? parts[0] : "");

  return g_ascii_strdown (g_strstrip (type), -1);
}

/* The parameters of one entry: only those that matter. */
typedef struct
{
  char *as;
  char *group;
  char *version;
} Parameters;

static void
read_parameter (Parameters *parameters, const char *text)
{
  g_auto (GStrv) pair = g_strsplit (text, "=", 2);
  char **slot = NULL;

  if (pair[0] == NULL || pair[1] == NULL)
    return;
  g_strstrip (pair[0]);
  g_strstrip (pair[1]);
  if (strcmp (pair[0], "as") == 0)
    slot = &parameters->as;
  else if (strcmp (pair[0], "g") == 0)
    slot = &parameters->group;
  else if (strcmp (pair[0], "v") == 0)
    slot = &parameters->version;
  if (slot == NULL)
    return;
  g_free (*slot);
  *slot = g_strdup (pair[1]);
}

static const char *
known_version (const char *version, const char *const *versions)
{
  for (guint i = 0; versions[i] != NULL; i++)
    if (g_strcmp0 (version, versions[i]) == 0)
      return versions[i];
  return NULL;
}

static gboolean
take_form (const Parameters *parameters, gboolean discovery, ChdApiMedia *media)
{
  static const char *const meta_versions[] = { "v1", "v1beta1", NULL };
  static const char *const discovery_versions[] = { "v2", "v2beta1", NULL };

  if (parameters->as == NULL)
    {
      media->as = CHD_API_AS_OBJECT;
      return TRUE;
    }
  if (g_strcmp0 (parameters->group, "meta.k8s.io") == 0 && !discovery)
    {
      media->version = known_version (parameters->version, meta_versions);
      if (strcmp (parameters->as, "Table") == 0)
        media->as = CHD_API_AS_TABLE;
      else if (g_str_has_prefix (parameters->as, "PartialObjectMetadata"))
        media->as = CHD_API_AS_METADATA;
      else
        return FALSE;
      return media->version != NULL;
    }
  if (g_strcmp0 (parameters->group, "apidiscovery.k8s.io") == 0 && discovery)
    {
      media->version = known_version (parameters->version, discovery_versions);
      media->as = CHD_API_AS_DISCOVERY;
      return media->version != NULL && strcmp (parameters->as, "APIGroupDiscoveryList") == 0;
    }
  return FALSE;
}

static gboolean
take_entry (const char *entry, gboolean discovery, ChdApiMedia *media)
{
  g_auto (GStrv) parts = g_strsplit (entry, ";", -1);
  g_autofree char *type = chd_api_media_type (entry);
  Parameters parameters = { NULL, NULL, NULL };
  gboolean json = strcmp (type, "application/json") == 0 || strcmp (type, "application/*") == 0 ||
                  strcmp (type, "*/*") == 0 || *type == '\0';
  gboolean yaml = strcmp (type, "application/yaml") == 0;
  gboolean taken = FALSE;

  if (json || yaml)
    {
      for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++)
        read_parameter (&parameters, parts[i]);
      media->yaml = yaml;
      taken = take_form (&parameters, discovery, media);
      g_free (parameters.as);
      g_free (parameters.group);
      g_free (parameters.version);
    }
  return taken;
}

gboolean
chd_api_media_negotiate (const char *accept, gboolean discovery, ChdApiMedia *media, GError **error)
{
  g_auto (GStrv) entries = g_strsplit (accept != NULL ? accept : "", ",", 64);

  memset (media, 0, sizeof *media);
  if (entries[0] == NULL)
    return TRUE;
  for (guint i = 0; entries[i] != NULL; i++)
    if (take_entry (entries[i], discovery, media))
      return TRUE;
  media->as = CHD_API_AS_OBJECT;
  media->yaml = FALSE;
  g_propagate_error (error, chd_api_error_new (406, "NotAcceptable", NULL,
                                               "only the following media types are accepted: application/json, "
                                               "application/yaml, application/vnd.kubernetes.protobuf"));
  return FALSE;
}
