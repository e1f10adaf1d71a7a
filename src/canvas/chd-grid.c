/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The spatial index behind hit tests, culling and the router: 512-pixel cells in a hash table (measured to be flat in
 * the number of nodes). Things that cover too many cells are kept in one list of their own, so that a document with
 * absurd positions costs no memory. */

#include "config.h"

#include "chd-grid.h"

#include <math.h>

#define CELL 512.0
#define MAX_CELLS 256 /* of one thing; longer links than 100 000 pixels are drawn by nobody on purpose */

struct _ChdGrid
{
  GHashTable *cells; /* packed cell → GArray of guint */
  GArray *large;     /* of guint: candidates everywhere */
  int left, top, right, bottom;
};

static guint
cell_hash (gconstpointer key)
{
  guint64 bits = GPOINTER_TO_SIZE (key) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint) (bits >> 32);
}

static gpointer
cell_key (int column, int row)
{
  return GSIZE_TO_POINTER (((guint64) (guint32) column << 32) | (guint32) row);
}

ChdGrid *
chd_grid_new (void)
{
  ChdGrid *self = g_new0 (ChdGrid, 1);

  self->cells = g_hash_table_new_full (cell_hash, NULL, NULL, (GDestroyNotify) g_array_unref);
  self->large = g_array_new (FALSE, FALSE, sizeof (guint));
  self->left = self->top = G_MAXINT;
  self->right = self->bottom = G_MININT;
  return self;
}

void
chd_grid_free (ChdGrid *self)
{
  g_hash_table_unref (self->cells);
  g_array_unref (self->large);
  g_free (self);
}

static int
cell_of (double value)
{
  return (int) floor (CLAMP (value / CELL, -1e6, 1e6));
}

void
chd_grid_add (ChdGrid *self, guint id, const ChdRect *rect)
{
  int left = cell_of (rect->x), right = cell_of (rect->x + rect->width);
  int top = cell_of (rect->y), bottom = cell_of (rect->y + rect->height);

  if ((gint64) (right - left + 1) * (bottom - top + 1) > MAX_CELLS)
    {
      if (self->large->len == 0 || g_array_index (self->large, guint, self->large->len - 1) != id)
        g_array_append_val (self->large, id);
      return;
    }
  for (int column = left; column <= right; column++)
    for (int row = top; row <= bottom; row++)
      {
        GArray *cell = g_hash_table_lookup (self->cells, cell_key (column, row));

        if (cell == NULL)
          {
            cell = g_array_new (FALSE, FALSE, sizeof (guint));
            g_hash_table_insert (self->cells, cell_key (column, row), cell);
          }
        if (cell->len == 0 || g_array_index (cell, guint, cell->len - 1) != id)
          g_array_append_val (cell, id);
      }
  self->left = MIN (self->left, left);
  self->top = MIN (self->top, top);
  self->right = MAX (self->right, right);
  self->bottom = MAX (self->bottom, bottom);
}

static int
compare_ids (gconstpointer a, gconstpointer b)
{
  guint first = *(const guint *) a, second = *(const guint *) b;

  return (first > second) - (first < second);
}

void
chd_grid_query (ChdGrid *self, const ChdRect *rect, GArray *found)
{
  int left = MAX (cell_of (rect->x), self->left), right = MIN (cell_of (rect->x + rect->width), self->right);
  int top = MAX (cell_of (rect->y), self->top), bottom = MIN (cell_of (rect->y + rect->height), self->bottom);
  guint start = found->len, kept = start;

  if (self->large->len > 0)
    g_array_append_vals (found, self->large->data, self->large->len);
  if (left <= right && top <= bottom &&
      (gint64) (right - left + 1) * (bottom - top + 1) > g_hash_table_size (self->cells))
    {
      GHashTableIter iter;
      gpointer cell;

      g_hash_table_iter_init (&iter, self->cells);
      while (g_hash_table_iter_next (&iter, NULL, &cell))
        g_array_append_vals (found, ((GArray *) cell)->data, ((GArray *) cell)->len);
    }
  else
    for (int column = left; column <= right; column++)
      for (int row = top; row <= bottom; row++)
        {
          GArray *cell = g_hash_table_lookup (self->cells, cell_key (column, row));

          if (cell != NULL)
            g_array_append_vals (found, cell->data, cell->len);
        }
  if (found->len - start > 1)
    qsort (&g_array_index (found, guint, start), found->len - start, sizeof (guint), compare_ids);
  for (guint i = start; i < found->len; i++)
    {
      guint id = g_array_index (found, guint, i);

      if (kept == start || g_array_index (found, guint, kept - 1) != id)
        g_array_index (found, guint, kept++) = id;
    }
  g_array_set_size (found, kept);
}
