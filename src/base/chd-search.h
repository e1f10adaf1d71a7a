/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Searching by what people type: without regard to case and width; every word has to be found; Chinese also by the
 * initials of its pinyin ("xyhc" finds 信用核查). */

/* Appends a field to what is searched, and its initials when it has Chinese; @text: (nullable). */
void chd_search_append (GString *searched, const char *text);

/* The query's words as they are compared; (transfer full), empty for one of spaces. */
char **chd_search_split (const char *query);

/* Whether each word is in one of the texts (nullable), as chd_search_append() makes them. */
gboolean chd_search_matches (char **words, const char *const *searched, guint n_searched);

/* The first letters of the pinyin of each Chinese character, other letters and digits as they are; (transfer full)
 * (nullable): NULL when there is no Chinese in it. */
char *chd_pinyin_initials (const char *text);

G_END_DECLS
