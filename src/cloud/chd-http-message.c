/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A request before it is sent, and what came back. */

#include "config.h"

#include "chd-http-private.h"
#include "chd-json.h"
#include "chd-util.h"

/* A header that is shown (a warning, a reason) is cut here. */
#define MAX_HEADER (64 * 1024)

struct _ChdHttpResponse
{
  gatomicrefcount ref_count;
  SoupSession *session; /* (owned) keeps the connection of the stream */
  SoupMessage *message; /* (owned) */
  GInputStream *stream; /* (owned) (nullable) */
  GBytes *body;         /* (owned) (nullable) */
  char *url;            /* (owned) */
  GHashTable *headers;  /* (owned) lower case name → harmless value, of those asked for */
};

ChdHttpRequest *
chd_http_request_new (const char *method, const char *target, ChdHttpFlags flags)
{
  ChdHttpRequest *self = g_new0 (ChdHttpRequest, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->method = g_strdup (method);
  self->target = g_strdup (target);
  self->flags = flags;
  self->headers = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_secret_free);
  self->max_body = CHD_HTTP_MAX_BODY;
  self->body_start = -1;
  return self;
}

ChdHttpRequest *
chd_http_request_ref (ChdHttpRequest *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
chd_http_request_unref (ChdHttpRequest *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->progress_destroy != NULL)
    self->progress_destroy (self->progress_data);
  g_ptr_array_unref (self->headers);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_object (&self->body_stream);
  g_free (self->content_type);
  g_free (self->subject);
  g_free (self->target);
  g_free (self->method);
  g_free (self);
}

void
chd_http_request_set_header (ChdHttpRequest *self, const char *name, const char *value)
{
  for (guint i = 0; i < self->headers->len; i += 2)
    if (g_ascii_strcasecmp (self->headers->pdata[i], name) == 0)
      {
        chd_secret_free (self->headers->pdata[i + 1]);
        self->headers->pdata[i + 1] = g_strdup (value);
        return;
      }
  g_ptr_array_add (self->headers, g_strdup (name));
  g_ptr_array_add (self->headers, g_strdup (value));
}

const char *
chd_http_request_get_header (ChdHttpRequest *self, const char *name)
{
  for (guint i = 0; i < self->headers->len; i += 2)
    if (g_ascii_strcasecmp (self->headers->pdata[i], name) == 0)
      return self->headers->pdata[i + 1];
  return NULL;
}

void
chd_http_request_set_body (ChdHttpRequest *self, const char *content_type, GBytes *body)
{
  g_return_if_fail (self->body_stream == NULL);

  g_clear_pointer (&self->body, g_bytes_unref);
  self->body = g_bytes_ref (body);
  chd_set_str (&self->content_type, content_type);
}

void
chd_http_request_set_body_json (ChdHttpRequest *self, const char *content_type, JsonNode *body)
{
  gsize length;
  char *text = chd_json_write (body, FALSE, &length);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, length);

  chd_http_request_set_body (self, content_type, bytes);
}

void
chd_http_request_set_body_stream (ChdHttpRequest *self, const char *content_type, GInputStream *stream, goffset length)
{
  g_return_if_fail (self->body == NULL && self->body_stream == NULL);

  self->body_stream = g_object_ref (stream);
  self->body_length = length;
  if (G_IS_SEEKABLE (stream) && g_seekable_can_seek (G_SEEKABLE (stream)))
    self->body_start = g_seekable_tell (G_SEEKABLE (stream));
  chd_set_str (&self->content_type, content_type);
}

void
chd_http_request_set_max_body (ChdHttpRequest *self, gsize bytes)
{
  self->max_body = bytes;
}

void
chd_http_request_set_progress (ChdHttpRequest *self,
                               ChdHttpProgress progress,
                               gpointer user_data,
                               GDestroyNotify destroy)
{
  g_return_if_fail (self->progress == NULL);

  self->progress = progress;
  self->progress_data = user_data;
  self->progress_destroy = destroy;
}

void
chd_http_request_set_subject (ChdHttpRequest *self, const char *subject)
{
  chd_set_str (&self->subject, subject);
}

gboolean
chd_http_request_has_body (ChdHttpRequest *self)
{
  return self->body != NULL || self->body_stream != NULL;
}

/* Prepares the body for being sent once more; %FALSE when that is not possible. */
gboolean
chd_http_request_rewind (ChdHttpRequest *self)
{
  if (self->body_stream == NULL)
    return TRUE;
  if (self->body_start < 0)
    return FALSE;
  return g_seekable_seek (G_SEEKABLE (self->body_stream), self->body_start, G_SEEK_SET, NULL, NULL);
}

gboolean
chd_http_request_is_idempotent (ChdHttpRequest *self)
{
  static const char *const methods[] = { "GET", "HEAD", "PUT", "DELETE", "OPTIONS", NULL };

  return (self->flags & CHD_HTTP_REPEATABLE) != 0 || g_strv_contains (methods, self->method);
}

ChdHttpResponse *
chd_http_response_new (SoupSession *session, SoupMessage *message, GInputStream *stream)
{
  ChdHttpResponse *self = g_new0 (ChdHttpResponse, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->session = g_object_ref (session);
  self->message = g_object_ref (message);
  self->stream = stream != NULL ? g_object_ref (stream) : NULL;
  self->url = g_uri_to_string_partial (soup_message_get_uri (message), G_URI_HIDE_PASSWORD | G_URI_HIDE_USERINFO);
  self->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
chd_http_response_take_body (ChdHttpResponse *self, GBytes *body)
{
  g_clear_object (&self->stream);
  self->body = body;
}

ChdHttpResponse *
chd_http_response_ref (ChdHttpResponse *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
chd_http_response_unref (ChdHttpResponse *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->stream != NULL && !g_input_stream_is_closed (self->stream))
    {
      g_autoptr (GCancellable) cancelled = g_cancellable_new ();

      /* Closing reads on to the end of the body, which a watch never has; a cancelled close drops the connection. */
      g_cancellable_cancel (cancelled);
      g_input_stream_close (self->stream, cancelled, NULL);
    }
  g_clear_object (&self->stream);
  g_clear_object (&self->message);
  g_clear_object (&self->session);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_hash_table_unref (self->headers);
  g_free (self->url);
  g_free (self);
}

guint
chd_http_response_get_status (ChdHttpResponse *self)
{
  return soup_message_get_status (self->message);
}

const char *
chd_http_response_get_header (ChdHttpResponse *self, const char *name)
{
  g_autofree char *key = g_ascii_strdown (name, -1);
  const char *known = g_hash_table_lookup (self->headers, key);
  const char *value;
  char *harmless;

  if (known != NULL)
    return known;
  value = soup_message_headers_get_one (soup_message_get_response_headers (self->message), name);
  if (value == NULL)
    return NULL;
  harmless = chd_str_sanitize (value, -1, MAX_HEADER);
  g_hash_table_insert (self->headers, g_steal_pointer (&key), harmless);
  return harmless;
}

/**
 * chd_http_response_list_headers:
 * Returns: (transfer full): the values of all headers of that name, one by one, as harmless UTF-8
 */
char **
chd_http_response_list_headers (ChdHttpResponse *self, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  SoupMessageHeadersIter iter;
  const char *found, *value;

  soup_message_headers_iter_init (&iter, soup_message_get_response_headers (self->message));
  while (soup_message_headers_iter_next (&iter, &found, &value))
    if (g_ascii_strcasecmp (found, name) == 0)
      {
        g_autofree char *harmless = chd_str_sanitize (value, -1, MAX_HEADER);

        g_strv_builder_add (builder, harmless);
      }
  return g_strv_builder_end (builder);
}

const char *
chd_http_response_get_url (ChdHttpResponse *self)
{
  return self->url;
}

/**
 * chd_http_response_get_body:
 * Returns: (transfer none) (nullable): the whole body; %NULL for an opened stream
 */
GBytes *
chd_http_response_get_body (ChdHttpResponse *self)
{
  return self->body;
}

/**
 * chd_http_response_get_stream:
 * Returns: (transfer none) (nullable): the body of an opened response; dropping the response drops the connection
 */
GInputStream *
chd_http_response_get_stream (ChdHttpResponse *self)
{
  return self->stream;
}

/**
 * chd_http_response_get_length:
 * Returns: what Content-Length says, or -1
 */
goffset
chd_http_response_get_length (ChdHttpResponse *self)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (self->message);

  if (soup_message_headers_get_encoding (headers) != SOUP_ENCODING_CONTENT_LENGTH)
    return -1;
  return soup_message_headers_get_content_length (headers);
}
