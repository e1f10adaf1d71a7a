/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of values: every request gives its script or interface what it declares, of the right type, and the
 * defaults fit what they are defaults of. */

#include "config.h"

#include <glib/gi18n-lib.h>

#include "chd-validate-private.h"

static const char *
get_label (ChdValidation *self, const ChdParam *param)
{
  return chd_validation_shorten (self, param->title != NULL && *param->title != '\0' ? param->title : param->name);
}

static void
check_defaults (ChdValidation *self, ChdItemKind kind, guint index, GPtrArray *params)
{
  ChdSubject subject;

  chd_subject_init (&subject, self, kind, index);
  for (guint i = 0; i < MIN (params->len, CHD_MAX_PARAMS); i++)
    {
      const ChdParam *param = g_ptr_array_index (params, i);
      g_autofree char *reason = NULL, *field = NULL;

      if (param->fallback == NULL || chd_param_check_value (param, param->fallback, &reason))
        continue;
      field = g_strdup_printf ("params.%s.default", param->name);
      chd_subject_add (&subject, CHD_SEVERITY_ERROR, "wrong-value", field, _ ("Correct the default"),
                       /* Translators: name of a param; title of a chain or script; a sentence: what is expected */
                       _ ("The default of “%s” in “%s” does not fit. %s"), get_label (self, param), subject.title,
                       reason);
    }
}

/* The values of one request. */
typedef struct
{
  const ChdSubject *subject; /* a node */
  const char *prefix;        /* of fields: "task.params" */
  gboolean is_task;
  ChdPosition at;    /* of a pipeline */
  GPtrArray *params; /* what is declared */
  GVariant *values;
  ChdUses *uses;
} Request;

static void
check_param (const Request *request, const ChdParam *param)
{
  ChdValidation *self = request->subject->validation;
  g_autoptr (GVariant) value = chd_values_lookup (request->values, param->name);
  g_autofree char *reason = NULL, *field = NULL;

  if (chd_param_check_value (param, value, &reason))
    return;
  field = g_strdup_printf ("%s.%s", request->prefix, param->name);
  if (value == NULL)
    chd_subject_add (request->subject, CHD_SEVERITY_ERROR, "missing-param", field, _ ("Enter a value"),
                     /* Translators: title of a node, and of a param */
                     _ ("“%s” needs a value for “%s”."), request->subject->title, get_label (self, param));
  else
    chd_subject_add (request->subject, CHD_SEVERITY_ERROR, "wrong-value", field, _ ("Correct the value"),
                     /* Translators: title of a node; of a param; a sentence: what is expected */
                     _ ("“%s” has a value for “%s” that does not fit. %s"), request->subject->title,
                     get_label (self, param), reason);
}

static void
check_value (const Request *request, const char *name, GVariant *value)
{
  ChdValidation *self = request->subject->validation;
  const ChdParam *param = chd_params_find (request->params, name);
  g_autofree char *field = g_strdup_printf ("%s.%s", request->prefix, name);
  ChdValuePlace place = { request->subject, request->is_task, request->at, field, NULL };

  if (param == NULL)
    {
      chd_subject_add (request->subject, CHD_SEVERITY_WARNING, "unknown-param", field, _ ("Remove the value"),
                       /* Translators: title of a node, and the name of a param */
                       _ ("“%s” has a value for “%s”, which nothing asks for."), request->subject->title,
                       chd_validation_shorten (self, name));
      return;
    }
  place.label = get_label (self, param);
  chd_uses_look_at (request->uses, &place, value);
}

static void
check_request (const Request *request)
{
  GVariantIter iter;
  const char *name;
  GVariant *value;

  /* Too many declared ones are told where they are declared. */
  if (request->params->len > CHD_MAX_PARAMS)
    return;
  if (g_variant_n_children (request->values) > CHD_MAX_PARAMS)
    {
      chd_subject_add (request->subject, CHD_SEVERITY_ERROR, "too-many-params", request->prefix, _ ("Remove some"),
                       /* Translators: title of a node, and a number */
                       _ ("“%s” has too many values. Use at most %d."), request->subject->title, CHD_MAX_PARAMS);
      return;
    }
  for (guint i = 0; i < request->params->len; i++)
    check_param (request, g_ptr_array_index (request->params, i));
  g_variant_iter_init (&iter, request->values);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      check_value (request, name, value);
      g_variant_unref (value);
    }
}

static void
check_node (ChdValidation *self, guint index, ChdUses *uses)
{
  ChdSubject subject;
  const ChdNode *node;

  chd_subject_init (&subject, self, CHD_ITEM_NODE, index);
  node = CHD_NODE (subject.item);
  if (node->task != NULL)
    {
      const ChdScript *script = chd_resolve_script (self->chain, self->catalogue, node->task->script);
      Request request = { &subject, "task.params", TRUE, CHD_POSITION_WORK, NULL, node->task->params, uses };

      if (script != NULL)
        {
          request.params = script->params;
          check_request (&request);
        }
    }
  for (guint i = 0; i < node->pipelines->len; i++)
    {
      const ChdPipelineBinding *binding = g_ptr_array_index (node->pipelines, i);
      ChdInterface *interface = chd_catalogue_find_interface (self->catalogue, binding->interface_id);
      g_autofree char *prefix = g_strdup_printf ("pipelines.%s", chd_position_to_string (binding->at));
      Request request = { &subject, prefix, FALSE, binding->at, NULL, binding->params, uses };

      if (interface != NULL)
        {
          request.params = chd_interface_get_params (interface);
          check_request (&request);
        }
    }
}

void
chd_validate_params (ChdValidation *self)
{
  ChdUses *uses = chd_uses_new (self);

  check_defaults (self, CHD_ITEM_HEAD, 0, chd_chain_get_head (self->chain)->params);
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_SCRIPT); i++)
    check_defaults (self, CHD_ITEM_SCRIPT, i,
                    CHD_SCRIPT (chd_chain_get_item (self->chain, CHD_ITEM_SCRIPT, i))->params);
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_NODE); i++)
    check_node (self, i, uses);
  chd_uses_finish (uses);
}
