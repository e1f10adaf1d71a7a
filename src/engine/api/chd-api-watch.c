/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Watches. A watch holds no queue: it is a place in the store's window of changes, and takes from there as much as the
 * client has room for. Who falls behind the window is told so by 410, as a real server does. */

#include "config.h"

#include "chd-api-watch.h"

#include <string.h>

#include "chd-api-read.h"
#include "chd-api-selector.h"
#include "chd-api-stream.h"
#include "chd-json.h"

#define MAX_PIECE (256 * 1024)
#define BOOKMARK_SECONDS 60
#define DEFAULT_MINUTES 30
#define INITIAL_END "k8s.io/initial-events-end"

typedef struct
{
  ChdApiRequest *request; /* (owned) */
  ChdApiSelector *selector;
  ChdApiStream *stream;
  GPtrArray *initial; /* (nullable) objects that are still to be told as ADDED */
  guint initial_done;
  gboolean mark_initial_end;
  guint64 version; /* what was told reaches up to here */
  gboolean bookmarks;
  gboolean bookmark_due;
  gboolean ending;
  gulong committed;
  guint bookmark_timer;
  guint end_timer;
} Watch;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  g_signal_handler_disconnect (watch->request->store, watch->committed);
  g_clear_handle_id (&watch->bookmark_timer, g_source_remove);
  g_clear_handle_id (&watch->end_timer, g_source_remove);
  g_clear_pointer (&watch->initial, g_ptr_array_unref);
  chd_api_selector_free (watch->selector);
  chd_api_request_unref (watch->request);
  g_free (watch);
}

static void
append_event (Watch *watch, GString *piece, const char *type, JsonObject *object)
{
  g_autoptr (JsonObject) event = json_object_new ();
  g_autofree char *text = NULL;
  gsize length = 0;

  json_object_set_string_member (event, "type", type);
  json_object_set_object_member (event, "object", json_object_ref (object));
  text = chd_json_write_object (event, FALSE, &length);
  g_string_append_len (piece, text, (gssize) length);
  g_string_append_c (piece, '\n');
}

static void
append_object (Watch *watch, GString *piece, const char *type, JsonObject *object)
{
  g_autoptr (JsonObject) presented = chd_api_present (watch->request, object);

  append_event (watch, piece, type, presented);
}

static void
append_bookmark (Watch *watch, GString *piece, gboolean initial_end)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *metadata = chd_json_ensure_object (object, "metadata");
  g_autofree char *version = g_strdup_printf ("%" G_GUINT64_FORMAT, watch->version);

  json_object_set_string_member (object, "kind", watch->request->target.resource->kube->kind);
  json_object_set_string_member (object, "apiVersion", watch->request->target.resource->api_version);
  if (initial_end)
    json_object_set_string_member (chd_json_ensure_object (metadata, "annotations"), INITIAL_END, "true");
  json_object_set_string_member (metadata, "resourceVersion", version);
  append_object (watch, piece, "BOOKMARK", object);
}

static gboolean
is_here (Watch *watch, JsonObject *object)
{
  return object != NULL && chd_api_selector_matches (watch->selector, object);
}

/* The last state that was in the selection, with the version of the change that took it out. */
static JsonObject *
as_left (JsonObject *before, JsonObject *after)
{
  JsonObject *object = chd_json_copy_object (before);

  json_object_set_string_member (chd_json_ensure_object (object, "metadata"), "resourceVersion",
                                 chd_kube_get_resource_version (after));
  return object;
}

static void
append_change (Watch *watch, GString *piece, ChdStoreChange *change)
{
  const char *namespace_ = watch->request->target.namespace_;
  gboolean was_here, is_now;

  if (namespace_ != NULL && strcmp (namespace_, change->namespace_) != 0)
    return;
  was_here = is_here (watch, change->before);
  is_now = change->type != CHD_CHANGE_DELETED && is_here (watch, change->after);
  if (is_now)
    append_object (watch, piece, was_here ? "MODIFIED" : "ADDED", change->after);
  else if (was_here && change->type == CHD_CHANGE_DELETED)
    append_object (watch, piece, "DELETED", change->after);
  else if (was_here)
    {
      g_autoptr (JsonObject) left = as_left (change->before, change->after);

      append_object (watch, piece, "DELETED", left);
    }
}

static void
append_initial (Watch *watch, GString *piece)
{
  while (watch->initial_done < watch->initial->len && piece->len < MAX_PIECE)
    append_object (watch, piece, "ADDED", watch->initial->pdata[watch->initial_done++]);
  if (watch->initial_done < watch->initial->len)
    return;
  g_clear_pointer (&watch->initial, g_ptr_array_unref);
  if (watch->mark_initial_end)
    append_bookmark (watch, piece, TRUE);
}

/* Returns: %FALSE when the window no longer reaches back to where the watch is */
static gboolean
append_changes (Watch *watch, GString *piece)
{
  ChdObjectStore *store = watch->request->store;
  g_autoptr (GPtrArray) changes = NULL;
  guint64 newest = chd_object_store_get_version (store);

  if (watch->version >= newest)
    return TRUE;
  changes = chd_object_store_changes_since (store, watch->request->target.resource->store, watch->version);
  if (changes == NULL)
    return FALSE;
  for (guint i = 0; i < changes->len; i++)
    {
      ChdStoreChange *change = changes->pdata[i];

      if (piece->len >= MAX_PIECE)
        return TRUE;
      append_change (watch, piece, change);
      watch->version = change->version;
    }
  watch->version = newest;
  return TRUE;
}

static void
append_gone (Watch *watch, GString *piece)
{
  g_autoptr (GError) error =
      chd_api_error_new (410, "Expired", NULL,
                         "too old resource version: %" G_GUINT64_FORMAT " (%" G_GUINT64_FORMAT ")", watch->version,
                         chd_object_store_get_version (watch->request->store));
  g_autoptr (JsonObject) status = chd_api_error_to_status (error);

  append_event (watch, piece, "ERROR", status);
  watch->ending = TRUE;
}

static void
more (ChdApiStream *stream, gpointer user_data)
{
  Watch *watch = user_data;
  GString *piece = g_string_new (NULL);

  watch->stream = stream;
  if (watch->initial != NULL)
    append_initial (watch, piece);
  else if (!watch->ending && !append_changes (watch, piece))
    append_gone (watch, piece);
  if (watch->bookmark_due && watch->initial == NULL && piece->len < MAX_PIECE)
    {
      watch->bookmark_due = FALSE;
      append_bookmark (watch, piece, FALSE);
    }
  if (piece->len > 0)
    chd_api_stream_write (stream, g_string_free_to_bytes (piece));
  else
    {
      g_string_free (piece, TRUE);
      if (watch->ending)
        chd_api_stream_end (stream);
    }
}

static void
pump (Watch *watch)
{
  if (watch->stream != NULL && !chd_api_stream_is_busy (watch->stream))
    more (watch->stream, watch);
}

static void
committed_cb (ChdObjectStore *store, GPtrArray *changes, Watch *watch)
{
  pump (watch);
}

static gboolean
bookmark_cb (gpointer user_data)
{
  Watch *watch = user_data;

  watch->bookmark_due = TRUE;
  pump (watch);
  return G_SOURCE_CONTINUE;
}

static gboolean
end_cb (gpointer user_data)
{
  Watch *watch = user_data;

  watch->end_timer = 0;
  watch->ending = TRUE;
  watch->bookmark_due = watch->bookmarks;
  pump (watch);
  return G_SOURCE_REMOVE;
}

static gboolean
check_options (ChdApiRequest *request, GError **error)
{
  g_autoptr (ChdApiProblems) problems = chd_api_problems_new ();
  const char *match = chd_api_request_query (request, "resourceVersionMatch");
  gboolean initial = chd_api_request_query (request, "sendInitialEvents") != NULL;

  if (initial && g_strcmp0 (match, "NotOlderThan") != 0)
    chd_api_problems_add (problems, "FieldValueForbidden", "resourceVersionMatch",
                          "Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (!initial && match != NULL && *match != '\0')
    chd_api_problems_add (
        problems, "FieldValueForbidden", "resourceVersionMatch",
        "Forbidden: resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
  if (chd_api_problems_is_empty (problems))
    return TRUE;
  g_propagate_error (error, chd_api_problems_to_error (problems, "ListOptions", "meta.k8s.io", ""));
  return FALSE;
}

static gboolean
start (ChdApiRequest *request, GError **error)
{
  Watch *watch;
  ChdApiSelector *selector;
  guint64 version;
  gint64 seconds;
  gboolean from_now;

  if (!check_options (request, error) || !chd_api_request_int (request, "timeoutSeconds", 0, &seconds, error) ||
      !chd_api_parse_version (chd_api_request_query (request, "resourceVersion"), 500, &version, error))
    return FALSE;
  selector = chd_api_selector_new (request->target.resource, chd_api_request_query (request, "labelSelector"),
                                   chd_api_request_query (request, "fieldSelector"), error);
  if (selector == NULL)
    return FALSE;

  watch = g_new0 (Watch, 1);
  watch->request = chd_api_request_ref (request);
  watch->selector = selector;
  watch->bookmarks = chd_api_request_flag (request, "allowWatchBookmarks");
  from_now = version == 0 || chd_api_request_flag (request, "sendInitialEvents");
  if (from_now)
    {
      g_autoptr (GPtrArray) all =
          chd_object_store_list (request->store, request->target.resource->store, request->target.namespace_);

      watch->initial = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
      for (guint i = 0; i < all->len; i++)
        if (is_here (watch, all->pdata[i]))
          g_ptr_array_add (watch->initial, json_object_ref (all->pdata[i]));
      version = chd_object_store_get_version (request->store);
      watch->mark_initial_end = watch->bookmarks;
    }
  watch->version = version;
  watch->committed = g_signal_connect (request->store, "committed", G_CALLBACK (committed_cb), watch);
  if (watch->bookmarks)
    watch->bookmark_timer = g_timeout_add_seconds (BOOKMARK_SECONDS, bookmark_cb, watch);
  if (seconds <= 0 || seconds > G_MAXINT32)
    seconds = 60 * g_random_int_range (DEFAULT_MINUTES, 2 * DEFAULT_MINUTES);
  watch->end_timer = g_timeout_add_seconds ((guint) seconds, end_cb, watch);
  chd_api_stream_new (request, "application/json", more, watch, watch_free);
  return TRUE;
}

void
chd_api_watch (ChdApiRequest *request)
{
  g_autoptr (GError) error = NULL;

  if (!start (request, &error))
    chd_api_reply_error (request, error);
}
