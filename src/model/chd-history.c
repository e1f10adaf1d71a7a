/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The history of edits: steps that nest while they run, join when they go on with the same thing, and know the point at
 * which the document was saved. */

#include "config.h"

#include "chd-history.h"

#include <string.h>

static void
clear_edit (gpointer data)
{
  ChdEdit *edit = data;

  g_clear_pointer (&edit->before, chd_item_unref);
  g_clear_pointer (&edit->after, chd_item_unref);
}

static ChdStep *
step_new (const char *name)
{
  ChdStep *step = g_new0 (ChdStep, 1);

  step->name = g_strdup (name);
  step->edits = g_array_new (FALSE, FALSE, sizeof (ChdEdit));
  g_array_set_clear_func (step->edits, clear_edit);
  return step;
}

static void
step_free (ChdStep *step)
{
  g_free (step->name);
  g_free (step->merge_key);
  g_array_unref (step->edits);
  g_free (step);
}

void
chd_history_init (ChdHistory *self)
{
  self->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) step_free);
  self->starts = g_array_new (FALSE, FALSE, sizeof (guint));
}

void
chd_history_clear (ChdHistory *self)
{
  g_ptr_array_unref (self->steps);
  g_clear_pointer (&self->running, step_free);
  g_array_unref (self->starts);
}

/* Nothing can be undone any more, and the document counts as saved. */
void
chd_history_forget (ChdHistory *self)
{
  g_ptr_array_set_size (self->steps, 0);
  self->done = 0;
  self->saved = 0;
}

ChdStep *
chd_history_get_step (const ChdHistory *self, guint index)
{
  return index < self->steps->len ? g_ptr_array_index (self->steps, index) : NULL;
}

void
chd_history_begin (ChdHistory *self, const char *name)
{
  guint start;

  if (self->running == NULL)
    self->running = step_new (name);
  start = self->running->edits->len;
  g_array_append_val (self->starts, start);
}

static gboolean
can_merge (const ChdHistory *self, const ChdStep *step)
{
  const ChdStep *last = self->done > 0 ? chd_history_get_step (self, self->done - 1) : NULL;

  return step->merge_key != NULL && last != NULL && self->done == self->steps->len && self->saved != (int) self->done &&
         g_strcmp0 (step->merge_key, last->merge_key) == 0;
}

/* Two replacements of the same item in a row become one, so that a long drag or typing stays small. */
static void
merge_edits (ChdStep *last, ChdStep *step)
{
  for (guint i = 0; i < step->edits->len; i++)
    {
      ChdEdit *edit = &g_array_index (step->edits, ChdEdit, i);
      gboolean joined = FALSE;

      for (guint j = last->edits->len; edit->before != NULL && edit->after != NULL && j > 0 && !joined; j--)
        {
          ChdEdit *old = &g_array_index (last->edits, ChdEdit, j - 1);

          if (old->kind != edit->kind || old->index != edit->index || old->after != edit->before || old->before == NULL)
            continue;
          chd_item_unref (old->after);
          old->after = g_steal_pointer (&edit->after);
          joined = TRUE;
        }
      if (!joined)
        {
          g_array_append_val (last->edits, *edit);
          memset (edit, 0, sizeof *edit);
        }
    }
}

static void
push_step (ChdHistory *self, ChdStep *step)
{
  if (can_merge (self, step))
    {
      merge_edits (chd_history_get_step (self, self->done - 1), step);
      step_free (step);
      return;
    }
  if (self->saved > (int) self->done)
    self->saved = -1;
  g_ptr_array_set_size (self->steps, (int) self->done);
  g_ptr_array_add (self->steps, step);
  self->done++;
}

/* Returns: whether the outermost step has ended and has changed something */
gboolean
chd_history_end (ChdHistory *self)
{
  ChdStep *step;

  g_array_set_size (self->starts, self->starts->len - 1);
  if (self->starts->len > 0)
    return FALSE;
  step = g_steal_pointer (&self->running);
  if (step->edits->len == 0)
    {
      step_free (step);
      return FALSE;
    }
  push_step (self, step);
  return TRUE;
}
