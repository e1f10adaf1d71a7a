/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the command line says. */
typedef struct
{
  char *command; /* (nullable): %NULL to serve */
  char *data;
  char *socket;
  char *output;     /* (nullable) */
  int idle_seconds; /* 0 = never ends by itself */
  gboolean allow_unsandboxed;
} EngineOptions;

/* Returns: %FALSE with @error for a bad command line */
gboolean engine_options_parse (EngineOptions *options, int *argc, char ***argv, GError **error);
void engine_options_clear (EngineOptions *options);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (EngineOptions, engine_options_clear)

G_END_DECLS
