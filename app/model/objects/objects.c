/* model/objects/objects.c: see objects.h and objects_row.h. */
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/objects/objects_row.h"
#include "model/store/blob.h"
#include "model/store/store.h"

enum { OBJECT_FORM = 1, STATE_FORM = 1, CHANGE_FORM = 1, ROW_HEAD_MAX = 64 };

/* --- Notification --- */

static struct {
	objects_watch_fn *fn; /* set before the first write, cleared after the last */
	void *arg;
} watch;

void objects_watch(objects_watch_fn *fn, void *arg)
{
	watch.fn = fn;
	watch.arg = arg;
}

static void watch_call(void *arg)
{
	if (watch.fn != NULL)
		watch.fn(watch.arg, *(const uint32_t *)arg);
}

static void watch_call_after(struct txn *t, uint32_t account)
{
	uint32_t *arg = arena_new(txn_arena(t), uint32_t);

	if (watch.fn == NULL)
		return;
	*arg = account;
	txn_after(t, watch_call, arg);
}

/* --- Keys and rows --- */

struct str object_key_account(struct object_key *k, uint32_t account)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	pack_be32(&k->b, account);
	return buf_str(&k->b);
}

struct str object_key_type(struct object_key *k, uint32_t account, enum object_type type)
{
	(void)object_key_account(k, account);
	buf_byte(&k->b, (char)type);
	return buf_str(&k->b);
}

struct str object_key(struct object_key *k, uint32_t account, enum object_type type,
                      uint64_t number)
{
	(void)object_key_type(k, account, type);
	pack_be64(&k->b, number);
	return buf_str(&k->b);
}

struct str object_key_due(struct object_key *k, enum object_type type, int64_t due_ms,
                          uint32_t account, uint64_t id)
{
	buf_init_in(&k->b, k->room, sizeof k->room);
	buf_byte(&k->b, (char)type);
	pack_be64(&k->b, (uint64_t)due_ms);
	pack_be32(&k->b, account);
	pack_be64(&k->b, id);
	return buf_str(&k->b);
}

uint64_t object_key_number(struct str key)
{
	struct unpack u = unpack_of(str_sub(key, OBJECT_KEY_BYTES - 8, key.n));

	return unpack_be64(&u);
}

bool object_row_read(struct str row, struct object *out)
{
	struct unpack u = unpack_of(row);
	bool known = unpack_u64(&u) == OBJECT_FORM;

	out->created = unpack_u64(&u);
	out->changed = unpack_u64(&u);
	out->due_ms = (int64_t)unpack_u64(&u);
	out->record = unpack_str(&u);
	return known && unpack_ok(&u);
}

bool object_change_read(struct str row, struct object_change *out)
{
	struct unpack u = unpack_of(row);
	bool known = unpack_u64(&u) == CHANGE_FORM;

	out->id = unpack_u64(&u);
	out->event = (enum object_event)unpack_u32(&u);
	out->created = unpack_u64(&u);
	return known && unpack_ok(&u) && out->event >= OBJECT_CREATED && out->event <= OBJECT_GONE;
}

bool object_blob(enum object_type type, struct str record, struct blob_id *out)
{
	struct unpack u = unpack_of(record);

	if (type != OBJECT_UPLOAD)
		return false;
	(void)unpack_u64(&u);
	return blob_id_of(unpack_str(&u), out) && unpack_ok(&u);
}

enum err object_state_get(struct txn *t, uint32_t account, enum object_type type,
                          struct object_state *out)
{
	struct object_key k;
	struct str row;
	struct unpack u;
	bool known;
	enum err e = kv_get(t, SPACE_OBJECT, object_key(&k, account, type, 0), &row);

	*out = (struct object_state){ .next = 1, .modseq = 1 };
	if (e)
		return e == ERR_MISSING ? OK : e;
	u = unpack_of(row);
	known = unpack_u64(&u) == STATE_FORM;
	out->next = unpack_u64(&u);
	out->modseq = unpack_u64(&u);
	out->floor = unpack_u64(&u);
	out->count = unpack_u64(&u);
	out->gone = unpack_u64(&u);
	return known && unpack_ok(&u) ? OK : ERR_CORRUPT;
}

static enum err object_state_put(struct txn *t, uint32_t account, enum object_type type,
                                 const struct object_state *s)
{
	char room[ROW_HEAD_MAX];
	struct object_key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, STATE_FORM);
	pack_u64(&b, s->next);
	pack_u64(&b, s->modseq);
	pack_u64(&b, s->floor);
	pack_u64(&b, s->count);
	pack_u64(&b, s->gone);
	watch_call_after(t, account); /* every change writes the state */
	return kv_put(t, SPACE_OBJECT, object_key(&k, account, type, 0), buf_str(&b));
}

static enum err change_put(struct txn *t, uint32_t account, enum object_type type, uint64_t modseq,
                           const struct object_change *c)
{
	char room[ROW_HEAD_MAX];
	struct object_key k;
	struct buf b;

	buf_init_in(&b, room, sizeof room);
	pack_u64(&b, CHANGE_FORM);
	pack_u64(&b, c->id);
	pack_u64(&b, c->event);
	pack_u64(&b, c->created);
	return kv_put(t, SPACE_OBJECT_CHANGE, object_key(&k, account, type, modseq), buf_str(&b));
}

static enum err due_put(struct txn *t, uint32_t account, enum object_type type,
                        const struct object *o)
{
	struct object_key k;

	if (o->due_ms == 0)
		return OK;
	return kv_put(t, SPACE_OBJECT_DUE, object_key_due(&k, type, o->due_ms, account, o->id),
	              STR_EMPTY);
}

static enum err due_del(struct txn *t, uint32_t account, enum object_type type,
                        const struct object *o)
{
	struct object_key k;

	if (o->due_ms == 0)
		return OK;
	return kv_del(t, SPACE_OBJECT_DUE, object_key_due(&k, type, o->due_ms, account, o->id));
}

static enum err object_row_put(struct txn *t, uint32_t account, enum object_type type,
                               const struct object *o)
{
	struct object_key k;
	struct buf b;
	enum err e;

	buf_init(&b, OBJECT_MAX + ROW_HEAD_MAX);
	pack_u64(&b, OBJECT_FORM);
	pack_u64(&b, o->created);
	pack_u64(&b, o->changed);
	pack_u64(&b, (uint64_t)o->due_ms);
	pack_str(&b, o->record);
	e = kv_put(t, SPACE_OBJECT, object_key(&k, account, type, o->id), buf_str(&b));
	buf_deinit(&b);
	return e;
}

/* --- Reading --- */

enum err object_get(struct txn *t, uint32_t account, enum object_type type, uint64_t id,
                    struct object *out)
{
	struct object_key k;
	struct str row;
	enum err e =
		id == 0 ? ERR_MISSING
			: kv_get(t, SPACE_OBJECT, object_key(&k, account, type, id), &row);

	out->id = id;
	return e ? e : object_row_read(row, out) ? OK : ERR_CORRUPT;
}

void object_walk_init(struct object_walk *w, struct txn *t, uint32_t account, enum object_type type,
                      uint64_t after)
{
	struct object_key from, to;

	w->error = OK;
	(void)object_key(&from, account, type, after + 1);
	kv_iter_init(&w->it, t, SPACE_OBJECT, buf_str(&from.b),
	             object_key_type(&to, account, (enum object_type)(type + 1)));
}

bool object_walk_next(struct object_walk *w, struct object *out)
{
	if (w->error || !kv_iter_next(&w->it))
		return false;
	out->id = object_key_number(w->it.key);
	if (!object_row_read(w->it.val, out))
		w->error = ERR_CORRUPT;
	return !w->error;
}

enum err object_walk_end(struct object_walk *w)
{
	enum err e = kv_iter_end(&w->it);

	return w->error ? w->error : e;
}

enum err objects_count(struct txn *t, uint32_t account, enum object_type type, uint64_t *count)
{
	struct object_state s;
	enum err e = object_state_get(t, account, type, &s);

	*count = s.count;
	return e;
}

enum err objects_modseq(struct txn *t, uint32_t account, enum object_type type, uint64_t *modseq)
{
	struct object_state s;
	enum err e = object_state_get(t, account, type, &s);

	*modseq = s.modseq;
	return e;
}

enum err object_due(struct txn *t, enum object_type type, int64_t now_ms, uint32_t *account,
                    uint64_t *id, int64_t *next_ms)
{
	const char first = (char)type;
	struct kv_iter it;
	struct unpack key;
	bool found;
	enum err e;

	*next_ms = 0;
	kv_iter_prefix(&it, t, SPACE_OBJECT_DUE, str_from(&first, 1));
	found = kv_iter_next(&it);
	if (found) {
		key = unpack_of(str_sub(it.key, 1, it.key.n));
		*next_ms = (int64_t)unpack_be64(&key);
		*account = unpack_be32(&key);
		*id = unpack_be64(&key);
	}
	e = kv_iter_end(&it);
	if (e || !found)
		return e ? e : ERR_MISSING;
	if (!unpack_ok(&key))
		return ERR_CORRUPT;
	return *next_ms <= now_ms ? OK : ERR_MISSING;
}

void object_due_walk_init(struct object_due_walk *w, struct txn *t, enum object_type type)
{
	const char first = (char)type;

	kv_iter_prefix(&w->it, t, SPACE_OBJECT_DUE, str_from(&first, 1));
}

bool object_due_walk_next(struct object_due_walk *w, uint32_t *account, uint64_t *id)
{
	struct unpack key;

	if (!kv_iter_next(&w->it))
		return false;
	key = unpack_of(str_sub(w->it.key, 1, w->it.key.n));
	(void)unpack_be64(&key);
	*account = unpack_be32(&key);
	*id = unpack_be64(&key);
	return true;
}

enum err object_due_walk_end(struct object_due_walk *w)
{
	return kv_iter_end(&w->it);
}

/* --- Writing --- */

enum err object_add(struct txn *t, uint32_t account, enum object_type type, size_t max,
                    struct str record, int64_t due_ms, uint64_t *id)
{
	struct object o = { .due_ms = due_ms, .record = record };
	struct object_state s;
	enum err e;

	assert(account != 0);
	if ((e = object_state_get(t, account, type, &s)))
		return e;
	if (s.count >= max || record.n > OBJECT_MAX)
		return ERR_LIMIT;
	*id = o.id = s.next++;
	o.created = o.changed = ++s.modseq;
	s.count++;
	if ((e = object_row_put(t, account, type, &o)) ||
	    (e = change_put(t, account, type, o.created,
	                    &(struct object_change){ o.id, OBJECT_CREATED, o.created })) ||
	    (e = due_put(t, account, type, &o)))
		return e;
	return object_state_put(t, account, type, &s);
}

/* Deletes the row of the log for the last change of o, unless that is its creation. */
static enum err change_forget(struct txn *t, uint32_t account, enum object_type type,
                              const struct object *o)
{
	struct object_key k;

	if (o->changed == o->created)
		return OK;
	return kv_del(t, SPACE_OBJECT_CHANGE, object_key(&k, account, type, o->changed));
}

/* Stores o, which has the values of its row except for record and due_ms, as changed. */
static enum err object_change_row(struct txn *t, uint32_t account, enum object_type type,
                                  struct object *o)
{
	struct object_state s;
	enum err e;

	if ((e = object_state_get(t, account, type, &s)) ||
	    (e = change_forget(t, account, type, o)))
		return e;
	o->changed = ++s.modseq;
	if ((e = object_row_put(t, account, type, o)) ||
	    (e = change_put(t, account, type, o->changed,
	                    &(struct object_change){ o->id, OBJECT_CHANGED, o->created })))
		return e;
	return object_state_put(t, account, type, &s);
}

enum err object_put(struct txn *t, uint32_t account, enum object_type type, uint64_t id,
                    struct str record, int64_t due_ms)
{
	struct object o;
	enum err e = object_get(t, account, type, id, &o);

	if (e || record.n > OBJECT_MAX)
		return e ? e : ERR_LIMIT;
	if ((e = due_del(t, account, type, &o)))
		return e;
	o.record = record;
	o.due_ms = due_ms;
	e = object_change_row(t, account, type, &o);
	return e ? e : due_put(t, account, type, &o);
}

enum err object_touch(struct txn *t, uint32_t account, enum object_type type, uint64_t id)
{
	struct object o;
	enum err e = object_get(t, account, type, id, &o);

	if (e)
		return e;
	o.record = str_dup(txn_arena(t), o.record); /* writes come before its own */
	return object_change_row(t, account, type, &o);
}

/* Removes the oldest half of the log's rows of deleted objects. */
static enum err gone_trim(struct txn *t, uint32_t account, enum object_type type,
                          struct object_state *s)
{
	uint64_t keep = s->gone / 2;
	struct object_key k;
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, t, SPACE_OBJECT_CHANGE, object_key_type(&k, account, type));
	while (!e && s->gone > keep && kv_iter_next(&it)) {
		struct object_change c;

		if (!object_change_read(it.val, &c))
			e = ERR_CORRUPT;
		if (e || c.event != OBJECT_GONE)
			continue;
		s->floor = object_key_number(it.key);
		s->gone--;
		e = kv_del(t, SPACE_OBJECT_CHANGE, it.key);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

enum err object_remove(struct txn *t, uint32_t account, enum object_type type, uint64_t id)
{
	struct object_state s;
	struct blob_id blob;
	struct object_key k;
	struct object o;
	bool holds;
	enum err e;

	if ((e = object_get(t, account, type, id, &o)) ||
	    (e = object_state_get(t, account, type, &s)))
		return e;
	holds = object_blob(type, o.record, &blob);
	s.modseq++;
	s.count--;
	s.gone++;
	if ((e = holds ? blob_unref(t, &blob) : OK) || (e = due_del(t, account, type, &o)) ||
	    (e = change_forget(t, account, type, &o)) ||
	    (e = kv_del(t, SPACE_OBJECT_CHANGE, object_key(&k, account, type, o.created))) ||
	    (e = kv_del(t, SPACE_OBJECT, object_key(&k, account, type, id))) ||
	    (e = change_put(t, account, type, s.modseq,
	                    &(struct object_change){ id, OBJECT_GONE, o.created })))
		return e;
	if (s.gone > LIMIT_objects_gone && (e = gone_trim(t, account, type, &s)))
		return e;
	return object_state_put(t, account, type, &s);
}

static enum err object_erase(struct txn *t, uint32_t account, const struct kv_iter *it)
{
	enum object_type type = (enum object_type)it->key.p[4];
	struct object o = { .id = object_key_number(it->key) };
	struct blob_id blob;
	bool holds;
	enum err e;

	if (o.id == 0 || !object_row_read(it->val, &o))
		return OK; /* a state; fsck reports a damaged row */
	holds = object_blob(type, o.record, &blob);
	e = due_del(t, account, type, &o);
	if (e == OK || e == ERR_MISSING)
		e = holds ? blob_unref(t, &blob) : OK;
	return e == ERR_MISSING ? OK : e;
}

enum err objects_erase(struct txn *t, uint32_t account)
{
	static const enum space spaces[] = { SPACE_OBJECT, SPACE_OBJECT_CHANGE };
	enum err e = OK, walked;
	struct object_key k;
	struct kv_iter it;

	for (size_t i = 0; i < COUNT(spaces) && !e; i++) {
		kv_iter_prefix(&it, t, spaces[i], object_key_account(&k, account));
		while (!e && kv_iter_next(&it)) {
			if (spaces[i] == SPACE_OBJECT)
				e = object_erase(t, account, &it);
			if (!e)
				e = kv_del(t, spaces[i], it.key);
		}
		walked = kv_iter_end(&it);
		e = e ? e : walked;
	}
	return e;
}
