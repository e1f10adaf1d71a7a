/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-admission.h"
#include "chd-controllers.h"
#include "chd-engine-folder.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-yaml.h"
#include "step-test.h"

/* What tests of the controllers share: an engine without its door, with the shell image in its registry. */

#define IMAGE "registry.example.org/environments/shell:1"

typedef struct
{
  char *folder;
  ChdObjectStore *store;
  ChdRegistryStore *registry;
  ChdImageStore *images;
  ChdSandbox *sandbox;
  ChdControllers *controllers;
} Engine;

static const ChdUser test_user = { "admin", NULL };

static inline void
engine_open (Engine *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *registry_folder = g_build_filename (self->folder, "registry", NULL);
  g_autofree char *roots = g_build_filename (self->folder, "roots", NULL);

  self->store = chd_object_store_open (self->folder, &error);
  g_assert_no_error (error);
  self->registry = chd_registry_store_open (registry_folder, &error);
  g_assert_no_error (error);
  self->images = chd_image_store_new (self->registry, roots);
  self->sandbox = chd_sandbox_new (FALSE);
  self->controllers = chd_controllers_new (self->store, self->images, self->sandbox, self->folder);
}

/* With the shell image, and at rest. */
static inline Engine *
engine_new_stopped (void)
{
  Engine *self = g_new0 (Engine, 1);
  g_autofree char *archive = chd_data_path ("environments/shell.tar");
  g_autofree char *digest = NULL;

  self->folder = step_test_make_folder ();
  engine_open (self);
  digest = step_test_import (self->registry, archive, "environments/shell", "1");
  return self;
}

static inline Engine *
engine_new (void)
{
  Engine *self = engine_new_stopped ();

  chd_controllers_start (self->controllers);
  return self;
}

static inline void
engine_close (Engine *self)
{
  chd_controllers_stop (self->controllers);
  chd_object_store_close (self->store);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_clear_object (&self->controllers);
  g_clear_object (&self->images);
  g_clear_object (&self->sandbox);
  g_clear_object (&self->registry);
  g_clear_object (&self->store);
}

static inline void
engine_free (Engine *self)
{
  engine_close (self);
  step_test_remove_folder (self->folder);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Engine, engine_free)

static inline gboolean
engine_can_run (Engine *self)
{
  if (chd_sandbox_get_backend (self->sandbox) == CHD_SANDBOX_BUBBLEWRAP)
    return TRUE;
  g_test_skip (chd_sandbox_get_problem (self->sandbox));
  return FALSE;
}

static inline char *
resource_of (ChdKubeType type)
{
  const ChdKubeResource *resource = chd_kube_resource (type);

  return g_strconcat (resource->plural, ".", resource->group, NULL);
}

typedef struct
{
  const char *resource;
  const char *text; /* of an object; %NULL deletes */
  const char *name;
} Put;

/* Runs in the writer thread. */
static inline gboolean
put_func (ChdTransaction *transaction, gpointer data, GError **error)
{
  Put *put = data;
  JsonObject *object;

  if (put->text == NULL)
    return chd_transaction_delete (transaction, put->resource, "default", put->name);
  object = chd_json_parse_object (put->text, strlen (put->text), CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, error);
  if (object == NULL)
    return FALSE;
  chd_transaction_put (transaction, put->resource, object);
  return TRUE;
}

static inline void
engine_put (Engine *self, const char *resource, JsonObject *object, const char *name)
{
  g_autofree char *text = object != NULL ? chd_json_write_object (object, FALSE, NULL) : NULL;
  Put put = { resource, text, name };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  chd_object_store_transact_async (self->store, put_func, &put, NULL, NULL, chd_test_result_cb, &result);
  chd_test_wait_for (result != NULL);
  chd_object_store_transact_finish (self->store, result, NULL, &error);
  g_assert_no_error (error);
}

/* Creates the objects of a YAML text as the door would: with admission. */
static inline void
engine_create (Engine *self, const char *yaml)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) documents = chd_yaml_parse_documents (yaml, strlen (yaml), &error);

  g_assert_no_error (error);
  for (guint i = 0; i < documents->len; i++)
    {
      JsonObject *object = chd_yaml_document_get_object (g_ptr_array_index (documents, i));
      g_autoptr (JsonObject) copy = chd_json_copy_object (object);
      g_autoptr (JsonObject) admitted = NULL;
      g_autofree char *resource = NULL;
      ChdKubeType type;

      g_assert_true (chd_kube_type_of (copy, &type));
      json_object_set_string_member (chd_json_ensure_object (copy, "metadata"), "namespace", "default");
      json_object_set_int_member (chd_json_ensure_object (copy, "metadata"), "generation", 1);
      admitted = chd_admit (type, copy, NULL, &test_user, &error);
      g_assert_no_error (error);
      resource = resource_of (type);
      engine_put (self, resource, admitted, NULL);
    }
}

static inline void
engine_delete (Engine *self, ChdKubeType type, const char *name)
{
  g_autofree char *resource = resource_of (type);

  engine_put (self, resource, NULL, name);
}

static inline JsonObject *
engine_get (Engine *self, ChdKubeType type, const char *name)
{
  g_autofree char *resource = resource_of (type);

  return chd_object_store_get (self->store, resource, "default", name);
}

static inline const char *
engine_reason (Engine *self, ChdKubeType type, const char *name)
{
  return chd_json_string (chd_kube_get_condition (engine_get (self, type, name), "Succeeded"), "reason", "");
}

static inline const char *
engine_message (Engine *self, ChdKubeType type, const char *name)
{
  return chd_json_string (chd_kube_get_condition (engine_get (self, type, name), "Succeeded"), "message", "");
}

static inline gboolean
engine_is_done (Engine *self, ChdKubeType type, const char *name)
{
  const char *status =
      chd_json_string (chd_kube_get_condition (engine_get (self, type, name), "Succeeded"), "status", "Unknown");

  return !g_str_equal (status, "Unknown");
}

/* Sets spec.status of a run, as a client that cancels it. */
static inline void
engine_ask (Engine *self, ChdKubeType type, const char *name, const char *status)
{
  JsonObject *before = engine_get (self, type, name);
  g_autoptr (JsonObject) after = chd_json_copy_object (before);
  g_autoptr (JsonObject) admitted = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *resource = resource_of (type);

  if (status != NULL)
    json_object_set_string_member (chd_json_object (after, "spec"), "status", status);
  else
    json_object_remove_member (chd_json_object (after, "spec"), "status");
  admitted = chd_admit (type, after, before, &test_user, &error);
  g_assert_no_error (error);
  engine_put (self, resource, admitted, NULL);
}

static inline void
assert_nothing_stuck (Engine *self)
{
  g_auto (GStrv) problems = chd_controllers_check (self->controllers);

  if (problems[0] != NULL)
    g_error ("%s", problems[0]);
}

/* Waits for the end of a PipelineRun and for the engine to have nothing more to do. */
static inline JsonObject *
engine_finish (Engine *self, const char *name, const char *reason)
{
  chd_test_wait_for (engine_is_done (self, CHD_KUBE_PIPELINE_RUN, name));
  if (!g_str_equal (engine_reason (self, CHD_KUBE_PIPELINE_RUN, name), reason))
    g_error ("%s ended as %s (%s), not as %s", name, engine_reason (self, CHD_KUBE_PIPELINE_RUN, name),
             engine_message (self, CHD_KUBE_PIPELINE_RUN, name), reason);
  chd_test_wait_for (chd_controllers_is_idle (self->controllers));
  assert_nothing_stuck (self);
  return engine_get (self, CHD_KUBE_PIPELINE_RUN, name);
}

/* The text of a step's log without times and streams. */
static inline char *
engine_read_log (Engine *self, const char *task_run, const char *container)
{
  const char *pod = chd_json_lookup_string (engine_get (self, CHD_KUBE_TASK_RUN, task_run), "status/podName", "");
  g_autofree char *path = chd_engine_folder_log (self->folder, "default", pod, container);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *plain = g_string_new (NULL);

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    {
      const char *stream = strchr (lines[i], ' ');
      const char *mark = stream != NULL ? strchr (stream + 1, ' ') : NULL;
      const char *line = mark != NULL ? strchr (mark + 1, ' ') : NULL;

      g_string_append_printf (plain, "%s\n", line != NULL ? line + 1 : "");
    }
  return g_string_free (plain, FALSE);
}

static inline const char *
result_of (JsonObject *run, const char *name)
{
  JsonArray *results = chd_json_lookup_array (run, "status/results");

  for (guint i = 0; i < chd_json_length (results); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (results, i), "name", NULL), name) == 0)
      return chd_json_string (chd_json_object_at (results, i), "value", NULL);
  return NULL;
}

static inline const char *
skip_reason_of (JsonObject *run, const char *task)
{
  JsonArray *skipped = chd_json_lookup_array (run, "status/skippedTasks");

  for (guint i = 0; i < chd_json_length (skipped); i++)
    if (g_strcmp0 (chd_json_string (chd_json_object_at (skipped, i), "name", NULL), task) == 0)
      return chd_json_string (chd_json_object_at (skipped, i), "reason", NULL);
  return NULL;
}

static inline JsonObject *
step_of (JsonObject *task_run, guint index)
{
  return chd_json_object_at (chd_json_lookup_array (task_run, "status/steps"), index);
}
