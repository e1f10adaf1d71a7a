/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Parts of chains as texts. */

#include "config.h"

#include "chd-fragment-text.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-chain-reader.h"
#include "chd-chain-writer.h"
#include "chd-error.h"

char *
chd_fragment_to_text (ChdChain *fragment)
{
  return chd_chain_write (fragment, NULL);
}

ChdChain *
chd_fragment_from_text (const char *text, GError **error)
{
  g_autoptr (ChdChain) fragment = chd_chain_read (text, strlen (text), error);

  if (fragment == NULL)
    return NULL;
  if (chd_chain_get_n_items (fragment, CHD_ITEM_NODE) > 0)
    return g_steal_pointer (&fragment);
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("The text holds no nodes."));
  return NULL;
}
