/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "chd-json.h"
#include "chd-kube.h"

static JsonObject *
parse (const char *text)
{
  return chd_json_parse_object (text, strlen (text), CHD_JSON_MAX_OBJECT, CHD_JSON_DEFAULT, NULL);
}

static void
test_paths (void)
{
  g_autofree char *list = chd_kube_path (CHD_KUBE_TASK, "default", NULL, NULL);
  g_autofree char *all = chd_kube_path (CHD_KUBE_PIPELINE_RUN, "", NULL, NULL);
  g_autofree char *log = chd_kube_path (CHD_KUBE_POD, "a", "b/../c", "log");
  g_autofree char *namespace_ = chd_kube_path (CHD_KUBE_NAMESPACE, "ignored", "x", NULL);
  ChdKubeType type;

  g_assert_cmpstr (list, ==, "/apis/tekton.dev/v1/namespaces/default/tasks");
  g_assert_cmpstr (all, ==, "/apis/tekton.dev/v1/pipelineruns");
  g_assert_cmpstr (log, ==, "/api/v1/namespaces/a/pods/b%2F..%2Fc/log");
  g_assert_cmpstr (namespace_, ==, "/api/v1/namespaces/x");
  g_assert_true (chd_kube_type_for_path ("tekton.dev", "v1beta1", "customruns", &type));
  g_assert_cmpint (type, ==, CHD_KUBE_CUSTOM_RUN);
  g_assert_true (chd_kube_type_for_kind ("openshift-pipelines.org/v1alpha1", "ApprovalTask", &type));
  g_assert_cmpint (type, ==, CHD_KUBE_APPROVAL_TASK);
  g_assert_false (chd_kube_type_for_kind ("tekton.dev/v1beta1", "Task", &type));
}

static void
test_reading (void)
{
  g_autoptr (JsonObject) object =
      parse ("{\"kind\":\"TaskRun\",\"metadata\":{\"name\":\"a\",\"labels\":{\"app.kubernetes.io/"
             "managed-by\":\"chain-designer\"},"
             "\"ownerReferences\":[{\"kind\":\"PipelineRun\",\"name\":\"r\",\"uid\":\"u1\",\"controller\":true}]},"
             "\"status\":{\"conditions\":[5,{\"type\":\"Ready\"},{\"type\":\"Succeeded\",\"status\":\"Unknown\"}]}}");
  g_autoptr (JsonObject) odd = parse ("{\"metadata\":[],\"status\":\"x\"}");

  g_assert_cmpstr (chd_kube_get_name (object), ==, "a");
  g_assert_true (chd_kube_is_ours (object));
  g_assert_true (chd_kube_is_owned_by (object, "u1"));
  g_assert_false (chd_kube_is_owned_by (object, "u2"));
  g_assert_cmpstr (chd_kube_get_controller_name (object, "PipelineRun"), ==, "r");
  g_assert_null (chd_kube_get_controller_name (object, "TaskRun"));
  g_assert_cmpstr (chd_json_string (chd_kube_get_condition (object, "Succeeded"), "status", NULL), ==, "Unknown");
  g_assert_null (chd_kube_get_name (odd));
  g_assert_null (chd_kube_get_condition (odd, "Succeeded"));
  g_assert_false (chd_kube_is_ours (odd));
}

static void
test_versions (void)
{
  g_assert_cmpint (chd_kube_compare_versions ("9", "10"), ==, -1);
  g_assert_cmpint (chd_kube_compare_versions ("10", "9"), ==, 1);
  g_assert_cmpint (chd_kube_compare_versions ("123456789012345678901234567890", "99"), ==, 1);
  g_assert_cmpint (chd_kube_compare_versions ("5", "5"), ==, 0);
  g_assert_cmpint (chd_kube_compare_versions ("abc", "abd"), ==, 1);
  g_assert_cmpint (chd_kube_compare_versions (NULL, "5"), ==, 1);
}

static void
test_building (void)
{
  g_autoptr (JsonObject) owner =
      parse ("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"o\",\"uid\":\"u\"}}");
  g_autoptr (JsonObject) object = chd_kube_object_new (CHD_KUBE_TASK, "ns", "t");
  g_autofree char *text = NULL, *selector = NULL;

  chd_kube_set_label (object, CHD_LABEL_CHAIN, "pay");
  chd_kube_set_label (object, "x", "y");
  chd_kube_set_label (object, "x", NULL);
  chd_kube_set_annotation (object, CHD_ANNOTATION_TITLE, "付款");
  chd_kube_add_owner (object, owner, FALSE);
  text = chd_json_write_object (object, FALSE, NULL);
  g_assert_cmpstr (
      text, ==,
      "{\"apiVersion\":\"tekton.dev/v1\",\"kind\":\"Task\",\"metadata\":{\"name\":\"t\",\"namespace\":\"ns\","
      "\"labels\":{\"chain-designer.example.org/chain\":\"pay\"},"
      "\"annotations\":{\"chain-designer.example.org/title\":\"付款\"},"
      "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"name\":\"o\",\"uid\":\"u\"}]}}");
  selector = chd_kube_selector (CHD_LABEL_MANAGED_BY, CHD_LABEL_MANAGED_BY_VALUE, CHD_LABEL_NODE, "*", NULL);
  g_assert_cmpstr (selector, ==, "app.kubernetes.io/managed-by=chain-designer,chain-designer.example.org/node");
  g_assert_true (chd_kube_is_label_value (""));
  g_assert_false (chd_kube_is_label_value ("付款"));
  g_assert_false (chd_kube_is_label_value ("-a"));
}

static void
test_list_items (void)
{
  g_autoptr (JsonObject) list =
      parse ("{\"apiVersion\":\"v1\",\"kind\":\"ConfigMapList\",\"items\":[{\"metadata\":{}},7,{\"kind\":\"X\"}]}");
  g_autoptr (GPtrArray) items = chd_kube_list_items (list);

  g_assert_cmpuint (items->len, ==, 2);
  g_assert_cmpstr (chd_kube_get_kind (items->pdata[0]), ==, "ConfigMap");
  g_assert_cmpstr (chd_kube_get_api_version (items->pdata[0]), ==, "v1");
  g_assert_cmpstr (chd_kube_get_kind (items->pdata[1]), ==, "X");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wire/kube/paths", test_paths);
  g_test_add_func ("/wire/kube/reading-takes-any-shape", test_reading);
  g_test_add_func ("/wire/kube/versions-compare-as-numbers", test_versions);
  g_test_add_func ("/wire/kube/building", test_building);
  g_test_add_func ("/wire/kube/list-items-know-their-kind", test_list_items);
  return g_test_run ();
}
