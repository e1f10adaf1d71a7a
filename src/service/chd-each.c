/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The same work for many items; see the header. */

#include "config.h"

#include "chd-each.h"

struct _ChdEach
{
  GTask *task; /* (owned) (nullable) until all have ended */
  ChdEachStart start;
  gpointer data;
  guint n_items;
  guint limit;
  guint next;
  guint running; /* one more while starting, so that items that end at once do not end the whole */
  GError *error; /* (owned) (nullable) the first */
};

static void
finish (ChdEach *each)
{
  g_autoptr (GTask) task = g_steal_pointer (&each->task);
  GError *error = g_steal_pointer (&each->error);

  g_free (each);
  if (g_task_return_error_if_cancelled (task))
    g_clear_error (&error);
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

static void
start_more (ChdEach *each)
{
  GCancellable *cancellable = g_task_get_cancellable (each->task);

  each->running++;
  while (each->next < each->n_items && each->running <= each->limit && !g_cancellable_is_cancelled (cancellable))
    {
      each->running++;
      each->start (each, each->next++, each->data);
    }
  each->running--;
  if (each->running == 0)
    finish (each);
}

void
chd_each_async (guint n_items,
                guint limit,
                ChdEachStart start,
                gpointer data,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer user_data)
{
  ChdEach *each = g_new0 (ChdEach, 1);

  each->task = g_task_new (NULL, cancellable, callback, user_data);
  g_task_set_source_tag (each->task, chd_each_async);
  each->start = start;
  each->data = data;
  each->n_items = n_items;
  each->limit = limit;
  start_more (each);
}

gboolean
chd_each_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

void
chd_each_done (ChdEach *each, GError *error)
{
  if (each->error == NULL)
    each->error = error;
  else
    g_clear_error (&error);
  each->running--;
  /* While the starter is in its loop it goes on by itself: running is then at least one. */
  if (each->running == 0 || each->next < each->n_items)
    start_more (each);
}

GCancellable *
chd_each_get_cancellable (ChdEach *each)
{
  return g_task_get_cancellable (each->task);
}
