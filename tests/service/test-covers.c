/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Whether an engine has what we want, whatever form it gave it; and the same work for many items. */

#include "config.h"

#include "chd-covers.h"
#include "chd-each.h"
#include "service-test.h"

static gboolean
covers (const char *live, const char *wanted)
{
  g_autoptr (JsonObject) a = chd_json_parse_object (live, strlen (live), CHD_JSON_MAX_OBJECT, 0, NULL);
  g_autoptr (JsonObject) b = chd_json_parse_object (wanted, strlen (wanted), CHD_JSON_MAX_OBJECT, 0, NULL);

  g_assert_nonnull (a);
  g_assert_nonnull (b);
  return chd_covers (a, b);
}

static void
test_covers (void)
{
  g_assert_true (covers ("{\"a\": {\"b\": 1, \"c\": 2}}", "{\"a\": {\"b\": 1}}"));
  g_assert_false (covers ("{\"a\": {\"b\": 1}}", "{\"a\": {\"b\": 2}}"));
  g_assert_false (covers ("{\"a\": {\"b\": 1}}", "{\"a\": {\"c\": 1}}"));
  /* Lists are ours as a whole. */
  g_assert_true (covers ("{\"a\": [{\"n\": \"x\", \"more\": {}}]}", "{\"a\": [{\"n\": \"x\"}]}"));
  g_assert_false (covers ("{\"a\": [{\"n\": \"x\"}, {\"n\": \"y\"}]}", "{\"a\": [{\"n\": \"x\"}]}"));
  g_assert_false (covers ("{\"a\": [\"y\", \"x\"]}", "{\"a\": [\"x\", \"y\"]}"));
  /* What means nothing may be left out, and durations have many forms. */
  g_assert_true (covers ("{}", "{\"a\": \"\", \"b\": [], \"c\": {}, \"d\": 0, \"e\": false, \"f\": null}"));
  g_assert_false (covers ("{}", "{\"d\": 1}"));
  g_assert_true (covers ("{\"timeout\": \"10m0s\"}", "{\"timeout\": \"10m\"}"));
  g_assert_false (covers ("{\"timeout\": \"10m0s\"}", "{\"timeout\": \"11m\"}"));
  g_assert_false (covers ("{\"a\": {}}", "{\"a\": \"text\"}"));
}

typedef struct
{
  guint running;
  guint most;
  guint begun;
  GCancellable *cancellable;
} Work;

typedef struct
{
  ChdEach *each;
  Work *work;
  guint index;
} Item;

static gboolean
end_cb (gpointer user_data)
{
  g_autofree Item *item = user_data;

  item->work->running--;
  chd_each_done (item->each, item->index == 3 ? g_error_new_literal (CHD_ERROR, CHD_ERROR_FAILED, "three") : NULL);
  return G_SOURCE_REMOVE;
}

static void
start_one (ChdEach *each, guint index, gpointer data)
{
  Work *work = data;
  Item *item = g_new (Item, 1);

  work->begun++;
  work->running++;
  work->most = MAX (work->most, work->running);
  if (work->cancellable != NULL && index == 4)
    g_cancellable_cancel (work->cancellable);
  item->each = each;
  item->work = work;
  item->index = index;
  /* Some end at once. */
  if (index % 3 == 0)
    end_cb (item);
  else
    g_timeout_add (index % 5, end_cb, item);
}

static void
test_each (void)
{
  Work work = { 0 }, none = { 0 }, cancelled = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL, empty = NULL, stopped = NULL;
  g_autoptr (GError) error = NULL;

  chd_each_async (50, 4, start_one, &work, NULL, chd_test_result_cb, &result);
  g_assert_false (chd_each_finish (wait_for_result (&result), &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_FAILED);
  g_assert_cmpuint (work.begun, ==, 50);
  g_assert_cmpuint (work.running, ==, 0);
  g_assert_cmpuint (work.most, ==, 4);
  g_clear_error (&error);

  chd_each_async (0, 4, start_one, &none, NULL, chd_test_result_cb, &empty);
  g_assert_true (chd_each_finish (wait_for_result (&empty), &error));

  cancelled.cancellable = cancellable;
  chd_each_async (50, 2, start_one, &cancelled, cancellable, chd_test_result_cb, &stopped);
  g_assert_false (chd_each_finish (wait_for_result (&stopped), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (cancelled.begun, <, 10);
  g_assert_cmpuint (cancelled.running, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/service/covers/says-what-differs", test_covers);
  g_test_add_func ("/service/each/does-a-few-at-a-time", test_each);
  return g_test_run ();
}
