/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * What a document can name without defining it. Whoever fills it decides the order: shipped first, then the user's
 * library, then the engine, so that the nearer one replaces the farther one in its place. */

#include "config.h"

#include "chd-catalogue.h"

struct _ChdCatalogue
{
  GObject parent_instance;

  GListStore *interfaces;  /* (owned) of ChdInterface */
  GHashTable *by_id;       /* (owned) interface id → its index + 1 in `interfaces` */
  GPtrArray *scripts;      /* (owned) of ChdScript */
  GPtrArray *environments; /* (owned) of ChdEnvironment */
};

G_DEFINE_FINAL_TYPE (ChdCatalogue, chd_catalogue, G_TYPE_OBJECT)

static void
chd_catalogue_finalize (GObject *object)
{
  ChdCatalogue *self = CHD_CATALOGUE (object);

  g_clear_object (&self->interfaces);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->scripts);
  g_ptr_array_unref (self->environments);
  G_OBJECT_CLASS (chd_catalogue_parent_class)->finalize (object);
}

static void
chd_catalogue_class_init (ChdCatalogueClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_catalogue_finalize;
}

static void
chd_catalogue_init (ChdCatalogue *self)
{
  self->interfaces = g_list_store_new (CHD_TYPE_INTERFACE);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->scripts = g_ptr_array_new_with_free_func (chd_item_unref);
  self->environments = g_ptr_array_new_with_free_func (chd_item_unref);
}

static const ChdItem *
find_item (GPtrArray *items, const char *id, guint *index)
{
  for (guint i = 0; i < items->len; i++)
    {
      const ChdItem *item = g_ptr_array_index (items, i);

      if (g_strcmp0 (item->id, id) == 0)
        {
          if (index != NULL)
            *index = i;
          return item;
        }
    }
  return NULL;
}

static void
put_item (GPtrArray *items, const ChdItem *item)
{
  guint index;

  if (find_item (items, item->id, &index) == NULL)
    {
      g_ptr_array_add (items, chd_item_ref (item));
      return;
    }
  chd_item_ref (item);
  chd_item_unref (g_ptr_array_index (items, index));
  g_ptr_array_index (items, index) = (gpointer) item;
}

ChdCatalogue *
chd_catalogue_new (void)
{
  return g_object_new (CHD_TYPE_CATALOGUE, NULL);
}

/**
 * chd_catalogue_add_interface:
 *
 * Adds the interface, or puts it in the place of the one that has its id. A reference is taken.
 */
void
chd_catalogue_add_interface (ChdCatalogue *self, ChdInterface *interface)
{
  const char *id = chd_interface_get_id (interface);
  guint place = GPOINTER_TO_UINT (g_hash_table_lookup (self->by_id, id));

  if (place > 0)
    {
      g_list_store_splice (self->interfaces, place - 1, 1, (gpointer *) &interface, 1);
      return;
    }
  g_list_store_append (self->interfaces, interface);
  place = g_list_model_get_n_items (G_LIST_MODEL (self->interfaces));
  g_hash_table_insert (self->by_id, g_strdup (id), GUINT_TO_POINTER (place));
}

void
chd_catalogue_add_script (ChdCatalogue *self, const ChdScript *script)
{
  put_item (self->scripts, &script->item);
}

void
chd_catalogue_add_environment (ChdCatalogue *self, const ChdEnvironment *environment)
{
  put_item (self->environments, &environment->item);
}

/**
 * chd_catalogue_find_interface:
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable):
 */
ChdInterface *
chd_catalogue_find_interface (ChdCatalogue *self, const char *id)
{
  guint place = id != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (self->by_id, id)) : 0;
  g_autoptr (ChdInterface) interface = NULL;

  if (place == 0)
    return NULL;
  interface = g_list_model_get_item (G_LIST_MODEL (self->interfaces), place - 1);
  return interface; /* the list keeps it */
}

/**
 * chd_catalogue_find_script:
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable):
 */
const ChdScript *
chd_catalogue_find_script (ChdCatalogue *self, const char *id)
{
  return (const ChdScript *) find_item (self->scripts, id, NULL);
}

/**
 * chd_catalogue_find_environment:
 * @id: (nullable):
 *
 * Returns: (transfer none) (nullable):
 */
const ChdEnvironment *
chd_catalogue_find_environment (ChdCatalogue *self, const char *id)
{
  return (const ChdEnvironment *) find_item (self->environments, id, NULL);
}

GListModel *
chd_catalogue_list_interfaces (ChdCatalogue *self)
{
  return G_LIST_MODEL (self->interfaces);
}

GPtrArray *
chd_catalogue_get_scripts (ChdCatalogue *self)
{
  return self->scripts;
}

GPtrArray *
chd_catalogue_get_environments (ChdCatalogue *self)
{
  return self->environments;
}
