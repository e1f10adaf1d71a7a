/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Refusals in the words of a real API server. They cross threads as GErrors, so what stands beside the message is kept
 * as text. */

#include "config.h"

#include "chd-api-error.h"

#include "chd-error.h"
#include "chd-json.h"

typedef struct
{
  char *reason;       /* (owned) (nullable) */
  char *details;      /* (owned) (nullable) JSON */
  char *continuation; /* (owned) (nullable) */
  guint retry_after;
} ChdApiErrorPrivate;

static void
chd_api_error_private_init (ChdApiErrorPrivate *priv)
{
}

static void
chd_api_error_private_copy (const ChdApiErrorPrivate *source, ChdApiErrorPrivate *target)
{
  target->reason = g_strdup (source->reason);
  target->details = g_strdup (source->details);
  target->continuation = g_strdup (source->continuation);
  target->retry_after = source->retry_after;
}

static void
chd_api_error_private_clear (ChdApiErrorPrivate *priv)
{
  g_free (priv->reason);
  g_free (priv->details);
  g_free (priv->continuation);
}

G_DEFINE_EXTENDED_ERROR (ChdApiError, chd_api_error)

static GError *new_error (guint code, const char *reason, JsonObject *details, const char *format, va_list arguments)
    G_GNUC_PRINTF (4, 0);

static GError *
new_error (guint code, const char *reason, JsonObject *details, const char *format, va_list arguments)
{
  GError *error = g_error_new_valist (CHD_API_ERROR, (int) code, format, arguments);
  ChdApiErrorPrivate *priv = chd_api_error_get_private (error);

  priv->reason = g_strdup (reason);
  if (details != NULL)
    {
      priv->details = chd_json_write_object (details, FALSE, NULL);
      json_object_unref (details);
    }
  return error;
}

GError *
chd_api_error_new (guint code, const char *reason, JsonObject *details, const char *format, ...)
{
  va_list arguments;
  GError *error;

  va_start (arguments, format);
  error = new_error (code, reason, details, format, arguments);
  va_end (arguments);
  return error;
}

GError *
chd_api_error_bad_request (const char *format, ...)
{
  va_list arguments;
  GError *error;

  va_start (arguments, format);
  error = new_error (400, "BadRequest", NULL, format, arguments);
  va_end (arguments);
  return error;
}

static JsonObject *
name_details (const char *name, const char *group, const char *kind)
{
  JsonObject *details = json_object_new ();

  chd_json_set_string_if (details, "name", name);
  chd_json_set_string_if (details, "group", group);
  chd_json_set_string_if (details, "kind", kind);
  return details;
}

static JsonObject *
resource_details (const ChdApiResource *resource, const char *name)
{
  return name_details (name, resource->kube->group, resource->kube->plural);
}

GError *
chd_api_error_not_found (const ChdApiResource *resource, const char *name)
{
  return chd_api_error_new (404, "NotFound", resource_details (resource, name), "%s \"%s\" not found", resource->title,
                            name);
}

GError *
chd_api_error_already_exists (const ChdApiResource *resource, const char *name)
{
  return chd_api_error_new (409, "AlreadyExists", resource_details (resource, name), "%s \"%s\" already exists",
                            resource->title, name);
}

GError *
chd_api_error_modified (const ChdApiResource *resource, const char *name)
{
  return chd_api_error_new (409, "Conflict", resource_details (resource, name),
                            "Operation cannot be fulfilled on %s \"%s\": the object has been modified; please apply "
                            "your changes to the latest version and try again",
                            resource->title, name);
}

GError *
chd_api_error_method_not_allowed (void)
{
  return chd_api_error_new (405, "MethodNotAllowed", json_object_new (),
                            "the server does not allow this method on the requested resource");
}

void
chd_api_error_set_continue (GError *error, const char *token)
{
  ChdApiErrorPrivate *priv = chd_api_error_get_private (error);

  g_free (priv->continuation);
  priv->continuation = g_strdup (token);
}

void
chd_api_error_set_retry_after (GError *error, guint seconds)
{
  ((ChdApiErrorPrivate *) chd_api_error_get_private (error))->retry_after = seconds;
}

guint
chd_api_error_get_retry_after (const GError *error)
{
  if (error->domain != CHD_API_ERROR)
    return 0;
  return ((ChdApiErrorPrivate *) chd_api_error_get_private (error))->retry_after;
}

guint
chd_api_error_get_code (const GError *error)
{
  if (error->domain == CHD_API_ERROR)
    return (guint) error->code;
  if (chd_error_get_status (error) != 0)
    return chd_error_get_status (error);
  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_INVALID))
    return 400;
  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_CONFLICT))
    return 409;
  if (g_error_matches (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED))
    return 403;
  return 500;
}

static const char *
default_reason (guint code)
{
  switch (code)
    {
    case 400:
      return "BadRequest";
    case 403:
      return "Forbidden";
    case 409:
      return "Conflict";
    case 500:
      return "InternalError";
    default:
      return NULL;
    }
}

JsonObject *
chd_api_error_to_status (const GError *error)
{
  JsonObject *status = json_object_new ();
  JsonObject *metadata = json_object_new ();
  guint code = chd_api_error_get_code (error);
  ChdApiErrorPrivate *priv = error->domain == CHD_API_ERROR ? chd_api_error_get_private (error) : NULL;
  const char *reason = priv != NULL ? priv->reason : chd_error_get_reason (error);

  if (priv == NULL && reason == NULL)
    reason = default_reason (code);
  json_object_set_string_member (status, "kind", "Status");
  json_object_set_string_member (status, "apiVersion", "v1");
  if (priv != NULL && priv->continuation != NULL)
    json_object_set_string_member (metadata, "continue", priv->continuation);
  json_object_set_object_member (status, "metadata", metadata);
  json_object_set_string_member (status, "status", "Failure");
  json_object_set_string_member (status, "message", error->message);
  chd_json_set_string_if (status, "reason", reason);
  if (priv != NULL && priv->details != NULL)
    {
      g_autoptr (JsonObject) parsed = chd_json_parse_object (priv->details, strlen (priv->details),
                                                             CHD_JSON_MAX_WATCH_LINE, CHD_JSON_DEFAULT, NULL);
      JsonObject *details = parsed != NULL ? chd_json_copy_object (parsed) : json_object_new ();

      if (priv->retry_after != 0)
        json_object_set_int_member (details, "retryAfterSeconds", priv->retry_after);
      json_object_set_object_member (status, "details", details);
    }
  json_object_set_int_member (status, "code", code);
  return status;
}

/* Problems of an object. */

struct _ChdApiProblems
{
  JsonArray *causes;
  GPtrArray *texts;
};

ChdApiProblems *
chd_api_problems_new (void)
{
  ChdApiProblems *self = g_new0 (ChdApiProblems, 1);

  self->causes = json_array_new ();
  self->texts = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
chd_api_problems_free (ChdApiProblems *self)
{
  json_array_unref (self->causes);
  g_ptr_array_unref (self->texts);
  g_free (self);
}

void
chd_api_problems_add (ChdApiProblems *self, const char *reason, const char *field, const char *format, ...)
{
  g_autofree char *message = NULL;
  JsonObject *cause = json_object_new ();
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  json_object_set_string_member (cause, "reason", reason);
  json_object_set_string_member (cause, "message", message);
  json_object_set_string_member (cause, "field", field);
  json_array_add_object_element (self->causes, cause);
  g_ptr_array_add (self->texts, g_strdup_printf ("%s: %s", field, message));
}

gboolean
chd_api_problems_is_empty (ChdApiProblems *self)
{
  return self->texts->len == 0;
}

GError *
chd_api_problems_to_error (ChdApiProblems *self, const char *kind, const char *group, const char *name)
{
  JsonObject *details = name_details (name, group, kind);
  g_autofree char *all = NULL;

  json_object_set_array_member (details, "causes", json_array_ref (self->causes));
  g_ptr_array_add (self->texts, NULL);
  all = g_strjoinv (", ", (char **) self->texts->pdata);
  g_ptr_array_remove_index (self->texts, self->texts->len - 1);
  return chd_api_error_new (422, "Invalid", details, "%s%s%s \"%s\" is invalid: %s%s%s", kind,
                            *group != '\0' ? "." : "", group, name, self->texts->len > 1 ? "[" : "", all,
                            self->texts->len > 1 ? "]" : "");
}
