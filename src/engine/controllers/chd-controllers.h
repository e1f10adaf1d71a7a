/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-image-store.h"
#include "chd-object-store.h"
#include "chd-sandbox.h"

G_BEGIN_DECLS

/* Everything that acts by itself: the controllers of PipelineRuns, TaskRuns (with their virtual Pods), CustomRuns and
 * ApprovalTasks, timers, and the collection of objects whose owner is gone.
 *
 *  (1) Level-triggered: a controller looks at the stored objects, never at what it remembers; every change it makes is
 *      one transaction. Starting takes up whatever an earlier engine left.
 *  (2) A step starts only from a committed row ("_steps"), and a step recorded as finished never runs again.
 *  (3) Every object that is not at its end has a next event: a process, a timer, a dependency, or a person. */

#define CHD_TYPE_CONTROLLERS (chd_controllers_get_type ())
G_DECLARE_FINAL_TYPE (ChdControllers, chd_controllers, CHD, CONTROLLERS, GObject)

/* @folder: the engine's data folder (chd-engine-folder.h) */
ChdControllers *
chd_controllers_new (ChdObjectStore *store, ChdImageStore *images, ChdSandbox *sandbox, const char *folder);
void chd_controllers_start (ChdControllers *self);
/* Lets steps run on (the next engine adopts them) and does nothing any more. */
void chd_controllers_stop (ChdControllers *self);
/* Whether no run is under way. Property "idle" notifies. */
gboolean chd_controllers_is_idle (ChdControllers *self);
/* What is not at its end and has no next event, in words; must be empty. (transfer full) */
char **chd_controllers_check (ChdControllers *self);

G_END_DECLS
