/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-object-store.h"

G_BEGIN_DECLS

/* The collection of objects whose owners are gone, of events about objects that are gone, and of the files of runs.
 * It knows who belongs to whom from what was committed, so that a deletion costs what it deletes. */

typedef struct _ChdCollector ChdCollector;

ChdCollector *chd_collector_new (ChdObjectStore *store, const char *folder);
void chd_collector_free (ChdCollector *self);

/* Reads what is stored, and collects what an earlier engine has left. */
void chd_collector_start (ChdCollector *self);
void chd_collector_take_change (ChdCollector *self, const ChdStoreChange *change);

G_END_DECLS
