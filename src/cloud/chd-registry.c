/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One registry: its name, its address and what is remembered about it. Reading is in chd-registry-read.c, uploading in
 * chd-registry-push.c and chd-registry-upload.c, signing in in chd-registry-auth.c. Main thread only. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <libsoup/soup.h>
#include <string.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-image-reference.h"
#include "chd-registry-private.h"
#include "chd-util.h"

struct _ChdRegistry
{
  GObject parent_instance;

  ChdHttp *http; /* (owned) */
  char *host;    /* (owned) */
  ChdRegistryAuth auth;
  GHashTable *sessions; /* (owned) "repository@digest" → location */
};

G_DEFINE_FINAL_TYPE (ChdRegistry, chd_registry, G_TYPE_OBJECT)

gboolean
chd_registry_check_names (const char *repository, const char *selector, GError **error)
{
  g_autofree char *shown = NULL;

  if (chd_oci_is_repository (repository) &&
      (selector == NULL || chd_oci_is_digest (selector) || chd_oci_is_tag (selector)))
    return TRUE;
  shown = chd_str_sanitize (chd_oci_is_repository (repository) ? selector : repository, -1, 300);
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
               /* Translators: %s is what somebody wrote as the name of an image */
               _ ("“%s” cannot be part of an image’s name. It looks like “environments/shell:1”."), shown);
  return FALSE;
}

char *
chd_registry_describe (ChdRegistry *self, const char *repository, const char *selector)
{
  g_autofree char *shown = chd_str_sanitize (self->host, -1, 253);

  if (selector == NULL)
    return g_strdup_printf ("“%s/%s”", shown, repository);
  return g_strdup_printf ("“%s/%s%s%s”", shown, repository, chd_oci_is_digest (selector) ? "@" : ":", selector);
}

ChdHttp *
chd_registry_get_http (ChdRegistry *self)
{
  return self->http;
}

ChdRegistryAuth *
chd_registry_get_auth (ChdRegistry *self)
{
  return &self->auth;
}

char *
chd_registry_get_media_type (ChdHttpResponse *response)
{
  const char *header = chd_http_response_get_header (response, "Content-Type");
  char *type = g_strdup (header != NULL ? header : "");

  type[strcspn (type, ";")] = '\0';
  return g_strstrip (type);
}

char *
chd_registry_resolve (ChdRegistry *self, ChdHttpResponse *response, const char *location, GError **error)
{
  const char *base = chd_http_response_get_url (response);
  g_autofree char *absolute =
      location != NULL ? g_uri_resolve_relative (base, location, SOUP_HTTP_URI_FLAGS, NULL) : NULL;
  g_autofree char *shown = NULL;

  if (absolute != NULL && chd_http_same_origin (absolute, chd_http_get_url (self->http)))
    return g_steal_pointer (&absolute);
  if (absolute == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_FAILED,
                   /* Translators: %s is a host name */
                   _ ("%s gave an answer that cannot be used."), chd_http_get_host (self->http));
      return NULL;
    }
  shown = chd_str_sanitize (absolute, -1, 300);
  g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
               /* Translators: host name, address */
               _ ("%s sends this request on to another server, which was not asked: %s"),
               chd_http_get_host (self->http), shown);
  return NULL;
}

const char *
chd_registry_get_session (ChdRegistry *self, const char *repository, const char *digest)
{
  g_autofree char *key = g_strconcat (repository, "@", digest, NULL);

  return g_hash_table_lookup (self->sessions, key);
}

/* @location: (nullable): %NULL forgets it */
void
chd_registry_set_session (ChdRegistry *self, const char *repository, const char *digest, const char *location)
{
  g_autofree char *key = g_strconcat (repository, "@", digest, NULL);

  if (location != NULL)
    g_hash_table_replace (self->sessions, g_steal_pointer (&key), g_strdup (location));
  else
    g_hash_table_remove (self->sessions, key);
}

static void
chd_registry_finalize (GObject *object)
{
  ChdRegistry *self = CHD_REGISTRY (object);

  chd_registry_auth_clear (&self->auth);
  g_hash_table_unref (self->sessions);
  g_clear_object (&self->http);
  g_free (self->host);
  G_OBJECT_CLASS (chd_registry_parent_class)->finalize (object);
}

static void
chd_registry_class_init (ChdRegistryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_registry_finalize;
}

static void
chd_registry_init (ChdRegistry *self)
{
  chd_registry_auth_init (&self->auth);
  self->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

ChdRegistry *
chd_registry_new (ChdHttp *http, const char *host)
{
  ChdRegistry *self = g_object_new (CHD_TYPE_REGISTRY, NULL);

  self->http = g_object_ref (http);
  if (host != NULL)
    {
      self->host = g_strdup (host);
    }
  else
    {
      g_autoptr (GUri) uri = g_uri_parse (chd_http_get_url (http), SOUP_HTTP_URI_FLAGS, NULL);
      const char *name = g_uri_get_host (uri);
      gboolean numbers = strchr (name, ':') != NULL;
      int port = g_uri_get_port (uri);

      self->host = g_strdup_printf (numbers ? "[%s]" : "%s", name);
      if (port > 0 && port != (g_strcmp0 (g_uri_get_scheme (uri), "https") == 0 ? 443 : 80))
        {
          g_autofree char *bare = g_steal_pointer (&self->host);

          self->host = g_strdup_printf ("%s:%d", bare, port);
        }
    }
  return self;
}

/**
 * chd_registry_new_for_connection:
 * Returns: (transfer full): the registry that belongs to the engine, as chd_http_new_for_registry()
 */
ChdRegistry *
chd_registry_new_for_connection (ChdConnection *connection, GError **error)
{
  g_autoptr (ChdHttp) http = chd_http_new_for_registry (connection, error);

  return http != NULL ? chd_registry_new (http, NULL) : NULL;
}

const char *
chd_registry_get_host (ChdRegistry *self)
{
  return self->host;
}

/**
 * chd_registry_set_login:
 * @username: (nullable): %NULL for none
 */
void
chd_registry_set_login (ChdRegistry *self, const char *username, const char *password)
{
  chd_registry_auth_clear (&self->auth);
  chd_registry_auth_init (&self->auth);
  self->auth.username = g_strdup (username);
  self->auth.password = g_strdup (password);
}
