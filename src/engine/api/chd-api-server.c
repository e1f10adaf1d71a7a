/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The API over HTTP: listening, the way of a request from the door to the verb that serves it, and counting who is
 * there. */

#include "config.h"

#include "chd-api-server.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "chd-api-body.h"
#include "chd-api-discovery.h"
#include "chd-api-door.h"
#include "chd-api-listen.h"
#include "chd-api-log.h"
#include "chd-api-modify.h"
#include "chd-api-read.h"
#include "chd-api-request.h"
#include "chd-api-review.h"
#include "chd-api-tls.h"
#include "chd-api-watch.h"
#include "chd-json.h"

#define REQUEST_KEY "chd-api-request"
#define PRIVATE_PATH "chain-engine"

struct _ChdApiServer
{
  GObject parent_instance;

  ChdObjectStore *store;
  ChdRegistryServer *registry; /* (nullable) */
  char *folder;
  SoupServer *server;
  GSocketService *service; /* (nullable) of the Unix socket */
  char *socket_path;       /* (nullable) */
  ChdApiTls *tls;          /* (owned) (nullable) */
  guint16 port;            /* 0 until TCP is open */
  guint n_busy;
  ChdApiPrivateFunc private_func;
  gpointer private_data;
};

G_DEFINE_FINAL_TYPE (ChdApiServer, chd_api_server, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_N_BUSY,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

static void
set_busy (ChdApiServer *self, int change)
{
  self->n_busy = (guint) ((int) self->n_busy + change);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_BUSY]);
}

static ChdApiRequest *
get_request (SoupServerMessage *message)
{
  return g_object_get_data (G_OBJECT (message), REQUEST_KEY);
}

static void
finished_cb (SoupServerMessage *message, ChdApiServer *self)
{
  g_object_set_data (G_OBJECT (message), REQUEST_KEY, NULL);
  set_busy (self, -1);
}

static gboolean
is_first (ChdApiRequest *request, const char *name)
{
  return g_strcmp0 (request->segments[0], name) == 0;
}

/* What may be read without credentials, as on a real server. */
static gboolean
is_open (ChdApiRequest *request)
{
  static const char *const open[] = { "version", "healthz", "livez", "readyz", NULL };

  return request->segments[0] != NULL && request->segments[1] == NULL && g_strv_contains (open, request->segments[0]);
}

/* When the headers are there: who may not come in is told so, and images go their own way. */
static void
early_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  ChdApiServer *self = user_data;
  ChdApiRequest *request = chd_api_request_new (message, self->store, self->folder);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gboolean discovery = (is_first (request, "api") || is_first (request, "apis")) && request->segments[1] == NULL;
  g_autoptr (GError) error = NULL;

  g_object_set_data_full (G_OBJECT (message), REQUEST_KEY, request, (GDestroyNotify) chd_api_request_unref);
  set_busy (self, 1);
  g_signal_connect_object (message, "finished", G_CALLBACK (finished_cb), self, 0);
  if (!chd_api_door_check (message, self->tls != NULL ? self->tls->token : NULL, is_open (request), &error))
    {
      soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection", "close");
      chd_api_reply_error (request, error);
      return;
    }
  chd_api_door_identify (message, &request->user, &request->groups);
  if (is_first (request, "v2") && self->registry != NULL)
    {
      chd_registry_server_handle (self->registry, server, message, path, query);
      return;
    }
  chd_api_door_limit_body (message, CHD_JSON_MAX_OBJECT);
  if (!chd_api_media_negotiate (soup_message_headers_get_one (headers, "Accept"), discovery, &request->media, &error))
    {
      if (chd_api_target_parse ((const char *const *) request->segments, &request->target) &&
          g_strcmp0 (request->target.subresource, "log") == 0)
        chd_api_target_clear (&request->target); /* logs are text, whatever is asked for */
      else if (request->target.resource != NULL)
        chd_api_reply_error (request, error);
      chd_api_target_clear (&request->target);
    }
}

static void
serve_private (ChdApiServer *self, ChdApiRequest *request)
{
  g_autoptr (JsonObject) answer = NULL;
  g_autoptr (GError) error = NULL;
  gboolean own = G_IS_UNIX_SOCKET_ADDRESS (soup_server_message_get_remote_address (request->message));

  if (!own || self->private_func == NULL || request->segments[1] == NULL || request->segments[2] != NULL)
    {
      chd_api_reply_not_found (request);
      return;
    }
  answer = self->private_func (request->segments[1], self->private_data, &error);
  if (answer != NULL)
    chd_api_reply_json (request, 200, answer, "application/json");
  else if (error != NULL)
    chd_api_reply_error (request, error);
  else
    chd_api_reply_not_found (request);
}

static void
refuse_method (ChdApiRequest *request)
{
  g_autoptr (GError) error = chd_api_error_method_not_allowed ();

  chd_api_reply_error (request, error);
}

static void
serve_review (ChdApiRequest *request)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) body = chd_api_body_object (request, FALSE, &error);

  if (body != NULL)
    chd_api_review (request, body);
  else
    chd_api_reply_error (request, error);
}

static void
serve_post (ChdApiRequest *request)
{
  ChdApiTarget *target = &request->target;
  const ChdApiResource *resource = target->resource;

  if ((resource->verbs & CHD_API_LIST) == 0 && target->name == NULL)
    serve_review (request);
  else if (target->subresource != NULL || (target->name != NULL && !resource->custom))
    refuse_method (request);
  else if (resource->kube->namespaced && target->namespace_ == NULL)
    chd_api_reply_not_found (request);
  else
    {
      g_clear_pointer (&target->name, g_free);
      chd_api_create (request);
    }
}

static void
serve_get (ChdApiRequest *request)
{
  ChdApiTarget *target = &request->target;

  if (g_strcmp0 (target->subresource, "log") == 0)
    chd_api_log (request);
  else if (target->name != NULL)
    chd_api_get (request);
  else if (chd_api_request_flag (request, "watch"))
    chd_api_watch (request);
  else
    chd_api_list (request);
}

static ChdApiVerbs
verb_of (ChdApiRequest *request, const char *method)
{
  gboolean named = request->target.name != NULL;

  if (strcmp (method, SOUP_METHOD_GET) == 0 || strcmp (method, SOUP_METHOD_HEAD) == 0)
    return named ? CHD_API_GET : CHD_API_LIST;
  if (strcmp (method, SOUP_METHOD_POST) == 0)
    return CHD_API_CREATE;
  if (strcmp (method, SOUP_METHOD_PUT) == 0)
    return CHD_API_UPDATE;
  if (strcmp (method, "PATCH") == 0)
    return CHD_API_PATCH;
  if (strcmp (method, SOUP_METHOD_DELETE) == 0)
    return named ? CHD_API_DELETE : CHD_API_DELETE_COLLECTION;
  return 0;
}

static void
serve_target (ChdApiRequest *request)
{
  ChdApiTarget *target = &request->target;
  ChdApiVerbs verb = verb_of (request, soup_server_message_get_method (request->message));
  gboolean on_log = g_strcmp0 (target->subresource, "log") == 0;

  if (verb == CHD_API_UPDATE && target->name == NULL)
    {
      g_autoptr (GError) error = chd_api_error_bad_request ("name must be provided");

      chd_api_reply_error (request, error);
      return;
    }
  if ((target->resource->verbs & verb) == 0 || (on_log && verb != CHD_API_GET) ||
      (target->subresource != NULL && verb == CHD_API_DELETE))
    {
      refuse_method (request);
      return;
    }
  switch (verb)
    {
    case CHD_API_CREATE:
      serve_post (request);
      break;
    case CHD_API_UPDATE:
      chd_api_update (request);
      break;
    case CHD_API_PATCH:
      if (target->name == NULL)
        refuse_method (request);
      else
        chd_api_patch (request);
      break;
    case CHD_API_DELETE:
      chd_api_delete (request);
      break;
    case CHD_API_DELETE_COLLECTION:
      if (target->resource->kube->namespaced && target->namespace_ == NULL)
        refuse_method (request);
      else
        chd_api_delete_collection (request);
      break;
    default:
      serve_get (request);
    }
}

/* When the body is there. */
static void
handler_cb (SoupServer *server, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  ChdApiServer *self = user_data;
  ChdApiRequest *request = get_request (message);
  const char *method = soup_server_message_get_method (message);

  if (request == NULL || (is_first (request, "v2") && self->registry != NULL))
    return;
  if (chd_api_door_body_too_long (message))
    {
      g_autoptr (GError) error = chd_api_error_new (413, "RequestEntityTooLarge", NULL,
                                                    "Request entity too large: limit is %d", CHD_JSON_MAX_OBJECT);

      soup_message_headers_replace (soup_server_message_get_response_headers (message), "Connection", "close");
      chd_api_reply_error (request, error);
    }
  else if (is_first (request, PRIVATE_PATH))
    serve_private (self, request);
  else if (chd_api_target_parse ((const char *const *) request->segments, &request->target))
    serve_target (request);
  else if (strcmp (method, SOUP_METHOD_GET) != 0 && strcmp (method, SOUP_METHOD_HEAD) != 0)
    chd_api_reply_not_found (request);
  else if (!chd_api_discover (request))
    chd_api_reply_not_found (request);
}

ChdApiServer *
chd_api_server_new (ChdObjectStore *store, ChdRegistryServer *registry, const char *folder)
{
  ChdApiServer *self = g_object_new (CHD_TYPE_API_SERVER, NULL);

  self->store = g_object_ref (store);
  g_set_object (&self->registry, registry);
  self->folder = g_strdup (folder);
  return self;
}

void
chd_api_server_set_private_func (ChdApiServer *self, ChdApiPrivateFunc func, gpointer user_data)
{
  g_return_if_fail (CHD_IS_API_SERVER (self));

  self->private_func = func;
  self->private_data = user_data;
}

static gboolean
incoming_cb (GSocketService *service, GSocketConnection *connection, GObject *source, ChdApiServer *self)
{
  if (chd_api_door_admit_peer (connection))
    chd_api_door_accept (self->server, connection);
  return TRUE;
}

gboolean
chd_api_server_listen_socket (ChdApiServer *self, const char *path, GError **error)
{
  g_return_val_if_fail (CHD_IS_API_SERVER (self), FALSE);

  self->service = chd_api_listen_unix (self->server, path, error);
  if (self->service == NULL)
    return FALSE;
  g_signal_connect_object (self->service, "incoming", G_CALLBACK (incoming_cb), self, 0);
  g_socket_service_start (self->service);
  self->socket_path = g_strdup (path);
  return TRUE;
}

char *
chd_api_server_listen_tcp (ChdApiServer *self, guint16 port, GError **error)
{
  g_return_val_if_fail (CHD_IS_API_SERVER (self), NULL);

  if (self->tls == NULL)
    self->tls = chd_api_tls_load (self->folder, error);
  if (self->tls == NULL)
    return NULL;
  if (self->port == 0)
    self->port = chd_api_listen_loopback (self->server, self->tls->certificate, port, error);
  if (self->port == 0)
    return NULL;
  return chd_api_tls_make_kubeconfig (self->tls, self->port);
}

guint
chd_api_server_get_n_busy (ChdApiServer *self)
{
  g_return_val_if_fail (CHD_IS_API_SERVER (self), 0);

  return self->n_busy;
}

void
chd_api_server_stop (ChdApiServer *self)
{
  g_return_if_fail (CHD_IS_API_SERVER (self));

  if (self->service != NULL)
    {
      g_socket_service_stop (self->service);
      g_socket_listener_close (G_SOCKET_LISTENER (self->service));
      g_clear_object (&self->service);
      g_unlink (self->socket_path);
    }
  soup_server_disconnect (self->server);
}

static void
chd_api_server_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_N_BUSY)
    g_value_set_uint (value, CHD_API_SERVER (object)->n_busy);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
chd_api_server_dispose (GObject *object)
{
  ChdApiServer *self = CHD_API_SERVER (object);

  if (self->server != NULL)
    chd_api_server_stop (self);
  g_clear_object (&self->server);
  g_clear_object (&self->registry);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (chd_api_server_parent_class)->dispose (object);
}

static void
chd_api_server_finalize (GObject *object)
{
  ChdApiServer *self = CHD_API_SERVER (object);

  g_clear_pointer (&self->tls, chd_api_tls_free);
  g_free (self->socket_path);
  g_free (self->folder);
  G_OBJECT_CLASS (chd_api_server_parent_class)->finalize (object);
}

static void
chd_api_server_class_init (ChdApiServerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = chd_api_server_get_property;
  object_class->dispose = chd_api_server_dispose;
  object_class->finalize = chd_api_server_finalize;
  properties[PROP_N_BUSY] = g_param_spec_uint ("n-busy", NULL, NULL, 0, G_MAXUINT, 0,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
chd_api_server_init (ChdApiServer *self)
{
  self->server = soup_server_new (NULL, NULL);
  soup_server_add_early_handler (self->server, NULL, early_cb, self, NULL);
  soup_server_add_handler (self->server, NULL, handler_cb, self, NULL);
}
