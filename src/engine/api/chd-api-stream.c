/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Streams over libsoup's server: it keeps what was appended until it is written, and does not look at the connection
 * while there is nothing to write; both are seen to here. */

#include "config.h"

#include "chd-api-stream.h"

#include <glib-unix.h>
#include <poll.h>

#include "chd-api-door.h"

struct _ChdApiStream
{
  ChdApiRequest *request; /* (owned) */
  ChdApiStreamFunc more;
  gpointer user_data;
  GDestroyNotify destroy;
  gboolean busy;
  guint hang_up; /* source id */
  guint idle;    /* source id */
};

static void
stream_free (ChdApiStream *self)
{
  g_signal_handlers_disconnect_by_data (self->request->message, self);
  g_clear_handle_id (&self->hang_up, g_source_remove);
  g_clear_handle_id (&self->idle, g_source_remove);
  if (self->destroy != NULL)
    self->destroy (self->user_data);
  chd_api_request_unref (self->request);
  g_free (self);
}

static void
finished_cb (SoupServerMessage *message, ChdApiStream *self)
{
  self->request->finished = TRUE;
  stream_free (self);
}

static gboolean
more_cb (gpointer user_data)
{
  ChdApiStream *self = user_data;

  self->idle = 0;
  if (!self->busy)
    self->more (self, self->user_data);
  return G_SOURCE_REMOVE;
}

static void
wrote_chunk_cb (SoupServerMessage *message, ChdApiStream *self)
{
  self->busy = FALSE;
  if (self->idle == 0)
    self->idle = g_idle_add_full (G_PRIORITY_DEFAULT, more_cb, self, NULL);
}

static gboolean
hang_up_cb (int fd, GIOCondition condition, gpointer user_data)
{
  ChdApiStream *self = user_data;

  self->hang_up = 0;
  chd_api_stream_end (self);
  return G_SOURCE_REMOVE;
}

ChdApiStream *
chd_api_stream_new (ChdApiRequest *request,
                    const char *content_type,
                    ChdApiStreamFunc more,
                    gpointer user_data,
                    GDestroyNotify destroy)
{
  ChdApiStream *self = g_new0 (ChdApiStream, 1);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (request->message);
  SoupMessageBody *body = soup_server_message_get_response_body (request->message);
  int fd = chd_api_door_get_fd (request->message);

  self->request = chd_api_request_ref (request);
  self->more = more;
  self->user_data = user_data;
  self->destroy = destroy;
  soup_server_message_set_status (request->message, 200, NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_set_content_type (headers, content_type, NULL);
  soup_message_headers_replace (headers, "Cache-Control", "no-cache, private");
  soup_message_body_set_accumulate (body, FALSE);
  g_signal_connect (request->message, "wrote-chunk", G_CALLBACK (wrote_chunk_cb), self);
  g_signal_connect (request->message, "finished", G_CALLBACK (finished_cb), self);
  if (fd >= 0)
    self->hang_up = g_unix_fd_add (fd, (GIOCondition) (G_IO_HUP | G_IO_ERR | POLLRDHUP), hang_up_cb, self);
  if (request->paused)
    {
      request->paused = FALSE;
      soup_server_message_unpause (request->message);
    }
  self->idle = g_idle_add_full (G_PRIORITY_DEFAULT, more_cb, self, NULL);
  return self;
}

gboolean
chd_api_stream_is_busy (ChdApiStream *self)
{
  return self->busy;
}

void
chd_api_stream_write (ChdApiStream *self, GBytes *bytes)
{
  self->busy = TRUE;
  soup_message_body_append_bytes (soup_server_message_get_response_body (self->request->message), bytes);
  g_bytes_unref (bytes);
  soup_server_message_unpause (self->request->message);
}

void
chd_api_stream_end (ChdApiStream *self)
{
  g_autoptr (SoupServerMessage) message = g_object_ref (self->request->message);

  stream_free (self);
  soup_message_body_complete (soup_server_message_get_response_body (message));
  soup_server_message_unpause (message);
}
