/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * From a step of a task to files, folders, binds, environment and command line. */

#include "config.h"

#include "chd-step-plan.h"

#include <string.h>

#include "chd-engine-folder.h"
#include "chd-error.h"
#include "chd-go-duration.h"
#include "chd-json.h"
#include "chd-pipeline-children.h"
#include "chd-run-params.h"
#include "chd-step-env.h"
#include "chd-task-prepare.h"
#include "chd-task-results.h"

#define HOME_FOLDER "/tekton/home"
#define DEFAULT_SHEBANG "#!/bin/sh\nset -e\n"

typedef struct
{
  ChdStepPlan *plan;
  JsonObject *run;
  JsonObject *task; /* status.taskSpec */
  JsonObject *step; /* with results of earlier steps put in */
  JsonObject *template;
  JsonObject *owner_run;
  const char *folder;
  char *attempt_folder;
  char *container;
  ChdFindConfigMapFunc find;
  gpointer user_data;
} Planning;

static void
folder_free (gpointer data)
{
  ChdPlanFolder *folder = data;

  g_free (folder->root);
  g_free (folder->sub);
  g_free (folder);
}

static void
file_free (gpointer data)
{
  ChdPlanFile *file = data;

  g_free (file->path);
  g_free (file->content);
  g_free (file);
}

static void
bind_free (gpointer data)
{
  ChdPlanBind *bind = data;

  g_free (bind->host);
  g_free (bind->sub);
  g_free (bind->sandbox);
  g_free (bind);
}

static void
result_free (gpointer data)
{
  ChdPlanResult *result = data;

  g_free (result->name);
  g_free (result->path);
  g_free (result);
}

void
chd_step_plan_free (ChdStepPlan *self)
{
  g_free (self->image);
  g_strfreev (self->command);
  g_strfreev (self->args);
  g_ptr_array_unref (self->env);
  g_free (self->working_dir);
  g_free (self->log_path);
  g_free (self->record_path);
  g_ptr_array_unref (self->folders);
  g_ptr_array_unref (self->files);
  g_ptr_array_unref (self->binds);
  g_ptr_array_unref (self->results);
  g_free (self);
}

static gboolean refuse (GError **error, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* The texts become conditions of a TaskRun, so they are the protocol's and not translated. */
static gboolean
refuse (GError **error, const char *format, ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, CHD_ERROR, CHD_ERROR_INVALID, message);
  return FALSE;
}

static void
add_folder (Planning *self, char *root /* (transfer full) */, const char *sub)
{
  ChdPlanFolder *folder = g_new0 (ChdPlanFolder, 1);

  folder->root = root;
  folder->sub = g_strdup (sub);
  g_ptr_array_add (self->plan->folders, folder);
}

static void
add_bind (Planning *self, const char *host, const char *sub, const char *sandbox, gboolean writable)
{
  ChdPlanBind *bind = g_new0 (ChdPlanBind, 1);

  bind->host = g_strdup (host);
  bind->sub = g_strdup (sub);
  bind->sandbox = g_strdup (sandbox);
  bind->writable = writable;
  g_ptr_array_add (self->plan->binds, bind);
}

static void
add_file (Planning *self, char *path /* (transfer full) */, const char *content, gsize length, gboolean executable)
{
  ChdPlanFile *file = g_new0 (ChdPlanFile, 1);

  file->path = path;
  file->content = g_memdup2 (content, length + 1);
  file->length = length;
  file->executable = executable;
  g_ptr_array_add (self->plan->files, file);
}

/* A folder of the attempt that steps share. */
static void
share_folder (Planning *self, const char *name, const char *sandbox, gboolean writable)
{
  g_autofree char *path = g_build_filename (self->attempt_folder, name, NULL);

  add_folder (self, g_strdup (path), NULL);
  add_bind (self, path, NULL, sandbox, writable);
}

static gboolean
is_file_name (const char *name)
{
  return *name != '\0' && strchr (name, '/') == NULL && !g_str_equal (name, ".") && !g_str_equal (name, "..");
}

/* A path below a folder: no way out of it. */
static gboolean
is_sub_path (const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);

  for (guint i = 0; parts[i] != NULL; i++)
    if (g_str_equal (parts[i], ".."))
      return FALSE;
  return *path != '/';
}

static gboolean
write_config_map (Planning *self, const char *name, const char *folder, gboolean optional, GError **error)
{
  JsonObject *map = self->find (chd_kube_get_namespace (self->run), name, self->user_data);
  JsonObject *data = chd_json_object (map, "data");
  JsonObject *binary = chd_json_object (map, "binaryData");
  g_autoptr (GList) names = data != NULL ? json_object_get_members (data) : NULL;
  g_autoptr (GList) binary_names = binary != NULL ? json_object_get_members (binary) : NULL;

  add_folder (self, g_strdup (folder), NULL);
  if (map == NULL)
    return optional ? TRUE : refuse (error, "configmap \"%s\" not found", name);
  for (GList *link = names; link != NULL; link = link->next)
    {
      const char *text = chd_json_string (data, link->data, NULL);

      if (text != NULL && is_file_name (link->data))
        add_file (self, g_build_filename (folder, link->data, NULL), text, strlen (text), FALSE);
    }
  for (GList *link = binary_names; link != NULL; link = link->next)
    {
      const char *text = chd_json_string (binary, link->data, NULL);
      gsize length = 0;
      g_autofree guchar *bytes = text != NULL ? g_base64_decode (text, &length) : NULL;

      if (bytes != NULL && is_file_name (link->data))
        {
          g_autofree char *copy = g_malloc0 (length + 1);

          memcpy (copy, bytes, length);
          add_file (self, g_build_filename (folder, link->data, NULL), copy, length, FALSE);
        }
    }
  return TRUE;
}

/* The folder that a claim stands for: of the PipelineRun whose template made it, or of everybody who names it. */
static char *
find_claim (Planning *self, const char *claim, GError **error)
{
  JsonArray *bindings = chd_json_lookup_array (self->owner_run, "spec/workspaces");
  const char *owner = chd_kube_get_uid (self->owner_run);

  if (!is_file_name (claim))
    {
      refuse (error, "persistentvolumeclaim \"%s\" not found", claim);
      return NULL;
    }
  for (guint i = 0; i < chd_json_length (bindings); i++)
    {
      JsonObject *binding = chd_json_object_at (bindings, i);
      const char *name = chd_json_string (binding, "name", "");
      g_autofree char *made = NULL;

      if (chd_json_object (binding, "volumeClaimTemplate") == NULL || !is_file_name (name))
        continue;
      made = chd_pipeline_claim_name (owner, name);
      if (g_str_equal (made, claim))
        return g_build_filename (self->folder, "workspaces", owner, name, NULL);
    }
  return g_build_filename (self->folder, "workspaces", "claims", chd_kube_get_namespace (self->run), claim, NULL);
}

/* A volume or a workspace binding, which say the same in the same words. @name: a file name */
static gboolean
add_source (Planning *self,
            JsonObject *source,
            const char *kind,
            const char *name,
            const char *sub_path,
            const char *sandbox,
            gboolean read_only,
            GError **error)
{
  g_autofree char *private_folder = g_build_filename (self->attempt_folder, kind, name, NULL);
  JsonObject *map = chd_json_object (source, "configMap");
  const char *claim = chd_json_lookup_string (source, "persistentVolumeClaim/claimName", NULL);
  g_autofree char *host = NULL;

  if (!is_file_name (name))
    return refuse (error, "\"%s\" is no name for a volume", name);
  if (sub_path != NULL && !is_sub_path (sub_path))
    return refuse (error, "the subPath \"%s\" leaves its volume", sub_path);
  if (*sandbox != '/')
    return refuse (error, "the mount path \"%s\" is not absolute", sandbox);

  if (chd_json_object (source, "emptyDir") != NULL)
    host = g_strdup (private_folder);
  else if (chd_json_object (source, "volumeClaimTemplate") != NULL)
    host = g_build_filename (self->folder, "workspaces", chd_kube_get_uid (self->run), name, NULL);
  else if (claim != NULL)
    host = find_claim (self, claim, error);
  else if (map != NULL)
    {
      host = g_strdup (private_folder);
      read_only = TRUE;
      if (!write_config_map (self, chd_json_string (map, "name", ""), host, chd_json_bool (map, "optional", FALSE),
                             error))
        return FALSE;
    }
  else
    return refuse (error, "the volume \"%s\" is of a kind that this engine does not support", name);
  if (host == NULL)
    return FALSE;
  add_folder (self, g_strdup (host), sub_path);
  add_bind (self, host, sub_path, sandbox, !read_only);
  return TRUE;
}

static gboolean
add_workspaces (Planning *self, GError **error)
{
  JsonArray *declared = chd_json_array (self->task, "workspaces");
  JsonArray *isolated = chd_json_array (self->step, "workspaces");

  for (guint i = 0; i < chd_json_length (declared); i++)
    {
      JsonObject *declaration = chd_json_object_at (declared, i);
      const char *name = chd_json_string (declaration, "name", "");
      JsonObject *binding = chd_task_run_find_binding (self->run, name);
      JsonObject *usage = chd_run_params_find (isolated, name);
      const char *own_path = chd_json_string (usage, "mountPath", "");
      g_autofree char *path = *own_path != '\0' ? g_strdup (own_path) : chd_task_workspace_path (declaration);

      if (binding == NULL)
        continue;
      if (!add_source (self, binding, "workspaces", name, chd_json_string (binding, "subPath", NULL), path,
                       chd_json_bool (declaration, "readOnly", FALSE), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_mounts (Planning *self, JsonArray *mounts, GError **error)
{
  JsonArray *volumes = chd_json_array (self->task, "volumes");

  for (guint i = 0; i < chd_json_length (mounts); i++)
    {
      JsonObject *mount = chd_json_object_at (mounts, i);
      const char *name = chd_json_string (mount, "name", "");
      JsonObject *volume = chd_run_params_find (volumes, name);

      if (volume == NULL)
        return refuse (error, "the volume \"%s\" is not declared", name);
      if (!add_source (self, volume, "volumes", name, chd_json_string (mount, "subPath", NULL),
                       chd_json_string (mount, "mountPath", ""), chd_json_bool (mount, "readOnly", FALSE), error))
        return FALSE;
    }
  return TRUE;
}

/* What an earlier step that was allowed to fail has left for later ones to read. */
static void
add_exit_codes (Planning *self)
{
  JsonArray *steps = chd_json_lookup_array (self->run, "status/steps");

  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);
      JsonObject *terminated = chd_json_object (step, "terminated");
      g_autofree char *text = NULL;

      if (terminated == NULL)
        continue;
      text = g_strdup_printf ("%" G_GINT64_FORMAT, chd_json_int (terminated, "exitCode", 0));
      add_folder (self,
                  g_build_filename (self->attempt_folder, "steps", chd_json_string (step, "container", "_"), NULL),
                  NULL);
      add_file (self,
                g_build_filename (self->attempt_folder, "steps", chd_json_string (step, "container", "_"), "exitCode",
                                  NULL),
                text, strlen (text), FALSE);
    }
}

static void
add_results (Planning *self)
{
  JsonArray *lists[] = { chd_json_array (self->task, "results"), chd_json_array (self->step, "results") };
  g_autofree char *of_task = g_build_filename (self->attempt_folder, "results", NULL);
  g_autofree char *of_step = g_build_filename (self->attempt_folder, "steps", self->container, "results", NULL);
  const char *folders[] = { of_task, of_step };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    for (guint j = 0; j < chd_json_length (lists[i]); j++)
      {
        const char *name = chd_json_string (chd_json_object_at (lists[i], j), "name", "");
        ChdPlanResult *result;

        if (!is_file_name (name))
          continue;
        result = g_new0 (ChdPlanResult, 1);
        result->name = i == 0 ? g_strdup (name) : g_strconcat ("/", name, NULL);
        result->path = g_build_filename (folders[i], name, NULL);
        g_ptr_array_add (self->plan->results, result);
      }
}

static const char *
text_of (Planning *self, const char *name)
{
  const char *own = chd_json_string (self->step, name, "");

  return *own != '\0' ? own : chd_json_string (self->template, name, "");
}

static char **
list_of (Planning *self, const char *name)
{
  JsonArray *own = chd_json_array (self->step, name);

  if (own == NULL)
    own = chd_json_array (self->template, name);
  return chd_json_length (own) > 0 ? chd_json_strv (own) : NULL;
}

static void
expand_list (char **list, GPtrArray *env)
{
  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    {
      char *expanded = chd_step_env_expand (env, list[i]);

      g_free (list[i]);
      list[i] = expanded;
    }
}

static void
add_script (Planning *self, guint index)
{
  const char *script = chd_json_string (self->step, "script", "");
  g_autofree char *name = g_strdup_printf ("script-%u", index);
  g_autofree char *whole =
      g_str_has_prefix (script, "#!") ? g_strdup (script) : g_strconcat (DEFAULT_SHEBANG, script, NULL);

  if (*script == '\0')
    return;
  add_file (self, g_build_filename (self->attempt_folder, "scripts", name, NULL), whole, strlen (whole), TRUE);
  g_strfreev (self->plan->command);
  self->plan->command = g_new0 (char *, 2);
  self->plan->command[0] = g_strconcat (CHD_STEP_SCRIPTS_FOLDER "/", name, NULL);
}

static void
add_command (Planning *self, guint index)
{
  ChdStepPlan *plan = self->plan;
  const char *working_dir = text_of (self, "workingDir");
  gint64 nanoseconds = 0;

  plan->image = g_strdup (text_of (self, "image"));
  plan->command = list_of (self, "command");
  plan->args = list_of (self, "args");
  expand_list (plan->command, plan->env);
  expand_list (plan->args, plan->env);
  add_script (self, index);
  plan->working_dir = *working_dir != '\0' ? g_strdup (working_dir) : NULL;
  plan->network = g_strcmp0 (chd_kube_get_annotation (self->run, CHD_ANNOTATION_NETWORK), "true") == 0;
  if (chd_go_duration_parse (chd_json_string (self->step, "timeout", NULL), &nanoseconds) && nanoseconds > 0)
    plan->seconds = (guint64) ((nanoseconds + 999999999) / 1000000000);
}

static gboolean
make_plan (Planning *self, guint index, GError **error)
{
  g_autofree char *own_results = g_strconcat (CHD_STEP_STEPS_FOLDER "/", self->container, "/results", NULL);
  g_autofree char *own_folder = g_build_filename ("steps", self->container, "results", NULL);

  share_folder (self, "workspace", CHD_STEP_WORKSPACE_FOLDER, TRUE);
  share_folder (self, "home", HOME_FOLDER, TRUE);
  share_folder (self, "results", CHD_STEP_RESULTS_FOLDER, TRUE);
  share_folder (self, "scripts", CHD_STEP_SCRIPTS_FOLDER, FALSE);
  share_folder (self, "steps", CHD_STEP_STEPS_FOLDER, FALSE);
  share_folder (self, own_folder, own_results, TRUE);
  add_exit_codes (self);
  add_results (self);
  if (!add_workspaces (self, error) || !add_mounts (self, chd_json_array (self->template, "volumeMounts"), error) ||
      !add_mounts (self, chd_json_array (self->step, "volumeMounts"), error) ||
      !chd_step_env_add (self->plan->env, self->run, self->template, self->find, self->user_data, error) ||
      !chd_step_env_add (self->plan->env, self->run, self->step, self->find, self->user_data, error))
    return FALSE;
  add_command (self, index);
  return TRUE;
}

ChdStepPlan *
chd_step_plan_new (JsonObject *run,
                   guint index,
                   JsonObject *owner_run,
                   const char *folder,
                   ChdFindConfigMapFunc find,
                   gpointer user_data,
                   GError **error)
{
  g_autoptr (ChdStepPlan) plan = g_new0 (ChdStepPlan, 1);
  JsonObject *task = chd_json_lookup_object (run, "status/taskSpec");
  JsonObject *declared = chd_json_object_at (chd_json_array (task, "steps"), index);
  g_autoptr (ChdVariables) variables = chd_task_step_variables (run);
  g_autoptr (JsonObject) step = chd_variables_expand_object (variables, declared);
  g_autofree char *run_folder = chd_engine_folder_run (folder, chd_kube_get_uid (run));
  g_autofree char *attempt = g_strdup_printf ("%u", chd_task_run_get_attempt (run));
  g_autofree char *attempt_folder = g_build_filename (run_folder, attempt, NULL);
  g_autofree char *container = chd_task_container_name (declared, index);
  g_autofree char *record = g_strdup_printf ("record-%u", index);
  Planning self = { plan,      run,    task,           step,      chd_json_object (task, "stepTemplate"),
                    owner_run, folder, attempt_folder, container, find,
                    user_data };

  plan->env = g_ptr_array_new_with_free_func (g_free);
  plan->folders = g_ptr_array_new_with_free_func (folder_free);
  plan->files = g_ptr_array_new_with_free_func (file_free);
  plan->binds = g_ptr_array_new_with_free_func (bind_free);
  plan->results = g_ptr_array_new_with_free_func (result_free);
  plan->record_path = g_build_filename (attempt_folder, record, NULL);
  plan->log_path = chd_engine_folder_log (folder, chd_kube_get_namespace (run),
                                          chd_json_lookup_string (run, "status/podName", ""), container);
  return make_plan (&self, index, error) ? g_steal_pointer (&plan) : NULL;
}
