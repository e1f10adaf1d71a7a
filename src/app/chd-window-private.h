/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-banner.h"
#include "chd-canvas.h"
#include "chd-notifier.h"
#include "chd-window.h"

G_BEGIN_DECLS

/* The window's parts, for the files that share its work: chd-window.c (panes and states), chd-window-actions.c,
 * chd-window-files.c. */
struct _ChdWindow
{
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  AdwSplitButton *primary_button;
  GtkWidget *left_toggle;
  GtkWidget *undo_button;
  GtkWidget *redo_button;
  GtkWidget *inspector_toggle;
  GtkMenuButton *main_menu;
  GtkLabel *approvals_badge;
  ChdBanner *banner;          /* about the engine */
  ChdBanner *recovery_banner; /* about the document */
  GtkStack *stack;
  GtkWidget *start_page;
  AdwFlap *left_flap;
  AdwFlap *right_flap;
  GtkPaned *work_area;
  GtkScrolledWindow *canvas_scroller;
  GtkBox *view_tools;
  GtkBox *zoom_box;
  GtkWidget *bottom_panel;
  GtkStack *bottom_stack;
  GtkWidget *left_pane;
  GtkWidget *organisation_panel;
  GtkWidget *palette;
  GtkWidget *inspector;
  GtkWidget *problems_panel;
  GtkWidget *execution_panel;
  GtkWidget *log_panel;
  GtkWidget *find_bar;
  GtkWidget *outline;

  ChdWorkspace *workspace; /* (owned) */
  ChdCanvas *canvas;       /* (nullable): while a document is shown; the scroller owns it */
  GSettings *settings;     /* (owned) */
  ChdNotifier *notifier;   /* (owned) */
  GCancellable *loading;   /* (owned) (nullable) */
  gboolean closing;        /* the user has been asked */
  gboolean selecting;      /* the selection is on its way between canvas and workspace */
};

/* chd-window-actions.c */
void chd_window_install_actions (ChdWindow *self);
void chd_window_remove_pane_actions (ChdWindow *self);
void chd_window_update_actions (ChdWindow *self);

/* chd-window-files.c */
void chd_window_install_file_actions (ChdWindow *self);
void chd_window_show_document (ChdWindow *self, ChdDocument *document);
/* (transfer full): the engine that windows use, by the preference. */
ChdConnection *chd_window_dup_connection (ChdWindow *self, GError **error);
/* Asks what to do with unsaved changes, then closes. */
void chd_window_ask_before_closing (ChdWindow *self);

/* chd-window-canvas.c */
void chd_window_connect_canvas (ChdWindow *self);
void chd_window_set_canvas (ChdWindow *self, ChdChain *chain); /* @chain: (nullable) */

/* chd-window-edit.c */
void chd_window_connect_editing (ChdWindow *self); /* when there is another canvas or none */
void chd_window_install_edit_actions (ChdWindow *self);
void chd_window_update_edit_actions (ChdWindow *self);

/* chd-window-menu.c: (transfer full); @id: (nullable): of a node, a link or a unit. */
GMenuModel *chd_window_build_canvas_menu (ChdWindow *self, const char *id);

/* chd-window.c */
void chd_window_show_panel (ChdWindow *self, const char *name);

G_END_DECLS
