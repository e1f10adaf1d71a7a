/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * How lanes, cards and links look (ux-guide.md, 2 and 5.1). One description for the screen and for pictures. */

#include "config.h"

#include "chd-draw.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "chd-route.h"
#include "chd-scene-private.h"

#define LINK_WIDTH 2.0
#define ARROW_LENGTH 9.0
#define ARROW_HALF 5.0
#define CARD_ICON 26.0
#define CARD_PADDING 14.0
#define SUBTITLE_Y 44.0
#define WORD_Y 61.0
#define GLYPH 13.0
#define LABEL_HEIGHT 20.0
#define LABEL_WIDTH 112.0
#define LABEL_SPAN 124.0

#define LANE_PADDING 16.0
#define LANE_ARROW 16.0       /* what a title is moved by for the arrow before it */
#define LANE_COUNT_ROOM 110.0 /* for "12 nodes" at a header's end */

static const char *
lane_title (const ChdSceneLane *lane)
{
  return lane->item != NULL ? chd_item_get_title (lane->item) : _ ("Without a unit");
}

/* What stands for the nodes of a collapsed lane: a short bar in the colour of its state. */
static void
draw_strips (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane)
{
  for (guint i = 0; i < scene->n_nodes; i++)
    {
      const ChdSceneNode *node = &scene->nodes[i];
      ChdRect bar = { node->x - CHD_CARD_WIDTH / 2, node->y - 2, CHD_CARD_WIDTH, 4 };

      if (node->hidden && chd_lanes_find_shown (&scene->lanes, node->lane) == lane)
        painter->klass->box (painter, &bar, 2,
                             node->state == CHD_NODE_DRAFT ? &palette->link : &palette->states[node->state], NULL, 0,
                             CHD_EDGE_SOLID);
    }
}

void
chd_draw_lane_frame (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane)
{
  const ChdSceneLane *here = chd_scene_get_lane (scene, lane);
  g_autofree char *words = NULL;
  g_autofree char *count = NULL;
  double width;

  painter->klass->box (painter, &here->rect, CHD_LANE_RADIUS, &palette->lane, &palette->lane_border, 1,
                       here->item != NULL ? CHD_EDGE_SOLID : CHD_EDGE_DASHED);
  if (here->collapsed)
    draw_strips (painter, palette, scene, lane);
  if (here->n_all_nodes == 0 || here->collapsed)
    return;
  words = g_strdup_printf (ngettext ("%u node", "%u nodes", here->n_all_nodes), here->n_all_nodes);
  count = chd_painter_fit (painter, CHD_FONT_LANE_NOTE, words, LANE_COUNT_ROOM, &width);
  painter->klass->text (painter, here->rect.x + here->rect.width - LANE_PADDING - width, here->rect.y + 21,
                        CHD_FONT_LANE_NOTE, &palette->dim, count);
}

static void
draw_arrow (ChdPainter *painter, const ChdPalette *palette, double x, double y, gboolean collapsed)
{
  const ChdPoint aside[3] = { { x + 2, y - 5 }, { x + 8, y }, { x + 2, y + 5 } };
  const ChdPoint down[3] = { { x, y - 3 }, { x + 10, y - 3 }, { x + 5, y + 3 } };

  painter->klass->polygon (painter, collapsed ? aside : down, 3, &palette->text);
}

void
chd_draw_lane_title (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane)
{
  const ChdSceneLane *here = chd_scene_get_lane (scene, lane);
  const char *level = here->item != NULL ? chd_scene_get_level_title (here->item) : NULL;
  /* Above what stands for its nodes. */
  double x = here->rect.x + LANE_PADDING, y = here->rect.y + (here->collapsed ? 18 : 21), width;
  double room = here->rect.width - 2 * LANE_PADDING - LANE_COUNT_ROOM - LANE_ARROW;
  g_autofree char *summary = chd_scene_dup_lane_summary (scene, lane);
  g_autofree char *title = chd_painter_fit (painter, CHD_FONT_LANE, lane_title (here), room, &width);
  g_autofree char *note = NULL;

  if (!here->compact && here->item != NULL)
    draw_arrow (painter, palette, x - 2, y - 5, here->collapsed);
  x += LANE_ARROW;
  painter->klass->text (painter, x, y, CHD_FONT_LANE, here->compact ? &palette->dim : &palette->text, title);
  if (summary != NULL)
    level = summary;
  if (level == NULL || room - width < 50)
    return;
  note = chd_painter_fit (painter, CHD_FONT_LANE_NOTE, level, room - width - 10, NULL);
  painter->klass->text (painter, x + width + 10, y, CHD_FONT_LANE_NOTE, &palette->dim, note);
}

void
chd_draw_far_lane_title (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane)
{
  const ChdSceneLane *here = chd_scene_get_lane (scene, lane);
  g_autofree char *title =
      chd_painter_fit (painter, CHD_FONT_LARGE, lane_title (here), here->rect.width - 2 * LANE_PADDING, NULL);

  painter->klass->text (painter, here->rect.x + LANE_PADDING, here->rect.y + 26, CHD_FONT_LARGE, &palette->dim, title);
}

static void
draw_lane (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint lane)
{
  const ChdUnit *unit = chd_scene_get_lane (scene, lane)->item;
  g_autofree char *name = chd_scene_dup_lane_name (scene, lane);
  g_autofree char *id = unit != NULL ? g_strconcat ("unit-", unit->item.id, NULL) : NULL;

  painter->klass->begin_group (painter, id, name);
  chd_draw_lane_frame (painter, palette, scene, lane);
  chd_draw_lane_title (painter, palette, scene, lane);
  painter->klass->end_group (painter);
}

void
chd_draw_way (ChdPainter *painter, const ChdPoint *points, guint n_points, double width, const ChdColor *color)
{
  ChdPoint line[8];
  ChdPoint tip, arrow[3];

  if (n_points < 2 || n_points > G_N_ELEMENTS (line))
    return;
  for (guint i = 0; i < n_points; i++)
    line[i] = points[i];
  /* All ways arrive from the left. */
  tip = line[n_points - 1];
  line[n_points - 1].x = tip.x - ARROW_LENGTH + 1;
  painter->klass->way (painter, line, n_points, width, color);
  arrow[0] = (ChdPoint){ tip.x - ARROW_LENGTH, tip.y - ARROW_HALF };
  arrow[1] = tip;
  arrow[2] = (ChdPoint){ tip.x - ARROW_LENGTH, tip.y + ARROW_HALF };
  painter->klass->polygon (painter, arrow, 3, color);
}

void
chd_draw_link (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint link)
{
  const ChdSceneLink *here = chd_scene_get_link (scene, link);

  chd_draw_way (painter, here->points, here->n_points, LINK_WIDTH, &palette->link);
}

/* Where a condition stands: on the first level piece that no other link of the same source shares. */
static ChdPoint
place_label (const ChdSceneLink *link, double width)
{
  const ChdPoint *points = link->points;
  guint last = link->n_points - 1, first = last - 1;
  double left, right;

  if (link->n_points == 6 && points[3].x - points[2].x > width)
    {
      first = 2;
      last = 3;
    }
  left = points[first].x + (first == 0 ? CHD_ROUTE_STUB : 0);
  right = points[last].x - (last + 1 == link->n_points ? ARROW_LENGTH : 0);
  if (right - left >= width)
    return (ChdPoint){ (left + MIN (right, left + LABEL_SPAN)) / 2, points[last].y };
  if (first == 0)
    return (ChdPoint){ (points[0].x + points[1].x) / 2, points[0].y };
  return (ChdPoint){ points[first].x, (points[first].y + points[first - 1].y) / 2 };
}

void
chd_draw_link_label (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint link)
{
  const ChdSceneLink *here = chd_scene_get_link (scene, link);
  g_autofree char *label = here->n_points > 1 ? chd_scene_dup_link_label (scene, link) : NULL;
  g_autofree char *shown = NULL;
  double width;
  ChdPoint middle;
  ChdRect pill;

  if (label == NULL)
    return;
  shown = chd_painter_fit (painter, CHD_FONT_LABEL, label, LABEL_WIDTH - 16, &width);
  middle = place_label (here, width + 16);
  pill = (ChdRect){ middle.x - width / 2 - 8, middle.y - LABEL_HEIGHT / 2, width + 16, LABEL_HEIGHT };
  painter->klass->begin_group (painter, NULL, label);
  painter->klass->box (painter, &pill, LABEL_HEIGHT / 2, &palette->card, &palette->link, 1, CHD_EDGE_SOLID);
  painter->klass->text (painter, pill.x + 8, middle.y + 4, CHD_FONT_LABEL, &palette->text, shown);
  painter->klass->end_group (painter);
}

static void
draw_chrome (ChdPainter *painter, const ChdPalette *palette, const ChdSceneNode *node, const ChdRect *card)
{
  ChdColor fill = chd_palette_get_card_fill (palette, node->state);
  const ChdColor *color = &palette->states[node->state];
  ChdColor border =
      node->state == CHD_NODE_DRAFT ? palette->dim
      : node->state == CHD_NODE_PLANNED || node->state == CHD_NODE_CREATED || node->state == CHD_NODE_WAITING
          ? palette->card_border
          : *color;
  ChdRect below = { card->x, card->y + 1.5, card->width, card->height };
  double width;
  ChdEdge edge = chd_node_state_get_edge (node->state, &width);

  painter->klass->box (painter, &below, CHD_CARD_RADIUS, &palette->shadow, NULL, 0, CHD_EDGE_SOLID);
  painter->klass->box (painter, card, CHD_CARD_RADIUS, &fill, &border, width, edge);
  if (chd_node_state_has_flag (node->state))
    {
      double right = card->x + card->width - 3, top = card->y + 3;
      const ChdPoint flag[] = { { right - 20, top }, { right - 7, top }, { right, top + 7 }, { right, top + 20 } };

      painter->klass->polygon (painter, flag, G_N_ELEMENTS (flag), color);
    }
}

/* An octagon for an error, a triangle for a warning, at the corner where no state has its flag. */
static void
draw_mark (ChdPainter *painter, const ChdPalette *palette, ChdNodeMark mark, const ChdRect *card)
{
  double x = card->x + 7, y = card->y + 4;
  const ChdPoint octagon[] = { { x - 4, y - 9 }, { x + 4, y - 9 }, { x + 9, y - 4 }, { x + 9, y + 4 },
                               { x + 4, y + 9 }, { x - 4, y + 9 }, { x - 9, y + 4 }, { x - 9, y - 4 } };
  const ChdPoint triangle[] = { { x, y - 10 }, { x + 10, y + 8 }, { x - 10, y + 8 } };
  ChdRect stem = { x - 1, y - 5, 2, 6.5 }, dot = { x - 1.2, y + 3.2, 2.4, 2.4 };

  if (mark == CHD_MARK_NONE)
    return;
  if (mark == CHD_MARK_ERROR)
    painter->klass->polygon (painter, octagon, G_N_ELEMENTS (octagon), &palette->wrong);
  else
    painter->klass->polygon (painter, triangle, G_N_ELEMENTS (triangle), &palette->states[CHD_NODE_TIMED_OUT]);
  painter->klass->box (painter, &stem, 0, &palette->card, NULL, 0, CHD_EDGE_SOLID);
  painter->klass->box (painter, &dot, 1.2, &palette->card, NULL, 0, CHD_EDGE_SOLID);
}

/* What is bound, as small signs at the end of the state's line. Returns: the room they take */
static double
draw_glyphs (ChdPainter *painter, const ChdPalette *palette, const ChdNode *node, const ChdRect *card, ChdColor below)
{
  guint glyphs[3], n = 0;
  double x = card->x + card->width - CARD_PADDING;

  if (node->pipelines->len > 0)
    glyphs[n++] = CHD_ICON_PIPELINE;
  if (chd_node_has_pair (node))
    glyphs[n++] = node->execution == CHD_EXECUTION_PARALLEL ? CHD_ICON_TOGETHER : CHD_ICON_THEN;
  if (node->task != NULL)
    glyphs[n++] = CHD_ICON_TASK;
  if (n > 1 && node->task_first && node->pipelines->len > 0)
    {
      guint swap = glyphs[0];

      glyphs[0] = glyphs[n - 1];
      glyphs[n - 1] = swap;
    }
  for (guint i = n; i > 0; i--)
    {
      x -= GLYPH;
      painter->klass->icon (painter, glyphs[i - 1], x, card->y + WORD_Y - GLYPH + 2, GLYPH, &palette->dim, &below);
      x -= 4;
    }
  return n * (GLYPH + 4) + (n > 0 ? 4 : 0);
}

static void
draw_progress (ChdPainter *painter, const ChdPalette *palette, const ChdSceneNode *node, const ChdRect *card)
{
  ChdRect bar = { card->x + CHD_CARD_TEXT_X, card->y + card->height - 7, card->width - CHD_CARD_TEXT_X - CARD_PADDING,
                  3 };
  ChdColor track = chd_color_fade (palette->states[node->state], 0.2);

  painter->klass->box (painter, &bar, 1.5, &track, NULL, 0, CHD_EDGE_SOLID);
  bar.width *= CLAMP (node->progress, 0, 1);
  if (bar.width >= 3)
    painter->klass->box (painter, &bar, 1.5, &palette->states[node->state], NULL, 0, CHD_EDGE_SOLID);
}

void
chd_draw_card (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint node)
{
  const ChdSceneNode *here = chd_scene_get_node (scene, node);
  ChdRect card = chd_scene_get_card_rect (scene, node);
  ChdColor fill = chd_palette_get_card_fill (palette, here->state);
  double x = card.x + CHD_CARD_TEXT_X, room = card.width - CHD_CARD_TEXT_X - CARD_PADDING;
  g_autofree char *id = g_strconcat ("node-", here->item->item.id, NULL);
  g_autofree char *name = chd_scene_dup_node_name (scene, node);
  g_autofree char *subtitle = here->note != NULL ? g_strdup (here->note) : chd_scene_dup_subtitle (scene, node);
  g_autofree char *title = NULL;
  g_autofree char *second = NULL;
  g_autofree char *word = NULL;
  double glyphs;

  painter->klass->begin_group (painter, id, name);
  draw_chrome (painter, palette, here, &card);
  painter->klass->icon (painter, here->state, card.x + 12, card.y + (card.height - CARD_ICON) / 2, CARD_ICON,
                        &palette->states[here->state], &fill);
  title = chd_painter_fit (painter, CHD_FONT_TITLE, chd_item_get_title (here->item),
                           chd_node_state_has_flag (here->state) ? room - 8 : room, NULL);
  painter->klass->text (painter, x, card.y + CHD_CARD_TITLE_Y, CHD_FONT_TITLE, &palette->text, title);
  second = chd_painter_fit (painter, CHD_FONT_SUBTITLE, subtitle, room, NULL);
  painter->klass->text (painter, x, card.y + SUBTITLE_Y, CHD_FONT_SUBTITLE, &palette->dim, second);
  glyphs = draw_glyphs (painter, palette, here->item, &card, fill);
  word = chd_painter_fit (painter, CHD_FONT_WORD, chd_node_state_get_title (here->state), room - glyphs, NULL);
  painter->klass->text (painter, x, card.y + WORD_Y - (here->progress >= 0 ? 1 : 0), CHD_FONT_WORD,
                        here->state == CHD_NODE_DRAFT ? &palette->dim : &palette->states[here->state], word);
  if (here->progress >= 0)
    draw_progress (painter, palette, here, &card);
  draw_mark (painter, palette, chd_scene_get_mark (scene, node), &card);
  painter->klass->end_group (painter);
}

void
chd_draw_far_card (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene, guint node)
{
  const ChdSceneNode *here = chd_scene_get_node (scene, node);
  ChdRect card = chd_scene_get_card_rect (scene, node);
  ChdColor fill = chd_palette_get_card_fill (palette, here->state);
  g_auto (GStrv) lines = NULL;
  guint n_lines;
  double y;

  draw_chrome (painter, palette, here, &card);
  painter->klass->icon (painter, here->state, card.x + 8, card.y + 20, 32, &palette->states[here->state], &fill);
  lines = chd_painter_fit_lines (painter, CHD_FONT_LARGE, chd_item_get_title (here->item), card.width - 54, 2);
  n_lines = g_strv_length (lines);
  y = card.y + card.height / 2 + (n_lines > 1 ? -5 : 9);
  for (guint i = 0; i < n_lines; i++)
    painter->klass->text (painter, card.x + 46, y + i * 28, CHD_FONT_LARGE, &palette->text, lines[i]);
}

void
chd_draw_scene (ChdPainter *painter, const ChdPalette *palette, ChdScene *scene)
{
  for (guint i = 0; i < chd_scene_get_n_lanes (scene); i++)
    if (!chd_scene_get_lane (scene, i)->hidden)
      draw_lane (painter, palette, scene, i);
  for (guint i = 0; i < chd_scene_get_n_links (scene); i++)
    chd_draw_link (painter, palette, scene, i);
  for (guint i = 0; i < chd_scene_get_n_nodes (scene); i++)
    if (!chd_scene_get_node (scene, i)->hidden)
      chd_draw_card (painter, palette, scene, i);
  for (guint i = 0; i < chd_scene_get_n_links (scene); i++)
    chd_draw_link_label (painter, palette, scene, i);
}
