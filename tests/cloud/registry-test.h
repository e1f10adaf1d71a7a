/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cloud-test.h"
#include "image-test.h"

#include "chd-registry.h"

/* A real registry (Debian's docker-registry) as a process of its own. */
typedef struct
{
  GSubprocess *process;
  char *folder;
  char *log;
  char *url;
} RealRegistry;

#define REAL_USER "alice"
#define REAL_PASSWORD "s3cret"

/* Returns: NULL (and the test is skipped) when there is none on this machine. */
static inline RealRegistry *
real_registry_start (gboolean with_login)
{
  g_autofree char *program = g_find_program_in_path ("docker-registry");
  g_autofree char *config = NULL, *path = NULL, *text = NULL, *users = NULL;
  const char *argv[] = { program, "serve", NULL, NULL };
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  RealRegistry *self;

  if (program == NULL)
    {
      g_test_skip ("docker-registry is not there");
      return NULL;
    }
  self = g_new0 (RealRegistry, 1);
  self->folder = g_dir_make_tmp ("chd-registry-XXXXXX", NULL);
  self->log = g_build_filename (self->folder, "log", NULL);
  users = g_build_filename (self->folder, "users", NULL);
  put_file (self->folder, "users", REAL_USER ":$2b$04$nKckiq5YiE9MhrdRld./7eq8Fvadp6GYzaEKcpya7bzehE5fe5fWG\n", -1);
  config = g_strdup_printf ("version: 0.1\n"
                            "log: {level: info, accesslog: {disabled: false}}\n"
                            "storage: {filesystem: {rootdirectory: %s/data}, delete: {enabled: true}}\n"
                            "http: {addr: \"127.0.0.1:0\", secret: x}\n",
                            self->folder);
  if (with_login)
    {
      g_autofree char *plain = g_steal_pointer (&config);

      config = g_strdup_printf ("%sauth: {htpasswd: {realm: test, path: %s}}\n", plain, users);
    }
  put_file (self->folder, "config.yml", config, -1);
  path = g_build_filename (self->folder, "config.yml", NULL);
  argv[2] = path;
  self->process = spawn_server (argv, self->log);
  while (self->url == NULL && g_get_monotonic_time () < end)
    {
      const char *found;

      g_clear_pointer (&text, g_free);
      if (g_file_get_contents (self->log, &text, NULL, NULL) && (found = strstr (text, "listening on 127")) != NULL)
        self->url = g_strdup_printf ("http://%.*s", (int) strcspn (found + 13, "\""), found + 13);
      else
        g_usleep (10000);
    }
  g_assert_nonnull (self->url);
  return self;
}

static inline void
real_registry_stop (RealRegistry *self)
{
  g_subprocess_force_exit (self->process);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  remove_folder (self->folder);
  g_free (self->log);
  g_free (self->url);
  g_free (self);
}

/* How many requests with that method it has seen. */
static inline guint
real_registry_count (RealRegistry *self, const char *method)
{
  g_autofree char *text = NULL;
  g_autofree char *quoted = g_strdup_printf ("] \"%s /v2/", method);
  guint n = 0;

  g_assert_true (g_file_get_contents (self->log, &text, NULL, NULL));
  for (const char *found = strstr (text, quoted); found != NULL; found = strstr (found + 1, quoted))
    n++;
  return n;
}

/* Starts an operation and waits for its result. */
#define CALL(result, function, ...)                                                                                    \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_clear_object (&(result));                                                                                        \
    function (__VA_ARGS__, NULL, chd_test_result_cb, &(result));                                                       \
    chd_test_wait_for ((result) != NULL);                                                                              \
  }                                                                                                                    \
  G_STMT_END

typedef struct
{
  gint64 done, total;
  guint calls;
  gboolean went_back;
  GCancellable *cancellable; /* cancelled when @done passes cancel_at */
  gint64 cancel_at;
} Progress;

static inline void
progress_cb (gint64 done, gint64 total, const char *digest, gpointer user_data)
{
  Progress *progress = user_data;

  if (done < progress->done)
    progress->went_back = TRUE;
  progress->done = done;
  progress->total = total;
  progress->calls++;
  if (progress->cancellable != NULL && done >= progress->cancel_at)
    g_cancellable_cancel (progress->cancellable);
}

static inline char *
push (ChdRegistry *registry,
      ChdImageSource *source,
      const char *repository,
      const char *mount_from,
      Progress *progress,
      GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  memset (progress, 0, offsetof (Progress, cancellable));
  chd_registry_push_async (registry, source, repository, "1", mount_from, progress_cb, progress, NULL,
                           progress->cancellable, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  return chd_registry_push_finish (registry, result, error);
}

static inline ChdImageInfo *
find (ChdRegistry *registry, const char *repository, const char *selector, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  CALL (result, chd_registry_find_async, registry, repository, selector);
  return chd_registry_find_finish (registry, result, error);
}

static inline ChdRegistry *
open_registry (const char *url)
{
  g_autoptr (ChdHttp) http = make_http (url);

  return chd_registry_new (http, NULL);
}
