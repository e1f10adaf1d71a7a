/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of names: those that end up in the engine's names are DNS labels of bounded length, and nothing is called
 * the same twice. From them the engine's objects are named "<chain>-<node>" and "<chain>-<node>-<position>": with both
 * parts within CHD_MAX_NAME that is at most 60 of the 63 bytes an engine takes. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-util.h"
#include "chd-validate-private.h"

G_STATIC_ASSERT (CHD_MAX_NAME + sizeof "-" - 1 + CHD_MAX_NAME + sizeof "-on-failure" - 1 <= CHD_MAX_ID);

static gsize
get_max_length (ChdItemKind kind)
{
  return kind == CHD_ITEM_HEAD || kind == CHD_ITEM_NODE ? CHD_MAX_NAME : CHD_MAX_ID;
}

static void
check_id (const ChdSubject *subject)
{
  static const char *const fallbacks[CHD_N_ITEM_KINDS] = { "chain", "unit", "environment", "script", "node", "link" };
  const char *field = subject->kind == CHD_ITEM_HEAD ? "name" : "id";
  gsize max = get_max_length (subject->kind);
  g_autofree char *better = NULL, *repair = NULL;

  if (chd_str_is_label (subject->item->id, max))
    return;
  better = chd_str_to_label (subject->item->id, max, fallbacks[subject->kind]);
  /* Translators: %s is a proposed name, such as “check-invoice” */
  repair = g_strdup_printf (_ ("Rename it to “%s”"), better);
  if (strlen (subject->item->id) > max)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "name-too-long", field, repair,
                     /* Translators: a name, the longest allowed length and its own */
                     _ ("The name “%s” is too long for the engine. Use at most %u characters (now %u)."),
                     chd_validation_shorten (subject->validation, subject->item->id), (guint) max,
                     (guint) strlen (subject->item->id));
  else
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "bad-name", field, repair,
                     /* Translators: %s is the name at fault */
                     _ ("The name “%s” cannot be used. Use small letters, digits and “-”, for example credit-check."),
                     subject->item->id);
}

static void
check_items (ChdValidation *self, ChdItemKind kind)
{
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, kind); i++)
    {
      ChdSubject subject;

      chd_subject_init (&subject, self, kind, i);
      check_id (&subject);
      if (chd_chain_find (self->chain, kind, subject.item->id) != subject.item)
        chd_subject_add (&subject, CHD_SEVERITY_ERROR, "duplicate-id", "id", _ ("Rename one of them"),
                         /* Translators: title and name of an item */
                         _ ("“%s” has the same name as another one: “%s”. Rename one of them."), subject.title,
                         chd_validation_shorten (self, subject.item->id));
    }
}

/* Params and results: Tekton's names without dots, which a shell's variables cannot hold. */
static gboolean
is_param_name (const char *name)
{
  gsize length = strlen (name);

  return length > 0 && length <= CHD_MAX_ID && (g_ascii_isalpha (name[0]) || name[0] == '_') &&
         strspn (name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length;
}

/* A step sees "amount-due" as PARAM_AMOUNT_DUE (design.md, 3), and so "amount_due", too. */
static char *
make_variable (const char *name)
{
  char *variable = g_ascii_strup (name, -1);

  return g_strdelimit (variable, "-", '_');
}

static void
check_declared (const ChdSubject *subject, GHashTable *variables, const char *list, guint index, const char *name)
{
  g_autofree char *field = g_strdup_printf ("%s[%u].name", list, index);
  const char *shown = chd_validation_shorten (subject->validation, name);
  const char *other;
  char *variable;

  if (!is_param_name (name))
    {
      chd_subject_add (subject, CHD_SEVERITY_ERROR, "bad-name", field, _ ("Rename it"),
                       /* Translators: the name of a param or result, and the title of a script or chain */
                       _ ("The name “%s” in “%s” cannot be used. Use letters, digits, “-” and “_”, beginning with a "
                          "letter, at most 63 characters."),
                       shown, subject->title);
      return;
    }
  variable = make_variable (name);
  other = g_hash_table_lookup (variables, variable);
  if (other != NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "duplicate-id", field, _ ("Rename one of them"),
                     /* Translators: two names of params or results, and the title of the script or chain */
                     _ ("“%s” and “%s” in “%s” are the same name to a script. Rename one of them."),
                     chd_validation_shorten (subject->validation, other), shown, subject->title);
  g_hash_table_replace (variables, variable, (gpointer) name);
}

static void
check_params (const ChdSubject *subject, GPtrArray *params)
{
  g_autoptr (GHashTable) variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (params->len > CHD_MAX_PARAMS)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "too-many-params", "params", _ ("Remove some"),
                     /* Translators: title of a script or chain, and a number */
                     _ ("“%s” has too many params. Use at most %d."), subject->title, CHD_MAX_PARAMS);
  for (guint i = 0; i < params->len; i++)
    check_declared (subject, variables, "params", i, ((ChdParam *) g_ptr_array_index (params, i))->name);
}

static void
check_results (const ChdSubject *subject, GPtrArray *results)
{
  g_autoptr (GHashTable) variables = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (results->len > CHD_MAX_PARAMS)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "too-many-params", "results", _ ("Remove some"),
                     /* Translators: title of a script, and a number */
                     _ ("“%s” has too many results. Use at most %d."), subject->title, CHD_MAX_PARAMS);
  for (guint i = 0; i < results->len; i++)
    check_declared (subject, variables, "results", i, ((ChdResult *) g_ptr_array_index (results, i))->name);
}

void
chd_validate_names (ChdValidation *self)
{
  ChdSubject subject;

  chd_subject_init (&subject, self, CHD_ITEM_HEAD, 0);
  check_id (&subject);
  check_params (&subject, CHD_HEAD (subject.item)->params);
  check_items (self, CHD_ITEM_UNIT);
  check_items (self, CHD_ITEM_ENVIRONMENT);
  check_items (self, CHD_ITEM_SCRIPT);
  check_items (self, CHD_ITEM_NODE);
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_SCRIPT); i++)
    {
      chd_subject_init (&subject, self, CHD_ITEM_SCRIPT, i);
      check_params (&subject, CHD_SCRIPT (subject.item)->params);
      check_results (&subject, CHD_SCRIPT (subject.item)->results);
    }
}
