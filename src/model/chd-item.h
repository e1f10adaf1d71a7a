/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What a chain document consists of. Items are values: plain reference-counted structs that never change once they
 * are in a chain, so that an edit is "this item instead of that one" and undo is the way back. Who wants to change an
 * item copies it, sets the copy's fields and hands it to chd_chain_replace(). Readers may keep references as long as
 * they like, in any thread.
 *
 * Fields named `extra` hold the members of the document that this version does not know; they are written back. */

typedef enum
{
  CHD_ITEM_HEAD, /* the chain's own title, params …; exactly one */
  CHD_ITEM_UNIT,
  CHD_ITEM_ENVIRONMENT,
  CHD_ITEM_SCRIPT,
  CHD_ITEM_NODE,
  CHD_ITEM_LINK,
} ChdItemKind;
#define CHD_N_ITEM_KINDS (CHD_ITEM_LINK + 1)

/* Names and ids of chains and nodes are DNS labels of at most this many bytes (design.md, 3); other ids up to 63. */
#define CHD_MAX_NAME 24
#define CHD_MAX_ID 63

/* How deep units may lie within each other; no company is deeper, and readers refuse documents that are. */
#define CHD_MAX_LEVELS 64

typedef struct
{
  gatomicrefcount refs;
  ChdItemKind kind;
  char *id;          /* (owned); unique in its kind */
  JsonObject *extra; /* (owned) (nullable) */
} ChdItem;

gpointer chd_item_ref (gconstpointer item);
void chd_item_unref (gpointer item);
gpointer chd_item_copy (gconstpointer item);
gboolean chd_item_equal (gconstpointer a, gconstpointer b);
const char *chd_item_get_title (gconstpointer item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdItem, chd_item_unref)

/* Values of params: a GVariant of type s, as or a{ss}. A set of named values: a{sv} of those, in document order. */
typedef enum
{
  CHD_PARAM_STRING,
  CHD_PARAM_ARRAY,
  CHD_PARAM_OBJECT,
} ChdParamType;

const char *chd_param_type_to_string (ChdParamType type);
gboolean chd_param_type_from_string (const char *text, ChdParamType *type);
ChdParamType chd_value_get_param_type (GVariant *value);
GVariant *chd_value_from_json (JsonNode *node);
JsonNode *chd_value_to_json (GVariant *value);
GVariant *chd_values_lookup (GVariant *values, const char *name);
GVariant *chd_values_set (GVariant *values, const char *name, GVariant *value);
GVariant *chd_values_from_json (JsonObject *object);
JsonObject *chd_values_to_json (GVariant *values);

/* A declared param of a chain, script or interface. */
typedef struct
{
  char *name;
  char *title;       /* (nullable): shown instead of the name */
  char *description; /* (nullable) */
  ChdParamType type;
  GVariant *fallback; /* (nullable): the default; none means required */
  char **choices;     /* (nullable): enum */
  char **properties;  /* (nullable): keys of an object */
  char *widget;       /* (nullable): hint for the form: "multiline", "unit", "person", "duration", "number", "boolean",
                         "secret" */
  JsonObject *extra;
} ChdParam;

ChdParam *chd_param_new (const char *name, ChdParamType type);
ChdParam *chd_param_copy (const ChdParam *param);
void chd_param_free (ChdParam *param);
gboolean chd_param_is_required (const ChdParam *param);
gboolean chd_param_check_value (const ChdParam *param, GVariant *value, char **message);
const ChdParam *chd_params_find (GPtrArray *params, const char *name);

/* A declared result of a script or interface. */
typedef struct
{
  char *name;
  ChdParamType type;
  char *description; /* (nullable) */
  JsonObject *extra;
} ChdResult;

ChdResult *chd_result_new (const char *name);
ChdResult *chd_result_copy (const ChdResult *result);
void chd_result_free (ChdResult *result);
const ChdResult *chd_results_find (GPtrArray *results, const char *name);

/* The chain's own part; the item's id is its name. */
typedef struct
{
  ChdItem item;
  char *title;
  char *description;
  char *owner;              /* (nullable): id of a unit */
  GPtrArray *params;        /* (element-type ChdParam), never NULL */
  char *organisation_title; /* (nullable) */
  JsonObject *organisation_extra;
} ChdHead;

typedef struct
{
  ChdItem item;
  char *title;
  char *level;           /* (nullable): free word: group, company, division, department, team */
  char *parent;          /* (nullable): id of a unit */
  char *lead;            /* (nullable): person */
  char **members;        /* (nullable) */
  char *service_account; /* (nullable): the engine's default when unset */
  gboolean collapsed;    /* drawn as one line */
} ChdUnit;

typedef struct
{
  ChdItem item;
  char *title;
  char *image;       /* reference without digest, for example "environments/shell:1"; "host" for the system itself */
  char *source_type; /* (nullable): oci-archive, docker-archive, oci-layout, registry */
  char *source_path; /* (nullable): relative to the document, or shipped */
  gboolean network;  /* steps may use the network */
  JsonObject *source_extra;
} ChdEnvironment;

typedef struct
{
  ChdItem item;
  char *title;
  char *interpreter; /* "/bin/sh" */
  char *text;
  GPtrArray *params;  /* (element-type ChdParam), never NULL */
  GPtrArray *results; /* (element-type ChdResult), never NULL */
} ChdScript;

typedef enum
{
  CHD_POSITION_BEFORE,
  CHD_POSITION_WORK,
  CHD_POSITION_AFTER,
  CHD_POSITION_ON_FAILURE,
} ChdPosition;
#define CHD_N_POSITIONS (CHD_POSITION_ON_FAILURE + 1)

const char *chd_position_to_string (ChdPosition position); /* "before", "work", "after", "on-failure" */
gboolean chd_position_from_string (const char *text, ChdPosition *position);
const char *chd_position_get_title (ChdPosition position); /* translated */

/* A pipeline create request of a node. */
typedef struct
{
  ChdPosition at;
  char *interface_id;
  GVariant *params; /* a{sv}, never NULL */
  JsonObject *extra;
} ChdPipelineBinding;

ChdPipelineBinding *chd_pipeline_binding_new (ChdPosition at, const char *interface_id, GVariant *params);
ChdPipelineBinding *chd_pipeline_binding_copy (const ChdPipelineBinding *binding);
void chd_pipeline_binding_free (ChdPipelineBinding *binding);

/* A task create request of a node. */
typedef struct
{
  char *script;
  char *environment;
  GVariant *params; /* a{sv}, never NULL */
  int retries;
  char *timeout; /* (nullable): "10m" */
  JsonObject *extra;
} ChdTaskBinding;

ChdTaskBinding *chd_task_binding_new (const char *script, const char *environment, GVariant *params);
ChdTaskBinding *chd_task_binding_copy (const ChdTaskBinding *binding);
void chd_task_binding_free (ChdTaskBinding *binding);

typedef enum
{
  CHD_EXECUTION_UNSET,
  CHD_EXECUTION_DEPENDENT,
  CHD_EXECUTION_PARALLEL,
} ChdExecutionMode;

typedef struct
{
  ChdItem item;
  char *title;
  char *description; /* (nullable) */
  char *unit;        /* id of a unit */
  double x, y;       /* centre of the card, in canvas units (pixels at 100 %) */
  gboolean placed;   /* whether x and y were ever set */
  JsonObject *position_extra;
  GPtrArray *pipelines; /* (element-type ChdPipelineBinding), never NULL; at most one a position */
  ChdTaskBinding *task; /* (nullable) */
  ChdExecutionMode execution;
  gboolean task_first; /* the order when dependent */
  JsonObject *execution_extra;
} ChdNode;

const ChdPipelineBinding *chd_node_get_pipeline (const ChdNode *node, ChdPosition at);
void chd_node_set_pipeline (ChdNode *node, ChdPipelineBinding *binding /* (transfer full) */);
void chd_node_unset_pipeline (ChdNode *node, ChdPosition at);
void chd_node_set_task (ChdNode *node, ChdTaskBinding *task /* (transfer full) (nullable) */);
gboolean chd_node_has_work (const ChdNode *node);
gboolean chd_node_has_pair (const ChdNode *node); /* a work pipeline and a task: execution applies */

typedef enum
{
  CHD_OPERATOR_IN,
  CHD_OPERATOR_NOT_IN,
} ChdOperator;

typedef struct
{
  ChdItem item; /* id: "from->to" */
  char *from;
  char *to;
  char *result; /* (nullable): the condition's result of `from`; no condition when unset */
  ChdOperator op;
  char **values; /* (nullable) */
  JsonObject *condition_extra;
} ChdLink;

/* New items, with empty arrays and no references; strings are copied. */
ChdHead *chd_head_new (const char *name, const char *title);
ChdUnit *chd_unit_new (const char *id, const char *title, const char *parent);
ChdEnvironment *chd_environment_new (const char *id, const char *title, const char *image);
ChdScript *chd_script_new (const char *id, const char *title);
ChdNode *chd_node_new (const char *id, const char *title, const char *unit);
ChdLink *chd_link_new (const char *from, const char *to);
char *chd_link_make_id (const char *from, const char *to);
void chd_link_set_ends (ChdLink *link, const char *from, const char *to); /* on a copy */

/* Casts of a ChdItem whose kind is known. */
#define CHD_HEAD(item) ((ChdHead *) (item))
#define CHD_UNIT(item) ((ChdUnit *) (item))
#define CHD_ENVIRONMENT(item) ((ChdEnvironment *) (item))
#define CHD_SCRIPT(item) ((ChdScript *) (item))
#define CHD_NODE(item) ((ChdNode *) (item))
#define CHD_LINK(item) ((ChdLink *) (item))

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdHead, chd_item_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdUnit, chd_item_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdEnvironment, chd_item_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdScript, chd_item_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdNode, chd_item_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdLink, chd_item_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdParam, chd_param_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdResult, chd_result_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdPipelineBinding, chd_pipeline_binding_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ChdTaskBinding, chd_task_binding_free)

G_END_DECLS
