/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Image references and the grammars of their parts, as OCI Distribution and the usual tools read them. */

#include "config.h"

#include "chd-image-reference.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "chd-error.h"
#include "chd-util.h"

#define MAX_PORT 65535
/* Longer than any name, tag and digest together can be. */
#define MAX_REFERENCE 1024

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"

struct _ChdImageReference
{
  char *host;       /* (owned) (nullable) */
  char *repository; /* (owned) (not nullable) */
  char *tag;        /* (owned) (nullable) */
  char *digest;     /* (owned) (nullable) */
};

G_DEFINE_BOXED_TYPE (ChdImageReference, chd_image_reference, chd_image_reference_ref, chd_image_reference_unref)

/* One part between slashes: letters and digits, joined by ".", "_", "__" or any number of "-". */
static gboolean
is_component (const char *text, gsize length)
{
  gsize i = 0;

  while (i < length)
    {
      gsize start = i;
      gsize joint;

      while (i < length && (g_ascii_islower (text[i]) || g_ascii_isdigit (text[i])))
        i++;
      if (i == start)
        return FALSE;
      if (i == length)
        return TRUE;
      joint = i;
      if (text[i] == '.')
        i++;
      else if (text[i] == '_')
        i += i + 1 < length && text[i + 1] == '_' ? 2 : 1;
      else
        while (i < length && text[i] == '-')
          i++;
      if (i == joint)
        return FALSE;
    }
  return FALSE;
}

/**
 * chd_oci_is_repository:
 *
 * Returns: whether @name may be the name of a repository, at most %CHD_IMAGE_REFERENCE_MAX_NAME characters
 */
gboolean
chd_oci_is_repository (const char *name)
{
  gsize length = name != NULL ? strlen (name) : 0;

  if (length == 0 || length > CHD_IMAGE_REFERENCE_MAX_NAME)
    return FALSE;
  for (;;)
    {
      const char *slash = strchr (name, '/');
      gsize part = slash != NULL ? (gsize) (slash - name) : strlen (name);

      if (!is_component (name, part))
        return FALSE;
      if (slash == NULL)
        return TRUE;
      name = slash + 1;
    }
}

/**
 * chd_oci_is_tag:
 */
gboolean
chd_oci_is_tag (const char *tag)
{
  gsize length = tag != NULL ? strlen (tag) : 0;

  return length > 0 && length <= CHD_IMAGE_REFERENCE_MAX_TAG && tag[0] != '.' && tag[0] != '-' &&
         strspn (tag, LOWER UPPER DIGITS "._-") == length;
}

/**
 * chd_oci_is_digest:
 *
 * Returns: whether @digest is "sha256:" and 64, or "sha512:" and 128 lower-case hex digits
 */
gboolean
chd_oci_is_digest (const char *digest)
{
  gsize expected;

  if (digest == NULL)
    return FALSE;
  if (g_str_has_prefix (digest, "sha256:"))
    expected = 64;
  else if (g_str_has_prefix (digest, "sha512:"))
    expected = 128;
  else
    return FALSE;
  digest += strlen ("sha256:");
  return strlen (digest) == expected && strspn (digest, DIGITS "abcdef") == expected;
}

static gboolean
is_port (const char *text)
{
  gsize length = strlen (text);
  gint64 value;

  if (length == 0 || length > 5 || strspn (text, DIGITS) != length)
    return FALSE;
  value = g_ascii_strtoll (text, NULL, 10);
  return value > 0 && value <= MAX_PORT;
}

/* A name, IPv4 address or bracketed IPv6 address, with a port or without. */
static gboolean
is_host (const char *host)
{
  const char *end;

  if (host[0] == '[')
    {
      gsize inside = strspn (host + 1, DIGITS "abcdefABCDEF:");

      if (inside == 0 || host[1 + inside] != ']')
        return FALSE;
      end = host + inside + 2;
    }
  else
    {
      const char *c = host;

      for (;;)
        {
          gsize part = strspn (c, LOWER UPPER DIGITS "-");

          if (part == 0 || c[0] == '-' || c[part - 1] == '-')
            return FALSE;
          c += part;
          if (*c != '.')
            break;
          c++;
        }
      end = c;
    }
  return *end == '\0' || (*end == ':' && is_port (end + 1));
}

static gboolean
looks_like_host (const char *part)
{
  if (strcmp (part, "localhost") == 0 || strpbrk (part, ".:") != NULL)
    return TRUE;
  for (const char *c = part; *c != '\0'; c++)
    if (g_ascii_isupper (*c))
      return TRUE;
  return FALSE;
}

/**
 * chd_image_reference_new:
 * @host: (nullable): with a port or without
 * @tag: (nullable)
 * @digest: (nullable)
 *
 * Returns: (transfer full): %NULL with %CHD_ERROR_INVALID when a part is not what it should be
 */
ChdImageReference *
chd_image_reference_new (const char *host, const char *repository, const char *tag, const char *digest, GError **error)
{
  ChdImageReference *self;
  const char *wrong = NULL;

  if (host != NULL && !is_host (host))
    wrong = host;
  else if (!chd_oci_is_repository (repository))
    wrong = repository != NULL ? repository : "";
  else if (tag != NULL && !chd_oci_is_tag (tag))
    wrong = tag;
  else if (digest != NULL && !chd_oci_is_digest (digest))
    wrong = digest;
  if (wrong != NULL)
    {
      g_autofree char *shown = chd_str_sanitize (wrong, -1, 300);

      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID, _ ("“%s” cannot be part of the name of an image."), shown);
      return NULL;
    }

  self = g_atomic_rc_box_new0 (ChdImageReference);
  self->host = g_strdup (host);
  self->repository = g_strdup (repository);
  self->tag = g_strdup (tag);
  self->digest = g_strdup (digest);
  return self;
}

/**
 * chd_image_reference_parse:
 *
 * Returns: (transfer full): %NULL with %CHD_ERROR_INVALID
 */
ChdImageReference *
chd_image_reference_parse (const char *text, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *host = NULL;
  g_autoptr (GError) reason = NULL;
  ChdImageReference *self = NULL;
  const char *tag = NULL;
  const char *digest = NULL;
  char *at;
  char *slash;
  char *colon;

  g_return_val_if_fail (text != NULL, NULL);

  if (strlen (text) <= MAX_REFERENCE)
    {
      name = g_strdup (text);
      at = strchr (name, '@');
      if (at != NULL)
        {
          *at = '\0';
          digest = at + 1;
        }
      slash = strrchr (name, '/');
      colon = strrchr (slash != NULL ? slash : name, ':');
      if (colon != NULL)
        {
          *colon = '\0';
          tag = colon + 1;
        }
      slash = strchr (name, '/');
      if (slash != NULL)
        {
          host = g_strndup (name, (gsize) (slash - name));
          /* What is no valid host is a folder of the repository ("my_team.example/a"), or nothing at all. */
          if (!looks_like_host (host) || !is_host (host))
            g_clear_pointer (&host, g_free);
        }
      self = chd_image_reference_new (host, host != NULL ? slash + 1 : name, tag, digest, &reason);
    }
  if (self == NULL)
    {
      g_autofree char *shown = chd_str_sanitize (text, -1, 300);

      g_set_error (error, CHD_ERROR, CHD_ERROR_INVALID,
                   _ ("“%s” is not the name of an image. It looks like “registry.example.org/team/image:1”."), shown);
      if (error != NULL && reason != NULL)
        chd_error_set_details (*error, reason->message);
    }
  return self;
}

ChdImageReference *
chd_image_reference_ref (ChdImageReference *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
image_reference_clear (ChdImageReference *self)
{
  g_free (self->host);
  g_free (self->repository);
  g_free (self->tag);
  g_free (self->digest);
}

void
chd_image_reference_unref (ChdImageReference *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) image_reference_clear);
}

const char *
chd_image_reference_get_host (const ChdImageReference *self)
{
  return self->host;
}

const char *
chd_image_reference_get_repository (const ChdImageReference *self)
{
  return self->repository;
}

const char *
chd_image_reference_get_tag (const ChdImageReference *self)
{
  return self->tag;
}

const char *
chd_image_reference_get_digest (const ChdImageReference *self)
{
  return self->digest;
}

const char *
chd_image_reference_get_selector (const ChdImageReference *self)
{
  if (self->digest != NULL)
    return self->digest;
  return self->tag != NULL ? self->tag : "latest";
}

/**
 * chd_image_reference_with_host:
 *
 * Returns: (transfer full): the same image at @host
 */
ChdImageReference *
chd_image_reference_with_host (const ChdImageReference *self, const char *host)
{
  return chd_image_reference_new (host, self->repository, self->tag, self->digest, NULL);
}

/**
 * chd_image_reference_with_digest:
 *
 * Returns: (transfer full): pinned to @digest
 */
ChdImageReference *
chd_image_reference_with_digest (const ChdImageReference *self, const char *digest)
{
  return chd_image_reference_new (self->host, self->repository, self->tag, digest, NULL);
}

/**
 * chd_image_reference_with_tag:
 *
 * Returns: (transfer full): @tag instead of tag and digest
 */
ChdImageReference *
chd_image_reference_with_tag (const ChdImageReference *self, const char *tag)
{
  return chd_image_reference_new (self->host, self->repository, tag, NULL, NULL);
}

/**
 * chd_image_reference_to_string:
 *
 * Returns: (transfer full): parses to an equal reference
 */
char *
chd_image_reference_to_string (const ChdImageReference *self)
{
  return g_strconcat (self->host != NULL ? self->host : "", self->host != NULL ? "/" : "", self->repository,
                      self->tag != NULL ? ":" : "", self->tag != NULL ? self->tag : "", self->digest != NULL ? "@" : "",
                      self->digest != NULL ? self->digest : "", NULL);
}
