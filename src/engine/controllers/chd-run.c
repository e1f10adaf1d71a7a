/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Conditions, names, children and events of runs. */

#include "config.h"

#include "chd-run.h"

#include <string.h>

#include "chd-go-duration.h"
#include "chd-json.h"
#include "chd-util.h"

/* Lengths of Knative's kmeta.ChildName(). */
#define LONGEST_NAME 63
#define HEAD_LENGTH (LONGEST_NAME - 32)
/* A condition is for people, and is stored again with every change. */
#define MAX_MESSAGE (8 * 1024)

void
chd_reconcile_again_in (ChdReconcile *self, gint64 microseconds)
{
  if (self->again < 0 || microseconds < self->again)
    self->again = MAX (microseconds, 0);
}

gint64
chd_reconcile_remaining (ChdReconcile *self, const char *uid, const char *timestamp, const char *limit)
{
  gint64 nanoseconds, remaining;

  if (timestamp == NULL || !chd_go_duration_parse (limit, &nanoseconds) || nanoseconds <= 0)
    return G_MAXINT64;
  remaining = nanoseconds / 1000 - chd_engine_clock_elapsed (self->clock, uid, timestamp);
  if (remaining > 0)
    chd_reconcile_again_in (self, remaining);
  return remaining;
}

const char *
chd_run_get_status (JsonObject *run)
{
  return chd_json_string (chd_kube_get_condition (run, "Succeeded"), "status", "");
}

const char *
chd_run_get_reason (JsonObject *run)
{
  return chd_json_string (chd_kube_get_condition (run, "Succeeded"), "reason", "");
}

gboolean
chd_run_has_ended (JsonObject *run, const char *status)
{
  return g_str_equal (chd_run_get_status (run), status);
}

gboolean
chd_run_is_done (JsonObject *run)
{
  return chd_run_has_ended (run, "True") || chd_run_has_ended (run, "False");
}

gboolean
chd_run_is_managed_by_other (JsonObject *run)
{
  const char *manager = chd_json_lookup_string (run, "spec/managedBy", "");

  return *manager != '\0' && !g_str_equal (manager, "tekton.dev/pipeline");
}

static JsonObject *
find_condition (JsonObject *run)
{
  JsonObject *status = chd_json_ensure_object (run, "status");
  JsonObject *condition = chd_kube_get_condition (run, "Succeeded");

  if (condition != NULL)
    return condition;
  if (chd_json_array (status, "conditions") == NULL)
    json_object_set_array_member (status, "conditions", json_array_new ());
  condition = json_object_new ();
  json_object_set_string_member (condition, "type", "Succeeded");
  json_array_add_object_element (chd_json_array (status, "conditions"), condition);
  return condition;
}

void
chd_run_set_condition (JsonObject *run, const char *status, const char *reason, const char *message, const char *now)
{
  JsonObject *condition = find_condition (run);
  g_autofree char *text = chd_str_sanitize (message, -1, MAX_MESSAGE);

  if (g_str_equal (chd_json_string (condition, "status", ""), status) &&
      g_str_equal (chd_json_string (condition, "reason", ""), reason) &&
      g_str_equal (chd_json_string (condition, "message", ""), text))
    return;
  json_object_set_string_member (condition, "status", status);
  json_object_set_string_member (condition, "reason", reason);
  json_object_set_string_member (condition, "message", text);
  json_object_set_string_member (condition, "lastTransitionTime", now);
}

void
chd_run_finish (JsonObject *run, const char *status, const char *reason, const char *message, const char *now)
{
  chd_run_set_condition (run, status, reason, message, now);
  json_object_set_string_member (chd_json_ensure_object (run, "status"), "completionTime", now);
}

char *
chd_run_child_name (const char *parent, const char *suffix)
{
  g_autoptr (GString) name = g_string_new (NULL);

  if (strlen (parent) + strlen (suffix) <= LONGEST_NAME)
    {
      g_string_append_printf (name, "%s%s", parent, suffix);
    }
  else if (strlen (suffix) >= HEAD_LENGTH)
    {
      g_autofree char *both = g_strconcat (parent, suffix, NULL);
      g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, both, -1);

      g_string_append_printf (name, "%.*s%s", HEAD_LENGTH, parent, hash);
      if (name->len < LONGEST_NAME)
        g_string_append_len (name, suffix, (gssize) (LONGEST_NAME - name->len));
    }
  else
    {
      g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_MD5, parent, -1);

      g_string_append_printf (name, "%.*s%s%s", (int) (HEAD_LENGTH - strlen (suffix)), parent, hash, suffix);
    }
  while (name->len > 0 && !g_ascii_isalnum (name->str[name->len - 1]))
    g_string_truncate (name, name->len - 1);
  return g_string_free (g_steal_pointer (&name), FALSE);
}

JsonObject *
chd_run_new_child (ChdKubeType type, JsonObject *owner, const char *name)
{
  JsonObject *child = chd_kube_object_new (type, chd_kube_get_namespace (owner), name);

  json_object_set_int_member (chd_json_object (child, "metadata"), "generation", 1);
  chd_kube_add_owner (child, owner, TRUE);
  return child;
}

void
chd_run_set_spec (JsonObject *run, const char *name, const char *value)
{
  JsonObject *metadata = chd_json_ensure_object (run, "metadata");
  JsonObject *spec = chd_json_ensure_object (run, "spec");

  if (g_strcmp0 (chd_json_string (spec, name, NULL), value) == 0)
    return;
  json_object_set_string_member (spec, name, value);
  json_object_set_int_member (metadata, "generation", chd_json_int (metadata, "generation", 1) + 1);
}

void
chd_run_inherit (JsonObject *target, JsonObject *source, const char *what)
{
  JsonObject *values = chd_json_object (chd_json_object (source, "metadata"), what);
  g_autofree char *path = g_strconcat ("metadata/", what, NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (values == NULL || json_object_get_size (values) == 0)
    return;
  json_object_iter_init_ordered (&iter, values);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      JsonObject *mine = chd_json_ensure_object (target, path);
      const char *text = chd_json_string (values, name, NULL);

      /* What kubectl noted for itself about one object is wrong on any other. */
      if (text != NULL && !json_object_has_member (mine, name) &&
          !g_str_equal (name, "kubectl.kubernetes.io/last-applied-configuration"))
        json_object_set_string_member (mine, name, text);
    }
}

static void
record_event (ChdReconcile *self, JsonObject *run, const char *reason, const char *message, gboolean warning)
{
  g_autofree char *suffix = chd_str_random_suffix (16);
  g_autofree char *name = g_strdup_printf ("%s.%s", chd_kube_get_name (run), suffix);
  const char *kind = chd_kube_get_kind (run);
  JsonObject *event = chd_kube_object_new (CHD_KUBE_EVENT, chd_kube_get_namespace (run), name);
  JsonObject *involved = chd_json_ensure_object (event, "involvedObject");

  chd_json_set_string_if (involved, "kind", kind);
  chd_json_set_string_if (involved, "namespace", chd_kube_get_namespace (run));
  chd_json_set_string_if (involved, "name", chd_kube_get_name (run));
  chd_json_set_string_if (involved, "uid", chd_kube_get_uid (run));
  chd_json_set_string_if (involved, "apiVersion", chd_kube_get_api_version (run));
  chd_json_set_string_if (involved, "resourceVersion", chd_kube_get_resource_version (run));
  json_object_set_string_member (event, "reason", reason);
  chd_json_set_string_if (event, "message", message);
  json_object_set_string_member (chd_json_ensure_object (event, "source"), "component", kind);
  json_object_set_string_member (event, "firstTimestamp", self->now);
  json_object_set_string_member (event, "lastTimestamp", self->now);
  json_object_set_int_member (event, "count", 1);
  json_object_set_string_member (event, "type", warning ? "Warning" : "Normal");
  json_object_set_null_member (event, "eventTime");
  json_object_set_string_member (event, "reportingComponent", kind);
  json_object_set_string_member (event, "reportingInstance", "");
  chd_transaction_put (self->transaction, CHD_RESOURCE_EVENTS, event);
}

void
chd_run_store (ChdReconcile *self, const char *resource, JsonObject *run, JsonObject *before)
{
  JsonObject *stored = chd_transaction_put (self->transaction, resource, run);
  JsonObject *condition = chd_kube_get_condition (stored, "Succeeded");
  JsonObject *old = chd_kube_get_condition (before, "Succeeded");
  const char *status = chd_json_string (condition, "status", "");
  const char *reason = chd_json_string (condition, "reason", "");
  const char *message = chd_json_string (condition, "message", NULL);

  if (condition == NULL)
    return;
  if (chd_json_lookup (before, "status/startTime") == NULL && chd_json_lookup (stored, "status/startTime") != NULL)
    record_event (self, stored, "Started", NULL, FALSE);
  if (g_str_equal (status, "True") && !chd_run_has_ended (before, "True"))
    record_event (self, stored, "Succeeded", message, FALSE);
  else if (g_str_equal (status, "False") && !chd_run_has_ended (before, "False"))
    record_event (self, stored, "Failed", message, TRUE);
  /* Counts in the message change with every task; the reason says when there is news. That a task will begin at once
   * is none. */
  else if (g_str_equal (status, "Unknown") && !g_str_equal (reason, chd_json_string (old, "reason", "")) &&
           !g_str_equal (reason, "Started") && !g_str_equal (reason, "Pending"))
    record_event (self, stored, reason, message, FALSE);
}
