/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "cloud-test.h"

/* A server that expects certain requests in a certain order and answers each as told. */

typedef struct
{
  const char *method;
  const char *target; /* NULL: any */
  guint status;
  char *body;         /* (owned) */
  const char *header; /* "Name: value" or NULL */
} Step;

typedef struct
{
  GArray *steps; /* of Step */
  guint next;
  char *body; /* of the last request */
  char *content_type;
  char *url;
  SoupServer *soup;
} Script;

static inline void
script_handle (SoupServer *soup, SoupServerMessage *message, const char *path, GHashTable *query, gpointer user_data)
{
  Script *self = user_data;
  g_autofree char *target = g_uri_to_string_partial (soup_server_message_get_uri (message), G_URI_HIDE_FRAGMENT);
  const char *relative = strchr (strstr (target, "://") + 3, '/');
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  Step *step;

  if (self->next >= self->steps->len)
    g_error ("not expected: %s %s", soup_server_message_get_method (message), relative);
  step = &g_array_index (self->steps, Step, self->next);
  self->next++;
  g_assert_cmpstr (soup_server_message_get_method (message), ==, step->method);
  if (step->target != NULL)
    g_assert_cmpstr (relative, ==, step->target);
  g_free (self->body);
  self->body = g_strndup (body->data, (gsize) body->length);
  g_free (self->content_type);
  self->content_type = g_strdup (soup_message_headers_get_one (headers, "Content-Type"));
  if (step->header != NULL)
    {
      g_auto (GStrv) parts = g_strsplit (step->header, ": ", 2);

      soup_message_headers_append (soup_server_message_get_response_headers (message), parts[0], parts[1]);
    }
  soup_server_message_set_status (message, step->status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, step->body, strlen (step->body));
}

static inline Script *
script_new (void)
{
  Script *self = g_new0 (Script, 1);

  self->steps = g_array_new (FALSE, FALSE, sizeof (Step));
  self->soup = server_start (script_handle, self, &self->url);
  return self;
}

static inline void
script_expect (Script *self, const char *method, const char *target, guint status, const char *body, const char *header)
{
  Step step = { method, target, status, g_strdup (body), header };

  g_array_append_val (self->steps, step);
}

/* Everything that was expected has come. */
static inline void
script_done (Script *self)
{
  g_assert_cmpuint (self->next, ==, self->steps->len);
}

static inline void
script_free (Script *self)
{
  for (guint i = 0; i < self->steps->len; i++)
    g_free (g_array_index (self->steps, Step, i).body);
  g_array_unref (self->steps);
  g_object_unref (self->soup);
  g_free (self->body);
  g_free (self->content_type);
  g_free (self->url);
  g_free (self);
}
