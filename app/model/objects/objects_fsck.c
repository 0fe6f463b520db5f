/* model/objects/objects_fsck.c: check of objects, their change log and their due times. */
#include "foundation/base/pack.h"
#include "model/objects/objects_row.h"
#include "model/store/blob.h"
#include "model/store/fsck.h"

/* Sums of one type, whose rows are adjacent. */
struct type_check {
	uint32_t account;
	enum object_type type;
	struct object_state state; /* as stored */
	uint64_t count;            /* as found */
};

static bool object_key_read(struct str key, uint32_t *account, enum object_type *type,
                            uint64_t *number)
{
	struct unpack u = unpack_of(key);
	unsigned char byte = 0;

	*account = unpack_be32(&u);
	if (!cur_any(&u.c, (char *)&byte))
		u.bad = true;
	*type = (enum object_type)byte;
	*number = unpack_be64(&u);
	return unpack_ok(&u) && !unpack_more(&u) && byte != 0 && byte < OBJECT_TYPES;
}

static void object_found(struct fsck_report *r, uint32_t account, enum object_type type,
                         uint64_t id, const char *what)
{
	fsck_found(r, "object %" PRIu64 " of type %d of account %" PRIu32 " %s", id, (int)type,
	           account, what);
}

/* Does the log have that row for the object? */
static enum err change_check(struct txn *t, struct fsck_report *r, uint32_t account,
                             enum object_type type, const struct object *o, uint64_t modseq,
                             enum object_event event)
{
	struct object_change c = { 0 };
	struct object_key k;
	struct str row;
	enum err e = kv_get(t, SPACE_OBJECT_CHANGE, object_key(&k, account, type, modseq), &row);

	if (e && e != ERR_MISSING)
		return e;
	if (e || !object_change_read(row, &c) || c.id != o->id || c.event != event ||
	    c.created != o->created)
		object_found(r, account, type, o->id, "is missing in the change log");
	return OK;
}

static enum err object_check(struct txn *t, struct fsck_report *r, uint32_t account,
                             enum object_type type, const struct object *o)
{
	struct object_key k;
	struct blob_id blob;
	uint64_t size;
	enum err e = change_check(t, r, account, type, o, o->created, OBJECT_CREATED);

	if (!e && o->changed != o->created)
		e = change_check(t, r, account, type, o, o->changed, OBJECT_CHANGED);
	if (e)
		return e;
	if (o->due_ms != 0) {
		e = kv_get(t, SPACE_OBJECT_DUE,
		           object_key_due(&k, type, o->due_ms, account, o->id), NULL);
		if (e == ERR_MISSING)
			object_found(r, account, type, o->id, "is missing in OBJECT_DUE");
		else if (e)
			return e;
	}
	e = object_blob(type, o->record, &blob) ? blob_size(t, &blob, &size) : OK;
	if (e == ERR_MISSING)
		object_found(r, account, type, o->id, "refers to a missing blob");
	return e == ERR_MISSING ? OK : e;
}

static enum err sums_check(struct txn *t, struct fsck_report *r, const struct type_check *c)
{
	uint64_t gone = 0;
	struct object_key k;
	struct kv_iter it;

	if (c->account == 0)
		return OK;
	kv_iter_prefix(&it, t, SPACE_OBJECT_CHANGE, object_key_type(&k, c->account, c->type));
	while (kv_iter_next(&it)) {
		struct object_change change;

		gone += object_change_read(it.val, &change) && change.event == OBJECT_GONE;
	}
	if (c->count != c->state.count || gone != c->state.gone)
		fsck_found(r,
		           "objects of type %d of account %" PRIu32 " are counted as %" PRIu64
		           " and %" PRIu64 " deleted, there are %" PRIu64 " and %" PRIu64,
		           (int)c->type, c->account, c->state.count, c->state.gone, c->count, gone);
	return kv_iter_end(&it);
}

static enum err objects_check(struct txn *t, struct fsck_report *r)
{
	struct type_check c = { 0 };
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_OBJECT, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		enum object_type type;
		struct object o;
		uint32_t account;

		if (!object_key_read(it.key, &account, &type, &o.id) ||
		    (o.id != 0 && !object_row_read(it.val, &o))) {
			fsck_found(r, "a row of OBJECT cannot be read");
			continue;
		}
		if (account != c.account || type != c.type) {
			if ((e = sums_check(t, r, &c)))
				break;
			c = (struct type_check){ .account = account, .type = type };
			e = object_state_get(t, account, type, &c.state);
			if (e == ERR_CORRUPT) {
				fsck_found(r, "a row of OBJECT cannot be read");
				e = OK;
			}
		}
		if (e || o.id == 0)
			continue;
		c.count++;
		if (o.id >= c.state.next || o.changed > c.state.modseq || o.created > o.changed)
			object_found(r, account, type, o.id, "has numbers that are not assigned");
		e = object_check(t, r, account, type, &o);
	}
	walked = kv_iter_end(&it);
	if (!e && !walked)
		e = sums_check(t, r, &c);
	return e ? e : walked;
}

static enum err log_check(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_OBJECT_CHANGE, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct object_change c;
		enum object_type type;
		uint32_t account;
		uint64_t modseq;
		struct object o;

		if (!object_key_read(it.key, &account, &type, &modseq) ||
		    !object_change_read(it.val, &c)) {
			fsck_found(r, "a row of OBJECT_CHANGE cannot be read");
			continue;
		}
		e = object_get(t, account, type, c.id, &o);
		if (e == ERR_CORRUPT)
			e = OK; /* reported */
		else if (c.event == OBJECT_GONE ? e == OK
		                                : e == ERR_MISSING ||
		                                          (e == OK && modseq != o.created &&
		                                           modseq != o.changed))
			object_found(r, account, type, c.id, "has a wrong row in the change log");
		if (e == ERR_MISSING)
			e = OK;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err due_check(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_OBJECT_DUE, STR_EMPTY);
	while (!e && kv_iter_next(&it)) {
		struct unpack key = unpack_of(str_sub(it.key, 1, it.key.n));
		enum object_type type = (enum object_type)it.key.p[0];
		int64_t due_ms = (int64_t)unpack_be64(&key);
		uint32_t account = unpack_be32(&key);
		uint64_t id = unpack_be64(&key);
		struct object o;

		if (!unpack_ok(&key) || unpack_more(&key)) {
			fsck_found(r, "a row of OBJECT_DUE cannot be read");
			continue;
		}
		e = object_get(t, account, type, id, &o);
		if (e == ERR_MISSING || (e == OK && o.due_ms != due_ms))
			object_found(r, account, type, id, "has a wrong due time in the index");
		if (e == ERR_MISSING || e == ERR_CORRUPT)
			e = OK;
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err objects_fsck_run(struct txn *t, struct fsck_report *r)
{
	enum err e = objects_check(t, r);

	if (!e)
		e = log_check(t, r);
	return e ? e : due_check(t, r);
}

static enum err objects_blob_refs(struct txn *t, struct fsck_report *r)
{
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_OBJECT, STR_EMPTY);
	while (kv_iter_next(&it)) {
		enum object_type type;
		struct blob_id blob;
		uint32_t account;
		struct object o;

		if (object_key_read(it.key, &account, &type, &o.id) && o.id != 0 &&
		    object_row_read(it.val, &o) && object_blob(type, o.record, &blob))
			fsck_blob_ref(r, &blob);
	}
	return kv_iter_end(&it);
}

const struct fsck_check objects_fsck = {
	.name = "objects",
	.run = objects_fsck_run,
	.blob_refs = objects_blob_refs,
};
