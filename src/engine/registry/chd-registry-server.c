/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * OCI Distribution over the engine's HTTP server: which request means what, manifests and lists. Blobs are in
 * chd-registry-blobs.c.
 *
 * We are no stricter than a client has to expect: a manifest is served whatever the Accept header says, since its type
 * is told, and every error has the registry's own form. */

#include "config.h"

#include "chd-registry-server.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-json.h"
#include "chd-registry-exchange.h"

/* As many names as one answer holds when nobody asks for fewer. */
#define MAX_PAGE 10000

struct _ChdRegistryServer
{
  GObject parent_instance;

  ChdRegistryStore *store; /* (owned) */
};

G_DEFINE_FINAL_TYPE (ChdRegistryServer, chd_registry_server, G_TYPE_OBJECT)

static void
chd_registry_server_finalize (GObject *object)
{
  ChdRegistryServer *self = CHD_REGISTRY_SERVER (object);

  g_object_unref (self->store);
  G_OBJECT_CLASS (chd_registry_server_parent_class)->finalize (object);
}

static void
chd_registry_server_class_init (ChdRegistryServerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_registry_server_finalize;
}

static void
chd_registry_server_init (ChdRegistryServer *self)
{
}

ChdRegistryServer *
chd_registry_server_new (ChdRegistryStore *store)
{
  ChdRegistryServer *self;

  g_return_val_if_fail (CHD_IS_REGISTRY_STORE (store), NULL);

  self = g_object_new (CHD_TYPE_REGISTRY_SERVER, NULL);
  self->store = g_object_ref (store);
  return self;
}

static gboolean
is_reading (ChdRegistryExchange *self)
{
  const char *method = soup_server_message_get_method (self->message);

  return strcmp (method, "GET") == 0 || strcmp (method, "HEAD") == 0;
}

static void
send_manifest (ChdRegistryExchange *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *type = NULL;
  g_autoptr (GBytes) bytes =
      chd_registry_store_get_manifest (self->store, self->repository, self->reference, &digest, &type, &error);

  if (bytes != NULL)
    chd_registry_exchange_reply_bytes (self, type, digest, bytes);
  else
    chd_registry_exchange_fail (self, error);
}

static void
put_manifest (ChdRegistryExchange *self)
{
  g_autoptr (GBytes) bytes = g_bytes_new (self->body->data, self->body->len);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  self->digest =
      chd_registry_store_put_manifest (self->store, self->repository, self->reference, bytes, type != NULL ? type : "",
                                       &self->missing, &self->subject, &self->error);
}

static void
answer_manifest (ChdRegistryExchange *self)
{
  g_autofree char *location = g_strdup_printf ("/v2/%s/manifests/%s", self->repository, self->digest);

  chd_registry_exchange_set_header (self, "Location", location);
  chd_registry_exchange_set_header (self, "Docker-Content-Digest", self->digest);
  if (self->subject != NULL)
    chd_registry_exchange_set_header (self, "OCI-Subject", self->subject);
  chd_registry_exchange_reply (self, 201);
}

static void
delete_manifest (ChdRegistryExchange *self)
{
  chd_registry_store_delete_manifest (self->store, self->repository, self->reference, &self->error);
}

static void
answer_deleted (ChdRegistryExchange *self)
{
  chd_registry_exchange_reply (self, 202);
}

void
chd_registry_serve_manifest (ChdRegistryExchange *self)
{
  const char *method = soup_server_message_get_method (self->message);

  if (is_reading (self))
    send_manifest (self);
  else if (strcmp (method, "DELETE") == 0)
    chd_registry_exchange_run (self, delete_manifest, answer_deleted);
  else if (strcmp (method, "PUT") == 0)
    {
      self->body = g_byte_array_new ();
      chd_registry_exchange_read_body (self, put_manifest, answer_manifest);
    }
  else
    chd_registry_exchange_fail_code (self, "UNSUPPORTED", _ ("The registry does not do this."));
}

/* Sends the page of @names (sorted) that the query asks for, and where the next one is. */
static void
send_page (ChdRegistryExchange *self, const char *path, JsonObject *object, const char *member, char **names)
{
  const char *wanted = chd_registry_exchange_query (self, "n");
  const char *last = chd_registry_exchange_query (self, "last");
  JsonArray *page = json_array_new ();
  guint64 count = MAX_PAGE;
  guint i = 0;

  if (wanted != NULL && !g_ascii_string_to_unsigned (wanted, 10, 0, G_MAXUINT32, &count, NULL))
    {
      json_array_unref (page);
      chd_registry_exchange_fail_code (self, "PAGINATION_NUMBER_INVALID", _ ("The size of a page is not a number."));
      return;
    }
  count = MIN (count, MAX_PAGE);
  while (last != NULL && names[i] != NULL && strcmp (names[i], last) <= 0)
    i++;
  for (; names[i] != NULL && json_array_get_length (page) < count; i++)
    json_array_add_string_element (page, names[i]);
  if (names[i] != NULL && count > 0)
    {
      g_autofree char *escaped = g_uri_escape_string (names[i - 1], NULL, FALSE);
      g_autofree char *link =
          g_strdup_printf ("<%s?last=%s&n=%" G_GUINT64_FORMAT ">; rel=\"next\"", path, escaped, count);

      chd_registry_exchange_set_header (self, "Link", link);
    }
  json_object_set_array_member (object, member, page);
  chd_registry_exchange_reply_json (self, 200, "application/json", object);
}

void
chd_registry_serve_tags (ChdRegistryExchange *self)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) tags = chd_registry_store_list_tags (self->store, self->repository, &error);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *path = g_strdup_printf ("/v2/%s/tags/list", self->repository);

  json_object_set_string_member (object, "name", self->repository);
  if (tags != NULL)
    send_page (self, path, object, "tags", tags);
  else
    chd_registry_exchange_fail (self, error);
}

void
chd_registry_serve_catalog (ChdRegistryExchange *self)
{
  g_auto (GStrv) names = chd_registry_store_list_repositories (self->store);
  g_autoptr (JsonObject) object = json_object_new ();

  send_page (self, "/v2/_catalog", object, "repositories", names);
}

void
chd_registry_serve_referrers (ChdRegistryExchange *self)
{
  g_autoptr (GError) error = NULL;
  const char *type = chd_registry_exchange_query (self, "artifactType");
  g_autoptr (JsonObject) index =
      chd_registry_store_list_referrers (self->store, self->repository, self->reference, type, &error);

  if (index == NULL)
    {
      chd_registry_exchange_fail (self, error);
      return;
    }
  if (type != NULL)
    chd_registry_exchange_set_header (self, "OCI-Filters-Applied", "artifactType");
  chd_registry_exchange_reply_json (self, 200, CHD_OCI_TYPE_INDEX, index);
}

typedef struct
{
  const char *middle; /* between the repository's name and the reference */
  gboolean has_reference;
  gboolean reads_only;
  ChdRegistryWork serve;
} Route;

static const Route routes[] = {
  { "/blobs/uploads/", TRUE, FALSE, chd_registry_serve_upload },
  { "/blobs/uploads/", FALSE, FALSE, chd_registry_serve_uploads },
  { "/blobs/uploads", FALSE, FALSE, chd_registry_serve_uploads },
  { "/blobs/", TRUE, FALSE, chd_registry_serve_blob },
  { "/manifests/", TRUE, FALSE, chd_registry_serve_manifest },
  { "/referrers/", TRUE, TRUE, chd_registry_serve_referrers },
  { "/tags/list", FALSE, TRUE, chd_registry_serve_tags },
};

/* @path: behind "/v2/". A repository's name may itself have parts like "blobs": the last ones count. */
static const Route *
find_route (ChdRegistryExchange *self, const char *path)
{
  for (guint i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      const char *found = g_strrstr (path, routes[i].middle);
      const char *reference = found != NULL ? found + strlen (routes[i].middle) : NULL;

      if (found == NULL || strchr (reference, '/') != NULL || (*reference != '\0') != routes[i].has_reference)
        continue;
      self->repository = g_strndup (path, (gsize) (found - path));
      self->reference = routes[i].has_reference ? g_strdup (reference) : NULL;
      return &routes[i];
    }
  return NULL;
}

void
chd_registry_server_handle (ChdRegistryServer *self,
                            SoupServer *server,
                            SoupServerMessage *message,
                            const char *path,
                            GHashTable *query)
{
  ChdRegistryExchange *exchange;
  const Route *route;

  g_return_if_fail (CHD_IS_REGISTRY_SERVER (self));
  g_return_if_fail (g_str_has_prefix (path, "/v2"));

  exchange = chd_registry_exchange_new (self->store, message, query);
  path += strlen ("/v2");
  if ((*path == '\0' || strcmp (path, "/") == 0) && is_reading (exchange))
    {
      g_autoptr (JsonObject) nothing = json_object_new ();

      chd_registry_exchange_reply_json (exchange, 200, "application/json", nothing);
      return;
    }
  if (strcmp (path, "/_catalog") == 0 && is_reading (exchange))
    {
      chd_registry_serve_catalog (exchange);
      return;
    }
  route = *path == '/' ? find_route (exchange, path + 1) : NULL;
  if (route == NULL)
    chd_registry_exchange_fail_code (exchange, "NAME_UNKNOWN", _ ("The registry has nothing at this path."));
  else if (!chd_oci_is_repository (exchange->repository))
    chd_registry_exchange_fail_code (exchange, "NAME_INVALID", _ ("This is not a valid name of an image."));
  else if (route->reads_only && !is_reading (exchange))
    chd_registry_exchange_fail_code (exchange, "UNSUPPORTED", _ ("The registry does not do this."));
  else
    route->serve (exchange);
}
