/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Called first in main(): the user's locale, and our translations, from the build tree when we run from there. */
void chd_locale_init (void);

G_END_DECLS
