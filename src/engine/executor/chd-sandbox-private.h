/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "chd-sandbox.h"
#include "chd-step-private.h"

G_BEGIN_DECLS

/* The descriptors that the supervisor hands to bwrap; see step/main.c. */
#define CHD_SANDBOX_ARGS_FD "4"
#define CHD_SANDBOX_SECCOMP_FD "5"
#define CHD_SANDBOX_STATUS_FD "6"
#define CHD_SANDBOX_BLOCK_FD "7"

const char *chd_sandbox_get_program (ChdSandbox *self); /* (nullable) */
gboolean chd_sandbox_has_user_namespace (ChdSandbox *self);
GBytes *chd_sandbox_get_filter (ChdSandbox *self); /* (nullable) a BPF program */

int chd_sandbox_open_data (gconstpointer data, gsize length);

/* What every sandbox begins with: namespaces, privileges, devices. */
void chd_sandbox_add_common_args (GPtrArray *args, gboolean user_namespace, gboolean network, guint64 shm_bytes);
/* bwrap's arguments for a step, apart from its command; %NULL with @error when the image cannot hold the binds. */
GPtrArray *chd_sandbox_build_args (ChdSandbox *self, const ChdStepSpec *spec, GError **error);

/* The system calls that steps have no business with. %NULL with @problem where the filter cannot be made. */
GBytes *chd_seccomp_build_filter (char **problem);

G_END_DECLS
