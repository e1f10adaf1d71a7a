/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* OCI and Docker (schema 2) image documents. The bytes of a manifest are what its digest covers: keep them, never
 * write a parsed one again. */

#define CHD_OCI_MAX_MANIFEST (4 * 1024 * 1024)
#define CHD_OCI_MAX_LAYERS 128

#define CHD_OCI_TYPE_INDEX "application/vnd.oci.image.index.v1+json"
#define CHD_OCI_TYPE_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define CHD_OCI_TYPE_CONFIG "application/vnd.oci.image.config.v1+json"
#define CHD_OCI_TYPE_LAYER "application/vnd.oci.image.layer.v1.tar"
#define CHD_OCI_TYPE_LAYER_GZIP "application/vnd.oci.image.layer.v1.tar+gzip"
#define CHD_OCI_TYPE_LAYER_ZSTD "application/vnd.oci.image.layer.v1.tar+zstd"
#define CHD_DOCKER_TYPE_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define CHD_DOCKER_TYPE_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define CHD_DOCKER_TYPE_CONFIG "application/vnd.docker.container.image.v1+json"
#define CHD_DOCKER_TYPE_LAYER_GZIP "application/vnd.docker.image.rootfs.diff.tar.gzip"
#define CHD_DOCKER_TYPE_LAYER "application/vnd.docker.image.rootfs.diff.tar"

/* The Accept header for manifests: a registry that is not offered all four may answer 404 for an image it has. */
#define CHD_OCI_ACCEPT                                                                                                 \
  CHD_OCI_TYPE_MANIFEST ", " CHD_OCI_TYPE_INDEX ", " CHD_DOCKER_TYPE_MANIFEST ", " CHD_DOCKER_TYPE_LIST

typedef enum
{
  CHD_OCI_COMPRESSION_NONE,
  CHD_OCI_COMPRESSION_GZIP,
  CHD_OCI_COMPRESSION_ZSTD,
} ChdOciCompression;

/* Strings are owned. Every digest satisfies chd_oci_is_digest(), every size is >= 0. */
typedef struct
{
  char *media_type;
  char *digest;
  gint64 size;
  char *artifact_type; /* (nullable) */
  char *ref_name;      /* (nullable) annotation org.opencontainers.image.ref.name, foreign text */
  char *os;            /* (nullable) */
  char *architecture;  /* (nullable) */
  char *variant;       /* (nullable) */
  gboolean foreign;    /* has urls: the content is on another server, which is never asked */
} ChdOciDescriptor;

void chd_oci_descriptor_free (ChdOciDescriptor *self);
ChdOciDescriptor *chd_oci_descriptor_copy (const ChdOciDescriptor *self);

typedef struct
{
  gboolean is_index;
  char *media_type;          /* as the document says, or as it was served */
  ChdOciDescriptor *config;  /* (nullable) for an index */
  GPtrArray *layers;         /* of ChdOciDescriptor, base first; empty for an index */
  GPtrArray *manifests;      /* of ChdOciDescriptor; empty for a manifest */
  ChdOciDescriptor *subject; /* (nullable) */
  char *artifact_type;       /* (nullable) */
  JsonObject *annotations;   /* (nullable) */
} ChdOciManifest;

/**
 * chd_oci_manifest_parse:
 * @served_type: (nullable): the Content-Type or the descriptor's mediaType it came with
 *
 * Refuses what two readers could read differently (a manifest that is an index too, another mediaType inside than
 * outside), schema 1, bad digests and sizes, embedded data that is not what its digest says, too many layers.
 */
ChdOciManifest *chd_oci_manifest_parse (const char *data, gsize length, const char *served_type, GError **error);
void chd_oci_manifest_free (ChdOciManifest *self);
gboolean chd_oci_is_manifest_type (const char *media_type);
gboolean chd_oci_is_index_type (const char *media_type);
/* %FALSE for a media type that is no layer that we can unpack. */
gboolean chd_oci_layer_compression (const char *media_type, ChdOciCompression *compression);

/* Chooses the child of an index for @os/@architecture; the error names the platforms there are. */
const ChdOciDescriptor *
chd_oci_index_select (const ChdOciManifest *index, const char *os, const char *architecture, GError **error);
/* Of the machine we run on, in OCI's words ("amd64", "arm64" …). */
const char *chd_oci_host_architecture (void);

typedef struct
{
  char *os;
  char *architecture;
  char *created;     /* (nullable) */
  char *user;        /* (nullable) "name", "uid", "name:group", "uid:gid" */
  char *working_dir; /* (nullable) */
  char **entrypoint; /* (nullable) */
  char **cmd;        /* (nullable) */
  char **env;        /* (nullable) "NAME=value" */
  char **diff_ids;
  JsonObject *labels; /* (nullable) */
} ChdOciConfig;

ChdOciConfig *chd_oci_config_parse (const char *data, gsize length, GError **error);
void chd_oci_config_free (ChdOciConfig *self);

/* Building. */
JsonObject *chd_oci_descriptor_to_json (const char *media_type, const char *digest, gint64 size);
/* @layers: of ChdOciDescriptor. Returns the bytes of an OCI manifest. */
GBytes *chd_oci_manifest_build (const ChdOciDescriptor *config, GPtrArray *layers);
/* The registry's error body: {"errors":[{"code":…,"message":…,"detail":…}]}. */
char *chd_oci_error_body (const char *code, const char *message, const char *detail);
/* "sha256:" and the hex digits. */
char *chd_oci_digest (gconstpointer data, gsize length);
GChecksumType chd_oci_digest_type (const char *digest);

/* One challenge of WWW-Authenticate; the scheme in lower case, the parameters' names too. */
typedef struct
{
  char *scheme;
  GHashTable *parameters;
} ChdChallenge;

/* @headers: the header's lines. Returns (element-type ChdChallenge); what cannot be read is left out. */
GPtrArray *chd_challenges_parse (const char *const *headers);
const char *chd_challenge_get (const ChdChallenge *self, const char *parameter);
void chd_challenge_free (ChdChallenge *self);

/* The next page of a "Link: <url>; rel="next"" header, or %NULL. */
char *chd_link_header_next (const char *header);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdOciDescriptor, chd_oci_descriptor_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdOciManifest, chd_oci_manifest_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdOciConfig, chd_oci_config_free)

G_END_DECLS
