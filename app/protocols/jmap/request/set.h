/* protocols/jmap/request/set.h: a /set under way (RFC 8620 5.3). Private to set*.c and copy.c.
 *
 *	set.c            objects, their order, the transaction
 *	set_check.c      an object to create or a PatchObject, by the type's table
 *	set_error.c      SetErrors
 *	set_response.c   the response
 *	copy.c           /copy, which creates only */
#ifndef JMAP_SET_H
#define JMAP_SET_H
#include "foundation/base/map.h"
#include "protocols/jmap/request/form.h"
#include "protocols/jmap/request/request.h"

enum set_op { SET_CREATE, SET_UPDATE, SET_DESTROY, SET_OPS };

struct set_error {
	const char *type;
	struct why why;
	const char *properties[8]; /* the first of them */
	size_t property_count;
	struct set_member {
		const char *name;
		struct str json;
	} members[2];
	size_t member_count;
};

struct set_item {
	enum set_op op;
	struct str key;    /* creation id, or id as the client wrote it */
	struct json value; /* object or PatchObject */
	void *prepared;
	struct set_error *error; /* NULL: none */
	bool final; /* the error is from before the transaction, or of a failed run */
	bool done;  /* in this run */
	bool later;
	struct set_wait *waiting; /* objects that refer to this one */
	size_t waits;             /* for others: the number of references */
	struct str id;   /* created */
	size_t from, to; /* of its object in results */
};

struct set_wait {
	struct set_item *item;
	struct set_wait *next;
};

struct set_updated {
	struct str id, properties;
};

struct jmap_set_run {
	struct jmap_set set;
	struct set_item *items; /* creations, then updates, then destructions */
	size_t n;
	struct set_item *now; /* the present one */
	struct map creating;  /* struct set_item by creation id */
	struct map created;   /* struct str: ids so far in this run */
	struct arena round;   /* reset before the transaction runs again */
	bool rerun;
	unsigned reruns;
	struct buf results;
	struct json_writer out;
	struct set_updated *updated; /* by jmap_set_updated */
	size_t updated_count, updated_room;
	uint64_t old_state, new_state;
	bool copy;
};

/* --- set.c --- */

/* The arguments, the objects and the transaction, for run->set.call and type. creations: the name
 * of the argument with the objects to create. After it: set_response_put, set_run_deinit. */
enum err set_run_all(struct jmap_set_run *run, const char *creations) MUST_USE;
void set_run_deinit(struct jmap_set_run *run);

/* --- set_response.c --- */

void set_response_put(struct jmap_set_run *run, bool creations_only);

/* --- set_error.c --- */

void set_error_put(const struct set_error *e, struct json_writer *w);
/* The SetError for an error of the store. */
void set_fail(struct jmap_set_run *run, enum err e);

/* --- set_check.c --- */

/* The values of an object to create. False: the item has its error. */
bool set_object_check(struct jmap_set_run *run, struct json object);
/* Resolve creation ids of earlier calls, before the transaction. False: the item has its error. */
bool set_ids_prepare(struct jmap_set_run *run, struct json *object);
/* In the transaction: resolve creation ids of this and earlier calls, all or none. *missing: the
 * property with an unknown one. *object lives until the transaction runs again. False: the item has
 * its error. */
bool set_ids_resolve(struct jmap_set_run *run, struct json *object, struct str *missing);
/* Note for which other objects of the call the present one waits. */
void set_waits_find(struct jmap_set_run *run);
/* In the transaction: parse and check a PatchObject for the object id. Errors: of the store, or the
 * item's. */
enum err set_patch_parse(struct jmap_set_run *run, struct str id, struct json patch,
                         struct jmap_patch *out);

#endif
