/* model/remote/evidence_row.c: see evidence_row.h. */
#include "model/remote/evidence_row.h"

#include "foundation/base/arena.h"
#include "foundation/base/pack.h"
#include "foundation/config/limits.h"

#include <string.h>

enum { ROW_VERSION = 1, ROW_MAX = 4 << 20 };

struct str evidence_key(char to[static EVIDENCE_KEY_MAX], uint32_t day, struct str domain)
{
	size_t n = MIN(domain.n, (size_t)EVIDENCE_KEY_MAX - 4);

	for (int i = 0; i < 4; i++)
		to[i] = (char)(day >> (24 - 8 * i));
	if (n != 0)
		memcpy(to + 4, domain.p, n);
	return str_from(to, 4 + n);
}

bool evidence_key_parse(struct str key, uint32_t *day, struct str *domain)
{
	struct unpack u = unpack_of(key);

	*day = unpack_be32(&u);
	*domain = cur_rest(&u.c);
	return unpack_ok(&u) && domain->n != 0;
}

/* --- a tally ------------------------------------------------------------------------------ */

static void failure_pack(struct buf *b, const struct tls_failure *f)
{
	pack_str(b, f->result_type);
	pack_str(b, f->reason);
	pack_str(b, f->mx);
	pack_str(b, f->helo);
	pack_str(b, f->ip);
	pack_str(b, f->our_ip);
	pack_u64(b, f->count);
}

static struct tls_failure failure_unpack(struct unpack *u)
{
	struct tls_failure f;

	f.result_type = unpack_str(u);
	f.reason = unpack_str(u);
	f.mx = unpack_str(u);
	f.helo = unpack_str(u);
	f.ip = unpack_str(u);
	f.our_ip = unpack_str(u);
	f.count = unpack_u64(u);
	return f;
}

static void tally_pack(struct buf *b, const struct tls_tally *t)
{
	pack_u64(b, t->type);
	pack_str(b, t->policy);
	pack_u64(b, t->good);
	pack_u64(b, t->bad);
	pack_u64(b, t->failure_count);
	for (size_t i = 0; i < t->failure_count; i++)
		failure_pack(b, &t->failures[i]);
}

static bool tally_unpack(struct unpack *u, struct arena *a, struct tls_tally *out)
{
	uint32_t type = unpack_u32(u);
	uint64_t count;

	*out = (struct tls_tally){ .type = (enum tls_policy)type };
	out->policy = unpack_str(u);
	out->good = unpack_u64(u);
	out->bad = unpack_u64(u);
	count = unpack_u64(u);
	if (u->bad || type >= TLS_POLICIES || count > LIMIT_tls_evidence_failures)
		return false;
	/* room for one more, which note may add */
	out->failures = arena_array(a, struct tls_failure, LIMIT_tls_evidence_failures);
	for (; out->failure_count < count; out->failure_count++)
		out->failures[out->failure_count] = failure_unpack(u);
	return unpack_ok(u);
}

/* --- a row -------------------------------------------------------------------------------- */

bool evidence_row_parse(struct str row, struct arena *a, struct tls_day *out)
{
	struct unpack u = unpack_of(row);
	bool known = unpack_u64(&u) == ROW_VERSION;
	uint64_t count = unpack_u64(&u);

	if (!known || u.bad || count > LIMIT_tls_evidence_policies)
		return false;
	out->tallies = arena_array(a, struct tls_tally, LIMIT_tls_evidence_policies);
	for (out->tally_count = 0; out->tally_count < count; out->tally_count++)
		if (!tally_unpack(&u, a, &out->tallies[out->tally_count]))
			return false;
	return true;
}

enum err evidence_row_put(struct txn *t, const struct tls_day *d)
{
	char key[EVIDENCE_KEY_MAX];
	struct buf b;
	enum err e;

	buf_init(&b, ROW_MAX);
	pack_u64(&b, ROW_VERSION);
	pack_u64(&b, d->tally_count);
	for (size_t i = 0; i < d->tally_count; i++)
		tally_pack(&b, &d->tallies[i]);
	e = buf_ok(&b) ? kv_put(t, SPACE_TLS_EVIDENCE, evidence_key(key, d->day, d->domain),
	                        buf_str(&b))
	               : ERR_LIMIT;
	buf_deinit(&b);
	return e;
}
