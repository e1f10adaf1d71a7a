/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The creation of a chain as an object: its rows, its state, what it tells about nodes. Planning is in
 * chd-create-plan.c, doing in chd-create-run.c, taking back in chd-create-undo.c. */

#include "config.h"

#include "chd-create-op.h"

#include <glib/gi18n-lib.h>

#include "chd-chain-writer.h"
#include "chd-create-private.h"
#include "chd-error.h"
#include "chd-validate.h"

G_DEFINE_FINAL_TYPE (ChdCreateOp, chd_create_op, G_TYPE_OBJECT)

typedef enum
{
  PROP_STATE = 1,
  PROP_N_DONE,
  PROP_N_TARGETS,
  PROP_ERROR,
} ChdCreateOpProperty;

static GParamSpec *properties[PROP_ERROR + 1];

enum
{
  SIGNAL_PLANNED,
  SIGNAL_TARGET_CHANGED,
  SIGNAL_NODE_CHANGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

/* What was told about a node last. */
typedef struct
{
  ChdNodeState state;
  char *note;
  double progress;
} Shown;

static void
shown_free (Shown *shown)
{
  g_free (shown->note);
  g_free (shown);
}

void
chd_create_row_free (ChdCreateRow *row)
{
  g_free (row->row.kind);
  g_free (row->row.name);
  g_free (row->row.title);
  g_free (row->row.node);
  g_free (row->row.uid);
  g_clear_error (&row->row.error);
  g_clear_pointer (&row->target, chd_target_unref);
  g_clear_pointer (&row->environment, chd_item_unref);
  g_clear_pointer (&row->live, json_object_unref);
  g_free (row);
}

gboolean
chd_create_row_is_image (const ChdCreateRow *row)
{
  return row->environment != NULL;
}

gboolean
chd_create_row_is_done (const ChdCreateRow *row)
{
  return row->row.state == CHD_NODE_CREATED;
}

ChdCreateRow *
chd_create_op_find_row (ChdCreateOp *self, const char *kind, const char *name)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      ChdCreateRow *row = self->rows->pdata[i];

      if (g_strcmp0 (row->row.kind, kind) == 0 && g_strcmp0 (row->row.name, name) == 0)
        return row;
    }
  return NULL;
}

static guint
count_done (ChdCreateOp *self)
{
  guint n_done = 0;

  for (guint i = 0; i < self->rows->len; i++)
    n_done += chd_create_row_is_done (self->rows->pdata[i]);
  return n_done;
}

/* Nodes. */

/* Of several parts the one that the user has to know of: trouble, then what is under way, then what is to come. */
static int
get_weight (ChdNodeState state)
{
  switch ((int) state)
    {
    case CHD_NODE_CONFLICT:
      return 5;
    case CHD_NODE_CREATE_FAILED:
      return 4;
    case CHD_NODE_UPLOADING:
      return 3;
    case CHD_NODE_CREATING:
      return 2;
    case CHD_NODE_PLANNED:
      return 1;
    default:
      return 0;
    }
}

static ChdCreateRow *
find_image (ChdCreateOp *self, const char *environment)
{
  for (guint i = 0; environment != NULL && i < self->rows->len; i++)
    {
      ChdCreateRow *row = self->rows->pdata[i];

      if (chd_create_row_is_image (row) && g_strcmp0 (row->environment->item.id, environment) == 0)
        return row;
    }
  return NULL;
}

static char *
make_note (const ChdCreateRow *row)
{
  if (row->row.error != NULL)
    return g_strdup (row->row.error->message);
  if (row->row.state == CHD_NODE_UPLOADING)
    /* Translators: %s is an environment's title */
    return g_strdup_printf (_ ("Uploading the image of “%s”"), row->row.title);
  if (row->row.state == CHD_NODE_PLANNED)
    return g_strdup (chd_create_action_get_title (row->row.action));
  return NULL;
}

static double
get_progress (const ChdCreateRow *row)
{
  if (row->row.state != CHD_NODE_UPLOADING || row->row.bytes_total <= 0)
    return 0;
  return CLAMP ((double) row->row.bytes_done / (double) row->row.bytes_total, 0, 1);
}

static const ChdCreateRow *
weigh (ChdCreateOp *self, const char *node)
{
  const ChdCreateRow *heaviest = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    {
      const ChdCreateRow *row = self->rows->pdata[i];
      const ChdCreateRow *image;

      if (g_strcmp0 (row->row.node, node) != 0)
        continue;
      if (heaviest == NULL || get_weight (row->row.state) > get_weight (heaviest->row.state))
        heaviest = row;
      image = row->target != NULL ? find_image (self, row->target->environment) : NULL;
      if (image != NULL && image->row.state != CHD_NODE_PLANNED &&
          get_weight (image->row.state) > get_weight (heaviest->row.state))
        heaviest = image;
    }
  return heaviest;
}

static void
show_node (ChdCreateOp *self, const char *node)
{
  const ChdCreateRow *row = weigh (self, node);
  Shown *shown = g_hash_table_lookup (self->shown, node);
  g_autofree char *note = NULL;

  if (row == NULL)
    return;
  note = make_note (row);
  if (shown != NULL && shown->state == row->row.state && g_strcmp0 (shown->note, note) == 0 &&
      shown->progress >= get_progress (row) && shown->progress <= get_progress (row))
    return;
  if (shown == NULL)
    {
      shown = g_new0 (Shown, 1);
      g_hash_table_insert (self->shown, g_strdup (node), shown);
    }
  shown->state = row->row.state;
  shown->progress = get_progress (row);
  g_free (shown->note);
  shown->note = g_steal_pointer (&note);
  g_signal_emit (self, signals[SIGNAL_NODE_CHANGED], 0, node, (int) shown->state, shown->note, shown->progress);
}

/* The nodes that a row concerns: its own, or those whose task runs in the image. */
static void
show_nodes_of (ChdCreateOp *self, ChdCreateRow *changed)
{
  if (changed->row.node != NULL)
    show_node (self, changed->row.node);
  if (!chd_create_row_is_image (changed))
    return;
  for (guint i = 0; i < self->rows->len; i++)
    {
      const ChdCreateRow *row = self->rows->pdata[i];

      if (row->row.node != NULL && row->target != NULL &&
          g_strcmp0 (row->target->environment, changed->environment->item.id) == 0)
        show_node (self, row->row.node);
    }
}

void
chd_create_op_show_nodes (ChdCreateOp *self)
{
  g_signal_emit (self, signals[SIGNAL_PLANNED], 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_TARGETS]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  for (guint i = 0; i < chd_chain_get_n_items (self->chain, CHD_ITEM_NODE); i++)
    show_node (self, chd_chain_get_item (self->chain, CHD_ITEM_NODE, i)->id);
}

/* Changes. */

void
chd_create_op_set_state (ChdCreateOp *self, ChdCreateState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
chd_create_op_set_error (ChdCreateOp *self, GError *error)
{
  g_clear_error (&self->error);
  self->error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

void
chd_create_op_set_row (ChdCreateOp *self, ChdCreateRow *row, ChdNodeState state, GError *error)
{
  g_clear_error (&row->row.error);
  row->row.error = error;
  row->row.state = state;
  g_signal_emit (self, signals[SIGNAL_TARGET_CHANGED], 0, row);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_DONE]);
  show_nodes_of (self, row);
}

void
chd_create_op_set_progress (ChdCreateOp *self, ChdCreateRow *row, gint64 done, gint64 total)
{
  row->row.bytes_done = done;
  row->row.bytes_total = total;
  g_signal_emit (self, signals[SIGNAL_TARGET_CHANGED], 0, row);
  show_nodes_of (self, row);
}

GPtrArray *
chd_create_op_compile (ChdCreateOp *self, GError **error)
{
  if (self->document == NULL)
    self->document = chd_chain_write (self->chain, NULL);
  return chd_compile (self->chain, self->catalogue, self->images, self->document, error);
}

/* One thing at a time. Returns %FALSE after it has answered @task. */
gboolean
chd_create_op_begin (ChdCreateOp *self, GTask *task)
{
  if (self->busy)
    {
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_CONFLICT, "%s", _ ("This chain is being created already."));
      return FALSE;
    }
  self->busy = TRUE;
  return TRUE;
}

void
chd_create_op_end (ChdCreateOp *self)
{
  self->busy = FALSE;
}

/* GObject. */

static void
chd_create_op_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ChdCreateOp *self = CHD_CREATE_OP (object);

  switch ((ChdCreateOpProperty) id)
    {
    case PROP_STATE:
      g_value_set_int (value, (int) self->state);
      break;
    case PROP_N_DONE:
      g_value_set_uint (value, count_done (self));
      break;
    case PROP_N_TARGETS:
      g_value_set_uint (value, self->rows->len);
      break;
    case PROP_ERROR:
      g_value_set_boxed (value, self->error);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
chd_create_op_finalize (GObject *object)
{
  ChdCreateOp *self = CHD_CREATE_OP (object);

  g_assert (!self->busy);
  g_clear_object (&self->session);
  g_clear_object (&self->chain);
  g_clear_object (&self->catalogue);
  g_free (self->folder);
  g_free (self->document);
  g_ptr_array_unref (self->rows);
  g_hash_table_unref (self->images);
  g_hash_table_unref (self->shown);
  g_clear_error (&self->error);
  G_OBJECT_CLASS (chd_create_op_parent_class)->finalize (object);
}

static void
chd_create_op_class_init (ChdCreateOpClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GType type = CHD_TYPE_CREATE_OP;

  object_class->get_property = chd_create_op_get_property;
  object_class->finalize = chd_create_op_finalize;
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, 0, CHD_CREATE_CANCELLED, CHD_CREATE_NEW, flags);
  properties[PROP_N_DONE] = g_param_spec_uint ("n-done", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_TARGETS] = g_param_spec_uint ("n-targets", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_PLANNED] = g_signal_new ("planned", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_TARGET_CHANGED] =
      g_signal_new ("target-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_NODE_CHANGED] = g_signal_new ("node-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                               G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_INT, G_TYPE_STRING, G_TYPE_DOUBLE);
}

static void
chd_create_op_init (ChdCreateOp *self)
{
  self->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) chd_create_row_free);
  self->images = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) shown_free);
}

ChdCreateOp *
chd_create_op_new (ChdSession *session, ChdChain *chain, ChdCatalogue *catalogue, const char *folder)
{
  ChdCreateOp *self = g_object_new (CHD_TYPE_CREATE_OP, NULL);

  self->session = g_object_ref (session);
  self->chain = g_object_ref (chain);
  self->catalogue = g_object_ref (catalogue);
  self->folder = g_strdup (folder);
  return self;
}

ChdCreateState
chd_create_op_get_state (ChdCreateOp *self)
{
  return self->state;
}

GPtrArray *
chd_create_op_get_targets (ChdCreateOp *self)
{
  return self->rows;
}

const char *
chd_create_action_get_title (ChdAction action)
{
  switch (action)
    {
    case CHD_ACTION_CREATE:
      return C_ ("plan", "New");
    case CHD_ACTION_UPDATE:
      return C_ ("plan", "Changed");
    case CHD_ACTION_KEEP:
      return C_ ("plan", "Unchanged");
    case CHD_ACTION_DELETE:
      return C_ ("plan", "No longer needed");
    case CHD_ACTION_UPLOAD:
      return C_ ("plan", "Upload");
    }
  g_return_val_if_reached ("");
}
