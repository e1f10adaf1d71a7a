/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validating, writing and reading a chain of 1 000 nodes, in milliseconds of CPU. */
#include "config.h"

#include <time.h>

#include "chd-chain-reader.h"
#include "chd-chain-writer.h"
#include "chd-util.h"
#include "chd-validate.h"

#define N_NODES 1000
#define ROUNDS 50

static double
get_cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* Every node has a task that takes a result of the node before; two links lead on from each. */
static ChdChain *
make_chain (void)
{
  ChdChain *chain = chd_chain_new ("large", "Large");
  ChdScript *script = chd_script_new ("check", "Check");

  chd_chain_append (chain, chd_unit_new ("finance", "Finance", NULL));
  chd_chain_append (chain, chd_environment_new ("host", "Host", "host"));
  g_ptr_array_add (script->params, chd_param_new ("amount", CHD_PARAM_STRING));
  g_ptr_array_add (script->results, chd_result_new ("decision"));
  chd_set_str (&script->text, "printf ok > \"$RESULT_DECISION\"");
  chd_chain_append (chain, script);
  for (guint i = 0; i < N_NODES; i++)
    {
      g_autofree char *id = g_strdup_printf ("node-%u", i), *title = g_strdup_printf ("Node %u", i);
      ChdNode *node = chd_node_new (id, title, "finance");

      chd_node_set_task (node, chd_task_binding_new ("check", "host", NULL));
      g_variant_unref (node->task->params);
      node->task->params =
          chd_values_set (NULL, "amount",
                          g_variant_new_printf (i > 0 ? "$(nodes.node-%u.results.decision)" : "%u", i > 0 ? i - 1 : 0));
      chd_chain_append (chain, node);
    }
  for (guint i = 1; i < N_NODES; i++)
    for (guint back = 1; back <= 7 && back <= i; back += 6)
      {
        g_autofree char *from = g_strdup_printf ("node-%u", i - back), *to = g_strdup_printf ("node-%u", i);

        chd_chain_append (chain, chd_link_new (from, to));
      }
  return chain;
}

int
main (void)
{
  g_autoptr (ChdChain) chain = make_chain ();
  gsize length = 0;
  double start = get_cpu_ms (), validate, write, read;

  for (guint i = 0; i < ROUNDS; i++)
    {
      g_autoptr (GPtrArray) problems = chd_validate (chain, NULL);

      g_assert_cmpuint (problems->len, ==, 0);
    }
  validate = (get_cpu_ms () - start) / ROUNDS;
  start = get_cpu_ms ();
  for (guint i = 0; i < ROUNDS; i++)
    g_free (chd_chain_write (chain, &length));
  write = (get_cpu_ms () - start) / ROUNDS;
  {
    g_autofree char *text = chd_chain_write (chain, &length);

    start = get_cpu_ms ();
    for (guint i = 0; i < ROUNDS; i++)
      {
        g_autoptr (ChdChain) again = chd_chain_read (text, length, NULL);

        g_assert_nonnull (again);
      }
    read = (get_cpu_ms () - start) / ROUNDS;
  }
  g_print ("%d nodes, %zu bytes: validate %.2f ms, write %.2f ms, read %.2f ms\n", N_NODES, length, validate, write,
           read);
  g_assert_cmpfloat (validate, <, 50);
  return 0;
}
