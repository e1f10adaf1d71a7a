/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The one error domain. The message is a translated sentence for the user; beside it stand what the other
 * side said word for word (details), the object it was about, and the form field it belongs to.
 * Credentials never enter any of them. */

#include "config.h"

#include "chd-error.h"

typedef struct
{
  char *details; /* (owned) (nullable) */
  char *object;  /* (owned) (nullable) */
  char *field;   /* (owned) (nullable) */
  char *reason;  /* (owned) (nullable) */
  guint status;  /* 0 when it did not come over HTTP */
} ChdErrorPrivate;

static void
chd_error_private_init (ChdErrorPrivate *priv)
{
}

static void
chd_error_private_copy (const ChdErrorPrivate *source, ChdErrorPrivate *target)
{
  target->details = g_strdup (source->details);
  target->object = g_strdup (source->object);
  target->field = g_strdup (source->field);
  target->reason = g_strdup (source->reason);
  target->status = source->status;
}

static void
chd_error_private_clear (ChdErrorPrivate *priv)
{
  g_free (priv->details);
  g_free (priv->object);
  g_free (priv->field);
  g_free (priv->reason);
}

G_DEFINE_EXTENDED_ERROR (ChdError, chd_error)

static void
set_text (GError *error, gsize offset, const char *text)
{
  ChdErrorPrivate *priv;
  char **slot;

  g_return_if_fail (error != NULL);

  if (error->domain != CHD_ERROR)
    return;

  priv = chd_error_get_private (error);
  slot = (char **) ((char *) priv + offset);
  g_free (*slot);
  *slot = g_strdup (text);
}

static const char *
get_text (const GError *error, gsize offset)
{
  if (error == NULL || error->domain != CHD_ERROR)
    return NULL;

  return *(char **) ((char *) chd_error_get_private (error) + offset);
}

/**
 * chd_error_set_details:
 * @error: an error; one of another domain is left as it is
 * @details: (nullable): what the other side said word for word, without credentials
 */
void
chd_error_set_details (GError *error, const char *details)
{
  set_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, details), details);
}

/**
 * chd_error_get_details:
 * Returns: (nullable): the technical text for the "Technical details" expander
 */
const char *
chd_error_get_details (const GError *error)
{
  return get_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, details));
}

void
chd_error_set_object (GError *error, const char *object)
{
  set_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, object), object);
}

/**
 * chd_error_get_object:
 * Returns: (nullable): the object the error is about, "kind/name" or a file's name
 */
const char *
chd_error_get_object (const GError *error)
{
  return get_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, object));
}

void
chd_error_set_field (GError *error, const char *field)
{
  set_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, field), field);
}

/**
 * chd_error_get_field:
 * Returns: (nullable): the field at fault, a path such as "spec.params[0].value" or a line as "line 12"
 */
const char *
chd_error_get_field (const GError *error)
{
  return get_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, field));
}

void
chd_error_set_reason (GError *error, const char *reason)
{
  set_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, reason), reason);
}

/**
 * chd_error_get_reason:
 * Returns: (nullable): the other side's own word for it, such as "AlreadyExists" or "BLOB_UNKNOWN"
 */
const char *
chd_error_get_reason (const GError *error)
{
  return get_text (error, G_STRUCT_OFFSET (ChdErrorPrivate, reason));
}

void
chd_error_set_status (GError *error, guint status)
{
  g_return_if_fail (error != NULL);

  if (error->domain == CHD_ERROR)
    ((ChdErrorPrivate *) chd_error_get_private (error))->status = status;
}

/**
 * chd_error_get_status:
 * Returns: the HTTP status, or 0 when there was none
 */
guint
chd_error_get_status (const GError *error)
{
  if (error == NULL || error->domain != CHD_ERROR)
    return 0;

  return ((ChdErrorPrivate *) chd_error_get_private (error))->status;
}

/**
 * chd_error_code_name:
 * Returns: the code as a stable word for machines, for example "not-found"
 */
const char *
chd_error_code_name (ChdErrorCode code)
{
  static const char *const names[] = {
    "unreachable", "sign-in",       "not-allowed", "not-found", "conflict",    "invalid",
    "limit",       "image-missing", "engine",      "corrupt",   "unsupported", "failed",
  };

  g_return_val_if_fail ((guint) code < G_N_ELEMENTS (names), "failed");
  return names[code];
}
