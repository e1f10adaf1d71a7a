/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The engine's admission: the answers of Tekton's two webhooks and of the approval gate's, in their words. Nothing here
 * is translated: the texts are part of the protocol, clients show them beside a sentence of their own. */

#include "config.h"

#include "chd-admission-private.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-validate-variables.h"

#define DEFAULTING "webhook.pipeline.tekton.dev"
#define VALIDATION "validation.webhook.pipeline.tekton.dev"
#define APPROVAL "validation.webhook.manual-approval.openshift-pipelines.org"

static gboolean
deny (GError **error, const char *webhook, const char *reason, const char *text)
{
  g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, "admission webhook \"%s\" denied the request: %s", webhook, text);
  if (error != NULL)
    {
      chd_error_set_status (*error, 400);
      if (reason != NULL)
        chd_error_set_reason (*error, reason);
    }
  return FALSE;
}

static JsonNode *
member_node (JsonObject *object, const char *name)
{
  return object != NULL ? json_object_get_member (object, name) : NULL;
}

/* Whether two specs are equal apart from the members that may change while a run goes on. */
static gboolean
equal_except (JsonObject *a, JsonObject *b, const char *const *except)
{
  g_autoptr (JsonObject) first = chd_json_copy_object (a);
  g_autoptr (JsonObject) second = chd_json_copy_object (b);
  g_autoptr (JsonNode) one = NULL;
  g_autoptr (JsonNode) other = NULL;

  for (guint i = 0; except[i] != NULL; i++)
    {
      if (json_object_has_member (first, except[i]))
        json_object_remove_member (first, except[i]);
      if (json_object_has_member (second, except[i]))
        json_object_remove_member (second, except[i]);
    }
  one = chd_json_node_from_object (first);
  other = chd_json_node_from_object (second);
  return chd_json_equal (one, other);
}

/* A finished run is history; one under way may only be told to stop or to begin. */
static void
validate_run_update (ChdKubeType type, JsonObject *object, JsonObject *before, ChdFieldErrors *errors)
{
  static const char *const pipeline_run_except[] = { "status", NULL };
  static const char *const task_run_except[] = { "status", "statusMessage", NULL };
  static const char *const nothing[] = { NULL };
  const char *kind = chd_kube_resource (type)->kind;
  JsonObject *spec = chd_json_object (object, "spec");
  JsonObject *old_spec = chd_json_object (before, "spec");
  const char *state = chd_json_string (chd_kube_get_condition (before, "Succeeded"), "status", "Unknown");

  if (spec == NULL || old_spec == NULL)
    return;
  if (g_strcmp0 (chd_json_string (spec, "managedBy", NULL), chd_json_string (old_spec, "managedBy", NULL)) != 0)
    chd_field_errors_add_value (errors, "managedBy is immutable", "spec.managedBy");
  if (!g_str_equal (state, "Unknown"))
    {
      g_autofree char *text = g_strdup_printf ("Once the %s is complete, no updates are allowed", kind);

      if (!equal_except (spec, old_spec, nothing))
        chd_field_errors_add_value (errors, text, "spec");
    }
  else if (!equal_except (spec, old_spec, type == CHD_KUBE_TASK_RUN ? task_run_except : pipeline_run_except))
    {
      g_autofree char *text = g_strdup_printf ("Once the %s has started, only status updates are allowed", kind);

      chd_field_errors_add_value (errors, text, "spec");
    }
}

static gboolean
is_same (JsonObject *object, JsonObject *before)
{
  return before != NULL && chd_json_equal (member_node (object, "spec"), member_node (before, "spec"));
}

static gboolean
validate (ChdKubeType type, JsonObject *object, JsonObject *before, GError **error)
{
  g_autoptr (ChdFieldErrors) errors = chd_field_errors_new ();
  JsonObject *spec = chd_json_object (object, "spec");
  g_autoptr (JsonObject) empty = spec == NULL ? json_object_new () : NULL;
  g_autofree char *text = NULL;
  g_autofree char *whole = NULL;

  if (spec == NULL)
    spec = empty;
  switch ((int) type)
    {
    case CHD_KUBE_TASK:
      chd_validate_task_spec (spec, "spec", errors);
      chd_validate_task_usage (spec, "spec", errors);
      break;
    case CHD_KUBE_PIPELINE:
      chd_validate_pipeline_spec (spec, "spec", FALSE, errors);
      break;
    case CHD_KUBE_PIPELINE_RUN:
      chd_validate_pipeline_run_spec (spec, errors);
      break;
    case CHD_KUBE_TASK_RUN:
      chd_validate_task_run_spec (spec, errors);
      break;
    case CHD_KUBE_CUSTOM_RUN:
      chd_validate_custom_run_spec (spec, errors);
      break;
    default:
      break;
    }
  if (before != NULL && (type == CHD_KUBE_PIPELINE_RUN || type == CHD_KUBE_TASK_RUN))
    validate_run_update (type, object, before, errors);
  if (chd_field_errors_is_empty (errors))
    return TRUE;
  text = chd_field_errors_to_string (errors);
  whole = g_strconcat ("validation failed: ", text, NULL);
  return deny (error, VALIDATION, "BadRequest", whole);
}

JsonObject *
chd_admit (ChdKubeType type, JsonObject *object, JsonObject *before, const ChdUser *user, GError **error)
{
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *complaint = NULL;

  g_return_val_if_fail (object != NULL, NULL);

  if (type == CHD_KUBE_APPROVAL_TASK)
    {
      gboolean structural = FALSE;
      g_autofree char *refusal = chd_validate_approval (object, before, user, &structural);

      if (refusal != NULL)
        {
          deny (error, APPROVAL, structural ? "BadRequest" : NULL, refusal);
          return NULL;
        }
      return json_object_ref (object);
    }
  if (type != CHD_KUBE_TASK && type != CHD_KUBE_PIPELINE && type != CHD_KUBE_TASK_RUN &&
      type != CHD_KUBE_PIPELINE_RUN && type != CHD_KUBE_CUSTOM_RUN)
    return json_object_ref (object);

  complaint = chd_admission_check_types (type, object);
  if (complaint != NULL)
    {
      g_autofree char *text = g_strconcat ("mutation failed: cannot decode incoming new object: ", complaint, NULL);

      deny (error, DEFAULTING, "BadRequest", text);
      return NULL;
    }
  result = chd_json_copy_object (object);
  chd_admission_set_defaults (type, result);
  /* A change of labels alone needs no second look at a spec that was accepted, perhaps under older rules. */
  if (!is_same (result, before) && !validate (type, result, before, error))
    return NULL;
  return g_steal_pointer (&result);
}
