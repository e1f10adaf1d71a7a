/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One request to the registry: reading its body as it comes, work in a thread, answering.
 *
 * SoupServer calls its ordinary handlers when a body has been read and no status is set. A request whose body we read
 * has one from the beginning, which the answer replaces; only after "100 Continue" it cannot be set that early. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-json.h"
#include "chd-registry-exchange.h"

#define KEY "chd-registry-exchange"

/* What the codes of the registry are in HTTP; all others are faults of ours. */
static const struct
{
  const char *reason;
  guint status;
} statuses[] = {
  { "BLOB_UNKNOWN", 404 },          { "BLOB_UPLOAD_INVALID", 400 },
  { "BLOB_UPLOAD_UNKNOWN", 404 },   { "DIGEST_INVALID", 400 },
  { "MANIFEST_BLOB_UNKNOWN", 400 }, { "MANIFEST_INVALID", 400 },
  { "MANIFEST_UNKNOWN", 404 },      { "NAME_INVALID", 400 },
  { "NAME_UNKNOWN", 404 },          { "PAGINATION_NUMBER_INVALID", 400 },
  { "RANGE_INVALID", 416 },         { "SIZE_INVALID", 413 },
  { "TOOMANYREQUESTS", 429 },       { "UNSUPPORTED", 405 },
};

static void
exchange_free (ChdRegistryExchange *self)
{
  g_clear_pointer (&self->upload, chd_registry_upload_close);
  g_clear_pointer (&self->query, g_hash_table_unref);
  g_clear_pointer (&self->body, g_byte_array_unref);
  g_clear_error (&self->error);
  g_free (self->repository);
  g_free (self->reference);
  g_free (self->digest);
  g_free (self->subject);
  g_strfreev (self->missing);
  g_object_unref (self->store);
  g_free (self);
}

/* The connection is done with the message, however it ended: an upload is free for the next request. A worker that is
 * still at it holds the message, and we go with that. */
static void
finished_cb (SoupServerMessage *message, gpointer user_data)
{
  ChdRegistryExchange *self = g_object_get_data (G_OBJECT (message), KEY);

  if (self != NULL && self->is_working)
    self->is_finished = TRUE;
  else if (self != NULL)
    g_object_set_data (G_OBJECT (message), KEY, NULL);
}

ChdRegistryExchange *
chd_registry_exchange_new (ChdRegistryStore *store, SoupServerMessage *message, GHashTable *query)
{
  ChdRegistryExchange *self = g_new0 (ChdRegistryExchange, 1);

  self->store = g_object_ref (store);
  self->message = message;
  self->query = query != NULL ? g_hash_table_ref (query) : NULL;
  g_object_set_data_full (G_OBJECT (message), KEY, self, (GDestroyNotify) exchange_free);
  /* No body is ever kept in memory but a manifest, by ourselves. */
  soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
  g_signal_connect (message, "finished", G_CALLBACK (finished_cb), NULL);
  return self;
}

const char *
chd_registry_exchange_query (ChdRegistryExchange *self, const char *name)
{
  return self->query != NULL ? g_hash_table_lookup (self->query, name) : NULL;
}

void
chd_registry_exchange_set_header (ChdRegistryExchange *self, const char *name, const char *value)
{
  soup_message_headers_replace (soup_server_message_get_response_headers (self->message), name, value);
}

void
chd_registry_exchange_reply (ChdRegistryExchange *self, guint status)
{
  chd_registry_exchange_set_header (self, "Docker-Distribution-Api-Version", "registry/2.0");
  soup_server_message_set_status (self->message, status, NULL);
}

static gboolean
is_head (ChdRegistryExchange *self)
{
  return strcmp (soup_server_message_get_method (self->message), "HEAD") == 0;
}

/* A whole answer; for HEAD its headers. */
static void
reply_text (ChdRegistryExchange *self, guint status, const char *type, const char *text, gsize length)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);

  soup_message_headers_set_content_type (headers, type, NULL);
  if (is_head (self))
    soup_message_headers_set_content_length (headers, (goffset) length);
  else
    soup_message_body_append (soup_server_message_get_response_body (self->message), SOUP_MEMORY_COPY, text, length);
  chd_registry_exchange_reply (self, status);
}

void
chd_registry_exchange_reply_json (ChdRegistryExchange *self, guint status, const char *type, JsonObject *object)
{
  gsize length;
  g_autofree char *text = chd_json_write_object (object, FALSE, &length);

  reply_text (self, status, type, text, length);
}

/* %FALSE when the range cannot be satisfied. Several ranges are answered with everything, which is allowed. */
static gboolean
find_range (ChdRegistryExchange *self, goffset length, goffset *start, goffset *end)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);
  const char *text = soup_message_headers_get_one (headers, "Range");
  SoupRange *ranges;
  int count;

  *start = 0;
  *end = length - 1;
  if (text == NULL || !g_str_has_prefix (text, "bytes=") || strchr (text, ',') != NULL)
    return TRUE;
  if (!soup_message_headers_get_ranges (headers, length, &ranges, &count))
    return FALSE;
  if (count == 1)
    {
      *start = ranges[0].start;
      *end = MIN (ranges[0].end, length - 1);
    }
  soup_message_headers_free_ranges (headers, ranges);
  return *start >= 0 && *start <= *end;
}

void
chd_registry_exchange_reply_bytes (ChdRegistryExchange *self, const char *type, const char *digest, GBytes *bytes)
{
  SoupMessageHeaders *request = soup_server_message_get_request_headers (self->message);
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (self->message);
  SoupMessageBody *body = soup_server_message_get_response_body (self->message);
  g_autofree char *tag = g_strdup_printf ("\"%s\"", digest);
  goffset length = (goffset) g_bytes_get_size (bytes);
  const char *none_match = soup_message_headers_get_list (request, "If-None-Match");
  goffset start, end;

  chd_registry_exchange_set_header (self, "ETag", tag);
  chd_registry_exchange_set_header (self, "Docker-Content-Digest", digest);
  chd_registry_exchange_set_header (self, "Accept-Ranges", "bytes");
  if (none_match != NULL && strstr (none_match, tag) != NULL)
    {
      chd_registry_exchange_reply (self, 304);
      return;
    }
  if (length > 0 && !find_range (self, length, &start, &end))
    {
      g_autofree char *all = g_strdup_printf ("bytes */%" G_GOFFSET_FORMAT, length);

      chd_registry_exchange_set_header (self, "Content-Range", all);
      chd_registry_exchange_fail_code (self, "RANGE_INVALID", _ ("There are no such bytes in the blob."));
      return;
    }
  soup_message_headers_set_content_type (headers, type, NULL);
  if (length > 0 && (start > 0 || end < length - 1))
    {
      g_autoptr (GBytes) part = g_bytes_new_from_bytes (bytes, (gsize) start, (gsize) (end - start + 1));

      soup_message_headers_set_content_range (headers, start, end, length);
      soup_message_headers_set_content_length (headers, end - start + 1);
      if (!is_head (self))
        soup_message_body_append_bytes (body, part);
      soup_message_body_set_accumulate (body, FALSE);
      chd_registry_exchange_reply (self, 206);
      return;
    }
  soup_message_headers_set_content_length (headers, length);
  if (!is_head (self) && length > 0)
    soup_message_body_append_bytes (body, bytes);
  /* Else libsoup would look for ranges itself, in a copy of everything. */
  soup_message_body_set_accumulate (body, FALSE);
  chd_registry_exchange_reply (self, 200);
}

static guint
find_status (const char *reason, const GError *error)
{
  for (guint i = 0; reason != NULL && i < G_N_ELEMENTS (statuses); i++)
    if (strcmp (statuses[i].reason, reason) == 0)
      return statuses[i].status;
  return g_error_matches (error, CHD_ERROR, CHD_ERROR_LIMIT) ? 507 : 500;
}

void
chd_registry_exchange_fail (ChdRegistryExchange *self, const GError *error)
{
  const char *reason = chd_error_get_reason (error);
  g_autofree char *body = NULL;

  if (self->missing != NULL && self->missing[0] != NULL && g_strcmp0 (reason, "MANIFEST_BLOB_UNKNOWN") == 0)
    {
      g_autoptr (JsonObject) object = json_object_new ();
      JsonArray *errors = json_array_new ();

      for (guint i = 0; self->missing[i] != NULL; i++)
        {
          JsonObject *item = json_object_new ();

          json_object_set_string_member (item, "code", reason);
          json_object_set_string_member (item, "message", error->message);
          json_object_set_string_member (item, "detail", self->missing[i]);
          json_array_add_object_element (errors, item);
        }
      json_object_set_array_member (object, "errors", errors);
      chd_registry_exchange_reply_json (self, 400, "application/json", object);
      return;
    }
  body = chd_oci_error_body (reason != NULL ? reason : "UNKNOWN", error->message, chd_error_get_details (error));
  reply_text (self, find_status (reason, error), "application/json", body, strlen (body));
}

void
chd_registry_exchange_fail_code (ChdRegistryExchange *self, const char *reason, const char *message)
{
  g_autoptr (GError) error = NULL;

  chd_registry_refuse (&error, CHD_ERROR_INVALID, reason, message);
  chd_registry_exchange_fail (self, error);
}

static void
work_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  ChdRegistryExchange *self = task_data;

  self->work (self);
  g_task_return_boolean (task, TRUE);
}

static void
worked_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ChdRegistryExchange *self = g_task_get_task_data (G_TASK (result));
  SoupServerMessage *message = SOUP_SERVER_MESSAGE (source);

  self->is_working = FALSE;
  g_clear_pointer (&self->upload, chd_registry_upload_close);
  if (self->is_finished)
    return;
  if (self->error != NULL)
    chd_registry_exchange_fail (self, self->error);
  else
    self->answer (self);
  soup_server_message_unpause (message);
}

void
chd_registry_exchange_run (ChdRegistryExchange *self, ChdRegistryWork work, ChdRegistryWork answer)
{
  g_autoptr (GTask) task = g_task_new (self->message, NULL, worked_cb, NULL);

  self->work = work;
  self->answer = answer;
  self->is_working = TRUE;
  g_task_set_task_data (task, self, NULL);
  soup_server_message_pause (self->message);
  g_task_run_in_thread (task, work_thread);
}

/* See the top of this file. */
static void
keep_from_others (ChdRegistryExchange *self)
{
  if (soup_server_message_get_status (self->message) == 0)
    soup_server_message_set_status (self->message, SOUP_STATUS_INTERNAL_SERVER_ERROR, NULL);
}

static void
got_chunk_cb (SoupServerMessage *message, GBytes *bytes, gpointer user_data)
{
  ChdRegistryExchange *self = user_data;
  gsize length = g_bytes_get_size (bytes);

  keep_from_others (self);
  if (self->error != NULL)
    return;
  if (self->upload != NULL)
    chd_registry_upload_append (self->upload, g_bytes_get_data (bytes, NULL), length, &self->error);
  else if (self->body->len + length > CHD_OCI_MAX_MANIFEST)
    chd_registry_refuse (&self->error, CHD_ERROR_LIMIT, "SIZE_INVALID", _ ("The manifest is larger than 4 MiB."));
  else
    g_byte_array_append (self->body, g_bytes_get_data (bytes, NULL), (guint) length);
}

static void
got_body_cb (SoupServerMessage *message, gpointer user_data)
{
  ChdRegistryExchange *self = user_data;

  if (self->error == NULL)
    {
      chd_registry_exchange_run (self, self->work, self->answer);
      return;
    }
  g_clear_pointer (&self->upload, chd_registry_upload_close);
  chd_registry_exchange_fail (self, self->error);
}

void
chd_registry_exchange_read_body (ChdRegistryExchange *self, ChdRegistryWork work, ChdRegistryWork answer)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (self->message);

  self->work = work;
  self->answer = answer;
  g_signal_connect (self->message, "got-chunk", G_CALLBACK (got_chunk_cb), self);
  g_signal_connect (self->message, "got-body", G_CALLBACK (got_body_cb), self);
  if ((soup_message_headers_get_expectations (headers) & SOUP_EXPECTATION_CONTINUE) == 0)
    keep_from_others (self);
}
