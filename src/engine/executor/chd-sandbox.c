/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Finds out, once, how steps can be kept apart on this machine. What does not work is said; nothing falls back to less
 * without the user having allowed it. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chd-sandbox-private.h"
#include "chd-util.h"

/* A trial takes some milliseconds; a machine that needs longer for it is no place to run steps. */
#define TRIAL_MS 5000
#define MAX_MESSAGE 500

struct _ChdSandbox
{
  GObject parent_instance;

  ChdSandboxBackend backend;
  char *program;  /* (nullable) */
  GBytes *filter; /* (nullable) */
  gboolean user_namespace;
  char *problem; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (ChdSandbox, chd_sandbox, G_TYPE_OBJECT)

static void
chd_sandbox_finalize (GObject *object)
{
  ChdSandbox *self = CHD_SANDBOX (object);

  g_free (self->program);
  g_clear_pointer (&self->filter, g_bytes_unref);
  g_free (self->problem);
  G_OBJECT_CLASS (chd_sandbox_parent_class)->finalize (object);
}

static void
chd_sandbox_class_init (ChdSandboxClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_sandbox_finalize;
}

static void
chd_sandbox_init (ChdSandbox *self)
{
  self->backend = CHD_SANDBOX_UNAVAILABLE;
}

/* What the trial says, until it ends or its time is over. */
static char *
read_message (int fd, gboolean *in_time)
{
  g_autoptr (GString) message = g_string_new (NULL);
  gint64 deadline = g_get_monotonic_time () + TRIAL_MS * 1000;
  char buffer[512];

  *in_time = FALSE;
  for (;;)
    {
      struct pollfd item = { .fd = fd, .events = POLLIN };
      gint64 left = (deadline - g_get_monotonic_time ()) / 1000;
      ssize_t n;

      if (left <= 0)
        break;
      if (poll (&item, 1, (int) left) <= 0)
        continue;
      n = read (fd, buffer, sizeof buffer);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        {
          *in_time = TRUE;
          break;
        }
      if (message->len < MAX_MESSAGE)
        g_string_append_len (message, buffer, n);
    }
  return chd_str_sanitize (g_strchomp (message->str), -1, MAX_MESSAGE);
}

/* An open file in memory with @data, to be read from its beginning; -1 with errno set. */
int
chd_sandbox_open_data (gconstpointer data, gsize length)
{
  int fd = memfd_create ("chd-step", MFD_CLOEXEC);

  if (fd >= 0 && (pwrite (fd, data, length, 0) != (ssize_t) length))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

/* Runs a command that does nothing, in a sandbox as steps have it. */
static gboolean
try_bubblewrap (ChdSandbox *self, gboolean user_namespace, char **message)
{
  g_autoptr (GPtrArray) args = g_ptr_array_new_with_free_func (g_free);
  const char *envp[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
  g_autoptr (GError) error = NULL;
  gboolean in_time = FALSE;
  int status = -1;
  int filter_target = atoi (CHD_SANDBOX_SECCOMP_FD);
  int filter_fd;
  int fds[2];
  pid_t pid;

  g_ptr_array_add (args, g_strdup (self->program));
  g_ptr_array_add (args, g_strdup ("--ro-bind"));
  g_ptr_array_add (args, g_strdup ("/"));
  g_ptr_array_add (args, g_strdup ("/"));
  chd_sandbox_add_common_args (args, user_namespace, FALSE, 4096);
  g_ptr_array_add (args, g_strdup ("--seccomp"));
  g_ptr_array_add (args, g_strdup (CHD_SANDBOX_SECCOMP_FD));
  g_ptr_array_add (args, g_strdup ("--"));
  g_ptr_array_add (args, g_find_program_in_path ("true"));
  g_ptr_array_add (args, NULL);

  if (pipe2 (fds, O_CLOEXEC) != 0)
    return FALSE;
  filter_fd = chd_sandbox_open_data (g_bytes_get_data (self->filter, NULL), g_bytes_get_size (self->filter));
  if (!g_spawn_async_with_pipes_and_fds ("/", (const char *const *) args->pdata, envp,
                                         G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL, NULL, NULL, -1, -1,
                                         fds[1], &filter_fd, &filter_target, 1, &pid, NULL, NULL, NULL, &error))
    {
      close (filter_fd);
      close (fds[0]);
      close (fds[1]);
      *message = g_strdup (error->message);
      return FALSE;
    }
  close (fds[1]);
  close (filter_fd);
  *message = read_message (fds[0], &in_time);
  close (fds[0]);
  if (!in_time)
    kill (pid, SIGKILL);
  while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
    ;
  return in_time && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

/* %NULL when bubblewrap works, else why it does not. */
static char *
find_bubblewrap (ChdSandbox *self)
{
  g_autofree char *message = NULL;
  g_autofree char *second = NULL;

  if (g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS))
    return g_strdup (_ ("Inside Flatpak steps cannot be kept apart from each other. Install the engine on the system "
                        "itself, or connect to an engine elsewhere."));
  self->program = g_find_program_in_path ("bwrap");
  if (self->program == NULL)
    return g_strdup (_ ("The program “bwrap” is missing. Install the package “bubblewrap”."));
  self->filter = chd_seccomp_build_filter (&message);
  if (self->filter == NULL)
    return g_steal_pointer (&message);
  self->user_namespace = TRUE;
  if (try_bubblewrap (self, TRUE, &message))
    return NULL;
  /* Root needs no user name space to be rid of its privileges. */
  self->user_namespace = FALSE;
  if (geteuid () == 0 && try_bubblewrap (self, FALSE, &second))
    return NULL;
  /* Translators: %s is what the program said, in English */
  return g_strdup_printf (_ ("This machine does not let “bwrap” make a sandbox for steps: %s"),
                          message != NULL && *message != '\0' ? message : _ ("it did not end in time"));
}

ChdSandbox *
chd_sandbox_new (gboolean allow_unsandboxed)
{
  ChdSandbox *self = g_object_new (CHD_TYPE_SANDBOX, NULL);

  self->problem = find_bubblewrap (self);
  if (self->problem == NULL)
    self->backend = CHD_SANDBOX_BUBBLEWRAP;
  else if (allow_unsandboxed)
    self->backend = CHD_SANDBOX_NONE;
  return self;
}

ChdSandboxBackend
chd_sandbox_get_backend (ChdSandbox *self)
{
  g_return_val_if_fail (CHD_IS_SANDBOX (self), CHD_SANDBOX_UNAVAILABLE);

  return self->backend;
}

const char *
chd_sandbox_get_problem (ChdSandbox *self)
{
  g_return_val_if_fail (CHD_IS_SANDBOX (self), NULL);

  return self->problem;
}

const char *
chd_sandbox_get_program (ChdSandbox *self)
{
  return self->program;
}

gboolean
chd_sandbox_has_user_namespace (ChdSandbox *self)
{
  return self->user_namespace;
}

GBytes *
chd_sandbox_get_filter (ChdSandbox *self)
{
  return self->filter;
}

JsonObject *
chd_sandbox_describe (ChdSandbox *self)
{
  static const char *const names[] = { "bubblewrap", "flatpak", "none", "unavailable" };
  JsonObject *object;
  gboolean works;

  g_return_val_if_fail (CHD_IS_SANDBOX (self), NULL);

  object = json_object_new ();
  works = self->backend == CHD_SANDBOX_BUBBLEWRAP;
  json_object_set_string_member (object, "backend", names[self->backend]);
  if (self->program != NULL)
    json_object_set_string_member (object, "program", self->program);
  json_object_set_boolean_member (object, "seccomp", works);
  json_object_set_boolean_member (object, "userNamespace", works && self->user_namespace);
  if (self->problem != NULL)
    json_object_set_string_member (object, "problem", self->problem);
  return object;
}
