/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "chd-admission.h"
#include "chd-error.h"
#include "chd-json.h"
#include "chd-test-loop.h"
#include "chd-util.h"
#include "chd-yaml.h"

/* How many of Tekton's verdicts on real documents we share. A rule that is lost lowers the number. */
#define VERDICTS_FLOOR 970
/* Replies of a real server to refused requests that we give word for word. */
#define REPLIES_FLOOR 50

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = chd_json_parse_object (text, strlen (text), CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, &error);

  g_assert_no_error (error);
  return object;
}

static JsonObject *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  g_autofree char *text = chd_read_regular_file (path, 64 * 1024 * 1024, &length, &error);
  JsonObject *object;

  g_assert_no_error (error);
  object = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, CHD_JSON_DEFAULT, &error);
  g_assert_no_error (error);
  return object;
}

static const ChdUser admin = { "admin", NULL };

static void
assert_refused (ChdKubeType type, JsonObject *object, JsonObject *before, const ChdUser *user, const char *message)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = chd_admit (type, object, before, user, &error);

  g_assert_null (result);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
  g_assert_cmpuint (chd_error_get_status (error), ==, 400);
  if (strstr (error->message, message) == NULL)
    g_error ("expected “%s” in “%s”", message, error->message);
}

static JsonObject *
admit (ChdKubeType type, JsonObject *object, JsonObject *before)
{
  g_autoptr (GError) error = NULL;
  JsonObject *result = chd_admit (type, object, before, &admin, &error);

  g_assert_no_error (error);
  return result;
}

static void
test_defaults (void)
{
  g_autoptr (JsonObject) task = parse (
      "{\"apiVersion\":\"tekton.dev/v1\",\"kind\":\"Task\",\"metadata\":{\"name\":\"t\"},\"spec\":{\"params\":[{"
      "\"name\":\"a\"},{\"name\":\"b\",\"default\":[\"x\"]},{\"name\":\"c\",\"default\":5}],\"results\":[{\"name\":"
      "\"r\"}],\"steps\":[{\"image\":\"i\"}]}}");
  g_autoptr (JsonObject) run =
      parse ("{\"metadata\":{\"name\":\"r\",\"annotations\":{\"chains.tekton.dev/signed\":\"true\",\"a\":\"b\"}},"
             "\"spec\":{\"pipelineRef\":{\"name\":\"p\"},\"params\":[{\"name\":\"a\",\"value\":2},{\"name\":\"b\","
             "\"value\":[1,2]}],\"timeouts\":{\"pipeline\":\"90s\"}}}");
  g_autoptr (JsonObject) task_after = admit (CHD_KUBE_TASK, task, NULL);
  g_autoptr (JsonObject) run_after = admit (CHD_KUBE_PIPELINE_RUN, run, NULL);
  JsonArray *params = chd_json_lookup_array (task_after, "spec/params");
  JsonArray *values = chd_json_lookup_array (run_after, "spec/params");
  JsonObject *step = chd_json_object_at (chd_json_lookup_array (task_after, "spec/steps"), 0);

  g_assert_cmpstr (chd_json_string (chd_json_object_at (params, 0), "type", NULL), ==, "string");
  g_assert_cmpstr (chd_json_string (chd_json_object_at (params, 1), "type", NULL), ==, "array");
  g_assert_cmpstr (chd_json_string (chd_json_object_at (params, 2), "default", NULL), ==, "5");
  g_assert_cmpstr (chd_json_string (step, "name", NULL), ==, "");
  g_assert_nonnull (chd_json_object (step, "computeResources"));
  g_assert_cmpstr (chd_json_lookup_string (run_after, "spec/timeouts/pipeline", NULL), ==, "1m30s");
  g_assert_cmpstr (chd_json_lookup_string (run_after, "spec/taskRunTemplate/serviceAccountName", NULL), ==, "default");
  g_assert_cmpstr (chd_json_string (chd_json_object_at (values, 0), "value", NULL), ==, "2");
  g_assert_cmpstr (chd_json_string (chd_json_object_at (values, 1), "value", NULL), ==, "[1,2]");
  g_assert_null (chd_kube_get_annotation (run_after, "chains.tekton.dev/signed"));
  g_assert_cmpstr (chd_kube_get_annotation (run_after, "a"), ==, "b");
  /* What was given is not touched. */
  g_assert_false (json_object_has_member (chd_json_object_at (chd_json_lookup_array (task, "spec/params"), 0), "type"));
}

static void
test_run_updates (void)
{
  g_autoptr (JsonObject) running =
      parse ("{\"metadata\":{\"name\":\"r\"},\"spec\":{\"pipelineRef\":{\"name\":\"p\"},\"taskRunTemplate\":{"
             "\"serviceAccountName\":\"default\"},\"timeouts\":{\"pipeline\":\"1h0m0s\"}}}");
  g_autoptr (JsonObject) done = chd_json_copy_object (running);
  g_autoptr (JsonObject) cancelled = chd_json_copy_object (running);
  g_autoptr (JsonObject) other = chd_json_copy_object (running);
  g_autoptr (JsonObject) labelled = NULL;
  g_autoptr (JsonObject) accepted = NULL;
  g_autoptr (JsonObject) accepted_label = NULL;

  json_object_set_string_member (chd_json_object (cancelled, "spec"), "status", "Cancelled");
  json_object_set_string_member (chd_json_ensure_object (other, "spec/pipelineRef"), "name", "q");
  json_object_set_array_member (chd_json_ensure_object (done, "status"), "conditions", json_array_new ());
  json_array_add_object_element (chd_json_lookup_array (done, "status/conditions"),
                                 parse ("{\"type\":\"Succeeded\",\"status\":\"True\"}"));
  labelled = chd_json_copy_object (done);
  chd_kube_set_label (labelled, "a", "b");

  accepted = admit (CHD_KUBE_PIPELINE_RUN, cancelled, running);
  accepted_label = admit (CHD_KUBE_PIPELINE_RUN, labelled, done);
  assert_refused (CHD_KUBE_PIPELINE_RUN, other, running, &admin,
                  "Once the PipelineRun has started, only status updates are allowed: spec");
  assert_refused (CHD_KUBE_PIPELINE_RUN, cancelled, done, &admin,
                  "Once the PipelineRun is complete, no updates are allowed: spec");
}

#define APPROVAL(number, first, second, group, users)                                                                  \
  "{\"metadata\":{\"name\":\"a\"},\"spec\":{\"numberOfApprovalsRequired\":" number                                     \
  ",\"description\":\"d\",\"approvers\":[{\"name\":\"alice\",\"type\":\"User\",\"input\":\"" first                     \
  "\"},{\"name\":\"bob\",\"type\":\"User\",\"input\":\"" second                                                        \
  "\"},{\"name\":\"leads\",\"type\":\"Group\",\"input\":\"" group "\",\"users\":[" users                               \
  "]}]},\"status\":{\"state\":\"pending\"}}"

static void
test_approval (void)
{
  static const char *const leads[] = { "leads", NULL };
  const ChdUser alice = { "alice", NULL };
  const ChdUser carol = { "carol", leads };
  const ChdUser mallory = { "mallory", NULL };
  g_autoptr (JsonObject) open = parse (APPROVAL ("2", "pending", "pending", "pending", ""));
  g_autoptr (JsonObject) approved = parse (APPROVAL ("2", "approve", "pending", "pending", ""));
  g_autoptr (JsonObject) rejected = parse (APPROVAL ("2", "reject", "pending", "pending", ""));
  g_autoptr (JsonObject) both = parse (APPROVAL ("2", "approve", "approve", "pending", ""));
  g_autoptr (JsonObject) fewer = parse (APPROVAL ("1", "approve", "pending", "pending", ""));
  g_autoptr (JsonObject) odd = parse (APPROVAL ("2", "perhaps", "pending", "pending", ""));
  g_autoptr (JsonObject) none = parse (APPROVAL ("0", "pending", "pending", "pending", ""));
  g_autoptr (JsonObject) by_group = parse (
      APPROVAL ("2", "pending", "pending", "approve", "{\"name\":\"carol\",\"input\":\"approve\",\"message\":\"ok\"}"));
  g_autoptr (JsonObject) for_dave =
      parse (APPROVAL ("2", "pending", "pending", "approve", "{\"name\":\"dave\",\"input\":\"approve\"}"));
  g_autoptr (JsonObject) ended = chd_json_copy_object (open);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) first = chd_admit (CHD_KUBE_APPROVAL_TASK, approved, open, &alice, &error);
  g_autoptr (JsonObject) second = chd_admit (CHD_KUBE_APPROVAL_TASK, rejected, approved, &alice, &error);
  g_autoptr (JsonObject) third = chd_admit (CHD_KUBE_APPROVAL_TASK, by_group, open, &carol, &error);

  g_assert_no_error (error);
  g_assert_true (first != NULL && second != NULL && third != NULL);
  json_object_set_string_member (chd_json_ensure_object (ended, "status"), "state", "approved");

  assert_refused (CHD_KUBE_APPROVAL_TASK, approved, open, &mallory, "User does not exist in the approval list");
  assert_refused (CHD_KUBE_APPROVAL_TASK, approved, open, &carol, "User can only update their own approval input");
  assert_refused (CHD_KUBE_APPROVAL_TASK, both, open, &alice, "User can only update their own approval input");
  assert_refused (CHD_KUBE_APPROVAL_TASK, fewer, open, &alice, "User can only update their own approval input");
  assert_refused (CHD_KUBE_APPROVAL_TASK, for_dave, open, &carol, "User can only update their own approval input");
  assert_refused (CHD_KUBE_APPROVAL_TASK, approved, approved, &alice, "User has already approved");
  assert_refused (CHD_KUBE_APPROVAL_TASK, approved, rejected, &alice, "User has already rejected");
  assert_refused (CHD_KUBE_APPROVAL_TASK, open, open, &alice, "Invalid input change");
  assert_refused (CHD_KUBE_APPROVAL_TASK, approved, ended, &alice, "already reached it's final state");
  assert_refused (CHD_KUBE_APPROVAL_TASK, odd, open, &alice,
                  "approvers[0].input: must be one of: pending, approve, reject, got 'perhaps'");
  assert_refused (CHD_KUBE_APPROVAL_TASK, none, NULL, &alice, "numberOfApprovalsRequired");
  assert_refused (CHD_KUBE_APPROVAL_TASK, approved, NULL, &alice, "must be 'pending' at creation");
}

/* What a real server answered to bad objects, word for word. */
static void
test_recorded_refusals (void)
{
  g_autofree char *path = chd_test_shared ("data/recordings/api/errors-validation.json");
  g_autoptr (JsonObject) recording = NULL;
  JsonArray *exchanges;
  guint n_equal = 0;

  if (path == NULL)
    return;
  recording = load (path);
  exchanges = chd_json_array (recording, "exchanges");
  for (guint i = 0; i < chd_json_length (exchanges); i++)
    {
      JsonObject *exchange = chd_json_object_at (exchanges, i);
      JsonObject *body = chd_json_lookup_object (exchange, "request/body");
      const char *expected = chd_json_lookup_string (exchange, "response/body/message", NULL);
      const char *note = chd_json_string (exchange, "note", "");
      gint64 status = chd_json_int (chd_json_object (exchange, "response"), "status", 0);
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) result = NULL;
      ChdKubeType type;

      if (body == NULL || !chd_kube_type_of (body, &type) || (expected != NULL && strstr (expected, "webhook") == NULL))
        continue;
      result = chd_admit (type, body, NULL, &admin, &error);
      if (status == 201)
        g_assert_no_error (error);
      else if (error == NULL)
        g_error ("%s: accepted, but expected: %s", note, expected);
      else if (g_strcmp0 (error->message, expected) != 0)
        g_test_message ("%s:\n  ours     %s\n  expected %s", note, error->message, expected);
      n_equal += status == 201 ? error == NULL : g_strcmp0 (error->message, expected) == 0;
    }
  g_test_message ("%u replies are equal to the recorded ones", n_equal);
  g_assert_cmpuint (n_equal, >=, REPLIES_FLOOR);
}

/* By name, because the rows count empty documents and our reader leaves them out. */
static JsonObject *
find_document (GPtrArray *documents, const char *kind, const char *name)
{
  for (guint i = 0; i < documents->len; i++)
    {
      JsonObject *object = chd_yaml_document_get_object (g_ptr_array_index (documents, i));
      const char *given = object != NULL
                              ? chd_json_lookup_string (object, "metadata/name",
                                                        chd_json_lookup_string (object, "metadata/generateName", ""))
                              : NULL;

      if (g_strcmp0 (given, name) == 0 && g_strcmp0 (chd_kube_get_kind (object), kind) == 0)
        return object;
    }
  return NULL;
}

/* The whole catalogue and all examples against the verdicts of Tekton's own code. v1beta1 documents are shown to the
 * rules of v1; what only v1beta1 knew (spec.resources) is where we differ. */
static void
test_verdicts (void)
{
  g_autofree char *path = chd_test_shared ("data/tekton/expected-validation.json");
  g_autoptr (JsonObject) expectations = NULL;
  g_autoptr (GHashTable) files =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  JsonArray *documents;
  guint n_agreed = 0;

  if (path == NULL)
    return;
  expectations = load (path);
  documents = chd_json_array (expectations, "documents");
  for (guint i = 0; i < chd_json_length (documents); i++)
    {
      JsonObject *row = chd_json_object_at (documents, i);
      const char *file = chd_json_string (row, "file", "");
      gboolean expected = g_str_equal (chd_json_string (row, "default", ""), "ok");
      const char *kind = chd_json_string (row, "kind", "");
      GPtrArray *parsed = g_hash_table_lookup (files, file);
      ChdKubeType type;
      gboolean accepted = FALSE;
      g_autoptr (GError) error = NULL;

      if (parsed == NULL)
        {
          g_autofree char *folder = g_path_get_dirname (path);
          g_autofree char *name = g_build_filename (folder, file, NULL);
          gsize length = 0;
          g_autofree char *text = chd_read_regular_file (name, 4 * 1024 * 1024, &length, &error);

          g_assert_no_error (error);
          parsed = chd_yaml_parse_documents (text, length, &error);
          if (parsed == NULL)
            {
              g_test_message ("%s: %s", file, error->message);
              continue;
            }
          g_hash_table_insert (files, g_strdup (file), parsed);
        }
      if (g_str_equal (kind, "StepAction"))
        accepted = TRUE; /* not served, no rules of ours */
      else if (chd_kube_type_for_kind ("tekton.dev/v1", kind, &type))
        {
          JsonObject *object = find_document (parsed, kind, chd_json_string (row, "name", ""));
          g_autoptr (JsonObject) result = NULL;

          if (object == NULL)
            {
              g_test_message ("%s: no %s %s", file, kind, chd_json_string (row, "name", ""));
              continue;
            }
          result = chd_admit (type, object, NULL, &admin, &error);
          accepted = result != NULL;
        }
      if (accepted == expected)
        n_agreed++;
      else
        g_test_message ("%s %" G_GINT64_FORMAT " (%s %s): expected %s\n  ours %s", file, chd_json_int (row, "doc", 0),
                        chd_json_string (row, "apiVersion", ""), kind, chd_json_string (row, "default", "not served"),
                        error != NULL ? error->message : "ok");
    }
  g_test_message ("%u of %u verdicts agree with Tekton's", n_agreed, chd_json_length (documents));
  g_assert_cmpuint (n_agreed, >=, VERDICTS_FLOOR);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/engine/admission/fills-in-tekton-s-defaults", test_defaults);
  g_test_add_func ("/engine/admission/a-run-may-only-be-stopped", test_run_updates);
  g_test_add_func ("/engine/admission/everybody-answers-for-himself", test_approval);
  g_test_add_func ("/engine/admission/refuses-in-the-words-of-the-real-one", test_recorded_refusals);
  g_test_add_func ("/engine/admission/agrees-with-tekton-on-its-examples", test_verdicts);
  return g_test_run ();
}
