/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Reads an answer line by line. After chd_line_stream_close() no event comes any more, whatever is still under way;
 * closing is allowed within an event. Exactly one "ended" comes unless it was closed before. */

#include "config.h"

#include "chd-line-stream.h"

#include <glib/gi18n-lib.h>

#include "chd-error.h"
#include "chd-http-private.h"
#include "chd-line-buffer.h"

#define CHUNK (64 * 1024)

struct _ChdLineStream
{
  guint ref_count;
  ChdHttp *http;             /* (owned) */
  ChdHttpResponse *response; /* (owned) (nullable) */
  ChdLineBuffer *buffer;     /* (owned) */
  GCancellable *cancellable; /* (owned) */
  ChdLineStreamEvents events;
  gpointer user_data;
  gboolean closed;
  gboolean silent;     /* it was too long */
  guint silence_limit; /* seconds, 0 for none */
  guint silence_id;
};

static void read_more (ChdLineStream *self);

static ChdLineStream *
ref (ChdLineStream *self)
{
  self->ref_count++;
  return self;
}

static void
unref (ChdLineStream *self)
{
  if (--self->ref_count > 0)
    return;
  g_clear_handle_id (&self->silence_id, g_source_remove);
  g_clear_pointer (&self->response, chd_http_response_unref);
  chd_line_buffer_free (self->buffer);
  g_object_unref (self->cancellable);
  g_object_unref (self->http);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdLineStream, unref)

static gboolean
silence_cb (gpointer user_data)
{
  ChdLineStream *self = user_data;

  self->silence_id = 0;
  self->silent = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
restart_silence (ChdLineStream *self)
{
  g_clear_handle_id (&self->silence_id, g_source_remove);
  if (self->silence_limit > 0 && !self->closed)
    self->silence_id = g_timeout_add_seconds (self->silence_limit, silence_cb, self);
}

static void
end (ChdLineStream *self, const GError *error)
{
  g_autoptr (GError) own = NULL;
  gsize length;
  const char *rest = chd_line_buffer_rest (self->buffer, &length);

  if (self->closed)
    return;
  if (self->silent)
    own = g_error_new (CHD_ERROR, CHD_ERROR_UNREACHABLE,
                       /* Translators: %s is a host name */
                       _ ("Nothing was heard from %s for too long."), chd_http_get_host (self->http));
  else if (error != NULL)
    own = chd_http_translate_error (self->http, error, NULL);
  self->closed = TRUE;
  g_clear_handle_id (&self->silence_id, g_source_remove);
  self->events.ended (rest, length, own, self->user_data);
}

static void
read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdLineStream) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (object), result, &error);
  const char *line;
  gsize length;
  gboolean whole;

  if (self->closed)
    return;
  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    {
      end (self, error);
      return;
    }
  restart_silence (self);
  chd_line_buffer_feed (self->buffer, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (self->events.heard != NULL)
    self->events.heard (self->user_data);
  while (!self->closed && (line = chd_line_buffer_next (self->buffer, &length, &whole)) != NULL)
    self->events.line (line, length, whole, self->user_data);
  if (!self->closed)
    read_more (self);
}

static void
read_more (ChdLineStream *self)
{
  g_input_stream_read_bytes_async (chd_http_response_get_stream (self->response), CHUNK, G_PRIORITY_DEFAULT,
                                   self->cancellable, read_cb, ref (self));
}

static void
opened_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdLineStream) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_http_open_finish (CHD_HTTP (object), result, &error);

  if (self->closed)
    return;
  if (response == NULL)
    {
      end (self, error);
      return;
    }
  self->response = g_steal_pointer (&response);
  restart_silence (self);
  self->events.opened (self->response, self->user_data);
  if (!self->closed)
    read_more (self);
}

/**
 * chd_line_stream_open:
 * @events: copied
 *
 * Returns: (transfer full): to be given up with chd_line_stream_close(), also after it has ended
 */
ChdLineStream *
chd_line_stream_open (ChdHttp *http,
                      ChdHttpRequest *request,
                      gsize max_line,
                      const ChdLineStreamEvents *events,
                      gpointer user_data)
{
  ChdLineStream *self = g_new0 (ChdLineStream, 1);

  self->ref_count = 1;
  self->http = g_object_ref (http);
  self->buffer = chd_line_buffer_new (max_line);
  self->cancellable = g_cancellable_new ();
  self->events = *events;
  self->user_data = user_data;
  chd_http_open_async (http, request, self->cancellable, opened_cb, ref (self));
  return self;
}

/* @seconds: without a byte, from now on; 0 for no limit */
void
chd_line_stream_set_silence_limit (ChdLineStream *self, guint seconds)
{
  self->silence_limit = seconds;
  restart_silence (self);
}

void
chd_line_stream_close (ChdLineStream *self)
{
  self->closed = TRUE;
  g_clear_handle_id (&self->silence_id, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  unref (self);
}
