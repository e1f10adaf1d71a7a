/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-canvas-proxy.h"
#include "chd-canvas.h"
#include "chd-draw.h"
#include "chd-finder.h"
#include "chd-navigate.h"
#include "chd-viewport.h"

G_BEGIN_DECLS

#define CHD_CANVAS_MIN_ZOOM 0.1
#define CHD_CANVAS_MAX_ZOOM 4.0
#define CHD_CANVAS_FIT_MARGIN 24.0
#define CHD_CANVAS_READABLE_ZOOM 0.6 /* of the first view */

/* How much of a card is drawn. */
typedef enum
{
  CHD_DETAIL_FULL,
  CHD_DETAIL_FAR,   /* icon and title, large */
  CHD_DETAIL_PLAIN, /* coloured rectangles */
} ChdDetail;

/* The tool that the pointer holds; each has begin, update, end and cancel in its own file. */
typedef enum
{
  CHD_TOOL_NONE,
  CHD_TOOL_MOVE,
  CHD_TOOL_LINK,
  CHD_TOOL_BAND,
  CHD_TOOL_LANE,
  CHD_TOOL_PAN,
} ChdTool;

struct _ChdCanvas
{
  GtkWidget parent_instance;

  ChdChain *chain; /* (nullable) */
  ChdScene *scene; /* (nullable) */
  gboolean editable;
  gboolean single_keys;

  ChdViewport view; /* its scale is zoom × text_scale */
  double zoom;
  double text_scale;
  gboolean fit_pending;
  GtkAdjustment *adjustments[2]; /* (nullable): horizontal, vertical */
  GtkScrollablePolicy policies[2];
  gboolean in_configure; /* the adjustments are being set by us */

  ChdItemKind selection_kind;
  GHashTable *selection; /* of ids */
  char *focus;           /* (nullable): id of the node that has or would have the keyboard focus */
  ChdHit hover;
  GHashTable *matches; /* (nullable): ids of nodes that a search has found */

  /* Drawing. */
  ChdPalette palette;
  ChdPainter *painter;      /* (nullable): made with the style */
  GskRenderNode *layer;     /* (nullable): the scene without what moves, as the view shows it now */
  GPtrArray *lane_pictures; /* of pictures, (nullable) entries, by lane */
  GHashTable *plain_tiles;  /* packed tile → GskRenderNode */
  ChdDetail detail;         /* of the pictures kept in the scene */
  guint n_pictures;

  /* The running tool. */
  ChdTool tool;
  ChdPoint tool_start, tool_now; /* in scene coordinates */
  ChdPoint pointer;              /* in the widget's */
  GdkModifierType tool_modifiers;
  gboolean tool_moved;     /* past the threshold */
  gboolean tool_copies;    /* what the layer was drawn for */
  ChdPoint guides;         /* column and row that the grabbed card has taken; NAN for none */
  ChdPoint tool_offset;    /* of the moved cards, snapped */
  char *tool_node;         /* (nullable): the grabbed card or the link's source */
  char *tool_target;       /* (nullable): node under the pointer while linking */
  char *tool_reason;       /* (nullable): why there can be no link to it */
  guint tool_lane;         /* lane under the pointer while moving or dropping */
  guint tool_place;        /* ChdLanePlace of a moved lane beside tool_lane */
  guint tool_link;         /* link under the pointer while dropping */
  GHashTable *band_before; /* (nullable): the selection when a rubber band began */
  guint auto_pan;          /* tick callback; 0 when none */
  gboolean space_held;
  gboolean was_drag;      /* the press that ends now was one */
  gboolean pressed_again; /* it was on the node that alone was selected already */
  double pinch_zoom;      /* when the fingers came down */
  guint rename_timeout;   /* the slow second click */
  ChdPoint menu_at;       /* where the last menu was asked for, in scene coordinates */
  gboolean paste_at_menu; /* and what is pasted next goes there */

  /* Children. */
  GtkWidget *editor; /* (nullable): the entry of a rename in place */
  char *editor_id;
  ChdItemKind editor_kind;
  guint editor_leave;  /* idle source: it has lost the focus */
  GtkWidget *chooser;  /* (nullable): popover */
  GHashTable *proxies; /* node or unit id, prefixed by its kind → ChdCanvasProxy */
  GPtrArray *spare_proxies;
  guint update_proxies; /* idle source: the view may show others */
  gboolean relations_stale;
};

/* chd-canvas.c */
void chd_canvas_invalidate (ChdCanvas *self); /* what is drawn has changed */
void chd_canvas_emit_message (ChdCanvas *self, const char *text, gboolean undoable);
void chd_canvas_emit_bind (ChdCanvas *self, const char *id, const char *kind);
void chd_canvas_emit_activate (ChdCanvas *self, const char *id);
void chd_canvas_emit_menu (ChdCanvas *self, double x, double y, const char *id);
void chd_canvas_emit_copy (ChdCanvas *self, ChdChain *fragment);
void chd_canvas_emit_paste (ChdCanvas *self);
void chd_canvas_emit_view_changed (ChdCanvas *self);

/* chd-canvas-view.c */
void chd_canvas_view_changed (ChdCanvas *self); /* after self->view was changed */
void chd_canvas_configure_adjustments (ChdCanvas *self);
void chd_canvas_set_adjustment (ChdCanvas *self, guint which, GtkAdjustment *adjustment);
void chd_canvas_zoom_at (ChdCanvas *self, double x, double y, double zoom);
void chd_canvas_fit_rect (ChdCanvas *self, const ChdRect *rect);
void chd_canvas_open_view (ChdCanvas *self);
ChdPoint chd_canvas_to_scene (ChdCanvas *self, double x, double y);
ChdHit chd_canvas_hit (ChdCanvas *self, double x, double y); /* in the widget's coordinates */

/* chd-canvas-selection.c */
gboolean chd_canvas_is_selected (ChdCanvas *self, ChdItemKind kind, const char *id);
void chd_canvas_selection_changed (ChdCanvas *self);
void chd_canvas_toggle (ChdCanvas *self, ChdItemKind kind, const char *id);
void chd_canvas_select_all (ChdCanvas *self);
void chd_canvas_prune_selection (ChdCanvas *self); /* drops what the chain no longer has */
void chd_canvas_set_focus_node (ChdCanvas *self, const char *id, gboolean grab);
ChdRect chd_canvas_get_selection_rect (ChdCanvas *self);

/* chd-canvas-draw.c */
void chd_canvas_draw (ChdCanvas *self, GtkSnapshot *snapshot);
void chd_canvas_drop_drawings (ChdCanvas *self);
void chd_canvas_scene_changed (ChdCanvas *self);
void chd_canvas_style_changed (ChdCanvas *self);
void chd_canvas_free_picture (gpointer picture);
void chd_canvas_node_state_changed (ChdCanvas *self, guint index);

/* chd-canvas-overlay.c */
void chd_canvas_draw_overlay (ChdCanvas *self, GtkSnapshot *snapshot);
void chd_canvas_draw_bubble (ChdCanvas *self, const char *text); /* beside the pointer of the running tool */
void chd_canvas_draw_hint (ChdCanvas *self, GtkSnapshot *snapshot);

/* chd-snapshot-painter.c */
ChdPainter *chd_snapshot_painter_new (PangoContext *pango, const char *family);
void chd_snapshot_painter_set_target (ChdPainter *painter, GtkSnapshot *snapshot);
GtkSnapshot *chd_snapshot_painter_get_target (ChdPainter *painter);
void chd_snapshot_painter_free (ChdPainter *painter);

/* chd-canvas-actions.c */
void chd_canvas_install_actions (GtkWidgetClass *klass);
void chd_canvas_update_actions (ChdCanvas *self);

/* chd-canvas-gestures.c */
void chd_canvas_add_controllers (ChdCanvas *self);
void chd_canvas_pointer_moved (ChdCanvas *self, double x, double y);
void chd_canvas_click (ChdCanvas *self, int n_press, double x, double y, GdkModifierType modifiers);

/* chd-canvas-tools.c: what a drag does depends on where it begins. Coordinates are the widget's. */
void chd_canvas_tool_begin (ChdCanvas *self, double x, double y, GdkModifierType modifiers);
void chd_canvas_tool_update (ChdCanvas *self, double x, double y, GdkModifierType modifiers);
void chd_canvas_tool_end (ChdCanvas *self, double x, double y, GdkModifierType modifiers);
void chd_canvas_tool_cancel (ChdCanvas *self);
void chd_canvas_pan_begin (ChdCanvas *self, double x, double y);
void chd_canvas_stop_auto_pan (ChdCanvas *self);

/* chd-tool-move.c: whether what is dragged stays where it is and a copy is made. */
gboolean chd_tool_move_copies (ChdCanvas *self);
/* chd-tool-move.c, chd-tool-link.c, chd-tool-lane.c, chd-tool-band.c */
void chd_tool_move_begin (ChdCanvas *self, guint node);
void chd_tool_move_update (ChdCanvas *self);
void chd_tool_move_end (ChdCanvas *self);
void chd_tool_link_begin (ChdCanvas *self, guint node);
void chd_tool_link_update (ChdCanvas *self);
void chd_tool_link_end (ChdCanvas *self);
void chd_tool_lane_begin (ChdCanvas *self, guint lane);
void chd_tool_lane_update (ChdCanvas *self);
void chd_tool_lane_end (ChdCanvas *self);
void chd_tool_lane_draw (ChdCanvas *self);
void chd_tool_band_begin (ChdCanvas *self);
void chd_tool_band_update (ChdCanvas *self);
void chd_tool_band_cancel (ChdCanvas *self);

/* chd-canvas-drop.c */
void chd_canvas_add_drop_target (ChdCanvas *self);
void chd_canvas_drag_over (ChdCanvas *self, double x, double y);
void chd_canvas_drag_leave (ChdCanvas *self);
char *chd_canvas_drop (ChdCanvas *self, const char *text, double x, double y); /* (nullable): the new node's id */
/* Selects a node that was just made and offers what it was made for. */
void chd_canvas_present_new (ChdCanvas *self, const char *id, const char *what);

/* chd-canvas-editor.c */
void chd_canvas_start_editor (ChdCanvas *self, ChdItemKind kind, const char *id);
void chd_canvas_stop_editor (ChdCanvas *self, gboolean commit);
void chd_canvas_allocate_editor (ChdCanvas *self);
gboolean chd_canvas_editor_has_focus (ChdCanvas *self);

/* chd-canvas-clipboard.c */
void chd_canvas_duplicate (ChdCanvas *self);
void chd_canvas_copy (ChdCanvas *self, gboolean cut);
void chd_canvas_ask_for_paste (ChdCanvas *self, gboolean at_menu);

/* chd-canvas-guides.c */
void chd_canvas_drop_guides (ChdCanvas *self);
void chd_canvas_find_guides (ChdCanvas *self, double *x, double *y); /* of the grabbed card; snapped when one is near */
void chd_canvas_draw_guides (ChdCanvas *self, const ChdPoint *card);

/* chd-canvas-lanes.c */
void chd_canvas_step_lane (ChdCanvas *self, const char *unit, int step); /* ChdLaneStep */
void chd_canvas_toggle_lane (ChdCanvas *self, guint lane);
gboolean chd_canvas_set_lane_collapsed (ChdCanvas *self, gboolean collapsed); /* of the selected unit */

/* chd-canvas-chooser.c: a list to search in, for what has no place to point at. */
void chd_canvas_choose_target (ChdCanvas *self, const char *from);
void chd_canvas_choose_unit (ChdCanvas *self);
void chd_canvas_close_chooser (ChdCanvas *self);

/* chd-canvas-proxies.c */
void chd_canvas_allocate_proxies (ChdCanvas *self);
void chd_canvas_name_proxies (ChdCanvas *self); /* names and states anew */
void chd_canvas_relate_proxies (ChdCanvas *self);
void chd_canvas_drop_proxies (ChdCanvas *self);
GtkWidget *chd_canvas_get_node_proxy (ChdCanvas *self, const char *id); /* (nullable) */

G_END_DECLS
