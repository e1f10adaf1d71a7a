/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A chain with its place on disk and its draft in the store. Files are read, parsed and written in workers; the chain
 * itself belongs to the main thread. */

#include "config.h"

#include "chd-document.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-chain-reader.h"
#include "chd-chain-writer.h"
#include "chd-document-file.h"
#include "chd-document-private.h"
#include "chd-error.h"
#include "chd-util.h"

/* From the first edit that is not in the draft until it is written. */
#define DRAFT_MILLISECONDS 700

struct _ChdDocument
{
  GObject parent_instance;

  ChdChain *chain;       /* (owned) */
  ChdStore *store;       /* (owned) (nullable) */
  GFile *file;           /* (owned) (nullable) */
  GFileMonitor *monitor; /* (owned) (nullable) */
  char *base;            /* (owned) (nullable): hash of the file's content that is known */
  char *draft_id;        /* (owned) */
  gboolean has_draft;
  guint draft_source;
  guint64 draft_serial; /* of the chain, when the draft was written */
  gboolean saving;
  gboolean conflict;
  gboolean warned; /* a save was refused because of the conflict: the next one replaces */
};

G_DEFINE_FINAL_TYPE (ChdDocument, chd_document, G_TYPE_OBJECT)

typedef enum
{
  PROP_CHAIN = 1,
  PROP_FILE,
  PROP_TITLE,
  PROP_SAVING,
  PROP_CONFLICT,
} ChdDocumentProperty;

static GParamSpec *properties[PROP_CONFLICT + 1];

static void
set_conflict (ChdDocument *self, gboolean conflict)
{
  if (self->conflict == conflict)
    return;
  self->conflict = conflict;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CONFLICT]);
}

/* The draft. */

static void
write_draft (ChdDocument *self)
{
  g_autofree char *text = NULL;
  g_autofree char *path = self->file != NULL ? g_file_get_path (self->file) : NULL;
  ChdDraftRecord record = { 0 };
  gsize length;

  text = chd_chain_write (self->chain, &length);
  record.id = self->draft_id;
  record.title = chd_chain_get_head (self->chain)->title;
  record.path = path;
  record.base = self->base;
  record.document = text;
  chd_drafts_write_async (self->store, &record, NULL, NULL);
  self->has_draft = TRUE;
  self->draft_serial = chd_chain_get_serial (self->chain);
}

static void
drop_draft (ChdDocument *self)
{
  g_clear_handle_id (&self->draft_source, g_source_remove);
  if (!self->has_draft || self->store == NULL)
    return;
  chd_drafts_remove_async (self->store, self->draft_id, NULL, NULL);
  self->has_draft = FALSE;
}

void
chd_document_flush_draft (ChdDocument *self)
{
  g_return_if_fail (CHD_IS_DOCUMENT (self));

  g_clear_handle_id (&self->draft_source, g_source_remove);
  if (self->store == NULL)
    return;
  if (!chd_chain_get_modified (self->chain))
    drop_draft (self);
  else if (!self->has_draft || self->draft_serial != chd_chain_get_serial (self->chain))
    write_draft (self);
}

static gboolean
draft_due_cb (gpointer user_data)
{
  ChdDocument *self = user_data;

  self->draft_source = 0;
  chd_document_flush_draft (self);
  return G_SOURCE_REMOVE;
}

static void
step_done_cb (ChdDocument *self)
{
  if (self->store != NULL && self->draft_source == 0)
    self->draft_source = g_timeout_add (DRAFT_MILLISECONDS, draft_due_cb, self);
}

static void
changed_cb (ChdDocument *self, const ChdChange *change)
{
  if (change->kind == CHD_ITEM_HEAD)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_TITLE]);
}

/* The file, watched. */

static void
hash_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  g_task_return_pointer (task, chd_document_file_hash (data, cancellable), g_free);
}

static void
hashed_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdDocument *self = CHD_DOCUMENT (object);
  g_autofree char *hash = g_task_propagate_pointer (G_TASK (result), NULL);
  GFile *file = g_task_get_task_data (G_TASK (result));

  /* Our own save is under way or the file is another one by now: this answer is about something else. */
  if (self->saving || self->file != file || hash == NULL)
    return;
  self->warned &= g_strcmp0 (hash, self->base) != 0;
  set_conflict (self, g_strcmp0 (hash, self->base) != 0);
}

static void
check_file (ChdDocument *self)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, hashed_cb, NULL);

  g_task_set_task_data (task, g_object_ref (self->file), g_object_unref);
  g_task_run_in_thread (task, hash_thread);
}

static void
file_changed_cb (ChdDocument *self, GFile *file, GFile *other, GFileMonitorEvent event)
{
  if (event == G_FILE_MONITOR_EVENT_CHANGES_DONE_HINT || event == G_FILE_MONITOR_EVENT_CREATED ||
      event == G_FILE_MONITOR_EVENT_RENAMED || event == G_FILE_MONITOR_EVENT_MOVED_IN)
    check_file (self);
}

static void
set_file (ChdDocument *self, GFile *file)
{
  if (self->file != NULL && file != NULL && g_file_equal (self->file, file))
    return;
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  if (g_set_object (&self->file, file))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FILE]);
  if (file != NULL)
    self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect_object (self->monitor, "changed", G_CALLBACK (file_changed_cb), self, G_CONNECT_SWAPPED);
}

static void
chd_document_get_property (GObject *object, guint id, GValue *value, GParamSpec *spec)
{
  ChdDocument *self = CHD_DOCUMENT (object);

  switch ((ChdDocumentProperty) id)
    {
    case PROP_CHAIN:
      g_value_set_object (value, self->chain);
      break;
    case PROP_FILE:
      g_value_set_object (value, self->file);
      break;
    case PROP_TITLE:
      g_value_set_string (value, chd_chain_get_head (self->chain)->title);
      break;
    case PROP_SAVING:
      g_value_set_boolean (value, self->saving);
      break;
    case PROP_CONFLICT:
      g_value_set_boolean (value, self->conflict);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, spec);
    }
}

static void
chd_document_dispose (GObject *object)
{
  ChdDocument *self = CHD_DOCUMENT (object);

  drop_draft (self);
  set_file (self, NULL);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (chd_document_parent_class)->dispose (object);
}

static void
chd_document_finalize (GObject *object)
{
  ChdDocument *self = CHD_DOCUMENT (object);

  g_clear_object (&self->chain);
  g_free (self->base);
  g_free (self->draft_id);
  G_OBJECT_CLASS (chd_document_parent_class)->finalize (object);
}

static void
chd_document_class_init (ChdDocumentClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = chd_document_get_property;
  object_class->dispose = chd_document_dispose;
  object_class->finalize = chd_document_finalize;
  properties[PROP_CHAIN] = g_param_spec_object ("chain", NULL, NULL, CHD_TYPE_CHAIN, flags);
  properties[PROP_FILE] = g_param_spec_object ("file", NULL, NULL, G_TYPE_FILE, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROP_SAVING] = g_param_spec_boolean ("saving", NULL, NULL, FALSE, flags);
  properties[PROP_CONFLICT] = g_param_spec_boolean ("conflict", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
chd_document_init (ChdDocument *self)
{
  self->draft_id = g_uuid_string_random ();
}

ChdDocument *
chd_document_new (ChdChain *chain, ChdStore *store)
{
  ChdDocument *self = g_object_new (CHD_TYPE_DOCUMENT, NULL);

  self->chain = g_object_ref (chain);
  g_set_object (&self->store, store);
  g_signal_connect_object (chain, "step-done", G_CALLBACK (step_done_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (chain, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

/* A document whose file has (or had, for a draft) the content of the hash @base. Takes over @base and, for a draft,
 * @draft_id. */
ChdDocument *
chd_document_new_for_file (ChdChain *chain, ChdStore *store, GFile *file, char *base, char *draft_id)
{
  ChdDocument *self = chd_document_new (chain, store);

  self->base = base;
  set_file (self, file);
  if (draft_id != NULL)
    {
      g_free (self->draft_id);
      self->draft_id = draft_id;
      self->has_draft = TRUE;
      self->draft_serial = chd_chain_get_serial (chain);
      if (file != NULL)
        check_file (self);
    }
  return self;
}

/* Loading. */

typedef struct
{
  GFile *file;     /* (owned) */
  ChdStore *store; /* (owned) (nullable) */
  char *hash;      /* (owned) (nullable) */
} Load;

static void
load_free (Load *load)
{
  g_object_unref (load->file);
  g_clear_object (&load->store);
  g_free (load->hash);
  g_free (load);
}

static void
load_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Load *load = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  ChdChain *chain = NULL;
  gsize length;

  text = chd_document_file_read (load->file, &length, &load->hash, cancellable, &error);
  if (text != NULL)
    {
      chain = chd_chain_read (text, length, &error);
      if (chain == NULL)
        {
          g_autofree char *name = g_file_get_basename (load->file);

          g_prefix_error (&error, "%s: ", name);
        }
    }
  if (chain != NULL)
    g_task_return_pointer (task, chain, g_object_unref);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

void
chd_document_load_async (GFile *file,
                         ChdStore *store,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Load *load = g_new0 (Load, 1);

  g_task_set_source_tag (task, chd_document_load_async);
  load->file = g_object_ref (file);
  g_set_object (&load->store, store);
  g_task_set_task_data (task, load, (GDestroyNotify) load_free);
  g_task_run_in_thread (task, load_thread);
}

ChdDocument *
chd_document_load_finish (GAsyncResult *result, GError **error)
{
  g_autoptr (ChdChain) chain = g_task_propagate_pointer (G_TASK (result), error);
  Load *load = g_task_get_task_data (G_TASK (result));

  if (chain == NULL)
    return NULL;
  return chd_document_new_for_file (chain, load->store, load->file, g_steal_pointer (&load->hash), NULL);
}

/* Saving. */

typedef struct
{
  GFile *file; /* (owned) */
  char *text;  /* (owned) */
  gsize length;
  guint64 serial; /* of the chain that the text is of */
  char *expected; /* (owned) (nullable): the hash the file must have now; NULL: any, or no file */
  char *hash;     /* (owned) (nullable): of the text */
} Save;

static void
save_free (Save *save)
{
  g_object_unref (save->file);
  g_free (save->text);
  g_free (save->expected);
  g_free (save->hash);
  g_free (save);
}

static void
save_thread (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  Save *save = data;
  g_autofree char *there = save->expected != NULL ? chd_document_file_hash (save->file, cancellable) : NULL;
  g_autoptr (GError) error = NULL;

  if (there != NULL && strcmp (there, save->expected) != 0)
    {
      g_autofree char *name = g_file_get_basename (save->file);

      /* Translators: %s is a file name */
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_CONFLICT,
                               _ ("%s was changed by another program since it was opened. Save again to replace it, or "
                                  "save under another name."),
                               name);
      return;
    }
  save->hash = chd_sha256 (save->text, save->length);
  if (chd_document_file_write (save->file, save->text, save->length, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
set_saving (ChdDocument *self, gboolean saving)
{
  self->saving = saving;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SAVING]);
}

static void
saved_cb (GObject *object, GAsyncResult *result, gpointer user_data)
{
  ChdDocument *self = CHD_DOCUMENT (object);
  g_autoptr (GTask) task = user_data;
  Save *save = g_task_get_task_data (G_TASK (result));
  GError *error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      set_saving (self, FALSE);
      if (g_error_matches (error, CHD_ERROR, CHD_ERROR_CONFLICT))
        {
          self->warned = TRUE;
          set_conflict (self, TRUE);
        }
      g_task_return_error (task, error);
      return;
    }
  g_free (self->base);
  self->base = g_steal_pointer (&save->hash);
  set_file (self, save->file);
  if (chd_chain_get_serial (self->chain) == save->serial)
    chd_chain_mark_saved (self->chain);
  /* Before the draft goes, so that no instant is without either; what came meanwhile gets a draft of its own. */
  chd_document_flush_draft (self);
  set_saving (self, FALSE);
  self->warned = FALSE;
  set_conflict (self, FALSE);
  g_task_return_boolean (task, TRUE);
}

void
chd_document_save_async (ChdDocument *self,
                         GFile *file,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GTask) work = NULL;
  gboolean same = file == NULL || (self->file != NULL && g_file_equal (file, self->file));
  Save *save;

  g_return_if_fail (CHD_IS_DOCUMENT (self));

  g_task_set_source_tag (task, chd_document_save_async);
  if (file == NULL && self->file == NULL)
    {
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_INVALID, "%s",
                               _ ("The chain has no file yet; choose where to save it."));
      return;
    }
  if (self->saving)
    {
      g_task_return_new_error (task, CHD_ERROR, CHD_ERROR_CONFLICT, "%s", _ ("The chain is being saved already."));
      return;
    }
  save = g_new0 (Save, 1);
  save->file = g_object_ref (file != NULL ? file : self->file);
  save->text = chd_chain_write (self->chain, &save->length);
  save->serial = chd_chain_get_serial (self->chain);
  save->expected = same && !self->warned ? g_strdup (self->base) : NULL;
  set_saving (self, TRUE);
  work = g_task_new (self, cancellable, saved_cb, g_steal_pointer (&task));
  g_task_set_check_cancellable (work, FALSE);
  g_task_set_task_data (work, save, (GDestroyNotify) save_free);
  g_task_run_in_thread (work, save_thread);
}

gboolean
chd_document_save_finish (ChdDocument *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

ChdChain *
chd_document_get_chain (ChdDocument *self)
{
  return self->chain;
}

GFile *
chd_document_get_file (ChdDocument *self)
{
  return self->file;
}

char *
chd_document_dup_text (ChdDocument *self)
{
  return chd_chain_write (self->chain, NULL);
}

char *
chd_document_dup_folder (ChdDocument *self)
{
  g_autoptr (GFile) folder = self->file != NULL ? g_file_get_parent (self->file) : NULL;

  return folder != NULL ? g_file_get_path (folder) : NULL;
}
