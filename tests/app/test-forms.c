/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Forms generated from declared params: each kind of field gives and shows its value, and faults are told when a field
 * was confirmed. */

#include "config.h"

#include <adwaita.h>

#include "chd-param-form.h"
#include "chd-script-editor.h"

static ChdWorkspace *
make_workspace (void)
{
  g_autoptr (ChdChain) chain = chd_chain_new ("forms", "Forms");
  g_autoptr (ChdDocument) document = NULL;
  ChdWorkspace *workspace = chd_workspace_new (NULL);

  chd_chain_append (chain, chd_unit_new ("sales", "Sales", NULL));
  chd_chain_append (chain, chd_node_new ("first", "First", "sales"));
  document = chd_document_new (chain, NULL);
  chd_workspace_set_document (workspace, document);
  return workspace;
}

static ChdParam *
add_param (GPtrArray *params, const char *name, ChdParamType type, const char *widget)
{
  ChdParam *param = chd_param_new (name, type);

  param->widget = g_strdup (widget);
  g_ptr_array_add (params, param);
  return param;
}

static GPtrArray *
make_params (void)
{
  GPtrArray *params = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_param_free);
  const char *const colours[] = { "red", "green", NULL };
  const char *const many[] = { "a", "b", "c", "d", "e", NULL };
  const char *const keys[] = { "host", "port", NULL };

  add_param (params, "text", CHD_PARAM_STRING, NULL);
  add_param (params, "note", CHD_PARAM_STRING, "multiline")->fallback = g_variant_ref_sink (g_variant_new_string ("-"));
  add_param (params, "limit", CHD_PARAM_STRING, "number");
  add_param (params, "time", CHD_PARAM_STRING, "duration");
  add_param (params, "urgent", CHD_PARAM_STRING, "boolean");
  add_param (params, "colour", CHD_PARAM_STRING, NULL)->choices = g_strdupv ((char **) colours);
  add_param (params, "letter", CHD_PARAM_STRING, NULL)->choices = g_strdupv ((char **) many);
  add_param (params, "unit", CHD_PARAM_STRING, "unit");
  add_param (params, "people", CHD_PARAM_ARRAY, NULL);
  add_param (params, "place", CHD_PARAM_OBJECT, NULL)->properties = g_strdupv ((char **) keys);
  return params;
}

static const char values_text[] =
    "{'text': <'hello'>, 'note': <'two\\nlines'>, 'limit': <'12'>, 'time': <'10m'>, 'urgent': <'true'>,"
    " 'colour': <'green'>, 'letter': <'c'>, 'unit': <'sales'>, 'people': <['alice', 'bob']>,"
    " 'place': <{'host': 'here', 'port': '80'}>}";

/* What goes in comes out, by every kind of field. */
static void
test_values (void)
{
  g_autoptr (ChdWorkspace) workspace = make_workspace ();
  g_autoptr (GPtrArray) params = make_params ();
  g_autoptr (GVariant) values =
      g_variant_ref_sink (g_variant_parse (G_VARIANT_TYPE_VARDICT, values_text, NULL, NULL, NULL));
  g_autoptr (GVariant) given = NULL;
  GtkWidget *form = g_object_ref_sink (chd_param_form_new (workspace, "first"));
  gboolean valid;

  chd_param_form_set_params (CHD_PARAM_FORM (form), params, values);
  given = chd_param_form_dup_values (CHD_PARAM_FORM (form));
  g_assert_true (g_variant_equal (given, values));
  g_object_get (form, "valid", &valid, NULL);
  g_assert_true (valid);
  g_assert_true (chd_param_form_confirm (CHD_PARAM_FORM (form)));
  g_assert_finalize_object (form);
}

/* A value that is the default's is not written down. */
static void
test_defaults (void)
{
  g_autoptr (ChdWorkspace) workspace = make_workspace ();
  g_autoptr (GPtrArray) params = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_param_free);
  g_autoptr (GVariant) given = NULL;
  GtkWidget *form = g_object_ref_sink (chd_param_form_new (workspace, NULL));

  add_param (params, "amount", CHD_PARAM_STRING, "number")->fallback = g_variant_ref_sink (g_variant_new_string ("5"));
  chd_param_form_set_params (CHD_PARAM_FORM (form), params, NULL);
  given = chd_param_form_dup_values (CHD_PARAM_FORM (form));
  g_assert_cmpuint (g_variant_n_children (given), ==, 0);
  g_assert_true (chd_param_form_confirm (CHD_PARAM_FORM (form)));
  g_assert_finalize_object (form);
}

/* What is missing or mistyped keeps a form from being confirmed; a reference stands for any value. */
static void
test_faults (void)
{
  static const struct
  {
    const char *widget;
    const char *value;
    gboolean good;
  } cases[] = {
    { NULL, NULL, FALSE },
    { NULL, "x", TRUE },
    { "number", "many", FALSE },
    { "number", "-1.5", TRUE },
    { "duration", "soon", FALSE },
    { "duration", "1h30m", TRUE },
    { "number", "$(params.x)", TRUE },
  };
  g_autoptr (ChdWorkspace) workspace = make_workspace ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) params = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_param_free);
      g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0));
      g_autoptr (GVariant) values =
          cases[i].value != NULL ? chd_values_set (none, "field", g_variant_new_string (cases[i].value)) : NULL;
      GtkWidget *form = g_object_ref_sink (chd_param_form_new (workspace, NULL));

      add_param (params, "field", CHD_PARAM_STRING, cases[i].widget);
      chd_param_form_set_params (CHD_PARAM_FORM (form), params, values);
      g_test_message ("%s: %s", cases[i].widget, cases[i].value);
      g_assert_cmpint (chd_param_form_confirm (CHD_PARAM_FORM (form)), ==, cases[i].good);
      g_assert_finalize_object (form);
    }
}

/* What was declared about a param that stays is kept when the names are edited. */
static void
test_script (void)
{
  g_autoptr (ChdScript) script = chd_script_new ("check", "Check");
  g_autoptr (ChdScript) edited = NULL;
  GtkWidget *editor = g_object_ref_sink (chd_script_editor_new ());
  ChdParam *param = chd_param_new ("amount", CHD_PARAM_STRING);

  param->description = g_strdup ("In euros");
  g_ptr_array_add (script->params, param);
  g_ptr_array_add (script->results, chd_result_new ("decision"));
  chd_script_editor_set_script (CHD_SCRIPT_EDITOR (editor), script, TRUE);
  edited = chd_script_editor_dup_script (CHD_SCRIPT_EDITOR (editor));
  g_assert_cmpuint (edited->params->len, ==, 1);
  g_assert_cmpstr (((ChdParam *) g_ptr_array_index (edited->params, 0))->description, ==, "In euros");
  g_assert_nonnull (chd_results_find (edited->results, "decision"));
  g_assert_cmpstr (edited->item.id, ==, "check");
  g_assert_finalize_object (editor);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  gtk_init ();
  adw_init ();
  g_test_add_func ("/app/forms/values", test_values);
  g_test_add_func ("/app/forms/defaults", test_defaults);
  g_test_add_func ("/app/forms/faults", test_faults);
  g_test_add_func ("/app/forms/script", test_script);
  return g_test_run ();
}
