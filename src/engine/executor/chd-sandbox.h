/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* How steps are kept apart from the machine: one of three backends, chosen once at start. */

#define CHD_TYPE_SANDBOX (chd_sandbox_get_type ())
G_DECLARE_FINAL_TYPE (ChdSandbox, chd_sandbox, CHD, SANDBOX, GObject)

/**
 * ChdSandboxBackend:
 * @CHD_SANDBOX_BUBBLEWRAP: namespaces made by bwrap, on a host
 * @CHD_SANDBOX_FLATPAK: a sub-sandbox of the Flatpak portal, inside our own Flatpak; no image roots
 * @CHD_SANDBOX_NONE: plain processes, only when the user has allowed it
 * @CHD_SANDBOX_UNAVAILABLE: steps are refused, with the reason
 */
typedef enum
{
  CHD_SANDBOX_BUBBLEWRAP,
  CHD_SANDBOX_FLATPAK,
  CHD_SANDBOX_NONE,
  CHD_SANDBOX_UNAVAILABLE,
} ChdSandboxBackend;

/* Finds out what this machine offers (tries bwrap once, within a bound). */
ChdSandbox *chd_sandbox_new (gboolean allow_unsandboxed);
ChdSandboxBackend chd_sandbox_get_backend (ChdSandbox *self);
/* (nullable): why there is none. */
const char *chd_sandbox_get_problem (ChdSandbox *self);
/* For "chain-engine status": {"backend":…, "program":…, "seccomp":…, "userNamespace":…, "problem":…}. */
JsonObject *chd_sandbox_describe (ChdSandbox *self);

G_END_DECLS
