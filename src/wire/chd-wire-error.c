/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one table from what a server says (HTTP status, Kubernetes reason, OCI code) to our error codes and sentences.
 * Status and reason decide, never the message; the message is kept word for word as details. */

#include "config.h"

#include "chd-wire-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-json.h"
#include "chd-util.h"

typedef struct
{
  const char *reason;
  ChdErrorCode code;
} ReasonCode;

static const ReasonCode reason_codes[] = {
  /* Kubernetes */
  { "Unauthorized", CHD_ERROR_SIGN_IN },
  { "Forbidden", CHD_ERROR_NOT_ALLOWED },
  { "NotFound", CHD_ERROR_NOT_FOUND },
  { "AlreadyExists", CHD_ERROR_CONFLICT },
  { "Conflict", CHD_ERROR_CONFLICT },
  { "Gone", CHD_ERROR_CONFLICT },
  { "Expired", CHD_ERROR_CONFLICT },
  { "Invalid", CHD_ERROR_INVALID },
  { "BadRequest", CHD_ERROR_INVALID },
  { "RequestEntityTooLarge", CHD_ERROR_LIMIT },
  { "TooManyRequests", CHD_ERROR_UNREACHABLE },
  { "ServiceUnavailable", CHD_ERROR_UNREACHABLE },
  { "ServerTimeout", CHD_ERROR_UNREACHABLE },
  { "Timeout", CHD_ERROR_UNREACHABLE },
  { "MethodNotAllowed", CHD_ERROR_UNSUPPORTED },
  { "NotAcceptable", CHD_ERROR_UNSUPPORTED },
  { "UnsupportedMediaType", CHD_ERROR_UNSUPPORTED },
  { "InternalError", CHD_ERROR_ENGINE },
  { "StorageReadError", CHD_ERROR_ENGINE },
  /* OCI registries */
  { "UNAUTHORIZED", CHD_ERROR_SIGN_IN },
  { "DENIED", CHD_ERROR_NOT_ALLOWED },
  { "BLOB_UNKNOWN", CHD_ERROR_NOT_FOUND },
  { "MANIFEST_UNKNOWN", CHD_ERROR_NOT_FOUND },
  { "NAME_UNKNOWN", CHD_ERROR_NOT_FOUND },
  { "BLOB_UPLOAD_UNKNOWN", CHD_ERROR_NOT_FOUND },
  { "MANIFEST_BLOB_UNKNOWN", CHD_ERROR_CONFLICT },
  { "BLOB_UPLOAD_INVALID", CHD_ERROR_CONFLICT },
  { "RANGE_INVALID", CHD_ERROR_CONFLICT },
  { "DIGEST_INVALID", CHD_ERROR_CORRUPT },
  { "SIZE_INVALID", CHD_ERROR_CORRUPT },
  { "MANIFEST_INVALID", CHD_ERROR_INVALID },
  { "MANIFEST_UNVERIFIED", CHD_ERROR_INVALID },
  { "NAME_INVALID", CHD_ERROR_INVALID },
  { "TAG_INVALID", CHD_ERROR_INVALID },
  { "PAGINATION_NUMBER_INVALID", CHD_ERROR_INVALID },
  { "UNSUPPORTED", CHD_ERROR_UNSUPPORTED },
  { "TOOMANYREQUESTS", CHD_ERROR_UNREACHABLE },
};

static ChdErrorCode
code_for_http_status (guint status)
{
  switch (status)
    {
    case 400:
    case 411:
    case 422:
      return CHD_ERROR_INVALID;
    case 401:
    case 407:
      return CHD_ERROR_SIGN_IN;
    case 403:
      return CHD_ERROR_NOT_ALLOWED;
    case 404:
      return CHD_ERROR_NOT_FOUND;
    case 405:
    case 406:
    case 415:
    case 501:
      return CHD_ERROR_UNSUPPORTED;
    case 409:
    case 410:
    case 412:
    case 416:
      return CHD_ERROR_CONFLICT;
    case 413:
    case 414:
    case 431:
    case 507:
      return CHD_ERROR_LIMIT;
    case 408:
    case 429:
    case 502:
    case 503:
    case 504:
      return CHD_ERROR_UNREACHABLE;
    case 500:
      return CHD_ERROR_ENGINE;
    default:
      return CHD_ERROR_FAILED;
    }
}

/**
 * chd_wire_error_code:
 * @http_status: the status of the answer, or the code member of a Status object
 * @reason: (nullable): a Kubernetes reason or an OCI error code
 *
 * Returns: our code; what is unknown is %CHD_ERROR_FAILED
 */
ChdErrorCode
chd_wire_error_code (guint http_status, const char *reason)
{
  for (guint i = 0; reason != NULL && i < G_N_ELEMENTS (reason_codes); i++)
    if (strcmp (reason_codes[i].reason, reason) == 0)
      return reason_codes[i].code;
  return code_for_http_status (http_status);
}

static gboolean
has_cause (JsonArray *causes, const char *reason)
{
  for (guint i = 0; i < chd_json_length (causes); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (causes, i), "reason", NULL), reason) == 0)
      return TRUE;
  return FALSE;
}

static char *
describe_conflict (const char *reason, gboolean apply, const char *subject)
{
  if (apply)
    /* Translators: %s is an object, such as “supplier-payment” */
    return g_strdup_printf (_ ("%s was changed on the engine by someone else. Compare, then keep theirs or yours."),
                            subject);
  if (g_strcmp0 (reason, "AlreadyExists") == 0)
    /* Translators: %s is an object, such as “supplier-payment” */
    return g_strdup_printf (_ ("%s exists on the engine already. Choose another name or take it over."), subject);
  if (g_strcmp0 (reason, "Expired") == 0 || g_strcmp0 (reason, "Gone") == 0)
    return g_strdup (_ ("The engine no longer keeps this old state. Reload."));
  /* Translators: %s is an object, such as “supplier-payment” */
  return g_strdup_printf (_ ("%s was changed by someone else in the meantime. Reload it and apply your change again."),
                          subject);
}

/* The sentence when nothing names what the request was about. */
static const char *
describe_generally (ChdErrorCode code)
{
  switch (code)
    {
    case CHD_ERROR_NOT_ALLOWED:
      return _ ("You are not allowed to do this. Ask whoever administers the engine.");
    case CHD_ERROR_NOT_FOUND:
      return _ ("The server does not have what was asked for.");
    case CHD_ERROR_CONFLICT:
      return _ ("It was changed by someone else in the meantime. Reload it and apply your change again.");
    case CHD_ERROR_INVALID:
      return _ ("The server refuses the request as invalid. The details say what to correct.");
    case CHD_ERROR_LIMIT:
      return _ ("The request is larger than the server accepts.");
    case CHD_ERROR_CORRUPT:
      return _ ("The request arrived damaged at the server. Try again.");
    case CHD_ERROR_ENGINE:
      return _ ("The server failed. The details say what it reported.");
    case CHD_ERROR_UNREACHABLE:
    case CHD_ERROR_SIGN_IN:
    case CHD_ERROR_IMAGE_MISSING:
    case CHD_ERROR_UNSUPPORTED:
    case CHD_ERROR_FAILED:
    default:
      return NULL;
    }
}

/* The sentence for the user. @subject is %NULL only where describe_generally() has nothing. */
static char *
describe (ChdErrorCode code, guint http_status, const char *reason, gboolean apply, const char *subject)
{
  switch (code)
    {
    case CHD_ERROR_UNREACHABLE:
      return g_strdup (http_status == 429 ? _ ("The server is busy. Try again in a moment.")
                                          : _ ("The server is not ready. Try again in a moment."));
    case CHD_ERROR_SIGN_IN:
      return g_strdup (_ ("The server does not accept the credentials. Check how this connection signs in."));
    case CHD_ERROR_NOT_ALLOWED:
      /* Translators: %s is an object, such as “supplier-payment” */
      return g_strdup_printf (_ ("You are not allowed to do this with %s. Ask whoever administers the engine."),
                              subject);
    case CHD_ERROR_NOT_FOUND:
      /* Translators: %s is an object, such as “supplier-payment” */
      return g_strdup_printf (_ ("%s does not exist on the server."), subject);
    case CHD_ERROR_CONFLICT:
      return describe_conflict (reason, apply, subject);
    case CHD_ERROR_INVALID:
      /* Translators: %s is an object, such as “supplier-payment” */
      return g_strdup_printf (_ ("The server refuses %s as invalid. The details say what to correct."), subject);
    case CHD_ERROR_LIMIT:
      /* Translators: %s is an object, such as “supplier-payment” */
      return g_strdup_printf (http_status == 507 ? _ ("The server has no room to store %s. Free disk space there.")
                                                 : _ ("%s is larger than the server accepts."),
                              subject);
    case CHD_ERROR_CORRUPT:
      /* Translators: %s is an object, such as “supplier-payment” */
      return g_strdup_printf (_ ("%s arrived damaged at the server. Try again."), subject);
    case CHD_ERROR_UNSUPPORTED:
      return g_strdup (_ ("This server does not support what was asked of it."));
    case CHD_ERROR_ENGINE:
      /* Translators: %s is an object, such as “supplier-payment” */
      return g_strdup_printf (_ ("The server failed while working on %s. The details say what it reported."), subject);
    case CHD_ERROR_IMAGE_MISSING:
    case CHD_ERROR_FAILED:
    default:
      /* Translators: %u is a number such as 418 (an HTTP status) */
      return g_strdup_printf (_ ("The server gave an answer that makes no sense here (%u)."), http_status);
    }
}

/* A path such as "spec.tasks[0].name" at the end of the first line of an admission webhook's message. */
static char *
field_from_message (const char *message)
{
  const char *end = message + strcspn (message, "\n");
  const char *start = NULL;

  for (const char *c = message; c + 2 < end; c++)
    if (c[0] == ':' && c[1] == ' ')
      start = c + 2;
  if (start == NULL || !(g_str_has_prefix (start, "spec.") || g_str_has_prefix (start, "metadata.")))
    return NULL;
  return g_strndup (start, MIN (strcspn (start, ", "), (gsize) (end - start)));
}

/* Takes what the other side said apart into the fields of a new error. */
static GError *
make_error (guint http_status, const char *reason, gboolean apply, const char *subject, const char *details)
{
  ChdErrorCode code = chd_wire_error_code (http_status, reason);
  const char *general = subject == NULL ? describe_generally (code) : NULL;
  g_autofree char *sentence =
      general != NULL ? g_strdup (general) : describe (code, http_status, reason, apply, subject);
  GError *error = g_error_new_literal (CHD_ERROR, (int) code, sentence);

  chd_error_set_status (error, http_status);
  chd_error_set_reason (error, reason);
  chd_error_set_object (error, subject);
  if (details != NULL && *details != '\0')
    {
      g_autofree char *harmless = chd_str_sanitize (details, -1, CHD_WIRE_MAX_ERROR_BODY);

      chd_error_set_details (error, harmless);
    }
  return error;
}

/**
 * chd_wire_error_from_status:
 * @status: a Kubernetes Status object, of a failed request or of an ERROR event
 * @http_status: the status of the answer that carried it; 0 or 200 takes the object's own
 * @subject: (nullable): what the request was about, for the sentence
 *
 * Returns: (transfer full): the error, its details the server's message, its field the first cause's
 */
GError *
chd_wire_error_from_status (JsonObject *status, guint http_status, const char *subject)
{
  gint64 own_code = chd_json_int (status, "code", 0);
  const char *reason = chd_json_string (status, "reason", NULL);
  const char *message = chd_json_string (status, "message", NULL);
  JsonObject *details = chd_json_object (status, "details");
  JsonArray *causes = chd_json_array (details, "causes");
  g_autofree char *named = NULL;
  GError *error;

  if (http_status < 400 && own_code >= 100 && own_code <= 599)
    http_status = (guint) own_code;
  if (subject == NULL && chd_json_string (details, "name", NULL) != NULL)
    {
      g_autofree char *name = chd_str_sanitize (chd_json_string (details, "name", ""), -1, 253);

      named = g_strdup_printf ("“%s”", name);
    }

  error = make_error (http_status, reason != NULL && *reason != '\0' ? reason : NULL,
                      has_cause (causes, "FieldManagerConflict"), subject != NULL ? subject : named, message);
  for (guint i = 0; i < chd_json_length (causes) && chd_error_get_field (error) == NULL; i++)
    chd_error_set_field (error, chd_json_string (chd_json_object_at (causes, i), "field", NULL));
  if (chd_error_get_field (error) == NULL && message != NULL)
    {
      g_autofree char *field = field_from_message (message);

      chd_error_set_field (error, field);
    }
  if (has_cause (causes, "FieldManagerConflict"))
    chd_error_set_reason (error, "FieldManagerConflict");
  return error;
}

static GError *
error_from_oci (JsonArray *errors, guint http_status, const char *subject)
{
  GString *details = g_string_new (NULL);
  const char *first = NULL;
  GError *error;

  for (guint i = 0; i < chd_json_length (errors) && i < 100; i++)
    {
      JsonObject *entry = chd_json_object_at (errors, i);
      const char *code = chd_json_string (entry, "code", "");
      JsonNode *detail = entry != NULL ? json_object_get_member (entry, "detail") : NULL;

      if (entry == NULL)
        continue;
      if (first == NULL && *code != '\0')
        first = code;
      if (details->len > 0)
        g_string_append_c (details, '\n');
      g_string_append_printf (details, "%s: %s", code, chd_json_string (entry, "message", ""));
      if (detail != NULL && !JSON_NODE_HOLDS_NULL (detail))
        {
          g_autofree char *text = chd_json_write (detail, FALSE, NULL);

          g_string_append_printf (details, " %s", text);
        }
    }
  error = make_error (http_status, first, FALSE, subject, details->str);
  g_string_free (details, TRUE);
  return error;
}

/**
 * chd_wire_error_from_response:
 * @http_status: the status of the answer
 * @body: (nullable): its body, of any kind
 * @length: its length
 * @subject: (nullable): what the request was about, for the sentence
 *
 * Understands a Kubernetes Status, the errors of an OCI registry, plain text and pages of proxies.
 *
 * Returns: (transfer full): the error
 */
GError *
chd_wire_error_from_response (guint http_status, const char *body, gsize length, const char *subject)
{
  g_autoptr (JsonObject) object = NULL;
  g_autofree char *text = NULL;

  length = MIN (length, CHD_WIRE_MAX_ERROR_BODY);
  if (body != NULL && length > 0)
    object = chd_json_parse_object (body, length, CHD_WIRE_MAX_ERROR_BODY, CHD_JSON_DEFAULT, NULL);
  if (object != NULL && g_strcmp0 (chd_json_string (object, "kind", NULL), "Status") == 0)
    return chd_wire_error_from_status (object, http_status, subject);
  if (object != NULL && chd_json_length (chd_json_array (object, "errors")) > 0)
    return error_from_oci (chd_json_array (object, "errors"), http_status, subject);

  text = body != NULL ? chd_str_sanitize (body, (gssize) length, CHD_WIRE_MAX_ERROR_BODY) : NULL;
  if (text != NULL)
    g_strstrip (text);
  return make_error (http_status, NULL, FALSE, subject, text);
}

/**
 * chd_wire_error_is_expired:
 * Returns: whether a version or a continue token is no longer kept (410): list again
 */
gboolean
chd_wire_error_is_expired (const GError *error)
{
  return chd_error_get_status (error) == 410 || g_strcmp0 (chd_error_get_reason (error), "Expired") == 0;
}

gboolean
chd_wire_error_is_already_exists (const GError *error)
{
  return g_strcmp0 (chd_error_get_reason (error), "AlreadyExists") == 0;
}

/**
 * chd_wire_error_is_apply_conflict:
 * Returns: whether server-side apply met a value that somebody else owns
 */
gboolean
chd_wire_error_is_apply_conflict (const GError *error)
{
  return g_strcmp0 (chd_error_get_reason (error), "FieldManagerConflict") == 0;
}
