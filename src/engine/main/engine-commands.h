/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine-options.h"

G_BEGIN_DECLS

/* Commands to a running engine, over its socket. Each returns an exit status: 0 done, 1 failed. */
int engine_command_status (const EngineOptions *options);
int engine_command_stop (const EngineOptions *options);
int engine_command_kubeconfig (const EngineOptions *options);
int engine_command_check (const EngineOptions *options);

G_END_DECLS
