/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ChdErrorCode:
 * @CHD_ERROR_UNREACHABLE: the other side does not answer; try again, check the address
 * @CHD_ERROR_SIGN_IN: the credentials are missing, wrong or expired
 * @CHD_ERROR_NOT_ALLOWED: signed in, but not permitted
 * @CHD_ERROR_NOT_FOUND: what was asked for does not exist
 * @CHD_ERROR_CONFLICT: somebody else changed it, or the name is taken
 * @CHD_ERROR_INVALID: the input is wrong; correct the named field
 * @CHD_ERROR_LIMIT: larger, deeper or more than is accepted
 * @CHD_ERROR_IMAGE_MISSING: an environment's image is neither in the registry nor here
 * @CHD_ERROR_ENGINE: the engine failed or refused for a reason of its own
 * @CHD_ERROR_CORRUPT: stored or received data is damaged
 * @CHD_ERROR_UNSUPPORTED: known, but not possible with this version, engine or system
 * @CHD_ERROR_FAILED: anything else
 *
 * Codes by what the user can do. Cancellation stays %G_IO_ERROR_CANCELLED and is never shown.
 */
typedef enum
{
  CHD_ERROR_UNREACHABLE,
  CHD_ERROR_SIGN_IN,
  CHD_ERROR_NOT_ALLOWED,
  CHD_ERROR_NOT_FOUND,
  CHD_ERROR_CONFLICT,
  CHD_ERROR_INVALID,
  CHD_ERROR_LIMIT,
  CHD_ERROR_IMAGE_MISSING,
  CHD_ERROR_ENGINE,
  CHD_ERROR_CORRUPT,
  CHD_ERROR_UNSUPPORTED,
  CHD_ERROR_FAILED,
} ChdErrorCode;

#define CHD_ERROR (chd_error_quark ())
GQuark chd_error_quark (void);

/* What stands beside the message; every getter answers %NULL for errors of other domains. */
void chd_error_set_details (GError *error, const char *details);
const char *chd_error_get_details (const GError *error);
void chd_error_set_object (GError *error, const char *object);
const char *chd_error_get_object (const GError *error);
void chd_error_set_field (GError *error, const char *field);
const char *chd_error_get_field (const GError *error);
void chd_error_set_reason (GError *error, const char *reason);
const char *chd_error_get_reason (const GError *error);
void chd_error_set_status (GError *error, guint status);
guint chd_error_get_status (const GError *error);
const char *chd_error_code_name (ChdErrorCode code);

G_END_DECLS
