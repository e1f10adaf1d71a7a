/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-store.h"

G_BEGIN_DECLS

/* The running program: its windows, the user's store, and the actions that belong to no window. */
#define CHD_TYPE_APPLICATION (chd_application_get_type ())
G_DECLARE_FINAL_TYPE (ChdApplication, chd_application, CHD, APPLICATION, AdwApplication)

ChdApplication *chd_application_new (void);
ChdStore *chd_application_get_store (ChdApplication *self); /* (nullable) when it could not be opened */
GSettings *chd_application_get_settings (ChdApplication *self);

G_END_DECLS
