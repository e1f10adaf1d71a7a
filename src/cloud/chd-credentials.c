/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Where the Authorization of an origin comes from. Secrets are zeroed when they are replaced and at the end. */

#include "config.h"

#include "chd-credentials.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-exec-plugin.h"
#include "chd-util.h"

#define MAX_TOKEN (64 * 1024)
/* client-go's figures: a token file is read again after a minute, a program asked again 10 s before the end. */
#define TOKEN_FILE_SECONDS 60
#define EXPIRY_MARGIN_SECONDS 10

struct _ChdCredentials
{
  GObject parent_instance;

  char *header;                 /* (owned) (nullable) secret: the current value */
  char *token_file;             /* (owned) (nullable) */
  ChdConnection *connection;    /* (owned) (nullable) of a program */
  GTlsCertificate *certificate; /* (owned) (nullable) from the program */
  gint64 read_at;               /* monotonic seconds; 0 for never */
  gint64 expires;               /* Unix seconds; 0 for never */
  GPtrArray *waiting;           /* (owned) of GTask, while the program runs */
  gboolean running;
};

G_DEFINE_FINAL_TYPE (ChdCredentials, chd_credentials, G_TYPE_OBJECT)

static void
take_header (ChdCredentials *self, char *header)
{
  chd_secret_free (self->header);
  self->header = header;
}

/* NULL when a token would break out of its header. */
static char *
make_bearer (const char *token)
{
  for (const char *c = token; *c != '\0'; c++)
    if ((guchar) *c < 0x21 || (guchar) *c > 0x7e)
      return NULL;
  return *token != '\0' ? g_strconcat ("Bearer ", token, NULL) : NULL;
}

static void
return_current (ChdCredentials *self, GTask *task)
{
  if (self->header != NULL || self->certificate != NULL)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_SIGN_IN, _ ("There is no token to sign in with."));
}

static char *
read_token_file (const char *path, GError **error)
{
  char *text = chd_read_regular_file (path, MAX_TOKEN, NULL, error);
  char *header;

  if (text == NULL)
    return NULL;
  header = make_bearer (g_strstrip (text));
  chd_secret_free (text);
  if (header == NULL)
    g_set_error_literal (error, CHD_ERROR, CHD_ERROR_SIGN_IN, _ ("The token file does not hold a token."));
  return header;
}

static void
read_token_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  GError *error = NULL;
  char *header = read_token_file (task_data, &error);

  if (header != NULL)
    g_task_return_pointer (task, header, (GDestroyNotify) chd_secret_free);
  else
    g_task_return_error (task, error);
}

static void
token_read_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdCredentials *self = CHD_CREDENTIALS (object);
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  char *header = g_task_propagate_pointer (G_TASK (result), &error);

  if (header == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  take_header (self, header);
  self->read_at = g_get_monotonic_time () / G_USEC_PER_SEC;
  return_current (self, task);
}

static void
program_ran_cb (GObject *object, GAsyncResult *async_result, gpointer user_data)
{
  g_autoptr (ChdCredentials) self = user_data;
  g_autoptr (GError) error = NULL;
  ChdExecResult *result = chd_exec_plugin_run_finish (async_result, &error);
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->running = FALSE;
  if (result != NULL)
    {
      char *header = result->token != NULL ? make_bearer (result->token) : NULL;

      take_header (self, header);
      if (result->certificate == NULL || self->certificate == NULL ||
          !g_tls_certificate_is_same (result->certificate, self->certificate))
        g_set_object (&self->certificate, result->certificate);
      self->expires = result->expires;
      chd_exec_result_free (result);
    }
  for (guint i = 0; i < waiting->len; i++)
    {
      if (error != NULL)
        g_task_return_error (waiting->pdata[i], g_error_copy (error));
      else
        return_current (self, waiting->pdata[i]);
    }
}

static void
chd_credentials_finalize (GObject *object)
{
  ChdCredentials *self = CHD_CREDENTIALS (object);

  take_header (self, NULL);
  g_clear_object (&self->connection);
  g_clear_object (&self->certificate);
  g_ptr_array_unref (self->waiting);
  g_free (self->token_file);
  G_OBJECT_CLASS (chd_credentials_parent_class)->finalize (object);
}

static void
chd_credentials_class_init (ChdCredentialsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_credentials_finalize;
}

static void
chd_credentials_init (ChdCredentials *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

ChdCredentials *
chd_credentials_new_bearer (const char *token)
{
  ChdCredentials *self = g_object_new (CHD_TYPE_CREDENTIALS, NULL);

  self->header = make_bearer (token);
  return self;
}

ChdCredentials *
chd_credentials_new_basic (const char *username, const char *password)
{
  ChdCredentials *self = g_object_new (CHD_TYPE_CREDENTIALS, NULL);
  char *pair = g_strconcat (username, ":", password != NULL ? password : "", NULL);
  char *encoded = g_base64_encode ((const guchar *) pair, strlen (pair));

  self->header = g_strconcat ("Basic ", encoded, NULL);
  chd_secret_free (pair);
  chd_secret_free (encoded);
  return self;
}

ChdCredentials *
chd_credentials_new_token_file (const char *path)
{
  ChdCredentials *self = g_object_new (CHD_TYPE_CREDENTIALS, NULL);

  self->token_file = g_strdup (path);
  return self;
}

ChdCredentials *
chd_credentials_new_for_connection (ChdConnection *connection, GError **error)
{
  if (!chd_connection_check_risks (connection, error))
    return NULL;

  if (chd_connection_get_token_file (connection) != NULL)
    return chd_credentials_new_token_file (chd_connection_get_token_file (connection));
  if (chd_connection_get_token (connection) != NULL)
    return chd_credentials_new_bearer (chd_connection_get_token (connection));
  if (chd_connection_get_username (connection) != NULL)
    return chd_credentials_new_basic (chd_connection_get_username (connection),
                                      chd_connection_get_password (connection));
  if (chd_connection_get_exec (connection) != NULL)
    {
      ChdCredentials *self = g_object_new (CHD_TYPE_CREDENTIALS, NULL);

      self->connection = g_object_ref (connection);
      return self;
    }
  return NULL;
}

void
chd_credentials_get_async (ChdCredentials *self,
                           gboolean renew,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  gint64 now = g_get_monotonic_time () / G_USEC_PER_SEC;

  g_task_set_source_tag (task, chd_credentials_get_async);
  if (self->token_file != NULL && (renew || self->header == NULL || now - self->read_at >= TOKEN_FILE_SECONDS))
    {
      g_autoptr (GTask) reading = g_task_new (self, cancellable, token_read_cb, task);

      g_task_set_task_data (reading, g_strdup (self->token_file), g_free);
      g_task_run_in_thread (reading, read_token_thread);
      return;
    }
  if (self->connection != NULL &&
      (renew || (self->header == NULL && self->certificate == NULL) ||
       (self->expires != 0 && g_get_real_time () / G_USEC_PER_SEC >= self->expires - EXPIRY_MARGIN_SECONDS)))
    {
      g_ptr_array_add (self->waiting, task);
      if (!self->running)
        {
          self->running = TRUE;
          /* It serves all who wait, so no single one of them cancels it. */
          chd_exec_plugin_run_async (self->connection, NULL, program_ran_cb, g_object_ref (self));
        }
      return;
    }
  return_current (self, task);
  g_object_unref (task);
}

char *
chd_credentials_get_finish (ChdCredentials *self, GAsyncResult *result, GTlsCertificate **certificate, GError **error)
{
  if (certificate != NULL)
    *certificate = NULL;
  if (!g_task_propagate_boolean (G_TASK (result), error))
    return NULL;

  if (certificate != NULL && self->certificate != NULL)
    *certificate = g_object_ref (self->certificate);
  return g_strdup (self->header);
}

/**
 * chd_credentials_can_renew:
 * Returns: whether asking again may give something else
 */
gboolean
chd_credentials_can_renew (ChdCredentials *self)
{
  return self->token_file != NULL || self->connection != NULL;
}
