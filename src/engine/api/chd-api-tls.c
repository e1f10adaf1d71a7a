/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * TLS for kubectl, which sends no token over plain HTTP: a certificate authority of the engine's own, made at first
 * use, and a server certificate made anew at each start. */

#include "config.h"

#include "chd-api-tls.h"

#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>
#include <string.h>
#include <time.h>

#include "chd-error.h"
#include "chd-util.h"

#define DAY (24 * 60 * 60)
#define AUTHORITY_DAYS 3650
#define SERVER_DAYS 365
#define TOKEN_BYTES 32

typedef struct
{
  gnutls_x509_privkey_t key;
  gnutls_x509_crt_t certificate;
} Pair;

static void
pair_clear (Pair *pair)
{
  if (pair->key != NULL)
    gnutls_x509_privkey_deinit (pair->key);
  if (pair->certificate != NULL)
    gnutls_x509_crt_deinit (pair->certificate);
}

static gboolean
failed (int result, GError **error)
{
  if (result >= 0)
    return FALSE;
  if (error != NULL && *error == NULL)
    {
      g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine cannot make its TLS certificate."));
      chd_error_set_details (*error, gnutls_strerror (result));
    }
  return TRUE;
}

static gboolean
start_pair (Pair *pair, const char *name, int days, GError **error)
{
  guint8 serial[16];
  time_t now = time (NULL);

  if (failed (gnutls_rnd (GNUTLS_RND_NONCE, serial, sizeof serial), error))
    return FALSE;
  serial[0] &= 0x7f;
  return !failed (gnutls_x509_privkey_init (&pair->key), error) &&
         !failed (gnutls_x509_privkey_generate (pair->key, GNUTLS_PK_ECDSA,
                                                GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1), 0),
                  error) &&
         !failed (gnutls_x509_crt_init (&pair->certificate), error) &&
         !failed (gnutls_x509_crt_set_version (pair->certificate, 3), error) &&
         !failed (gnutls_x509_crt_set_serial (pair->certificate, serial, sizeof serial), error) &&
         !failed (gnutls_x509_crt_set_activation_time (pair->certificate, now - DAY), error) &&
         !failed (gnutls_x509_crt_set_expiration_time (pair->certificate, now + (time_t) days * DAY), error) &&
         !failed (gnutls_x509_crt_set_dn_by_oid (pair->certificate, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                                 (unsigned) strlen (name)),
                  error) &&
         !failed (gnutls_x509_crt_set_key (pair->certificate, pair->key), error);
}

static gboolean
make_authority (Pair *pair, GError **error)
{
  return start_pair (pair, "chain-engine CA", AUTHORITY_DAYS, error) &&
         !failed (gnutls_x509_crt_set_basic_constraints (pair->certificate, 1, 0), error) &&
         !failed (gnutls_x509_crt_set_key_usage (pair->certificate, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN),
                  error) &&
         !failed (gnutls_x509_crt_sign2 (pair->certificate, pair->certificate, pair->key, GNUTLS_DIG_SHA256, 0), error);
}

static gboolean
make_server (Pair *pair, Pair *authority, GError **error)
{
  static const guint8 loopback[] = { 127, 0, 0, 1 };

  return start_pair (pair, "chain-engine", SERVER_DAYS, error) &&
         !failed (gnutls_x509_crt_set_basic_constraints (pair->certificate, 0, -1), error) &&
         !failed (gnutls_x509_crt_set_key_usage (pair->certificate, GNUTLS_KEY_DIGITAL_SIGNATURE), error) &&
         !failed (gnutls_x509_crt_set_key_purpose_oid (pair->certificate, GNUTLS_KP_TLS_WWW_SERVER, 0), error) &&
         !failed (gnutls_x509_crt_set_subject_alt_name (pair->certificate, GNUTLS_SAN_IPADDRESS, loopback,
                                                        sizeof loopback, GNUTLS_FSAN_SET),
                  error) &&
         !failed (gnutls_x509_crt_set_subject_alt_name (pair->certificate, GNUTLS_SAN_DNSNAME, "localhost", 9,
                                                        GNUTLS_FSAN_APPEND),
                  error) &&
         !failed (gnutls_x509_crt_sign2 (pair->certificate, authority->certificate, authority->key, GNUTLS_DIG_SHA256,
                                         0),
                  error);
}

/* (transfer full): certificate and key as PEM */
static gboolean
export_pair (Pair *pair, char **certificate, char **key, GError **error)
{
  gnutls_datum_t certificate_data = { NULL, 0 };
  gnutls_datum_t key_data = { NULL, 0 };
  gboolean ok;

  ok = !failed (gnutls_x509_crt_export2 (pair->certificate, GNUTLS_X509_FMT_PEM, &certificate_data), error) &&
       !failed (gnutls_x509_privkey_export2_pkcs8 (pair->key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &key_data),
                error);
  if (ok)
    {
      *certificate = g_strndup ((const char *) certificate_data.data, certificate_data.size);
      *key = g_strndup ((const char *) key_data.data, key_data.size);
    }
  gnutls_free (certificate_data.data);
  gnutls_free (key_data.data);
  return ok;
}

static gboolean
import_pair (Pair *pair, const char *certificate, const char *key)
{
  gnutls_datum_t certificate_data = { (unsigned char *) (gpointer) certificate, (unsigned) strlen (certificate) };
  gnutls_datum_t key_data = { (unsigned char *) (gpointer) key, (unsigned) strlen (key) };

  return gnutls_x509_crt_init (&pair->certificate) >= 0 &&
         gnutls_x509_crt_import (pair->certificate, &certificate_data, GNUTLS_X509_FMT_PEM) >= 0 &&
         gnutls_x509_crt_get_expiration_time (pair->certificate) > time (NULL) + SERVER_DAYS * (time_t) DAY &&
         gnutls_x509_privkey_init (&pair->key) >= 0 &&
         gnutls_x509_privkey_import2 (pair->key, &key_data, GNUTLS_X509_FMT_PEM, NULL, 0) >= 0;
}

static gboolean
save (const char *path, const char *text, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
                                &local))
    return TRUE;
  g_set_error (error, CHD_ERROR, CHD_ERROR_ENGINE, _ ("The engine cannot keep its TLS certificate."));
  if (error != NULL)
    chd_error_set_details (*error, local->message);
  return FALSE;
}

static gboolean
load_authority (const char *folder, Pair *pair, GError **error)
{
  g_autofree char *certificate_path = g_build_filename (folder, "ca.crt", NULL);
  g_autofree char *key_path = g_build_filename (folder, "ca.key", NULL);
  g_autofree char *certificate = NULL;
  char *key = NULL;
  gboolean ok;

  if (g_file_get_contents (certificate_path, &certificate, NULL, NULL) &&
      g_file_get_contents (key_path, &key, NULL, NULL) && import_pair (pair, certificate, key))
    {
      chd_secret_free (key);
      return TRUE;
    }
  chd_secret_free (key);
  key = NULL;
  g_clear_pointer (&certificate, g_free);
  pair_clear (pair);
  memset (pair, 0, sizeof *pair);
  ok = make_authority (pair, error) && export_pair (pair, &certificate, &key, error) && save (key_path, key, error) &&
       save (certificate_path, certificate, error);
  chd_secret_free (key);
  return ok;
}

static char *
load_token (const char *folder, GError **error)
{
  g_autofree char *path = g_build_filename (folder, "token", NULL);
  guint8 bytes[TOKEN_BYTES];
  char *token = NULL;
  GString *text;

  if (g_file_get_contents (path, &token, NULL, NULL) && strlen (token) == 2 * TOKEN_BYTES)
    return token;
  g_free (token);
  if (failed (gnutls_rnd (GNUTLS_RND_KEY, bytes, sizeof bytes), error))
    return NULL;
  text = g_string_new (NULL);
  for (guint i = 0; i < sizeof bytes; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  token = g_string_free (text, FALSE);
  if (save (path, token, error))
    return token;
  chd_secret_free (token);
  return NULL;
}

ChdApiTls *
chd_api_tls_load (const char *folder, GError **error)
{
  g_autofree char *own = g_build_filename (folder, "tls", NULL);
  Pair authority = { NULL, NULL };
  Pair server = { NULL, NULL };
  ChdApiTls *self = g_new0 (ChdApiTls, 1);
  g_autofree char *certificate = NULL;
  g_autofree char *both = NULL;
  char *authority_key = NULL;
  char *key = NULL;
  gboolean ok;

  ok = chd_make_private_directory (own, error) && load_authority (own, &authority, error) &&
       export_pair (&authority, &self->authority, &authority_key, error) && make_server (&server, &authority, error) &&
       export_pair (&server, &certificate, &key, error) && (self->token = load_token (own, error)) != NULL;
  if (ok)
    {
      both = g_strconcat (certificate, key, NULL);
      self->certificate = g_tls_certificate_new_from_pem (both, -1, error);
      ok = self->certificate != NULL;
    }
  chd_secret_free (authority_key);
  chd_secret_free (key);
  pair_clear (&authority);
  pair_clear (&server);
  if (ok)
    return self;
  chd_api_tls_free (self);
  return NULL;
}

void
chd_api_tls_free (ChdApiTls *self)
{
  g_clear_object (&self->certificate);
  g_free (self->authority);
  chd_secret_free (self->token);
  g_free (self);
}

char *
chd_api_tls_make_kubeconfig (ChdApiTls *self, guint16 port)
{
  g_autofree char *authority = g_base64_encode ((const guchar *) self->authority, strlen (self->authority));

  return g_strdup_printf ("apiVersion: v1\n"
                          "kind: Config\n"
                          "clusters:\n"
                          "- name: chain-engine\n"
                          "  cluster:\n"
                          "    server: https://127.0.0.1:%u\n"
                          "    certificate-authority-data: %s\n"
                          "users:\n"
                          "- name: chain-engine\n"
                          "  user:\n"
                          "    token: %s\n"
                          "contexts:\n"
                          "- name: chain-engine\n"
                          "  context:\n"
                          "    cluster: chain-engine\n"
                          "    user: chain-engine\n"
                          "    namespace: default\n"
                          "current-context: chain-engine\n",
                          port, authority, self->token);
}
