/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine-options.h"

G_BEGIN_DECLS

/* Serves until it is told to end, or has had nothing to do for long enough. Returns: the exit status */
int engine_serve (const EngineOptions *options);

G_END_DECLS
