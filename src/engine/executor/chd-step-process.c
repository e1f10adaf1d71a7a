/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine's side of a running step: starts the supervisor, opens its gate, waits for its end, asks it to end the
 * step.
 *
 * The supervisor is held by a pidfd, so that no other process is ever taken for it; an adopted one must have the start
 * time that was stored. How the step ended is read from its record only, the same way for own and adopted ones. */

#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chd-error.h"
#include "chd-sandbox-private.h"
#include "chd-step-private.h"
#include "chd-util.h"
#include "step/step.h"

/* The supervisor needs five seconds of grace for the step; after this it is ended itself, and the step with it. */
#define KILL_SECONDS 8
/* When a supervisor was killed, the kernel has killed its sandbox by the time we hear of it; this is for the last of
 * its processes to be gone too. */
#define LOST_MS 300

struct _ChdStepProcess
{
  GObject parent_instance;

  GPid pid;
  guint64 start_time;
  char *boot_id;
  char *record_path;
  gboolean is_child; /* of ours, to be reaped */
  int pidfd;         /* -1 when the process is no more */
  int gate_fd;       /* -1 when open or not ours */
  guint watch_id;
  guint kill_id;
  ChdStepExit *exit; /* (nullable) until it ended */
};

enum
{
  SIGNAL_EXITED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (ChdStepProcess, chd_step_process, G_TYPE_OBJECT)

static const char *
get_boot_id (void)
{
  static char *boot_id;

  if (g_once_init_enter (&boot_id))
    {
      char *text = NULL;

      if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &text, NULL, NULL))
        text = g_strdup ("unknown");
      g_once_init_leave (&boot_id, g_strchomp (text));
    }
  return boot_id;
}

/* Field 22 of /proc/PID/stat; 0 when there is no such process. */
static guint64
read_start_time (GPid pid)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;
  const char *after;

  if (!g_file_get_contents (path, &text, NULL, NULL) || (after = strrchr (text, ')')) == NULL)
    return 0;
  fields = g_strsplit (after + 1, " ", -1);
  return g_strv_length (fields) > 20 ? g_ascii_strtoull (fields[20], NULL, 10) : 0;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static guint
attach (GSource *source, GSourceFunc callback, gpointer user_data)
{
  guint id;

  g_source_set_callback (source, callback, user_data, NULL);
  id = g_source_attach (source, NULL);
  g_source_unref (source);
  return id;
}

static void conclude (ChdStepProcess *self);

static gboolean
gone_cb (gpointer user_data)
{
  ChdStepProcess *self = user_data;

  self->watch_id = 0;
  conclude (self);
  return G_SOURCE_REMOVE;
}

static void
conclude (ChdStepProcess *self)
{
  g_autoptr (ChdStepProcess) keep = g_object_ref (self);

  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_clear_handle_id (&self->kill_id, g_source_remove);
  if (self->is_child)
    while (waitpid (self->pid, NULL, 0) < 0 && errno == EINTR)
      ;
  self->is_child = FALSE;
  close_fd (&self->pidfd);
  close_fd (&self->gate_fd);
  self->exit = chd_step_exit_read (self->record_path);
  g_signal_emit (self, signals[SIGNAL_EXITED], 0);
}

static gboolean
ended_cb (int fd, GIOCondition condition, gpointer user_data)
{
  ChdStepProcess *self = user_data;
  g_autoptr (ChdStepExit) end = chd_step_exit_read (self->record_path);

  self->watch_id = 0;
  if (end->end == CHD_STEP_LOST)
    self->watch_id = attach (g_timeout_source_new (LOST_MS), gone_cb, self);
  else
    conclude (self);
  return G_SOURCE_REMOVE;
}

static void
send_signal (ChdStepProcess *self, int number)
{
  if (self->pidfd >= 0)
    syscall (SYS_pidfd_send_signal, self->pidfd, number, NULL, 0);
}

static gboolean
kill_cb (gpointer user_data)
{
  ChdStepProcess *self = user_data;

  self->kill_id = 0;
  send_signal (self, SIGKILL);
  return G_SOURCE_REMOVE;
}

/* A step that runs on after its object is gone must not stay a zombie when it ends. */
static void
reap_cb (GPid pid, int status, gpointer user_data)
{
}

static void
chd_step_process_dispose (GObject *object)
{
  ChdStepProcess *self = CHD_STEP_PROCESS (object);

  g_clear_handle_id (&self->watch_id, g_source_remove);
  g_clear_handle_id (&self->kill_id, g_source_remove);
  close_fd (&self->pidfd);
  close_fd (&self->gate_fd);
  if (self->is_child)
    g_child_watch_add (self->pid, reap_cb, NULL);
  self->is_child = FALSE;
  G_OBJECT_CLASS (chd_step_process_parent_class)->dispose (object);
}

static void
chd_step_process_finalize (GObject *object)
{
  ChdStepProcess *self = CHD_STEP_PROCESS (object);

  g_clear_pointer (&self->exit, chd_step_exit_free);
  g_free (self->boot_id);
  g_free (self->record_path);
  G_OBJECT_CLASS (chd_step_process_parent_class)->finalize (object);
}

static void
chd_step_process_class_init (ChdStepProcessClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = chd_step_process_dispose;
  object_class->finalize = chd_step_process_finalize;
  signals[SIGNAL_EXITED] =
      g_signal_new ("exited", CHD_TYPE_STEP_PROCESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
chd_step_process_init (ChdStepProcess *self)
{
  self->pidfd = -1;
  self->gate_fd = -1;
}

static void
put (GByteArray *text, const char *key, const char *value)
{
  g_byte_array_append (text, (const guint8 *) key, (guint) strlen (key));
  g_byte_array_append (text, (const guint8 *) "=", 1);
  g_byte_array_append (text, (const guint8 *) value, (guint) strlen (value) + 1);
}

static void
put_number (GByteArray *text, const char *key, guint64 value)
{
  g_autofree char *number = g_strdup_printf ("%" G_GUINT64_FORMAT, value);

  put (text, key, number);
}

/* The interpreter that the file at @argv0 asks for, as it stands there; %NULL for programs. */
static char *
find_interpreter (const ChdStepSpec *spec, const char *argv0)
{
  g_autofree char *path = g_build_filename (chd_image_get_root (spec->image), argv0, NULL);
  char head[256];
  ssize_t n;
  int fd;

  if (!g_path_is_absolute (argv0))
    return NULL;
  for (guint i = 0; i < spec->mounts->len; i++)
    {
      const ChdStepMount *mount = spec->mounts->pdata[i];
      gsize length = strlen (mount->sandbox_path);

      if (mount->host_path != NULL && strncmp (argv0, mount->sandbox_path, length) == 0 &&
          (argv0[length] == '/' || argv0[length] == '\0'))
        {
          g_free (path);
          path = g_build_filename (mount->host_path, argv0 + length, NULL);
        }
    }
  fd = open (path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
  n = fd >= 0 ? read (fd, head, sizeof head - 1) : -1;
  close_fd (&fd);
  if (n < 3 || head[0] != '#' || head[1] != '!')
    return NULL;
  head[n] = '\0';
  head[strcspn (head, "\n")] = '\0';
  return g_strdup (head + 2 + strspn (head + 2, " \t"));
}

/* The beginning of the sentence that a step gets which cannot be started; the system's own words follow. */
static char *
describe_subject (const ChdStepSpec *spec)
{
  const char *command = spec->argv[0];
  const char *image = chd_image_get_reference (spec->image);
  g_autofree char *interpreter = find_interpreter (spec, command);
  g_autofree char *shown = interpreter != NULL ? chd_str_sanitize (interpreter, -1, 200) : NULL;

  if (interpreter != NULL && g_str_has_suffix (interpreter, "\r"))
    /* Translators: a script, and an image */
    return g_strdup_printf (_ ("The script “%s” cannot be started in the image “%s”: its lines end as on Windows."),
                            command, image);
  if (interpreter != NULL)
    /* Translators: a script, an image, and the program that the script's first line names */
    return g_strdup_printf (_ ("The script “%s” cannot be started in the image “%s”. It needs the interpreter “%s”."),
                            command, image, shown);
  /* Translators: a command, and an image */
  return g_strdup_printf (_ ("The command “%s” cannot be started in the image “%s”."), command, image);
}

/* Without a sandbox, paths cannot be moved. */
static gboolean
check_unsandboxed (const ChdStepSpec *spec, GError **error)
{
  gboolean ok = chd_image_is_host (spec->image);

  for (guint i = 0; ok && i < spec->mounts->len; i++)
    {
      const ChdStepMount *mount = spec->mounts->pdata[i];

      ok = g_strcmp0 (mount->host_path, mount->sandbox_path) == 0;
    }
  if (!ok)
    g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED,
                 _ ("Without a sandbox, steps can only run in this machine's own system, with folders in their own "
                    "places."));
  return ok;
}

/* Everything the supervisor has to know. @args: (nullable): bwrap's. */
static GByteArray *
write_spec (ChdSandbox *sandbox, const ChdStepSpec *spec, gboolean sandboxed)
{
  GByteArray *text = g_byte_array_new ();
  g_autofree char *subject = describe_subject (spec);
  g_autofree char *crowd =
      g_strdup_printf (_ ("The step was ended because it had more than %u processes."), spec->limits.processes);

  put (text, "log", spec->log_path);
  put (text, "record", spec->record_path);
  put (text, "subject", subject);
  put (text, "cut-note", _ ("The log ends here: the step wrote more than is kept."));
  put (text, "crowd-note", crowd);
  put (text, "working-dir", chd_step_spec_get_working_dir (spec));
  put (text, "sandboxed", sandboxed ? "1" : "0");
  put_number (text, "seconds", spec->limits.seconds);
  put_number (text, "memory", spec->limits.memory);
  put_number (text, "processes", spec->limits.processes);
  put_number (text, "file-size", spec->limits.file_size);
  put_number (text, "output", spec->limits.output);
  if (sandboxed)
    {
      static const char *const options[] = {
        "--args",     CHD_SANDBOX_ARGS_FD,  "--json-status-fd", CHD_SANDBOX_STATUS_FD,
        "--block-fd", CHD_SANDBOX_BLOCK_FD, "--seccomp",        CHD_SANDBOX_SECCOMP_FD,
        "--"
      };

      put (text, "arg", chd_sandbox_get_program (sandbox));
      for (guint i = 0; i < G_N_ELEMENTS (options); i++)
        put (text, "arg", options[i]);
    }
  for (guint i = 0; spec->argv[i] != NULL; i++)
    put (text, "arg", spec->argv[i]);
  for (guint i = 0; !sandboxed && i < spec->env->len; i++)
    put (text, "env", spec->env->pdata[i]);
  return text;
}

static GByteArray *
join_args (GPtrArray *args)
{
  GByteArray *text = g_byte_array_new ();

  for (guint i = 0; i < args->len; i++)
    g_byte_array_append (text, args->pdata[i], (guint) strlen (args->pdata[i]) + 1);
  return text;
}

/* What is left of an earlier try would be read as this one's end. */
static gboolean
clear_files (const ChdStepSpec *spec, GError **error)
{
  const char *const paths[] = { spec->log_path, spec->record_path };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autofree char *folder = g_path_get_dirname (paths[i]);

      if (g_mkdir_with_parents (folder, 0700) != 0 || (g_unlink (paths[i]) != 0 && errno != ENOENT))
        {
          g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The step's files cannot be made: %s"),
                       g_strerror (errno));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
start_supervisor (ChdStepProcess *self, const char *program, const int *fds, GError **error)
{
  static const int targets[] = { STEP_FD_SPEC, STEP_FD_ARGS, STEP_FD_SECCOMP, STEP_FD_GATE };
  const char *const argv[] = { program, NULL };
  const char *const envp[] = { "PATH=/usr/bin:/bin", NULL };
  g_autoptr (GError) inner = NULL;

  if (!g_spawn_async_with_pipes_and_fds (
          "/", argv, envp, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL,
          NULL, -1, -1, -1, fds, targets, G_N_ELEMENTS (targets), &self->pid, NULL, NULL, NULL, &inner))
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The supervisor of steps cannot be started: %s"),
                   inner->message);
      return FALSE;
    }
  self->is_child = TRUE;
  self->start_time = read_start_time (self->pid);
  self->pidfd = (int) syscall (SYS_pidfd_open, self->pid, 0);
  if (self->pidfd < 0)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, _ ("This system's kernel is too old to run steps: %s"),
                   g_strerror (errno));
      return FALSE;
    }
  self->watch_id = attach (g_unix_fd_source_new (self->pidfd, G_IO_IN), G_SOURCE_FUNC (ended_cb), self);
  return TRUE;
}

ChdStepProcess *
chd_step_process_spawn (ChdSandbox *sandbox, ChdStepSpec *spec, GError **error)
{
  g_autoptr (ChdStepProcess) self = NULL;
  g_autoptr (GPtrArray) args = NULL;
  g_autoptr (GByteArray) text = NULL;
  g_autoptr (GByteArray) arg_text = NULL;
  g_autofree char *program = NULL;
  gboolean sandboxed = chd_sandbox_get_backend (sandbox) == CHD_SANDBOX_BUBBLEWRAP;
  GBytes *filter = chd_sandbox_get_filter (sandbox);
  int fds[4] = { -1, -1, -1, -1 };
  int gate[2];
  gboolean ok;

  g_return_val_if_fail (spec->argv != NULL && spec->argv[0] != NULL, NULL);
  g_return_val_if_fail (spec->log_path != NULL && spec->record_path != NULL, NULL);

  if (chd_sandbox_get_backend (sandbox) == CHD_SANDBOX_UNAVAILABLE)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, chd_sandbox_get_problem (sandbox));
      return NULL;
    }
  if (!sandboxed && !check_unsandboxed (spec, error))
    return NULL;
  if (sandboxed && (args = chd_sandbox_build_args (sandbox, spec, error)) == NULL)
    return NULL;
  program = chd_program_path ("chain-step");
  if (program == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE,
                   _ ("The program “chain-step”, which runs steps, is not installed."));
      return NULL;
    }
  if (!clear_files (spec, error))
    return NULL;
  text = write_spec (sandbox, spec, sandboxed);
  if (text->len > STEP_MAX_SPEC)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_LIMIT, _ ("The step's command and variables are too large."));
      return NULL;
    }
  arg_text = sandboxed ? join_args (args) : g_byte_array_new ();

  self = g_object_new (CHD_TYPE_STEP_PROCESS, NULL);
  self->boot_id = g_strdup (get_boot_id ());
  self->record_path = g_strdup (spec->record_path);
  fds[0] = chd_sandbox_open_data (text->data, text->len);
  fds[1] = chd_sandbox_open_data (arg_text->data, arg_text->len);
  fds[2] = filter != NULL ? chd_sandbox_open_data (g_bytes_get_data (filter, NULL), g_bytes_get_size (filter))
                          : chd_sandbox_open_data ("", 0);
  ok = fds[0] >= 0 && fds[1] >= 0 && fds[2] >= 0 && socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, gate) == 0;
  if (!ok)
    g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The supervisor of steps cannot be started: %s"),
                 g_strerror (errno));
  else
    {
      fds[3] = gate[0];
      self->gate_fd = gate[1];
      ok = start_supervisor (self, program, fds, error);
    }
  for (guint i = 0; i < G_N_ELEMENTS (fds); i++)
    close_fd (&fds[i]);
  return ok ? g_steal_pointer (&self) : NULL;
}

ChdStepProcess *
chd_step_process_adopt (GPid pid, guint64 start_time, const char *boot_id, const char *record_path)
{
  ChdStepProcess *self = g_object_new (CHD_TYPE_STEP_PROCESS, NULL);

  self->pid = pid;
  self->start_time = start_time;
  self->boot_id = g_strdup (boot_id);
  self->record_path = g_strdup (record_path);
  if (pid > 1 && g_strcmp0 (boot_id, get_boot_id ()) == 0)
    self->pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
  /* Looked at while the pidfd holds the number: it is this process now, or it never was. */
  if (self->pidfd >= 0 && read_start_time (pid) != start_time)
    close_fd (&self->pidfd);
  if (self->pidfd >= 0)
    self->watch_id = attach (g_unix_fd_source_new (self->pidfd, G_IO_IN), G_SOURCE_FUNC (ended_cb), self);
  else
    self->watch_id = attach (g_idle_source_new (), gone_cb, self);
  return self;
}

GPid
chd_step_process_get_pid (ChdStepProcess *self)
{
  g_return_val_if_fail (CHD_IS_STEP_PROCESS (self), 0);

  return self->pid;
}

guint64
chd_step_process_get_start_time (ChdStepProcess *self)
{
  g_return_val_if_fail (CHD_IS_STEP_PROCESS (self), 0);

  return self->start_time;
}

const char *
chd_step_process_get_boot_id (ChdStepProcess *self)
{
  g_return_val_if_fail (CHD_IS_STEP_PROCESS (self), NULL);

  return self->boot_id;
}

void
chd_step_process_release (ChdStepProcess *self)
{
  g_return_if_fail (CHD_IS_STEP_PROCESS (self));

  /* When nobody is there to read it, the process ended, and that is found out anyway. */
  if (self->gate_fd >= 0 && send (self->gate_fd, "r", 1, MSG_NOSIGNAL) < 0)
    g_debug ("A step's gate cannot be opened: %s", g_strerror (errno));
  close_fd (&self->gate_fd);
}

void
chd_step_process_kill (ChdStepProcess *self)
{
  g_return_if_fail (CHD_IS_STEP_PROCESS (self));

  if (self->pidfd < 0 || self->kill_id != 0)
    return;
  close_fd (&self->gate_fd);
  send_signal (self, SIGTERM);
  self->kill_id = attach (g_timeout_source_new_seconds (KILL_SECONDS), kill_cb, self);
}

const ChdStepExit *
chd_step_process_get_exit (ChdStepProcess *self)
{
  g_return_val_if_fail (CHD_IS_STEP_PROCESS (self), NULL);

  return self->exit;
}
