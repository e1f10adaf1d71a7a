/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A request while it is served: what it asks for, in parts, and the ways of answering it. */

#include "config.h"

#include "chd-api-request.h"

#include <string.h>

#include "chd-api-table.h"
#include "chd-json.h"
#include "chd-yaml.h"

static void
finished_cb (SoupServerMessage *message, ChdApiRequest *self)
{
  self->finished = TRUE;
  g_cancellable_cancel (self->cancellable);
}

static char **
split_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (*path == '/' ? path + 1 : path, "/", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; parts[i] != NULL; i++)
    {
      g_autofree char *part = g_uri_unescape_string (parts[i], NULL);

      if (part == NULL)
        part = g_strdup (parts[i]);
      if (*part == '\0' && parts[i + 1] == NULL && i > 0)
        break; /* one slash at the end means nothing */
      g_strv_builder_add (builder, part);
    }
  return g_strv_builder_end (builder);
}

static GHashTable *
parse_query (const char *query)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) pairs = g_strsplit (query != NULL ? query : "", "&", 256);

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      char *equals = strchr (pairs[i], '=');
      g_autofree char *name = NULL;
      g_autofree char *value = NULL;

      if (equals != NULL)
        *equals = '\0';
      g_strdelimit (pairs[i], "+", ' ');
      if (equals != NULL)
        g_strdelimit (equals + 1, "+", ' ');
      name = g_uri_unescape_string (pairs[i], NULL);
      value = g_uri_unescape_string (equals != NULL ? equals + 1 : "", NULL);
      if (name != NULL && *name != '\0' && value != NULL && !g_hash_table_contains (table, name))
        g_hash_table_insert (table, g_steal_pointer (&name), g_steal_pointer (&value));
    }
  return table;
}

/* Answers are indented for people at a terminal or a browser. */
static gboolean
wants_pretty (ChdApiRequest *self)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *agent = soup_message_headers_get_one (headers, "User-Agent");

  if (chd_api_request_query (self, "pretty") != NULL)
    return chd_api_request_flag (self, "pretty");
  return agent != NULL && (g_str_has_prefix (agent, "curl") || g_str_has_prefix (agent, "Wget") ||
                           g_str_has_prefix (agent, "Mozilla/5.0"));
}

ChdApiRequest *
chd_api_request_new (SoupServerMessage *message, ChdObjectStore *store, const char *folder)
{
  ChdApiRequest *self = g_rc_box_new0 (ChdApiRequest);
  GUri *uri = soup_server_message_get_uri (message);

  self->message = g_object_ref (message);
  self->store = g_object_ref (store);
  self->folder = g_strdup (folder);
  self->segments = split_path (g_uri_get_path (uri));
  self->query = parse_query (g_uri_get_query (uri));
  self->warnings = g_ptr_array_new_with_free_func (g_free);
  self->cancellable = g_cancellable_new ();
  g_signal_connect (message, "finished", G_CALLBACK (finished_cb), self);
  return self;
}

static void
request_clear (gpointer data)
{
  ChdApiRequest *self = data;

  g_signal_handlers_disconnect_by_data (self->message, self);
  g_object_unref (self->message);
  g_object_unref (self->store);
  g_object_unref (self->cancellable);
  chd_api_target_clear (&self->target);
  g_free (self->folder);
  g_strfreev (self->segments);
  g_hash_table_unref (self->query);
  g_free (self->user);
  g_strfreev (self->groups);
  g_ptr_array_unref (self->warnings);
}

ChdApiRequest *
chd_api_request_ref (ChdApiRequest *self)
{
  return g_rc_box_acquire (self);
}

void
chd_api_request_unref (ChdApiRequest *self)
{
  g_rc_box_release_full (self, request_clear);
}

const char *
chd_api_request_query (ChdApiRequest *self, const char *name)
{
  return g_hash_table_lookup (self->query, name);
}

gboolean
chd_api_request_flag (ChdApiRequest *self, const char *name)
{
  const char *value = chd_api_request_query (self, name);

  return value != NULL && strcmp (value, "0") != 0 && g_ascii_strcasecmp (value, "false") != 0;
}

gboolean
chd_api_request_int (ChdApiRequest *self, const char *name, gint64 fallback, gint64 *value, GError **error)
{
  const char *text = chd_api_request_query (self, name);
  char *end;

  *value = fallback;
  if (text == NULL || *text == '\0')
    return TRUE;
  errno = 0;
  *value = g_ascii_strtoll (text, &end, 10);
  if (*end == '\0' && errno == 0 && !g_ascii_isspace (*text))
    return TRUE;
  g_propagate_error (error, chd_api_error_bad_request ("strconv.ParseInt: parsing \"%s\": %s", text,
                                                       errno == ERANGE ? "value out of range" : "invalid syntax"));
  return FALSE;
}

char *
chd_api_request_manager (ChdApiRequest *self)
{
  const char *manager = chd_api_request_query (self, "fieldManager");
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *agent = soup_message_headers_get_one (headers, "User-Agent");

  if (manager != NULL && *manager != '\0')
    return g_strdup (manager);
  if (agent == NULL || *agent == '\0' || *agent == '/')
    return g_strdup ("unknown");
  return g_strndup (agent, MIN (strcspn (agent, "/"), 128));
}

void
chd_api_request_hold (ChdApiRequest *self)
{
  if (self->paused)
    return;
  self->paused = TRUE;
  soup_server_message_pause (self->message);
}

static void
reply (ChdApiRequest *self, guint code, const char *content_type, char *body, gsize length)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);

  if (self->finished)
    {
      g_free (body);
      return;
    }
  for (guint i = 0; i < self->warnings->len; i++)
    {
      g_autofree char *text = g_strescape (self->warnings->pdata[i], NULL);
      g_autofree char *warning = g_strdup_printf ("299 - \"%s\"", text);

      soup_message_headers_append (headers, "Warning", warning);
    }
  soup_message_headers_replace (headers, "Cache-Control", "no-cache, private");
  soup_server_message_set_status (self->message, code, NULL);
  soup_server_message_set_response (self->message, content_type, SOUP_MEMORY_TAKE, body, length);
  if (self->paused)
    {
      self->paused = FALSE;
      soup_server_message_unpause (self->message);
    }
}

void
chd_api_reply_text (ChdApiRequest *self, guint code, const char *text)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (self->message), "X-Content-Type-Options",
                                "nosniff");
  reply (self, code, "text/plain; charset=utf-8", g_strdup (text), strlen (text));
}

void
chd_api_reply_not_found (ChdApiRequest *self)
{
  chd_api_reply_text (self, 404, "404 page not found\n");
}

void
chd_api_reply_json (ChdApiRequest *self, guint code, JsonObject *object, const char *content_type)
{
  gsize length = 0;
  char *text;

  if (self->media.yaml && content_type == NULL)
    {
      text = chd_yaml_write_object (object);
      reply (self, code, "application/yaml", text, strlen (text));
      return;
    }
  text = chd_json_write_object (object, self->media.pretty || wants_pretty (self), &length);
  reply (self, code, content_type != NULL ? content_type : "application/json", text, length);
}

void
chd_api_reply_error (ChdApiRequest *self, const GError *error)
{
  g_autoptr (JsonObject) status = chd_api_error_to_status (error);
  guint retry_after = chd_api_error_get_retry_after (error);

  if (retry_after != 0)
    {
      g_autofree char *text = g_strdup_printf ("%u", retry_after);

      soup_message_headers_replace (soup_server_message_get_response_headers (self->message), "Retry-After", text);
    }
  chd_api_reply_json (self, chd_api_error_get_code (error), status, "application/json");
}

JsonObject *
chd_api_present (ChdApiRequest *self, JsonObject *object)
{
  switch (self->media.as)
    {
    case CHD_API_AS_TABLE:
      {
        g_autoptr (GPtrArray) rows = g_ptr_array_new ();

        g_ptr_array_add (rows, object);
        return chd_api_table_new (self->target.resource, rows, self->media.version,
                                  chd_api_request_query (self, "includeObject"), chd_kube_get_resource_version (object),
                                  NULL, -1);
      }
    case CHD_API_AS_METADATA:
      return chd_api_table_metadata_of (object, self->media.version);
    default:
      return json_object_ref (object);
    }
}

void
chd_api_reply_object (ChdApiRequest *self, guint code, JsonObject *object)
{
  g_autoptr (JsonObject) presented = chd_api_present (self, object);

  chd_api_reply_json (self, code, presented, NULL);
}
