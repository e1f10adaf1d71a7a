/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Is there a registry at all, and which tags has a repository? */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-image-reference.h"
#include "chd-json.h"
#include "chd-oci.h"
#include "chd-registry-private.h"

#define MAX_TAG_PAGES 1000
#define MAX_TAGS 100000

/* Ping */

static void
pinged_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = CHD_REGISTRY (object);
  GError *error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (self, result, &error);
  g_autofree char *type = response != NULL ? chd_registry_get_media_type (response) : NULL;

  if (response == NULL && chd_error_get_status (error) != 404)
    g_task_return_error (task, error);
  else if (response == NULL || strcmp (type, "text/html") == 0)
    {
      g_clear_error (&error);
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_INVALID,
                               /* Translators: %s is a host name */
                               _ ("There is a server at %s, but it is not an image registry. Check the address."),
                               chd_registry_get_host (self));
    }
  else
    g_task_return_boolean (task, TRUE);
}

void
chd_registry_ping_async (ChdRegistry *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *subject = g_strdup_printf ("“%s”", chd_registry_get_host (self));
  g_autoptr (ChdHttpRequest) request = chd_registry_request_new (self, "GET", "/v2/", CHD_HTTP_DEFAULT, subject);

  g_task_set_source_tag (task, chd_registry_ping_async);
  chd_http_request_set_max_body (request, 1024 * 1024);
  chd_registry_send_async (self, request, "", NULL, cancellable, pinged_cb, task);
}

gboolean
chd_registry_ping_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Tags */

typedef struct
{
  GHashTable *tags; /* (owned) */
  char *subject;    /* (owned) */
  char *scope;      /* (owned) */
  guint pages;
} Tags;

static void request_tags (GTask *task, const char *target);

static void
tags_free (Tags *tags)
{
  g_hash_table_unref (tags->tags);
  g_free (tags->subject);
  g_free (tags->scope);
  g_free (tags);
}

static int
compare_tags (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

static char **
sort_tags (Tags *tags)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer tag;

  g_hash_table_iter_init (&iter, tags->tags);
  while (g_hash_table_iter_next (&iter, &tag, NULL))
    g_ptr_array_add (sorted, g_strdup (tag));
  g_ptr_array_sort (sorted, compare_tags);
  g_ptr_array_add (sorted, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&sorted), FALSE);
}

/* FALSE when the answer is none. @more: (out): whether the page had something new */
static gboolean
take_tags (ChdRegistry *self, Tags *tags, ChdHttpResponse *response, gboolean *more, GError **error)
{
  gsize length;
  const char *data = g_bytes_get_data (chd_http_response_get_body (response), &length);
  g_autoptr (JsonObject) answer = chd_json_parse_object (data, length, CHD_OCI_MAX_MANIFEST, CHD_JSON_DEFAULT, NULL);
  JsonArray *array = chd_json_array (answer, "tags");
  guint before = g_hash_table_size (tags->tags);

  if (answer == NULL || !json_object_has_member (answer, "tags"))
    {
      g_propagate_error (error, chd_registry_make_corrupt (self, NULL));
      return FALSE;
    }
  for (guint i = 0; i < chd_json_length (array) && g_hash_table_size (tags->tags) < MAX_TAGS; i++)
    if (chd_json_string_at (array, i) != NULL && chd_oci_is_tag (chd_json_string_at (array, i)))
      g_hash_table_add (tags->tags, g_strdup (chd_json_string_at (array, i)));
  *more = g_hash_table_size (tags->tags) > before && g_hash_table_size (tags->tags) < MAX_TAGS;
  return TRUE;
}

static void
tags_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  ChdRegistry *self = CHD_REGISTRY (object);
  Tags *tags = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = chd_registry_send_finish (self, result, &error);
  g_autofree char *next = NULL, *target = NULL;
  gboolean more = FALSE;

  /* A repository that nobody pushed to has no tags. */
  if (response == NULL &&
      !(chd_error_get_status (error) == 404 && g_strcmp0 (chd_error_get_reason (error), "NAME_UNKNOWN") == 0))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  g_clear_error (&error);
  if (response != NULL && !take_tags (self, tags, response, &more, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  if (more && ++tags->pages < MAX_TAG_PAGES && chd_http_response_get_header (response, "Link") != NULL)
    next = chd_link_header_next (chd_http_response_get_header (response, "Link"));
  if (next == NULL)
    {
      g_task_return_pointer (task, sort_tags (tags), (GDestroyNotify) g_strfreev);
      return;
    }
  target = chd_registry_resolve (self, response, next, &error);
  if (target == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    request_tags (g_steal_pointer (&task), target);
}

/* Takes @task. */
static void
request_tags (GTask *task, const char *target)
{
  ChdRegistry *self = g_task_get_source_object (task);
  Tags *tags = g_task_get_task_data (task);
  g_autoptr (ChdHttpRequest) request = chd_registry_request_new (self, "GET", target, CHD_HTTP_DEFAULT, tags->subject);

  chd_http_request_set_max_body (request, CHD_OCI_MAX_MANIFEST);
  chd_registry_send_async (self, request, tags->scope, NULL, g_task_get_cancellable (task), tags_cb, task);
}

void
chd_registry_list_tags_async (ChdRegistry *self,
                              const char *repository,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autofree char *target = NULL;
  GError *error = NULL;
  Tags *tags;

  g_task_set_source_tag (task, chd_registry_list_tags_async);
  if (!chd_registry_check_names (repository, NULL, &error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  tags = g_new0 (Tags, 1);
  tags->tags = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  tags->subject = chd_registry_describe (self, repository, NULL);
  tags->scope = g_strdup_printf ("repository:%s:pull", repository);
  g_task_set_task_data (task, tags, (GDestroyNotify) tags_free);
  target = g_strdup_printf ("/v2/%s/tags/list?n=1000", repository);
  request_tags (task, target);
}

char **
chd_registry_list_tags_finish (ChdRegistry *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
