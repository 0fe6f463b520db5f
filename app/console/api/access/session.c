/* console/api/access/session.c: see session.h. */
#include "console/api/access/session.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { FORM = 1, RECORD_MAX = 64, TOUCH_MS = 60000 };

static bool parse(struct str record, struct session *out)
{
	struct unpack u = unpack_of(record);

	unpack_u64(&u); /* the form: there is one */
	out->created_ms = (int64_t)unpack_u64(&u);
	out->used_ms = (int64_t)unpack_u64(&u);
	return unpack_ok(&u);
}

static enum err put(struct txn *t, const struct ticket *ticket, const struct session *s)
{
	struct ticket_key key = ticket_key(ticket);
	struct buf record;
	enum err e;

	buf_init(&record, RECORD_MAX);
	pack_u64(&record, FORM);
	pack_u64(&record, (uint64_t)s->created_ms);
	pack_u64(&record, (uint64_t)s->used_ms);
	e = kv_put(t, SPACE_SESSION, ticket_key_str(&key), buf_str(&record));
	buf_deinit(&record);
	return e;
}

/* A clock that was set back ends nothing. */
static bool ended(const struct session *s, int64_t now_ms)
{
	return now_ms - s->used_ms > (int64_t)LIMIT_session_idle_s * 1000 ||
	       now_ms - s->created_ms > (int64_t)LIMIT_session_s * 1000;
}

static enum err del(struct txn *t, struct str key)
{
	enum err e = kv_del(t, SPACE_SESSION, key);

	return e == ERR_MISSING ? OK : e;
}

/* Walks the sessions of one account. */
static void iter(struct kv_iter *it, struct txn *t, uint32_t account)
{
	struct buf prefix;

	buf_init(&prefix, 4);
	pack_be32(&prefix, account);
	kv_iter_prefix(it, t, SPACE_SESSION, buf_str(&prefix));
	buf_deinit(&prefix);
}

/* Remove what has ended; *oldest is the key, in txn_arena, of the one used least lately. */
static enum err sweep(struct txn *t, uint32_t account, int64_t now_ms, unsigned *left,
                      struct str *oldest)
{
	struct session s;
	struct kv_iter it;
	int64_t oldest_ms = INT64_MAX;
	enum err e = OK, walked;

	*left = 0;
	iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		if (!parse(it.val, &s) || ended(&s, now_ms)) {
			e = del(t, it.key);
			continue;
		}
		*left += 1;
		if (s.used_ms < oldest_ms) {
			oldest_ms = s.used_ms;
			*oldest = str_dup(txn_arena(t), it.key);
		}
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err session_add(struct txn *t, const struct ticket *ticket, int64_t now_ms)
{
	struct session s = { .created_ms = now_ms, .used_ms = now_ms };
	struct str oldest;
	unsigned left;
	enum err e = sweep(t, ticket->account, now_ms, &left, &oldest);

	if (e == OK && left >= LIMIT_sessions)
		e = del(t, oldest);
	return e != OK ? e : put(t, ticket, &s);
}

enum err session_of_key(struct txn *t, const struct ticket_key *key, int64_t now_ms,
                        struct session *out)
{
	struct str record;
	enum err e = kv_get(t, SPACE_SESSION, ticket_key_str(key), &record);

	if (e != OK)
		return e;
	return parse(record, out) && !ended(out, now_ms) ? OK : ERR_MISSING;
}

enum err session_get(struct txn *t, const struct ticket *ticket, int64_t now_ms,
                     struct session *out)
{
	const struct ticket_key key = ticket_key(ticket);

	return session_of_key(t, &key, now_ms, out);
}

enum err session_touch(struct txn *t, const struct ticket *ticket, int64_t now_ms)
{
	struct session s;
	enum err e = session_get(t, ticket, now_ms, &s);

	if (e != OK)
		return e;
	s.used_ms = now_ms;
	return put(t, ticket, &s);
}

bool session_stale(const struct session *s, int64_t now_ms)
{
	return now_ms - s->used_ms > TOUCH_MS;
}

enum err session_rm(struct txn *t, const struct ticket *ticket)
{
	struct ticket_key key = ticket_key(ticket);

	return del(t, ticket_key_str(&key));
}

enum err sessions_end(struct txn *t, uint32_t account, struct str but)
{
	struct kv_iter it;
	enum err e = OK, walked;

	iter(&it, t, account);
	while (e == OK && kv_iter_next(&it)) {
		if (!str_eq(it.key, but))
			e = del(t, it.key);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

bool session_read(const struct kv_iter *it, uint32_t *account, struct session *out)
{
	return ticket_key_parse(it->key, account) && parse(it->val, out);
}
