/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What the objects of every Kubernetes API have in common. */

#define CHD_KUBE_FIELD_MANAGER "chain-designer"

/* Labels: ASCII values of at most 63 characters. */
#define CHD_LABEL_MANAGED_BY "app.kubernetes.io/managed-by"
#define CHD_LABEL_MANAGED_BY_VALUE "chain-designer"
#define CHD_LABEL_PREFIX "chain-designer.example.org/"
#define CHD_LABEL_CHAIN CHD_LABEL_PREFIX "chain"
#define CHD_LABEL_NODE CHD_LABEL_PREFIX "node"
#define CHD_LABEL_POSITION CHD_LABEL_PREFIX "position"
#define CHD_LABEL_UNIT CHD_LABEL_PREFIX "unit"
#define CHD_LABEL_RUN CHD_LABEL_PREFIX "run" /* on a PipelineRun: its own name, so that one run can be watched */
#define CHD_LABEL_INTERFACE CHD_LABEL_PREFIX "interface" /* "true" on a Pipeline that is a template for analysts */

/* Annotations: any text. */
#define CHD_ANNOTATION_TITLE CHD_LABEL_PREFIX "title"
/* Of a pipeline interface; title, description may carry a language suffix, ".zh_CN". */
#define CHD_ANNOTATION_DESCRIPTION CHD_LABEL_PREFIX "description"
#define CHD_ANNOTATION_POSITIONS CHD_LABEL_PREFIX "positions" /* "before,work"; absent: all */
#define CHD_ANNOTATION_PARAM_PREFIX CHD_LABEL_PREFIX "param." /* + the name of the param: a JSON object */
#define CHD_ANNOTATION_UNIT_PATH CHD_LABEL_PREFIX "unit-path"
#define CHD_ANNOTATION_REVISION CHD_LABEL_PREFIX "revision"
#define CHD_ANNOTATION_HASH CHD_LABEL_PREFIX "hash"
#define CHD_ANNOTATION_REQUEST CHD_LABEL_PREFIX "request" /* on a PipelineRun: which press of the button made it */
/* On a node's pipeline: the interface it was made from, and the form's values as JSON. */
#define CHD_ANNOTATION_FROM_INTERFACE CHD_LABEL_PREFIX "from-interface"
#define CHD_ANNOTATION_PARAMS CHD_LABEL_PREFIX "params"
/* "true" on a Task, an embedded task or a TaskRun: its steps may use the network. */
#define CHD_ANNOTATION_NETWORK CHD_LABEL_PREFIX "network"
/* On an interface: how the compiler multiplies its tasks; see chd-compiler.h. */
#define CHD_ANNOTATION_EXPAND CHD_LABEL_PREFIX "expand"
#define CHD_EXPAND_ORGANISATION_LEVELS "organisation-levels"

/* What Tekton and the API server write. */
#define CHD_LABEL_TEKTON_PIPELINE "tekton.dev/pipeline"
#define CHD_LABEL_TEKTON_PIPELINE_RUN "tekton.dev/pipelineRun"
#define CHD_LABEL_TEKTON_PIPELINE_TASK "tekton.dev/pipelineTask"
#define CHD_LABEL_TEKTON_TASK_RUN "tekton.dev/taskRun"

/**
 * ChdKubeType:
 *
 * The resources this program has to do with.
 */
typedef enum
{
  CHD_KUBE_NAMESPACE,
  CHD_KUBE_CONFIG_MAP,
  CHD_KUBE_SERVICE_ACCOUNT,
  CHD_KUBE_EVENT,
  CHD_KUBE_POD,
  CHD_KUBE_TASK,
  CHD_KUBE_PIPELINE,
  CHD_KUBE_TASK_RUN,
  CHD_KUBE_PIPELINE_RUN,
  CHD_KUBE_CUSTOM_RUN,
  CHD_KUBE_APPROVAL_TASK,
  CHD_KUBE_SELF_SUBJECT_REVIEW,
  CHD_KUBE_SELF_SUBJECT_ACCESS_REVIEW,
  CHD_KUBE_SELF_SUBJECT_RULES_REVIEW,
  CHD_KUBE_N_TYPES,
} ChdKubeType;

typedef struct
{
  const char *group; /* "" for the core group */
  const char *version;
  const char *kind;
  const char *plural;
  const char *singular;
  gboolean namespaced;
} ChdKubeResource;

const ChdKubeResource *chd_kube_resource (ChdKubeType type);
gboolean chd_kube_type_of (JsonObject *object, ChdKubeType *type);
gboolean chd_kube_type_for_kind (const char *api_version, const char *kind, ChdKubeType *type);
gboolean chd_kube_type_for_path (const char *group, const char *version, const char *plural, ChdKubeType *type);
char *chd_kube_api_version (ChdKubeType type);
char *chd_kube_path (ChdKubeType type, const char *namespace_, const char *name, const char *subresource);

/* Reading. Strings are borrowed from the object, %NULL when absent. */
const char *chd_kube_get_api_version (JsonObject *object);
const char *chd_kube_get_kind (JsonObject *object);
const char *chd_kube_get_name (JsonObject *object);
const char *chd_kube_get_namespace (JsonObject *object);
const char *chd_kube_get_uid (JsonObject *object);
const char *chd_kube_get_resource_version (JsonObject *object);
const char *chd_kube_get_creation_timestamp (JsonObject *object);
const char *chd_kube_get_label (JsonObject *object, const char *key);
const char *chd_kube_get_annotation (JsonObject *object, const char *key);
gboolean chd_kube_is_deleting (JsonObject *object);
gboolean chd_kube_is_ours (JsonObject *object);
gboolean chd_kube_is_owned_by (JsonObject *object, const char *uid);
const char *chd_kube_get_controller_name (JsonObject *object, const char *kind);
JsonObject *chd_kube_get_condition (JsonObject *object, const char *type);
int chd_kube_compare_versions (const char *a, const char *b);
GPtrArray *chd_kube_list_items (JsonObject *list);

/* Building. */
JsonObject *chd_kube_object_new (ChdKubeType type, const char *namespace_, const char *name);
void chd_kube_set_label (JsonObject *object, const char *key, const char *value);
void chd_kube_set_annotation (JsonObject *object, const char *key, const char *value);
void chd_kube_add_owner (JsonObject *object, JsonObject *owner, gboolean controller);

gboolean chd_kube_is_label_value (const char *value);
char *chd_kube_selector (const char *first_key, ...) G_GNUC_NULL_TERMINATED;
char *chd_kube_selector_from_labels (GHashTable *labels);

G_END_DECLS
