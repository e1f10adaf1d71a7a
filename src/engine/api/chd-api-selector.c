/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Label and field selectors: the grammar of apimachinery's labels and fields packages, with its texts. */

#include "config.h"

#include "chd-api-selector.h"

#include <string.h>

#include "chd-api-error.h"
#include "chd-api-name.h"
#include "chd-json.h"

typedef enum
{
  OPERATOR_EXISTS,
  OPERATOR_NOT_EXISTS,
  OPERATOR_IN,
  OPERATOR_NOT_IN,
  OPERATOR_GREATER,
  OPERATOR_LESS,
} Operator;

typedef struct
{
  char *key;
  Operator operator;
  GPtrArray *values;
} Requirement;

typedef struct
{
  char *path; /* "metadata/name" */
  char *value;
  gboolean negated;
} FieldTerm;

struct _ChdApiSelector
{
  GPtrArray *requirements;
  GPtrArray *fields;
};

static void
requirement_free (gpointer data)
{
  Requirement *requirement = data;

  g_free (requirement->key);
  g_ptr_array_unref (requirement->values);
  g_free (requirement);
}

static void
field_term_free (gpointer data)
{
  FieldTerm *term = data;

  g_free (term->path);
  g_free (term->value);
  g_free (term);
}

void
chd_api_selector_free (ChdApiSelector *self)
{
  g_ptr_array_unref (self->requirements);
  g_ptr_array_unref (self->fields);
  g_free (self);
}

gboolean
chd_api_selector_is_empty (ChdApiSelector *self)
{
  return self->requirements->len == 0 && self->fields->len == 0;
}

/* The words of a label selector: identifiers, and the marks = == != ! < > ( ) and the comma. */
typedef struct
{
  const char *at;
  char *token;    /* (owned) "" at the end */
  gboolean plain; /* an identifier */
} Lexer;

static gboolean
is_mark (char c)
{
  return strchr ("=!(),><", c) != NULL;
}

static void
next (Lexer *lexer)
{
  const char *start;

  g_free (lexer->token);
  while (*lexer->at != '\0' && strchr (" \t\r\n", *lexer->at) != NULL)
    lexer->at++;
  start = lexer->at;
  lexer->plain = *start != '\0' && !is_mark (*start);
  if (lexer->plain)
    while (*lexer->at != '\0' && !is_mark (*lexer->at) && strchr (" \t\r\n", *lexer->at) == NULL)
      lexer->at++;
  else if ((*start == '=' || *start == '!') && start[1] == '=')
    lexer->at += 2;
  else if (*start != '\0')
    lexer->at++;
  lexer->token = g_strndup (start, (gsize) (lexer->at - start));
}

static gboolean
is_token (Lexer *lexer, const char *text)
{
  return strcmp (lexer->token, text) == 0;
}

static gboolean
bad (GError **error, GError *problem)
{
  g_propagate_error (error, problem);
  return FALSE;
}

static gboolean
check_key (const char *key, GError **error)
{
  g_autofree char *problem = chd_api_name_check_label_key (key);
  g_autofree char *quoted = chd_api_quote (key);

  return problem == NULL ||
         bad (error,
              chd_api_error_bad_request ("unable to parse requirement: <nil>: Invalid value: %s: %s", quoted, problem));
}

static gboolean
check_values (Requirement *requirement, GError **error)
{
  for (guint i = 0; i < requirement->values->len; i++)
    {
      const char *value = requirement->values->pdata[i];
      g_autofree char *quoted = chd_api_quote (value);
      g_autofree char *problem = chd_api_name_check_label_value (value);
      gint64 number;

      if (problem != NULL)
        return bad (error,
                    chd_api_error_bad_request ("unable to parse requirement: values[%u][%s]: Invalid value: %s: %s", i,
                                               requirement->key, quoted, problem));
      if ((requirement->operator== OPERATOR_GREATER || requirement->operator== OPERATOR_LESS) &&
          !g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return bad (error, chd_api_error_bad_request ("unable to parse requirement: values[%u]: Invalid value: %s: for "
                                                      "'Gt', 'Lt' operators, the value must be an integer",
                                                      i, quoted));
    }
  return TRUE;
}

/* The values behind "in" and "notin"; the lexer stands on what should be the bracket. */
static gboolean
parse_set (Lexer *lexer, Requirement *requirement, GError **error)
{
  gboolean expect_value = TRUE;

  if (!is_token (lexer, "("))
    return bad (error,
                chd_api_error_bad_request ("unable to parse requirement: found '%s' expected: '('", lexer->token));
  for (next (lexer); !is_token (lexer, ")"); next (lexer))
    {
      if (lexer->plain && expect_value)
        {
          g_ptr_array_add (requirement->values, g_strdup (lexer->token));
          expect_value = FALSE;
        }
      else if (is_token (lexer, ","))
        {
          if (expect_value)
            g_ptr_array_add (requirement->values, g_strdup (""));
          expect_value = TRUE;
        }
      else
        return bad (error, chd_api_error_bad_request ("unable to parse requirement: found '%s', expected: ',' or ')'",
                                                      lexer->token));
    }
  if (expect_value)
    g_ptr_array_add (requirement->values, g_strdup (""));
  next (lexer);
  return TRUE;
}

static gboolean
parse_operator (Lexer *lexer, Requirement *requirement, GError **error)
{
  gboolean compares = is_token (lexer, ">") || is_token (lexer, "<");

  if (is_token (lexer, "in") || is_token (lexer, "notin"))
    {
      requirement->operator= is_token (lexer, "in") ? OPERATOR_IN : OPERATOR_NOT_IN;
      next (lexer);
      return parse_set (lexer, requirement, error);
    }
  if (is_token (lexer, "=") || is_token (lexer, "==") || is_token (lexer, "!=") || compares)
    {
      requirement->operator= is_token (lexer, ">") ? OPERATOR_GREATER
      : is_token (lexer, "<")                      ? OPERATOR_LESS
      : *lexer->token == '!'                       ? OPERATOR_NOT_IN
                                                   : OPERATOR_IN;
      next (lexer);
      if (lexer->plain)
        {
          g_ptr_array_add (requirement->values, g_strdup (lexer->token));
          next (lexer);
          return TRUE;
        }
      if (compares || !(*lexer->token == '\0' || is_token (lexer, ",")))
        return bad (error, chd_api_error_bad_request ("unable to parse requirement: found '%s', expected: identifier",
                                                      lexer->token));
      g_ptr_array_add (requirement->values, g_strdup (""));
      return TRUE;
    }
  return bad (error,
              chd_api_error_bad_request (
                  "unable to parse requirement: found '%s', expected: in, notin, =, ==, !=, gt, lt", lexer->token));
}

static gboolean
parse_requirement (Lexer *lexer, GPtrArray *requirements, GError **error)
{
  Requirement *requirement = g_new0 (Requirement, 1);
  gboolean negated = is_token (lexer, "!");

  requirement->values = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (requirements, requirement);
  if (negated)
    next (lexer);
  if (!lexer->plain)
    return bad (error, chd_api_error_bad_request ("unable to parse requirement: found '%s', expected: identifier",
                                                  lexer->token));
  requirement->key = g_strdup (lexer->token);
  next (lexer);
  if (!check_key (requirement->key, error))
    return FALSE;
  requirement->operator= negated ? OPERATOR_NOT_EXISTS : OPERATOR_EXISTS;
  if (negated || *lexer->token == '\0' || is_token (lexer, ","))
    return TRUE;
  return parse_operator (lexer, requirement, error) && check_values (requirement, error);
}

static gboolean
parse_labels (const char *text, GPtrArray *requirements, GError **error)
{
  Lexer lexer = { .at = text };
  gboolean ok = TRUE;

  for (next (&lexer); ok && *lexer.token != '\0';)
    {
      if (!lexer.plain && !is_token (&lexer, "!"))
        {
          ok = bad (error, chd_api_error_bad_request (requirements->len == 0
                                                          ? "found '%s', expected: !, identifier, or 'end of string'"
                                                          : "found '%s', expected: identifier after ','",
                                                      lexer.token));
          break;
        }
      ok = parse_requirement (&lexer, requirements, error);
      if (!ok || *lexer.token == '\0')
        break;
      if (!is_token (&lexer, ","))
        ok = bad (error, chd_api_error_bad_request ("found '%s', expected: ',' or 'end of string'", lexer.token));
      else
        {
          next (&lexer);
          if (*lexer.token == '\0')
            ok = bad (error, chd_api_error_bad_request ("found '', expected: identifier after ','"));
        }
    }
  g_free (lexer.token);
  return ok;
}

/* Fields. */

static gboolean
is_supported (const ChdApiResource *resource, const char *field)
{
  static const char *const everywhere[] = { "metadata.name", "metadata.namespace", NULL };
  static const char *const events[] = { "involvedObject.kind",
                                        "involvedObject.namespace",
                                        "involvedObject.name",
                                        "involvedObject.uid",
                                        "involvedObject.apiVersion",
                                        "involvedObject.resourceVersion",
                                        "involvedObject.fieldPath",
                                        "reason",
                                        "reportingComponent",
                                        "source",
                                        "type",
                                        NULL };
  static const char *const pods[] = { "spec.nodeName",
                                      "spec.restartPolicy",
                                      "spec.schedulerName",
                                      "spec.serviceAccountName",
                                      "status.phase",
                                      "status.podIP",
                                      NULL };
  static const char *const namespaces[] = { "status.phase", NULL };

  return g_strv_contains (everywhere, field) || (resource->type == CHD_KUBE_EVENT && g_strv_contains (events, field)) ||
         (resource->type == CHD_KUBE_POD && g_strv_contains (pods, field)) ||
         (resource->type == CHD_KUBE_NAMESPACE && g_strv_contains (namespaces, field));
}

/* Splits at commas that no backslash stands before. */
static GPtrArray *
split_fields (const char *text)
{
  GPtrArray *terms = g_ptr_array_new_with_free_func (g_free);
  GString *term = g_string_new (NULL);

  for (const char *c = text;; c++)
    {
      if (*c == '\0' || *c == ',')
        {
          if (term->len > 0)
            g_ptr_array_add (terms, g_strdup (term->str));
          g_string_truncate (term, 0);
          if (*c == '\0')
            break;
          continue;
        }
      g_string_append_c (term, *c);
      if (*c == '\\' && c[1] != '\0')
        g_string_append_c (term, *++c);
    }
  g_string_free (term, TRUE);
  return terms;
}

static gboolean
unescape_value (const char *text, char **value, GError **error)
{
  g_autoptr (GString) result = g_string_new (NULL);

  for (const char *c = text; *c != '\0'; c++)
    {
      if (*c == '\\' && c[1] != '\0' && strchr ("\\,=", c[1]) != NULL)
        c++;
      else if (*c == '\\' || *c == ',' || *c == '=')
        return bad (error, chd_api_error_bad_request ("invalid field selector: unescaped character in value: %d", *c));
      g_string_append_c (result, *c);
    }
  *value = g_strdup (result->str);
  return TRUE;
}

static gboolean
parse_field (const ChdApiResource *resource, const char *text, GPtrArray *fields, GError **error)
{
  FieldTerm *term = g_new0 (FieldTerm, 1);
  const char *mark = strchr (text, '=');
  gsize width = 1;
  g_autofree char *field = NULL;

  g_ptr_array_add (fields, term);
  if (mark == NULL)
    return bad (error, chd_api_error_bad_request ("invalid selector: '%s'; can't understand '%s'", text, text));
  if (mark > text && mark[-1] == '!')
    term->negated = TRUE, mark--, width = 2;
  else if (mark[1] == '=')
    width = 2;
  field = g_strndup (text, (gsize) (mark - text));
  if (!unescape_value (mark + width, &term->value, error))
    return FALSE;
  if (!is_supported (resource, field))
    return bad (error, chd_api_error_bad_request ("field label not supported: %s", field));
  term->path = g_strdelimit (g_strdup (field), ".", '/');
  if (strcmp (field, "source") == 0)
    {
      g_free (term->path);
      term->path = g_strdup ("source/component");
    }
  return TRUE;
}

ChdApiSelector *
chd_api_selector_new (const ChdApiResource *resource, const char *labels, const char *fields, GError **error)
{
  g_autoptr (ChdApiSelector) self = g_new0 (ChdApiSelector, 1);
  g_autoptr (GPtrArray) terms = split_fields (fields != NULL ? fields : "");

  self->requirements = g_ptr_array_new_with_free_func (requirement_free);
  self->fields = g_ptr_array_new_with_free_func (field_term_free);
  if (labels != NULL && !parse_labels (labels, self->requirements, error))
    return NULL;
  for (guint i = 0; i < terms->len; i++)
    if (!parse_field (resource, terms->pdata[i], self->fields, error))
      return NULL;
  return g_steal_pointer (&self);
}

/* Matching. */

static gboolean
has_value (Requirement *requirement, const char *value)
{
  for (guint i = 0; i < requirement->values->len; i++)
    if (g_strcmp0 (requirement->values->pdata[i], value) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
compare_numbers (Requirement *requirement, const char *value)
{
  gint64 left, right;

  if (value == NULL || !g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &left, NULL) ||
      !g_ascii_string_to_signed (requirement->values->pdata[0], 10, G_MININT64, G_MAXINT64, &right, NULL))
    return FALSE;
  return requirement->operator== OPERATOR_GREATER ? left > right : left<right;
}

static gboolean
meets (Requirement *requirement, JsonObject *object)
{
  const char *value = chd_kube_get_label (object, requirement->key);

  switch (requirement->operator)
    {
    case OPERATOR_EXISTS:
      return value != NULL;
    case OPERATOR_NOT_EXISTS:
      return value == NULL;
    case OPERATOR_IN:
      return value != NULL && has_value (requirement, value);
    case OPERATOR_NOT_IN:
      return value == NULL || !has_value (requirement, value);
    default:
      return compare_numbers (requirement, value);
    }
}

gboolean
chd_api_selector_matches (ChdApiSelector *self, JsonObject *object)
{
  for (guint i = 0; i < self->requirements->len; i++)
    if (!meets (self->requirements->pdata[i], object))
      return FALSE;
  for (guint i = 0; i < self->fields->len; i++)
    {
      FieldTerm *term = self->fields->pdata[i];
      const char *value = chd_json_lookup_string (object, term->path, "");

      if ((strcmp (value, term->value) == 0) == term->negated)
        return FALSE;
    }
  return TRUE;
}
