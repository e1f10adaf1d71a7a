/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a description asks for beyond the network, what of it the user has allowed, and what it needs that this program
 * cannot do. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "chd-connection-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-util.h"

static gboolean
is_outside (ChdConnection *self, const char *path)
{
  g_autofree char *folder = NULL;
  char *resolved, *resolved_folder;
  gboolean outside = TRUE;

  if (path == NULL)
    return FALSE;
  if (self->folder == NULL)
    return FALSE; /* the user's own description */

  resolved = realpath (path, NULL);
  resolved_folder = realpath (self->folder, NULL);
  if (resolved_folder != NULL)
    folder = g_strconcat (resolved_folder, "/", NULL);
  if (resolved != NULL && folder != NULL)
    outside = !g_str_has_prefix (resolved, folder);
  free (resolved);
  free (resolved_folder);
  return outside;
}

static gboolean
is_local (ChdConnection *self)
{
  g_autoptr (GUri) uri = NULL;
  g_autoptr (GInetAddress) address = NULL;
  const char *host;

  if (self->socket_path != NULL)
    return TRUE;
  uri = self->server != NULL ? g_uri_parse (self->server, G_URI_FLAGS_ENCODED, NULL) : NULL;
  host = uri != NULL ? g_uri_get_host (uri) : NULL;
  if (host == NULL)
    return FALSE;
  address = g_inet_address_new_from_string (host);
  return address != NULL ? g_inet_address_get_is_loopback (address) : g_ascii_strcasecmp (host, "localhost") == 0;
}

/**
 * chd_connection_list_risks:
 * Returns: the #ChdRisk flags that apply, allowed or not
 */
guint
chd_connection_list_risks (ChdConnection *self)
{
  guint risks = 0;

  if (self->exec != NULL)
    risks |= CHD_RISK_EXEC;
  if (is_outside (self, self->ca_file) || is_outside (self, self->token_file) ||
      is_outside (self, self->certificate_file) || is_outside (self, self->key_file))
    risks |= CHD_RISK_FILE;
  if (self->insecure && !is_local (self))
    risks |= CHD_RISK_INSECURE;
  if (self->server != NULL && g_ascii_strncasecmp (self->server, "http:", 5) == 0 && !is_local (self) &&
      chd_connection_has_credentials (self))
    risks |= CHD_RISK_PLAIN_TEXT;
  return risks;
}

guint
chd_connection_get_allowed_risks (ChdConnection *self)
{
  return self->allowed_risks;
}

void
chd_connection_allow_risks (ChdConnection *self, guint risks)
{
  self->allowed_risks |= risks;
}

/**
 * chd_connection_check_risks:
 * Returns: %TRUE when everything risky was allowed, else %FALSE with %CHD_ERROR_NOT_ALLOWED
 */
gboolean
chd_connection_check_risks (ChdConnection *self, GError **error)
{
  guint open = chd_connection_list_risks (self) & ~self->allowed_risks;

  if (self->problem != NULL)
    {
      g_set_error_literal (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED, self->problem);
      return FALSE;
    }
  if (open & CHD_RISK_EXEC)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” runs a program to sign in. Allow it after checking its command line."), self->name);
  else if (open & CHD_RISK_FILE)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” reads files outside its own folder to sign in. Allow it after checking which."), self->name);
  else if (open & CHD_RISK_INSECURE)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” does not check the server’s certificate. Allow it only in a network you trust."), self->name);
  else if (open & CHD_RISK_PLAIN_TEXT)
    g_set_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED,
                 /* Translators: %s is the name of a connection */
                 _ ("“%s” would send its credentials unencrypted. Use an “https” address, or allow it."), self->name);
  return open == 0;
}

/**
 * chd_connection_dup_exec_for_display:
 * Returns: (transfer full) (nullable): the program with all its arguments and environment, one line each
 */
char *
chd_connection_dup_exec_for_display (ChdConnection *self)
{
  JsonArray *args, *env;
  GString *text;
  g_autofree char *whole = NULL;

  if (self->exec == NULL)
    return NULL;
  text = g_string_new (chd_json_string (self->exec, "command", ""));
  args = chd_json_array (self->exec, "args");
  for (guint i = 0; i < chd_json_length (args); i++)
    {
      g_autofree char *quoted =
          g_shell_quote (chd_json_string_at (args, i) != NULL ? chd_json_string_at (args, i) : "");

      g_string_append_printf (text, " %s", quoted);
    }
  env = chd_json_array (self->exec, "env");
  for (guint i = 0; i < chd_json_length (env); i++)
    g_string_append_printf (text, "\n%s=%s", chd_json_string (chd_json_object_at (env, i), "name", ""),
                            chd_json_string (chd_json_object_at (env, i), "value", ""));
  whole = g_string_free (text, FALSE);
  return chd_str_sanitize (whole, -1, 16384);
}

GPtrArray *
chd_connection_list_files (ChdConnection *self)
{
  GPtrArray *files = g_ptr_array_new ();

  g_ptr_array_add (files, self->ca_file);
  g_ptr_array_add (files, self->token_file);
  g_ptr_array_add (files, self->certificate_file);
  g_ptr_array_add (files, self->key_file);
  return files;
}

const char *
chd_connection_get_problem (ChdConnection *self)
{
  return self->problem;
}

void
chd_connection_set_problem (ChdConnection *self, const char *problem)
{
  chd_set_str (&self->problem, problem);
}
