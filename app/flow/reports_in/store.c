/* flow/reports_in/store.c: see store.h. */
#include "flow/reports_in/store.h"

#include "flow/reports_in/reports_in_private.h"
#include "flow/reports_in/key.h"
#include "foundation/crypto/hash.h"
#include "model/store/kv.h"
#include "model/store/store.h"

enum { VERSION = 1, HEAD_MAX = 16 << 10 };

/* --- the head ------------------------------------------------------------------------------ */

static void head_pack(struct buf *b, const struct report_in *r)
{
	const struct str texts[] = { r->domain,    r->organization, r->contact, r->report_id,
		                     r->from,      r->policy,       r->remarks };
	const uint64_t numbers[] = { (uint64_t)r->received_ms,
		                     (uint64_t)r->begin_ms,
		                     (uint64_t)r->end_ms,
		                     r->rows,
		                     r->messages,
		                     r->passed,
		                     r->failed };

	pack_u64(b, VERSION);
	pack_u64(b, r->kind);
	pack_u64(b, r->proven);
	for (size_t i = 0; i < COUNT(texts); i++)
		pack_str(b, texts[i]);
	for (size_t i = 0; i < COUNT(numbers); i++)
		pack_u64(b, numbers[i]);
}

bool report_in_head_parse(struct str val, struct report_in *r)
{
	struct str *const texts[] = { &r->domain, &r->organization, &r->contact, &r->report_id,
		                      &r->from,   &r->policy,       &r->remarks };
	uint64_t *const counts[] = { &r->rows, &r->messages, &r->passed, &r->failed };
	int64_t *const times[] = { &r->received_ms, &r->begin_ms, &r->end_ms };
	struct unpack u = unpack_of(val);
	bool known = unpack_u64(&u) == VERSION;
	uint64_t kind = unpack_u64(&u);

	if (!known || u.bad || kind >= REPORT_KINDS)
		return false;
	*r = (struct report_in){ .kind = (enum report_kind)kind, .proven = unpack_u64(&u) != 0 };
	for (size_t i = 0; i < COUNT(texts); i++)
		*texts[i] = unpack_str(&u);
	for (size_t i = 0; i < COUNT(times); i++)
		*times[i] = (int64_t)unpack_u64(&u);
	for (size_t i = 0; i < COUNT(counts); i++)
		*counts[i] = unpack_u64(&u);
	return unpack_ok(&u);
}

static void hash_text(struct hash_blake2b *h, struct str s)
{
	hash_blake2b_update(h, s);
	hash_blake2b_update(h, str_from("", 1));
}

/* RFC 7489 7.2.1.1: the reporter chooses the identifier. A proven reporter may copy
 * another's identifier, but his own domain is part of the hash. */
void report_in_hash(const struct report_in *r, bool proven, uint8_t out[REPORT_IN_HASH])
{
	ptrdiff_t at = str_rfind_byte(r->from, '@');
	uint8_t whole[HASH_BYTES];
	struct hash_blake2b h;

	hash_blake2b_init(&h);
	hash_text(&h, str_of(report_kind_name(r->kind)));
	hash_text(&h, r->domain);
	hash_text(&h, r->organization);
	hash_text(&h, r->report_id);
	if (proven)
		hash_text(&h, str_sub(r->from, (size_t)(at + 1), r->from.n));
	hash_blake2b_final(&h, whole);
	for (int i = 0; i < REPORT_IN_HASH; i++)
		out[i] = whole[i];
}

enum err report_in_get(struct txn *t, uint64_t id, struct arena *a, struct report_in *out)
{
	char room[REPORT_KEY_MAX];
	struct str val;
	enum err e = kv_get(t, SPACE_REPORT, report_key(room, 'r', id), &val);

	if (e != OK)
		return e;
	if (!report_in_head_parse(str_dup(a, val), out))
		return fail(txn_why(t), ERR_CORRUPT, "a report cannot be read");
	out->id = id;
	return OK;
}

enum err report_in_rows_each(struct txn *t, uint64_t id, report_in_row_fn *fn, void *arg)
{
	char room[REPORT_KEY_MAX];
	struct kv_iter it;
	bool more = true, bad = false;
	enum err e;

	kv_iter_prefix(&it, t, SPACE_REPORT, report_key(room, 'c', id));
	while (more && !bad && kv_iter_next(&it)) {
		struct cur c = cur_of(it.val);
		struct str record;

		while (more && report_in_row_next(&c, &record, &bad))
			more = fn(arg, record);
	}
	e = kv_iter_end(&it);
	return e == OK && bad ? ERR_CORRUPT : e;
}

/* --- storing ------------------------------------------------------------------------------- */

/* The first claim that is a local domain or lies below one. */
static enum err domain_find(struct txn *t, const struct report_draft *d, struct str *out)
{
	enum err e = OK;

	*out = STR_EMPTY;
	for (size_t i = 0; e == OK && out->n == 0 && i < d->claim_count; i++)
		e = report_domain_find(t, d->claims[i], out);
	return e;
}

static enum err known_find(struct txn *t, const struct report_in *r, bool proven, uint64_t *id)
{
	char room[REPORT_KEY_MAX];
	uint8_t hash[REPORT_IN_HASH];
	struct unpack u;
	struct str val;
	enum err e;

	report_in_hash(r, proven, hash);
	e = kv_get(t, SPACE_REPORT,
	           report_key_hash(room, str_from((const char *)hash, sizeof hash)), &val);
	u = unpack_of(val);
	*id = e == OK ? unpack_be64(&u) : 0;
	return e == ERR_MISSING ? OK : e;
}

/* A proven report replaces an unproven one. */
static enum err known_look(struct txn *t, const struct report_in *r, bool *known)
{
	uint64_t proven, other;
	enum err e = known_find(t, r, true, &proven);

	if (e == OK)
		e = known_find(t, r, false, &other);
	*known = proven != 0 || (other != 0 && !r->proven);
	if (e != OK || *known || other == 0)
		return e;
	e = report_in_rm(t, other);
	return e == ERR_MISSING ? OK : e;
}

static enum err id_new(struct txn *t, int64_t now_ms, uint64_t *out)
{
	struct kv_iter it;
	struct unpack u;
	uint64_t last = 0;

	kv_iter_prefix(&it, t, SPACE_REPORT, STR("r"));
	if (kv_iter_prev(&it)) {
		u = unpack_of(str_sub(it.key, 1, it.key.n));
		last = unpack_be64(&u);
	}
	*out = MAX(last + 1, (uint64_t)now_ms);
	return kv_iter_end(&it);
}

static enum err store_head_put(struct txn *t, const struct report_in *r)
{
	char room[REPORT_KEY_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, HEAD_MAX);
	head_pack(&b, r);
	e = buf_ok(&b) ? kv_put(t, SPACE_REPORT, report_key(room, 'r', r->id), buf_str(&b))
	               : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}

static enum err store_rows_put(struct txn *t, const struct report_draft *d)
{
	char room[REPORT_KEY_MAX];
	enum err e = OK;

	for (size_t i = 0; e == OK && i < d->rows.chunks; i++)
		e = kv_put(t, SPACE_REPORT, report_key_chunk(room, d->head.id, (uint32_t)i),
		           report_in_chunk(&d->rows, i));
	return e;
}

static enum err hash_put(struct txn *t, const struct report_in *r)
{
	char room[REPORT_KEY_MAX], id_room[8];
	uint8_t hash[REPORT_IN_HASH];
	struct buf b;

	report_in_hash(r, r->proven, hash);
	buf_init_in(&b, id_room, sizeof id_room);
	pack_be64(&b, r->id);
	return kv_put(t, SPACE_REPORT,
	              report_key_hash(room, str_from((const char *)hash, sizeof hash)),
	              buf_str(&b));
}

static enum err sums_put(struct txn *t, const struct report_draft *d)
{
	struct report_sums *s = arena_new(txn_arena(t), struct report_sums);
	enum err e = OK;

	report_sums_init(s, &d->head);
	for (size_t i = 0; e == OK && i < d->rows.chunks; i++)
		if (!report_sums_chunk(s, report_in_chunk(&d->rows, i)))
			e = ERR_CORRUPT;
	if (e == OK)
		e = report_sums_put(t, s, false);
	report_sums_deinit(s);
	return e;
}

enum err report_in_put(struct txn *t, struct report_draft *d, enum report_put *how)
{
	bool known = false;
	enum err e = domain_find(t, d, &d->head.domain);

	*how = REPORT_PUT_FOREIGN;
	if (e != OK || d->head.domain.n == 0)
		return e;
	*how = REPORT_PUT_KNOWN;
	if ((e = known_look(t, &d->head, &known)) || known ||
	    (e = report_in_count(t, d, how)) || *how != REPORT_PUT_TAKEN)
		return e;
	if ((e = id_new(t, d->head.received_ms, &d->head.id)) ||
	    (e = store_head_put(t, &d->head)) || (e = store_rows_put(t, d)) ||
	    (e = hash_put(t, &d->head)))
		return e;
	return d->head.proven ? sums_put(t, d) : OK;
}
