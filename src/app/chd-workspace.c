/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one window works on. Everything that takes time is started here and tells its outcome by a property or by
 * "failed"; an answer that belongs to an earlier document, session or run changes nothing. */

#include "config.h"

#include "chd-workspace.h"

#include <glib/gi18n.h>

#include "chd-approvals.h"
#include "chd-engine-chains.h"
#include "chd-error.h"
#include "chd-library.h"

struct _ChdWorkspace
{
  GObject parent_instance;

  ChdStore *store;         /* (owned) (nullable) when it could not be opened */
  ChdDocument *document;   /* (owned) (nullable) */
  ChdChain *chain;         /* (owned) (nullable): the document's; its handlers are connected */
  ChdCatalogue *catalogue; /* (owned) */
  ChdSession *session;     /* (owned) (nullable) */
  GPtrArray *problems;     /* (owned): of the chain at problems_serial */
  char *created_text;      /* (owned) (nullable): the document as the engine has it */
  ChdWorkspaceState state;

  ChdItemKind selection_kind;
  char **selection; /* (owned): never NULL */

  ChdCreateOp *create_op; /* (owned) (nullable) */
  ChdRun *run;            /* (owned) (nullable) */
  gboolean starting_run;
  guint n_approvals;

  GCancellable *connecting; /* (owned) (nullable): while a session is being opened */
  GCancellable *asking;     /* (owned) (nullable): what the engine has of the document */
  GCancellable *running;    /* (owned): runs of the document are started or opened */
  GCancellable *working;    /* (owned): ends with the workspace */
};

G_DEFINE_FINAL_TYPE (ChdWorkspace, chd_workspace, G_TYPE_OBJECT)

typedef enum
{
  PROP_STORE = 1,
  PROP_DOCUMENT,
  PROP_SESSION,
  PROP_CATALOGUE,
  PROP_CONNECTING,
  PROP_STATE,
  PROP_CREATE_OP,
  PROP_RUN,
  PROP_N_APPROVALS,
} ChdWorkspaceProperty;
static GParamSpec *properties[PROP_N_APPROVALS + 1];

enum
{
  SELECTION_CHANGED,
  PROBLEMS_CHANGED,
  NODE_STATE,
  NODE_STATES_CLEARED,
  RUN_CHANGED,
  FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

static void
report (ChdWorkspace *self, const char *what, GError *error)
{
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_signal_emit (self, signals[FAILED], 0, what, error);
}

static ChdWorkspaceState
find_state (ChdWorkspace *self)
{
  g_autofree char *text = NULL;
  ChdRunStatus *status = self->run != NULL ? chd_run_get_status (self->run) : NULL;

  if (self->starting_run || (self->run != NULL && (status == NULL || !status->finished)))
    return CHD_WORKSPACE_RUNNING;
  if (self->create_op != NULL && chd_create_op_get_state (self->create_op) == CHD_CREATE_RUNNING)
    return CHD_WORKSPACE_CREATING;
  if (self->created_text == NULL || self->chain == NULL)
    return CHD_WORKSPACE_DRAFT;
  text = chd_document_dup_text (self->document);
  return g_str_equal (text, self->created_text) ? CHD_WORKSPACE_CREATED : CHD_WORKSPACE_CHANGED;
}

static void
update_state (ChdWorkspace *self)
{
  ChdWorkspaceState state = find_state (self);

  if (state == self->state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

static void
update_problems (ChdWorkspace *self)
{
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  self->problems = self->chain != NULL ? chd_validate (self->chain, self->catalogue)
                                       : g_ptr_array_new_with_free_func ((GDestroyNotify) chd_problem_unref);
  g_signal_emit (self, signals[PROBLEMS_CHANGED], 0);
}

/* What the engine has of the document */

static void
created_text_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (ChdChain) chain = chd_engine_chains_open_finish (result, &text, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->asking);
  g_free (self->created_text);
  self->created_text = chain != NULL ? g_steal_pointer (&text) : NULL;
  update_state (self);
}

static void
ask_what_is_created (ChdWorkspace *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
  g_clear_pointer (&self->created_text, g_free);
  if (self->session != NULL && self->chain != NULL)
    {
      self->asking = g_cancellable_new ();
      chd_engine_chains_open_async (self->session, chd_chain_get_head (self->chain)->item.id, self->asking,
                                    created_text_cb, g_object_ref (self));
    }
  update_state (self);
}

/* Node states */

static void
send_node_states (ChdWorkspace *self)
{
  ChdRunStatus *status = self->run != NULL ? chd_run_get_status (self->run) : NULL;

  if (status == NULL)
    return;
  for (guint i = 0; i < status->nodes->len; i++)
    {
      const ChdNodeStatus *node = g_ptr_array_index (status->nodes, i);

      g_signal_emit (self, signals[NODE_STATE], 0, node->node, node->state, node->note, -1.0);
    }
}

static void
run_changed_cb (ChdWorkspace *self, ChdRun *run)
{
  send_node_states (self);
  g_signal_emit (self, signals[RUN_CHANGED], 0);
  chd_workspace_refresh_approvals (self);
  update_state (self);
}

static void
run_failed_cb (ChdWorkspace *self, GError *error, ChdRun *run)
{
  report (self, _ ("The run cannot be followed any more."), error);
}

static void
set_run (ChdWorkspace *self, ChdRun *run)
{
  if (self->run != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->run, self);
      chd_run_close (self->run);
    }
  if (g_set_object (&self->run, run))
    {
      g_signal_emit (self, signals[NODE_STATES_CLEARED], 0);
      if (run != NULL)
        {
          g_signal_connect_object (run, "changed", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (run, "finished", G_CALLBACK (run_changed_cb), self, G_CONNECT_SWAPPED);
          g_signal_connect_object (run, "failed", G_CALLBACK (run_failed_cb), self, G_CONNECT_SWAPPED);
        }
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_RUN]);
    }
  send_node_states (self);
  g_signal_emit (self, signals[RUN_CHANGED], 0);
  update_state (self);
}

/* The document */

static void
chain_changed_cb (ChdWorkspace *self, ChdChain *chain)
{
  update_problems (self);
  update_state (self);
}

static void
set_chain (ChdWorkspace *self, ChdChain *chain)
{
  if (self->chain != NULL)
    g_signal_handlers_disconnect_by_data (self->chain, self);
  g_set_object (&self->chain, chain);
  if (chain != NULL)
    g_signal_connect_object (chain, "step-done", G_CALLBACK (chain_changed_cb), self, G_CONNECT_SWAPPED);
}

/* The engine */

static void
library_loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) problems = NULL;
  g_autoptr (ChdCatalogue) catalogue = chd_library_load_finish (result, &problems, &error);

  if (catalogue == NULL)
    {
      report (self, _ ("The library of pipeline interfaces cannot be read."), error);
      return;
    }
  g_set_object (&self->catalogue, catalogue);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CATALOGUE]);
  update_problems (self);
  for (guint i = 0; problems != NULL && problems[i] != NULL; i++)
    {
      g_autoptr (GError) problem = g_error_new_literal (CHD_ERROR, CHD_ERROR_INVALID, problems[i]);

      report (self, _ ("A file of the library was passed over."), problem);
    }
}

static void
load_library (ChdWorkspace *self)
{
  chd_library_load_async (self->session, self->working, library_loaded_cb, g_object_ref (self));
}

static void
session_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdSession) session = chd_session_open_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->connecting);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTING]);
  if (session == NULL)
    {
      report (self, _ ("The engine cannot be reached. Your work is saved here."), error);
      return;
    }
  g_set_object (&self->session, session);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
  load_library (self);
  ask_what_is_created (self);
  chd_workspace_refresh_approvals (self);
}

static void
approvals_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GPtrArray) approvals = chd_approvals_list_finish (result, NULL);

  if (approvals == NULL || approvals->len == self->n_approvals)
    return;
  self->n_approvals = approvals->len;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_APPROVALS]);
}

static void
run_started_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRun) run = chd_run_start_finish (result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->starting_run = FALSE;
  if (run != NULL)
    set_run (self, run);
  else
    report (self, _ ("The chain could not be started."), error);
  update_state (self);
}

static void
run_opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (ChdRun) run = chd_run_open_finish (result, &error);

  if (run != NULL)
    set_run (self, run);
  else
    report (self, _ ("The run cannot be shown."), error);
}

static void
run_stopped_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (ChdWorkspace) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!chd_run_stop_finish (result, &error))
    report (self, _ ("The run could not be stopped."), error);
}

/* Creation */

static void
create_state_cb (ChdWorkspace *self, GParamSpec *pspec, ChdCreateOp *op)
{
  if (chd_create_op_get_state (op) == CHD_CREATE_DONE)
    ask_what_is_created (self);
  update_state (self);
}

static void
create_node_cb (ChdWorkspace *self,
                const char *node,
                ChdNodeState state,
                const char *note,
                double progress,
                ChdCreateOp *op)
{
  g_signal_emit (self, signals[NODE_STATE], 0, node, state, note, progress);
}

/* Object */

static void
chd_workspace_get_property (GObject *object, guint prop_id, GValue *value, GParamSpec *pspec)
{
  ChdWorkspace *self = CHD_WORKSPACE (object);

  switch ((ChdWorkspaceProperty) prop_id)
    {
    case PROP_STORE:
      g_value_set_object (value, self->store);
      break;
    case PROP_DOCUMENT:
      g_value_set_object (value, self->document);
      break;
    case PROP_SESSION:
      g_value_set_object (value, self->session);
      break;
    case PROP_CATALOGUE:
      g_value_set_object (value, self->catalogue);
      break;
    case PROP_CONNECTING:
      g_value_set_boolean (value, self->connecting != NULL);
      break;
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    case PROP_CREATE_OP:
      g_value_set_object (value, self->create_op);
      break;
    case PROP_RUN:
      g_value_set_object (value, self->run);
      break;
    case PROP_N_APPROVALS:
      g_value_set_uint (value, self->n_approvals);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_workspace_set_property (GObject *object, guint prop_id, const GValue *value, GParamSpec *pspec)
{
  ChdWorkspace *self = CHD_WORKSPACE (object);

  switch ((ChdWorkspaceProperty) prop_id)
    {
    case PROP_STORE:
      self->store = g_value_dup_object (value);
      break;
    case PROP_DOCUMENT:
      chd_workspace_set_document (self, g_value_get_object (value));
      break;
    case PROP_SESSION:
    case PROP_CATALOGUE:
    case PROP_CONNECTING:
    case PROP_STATE:
    case PROP_CREATE_OP:
    case PROP_RUN:
    case PROP_N_APPROVALS:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
chd_workspace_constructed (GObject *object)
{
  G_OBJECT_CLASS (chd_workspace_parent_class)->constructed (object);
  load_library (CHD_WORKSPACE (object));
}

static void
chd_workspace_dispose (GObject *object)
{
  ChdWorkspace *self = CHD_WORKSPACE (object);

  g_cancellable_cancel (self->connecting);
  g_cancellable_cancel (self->asking);
  g_cancellable_cancel (self->running);
  g_cancellable_cancel (self->working);
  if (self->run != NULL)
    chd_run_close (self->run);
  set_chain (self, NULL);
  g_clear_object (&self->run);
  g_clear_object (&self->create_op);
  g_clear_object (&self->document);
  g_clear_object (&self->session);
  g_clear_object (&self->catalogue);
  g_clear_object (&self->connecting);
  g_clear_object (&self->asking);
  g_clear_object (&self->running);
  g_clear_object (&self->working);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (chd_workspace_parent_class)->dispose (object);
}

static void
chd_workspace_finalize (GObject *object)
{
  ChdWorkspace *self = CHD_WORKSPACE (object);

  g_ptr_array_unref (self->problems);
  g_strfreev (self->selection);
  g_free (self->created_text);
  G_OBJECT_CLASS (chd_workspace_parent_class)->finalize (object);
}

static void
chd_workspace_class_init (ChdWorkspaceClass *klass)
{
  const GParamFlags read = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);

  object_class->get_property = chd_workspace_get_property;
  object_class->set_property = chd_workspace_set_property;
  object_class->constructed = chd_workspace_constructed;
  object_class->dispose = chd_workspace_dispose;
  object_class->finalize = chd_workspace_finalize;

  properties[PROP_STORE] = g_param_spec_object ("store", NULL, NULL, CHD_TYPE_STORE,
                                                G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_DOCUMENT] =
      g_param_spec_object ("document", NULL, NULL, CHD_TYPE_DOCUMENT,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, CHD_TYPE_SESSION, read);
  properties[PROP_CATALOGUE] = g_param_spec_object ("catalogue", NULL, NULL, CHD_TYPE_CATALOGUE, read);
  properties[PROP_CONNECTING] = g_param_spec_boolean ("connecting", NULL, NULL, FALSE, read);
  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, CHD_WORKSPACE_RUNNING, 0, read);
  properties[PROP_CREATE_OP] = g_param_spec_object ("create-op", NULL, NULL, CHD_TYPE_CREATE_OP, read);
  properties[PROP_RUN] = g_param_spec_object ("run", NULL, NULL, CHD_TYPE_RUN, read);
  properties[PROP_N_APPROVALS] = g_param_spec_uint ("n-approvals", NULL, NULL, 0, G_MAXUINT, 0, read);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SELECTION_CHANGED] =
      g_signal_new ("selection-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[PROBLEMS_CHANGED] =
      g_signal_new ("problems-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NODE_STATE] = g_signal_new ("node-state", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 4,
                                      G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING, G_TYPE_DOUBLE);
  signals[NODE_STATES_CLEARED] =
      g_signal_new ("node-states-cleared", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[RUN_CHANGED] = g_signal_new ("run-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_STRING,
                                  G_TYPE_ERROR);
}

static void
chd_workspace_init (ChdWorkspace *self)
{
  self->catalogue = chd_catalogue_new ();
  self->problems = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_problem_unref);
  self->selection_kind = CHD_ITEM_NODE;
  self->selection = g_new0 (char *, 1);
  self->running = g_cancellable_new ();
  self->working = g_cancellable_new ();
}

ChdWorkspace *
chd_workspace_new (ChdStore *store)
{
  return g_object_new (CHD_TYPE_WORKSPACE, "store", store, NULL);
}

ChdDocument *
chd_workspace_get_document (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->document;
}

void
chd_workspace_set_document (ChdWorkspace *self, ChdDocument *document)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (!g_set_object (&self->document, document))
    return;
  g_cancellable_cancel (self->running);
  g_object_unref (self->running);
  self->running = g_cancellable_new ();
  self->starting_run = FALSE;
  set_run (self, NULL);
  g_clear_object (&self->create_op);
  set_chain (self, document != NULL ? chd_document_get_chain (document) : NULL);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
  chd_workspace_select (self, CHD_ITEM_NODE, NULL);
  update_problems (self);
  ask_what_is_created (self);
}

ChdChain *
chd_workspace_get_chain (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->chain;
}

ChdCatalogue *
chd_workspace_get_catalogue (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->catalogue;
}

ChdStore *
chd_workspace_get_store (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->store;
}

void
chd_workspace_connect (ChdWorkspace *self, ChdConnection *connection)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  g_cancellable_cancel (self->connecting);
  g_clear_object (&self->connecting);
  if (self->session != NULL)
    {
      set_run (self, NULL);
      g_clear_object (&self->session);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SESSION]);
      ask_what_is_created (self);
    }
  self->connecting = g_cancellable_new ();
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONNECTING]);
  chd_session_open_async (connection, self->store, self->connecting, session_opened_cb, g_object_ref (self));
}

ChdSession *
chd_workspace_get_session (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->session;
}

gboolean
chd_workspace_is_connecting (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), FALSE);
  return self->connecting != NULL;
}

ChdWorkspaceState
chd_workspace_get_state (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), CHD_WORKSPACE_DRAFT);
  return self->state;
}

static const char *
get_state_title (ChdWorkspaceState state)
{
  switch (state)
    {
    case CHD_WORKSPACE_DRAFT:
      return C_ ("chain", "Draft");
    case CHD_WORKSPACE_CHANGED:
      return C_ ("chain", "Changed since it was created");
    case CHD_WORKSPACE_CREATING:
      return C_ ("chain", "Being created");
    case CHD_WORKSPACE_CREATED:
      return C_ ("chain", "Created");
    case CHD_WORKSPACE_RUNNING:
      return C_ ("chain", "Running");
    default:
      g_assert_not_reached ();
    }
}

char *
chd_workspace_dup_state_text (ChdWorkspace *self)
{
  g_autofree char *engine = NULL;

  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  if (self->chain == NULL)
    return g_strdup ("");
  engine = self->session != NULL      ? chd_session_dup_title (self->session)
           : self->connecting != NULL ? g_strdup (_ ("Connecting…"))
                                      : g_strdup (_ ("Not connected"));
  /* Translators: what a chain's state is, whether its file is saved, and the engine in use. */
  return g_strdup_printf (_ ("%s · %s · %s"), get_state_title (self->state),
                          chd_chain_get_modified (self->chain) || chd_document_get_file (self->document) == NULL
                              ? C_ ("document", "not saved")
                              : C_ ("document", "saved"),
                          engine);
}

GPtrArray *
chd_workspace_get_problems (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->problems;
}

const char *const *
chd_workspace_get_selection (ChdWorkspace *self, ChdItemKind *kind)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  if (kind != NULL)
    *kind = self->selection_kind;
  return (const char *const *) self->selection;
}

void
chd_workspace_set_selection (ChdWorkspace *self, ChdItemKind kind, const char *const *ids)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (kind == self->selection_kind && g_strv_equal (ids, (const char *const *) self->selection))
    return;
  g_strfreev (self->selection);
  self->selection = g_strdupv ((char **) ids);
  self->selection_kind = kind;
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

void
chd_workspace_select (ChdWorkspace *self, ChdItemKind kind, const char *id)
{
  const char *ids[] = { id, NULL };

  chd_workspace_set_selection (self, kind, ids);
}

const ChdNode *
chd_workspace_get_selected_node (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  if (self->chain == NULL || self->selection_kind != CHD_ITEM_NODE || g_strv_length (self->selection) != 1)
    return NULL;
  return chd_chain_find_node (self->chain, self->selection[0]);
}

ChdCreateOp *
chd_workspace_begin_creation (ChdWorkspace *self)
{
  g_autofree char *folder = NULL;

  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  if (self->session == NULL || self->chain == NULL)
    return NULL;
  if (self->create_op != NULL)
    g_signal_handlers_disconnect_by_data (self->create_op, self);
  g_clear_object (&self->create_op);
  folder = chd_document_dup_folder (self->document);
  self->create_op = chd_create_op_new (self->session, self->chain, self->catalogue, folder);
  g_signal_connect_object (self->create_op, "notify::state", G_CALLBACK (create_state_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->create_op, "node-changed", G_CALLBACK (create_node_cb), self, G_CONNECT_SWAPPED);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CREATE_OP]);
  return self->create_op;
}

ChdCreateOp *
chd_workspace_get_create_op (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->create_op;
}

void
chd_workspace_start_run (ChdWorkspace *self, GVariant *params)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session == NULL || self->chain == NULL || self->state == CHD_WORKSPACE_RUNNING)
    return;
  set_run (self, NULL);
  self->starting_run = TRUE;
  update_state (self);
  chd_run_start_async (self->session, self->chain, self->catalogue, params, self->running, run_started_cb,
                       g_object_ref (self));
}

void
chd_workspace_show_run (ChdWorkspace *self, const char *name)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session != NULL && self->chain != NULL)
    chd_run_open_async (self->session, name, self->chain, self->catalogue, self->running, run_opened_cb,
                        g_object_ref (self));
}

void
chd_workspace_stop_run (ChdWorkspace *self, ChdStopMode mode)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session != NULL && self->run != NULL)
    chd_run_stop_async (self->session, chd_run_get_name (self->run), mode, self->working, run_stopped_cb,
                        g_object_ref (self));
}

ChdRun *
chd_workspace_get_run (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);
  return self->run;
}

const ChdNodeStatus *
chd_workspace_find_node_status (ChdWorkspace *self, const char *node)
{
  ChdRunStatus *status;

  g_return_val_if_fail (CHD_IS_WORKSPACE (self), NULL);

  status = self->run != NULL ? chd_run_get_status (self->run) : NULL;
  return status != NULL ? chd_run_status_find_node (status, node) : NULL;
}

guint
chd_workspace_get_n_approvals (ChdWorkspace *self)
{
  g_return_val_if_fail (CHD_IS_WORKSPACE (self), 0);
  return self->n_approvals;
}

void
chd_workspace_refresh_approvals (ChdWorkspace *self)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (self->session != NULL)
    chd_approvals_list_async (self->session, self->working, approvals_cb, g_object_ref (self));
}
