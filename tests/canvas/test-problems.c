/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Problems at the nodes they are about, and the repairs that need no decision. */

#include "config.h"

#include <string.h>

#include "canvas-test.h"
#include "chd-picture.h"
#include "chd-repair.h"
#include "chd-scene.h"

static ChdProblem *
find_problem (GPtrArray *problems, const char *code)
{
  for (guint i = 0; i < problems->len; i++)
    if (g_str_equal (((ChdProblem *) g_ptr_array_index (problems, i))->code, code))
      return g_ptr_array_index (problems, i);
  return NULL;
}

/* Repairs the first problem of a kind and makes sure that it is gone then, and that undo brings it back. */
static void
repair (ChdChain *chain, const char *code, const char *label)
{
  g_autoptr (GPtrArray) problems = chd_validate (chain, NULL);
  g_autoptr (GPtrArray) after = NULL;
  ChdProblem *problem = find_problem (problems, code);
  g_autofree char *text = NULL;

  g_assert_nonnull (problem);
  text = chd_repair_dup_label (problem);
  g_assert_cmpstr (text, ==, label);
  g_assert_true (chd_repair_apply (chain, problem));
  after = chd_validate (chain, NULL);
  g_assert_null (find_problem (after, code));
  /* Twice does no harm: what a row of a list says may be over by now. */
  if (!g_str_has_prefix (label, "Rename"))
    g_assert_false (chd_repair_apply (chain, problem));
  chd_chain_undo (chain);
  g_clear_pointer (&after, g_ptr_array_unref);
  after = chd_validate (chain, NULL);
  g_assert_nonnull (find_problem (after, code));
  chd_chain_redo (chain);
}

static void
test_repairs (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (GPtrArray) problems = NULL;
  ChdHead *head;

  chd_chain_append (chain, chd_link_new ("pay", "nowhere"));
  repair (chain, "unknown-node", "Remove the link");
  chd_chain_append (chain, chd_link_new ("pay", "pay"));
  repair (chain, "self-link", "Remove the link");
  canvas_test_add_node (chain, "Ask Somebody", "Ask somebody", "risk", 0, 0);
  canvas_test_add_link (chain, "pay", "Ask Somebody", NULL, NULL);
  repair (chain, "bad-name", "Rename it to “ask-somebody”");
  g_assert_nonnull (chd_chain_find_link (chain, "pay", "ask-somebody"));
  head = chd_item_copy (chd_chain_get_head (chain));
  g_free (head->item.id);
  head->item.id = g_strdup ("a-name-that-is-longer-than-what-is-allowed");
  chd_chain_replace (chain, head);
  repair (chain, "name-too-long", "Rename it to “a-name-that-is-longer-th”");
  repair (chain, "no-execution", "Choose Dependent");
  g_assert_cmpint (chd_chain_find_node (chain, "score")->execution, ==, CHD_EXECUTION_DEPENDENT);

  /* What to do here, only a person knows. */
  problems = chd_validate (chain, NULL);
  g_assert_nonnull (find_problem (problems, "no-work"));
  g_assert_null (chd_repair_dup_label (find_problem (problems, "no-work")));
  g_assert_false (chd_repair_apply (chain, find_problem (problems, "no-work")));
}

static void
node_changed_cb (ChdScene *scene, guint index, guint *n)
{
  (*n)++;
}

static void
test_marks (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (FALSE);
  g_autoptr (ChdScene) scene = chd_scene_new (chain);
  g_autoptr (GPtrArray) problems = chd_validate (chain, NULL);
  guint receive = chd_scene_find_node (scene, "receive"), score = chd_scene_find_node (scene, "score"), n = 0;
  g_autofree char *description = NULL;
  const char *text;
  g_autoptr (GBytes) plain = chd_picture_render (scene, CHD_PICTURE_SVG, 1, 0, NULL);
  g_autoptr (GBytes) marked = NULL;

  g_signal_connect (scene, "node-changed", G_CALLBACK (node_changed_cb), &n);
  g_assert_cmpint (chd_scene_get_mark (scene, receive), ==, CHD_MARK_NONE);
  chd_scene_set_problems (scene, problems);
  g_assert_cmpuint (n, >, 0);
  g_assert_cmpint (chd_scene_get_mark (scene, receive), ==, CHD_MARK_ERROR);
  g_assert_nonnull (strstr (chd_scene_get_problem_text (scene, receive), "has nothing to do yet"));
  description = chd_scene_dup_node_description (scene, receive);
  g_assert_nonnull (strstr (description, "has nothing to do yet"));
  g_assert_cmpint (chd_scene_get_mark (scene, score), !=, CHD_MARK_NONE);
  marked = chd_picture_render (scene, CHD_PICTURE_SVG, 1, 0, NULL);
  g_assert_false (g_bytes_equal (plain, marked));

  /* The same again is no news; each that is solved is. */
  n = 0;
  chd_scene_set_problems (scene, problems);
  g_assert_cmpuint (n, ==, 0);
  canvas_test_bind (chain, "receive", NULL, "book");
  g_ptr_array_unref (problems);
  problems = chd_validate (chain, NULL);
  chd_scene_set_problems (scene, problems);
  text = chd_scene_get_problem_text (scene, receive);
  g_assert_true (text == NULL || strstr (text, "has nothing to do yet") == NULL);
  chd_scene_set_problems (scene, NULL);
  g_assert_cmpint (chd_scene_get_mark (scene, score), ==, CHD_MARK_NONE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/problems/repairs", test_repairs);
  g_test_add_func ("/canvas/problems/marks", test_marks);
  return g_test_run ();
}
