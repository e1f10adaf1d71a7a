/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The page of a window without a document. */

#include "config.h"

#include "chd-start-page.h"

#include <glib/gi18n.h>

#include "chd-util.h"

struct _ChdStartPage
{
  AdwBin parent_instance;

  GtkListBox *samples;
};

G_DEFINE_FINAL_TYPE (ChdStartPage, chd_start_page, ADW_TYPE_BIN)

/* @file: in data/samples; the one in the user's language has its code before the ending. */
static const struct
{
  const char *file;
  const char *title;
  const char *subtitle;
} samples[] = {
  { "supplier-payment", N_ ("Supplier payment"), N_ ("Twelve steps in four levels of a group, with approvals") },
  { "loan-approval", N_ ("Loan approval"), N_ ("Five steps in three departments, one of them an approval") },
  { "supplier-onboarding", N_ ("Supplier onboarding"), N_ ("A pipeline and a task that build on each other") },
  { "month-end-close", N_ ("Month-end close"), N_ ("Two companies, and a check that stops the chain") },
  { "supplier-payment-failing", N_ ("A payment that fails"), N_ ("What happens when a step goes wrong") },
};

/* The sample's file in the user's language where there is one; (transfer full). */
static char *
find_file (const char *sample)
{
  const char *const *languages = g_get_language_names ();

  for (guint i = 0; languages[i] != NULL; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s.%s.chain.json", sample, languages[i]);
      g_autofree char *relative = g_build_filename ("samples", name, NULL);
      g_autofree char *path = chd_data_path (relative);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return g_steal_pointer (&name);
    }
  return g_strconcat (sample, ".chain.json", NULL);
}

static void
chd_start_page_class_init (ChdStartPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, CHD_RESOURCE_PATH "/chd-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, ChdStartPage, samples);
}

static void
chd_start_page_init (ChdStartPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    {
      GtkWidget *row = adw_action_row_new ();
      g_autofree char *file = find_file (samples[i].file);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ (samples[i].title));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ (samples[i].subtitle));
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), gtk_image_new_from_icon_name ("go-next-symbolic"));
      gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
      gtk_actionable_set_action_name (GTK_ACTIONABLE (row), "win.open-sample");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (row), "s", file);
      gtk_list_box_append (self->samples, row);
    }
}
