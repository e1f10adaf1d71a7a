/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-chain.h"

/* A small group of companies with a supplier payment: two levels of lanes, a split with conditions, a join. */

static inline void
canvas_test_add_unit (ChdChain *chain, const char *id, const char *title, const char *level, const char *parent)
{
  ChdUnit *unit = chd_unit_new (id, title, parent);

  unit->level = g_strdup (level);
  chd_chain_append (chain, unit);
}

static inline void
canvas_test_add_node (ChdChain *chain, const char *id, const char *title, const char *unit, double x, double y)
{
  ChdNode *node = chd_node_new (id, title, unit);

  node->x = x;
  node->y = y;
  node->placed = x != 0 || y != 0;
  chd_chain_append (chain, node);
}

static inline void
canvas_test_add_link (ChdChain *chain, const char *from, const char *to, const char *result, const char *value)
{
  ChdLink *link = chd_link_new (from, to);

  if (result != NULL)
    {
      const char *values[] = { value, NULL };

      link->result = g_strdup (result);
      link->values = g_strdupv ((char **) values);
    }
  chd_chain_append (chain, link);
}

static inline void
canvas_test_bind (ChdChain *chain, const char *id, const char *interface_id, const char *script)
{
  ChdNode *node = chd_item_copy (chd_chain_find_node (chain, id));

  if (interface_id != NULL)
    chd_node_set_pipeline (node, chd_pipeline_binding_new (CHD_POSITION_WORK, interface_id, NULL));
  if (script != NULL)
    chd_node_set_task (node, chd_task_binding_new (script, "shell", NULL));
  chd_chain_replace (chain, node);
}

/* Titles in Chinese when @chinese; nodes without places. */
static inline ChdChain *
canvas_test_make_sample (gboolean chinese)
{
  ChdChain *chain = chd_chain_new ("supplier-payment", chinese ? "供应商付款" : "Supplier payment");
  const char *const scripts[][3] = {
    { "check-invoice", "Check invoice", "核对发票" },
    { "credit-score", "Credit score", "信用评分" },
    { "book", "Book in ledger", "记入总账" },
  };

  canvas_test_add_unit (chain, "group", chinese ? "示例集团" : "Example Group", "group", NULL);
  canvas_test_add_unit (chain, "trading", chinese ? "示例贸易公司" : "Example Trading", "company", "group");
  canvas_test_add_unit (chain, "purchasing", chinese ? "采购部" : "Purchasing", "department", "trading");
  canvas_test_add_unit (chain, "invoices", chinese ? "发票组" : "Invoice desk", "team", "purchasing");
  canvas_test_add_unit (chain, "finance", chinese ? "财务部" : "Finance", "department", "trading");
  canvas_test_add_unit (chain, "risk", chinese ? "风险管理部" : "Risk", "department", "trading");
  canvas_test_add_unit (chain, "archive", chinese ? "档案室" : "Archive", "team", "trading");
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    chd_chain_append (chain, chd_script_new (scripts[i][0], scripts[i][chinese ? 2 : 1]));
  canvas_test_add_node (chain, "receive", chinese ? "接收发票" : "Receive invoice", "invoices", 0, 0);
  canvas_test_add_node (chain, "check", chinese ? "核对发票与订单" : "Check invoice", "invoices", 0, 0);
  canvas_test_add_node (chain, "clarify", chinese ? "与供应商澄清" : "Clarify with supplier", "purchasing", 0, 0);
  canvas_test_add_node (chain, "order", chinese ? "匹配采购订单" : "Match with purchase order", "purchasing", 0, 0);
  canvas_test_add_node (chain, "score", chinese ? "信用评估" : "Score the supplier", "risk", 0, 0);
  canvas_test_add_node (chain, "sanctions", chinese ? "制裁名单筛查" : "Screen sanction lists", "risk", 0, 0);
  canvas_test_add_node (chain, "approve", chinese ? "逐级审批" : "Approve payment", "finance", 0, 0);
  canvas_test_add_node (chain, "pay", chinese ? "付款" : "Pay", "finance", 0, 0);
  canvas_test_add_node (chain, "book", chinese ? "记账" : "Book", "finance", 0, 0);
  canvas_test_add_node (chain, "report", chinese ? "集团报告" : "Report to group", "group", 0, 0);
  canvas_test_add_link (chain, "receive", "check", NULL, NULL);
  canvas_test_add_link (chain, "check", "order", "decision", "ok");
  canvas_test_add_link (chain, "check", "clarify", "decision", "unclear");
  canvas_test_add_link (chain, "order", "score", NULL, NULL);
  canvas_test_add_link (chain, "order", "sanctions", NULL, NULL);
  canvas_test_add_link (chain, "score", "approve", NULL, NULL);
  canvas_test_add_link (chain, "sanctions", "approve", NULL, NULL);
  canvas_test_add_link (chain, "clarify", "approve", NULL, NULL);
  canvas_test_add_link (chain, "approve", "pay", NULL, NULL);
  canvas_test_add_link (chain, "pay", "book", NULL, NULL);
  canvas_test_add_link (chain, "pay", "report", NULL, NULL);
  canvas_test_add_link (chain, "check", "book", NULL, NULL);
  canvas_test_bind (chain, "check", NULL, "check-invoice");
  canvas_test_bind (chain, "score", "notify", "credit-score");
  canvas_test_bind (chain, "approve", "multi-level-approval", NULL);
  canvas_test_bind (chain, "book", NULL, "book");
  chd_chain_clear_history (chain);
  return chain;
}

/* A layered chain of @n nodes in units of 25, with about 1.5 links a node. */
static inline ChdChain *
canvas_test_make_large (guint n, guint32 seed)
{
  ChdChain *chain = chd_chain_new ("large", "Large chain");
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  guint n_units = (n + 24) / 25;

  chd_chain_begin (chain, "Make");
  for (guint i = 0; i < n_units; i++)
    {
      g_autofree char *id = g_strdup_printf ("unit-%u", i);
      g_autofree char *parent = i > 0 ? g_strdup_printf ("unit-%u", (i - 1) / 4) : NULL;
      g_autofree char *title = g_strdup_printf ("Unit %u", i);

      canvas_test_add_unit (chain, id, title, "team", parent);
    }
  for (guint i = 0; i < n; i++)
    {
      g_autofree char *id = g_strdup_printf ("node-%u", i);
      g_autofree char *title = g_strdup_printf ("Work item %u", i);
      g_autofree char *unit = g_strdup_printf ("unit-%d", g_rand_int_range (random, 0, (int) n_units));

      canvas_test_add_node (chain, id, title, unit, 0, 0);
    }
  for (guint i = 0; i < n + n / 2; i++)
    {
      guint from = (guint) g_rand_int_range (random, 0, (int) n);
      guint to = MIN (from + (guint) g_rand_int_range (random, 1, (int) (n / 12) + 3), n - 1);
      g_autofree char *from_id = g_strdup_printf ("node-%u", from);
      g_autofree char *to_id = g_strdup_printf ("node-%u", to);

      if (from != to && chd_chain_find_link (chain, from_id, to_id) == NULL)
        canvas_test_add_link (chain, from_id, to_id, NULL, NULL);
    }
  chd_chain_end (chain);
  chd_chain_clear_history (chain);
  return chain;
}
