/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is wrong with an object, collected and written as Knative's FieldError writes it: one line "message: path, path"
 * a message, sorted, with the details on the lines that follow. */
typedef struct _ChdFieldErrors ChdFieldErrors;

ChdFieldErrors *chd_field_errors_new (void);
void chd_field_errors_free (ChdFieldErrors *self);

/* The same @message and @details at several paths become one entry. */
void chd_field_errors_add (ChdFieldErrors *self, const char *message, const char *details, const char *path_format, ...)
    G_GNUC_PRINTF (4, 5);
/* "invalid value: <text>" at a path. */
void chd_field_errors_add_value (ChdFieldErrors *self, const char *text, const char *path_format, ...)
    G_GNUC_PRINTF (3, 4);
void chd_field_errors_add_missing (ChdFieldErrors *self, const char *path_format, ...) G_GNUC_PRINTF (2, 3);
void chd_field_errors_add_disallowed (ChdFieldErrors *self, const char *path_format, ...) G_GNUC_PRINTF (2, 3);

gboolean chd_field_errors_is_empty (ChdFieldErrors *self);
/* (transfer full) */
char *chd_field_errors_to_string (ChdFieldErrors *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdFieldErrors, chd_field_errors_free)

G_END_DECLS
