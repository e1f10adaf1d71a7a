/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "chd-item.h"

G_BEGIN_DECLS

/* A script for reading or changing: title, interpreter, text with highlighting, the values it takes and the results it
 * gives. Signal: "changed" () at each edit of the user. */
#define CHD_TYPE_SCRIPT_EDITOR (chd_script_editor_get_type ())
G_DECLARE_FINAL_TYPE (ChdScriptEditor, chd_script_editor, CHD, SCRIPT_EDITOR, AdwBin)

GtkWidget *chd_script_editor_new (void);
void chd_script_editor_set_script (ChdScriptEditor *self, const ChdScript *script, gboolean editable);
/* (transfer full): the script as it is now, with the id it came with. */
ChdScript *chd_script_editor_dup_script (ChdScriptEditor *self);

G_END_DECLS
