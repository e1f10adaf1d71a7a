/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <libsoup/soup.h>
#include <string.h>

#include "chd-error.h"
#include "chd-http.h"
#include "chd-json.h"
#include "chd-test-loop.h"
#include "spawn-test.h"

/* A server that misbehaves as a scenario says (shared data), as a process of its own. */
typedef struct
{
  GSubprocess *process;
  char *folder;
  guint port, port2;
  char *url;
} Faulty;

static inline Faulty *
faulty_start (const char *scenario_path, const char *scenario_text, const char *cert, const char *key)
{
  g_autofree char *tool = chd_test_shared ("tools/faulty_server.py");
  g_autofree char *ready = NULL, *scenario = NULL, *content = NULL;
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_auto (GStrv) lines = NULL;
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  Faulty *self;

  if (tool == NULL)
    return NULL;
  self = g_new0 (Faulty, 1);
  self->folder = g_dir_make_tmp ("chd-XXXXXX", NULL);
  ready = g_build_filename (self->folder, "ready", NULL);
  scenario = scenario_path != NULL ? g_strdup (scenario_path) : g_build_filename (self->folder, "scenario.json", NULL);
  if (scenario_text != NULL)
    g_assert_true (g_file_set_contents (scenario, scenario_text, -1, NULL));
  g_ptr_array_add (argv, (char *) "python3");
  g_ptr_array_add (argv, tool);
  g_ptr_array_add (argv, scenario);
  g_ptr_array_add (argv, (char *) "--second-port");
  g_ptr_array_add (argv, (char *) "--ready-file");
  g_ptr_array_add (argv, ready);
  if (cert != NULL)
    {
      g_ptr_array_add (argv, (char *) "--tls");
      g_ptr_array_add (argv, (char *) cert);
      g_ptr_array_add (argv, (char *) key);
    }
  g_ptr_array_add (argv, NULL);
  self->process = spawn_server ((const char *const *) argv->pdata, NULL);
  while (g_get_monotonic_time () < end)
    {
      g_clear_pointer (&content, g_free);
      g_clear_pointer (&lines, g_strfreev);
      if (g_file_get_contents (ready, &content, NULL, NULL))
        {
          lines = g_strsplit (content, "\n", -1);
          if (g_strv_length (lines) >= 3)
            break;
        }
      g_usleep (10000);
    }
  g_assert_nonnull (lines);
  self->port = (guint) atoi (lines[0]);
  self->port2 = (guint) atoi (lines[1]);
  self->url = g_strdup_printf ("%s://127.0.0.1:%u", cert != NULL ? "https" : "http", self->port);
  return self;
}

static inline void
faulty_stop (Faulty *self)
{
  static const char *const names[] = { "ready", "scenario.json" };

  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (self->folder, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (self->folder);
  g_free (self->folder);
  g_free (self->url);
  g_free (self);
}

static inline ChdHttp *
make_http (const char *url)
{
  g_autoptr (GError) error = NULL;
  ChdHttp *http = chd_http_new (url, NULL, &error);

  g_assert_no_error (error);
  chd_http_set_backoff (http, 5);
  return http;
}

static inline ChdHttpResponse *
http_send (ChdHttp *http, ChdHttpRequest *request, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  chd_http_send_async (http, request, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_http_send_finish (http, result, error);
}

static inline ChdHttpResponse *
http_get (ChdHttp *http, const char *target, ChdHttpFlags flags, GError **error)
{
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", target, flags);

  return http_send (http, request, error);
}

static inline JsonObject *
http_get_json (ChdHttp *http, const char *target, GError **error)
{
  g_autoptr (ChdHttpRequest) request = chd_http_request_new ("GET", target, 0);
  g_autoptr (GAsyncResult) result = NULL;

  chd_http_send_json_async (http, request, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_http_send_json_finish (http, result, NULL, error);
}

/* What the faulty server was asked, one object a request. (element-type JsonObject) */
static inline GPtrArray *
faulty_log (Faulty *faulty)
{
  g_autoptr (ChdHttp) http = make_http (faulty->url);
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdHttpResponse) response = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GPtrArray *log = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  gsize length;
  const char *data;

  chd_http_set_insecure (http, TRUE);
  response = http_get (http, "/_faulty/log", 0, &error);
  g_assert_no_error (error);
  data = g_bytes_get_data (chd_http_response_get_body (response), &length);
  text = g_strndup (data != NULL ? data : "", length);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      JsonObject *entry = chd_json_parse_object (lines[i], strlen (lines[i]), 1 << 20, CHD_JSON_DEFAULT, NULL);

      if (entry != NULL)
        g_ptr_array_add (log, entry);
    }
  return log;
}

/* A server in this process, for answers of our own. */
static inline SoupServer *
server_start (SoupServerCallback callback, gpointer user_data, char **url)
{
  SoupServer *server = soup_server_new (NULL, NULL);
  GSList *uris;

  soup_server_add_handler (server, NULL, callback, user_data, NULL);
  g_assert_true (soup_server_listen_local (server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY, NULL));
  uris = soup_server_get_uris (server);
  *url = g_uri_to_string (uris->data);
  (*url)[strlen (*url) - 1] = '\0';
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return server;
}
