/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-application.h"
#include "chd-document.h"
#include "chd-workspace.h"

G_BEGIN_DECLS

/* The main window: a start page, or one chain with its panes (ux-guide 1.2). */
#define CHD_TYPE_WINDOW (chd_window_get_type ())
G_DECLARE_FINAL_TYPE (ChdWindow, chd_window, CHD, WINDOW, AdwApplicationWindow)

ChdWindow *chd_window_new (ChdApplication *application);
ChdWorkspace *chd_window_get_workspace (ChdWindow *self);

gboolean chd_window_is_empty (ChdWindow *self);
gboolean chd_window_shows (ChdWindow *self, GFile *file);
void chd_window_new_chain (ChdWindow *self);
void chd_window_open (ChdWindow *self, GFile *file);
/* A document that a crash has left: shown with a banner that says so; after a question when it may crash again. */
void chd_window_offer_draft (ChdWindow *self, const ChdDraft *draft);

/* What could not be done, why, and the technical details on demand. */
void chd_window_show_error (ChdWindow *self, const char *what, const GError *error);
void chd_window_show_toast (ChdWindow *self, const char *text, gboolean undoable);

G_END_DECLS
