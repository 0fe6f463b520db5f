/* model/queue/suppress.c: see suppress.h. */
#include "model/queue/suppress.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"
#include "model/queue/queue_body.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum {
	SUPPRESS_VERSION = 1,
	CLEAR_EACH = 20, /* rows visited for each new one */
};

/* --- rows -------------------------------------------------------------------------------- */

static struct str lower(struct arena *a, struct str s)
{
	char *to = arena_alloc(a, s.n + 1);

	for (size_t i = 0; i < s.n; i++)
		to[i] = s.p[i] >= 'A' && s.p[i] <= 'Z' ? (char)(s.p[i] + 32) : s.p[i];
	return str_from(to, s.n);
}

static struct str suppress_key(struct arena *a, struct str domain, struct str address)
{
	struct str text = str_fmt(a, "%.*s%c%.*s", STR_ARG(domain), '\0', STR_ARG(address));

	return lower(a, text);
}

static bool row_read(struct str key, struct str val, struct queue_suppressed *out)
{
	struct unpack u = unpack_of(val);
	struct cur c = cur_of(key);

	*out = (struct queue_suppressed){ .hits = 0 };
	if (unpack_u64(&u) != SUPPRESS_VERSION || !cur_until(&c, '\0', &out->domain) ||
	    !cur_byte(&c, '\0'))
		return false;
	out->address = cur_rest(&c);
	out->since_ms = (int64_t)unpack_u64(&u);
	out->until_ms = (int64_t)unpack_u64(&u);
	out->hits = unpack_u64(&u);
	out->by_hand = unpack_u64(&u) != 0;
	out->reply = unpack_str(&u);
	return unpack_ok(&u);
}

/* Remove expired rows among the next ones from a key on; *n counts visited ones. */
static enum err old_clear_from(struct txn *t, struct str from, int64_t now_ms, unsigned *n)
{
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_init(&it, t, SPACE_QUEUE_SUPPRESSED, from, STR_EMPTY);
	while (e == OK && *n < CLEAR_EACH && kv_iter_next(&it)) {
		struct queue_suppressed s;

		++*n;
		if (row_read(it.key, it.val, &s) && s.until_ms != 0 && s.until_ms <= now_ms)
			e = kv_del(t, SPACE_QUEUE_SUPPRESSED, it.key);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* Visits the rows after the written one, and some after the last visited one: keys come
 * in any order, so every row is visited eventually. */
static enum err old_clear(struct txn *t, struct str key, int64_t now_ms)
{
	unsigned n = 0;
	enum err e = old_clear_from(t, key, now_ms, &n);

	return e == OK && n < CLEAR_EACH ? old_clear_from(t, STR_EMPTY, now_ms, &n) : e;
}

enum err queue_suppress(struct txn *t, const struct queue_suppressed *s)
{
	struct str key = suppress_key(txn_arena(t), s->domain, s->address);
	struct buf b;
	enum err e;

	if (key.n > KV_KEY_MAX)
		return fail(txn_why(t), ERR_LIMIT, "the address is too long");
	buf_init(&b, KV_VALUE_MAX);
	pack_u64(&b, SUPPRESS_VERSION);
	pack_u64(&b, (uint64_t)s->since_ms);
	pack_u64(&b, (uint64_t)s->until_ms);
	pack_u64(&b, s->hits);
	pack_u64(&b, s->by_hand);
	pack_str(&b, str_sub(s->reply, 0, LIMIT_queue_reply));
	e = kv_put(t, SPACE_QUEUE_SUPPRESSED, key, buf_str(&b));
	buf_deinit(&b);
	return e == OK ? old_clear(t, key, s->since_ms) : e;
}

enum err queue_unsuppress(struct txn *t, struct str domain, struct str address)
{
	return kv_del(t, SPACE_QUEUE_SUPPRESSED, suppress_key(txn_arena(t), domain, address));
}

enum err suppress_hit(struct txn *t, const struct queue_suppressed *s)
{
	struct queue_suppressed more = *s;

	more.hits++;
	return queue_suppress(t, &more);
}

/* --- lookups ----------------------------------------------------------------------------- */

static enum err row_find(struct txn *t, struct str domain, struct str address, int64_t now_ms,
                         struct arena *a, struct queue_suppressed *out)
{
	struct str key = suppress_key(a, domain, address), val;
	enum err e = key.n <= KV_KEY_MAX ? kv_get(t, SPACE_QUEUE_SUPPRESSED, key, &val)
	                                 : ERR_MISSING;

	if (e != OK)
		return e;
	if (!row_read(key, str_dup(a, val), out))
		return ERR_MISSING; /* fsck reports it; the mail is sent */
	return out->until_ms != 0 && out->until_ms <= now_ms ? ERR_MISSING : OK;
}

enum err suppress_find(struct txn *t, const struct mailaddr *sender, const struct mailaddr *rcpt,
                       int64_t now_ms, struct arena *a, struct queue_suppressed *out)
{
	struct str address = mailaddr_text(a, rcpt);
	enum err e = row_find(t, STR_EMPTY, address, now_ms, a, out);

	if (e == ERR_MISSING && sender->domain.n != 0)
		e = row_find(t, sender->domain, address, now_ms, a, out);
	return e;
}

/* RFC 3463 3.2: codes for a mailbox that does not exist. */
bool suppress_says(const struct envelope_reply *reply)
{
	static const char *const codes[] = { "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10" };

	for (size_t i = 0; i < COUNT(codes); i++)
		if (reply->remote.n != 0 && reply->code >= 500 &&
		    str_eq(reply->status, str_of(codes[i])))
			return true;
	return false;
}

enum err queue_suppressed_each(struct txn *t,
                               bool (*fn)(const struct queue_suppressed *s, void *arg), void *arg)
{
	struct queue_suppressed s;
	struct kv_iter it;
	bool more = true;

	kv_iter_prefix(&it, t, SPACE_QUEUE_SUPPRESSED, STR_EMPTY);
	while (more && kv_iter_next(&it))
		if (row_read(it.key, it.val, &s))
			more = fn(&s, arg);
	return kv_iter_end(&it);
}

enum err suppress_check(struct txn *t, uint64_t *bad)
{
	struct queue_suppressed s;
	struct kv_iter it;

	*bad = 0;
	kv_iter_prefix(&it, t, SPACE_QUEUE_SUPPRESSED, STR_EMPTY);
	while (kv_iter_next(&it))
		*bad += !row_read(it.key, it.val, &s);
	return kv_iter_end(&it);
}
