/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The watch of a reflector: its lines become events, and its end says how to go on. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-reflector-private.h"
#include "chd-util.h"
#include "chd-wire-error.h"

/* How long the server is asked to keep a watch open: random, so that many do not end at once. */
#define MIN_WATCH_SECONDS 300
#define MAX_WATCH_SECONDS 600
/* How much longer than that a silent watch is believed; and how long when the server sends bookmarks every minute. */
#define SILENCE_MARGIN_SECONDS 30
#define BOOKMARK_SILENCE_SECONDS 120
/* A watch that ends sooner, without a word, is trouble; one that lived longer ends it. */
#define SHORT_WATCH (1 * G_USEC_PER_SEC)
#define LONG_WATCH (60 * G_USEC_PER_SEC)

static void
move_to_version (ChdReflector *self, const char *version)
{
  if (chd_kube_compare_versions (version, self->version) > 0)
    {
      self->progressed = TRUE;
      self->failures = 0;
      self->bad_lines = 0;
    }
  chd_set_str (&self->version, version);
}

static void
end_watch (ChdReflector *self, const GError *error)
{
  gint64 lived = g_get_monotonic_time () - self->watch_began;

  g_clear_pointer (&self->stream, chd_line_stream_close);
  if (lived >= LONG_WATCH)
    self->failures = 0;
  if (error == NULL && (self->progressed || lived >= SHORT_WATCH))
    {
      chd_reflector_set_cut_off (self);
      chd_reflector_connect (self);
    }
  else if (error != NULL)
    {
      chd_reflector_take_trouble (self, error, FALSE);
    }
  else
    {
      g_autoptr (GError) short_watch = g_error_new_literal (CHD_ERROR, CHD_ERROR_UNREACHABLE,
                                                            _ ("The server ends the connection at once. Try again."));

      chd_reflector_take_trouble (self, short_watch, FALSE);
    }
}

/* A line that is no event: the next one cannot be trusted either. */
static void
take_bad_line (ChdReflector *self)
{
  g_autoptr (GError) error =
      g_error_new_literal (CHD_ERROR, CHD_ERROR_CORRUPT, _ ("The server sent an event that makes no sense."));

  if (++self->bad_lines >= CHD_REFLECTOR_MAX_BAD_LINES)
    {
      self->bad_lines = 0;
      self->list_due = TRUE;
    }
  end_watch (self, error);
}

static void
take_event (ChdReflector *self, const char *type, JsonObject *object)
{
  g_autoptr (GPtrArray) changes = NULL;
  const char *version = chd_kube_get_resource_version (object);

  if (strcmp (type, "BOOKMARK") == 0)
    {
      if (version == NULL)
        return;
      move_to_version (self, version);
      if (!self->has_bookmarks && self->silence_limit == 0)
        chd_line_stream_set_silence_limit (self->stream, BOOKMARK_SILENCE_SECONDS);
      self->has_bookmarks = TRUE;
      return;
    }
  if (strcmp (type, "ERROR") == 0)
    {
      g_autoptr (GError) error = chd_wire_error_from_status (object, 0, NULL);

      end_watch (self, error);
      return;
    }
  if (strcmp (type, "ADDED") != 0 && strcmp (type, "MODIFIED") != 0 && strcmp (type, "DELETED") != 0)
    {
      g_debug ("an event of the unknown type “%s” is passed over", type);
      return;
    }
  if (!chd_reflector_cache_is_object (object))
    {
      take_bad_line (self);
      return;
    }
  move_to_version (self, version);
  changes = strcmp (type, "DELETED") == 0 ? chd_reflector_cache_remove (self->cache, object)
                                          : chd_reflector_cache_put (self->cache, object);
  chd_reflector_emit_changes (self, changes);
}

static void
line_cb (const char *line, gsize length, gboolean whole, gpointer user_data)
{
  g_autoptr (ChdReflector) self = g_object_ref (user_data);
  g_autoptr (JsonObject) event = NULL;
  const char *type;
  JsonObject *object;

  if (whole && (length == 0 || (length == 1 && *line == '\r')))
    return;
  if (whole)
    event = chd_json_parse_object (line, length, CHD_JSON_MAX_WATCH_LINE, CHD_JSON_DEFAULT, NULL);
  type = chd_json_string (event, "type", NULL);
  object = chd_json_object (event, "object");
  if (type == NULL || object == NULL)
    take_bad_line (self);
  else
    take_event (self, type, object);
}

static void
heard_cb (gpointer user_data)
{
  chd_reflector_set_seen (user_data);
}

static void
opened_cb (ChdHttpResponse *response, gpointer user_data)
{
  g_autoptr (ChdReflector) self = g_object_ref (user_data);

  chd_reflector_set_live (self);
}

static void
ended_cb (const char *rest, gsize length, const GError *error, gpointer user_data)
{
  g_autoptr (ChdReflector) self = g_object_ref (user_data);

  /* Half a line at the end is dropped: the next watch brings it whole. */
  end_watch (self, error);
}

void
chd_reflector_start_watch (ChdReflector *self)
{
  static const ChdLineStreamEvents events = { opened_cb, heard_cb, line_cb, ended_cb };
  g_autofree char *path = chd_kube_path (self->type, self->namespace_, NULL, NULL);
  g_autoptr (GString) target = g_string_new (path);
  g_autoptr (ChdHttpRequest) request = NULL;
  guint seconds = (guint) g_random_int_range (MIN_WATCH_SECONDS, MAX_WATCH_SECONDS + 1);
  guint silence = self->has_bookmarks ? BOOKMARK_SILENCE_SECONDS : seconds + SILENCE_MARGIN_SECONDS;

  g_string_append (target, "?watch=true&allowWatchBookmarks=true&resourceVersion=");
  g_string_append_uri_escaped (target, self->version, NULL, FALSE);
  g_string_append_printf (target, "&timeoutSeconds=%u", seconds);
  if (self->selector != NULL && *self->selector != '\0')
    {
      g_string_append (target, "&labelSelector=");
      g_string_append_uri_escaped (target, self->selector, NULL, FALSE);
    }
  request = chd_http_request_new ("GET", target->str, CHD_HTTP_NO_RETRY);
  chd_http_request_set_header (request, "Accept", "application/json");
  self->watch_began = g_get_monotonic_time ();
  self->progressed = FALSE;
  self->stream =
      chd_line_stream_open (chd_cluster_get_http (self->cluster), request, CHD_JSON_MAX_WATCH_LINE, &events, self);
  chd_line_stream_set_silence_limit (self->stream, self->silence_limit != 0 ? self->silence_limit : silence);
}
