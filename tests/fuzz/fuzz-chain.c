/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Fuzz target of the chain reader: whatever is accepted can be validated, and is written so that reading and writing it
 * again gives the same bytes. Built and run by tests/fuzz/run. */
#include "config.h"

#include <stdint.h>
#include <string.h>

#include "chd-chain-reader.h"
#include "chd-chain-writer.h"
#include "chd-validate.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdChain) chain = chd_chain_read ((const char *) data, size, &error);
  g_autoptr (ChdChain) again = NULL;
  g_autoptr (GPtrArray) problems = NULL;
  g_autofree char *text = NULL, *second = NULL;
  gsize length;

  g_assert ((chain == NULL) == (error != NULL));
  if (chain == NULL)
    {
      g_assert (g_utf8_validate (error->message, -1, NULL));
      return 0;
    }
  problems = chd_validate (chain, NULL);
  text = chd_chain_write (chain, &length);
  again = chd_chain_read (text, length, NULL);
  g_assert (again != NULL);
  second = chd_chain_write (again, NULL);
  g_assert (strcmp (text, second) == 0);
  return 0;
}
