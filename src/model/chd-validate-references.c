/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Validation of what one item says of another by name: units, scripts, environments, interfaces, results in conditions;
 * and of the scripts and environments themselves. */

#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-util.h"
#include "chd-validate-private.h"

static gboolean
is_empty (const char *text)
{
  return text == NULL || *text == '\0';
}

static void
check_head (ChdValidation *self)
{
  ChdSubject subject;
  const char *owner;

  chd_subject_init (&subject, self, CHD_ITEM_HEAD, 0);
  owner = CHD_HEAD (subject.item)->owner;
  if (!is_empty (owner) && chd_chain_find_unit (self->chain, owner) == NULL)
    chd_subject_add (&subject, CHD_SEVERITY_ERROR, "unknown-unit", "owner", _ ("Choose another owner"),
                     /* Translators: title of a chain, and the name of a unit */
                     _ ("The owner of “%s” is the unit “%s”, which is not in the organisation."), subject.title,
                     chd_validation_shorten (self, owner));
}

static void
check_unit (const ChdSubject *subject)
{
  ChdValidation *self = subject->validation;
  const ChdUnit *unit = CHD_UNIT (subject->item);

  if (!is_empty (unit->parent) && chd_chain_find_unit (self->chain, unit->parent) == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-unit", "parent", _ ("Choose another parent"),
                     /* Translators: title of a unit, and the name of another */
                     _ ("“%s” lies in the unit “%s”, which is not in the organisation."), subject->title,
                     chd_validation_shorten (self, unit->parent));
  if (!is_empty (unit->service_account) && !chd_str_is_label (unit->service_account, CHD_MAX_ID))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "bad-name", "serviceAccount", _ ("Rename it"),
                     /* Translators: name of a service account, and title of a unit */
                     _ ("The service account “%s” of “%s” cannot be used. Use small letters, digits and “-”."),
                     chd_validation_shorten (self, unit->service_account), subject->title);
}

static void
check_environment (const ChdSubject *subject)
{
  static const char *const types[] = { "oci-archive", "docker-archive", "oci-layout", "registry", NULL };
  const ChdEnvironment *environment = CHD_ENVIRONMENT (subject->item);
  const char *type = environment->source_type;

  if (is_empty (environment->image))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "no-image", "image", _ ("Name an image"),
                     /* Translators: %s is the title of an environment */
                     _ ("The environment “%s” names no image to run in."), subject->title);
  else if (strcmp (environment->image, "host") == 0)
    return;
  if (type != NULL && !g_strv_contains (types, type))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-source", "source.type", _ ("Choose another image source"),
                     /* Translators: title of an environment, and a word */
                     _ ("The environment “%s” has an image source of an unknown kind: “%s”."), subject->title,
                     chd_validation_shorten (subject->validation, type));
  else if (type == NULL || (strcmp (type, "registry") != 0 && is_empty (environment->source_path)))
    chd_subject_add (subject, CHD_SEVERITY_WARNING, "no-source", "source", _ ("Choose an image file"),
                     /* Translators: %s is the title of an environment */
                     _ ("The environment “%s” has no image file, so it cannot be uploaded when the registry lacks it."),
                     subject->title);
}

/* Tekton puts values in place of these wherever they stand in a script, so a value could bring commands with it. Other
 * things in "$(…)" are the shell's. */
static const char *
find_pasted (const char *text)
{
  static const char *const spaces[] = { "params", "results", "tasks", "steps", "context", "workspaces", "inputs" };

  for (const char *at = strstr (text, "$("); at != NULL; at = strstr (at + 2, "$("))
    for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
      {
        gsize length = strlen (spaces[i]);

        if (strncmp (at + 2, spaces[i], length) == 0 && (at[2 + length] == '.' || at[2 + length] == '['))
          return at;
      }
  return NULL;
}

static void
check_script (const ChdSubject *subject)
{
  const ChdScript *script = CHD_SCRIPT (subject->item);
  const char *pasted = find_pasted (script->text);

  if (is_empty (script->interpreter) || script->interpreter[0] != '/' || strchr (script->interpreter, '\n') != NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "bad-interpreter", "interpreter", _ ("Enter its whole path"),
                     /* Translators: %s is the title of a script */
                     _ ("The interpreter of the script “%s” has to be a whole path, for example /bin/sh."),
                     subject->title);
  if (is_empty (script->text))
    chd_subject_add (subject, CHD_SEVERITY_WARNING, "empty-script", "text", _ ("Write the script"),
                     /* Translators: %s is the title of a script */
                     _ ("The script “%s” has no text, so it does nothing."), subject->title);
  if (pasted != NULL)
    {
      const char *end = strchr (pasted, ')');
      g_autofree char *variable = g_strndup (pasted, end != NULL ? (gsize) (end + 1 - pasted) : strlen (pasted));

      chd_subject_add (subject, CHD_SEVERITY_WARNING, "injection", "text", _ ("Use the environment variable instead"),
                       /* Translators: title of a script; the name of a variable */
                       _ ("The script “%s” has “%s” in its text: what somebody enters there would run as a command. "
                          "Use the environment variable PARAM_… or RESULT_… instead."),
                       subject->title, chd_validation_shorten (subject->validation, variable));
    }
}

static void
check_task (const ChdSubject *subject, const ChdTaskBinding *task)
{
  ChdValidation *self = subject->validation;
  gint64 seconds;

  if (is_empty (task->script))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-script", "task.script", _ ("Choose a script"),
                     /* Translators: %s is the title of a node */
                     _ ("The task of “%s” has no script yet."), subject->title);
  else if (chd_resolve_script (self->chain, self->catalogue, task->script) == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-script", "task.script", _ ("Choose a script"),
                     /* Translators: title of a node, and the name of a script */
                     _ ("The task of “%s” uses the script “%s”, which does not exist."), subject->title,
                     chd_validation_shorten (self, task->script));
  if (is_empty (task->environment))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-environment", "task.environment",
                     _ ("Choose an environment"),
                     /* Translators: %s is the title of a node */
                     _ ("The task of “%s” has no environment yet."), subject->title);
  else if (chd_resolve_environment (self->chain, self->catalogue, task->environment) == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-environment", "task.environment",
                     _ ("Choose an environment"),
                     /* Translators: title of a node, and the name of an environment */
                     _ ("The task of “%s” uses the environment “%s”, which does not exist."), subject->title,
                     chd_validation_shorten (self, task->environment));
  if (task->timeout != NULL && !chd_parse_duration (task->timeout, &seconds))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "wrong-value", "task.timeout", _ ("Enter a duration"),
                     /* Translators: title of a node, and what was entered */
                     _ ("The time limit of “%s” cannot be understood: “%s”. Enter a duration such as 30s, 10m or "
                        "1h30m."),
                     subject->title, chd_validation_shorten (self, task->timeout));
}

static void
check_pipeline (const ChdSubject *subject, const ChdPipelineBinding *binding)
{
  ChdValidation *self = subject->validation;
  g_autofree char *field = g_strdup_printf ("pipelines.%s", chd_position_to_string (binding->at));
  ChdInterface *interface = chd_catalogue_find_interface (self->catalogue, binding->interface_id);

  if (interface == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-interface", field, _ ("Choose another pipeline"),
                     /* Translators: title of a node, and the name of a pipeline interface */
                     _ ("“%s” uses the pipeline interface “%s”, which is not in the catalogue."), subject->title,
                     chd_validation_shorten (self, binding->interface_id));
  else if (!chd_interface_fits (interface, binding->at))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "wrong-position", field, _ ("Choose another position"),
                     /* Translators: title of a pipeline interface; position; title of a node */
                     _ ("“%s” is not meant for the position “%s” of “%s”."), chd_interface_get_title (interface),
                     chd_position_get_title (binding->at), subject->title);
}

static void
check_node (const ChdSubject *subject)
{
  ChdValidation *self = subject->validation;
  const ChdNode *node = CHD_NODE (subject->item);

  if (is_empty (node->unit))
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-unit", "unit", _ ("Choose a unit"),
                     /* Translators: %s is the title of a node */
                     _ ("“%s” belongs to no unit yet."), subject->title);
  else if (chd_chain_find_unit (self->chain, node->unit) == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-unit", "unit", _ ("Choose a unit"),
                     /* Translators: title of a node, and the name of a unit */
                     _ ("“%s” belongs to the unit “%s”, which is not in the organisation."), subject->title,
                     chd_validation_shorten (self, node->unit));
  if (node->task != NULL)
    check_task (subject, node->task);
  for (guint i = 0; i < node->pipelines->len; i++)
    check_pipeline (subject, g_ptr_array_index (node->pipelines, i));
}

/* Whether all that the node's work names can be found, so that a result that is not declared does not exist. A script
 * with too many results is told as such. */
gboolean
chd_validation_knows_results (ChdValidation *self, const ChdNode *node)
{
  const ChdPipelineBinding *work = chd_node_get_pipeline (node, CHD_POSITION_WORK);
  const ChdScript *script =
      node->task != NULL ? chd_resolve_script (self->chain, self->catalogue, node->task->script) : NULL;

  return (node->task == NULL || (script != NULL && script->results->len <= CHD_MAX_PARAMS)) &&
         (work == NULL || chd_catalogue_find_interface (self->catalogue, work->interface_id) != NULL);
}

static void
check_condition (const ChdSubject *subject)
{
  ChdValidation *self = subject->validation;
  const ChdLink *link = CHD_LINK (subject->item);
  const ChdNode *from = chd_chain_find_node (self->chain, link->from);
  g_autoptr (GPtrArray) results = NULL;
  const ChdResult *result;
  const char *title;

  if (link->result == NULL || from == NULL)
    return;
  title = chd_validation_shorten (self, chd_item_get_title (from));
  if (link->values == NULL || link->values[0] == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "empty-condition", "condition.values", _ ("Add a value"),
                     /* Translators: %s is the title of a node */
                     _ ("The condition of the link from “%s” compares with nothing. Add at least one value."), title);
  if (!chd_validation_knows_results (self, from))
    return;
  results = chd_node_list_results (self->chain, self->catalogue, from);
  result = chd_results_find (results, link->result);
  if (result == NULL)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "unknown-result", "condition.result", _ ("Choose another result"),
                     /* Translators: name of a result, and title of a node */
                     _ ("The condition asks for the result “%s”, which “%s” does not give."),
                     chd_validation_shorten (self, link->result), title);
  else if (result->type != CHD_PARAM_STRING)
    chd_subject_add (subject, CHD_SEVERITY_ERROR, "wrong-value", "condition.result", _ ("Choose another result"),
                     /* Translators: name of a result, and title of a node */
                     _ ("The condition asks for the result “%s” of “%s”, which is not a single value."),
                     chd_validation_shorten (self, link->result), title);
}

void
chd_validate_references (ChdValidation *self)
{
  static void (*const checks[CHD_N_ITEM_KINDS]) (const ChdSubject *) = {
    NULL, check_unit, check_environment, check_script, check_node, check_condition,
  };

  check_head (self);
  for (guint kind = CHD_ITEM_UNIT; kind < CHD_N_ITEM_KINDS; kind++)
    for (guint i = 0; i < chd_chain_get_n_items (self->chain, (ChdItemKind) kind); i++)
      {
        ChdSubject subject;

        chd_subject_init (&subject, self, (ChdItemKind) kind, i);
        checks[kind](&subject);
      }
}
