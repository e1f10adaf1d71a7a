/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Conditions before a task or step: input, operator, values. */

#include "config.h"

#include "chd-when.h"

#include "chd-json.h"

gboolean
chd_when_holds (JsonArray *conditions)
{
  for (guint i = 0; i < chd_json_length (conditions); i++)
    {
      JsonObject *condition = chd_json_object_at (conditions, i);
      const char *input = chd_json_string (condition, "input", "");
      JsonArray *values = chd_json_array (condition, "values");
      gboolean found = FALSE;

      for (guint j = 0; j < chd_json_length (values) && !found; j++)
        found = g_strcmp0 (chd_json_string_at (values, j), input) == 0;
      if (found != g_str_equal (chd_json_string (condition, "operator", ""), "in"))
        return FALSE;
    }
  return TRUE;
}
