/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Writing virtual Pods. */

#include "config.h"

#include "chd-pod.h"

#include "chd-json.h"
#include "chd-task-prepare.h"

#define NODE_NAME "local"

static JsonObject *
make_pod (JsonObject *run, const char *name)
{
  JsonObject *pod = chd_run_new_child (CHD_KUBE_POD, run, name);
  JsonObject *spec = chd_json_ensure_object (pod, "spec");
  JsonObject *task = chd_json_lookup_object (run, "status/taskSpec");
  JsonArray *steps = chd_json_array (task, "steps");
  JsonArray *containers = json_array_new ();

  chd_run_inherit (pod, run, "labels");
  chd_run_inherit (pod, run, "annotations");
  chd_kube_set_label (pod, CHD_LABEL_TEKTON_TASK_RUN, chd_kube_get_name (run));
  chd_kube_set_label (pod, CHD_LABEL_TEKTON_PREFIX "taskRunUID", chd_kube_get_uid (run));
  for (guint i = 0; i < chd_json_length (steps); i++)
    {
      JsonObject *step = chd_json_object_at (steps, i);
      JsonObject *container = json_object_new ();
      g_autofree char *container_name = chd_task_container_name (step, i);

      json_object_set_string_member (container, "name", container_name);
      json_object_set_string_member (container, "image",
                                     chd_json_string (step, "image",
                                                      chd_json_lookup_string (task, "stepTemplate/image", "")));
      json_object_set_object_member (container, "resources", json_object_new ());
      json_object_set_string_member (container, "terminationMessagePath", "/tekton/termination");
      json_object_set_string_member (container, "terminationMessagePolicy", "File");
      json_object_set_string_member (container, "imagePullPolicy", "IfNotPresent");
      json_array_add_object_element (containers, container);
    }
  json_object_set_array_member (spec, "containers", containers);
  json_object_set_string_member (spec, "restartPolicy", "Never");
  json_object_set_string_member (spec, "serviceAccountName",
                                 chd_json_lookup_string (run, "spec/serviceAccountName", ""));
  json_object_set_string_member (spec, "nodeName", NODE_NAME);
  return pod;
}

static const char *
find_phase (JsonObject *run)
{
  JsonArray *steps = chd_json_lookup_array (run, "status/steps");

  if (chd_run_has_ended (run, "True"))
    return "Succeeded";
  if (chd_run_has_ended (run, "False"))
    return "Failed";
  for (guint i = 0; i < chd_json_length (steps); i++)
    if (chd_json_object (chd_json_object_at (steps, i), "waiting") == NULL)
      return "Running";
  return "Pending";
}

static JsonObject *
make_container_status (JsonObject *step, JsonObject *container)
{
  static const char *const states[] = { "waiting", "running", "terminated" };
  JsonObject *status = json_object_new ();
  JsonObject *state = chd_json_ensure_object (status, "state");
  gboolean running = chd_json_object (step, "running") != NULL;

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (chd_json_object (step, states[i]) != NULL)
      json_object_set_object_member (state, states[i], chd_json_copy_object (chd_json_object (step, states[i])));
  json_object_set_string_member (status, "name", chd_json_string (step, "container", ""));
  json_object_set_object_member (status, "lastState", json_object_new ());
  json_object_set_boolean_member (status, "ready", running);
  json_object_set_int_member (status, "restartCount", 0);
  json_object_set_string_member (status, "image", chd_json_string (container, "image", ""));
  json_object_set_string_member (status, "imageID", chd_json_string (step, "imageID", ""));
  json_object_set_boolean_member (status, "started", running);
  return status;
}

static void
add_condition (JsonArray *conditions, const char *type, gboolean value, const char *now)
{
  JsonObject *condition = json_object_new ();

  json_object_set_string_member (condition, "type", type);
  json_object_set_string_member (condition, "status", value ? "True" : "False");
  json_object_set_null_member (condition, "lastProbeTime");
  json_object_set_string_member (condition, "lastTransitionTime", now);
  json_array_add_object_element (conditions, condition);
}

void
chd_pod_store (ChdReconcile *self, JsonObject *run)
{
  const char *name = chd_json_lookup_string (run, "status/podName", "");
  const char *namespace_ = chd_kube_get_namespace (run);
  JsonObject *before;
  g_autoptr (JsonObject) pod = NULL;
  JsonArray *steps = chd_json_lookup_array (run, "status/steps");
  const char *phase = find_phase (run);
  JsonObject *status;
  JsonArray *statuses;
  JsonArray *conditions;
  JsonArray *containers;

  if (*name == '\0')
    return;
  before = chd_transaction_get (self->transaction, CHD_RESOURCE_PODS, namespace_, name);
  pod = before != NULL ? chd_json_copy_object (before) : make_pod (run, name);
  status = chd_json_ensure_object (pod, "status");
  if (!g_str_equal (chd_json_string (status, "phase", ""), phase))
    {
      gboolean started = !g_str_equal (phase, "Pending");

      conditions = json_array_new ();
      add_condition (conditions, "Initialized", started, self->now);
      add_condition (conditions, "Ready", g_str_equal (phase, "Running"), self->now);
      add_condition (conditions, "ContainersReady", g_str_equal (phase, "Running"), self->now);
      add_condition (conditions, "PodScheduled", TRUE, self->now);
      json_object_set_array_member (status, "conditions", conditions);
    }
  json_object_set_string_member (status, "phase", phase);
  chd_json_set_string_if (status, "startTime", chd_json_lookup_string (run, "status/startTime", NULL));
  json_object_set_string_member (status, "qosClass", "BestEffort");
  containers = chd_json_lookup_array (pod, "spec/containers");
  statuses = json_array_new ();
  for (guint i = 0; i < chd_json_length (steps); i++)
    json_array_add_object_element (statuses, make_container_status (chd_json_object_at (steps, i),
                                                                    chd_json_object_at (containers, i)));
  json_object_set_array_member (status, "containerStatuses", statuses);
  chd_transaction_put (self->transaction, CHD_RESOURCE_PODS, g_steal_pointer (&pod));
}
