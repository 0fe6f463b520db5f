/* model/objects/objects_row.h: keys and rows of objects. Private to the folder. */
#ifndef OBJECTS_ROW_H
#define OBJECTS_ROW_H
#include "foundation/base/buf.h"
#include "model/objects/objects.h"

struct blob_id;

enum { OBJECT_KEY_BYTES = 4 + 1 + 8, OBJECT_DUE_KEY_BYTES = 1 + 8 + 4 + 8 };

struct object_key {
	struct buf b;
	char room[OBJECT_DUE_KEY_BYTES];
};
/* Borrowed from k. number: an id, 0 for the state of the type, or in OBJECT_CHANGE a modseq. */
struct str object_key(struct object_key *k, uint32_t account, enum object_type type,
                      uint64_t number);
/* All rows of a type, and of an account. */
struct str object_key_type(struct object_key *k, uint32_t account, enum object_type type);
struct str object_key_account(struct object_key *k, uint32_t account);
struct str object_key_due(struct object_key *k, enum object_type type, int64_t due_ms,
                          uint32_t account, uint64_t id);
/* The id or modseq in a key of OBJECT or OBJECT_CHANGE. */
uint64_t object_key_number(struct str key);

/* The state of a type. */
struct object_state {
	uint64_t next, modseq, floor;
	uint64_t count, gone; /* objects, and rows of deleted ones in the log */
};
/* Without a row, the type has no objects yet. */
enum err object_state_get(struct txn *t, uint32_t account, enum object_type type,
                          struct object_state *out) MUST_USE;

enum object_event {
	OBJECT_CREATED = 1,
	OBJECT_CHANGED,
	OBJECT_GONE,
};
/* A row of the log. */
struct object_change {
	uint64_t id;
	enum object_event event;
	uint64_t created; /* modseq of its creation */
};

/* False: the row cannot be read. id is left alone. */
bool object_row_read(struct str row, struct object *out);
bool object_change_read(struct str row, struct object_change *out);
/* Does a record of the type hold a reference to a blob? Then *out is its id, unless the record
 * cannot be read. */
bool object_blob(enum object_type type, struct str record, struct blob_id *out);

#endif
