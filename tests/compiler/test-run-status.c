/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What runs recorded on a real Tekton mean for the nodes of a chain. The recordings are played event by event, as a
 * watch would see them. */
#include "config.h"

#include "chd-run-status.h"
#include "compiler-test.h"

/* A run as it is seen: the newest version of each object. */
typedef struct
{
  JsonObject *run;
  GHashTable *objects; /* (element-type utf8 JsonObject): kind/name → object */
} Seen;

typedef struct
{
  const char *file;
  const char *nodes;    /* "name" a task, "name!" an approval; "name+" a task with a notification on failure */
  const char *renames;  /* "recorded=ours" */
  const char *expected; /* each node's states in order, then the run's */
  const char *note;     /* (nullable): of the run at its end */
  guint attempt;        /* of the first node's first part at its end; 0 for any */
} Recording;

static ChdCatalogue *
make_catalogue (void)
{
  ChdCatalogue *catalogue = test_catalogue_new ();
  g_autofree char *interfaces = g_test_build_filename (G_TEST_DIST, "compiler", "fixtures", NULL);

  test_add_interfaces (catalogue, interfaces);
  return catalogue;
}

static GVariant *
make_values (const char *name, GVariant *value)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert_value (&dict, name, value);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
add_pipeline (ChdNode *node, ChdPosition at, const char *interface, const char *param, GVariant *value)
{
  g_autoptr (GVariant) values = make_values (param, value);

  chd_node_set_pipeline (node, chd_pipeline_binding_new (at, interface, values));
}

/* The nodes one after the other. */
static ChdChain *
make_chain (const char *names)
{
  static const char *const lead[] = { "lead" };
  ChdChain *chain = chd_chain_new ("recorded", "Recorded");
  g_auto (GStrv) words = g_strsplit (names, " ", -1);
  g_autoptr (GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  ChdUnit *unit = chd_unit_new ("finance", "Finance", NULL);
  g_autofree char *previous = NULL;

  unit->lead = g_strdup ("lead");
  chd_chain_append (chain, unit);
  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean approval = g_str_has_suffix (words[i], "!"), watched = g_str_has_suffix (words[i], "+");
      g_autofree char *id = g_strndup (words[i], strlen (words[i]) - (approval || watched));
      ChdNode *node = chd_node_new (id, id, "finance");

      if (approval)
        add_pipeline (node, CHD_POSITION_WORK, "board-approval", "approvers", g_variant_new_strv (lead, 1));
      else
        chd_node_set_task (node, chd_task_binding_new ("script", "shell", none));
      if (watched)
        add_pipeline (node, CHD_POSITION_ON_FAILURE, "notification", "message", g_variant_new_string ("failed"));
      chd_chain_append (chain, node);
      if (previous != NULL)
        chd_chain_append (chain, chd_link_new (previous, id));
      g_free (previous);
      previous = g_steal_pointer (&id);
    }
  return chain;
}

static const char *
find_rename (GHashTable *renames, const char *name)
{
  const char *ours = g_hash_table_lookup (renames, name);

  return ours != NULL ? ours : name;
}

/* The recorded names of pipeline tasks become those that our chain has. */
static void
rename_entries (JsonObject *run, const char *list, const char *key, GHashTable *renames)
{
  JsonArray *entries = chd_json_array (chd_json_object (run, "status"), list);

  for (guint i = 0; i < chd_json_length (entries); i++)
    {
      JsonObject *entry = chd_json_object_at (entries, i);

      json_object_set_string_member (entry, key, find_rename (renames, chd_json_string (entry, key, "")));
    }
}

static GHashTable *
parse_renames (const char *text)
{
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      g_auto (GStrv) sides = g_strsplit (words[i], "=", 2);

      g_hash_table_insert (table, g_strdup (sides[0]), g_strdup (sides[1]));
    }
  return table;
}

static void
see (Seen *seen, JsonObject *object, GHashTable *renames)
{
  JsonObject *copy;

  if (chd_kube_get_name (object) == NULL || chd_kube_get_kind (object) == NULL)
    return;
  copy = chd_json_copy_object (object);
  if (strcmp (chd_kube_get_kind (copy), "PipelineRun") == 0)
    {
      rename_entries (copy, "childReferences", "pipelineTaskName", renames);
      rename_entries (copy, "skippedTasks", "name", renames);
      g_clear_pointer (&seen->run, json_object_unref);
      seen->run = json_object_ref (copy);
    }
  g_hash_table_insert (seen->objects, g_strdup_printf ("%s/%s", chd_kube_get_kind (copy), chd_kube_get_name (copy)),
                       copy);
}

static GPtrArray *
list_kind (Seen *seen, const char *kind)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  JsonObject *object;

  g_hash_table_iter_init (&iter, seen->objects);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &object))
    if (strcmp (chd_kube_get_kind (object), kind) == 0)
      g_ptr_array_add (list, object);
  return list;
}

static ChdRunStatus *
read_seen (Seen *seen, ChdChain *chain, ChdCatalogue *catalogue)
{
  g_autoptr (GPtrArray) tasks = list_kind (seen, "TaskRun");
  g_autoptr (GPtrArray) customs = list_kind (seen, "CustomRun");
  g_autoptr (GPtrArray) approvals = list_kind (seen, "ApprovalTask");

  return chd_run_status_read (chain, catalogue, seen->run, tasks, customs, approvals);
}

/* Rules (2) and (4) of chd-run-status.h, whatever is seen. */
static void
check_rules (const ChdRunStatus *status)
{
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);

      if (status->finished)
        g_assert_true (chd_node_state_is_final (node->state));
      if (node->state == CHD_NODE_SUCCEEDED)
        for (guint j = 0; j < node->parts->len; j++)
          {
            const ChdPartStatus *part = g_ptr_array_index (node->parts, j);

            g_assert_true (part->at == CHD_POSITION_ON_FAILURE || part->state == CHD_NODE_SUCCEEDED);
          }
    }
}

static void
note_state (GString *states, ChdNodeState state)
{
  const char *word = chd_node_state_to_string (state);
  const char *last = strrchr (states->str, '>');

  if (strcmp (last != NULL ? last + 1 : states->str, word) == 0)
    return;
  if (states->len > 0)
    g_string_append_c (states, '>');
  g_string_append (states, word);
}

static int
compare_events (gconstpointer a, gconstpointer b)
{
  JsonObject *const *left = a, *const *right = b;
  gint64 x = chd_json_int (*left, "at_ms", 0), y = chd_json_int (*right, "at_ms", 0);

  return x < y ? -1 : x > y;
}

static GPtrArray *
list_events (JsonObject *recording)
{
  GPtrArray *events = g_ptr_array_new ();
  JsonArray *watches = chd_json_array (recording, "watches");

  for (guint i = 0; i < chd_json_length (watches); i++)
    {
      JsonArray *lines = chd_json_array (chd_json_object_at (watches, i), "lines");

      for (guint j = 0; j < chd_json_length (lines); j++)
        g_ptr_array_add (events, chd_json_object_at (lines, j));
    }
  g_ptr_array_sort (events, compare_events);
  return events;
}

static JsonObject *
read_shared (const char *relative)
{
  g_autofree char *path = g_build_filename (g_getenv ("CHD_SHARED_DIR"), relative, NULL);
  g_autofree char *text = NULL;
  gsize length;
  JsonObject *object;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;
  text = test_read (path, &length);
  object = chd_json_parse_object (text, length, CHD_JSON_MAX_DOCUMENT, 0, NULL);
  g_assert_nonnull (object);
  return object;
}

static void
test_recording (gconstpointer data)
{
  const Recording *test = data;
  g_autofree char *relative = g_strdup_printf ("data/recordings/runs/%s.json", test->file);
  g_autoptr (JsonObject) recording = read_shared (relative);
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain (test->nodes);
  g_autoptr (GHashTable) renames = parse_renames (test->renames);
  g_autoptr (GPtrArray) events = NULL;
  guint n = chd_chain_get_n_items (chain, CHD_ITEM_NODE);
  g_autoptr (GPtrArray) states = g_ptr_array_new ();
  g_autoptr (GString) result = g_string_new (NULL);
  Seen seen = { NULL, g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref) };
  g_autoptr (ChdRunStatus) status = NULL;

  if (recording == NULL)
    {
      g_test_skip ("no recordings here");
      g_hash_table_unref (seen.objects);
      return;
    }
  for (guint i = 0; i <= n; i++)
    g_ptr_array_add (states, g_string_new (NULL));
  events = list_events (recording);
  for (guint i = 0; i < events->len; i++)
    {
      JsonObject *event = chd_json_object (g_ptr_array_index (events, i), "event");
      JsonObject *object = chd_json_object (event, "object");

      if (strcmp (chd_json_string (event, "type", ""), "BOOKMARK") == 0 || chd_json_object (object, "metadata") == NULL)
        continue;
      see (&seen, object, renames);
      if (seen.run == NULL)
        continue;
      g_clear_pointer (&status, chd_run_status_unref);
      status = read_seen (&seen, chain, catalogue);
      check_rules (status);
      for (guint j = 0; j < n; j++)
        note_state (g_ptr_array_index (states, j), ((ChdNodeStatus *) g_ptr_array_index (status->nodes, j))->state);
      note_state (g_ptr_array_index (states, n), status->state);
    }
  for (guint i = 0; i <= n; i++)
    {
      GString *text = g_ptr_array_index (states, i);

      g_string_append_printf (result, "%s%s", i > 0 ? " " : "", text->str);
      g_string_free (text, TRUE);
    }
  g_assert_cmpstr (result->str, ==, test->expected);
  g_assert_cmpstr (status->note, ==, test->note);
  if (test->attempt > 0)
    g_assert_cmpuint (
        ((ChdPartStatus *) g_ptr_array_index (((ChdNodeStatus *) g_ptr_array_index (status->nodes, 0))->parts, 0))
            ->attempt,
        ==, test->attempt);
  g_clear_pointer (&seen.run, json_object_unref);
  g_hash_table_unref (seen.objects);
}

/* The runs of the chain that was compiled by hand. */
static void
test_example (void)
{
  g_autoptr (JsonObject) list = read_shared ("reference/compiled-example-runs.json");
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ("check board small book");
  g_autoptr (GPtrArray) items = NULL;
  const ChdNodeStatus *node;
  const ChdPartStatus *part;
  ChdNode *board;

  if (list == NULL)
    {
      g_test_skip ("no recorded runs here");
      return;
    }
  for (guint i = 0; i < 3; i++)
    {
      static const char *const old[] = { "check->board", "board->small", "small->book" };

      chd_chain_remove (chain, CHD_ITEM_LINK, old[i]);
    }
  for (guint i = 0; i < 2; i++)
    {
      ChdLink *link = chd_link_new ("check", i == 0 ? "board" : "small");

      link->result = g_strdup ("decision");
      link->values = g_strsplit (i == 0 ? "big" : "small", " ", -1);
      chd_chain_append (chain, link);
      chd_chain_append (chain, chd_link_new (i == 0 ? "board" : "small", "book"));
    }
  board = chd_item_copy (chd_chain_find_node (chain, "board"));
  {
    static const char *const admin[] = { "admin" };

    add_pipeline (board, CHD_POSITION_BEFORE, "board-approval", "approvers", g_variant_new_strv (admin, 1));
  }
  add_pipeline (board, CHD_POSITION_ON_FAILURE, "notification", "message", g_variant_new_string ("failed"));
  chd_chain_replace (chain, board);

  items = chd_kube_list_items (list);
  for (guint i = 0; i < items->len; i++)
    {
      JsonObject *run = g_ptr_array_index (items, i);
      g_autoptr (ChdRunStatus) status = NULL;
      gboolean small = g_strcmp0 (chd_kube_get_name (run), "pay-run-1") == 0;

      if (strcmp (chd_kube_get_kind (run), "PipelineRun") != 0)
        continue;
      {
        g_autoptr (GPtrArray) tasks = g_ptr_array_new ();
        g_autoptr (GPtrArray) customs = g_ptr_array_new ();

        for (guint j = 0; j < items->len; j++)
          {
            JsonObject *object = g_ptr_array_index (items, j);

            if (strcmp (chd_kube_get_kind (object), "TaskRun") == 0)
              g_ptr_array_add (tasks, object);
            if (strcmp (chd_kube_get_kind (object), "CustomRun") == 0)
              g_ptr_array_add (customs, object);
          }
        status = chd_run_status_read (chain, catalogue, run, tasks, customs, NULL);
      }
      check_rules (status);
      g_assert_cmpint (status->state, ==, CHD_NODE_SUCCEEDED);
      g_assert_cmpstr (status->chain, ==, "pay");
      g_assert_cmpint (chd_run_status_find_node (status, "check")->state, ==, CHD_NODE_SUCCEEDED);
      g_assert_cmpint (chd_run_status_find_node (status, "book")->state, ==, CHD_NODE_SUCCEEDED);
      node = chd_run_status_find_node (status, small ? "board" : "small");
      g_assert_cmpint (node->state, ==, CHD_NODE_SKIPPED);
      g_assert_cmpstr (node->note, ==, "Skipped: the condition on “decision” was not met.");
      g_assert_cmpint (chd_run_status_find_node (status, small ? "small" : "board")->state, ==, CHD_NODE_SUCCEEDED);
      part = g_ptr_array_index (chd_run_status_find_node (status, "check")->parts, 0);
      g_assert_cmpstr (chd_json_string (part->results, "decision", NULL), ==, small ? "small" : "big");
      g_assert_nonnull (part->pod);
      g_assert_cmpstr (part->containers[0], ==, "step-run");
      node = chd_run_status_find_node (status, "board");
      g_assert_cmpuint (node->parts->len, ==, 4); /* the approval, the task, and what watches each */
      g_assert_cmpstr (((ChdPartStatus *) g_ptr_array_index (node->parts, 0))->title, ==, "Before: Board approval");
    }
}

static void
test_words (void)
{
  g_autoptr (JsonObject) recording = read_shared ("data/recordings/runs/approval-approve.json");
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ("prepare wait! execute");
  g_autoptr (GHashTable) renames = parse_renames ("prepare=prepare-task wait=wait-work-lead execute=execute-task");
  g_autoptr (GPtrArray) events = NULL;
  Seen seen = { NULL, NULL };
  gboolean waited = FALSE;

  if (recording == NULL)
    {
      g_test_skip ("no recordings here");
      return;
    }
  seen.objects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  events = list_events (recording);
  for (guint i = 0; i < events->len; i++)
    {
      JsonObject *object = chd_json_object (chd_json_object (g_ptr_array_index (events, i), "event"), "object");
      g_autoptr (ChdRunStatus) status = NULL;
      g_autoptr (JsonObject) json = NULL;
      const ChdNodeStatus *wait, *execute;

      see (&seen, object, renames);
      if (seen.run == NULL)
        continue;
      status = read_seen (&seen, chain, catalogue);
      json = chd_run_status_to_json (status);
      g_assert_cmpstr (chd_json_string (json, "state", NULL), ==, chd_node_state_to_string (status->state));
      wait = chd_run_status_find_node (status, "wait");
      execute = chd_run_status_find_node (status, "execute");
      if (wait->state == CHD_NODE_AWAITING_APPROVAL)
        {
          const ChdPartStatus *part = g_ptr_array_index (wait->parts, 0);

          waited = TRUE;
          g_assert_cmpstr (wait->note, ==, "Waits for lead (Finance).");
          g_assert_cmpstr (execute->note, ==, "Waits for “wait”.");
          g_assert_cmpstr (part->approval, ==, "approval-approve-wait");
          g_assert_cmpint (status->state, ==, CHD_NODE_AWAITING_APPROVAL);
        }
    }
  g_assert_true (waited);
  g_clear_pointer (&seen.run, json_object_unref);
  g_hash_table_unref (seen.objects);
}

/* A chain that was changed since: children are told by their names. */
static void
test_changed_chain (void)
{
  g_autoptr (ChdCatalogue) catalogue = chd_catalogue_new ();
  g_autoptr (ChdChain) chain = make_chain ("check! pay");
  const char *text =
      "{\"apiVersion\": \"tekton.dev/v1\", \"kind\": \"PipelineRun\", \"metadata\": {\"name\": \"r\", \"uid\": \"u\"},"
      " \"status\": {\"conditions\": [{\"type\": \"Succeeded\", \"status\": \"Unknown\", \"reason\": \"Running\"}],"
      " \"childReferences\": [{\"kind\": \"TaskRun\", \"name\": \"r-1\", \"pipelineTaskName\": \"check-before-old\"},"
      " {\"kind\": \"TaskRun\", \"name\": \"r-2\", \"pipelineTaskName\": \"of-nobody\"}]}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) run = chd_json_parse_object (text, strlen (text), CHD_JSON_MAX_OBJECT, 0, &error);
  g_autoptr (ChdRunStatus) status = NULL;
  const ChdNodeStatus *check;

  g_assert_no_error (error);
  status = chd_run_status_read (chain, catalogue, run, NULL, NULL, NULL);
  check = chd_run_status_find_node (status, "check");
  g_assert_cmpuint (check->parts->len, ==, 1);
  g_assert_cmpint (check->state, ==, CHD_NODE_PROCESSING);
  g_assert_cmpint (chd_run_status_find_node (status, "pay")->state, ==, CHD_NODE_WAITING);
  g_assert_cmpint (status->state, ==, CHD_NODE_PROCESSING);
}

static const Recording recordings[] = {
  { "success-sequence", "collect report", "collect=collect-task report=report-task",
    "waiting>processing>succeeded waiting>processing>succeeded waiting>processing>succeeded", NULL },
  { "failure", "check after", "check=check-task after=after-task",
    "waiting>processing>failed waiting>skipped waiting>processing>failed",
    "“check”: The script ended with exit code 3." },
  { "failure-with-finally", "check+", "check=check-task notify=check-on-failure-notify",
    "waiting>processing>failed waiting>processing>failed", "“check”: The script ended with exit code 1." },
  { "retries-then-success", "flaky", "flaky=flaky-task", "waiting>processing>succeeded waiting>processing>succeeded",
    NULL, 3 },
  { "on-error-continue", "soft next", "soft=soft-task next=next-task",
    "waiting>processing>succeeded waiting>processing>succeeded waiting>processing>succeeded", NULL },
  { "cancelled", "long next", "long=long-task next=next-task",
    "waiting>processing>cancelled waiting>cancelled waiting>processing>cancelled", NULL },
  { "cancelled-run-finally", "long+", "long=long-task cleanup=long-on-failure-notify",
    "waiting>processing>cancelled waiting>processing>cancelled", NULL },
  { "timeout-pipeline", "long", "long=long-task", "waiting>processing>timed-out waiting>processing>timed-out",
    "The run took longer than its time limit." },
  { "image-missing", "one", "one=one-task", "waiting>processing>timed-out waiting>processing>timed-out",
    "The run took longer than its time limit." },
  { "pending-then-started", "one", "one=one-task", "waiting>processing>succeeded waiting>processing>succeeded", NULL },
  { "task-missing", "ghost", "ghost=ghost-task", "waiting>skipped waiting>failed",
    "The engine could not carry out the run." },
  { "param-wrong-type", "one", "one=one-task", "waiting>skipped waiting>failed",
    "The engine could not carry out the run." },
  { "approval-approve", "prepare wait! execute", "prepare=prepare-task wait=wait-work-lead execute=execute-task",
    "waiting>processing>succeeded waiting>awaiting-approval>processing>succeeded waiting>processing>succeeded "
    "waiting>processing>awaiting-approval>processing>succeeded",
    NULL },
  { "approval-reject", "wait! execute", "wait=wait-work-lead execute=execute-task",
    "waiting>awaiting-approval>processing>rejected waiting>skipped waiting>awaiting-approval>processing>rejected",
    "“wait”: Rejected by lead: “too dear”" },
  { "approval-timeout", "wait!", "wait=wait-work-lead",
    "waiting>awaiting-approval>processing>timed-out waiting>awaiting-approval>processing>timed-out",
    "“wait”: Nobody answered within the time limit." },
  { "approval-wrong-user", "wait!", "wait=wait-work-lead",
    "waiting>awaiting-approval>cancelled waiting>awaiting-approval>cancelled", NULL },
};

/* What the engine says of a step it could not start is told, not the exit code it stands in for. */
static void
test_not_started (void)
{
  static const char run_json[] = "{\"metadata\":{\"name\":\"r\",\"uid\":\"1\"},\"status\":{\"conditions\":[{\"type\":"
                                 "\"Succeeded\",\"status\":\"False\","
                                 "\"reason\":\"Failed\"}],\"childReferences\":[{\"kind\":\"TaskRun\",\"name\":\"r-a\","
                                 "\"pipelineTaskName\":\"a-task\"}]}}";
  static const char task_json[] =
      "{\"kind\":\"TaskRun\",\"apiVersion\":\"tekton.dev/v1\",\"metadata\":{\"name\":\"r-a\",\"labels\":{"
      "\"tekton.dev/pipelineRun\":\"r\",\"tekton.dev/"
      "pipelineTask\":\"a-task\"}},\"status\":{\"conditions\":[{\"type\":\"Succeeded\","
      "\"status\":\"False\",\"reason\":\"PodCreationFailed\",\"message\":\"No sandbox "
      "here.\"}],\"steps\":[{\"name\":\"run\","
      "\"terminationReason\":\"PodCreationFailed\",\"terminated\":{\"exitCode\":1,\"reason\":\"PodCreationFailed\"}}]}"
      "}";
  g_autoptr (JsonObject) run = chd_json_parse_object (run_json, strlen (run_json), CHD_JSON_MAX_OBJECT, 0, NULL);
  g_autoptr (GPtrArray) none = g_ptr_array_new ();
  g_autoptr (GPtrArray) task_runs = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autoptr (ChdCatalogue) catalogue = make_catalogue ();
  g_autoptr (ChdChain) chain = make_chain ("a b");
  g_autoptr (ChdRunStatus) status = NULL;

  g_ptr_array_add (task_runs, chd_json_parse_object (task_json, strlen (task_json), CHD_JSON_MAX_OBJECT, 0, NULL));
  status = chd_run_status_read (chain, catalogue, run, task_runs, none, none);
  g_assert_cmpstr (chd_run_status_find_node (status, "a")->note, ==,
                   "It failed: the engine reports “No sandbox here.”.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (recordings); i++)
    {
      g_autofree char *path = g_strconcat ("/compiler/run-status/", recordings[i].file, NULL);

      g_test_add_data_func (path, &recordings[i], test_recording);
    }
  g_test_add_func ("/compiler/run-status/example", test_example);
  g_test_add_func ("/compiler/run-status/words", test_words);
  g_test_add_func ("/compiler/run-status/changed-chain", test_changed_chain);
  g_test_add_func ("/compiler/run-status/not-started", test_not_started);
  return g_test_run ();
}
