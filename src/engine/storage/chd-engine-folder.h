/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where things lie in the engine's data folder (mode 0700):
 *
 *   engine.db                        objects and their events (chd-object-store.h)
 *   registry/                        images as blobs (chd-registry-store.h)
 *   roots/                           images made ready (chd-image-store.h)
 *   runs/<TaskRun uid>/              results, scripts and exit records of its steps, gone with the TaskRun
 *   workspaces/<owner uid>/<name>/   folders shared by the tasks of a run
 *   logs/<namespace>/<pod>/<container>.log
 *
 * A log holds one line an output line, in the form of Kubernetes' CRI logs:
 * "<RFC 3339 time with nanoseconds>Z stdout|stderr F|P <text>"; P marks a part of a line that goes on in the next. */

/* Each: (transfer full). */
char *chd_engine_folder_log (const char *folder, const char *namespace_, const char *pod, const char *container);
char *chd_engine_folder_run (const char *folder, const char *uid);

G_END_DECLS
