/* protocols/jmap/request/type.h: an object type: its properties, and what the standard methods need
 * of it (RFC 8620 5). A type is one file of types/ that defines one struct jmap_type, and a row of
 * types/registry.c.
 *
 * The table of properties makes /get's selection, the type checks of /set with their SetErrors, and
 * the negative tests. Functions that are NULL: the type does not have that method. */
#ifndef JMAP_TYPE_H
#define JMAP_TYPE_H
#include "protocols/jmap/request/call.h"

struct jmap_get;
struct jmap_set;
struct jmap_query;
struct jmap_changes;
struct jmap_patch;
struct mail_txn;

struct jmap_property {
	const char *name;
	enum jmap_form form;
	unsigned flags;
	/* Write the value with that name. object is what the type's load returned. */
	enum err (*put)(struct jmap_get *g, const char *name, const void *object);
};

struct jmap_type {
	const char *name; /* "Mailbox" */
	enum jmap_capability capability;
	unsigned scope;
	const struct jmap_property *properties; /* "id" first; at most 64 */
	size_t property_count;
	bool no_account; /* PushSubscription */
	bool own_only;   /* of the caller's account and its groups: Identity */
	bool stateless;  /* no state, no /changes: PushSubscription, SearchSnippet */

	/* --- /get: runs in one read transaction. --- */
	const struct jmap_argument *get_arguments; /* in addition to the standard ones */
	size_t get_argument_count;
	/* Called once before the objects: check extra arguments, prepare. May be NULL. */
	enum err (*get_begin)(struct jmap_get *g);
	/* ids: null: push every id with jmap_get_add; the machinery refuses more than
	 * LIMIT_jmap_get. */
	enum err (*all)(struct jmap_get *g);
	/* *object lives in g->object_arena until the next load. ERR_MISSING: notFound. */
	enum err (*load)(struct jmap_get *g, struct str id, const void **object);
	/* A property that is not in the table, as "header:Subject:asText": is it valid; write
	 * it. */
	bool (*extra_valid)(struct str name);
	enum err (*extra_put)(struct jmap_get *g, struct str name, const void *object);

	/* --- State and /changes --- */
	enum err (*state)(const struct mail_txn *m, uint64_t *modseq);
	/* ERR_MISSING: cannotCalculateChanges. */
	enum err (*changes)(struct jmap_changes *c);
	/* Members after the standard ones: Mailbox's updatedProperties. */
	void (*changes_put)(struct jmap_changes *c, struct json_writer *w);

	/* --- /set: runs in one write transaction, perhaps more than once. --- */
	/* No transaction is open: create, update, destroy and set_end open their own, and s->m.t is
	 * NULL. For changes that block, as sending does. Each object is changed alone. */
	bool set_alone;
	const struct jmap_argument *set_arguments;
	size_t set_argument_count;
	enum err (*set_begin)(struct jmap_set *s);
	/* Each returns OK, or what jmap_set_refuse returned (nothing may be written before), or an
	 * error of the store. create: values were checked by the table; it writes the server-set
	 * properties into s->out and returns the id. */
	enum err (*create)(struct jmap_set *s, struct json object, struct str *id);
	enum err (*update)(struct jmap_set *s, struct str id, const struct jmap_patch *patch);
	enum err (*destroy)(struct jmap_set *s, struct str id);
	enum err (*set_end)(struct jmap_set *s);
	/* Before the transaction, for what may block or is large: compose messages, read blobs.
	 * Once for the call; then for each object to create whose values the table allows, with
	 * creation ids of earlier calls resolved: s->prepared may be set, and create has it. The
	 * latter returns as create. May be NULL. */
	enum err (*set_prepare)(struct jmap_set *s);
	enum err (*create_prepare)(struct jmap_set *s, struct json object);
	/* After it, also when it failed: wake senders, free what was prepared. May be NULL. */
	void (*set_done)(struct jmap_set *s, bool committed);

	/* --- /copy: as create in the same transaction; object has the "id" in s->from and the
	 * properties that replace those of the copy. --- */
	enum err (*copy)(struct jmap_set *s, struct json object, struct str *id);

	/* --- /query and /queryChanges --- */
	const struct jmap_argument *query_arguments;
	size_t query_argument_count;
	const struct jmap_argument *conditions; /* properties of a FilterCondition */
	size_t condition_count;
	const char *const *sorts; /* names of sortable properties, NULL at the end */
	enum err (*query)(struct jmap_query *q);
	/* Ids whose place in the results may have changed, when these are more than those that
	 * /changes has: Email with collapseThreads. NULL: changes. */
	enum err (*query_changed)(struct jmap_query *q, struct jmap_changes *c);
};

/* The types and methods of a server. jmap_registry has the rows of types/registry.def; tests
 * make their own. */
struct jmap_registry {
	const struct jmap_type *const *types;
	size_t type_count;
	const struct jmap_methods *const *methods;
	size_t methods_count;
};
extern const struct jmap_registry jmap_registry;

/* --- /get --- */

struct jmap_get {
	struct jmap_call *call;
	const struct jmap_type *type;
	struct mail_txn m;
	struct arena *arena;        /* of the call */
	struct arena *object_arena; /* reset for each object */
	struct json_writer *out;
	uint64_t wanted; /* BIT of each property of the table */
	struct str *extra; /* properties that are not in the table, valid */
	size_t extra_count;
	void *state; /* the type's own, from get_begin */
};
void jmap_get_add(struct jmap_get *g, struct str id);
static inline bool jmap_wants(const struct jmap_get *g, unsigned property)
{
	return g->wanted >> property & 1;
}

/* For methods that write objects as /get does: Email/parse. Reads the argument "properties" into g;
 * missing: otherwise. */
enum err jmap_properties_read(struct jmap_get *g, uint64_t otherwise) MUST_USE;
/* The object as the next value of g->out: what g wants of it. */
enum err jmap_object_put(struct jmap_get *g, const void *object) MUST_USE;

/* --- /changes --- */

struct jmap_changes {
	struct jmap_call *call;
	struct mail_txn m;
	uint64_t since;
	size_t max; /* 0: no maximum */
	/* Results: ids as text in the call's arena. */
	struct str *created, *updated, *destroyed;
	size_t created_count, updated_count, destroyed_count;
	uint64_t modseq;
	bool more;
	void *state; /* the type's own, for changes_put */
};

/* --- /set --- */

/* A change of one property of a PatchObject (RFC 8620 5.3). */
struct jmap_change {
	const struct jmap_property *property;
	bool keyed;        /* the change is of one key of a MAP: "keywords/$seen" */
	struct str key;
	struct str rest;   /* of the path behind the key, without its slash; empty: none. Only
	                    * for a MAP of FORM_OBJECT or FORM_ANY: "shareWith/a1/mayRead" */
	struct json value; /* null: the default, or removal of the key */
};
struct jmap_patch {
	const struct jmap_change *changes;
	size_t n;
};
/* The value of a whole property; missing when the patch does not set it. */
struct json jmap_patch_get(const struct jmap_patch *p, const char *property);

struct jmap_set_run;
struct jmap_set {
	struct jmap_call *call;
	const struct jmap_type *type;
	struct mail_txn m; /* undefined in set_prepare and set_done */
	struct mail_txn from; /* of /copy: the mail of fromAccountId */
	struct arena *arena;  /* of the call */
	struct json_writer *out; /* of the object that is created or updated: server-set properties,
	                          * in an open object; the machinery writes "id" */
	void *state;
	void *prepared; /* of the object that is created */
	struct jmap_set_run *run; /* the machinery's */
};
/* A SetError (RFC 8620 5.3); property may be NULL, and names the one of "properties". */
enum err jmap_set_refuse(struct jmap_set *s, const char *type, const char *property,
                         const char *fmt, ...) PRINTF(4, 5);
/* Add a member with a JSON value to the SetError of the last jmap_set_refuse: "maxSize". */
void jmap_set_detail(struct jmap_set *s, const char *name, struct str json);
/* In set_end: this object has changed too; properties is a JSON object for "updated". */
void jmap_set_updated(struct jmap_set *s, struct str id, struct str properties);
/* The id of the object that is updated or destroyed is borrowed from the call; its creation id when
 * it is created. */
struct str jmap_set_key(const struct jmap_set *s);

/* For types that write many objects at once, in set_end: update and destroy call jmap_set_later and
 * return OK. set_end then ends each with what update would have returned; an error of the store
 * other than ERR_IO, ERR_CORRUPT, ERR_FULL and ERR_RETRY becomes a SetError, since nothing was
 * written for that object. jmap_set_again makes the object the present one, for s->out and
 * jmap_set_refuse. */
size_t jmap_set_later(struct jmap_set *s);
void jmap_set_again(struct jmap_set *s, size_t later);
enum err jmap_set_result(struct jmap_set *s, size_t later, enum err e) MUST_USE;

/* A method that creates objects as /set does, from another argument: Email/import, with a type of
 * its own that has properties, create and state. The response has created and notCreated, and the
 * states. Writes accountId. */
enum err jmap_create_run(struct jmap_call *c, const struct jmap_type *type, const char *argument);

/* --- /query --- */

struct jmap_sort {
	const char *property; /* of type->sorts */
	bool ascending;
	struct str collation;
	struct json comparator; /* with the type's own members, as keyword */
};
struct jmap_query {
	struct jmap_call *call;
	const struct jmap_type *type;
	struct mail_txn m;
	struct arena *arena;
	struct json filter; /* checked by type->conditions; missing: all */
	const struct jmap_sort *sorts;
	size_t sort_count;
	int64_t position;
	struct str anchor; /* empty: none */
	int64_t anchor_offset;
	size_t limit; /* at most LIMIT_jmap_query */
	bool want_total;
	bool whole; /* /queryChanges: all results are needed */

	/* Results. A type may answer with the page alone (paged), which costs less; otherwise it
	 * gives all results, and the machinery cuts the page. */
	struct str *ids;
	size_t id_count;
	bool paged;
	uint64_t first; /* paged: position of the first id */
	uint64_t total; /* with want_total */
	bool cannot_change; /* canCalculateChanges is false */
};
/* For types that filter object by object: does the filter match, where match tells it of each
 * FilterCondition? */
bool jmap_filter_match(const struct jmap_query *q, bool (*match)(struct json condition, void *arg),
                       void *arg);
/* Compare by a collation of the capability (RFC 8620 2): as strcmp. */
int jmap_collate(struct str collation, struct str a, struct str b);

#endif
