/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The manual approval gate's webhook: who may answer an ApprovalTask, and how. Everybody changes his own answer only,
 * and only while the question is open. */

#include "config.h"

#include <string.h>

#include "chd-admission-private.h"
#include "chd-json.h"

static const char *
text_of (JsonObject *object, const char *name)
{
  return chd_json_string (object, name, "");
}

static const char *
type_of (JsonObject *approver)
{
  const char *type = text_of (approver, "type");

  return *type == '\0' ? "User" : type;
}

static char *
check_approver (JsonObject *approver, guint index, gboolean created)
{
  static const char *const inputs[] = { "pending", "approve", "reject", NULL };
  const char *name = text_of (approver, "name");
  const char *type = type_of (approver);
  const char *input = text_of (approver, "input");

  if (*name == '\0')
    return g_strdup_printf ("approvers[%u].name: must not be empty", index);
  if (!g_str_equal (type, "User") && !g_str_equal (type, "Group"))
    return g_strdup_printf ("approvers[%u].type: must be one of: User, Group, got '%s'", index, type);
  if (g_str_equal (type, "Group") && strpbrk (name, " :") != NULL)
    return g_strdup_printf ("approvers[%u].name: group name must not contain spaces or colons, got '%s'", index, name);
  if (!g_strv_contains (inputs, input))
    return g_strdup_printf ("approvers[%u].input: must be one of: pending, approve, reject, got '%s'", index, input);
  if (created && !g_str_equal (input, "pending"))
    return g_strdup_printf ("approvers[%u].input: must be 'pending' at creation, got '%s'", index, input);
  return NULL;
}

static char *
check_structure (JsonObject *spec, gboolean created)
{
  JsonArray *approvers = chd_json_array (spec, "approvers");
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (chd_json_length (approvers) == 0)
    return g_strdup ("approvers: must not be empty");
  if (chd_json_int (spec, "numberOfApprovalsRequired", 0) <= 0)
    return g_strdup ("numberOfApprovalsRequired: must be greater than 0");
  for (guint i = 0; i < chd_json_length (approvers); i++)
    {
      JsonObject *approver = chd_json_object_at (approvers, i);
      char *complaint = check_approver (approver, i, created);

      if (complaint != NULL)
        return complaint;
      if (!g_hash_table_add (names, g_strconcat (type_of (approver), ":", text_of (approver, "name"), NULL)))
        return g_strdup_printf ("approvers[%u].name: duplicate approver '%s'", i, text_of (approver, "name"));
    }
  return NULL;
}

static JsonObject *
find_entry (JsonArray *entries, const char *name, const char *type)
{
  for (guint i = 0; i < chd_json_length (entries); i++)
    {
      JsonObject *entry = chd_json_object_at (entries, i);

      if (entry != NULL && g_str_equal (text_of (entry, "name"), name) &&
          (type == NULL || g_str_equal (type_of (entry), type)))
        return entry;
    }
  return NULL;
}

static gboolean
is_member (const ChdUser *user, const char *group)
{
  return user->groups != NULL && g_strv_contains (user->groups, group);
}

/* Whether the entry is one that @user speaks in: his own, or that of a group he is in. */
static gboolean
is_own (JsonObject *entry, const ChdUser *user)
{
  return g_str_equal (type_of (entry), "Group") ? is_member (user, text_of (entry, "name"))
                                                : g_strcmp0 (text_of (entry, "name"), user->name) == 0;
}

static gboolean
equal_members (JsonObject *a, JsonObject *b, const char *name)
{
  return chd_json_equal (a != NULL ? json_object_get_member (a, name) : NULL,
                         b != NULL ? json_object_get_member (b, name) : NULL);
}

static gboolean
equal_objects (JsonObject *a, JsonObject *b)
{
  g_autoptr (JsonNode) first = a != NULL ? chd_json_node_from_object (a) : NULL;
  g_autoptr (JsonNode) second = b != NULL ? chd_json_node_from_object (b) : NULL;

  return chd_json_equal (first, second);
}

/* In a group's list of users, only @user's own line may differ. */
static gboolean
only_own_line_differs (JsonObject *entry, JsonObject *old, const ChdUser *user)
{
  JsonArray *users = chd_json_array (entry, "users");
  JsonArray *old_users = chd_json_array (old, "users");

  for (guint i = 0; i < chd_json_length (users); i++)
    {
      JsonObject *line = chd_json_object_at (users, i);

      if (g_strcmp0 (text_of (line, "name"), user->name) != 0 &&
          !equal_objects (line, find_entry (old_users, text_of (line, "name"), NULL)))
        return FALSE;
    }
  for (guint i = 0; i < chd_json_length (old_users); i++)
    if (find_entry (users, text_of (chd_json_object_at (old_users, i), "name"), NULL) == NULL)
      return FALSE;
  return TRUE;
}

/* What @user has said so far, in his own entry or in a group's. */
static const char *
answer_of (JsonArray *approvers, const ChdUser *user)
{
  const char *answer = "pending";

  for (guint i = 0; i < chd_json_length (approvers); i++)
    {
      JsonObject *entry = chd_json_object_at (approvers, i);
      JsonObject *line = entry;

      if (entry == NULL || !is_own (entry, user))
        continue;
      if (g_str_equal (type_of (entry), "Group"))
        line = find_entry (chd_json_array (entry, "users"), user->name, NULL);
      if (line != NULL && !g_str_equal (text_of (line, "input"), "pending") && *text_of (line, "input") != '\0')
        answer = text_of (line, "input");
    }
  return answer;
}

static char *
check_answer (JsonObject *spec, JsonObject *old_spec, const ChdUser *user)
{
  JsonArray *approvers = chd_json_array (spec, "approvers");
  JsonArray *old_approvers = chd_json_array (old_spec, "approvers");
  const char *answer = answer_of (approvers, user);
  const char *old_answer = answer_of (old_approvers, user);
  gboolean listed = FALSE;
  gboolean changed = FALSE;

  for (guint i = 0; i < chd_json_length (old_approvers); i++)
    listed = listed || is_own (chd_json_object_at (old_approvers, i), user);
  if (!listed)
    return g_strdup ("User does not exist in the approval list");

  if (chd_json_length (approvers) != chd_json_length (old_approvers) ||
      !equal_members (spec, old_spec, "numberOfApprovalsRequired") || !equal_members (spec, old_spec, "description"))
    return g_strdup ("User can only update their own approval input");
  for (guint i = 0; i < chd_json_length (approvers); i++)
    {
      JsonObject *entry = chd_json_object_at (approvers, i);
      JsonObject *old = find_entry (old_approvers, text_of (entry, "name"), type_of (entry));

      if (old == NULL)
        return g_strdup ("User can only update their own approval input");
      if (equal_objects (entry, old))
        continue;
      if (!is_own (entry, user) || !only_own_line_differs (entry, old, user))
        {
          /* A type that was left out means User; writing it down is no answer. */
          if (equal_members (entry, old, "input") && equal_members (entry, old, "message") &&
              equal_members (entry, old, "users"))
            continue;
          return g_strdup ("User can only update their own approval input");
        }
      changed = TRUE;
    }
  if (g_str_equal (old_answer, "reject"))
    return g_strdup ("User has already rejected");
  if (g_str_equal (old_answer, "approve") && !g_str_equal (answer, "reject"))
    return g_strdup ("User has already approved");
  if (!changed || g_str_equal (answer, "pending"))
    return g_strdup_printf ("Invalid input change: from '%s' to '%s'", old_answer, answer);
  return NULL;
}

char *
chd_validate_approval (JsonObject *object, JsonObject *before, const ChdUser *user, gboolean *structural)
{
  JsonObject *spec = chd_json_object (object, "spec");
  g_autofree char *complaint = check_structure (spec, before == NULL);
  const char *state = chd_json_lookup_string (before, "status/state", "pending");

  *structural = complaint != NULL;
  if (complaint != NULL)
    return g_strdup_printf ("validation failed: spec validation failed: %s", complaint);
  if (before == NULL || user == NULL || user->name == NULL)
    return NULL;
  if (g_str_equal (state, "approved") || g_str_equal (state, "rejected"))
    return g_strdup ("ApprovalTask has already reached it's final state");
  return check_answer (spec, chd_json_object (before, "spec"), user);
}
