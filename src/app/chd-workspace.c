/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What one window works on: the document, its problems, the selection, and the state that follows from it all. What the
 * engine is asked stands in chd-workspace-engine.c, creations and runs in chd-workspace-run.c. */

#include "config.h"

#include "chd-workspace-private.h"

#include <glib/gi18n.h>

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
  COMMIT,
  SELECTION_CHANGED,
  PROBLEMS_CHANGED,
  NODE_STATE,
  NODE_STATES_CLEARED,
  RUN_CHANGED,
  FAILED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

void
chd_workspace_report (ChdWorkspace *self, const char *what, GError *error)
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

void
chd_workspace_update_state (ChdWorkspace *self)
{
  ChdWorkspaceState state = find_state (self);

  if (state == self->state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
chd_workspace_update_problems (ChdWorkspace *self)
{
  g_clear_pointer (&self->problems, g_ptr_array_unref);
  self->problems = self->chain != NULL ? chd_validate (self->chain, self->catalogue)
                                       : g_ptr_array_new_with_free_func ((GDestroyNotify) chd_problem_unref);
  g_signal_emit (self, signals[PROBLEMS_CHANGED], 0);
}

/* The document */

static void
chain_changed_cb (ChdWorkspace *self, ChdChain *chain)
{
  chd_workspace_update_problems (self);
  chd_workspace_update_state (self);
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
  chd_workspace_load_library (CHD_WORKSPACE (object));
}

static void
cancel_all (ChdWorkspace *self)
{
  g_cancellable_cancel (self->connecting);
  g_cancellable_cancel (self->asking);
  g_cancellable_cancel (self->running);
  g_cancellable_cancel (self->working);
}

static void
chd_workspace_dispose (GObject *object)
{
  ChdWorkspace *self = CHD_WORKSPACE (object);

  cancel_all (self);
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

  signals[COMMIT] = g_signal_new ("commit", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
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
  /* First of all: the state follows from the document and its chain together. */
  set_chain (self, document != NULL ? chd_document_get_chain (document) : NULL);
  g_clear_pointer (&self->created_text, g_free);
  chd_workspace_set_run (self, NULL);
  if (self->create_op != NULL)
    g_signal_handlers_disconnect_by_data (self->create_op, self);
  g_clear_object (&self->create_op);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DOCUMENT]);
  chd_workspace_select (self, CHD_ITEM_NODE, NULL);
  chd_workspace_update_problems (self);
  chd_workspace_ask_what_is_created (self);
}

void
chd_workspace_commit (ChdWorkspace *self)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));
  g_signal_emit (self, signals[COMMIT], 0);
}

void
chd_workspace_close (ChdWorkspace *self)
{
  g_return_if_fail (CHD_IS_WORKSPACE (self));

  cancel_all (self);
  g_clear_object (&self->connecting);
  chd_workspace_set_document (self, NULL);
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
  g_auto (GStrv) selection = NULL;

  g_return_if_fail (CHD_IS_WORKSPACE (self));

  if (kind == self->selection_kind && g_strv_equal (ids, (const char *const *) self->selection))
    return;
  /* What is typed belongs to what was selected; taking it over may replace the item that lent us the id. */
  selection = g_strdupv ((char **) ids);
  chd_workspace_commit (self);
  g_strfreev (self->selection);
  self->selection = g_steal_pointer (&selection);
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
