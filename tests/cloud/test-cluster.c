/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "script-server.h"

#include "chd-cluster.h"
#include "chd-wire-error.h"

#define TASKS "/apis/tekton.dev/v1/namespaces/ns/tasks"
#define MANAGER "fieldManager=chain-designer"

/* Starts an operation of the cluster and waits for its result. */
#define CALL(result, function, ...)                                                                                    \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_clear_object (&(result));                                                                                        \
    function (__VA_ARGS__, NULL, chd_test_result_cb, &(result));                                                       \
    chd_test_wait_for ((result) != NULL);                                                                              \
  }                                                                                                                    \
  G_STMT_END

typedef struct
{
  Script *script;
  ChdCluster *cluster;
  GPtrArray *warnings;
} Fixture;

static void
warning_cb (ChdCluster *cluster, const char *text, gpointer user_data)
{
  g_ptr_array_add (user_data, g_strdup (text));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ChdHttp) http = NULL;

  fixture->script = script_new ();
  http = make_http (fixture->script->url);
  fixture->cluster = chd_cluster_new_for_http (http, "ns");
  fixture->warnings = g_ptr_array_new_with_free_func (g_free);
  g_signal_connect (fixture->cluster, "warning", G_CALLBACK (warning_cb), fixture->warnings);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  script_done (fixture->script);
  g_object_unref (fixture->cluster);
  script_free (fixture->script);
  g_ptr_array_unref (fixture->warnings);
}

static JsonObject *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonObject *object = chd_json_parse_object (text, strlen (text), 1 << 20, CHD_JSON_DEFAULT, &error);

  g_assert_no_error (error);
  return object;
}

#define TASK "{\"apiVersion\":\"tekton.dev/v1\",\"kind\":\"Task\",\"metadata\":{\"name\":\"pay\"},\"spec\":{}}"
#define STATUS(code, reason)                                                                                           \
  "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"message\":\"m\",\"reason\":\"" reason           \
  "\",\"code\":" #code "}"

static void
test_single_objects (Fixture *fixture, gconstpointer data)
{
  ChdCluster *cluster = fixture->cluster;
  Script *script = fixture->script;
  g_autoptr (JsonObject) task = parse (TASK);
  g_autoptr (JsonNode) patch = json_from_string ("[{\"op\":\"test\",\"path\":\"/a\",\"value\":1}]", NULL);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (JsonObject) got = NULL, created = NULL, applied = NULL, again = NULL, replaced = NULL, patched = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_new = FALSE;

  script_expect (script, "GET", TASKS "/pay", 200, TASK, NULL);
  CALL (result, chd_cluster_get_async, cluster, CHD_KUBE_TASK, NULL, "pay");
  got = chd_cluster_get_finish (cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (chd_kube_get_name (got), ==, "pay");

  script_expect (script, "POST", TASKS "?" MANAGER "&fieldValidation=Strict", 201, TASK,
                 "Warning: 299 - \"be \\\"careful\\\"\"");
  CALL (result, chd_cluster_create_async, cluster, task, CHD_WRITE_DEFAULT);
  created = chd_cluster_create_finish (cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (script->content_type, ==, "application/json");
  g_assert_cmpstr (script->body, ==, TASK);
  g_assert_cmpuint (fixture->warnings->len, ==, 1);
  g_assert_cmpstr (fixture->warnings->pdata[0], ==, "be \"careful\"");

  script_expect (script, "PATCH", TASKS "/pay?" MANAGER "&fieldValidation=Strict&force=false&dryRun=All", 201, TASK,
                 NULL);
  CALL (result, chd_cluster_apply_async, cluster, task, CHD_WRITE_DRY_RUN);
  applied = chd_cluster_apply_finish (cluster, result, &is_new, &error);
  g_assert_no_error (error);
  g_assert_true (is_new);
  g_assert_cmpstr (script->content_type, ==, "application/apply-patch+yaml");

  script_expect (script, "PATCH", TASKS "/pay?" MANAGER "&fieldValidation=Strict&force=true", 200, TASK, NULL);
  CALL (result, chd_cluster_apply_async, cluster, task, CHD_WRITE_FORCE);
  again = chd_cluster_apply_finish (cluster, result, &is_new, &error);
  g_assert_no_error (error);
  g_assert_false (is_new);

  script_expect (script, "PUT", TASKS "/pay/status?" MANAGER, 200, TASK, NULL);
  CALL (result, chd_cluster_replace_async, cluster, task, "status", CHD_WRITE_DEFAULT);
  replaced = chd_cluster_replace_finish (cluster, result, &error);
  g_assert_no_error (error);

  script_expect (script, "PATCH", "/apis/tekton.dev/v1/namespaces/other/tasks/pay?" MANAGER, 200, TASK, NULL);
  CALL (result, chd_cluster_patch_async, cluster, CHD_KUBE_TASK, "other", "pay", NULL, CHD_PATCH_JSON, patch,
        CHD_WRITE_DEFAULT);
  patched = chd_cluster_patch_finish (cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (script->content_type, ==, "application/json-patch+json");

  /* Another server answers. */
  script_expect (script, "GET", TASKS "/other", 200, TASK, NULL);
  CALL (result, chd_cluster_get_async, cluster, CHD_KUBE_TASK, NULL, "other");
  g_assert_null (chd_cluster_get_finish (cluster, result, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CORRUPT);
}

static void
test_deleting (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    gboolean deleted;
  } cases[] = {
    { 200, "{\"kind\":\"Status\",\"status\":\"Success\"}", TRUE },
    { 200, TASK, TRUE },
    { 404, STATUS (404, "NotFound"), TRUE },
    { 409, STATUS (409, "Conflict"), FALSE },
    { 403, STATUS (403, "Forbidden"), FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (JsonObject) options = NULL;

      script_expect (fixture->script, "DELETE", TASKS "/pay", cases[i].status, cases[i].body, NULL);
      CALL (result, chd_cluster_delete_async, fixture->cluster, CHD_KUBE_TASK, NULL, "pay", "uid-1");
      g_assert_true (chd_cluster_delete_finish (fixture->cluster, result, &error) == cases[i].deleted);
      g_assert_true ((error == NULL) == cases[i].deleted);
      options = parse (fixture->script->body);
      g_assert_cmpstr (chd_json_lookup_string (options, "preconditions/uid", NULL), ==, "uid-1");
      g_assert_cmpstr (chd_json_string (options, "propagationPolicy", NULL), ==, "Background");
    }
}

static void
test_errors (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    guint status;
    const char *body;
    int code;
  } cases[] = {
    { 409, STATUS (409, "AlreadyExists"), CHD_ERROR_CONFLICT },
    { 401, STATUS (401, "Unauthorized"), CHD_ERROR_SIGN_IN },
    { 422, STATUS (422, "Invalid"), CHD_ERROR_INVALID },
    { 500, "", CHD_ERROR_ENGINE },
    { 200, "<html>sign in</html>", CHD_ERROR_FAILED },
    { 200, "{\"kind\":\"Task\",\"metadata\":{\"na", CHD_ERROR_CORRUPT },
    { 200, "", CHD_ERROR_CORRUPT },
  };
  g_autoptr (JsonObject) task = parse (TASK);
  g_autoptr (JsonObject) strange = parse ("{\"apiVersion\":\"v1\",\"kind\":\"Nope\",\"metadata\":{\"name\":\"x\"}}");
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      script_expect (fixture->script, "POST", NULL, cases[i].status, cases[i].body, NULL);
      CALL (result, chd_cluster_create_async, fixture->cluster, task, CHD_WRITE_DEFAULT);
      g_assert_null (chd_cluster_create_finish (fixture->cluster, result, &error));
      g_assert_error (error, CHD_ERROR, cases[i].code);
      if (i == 0)
        g_assert_true (chd_wire_error_is_already_exists (error));
      g_clear_error (&error);
    }
  CALL (result, chd_cluster_create_async, fixture->cluster, strange, CHD_WRITE_DEFAULT);
  g_assert_null (chd_cluster_create_finish (fixture->cluster, result, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNSUPPORTED);
}

#define PAGE(version, items, more)                                                                                     \
  "{\"kind\":\"TaskList\",\"apiVersion\":\"tekton.dev/v1\",\"metadata\":{\"resourceVersion\":\"" version               \
  "\",\"continue\":\"" more "\"},\"items\":[" items "]}"
#define ITEM(name) "{\"metadata\":{\"name\":\"" name "\"}}"

static void
test_lists (Fixture *fixture, gconstpointer data)
{
  ChdCluster *cluster = fixture->cluster;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) paged = NULL, whole = NULL, all = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *version = NULL;

  script_expect (fixture->script, "GET", TASKS "?limit=500&labelSelector=a%3Db%2Cc", 200,
                 PAGE ("7", ITEM ("one") "," ITEM ("two"), "to/ken"), NULL);
  script_expect (fixture->script, "GET", TASKS "?limit=500&labelSelector=a%3Db%2Cc&continue=to%2Fken", 200,
                 PAGE ("7", ITEM ("three"), ""), NULL);
  CALL (result, chd_cluster_list_async, cluster, CHD_KUBE_TASK, NULL, "a=b,c");
  paged = chd_cluster_list_finish (cluster, result, &version, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (paged->len, ==, 3);
  g_assert_cmpstr (version, ==, "7");
  g_assert_cmpstr (chd_kube_get_kind (paged->pdata[2]), ==, "Task");

  /* The pages expire on the way: once more, as a whole. */
  script_expect (fixture->script, "GET", "/apis/tekton.dev/v1/tasks?limit=500", 200, PAGE ("8", ITEM ("one"), "token"),
                 NULL);
  script_expect (fixture->script, "GET", "/apis/tekton.dev/v1/tasks?limit=500&continue=token", 410,
                 STATUS (410, "Expired"), NULL);
  script_expect (fixture->script, "GET", "/apis/tekton.dev/v1/tasks?", 200, PAGE ("9", ITEM ("two"), ""), NULL);
  CALL (result, chd_cluster_list_async, cluster, CHD_KUBE_TASK, "", NULL);
  whole = chd_cluster_list_finish (cluster, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (whole->len, ==, 1);

  /* Not a list. */
  script_expect (fixture->script, "GET", TASKS "?limit=500", 200, TASK, NULL);
  CALL (result, chd_cluster_list_async, cluster, CHD_KUBE_TASK, NULL, NULL);
  all = chd_cluster_list_finish (cluster, result, NULL, &error);
  g_assert_null (all);
  g_assert_error (error, CHD_ERROR, CHD_ERROR_CORRUPT);
}

static void
test_namespaces (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) names = NULL, own = NULL;

  script_expect (fixture->script, "GET", "/api/v1/namespaces?limit=500", 200,
                 PAGE ("1", ITEM ("default") "," ITEM ("ns"), ""), NULL);
  CALL (result, chd_cluster_list_namespaces_async, fixture->cluster);
  names = chd_cluster_list_namespaces_finish (fixture->cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (names), ==, 2);

  script_expect (fixture->script, "GET", "/api/v1/namespaces?limit=500", 403, STATUS (403, "Forbidden"), NULL);
  CALL (result, chd_cluster_list_namespaces_async, fixture->cluster);
  own = chd_cluster_list_namespaces_finish (fixture->cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length (own), ==, 1);
  g_assert_cmpstr (own[0], ==, "ns");
}

static void
test_reviews (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdIdentity) identity = NULL;
  g_autoptr (JsonObject) asked = NULL;
  gboolean allowed = FALSE;

  script_expect (fixture->script, "POST", "/apis/authentication.k8s.io/v1/selfsubjectreviews", 201,
                 "{\"status\":{\"userInfo\":{\"username\":\"alice\",\"groups\":[\"leads\"]}}}", NULL);
  CALL (result, chd_cluster_who_am_i_async, fixture->cluster);
  identity = chd_cluster_who_am_i_finish (fixture->cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (identity->name, ==, "alice");
  g_assert_cmpstr (identity->groups[0], ==, "leads");

  script_expect (fixture->script, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", 201,
                 "{\"status\":{\"allowed\":true}}", NULL);
  CALL (result, chd_cluster_can_i_async, fixture->cluster, "get", CHD_KUBE_POD, "log", NULL);
  g_assert_true (chd_cluster_can_i_finish (fixture->cluster, result, &allowed, &error));
  g_assert_true (allowed);
  asked = parse (fixture->script->body);
  g_assert_cmpstr (chd_json_lookup_string (asked, "spec/resourceAttributes/resource", NULL), ==, "pods");
  g_assert_cmpstr (chd_json_lookup_string (asked, "spec/resourceAttributes/subresource", NULL), ==, "log");
  g_assert_cmpstr (chd_json_lookup_string (asked, "spec/resourceAttributes/namespace", NULL), ==, "ns");

  script_expect (fixture->script, "POST", NULL, 403, STATUS (403, "Forbidden"), NULL);
  CALL (result, chd_cluster_can_i_async, fixture->cluster, "get", CHD_KUBE_POD, "log", NULL);
  g_assert_false (chd_cluster_can_i_finish (fixture->cluster, result, &allowed, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_NOT_ALLOWED);
}

/* A server of answers by path, as recorded (the last answer of a path counts). */
static void
recorded_handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  GHashTable *answers = user_data;
  JsonObject *answer = g_hash_table_lookup (answers, path);
  JsonNode *body = answer != NULL ? json_object_get_member (answer, "body") : NULL;
  g_autofree char *text = NULL;
  gsize length;

  if (body == NULL)
    {
      soup_server_message_set_status (message, 404, NULL);
      soup_server_message_set_response (message, "text/plain", SOUP_MEMORY_STATIC, "404 page not found\n", 19);
      return;
    }
  text = chd_json_write (body, FALSE, &length);
  soup_server_message_set_status (message, (guint) chd_json_int (answer, "status", 500), NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, text, length);
}

/* Everything a real server said when it was asked what it has. */
static void
test_discovery (void)
{
  g_autofree char *path = chd_test_shared ("data/recordings/api/discovery.json");
  g_autofree char *text = NULL, *url = NULL;
  g_autoptr (GHashTable) answers = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (JsonObject) recording = NULL;
  g_autoptr (SoupServer) soup = NULL;
  g_autoptr (ChdHttp) http = NULL;
  g_autoptr (ChdCluster) cluster = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (ChdClusterInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *exchanges;
  gsize length;

  if (path == NULL)
    return;
  g_assert_true (g_file_get_contents (path, &text, &length, NULL));
  recording = chd_json_parse_object (text, length, length, CHD_JSON_DEFAULT, &error);
  g_assert_no_error (error);
  exchanges = chd_json_array (recording, "exchanges");
  for (guint i = 0; i < chd_json_length (exchanges); i++)
    {
      JsonObject *exchange = chd_json_object_at (exchanges, i);
      const char *target = chd_json_lookup_string (exchange, "request/path", "");

      g_hash_table_insert (answers, (char *) target, chd_json_object (exchange, "response"));
    }
  soup = server_start (recorded_handle, answers, &url);
  http = make_http (url);
  cluster = chd_cluster_new_for_http (http, NULL);
  CALL (result, chd_cluster_discover_async, cluster);
  info = chd_cluster_discover_finish (cluster, result, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (info->version, ==, "v1.36.2");
  g_assert_true (info->tekton);
  g_assert_true (info->custom_runs);
  g_assert_true (info->approvals);
  g_assert_true (chd_cluster_info_has (info, CHD_KUBE_CONFIG_MAP));
  g_assert_true (chd_cluster_info_has (info, CHD_KUBE_POD));

  /* The same server without Tekton. */
  g_hash_table_remove (answers, "/apis/tekton.dev/v1");
  g_clear_pointer (&info, chd_cluster_info_free);
  CALL (result, chd_cluster_discover_async, cluster);
  info = chd_cluster_discover_finish (cluster, result, &error);
  g_assert_no_error (error);
  g_assert_false (info->tekton);
  g_assert_true (info->custom_runs);

  /* And one that is no engine at all. */
  g_hash_table_remove_all (answers);
  CALL (result, chd_cluster_discover_async, cluster);
  g_assert_null (chd_cluster_discover_finish (cluster, result, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_INVALID);
}

/* A list whose pages never end. */
static void
test_endless_list (void)
{
  g_autofree char *scenario = chd_test_shared ("data/hostile/http/server-faults.json");
  Faulty *faulty = scenario != NULL ? faulty_start (scenario, NULL, NULL, NULL) : NULL;
  g_autofree char *url = NULL;
  g_autoptr (ChdHttp) http = NULL;
  g_autoptr (ChdCluster) cluster = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) log = NULL;
  g_autoptr (GError) error = NULL;

  if (faulty == NULL)
    return;
  url = g_strconcat (faulty->url, "/pages", NULL);
  http = make_http (url);
  cluster = chd_cluster_new_for_http (http, NULL);
  CALL (result, chd_cluster_list_async, cluster, CHD_KUBE_TASK, NULL, NULL);
  g_assert_null (chd_cluster_list_finish (cluster, result, NULL, &error));
  g_assert_true (error->domain == CHD_ERROR);
  g_test_message ("%s", error->message);
  log = faulty_log (faulty);
  g_assert_cmpuint (log->len, <=, 1001);
  faulty_stop (faulty);
}

/* A POST whose answer is lost is done once; what may be repeated is. */
static void
test_lost_answers (void)
{
  static const char scenario[] =
      "{\"rules\":[{\"times\":1,\"match\":{\"method\":\"POST|PATCH\"},\"cut_after\":0,\"cut_with\":\"reset\","
      "\"reply\":{\"status\":201,\"json\":{\"metadata\":{\"name\":\"pay\"}}}},"
      "{\"reply\":{\"status\":200,\"json\":{\"metadata\":{\"name\":\"pay\"}}}}]}";
  Faulty *faulty = faulty_start (NULL, scenario, NULL, NULL);
  g_autoptr (JsonObject) task = parse (TASK);
  g_autoptr (ChdHttp) http = NULL;
  g_autoptr (ChdCluster) cluster = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (JsonObject) applied = NULL;
  g_autoptr (ChdHttpResponse) reset = NULL;
  g_autoptr (GPtrArray) log = NULL;
  g_autoptr (GError) error = NULL;
  guint posts = 0;

  if (faulty == NULL)
    return;
  http = make_http (faulty->url);
  cluster = chd_cluster_new_for_http (http, NULL);
  CALL (result, chd_cluster_create_async, cluster, task, CHD_WRITE_DEFAULT);
  g_assert_null (chd_cluster_create_finish (cluster, result, &error));
  g_assert_error (error, CHD_ERROR, CHD_ERROR_UNREACHABLE);
  g_assert_cmpstr (chd_error_get_reason (error), ==, "answer-lost");
  g_clear_error (&error);
  log = faulty_log (faulty);
  for (guint i = 0; i < log->len; i++)
    posts += strcmp (chd_json_string (log->pdata[i], "method", ""), "POST") == 0;
  g_assert_cmpuint (posts, ==, 1);

  reset = http_get (http, "/_faulty/reset", CHD_HTTP_RAW_STATUS, NULL);
  g_assert_nonnull (reset);
  CALL (result, chd_cluster_apply_async, cluster, task, CHD_WRITE_DEFAULT);
  applied = chd_cluster_apply_finish (cluster, result, NULL, &error);
  g_assert_no_error (error);
  faulty_stop (faulty);
}

static void
add (const char *name, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_autofree char *path = g_strconcat ("/cloud/cluster/", name, NULL);

  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("single-objects", test_single_objects);
  add ("deleting", test_deleting);
  add ("errors", test_errors);
  add ("lists", test_lists);
  add ("namespaces", test_namespaces);
  add ("reviews", test_reviews);
  g_test_add_func ("/cloud/cluster/discovery", test_discovery);
  g_test_add_func ("/cloud/cluster/endless-list", test_endless_list);
  g_test_add_func ("/cloud/cluster/lost-answers", test_lost_answers);
  return g_test_run ();
}
