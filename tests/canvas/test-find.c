/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Find: by everything that people call a node, also in Chinese by initials. */

#include "config.h"

#include "canvas-test.h"
#include "chd-finder.h"
#include "chd-layout.h"
#include "chd-search.h"

/* The ids found, joined. */
static char *
find (ChdFinder *finder, const char *query)
{
  g_autoptr (GPtrArray) found = chd_finder_find (finder, query);
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    {
      const ChdFound *one = g_ptr_array_index (found, i);

      g_string_append_printf (ids, "%s%s%s", i > 0 ? " " : "", one->kind == CHD_ITEM_UNIT ? "/" : "", one->id);
    }
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

static void
assert_finds (ChdFinder *finder, const char *query, const char *ids)
{
  g_autofree char *found = find (finder, query);

  g_assert_cmpstr (found, ==, ids);
}

static ChdScene *
make_scene (gboolean chinese)
{
  g_autoptr (ChdChain) chain = canvas_test_make_sample (chinese);
  ChdUnit *risk = chd_item_copy (chd_chain_find_unit (chain, "risk"));

  risk->lead = g_strdup (chinese ? "李娜" : "Li Na");
  chd_chain_replace (chain, risk);
  chd_layout_apply (chain);
  chd_chain_clear_history (chain);
  return chd_scene_new (chain);
}

static void
test_words (void)
{
  g_autoptr (ChdScene) scene = make_scene (FALSE);
  g_autoptr (ChdFinder) finder = chd_finder_new (scene);
  ChdChain *chain = chd_scene_get_chain (scene);
  ChdNode *pay;
  ChdScript *script;

  assert_finds (finder, "", "");
  assert_finds (finder, "  ", "");
  assert_finds (finder, "CHECK INV", "check");
  assert_finds (finder, "credit-sc", "score"); /* the script's id */
  assert_finds (finder, "credit score", "score");
  assert_finds (finder, "li na", "/risk score sanctions"); /* the unit's lead */
  assert_finds (finder, "risk", "/risk score sanctions");
  assert_finds (finder, "risk screen", "sanctions");
  assert_finds (finder, "nothing like it", "");
  chd_scene_set_interface_title (scene, "notify", "Tell everybody");
  assert_finds (finder, "everybody", "score");
  chd_scene_set_node_state (scene, "pay", CHD_NODE_FAILED, NULL, -1);
  assert_finds (finder, "failed", "pay");
  assert_finds (finder, "finance draft", "approve book");

  /* What changes is found by what it is now. */
  pay = chd_item_copy (chd_chain_find_node (chain, "pay"));
  g_free (pay->title);
  pay->title = g_strdup ("Transfer");
  chd_chain_replace (chain, pay);
  assert_finds (finder, "transf", "pay");
  script = chd_item_copy (chd_chain_find_script (chain, "book"));
  g_free (script->title);
  script->title = g_strdup ("Ledger entry");
  chd_chain_replace (chain, script);
  assert_finds (finder, "entry", "book");
}

static void
test_chinese (void)
{
  g_autoptr (ChdScene) scene = make_scene (TRUE);
  g_autoptr (ChdFinder) finder = chd_finder_new (scene);
  g_autofree char *initials = chd_pinyin_initials ("信用核查 2B");

  assert_finds (finder, "核对", "check");
  /* ASCII only: no initials, so that nothing is searched twice. */
  g_assert_null (chd_pinyin_initials ("Check 1"));
  if (initials == NULL)
    {
      g_test_skip ("this system has no table of GB 2312");
      return;
    }
  g_assert_cmpstr (initials, ==, "xyhc2b");
  assert_finds (finder, "xypg", "score");
  assert_finds (finder, "CWB FK", "pay");
  assert_finds (finder, "ln", "/risk score sanctions");
}

static void
test_size (void)
{
  g_autoptr (ChdChain) chain = canvas_test_make_large (10000, 1);
  g_autoptr (ChdScene) scene = NULL;
  g_autoptr (ChdFinder) finder = NULL;
  g_autoptr (GPtrArray) found = NULL;
  gint64 start;

  chd_layout_apply (chain);
  scene = chd_scene_new (chain);
  finder = chd_finder_new (scene);
  g_ptr_array_unref (chd_finder_find (finder, "item 999"));
  start = g_get_monotonic_time ();
  found = chd_finder_find (finder, "item 999");
  g_test_message ("a search of 10 000 nodes took %.1f ms", (double) (g_get_monotonic_time () - start) / 1000);
  g_assert_cmpuint (found->len, ==, 19);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/canvas/find/words", test_words);
  g_test_add_func ("/canvas/find/chinese", test_chinese);
  g_test_add_func ("/canvas/find/size", test_size);
  return g_test_run ();
}
