/* Rows of failure reports (flow/reports_out/failed.h). What a stranger's message is said to be
 * is refused or, packed again, says the same. Whatever is counted, sent and forgotten in
 * whatever order, fsck has nothing to say, no report waits twice, and what waits says what the
 * first message did. */
#include "flow/reports_out/failed.h"
#include "flow/reports_out/gather.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/store/fsck.h"
#include "model/store/store.h"

#include <stdlib.h>

enum { DAYS = 4, STEPS_MAX = 200 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* --- packed ----------------------------------------------------------------------------------- */

static bool same_texts(const struct str *a, const struct str *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!str_eq(a[i], b[i]))
			return false;
	return true;
}

static bool same(const struct out_failure *a, const struct out_failure *b)
{
	const struct str x[] = {
		a->author,        a->ip,           a->mail_from,   a->envelope_id,
		a->results,       a->dkim_failure, a->dkim_domain, a->dkim_identity,
		a->dkim_selector, a->spf_domain,   a->subject,     a->header
	};
	const struct str y[] = {
		b->author,        b->ip,           b->mail_from,   b->envelope_id,
		b->results,       b->dkim_failure, b->dkim_domain, b->dkim_identity,
		b->dkim_selector, b->spf_domain,   b->subject,     b->header
	};

	return a->kind == b->kind && a->fate == b->fate && a->by_dkim == b->by_dkim &&
	       a->by_spf == b->by_spf && a->arrived_ms == b->arrived_ms &&
	       same_texts(x, y, COUNT(x)) && a->to_count == b->to_count &&
	       same_texts(a->to, b->to, a->to_count);
}

static void try_packed(struct str in)
{
	struct out_failure f, again;
	struct buf b;

	if (!out_failure_unpack(in, &f))
		return;
	assert(f.kind < OUT_FAILURE_KINDS && f.fate < REPORT_FATES);
	assert(f.to_count <= OUT_FAILURE_TO_MAX);
	buf_init(&b, in.n + 256);
	out_failure_pack(&b, &f);
	assert(buf_ok(&b) && out_failure_unpack(buf_str(&b), &again) && same(&f, &again));
	buf_deinit(&b);
}

/* As a key has it, behind its length; then a value. */
static void try_row(struct str in)
{
	size_t key_n = in.n != 0 ? MIN((size_t)(unsigned char)in.p[0], in.n - 1) : 0;
	struct str key = str_sub(in, 1, key_n + 1), value = str_sub(in, key_n + 1, in.n);
	struct out_failed row;
	uint64_t reports;

	if (out_failed_parse(key, value, &row))
		assert(row.domain.n != 0 && (row.waits || row.failure.author.n == 0));
	(void)out_failed_count(value, &reports);
}

/* --- steps ------------------------------------------------------------------------------------ */

struct steps {
	struct str in;
	struct cur c;
	struct arena a;
};

static unsigned byte_of(struct steps *s)
{
	struct str byte;

	return cur_take(&s->c, 1, &byte) ? (unsigned char)byte.p[0] : 0;
}

static struct str text_of(struct steps *s)
{
	size_t n = byte_of(s);
	struct str text;

	cur_take(&s->c, MIN(n, cur_left(&s->c)), &text);
	return text;
}

static struct str domain_of(struct steps *s)
{
	static const char *const domains[] = { "a.example", "b.example", "a.example.b", "a" };

	return str_of(domains[byte_of(s) % COUNT(domains)]);
}

/* What is told of the first is what waits. */
static void failure_read(struct steps *s, struct out_failure *f)
{
	*f = (struct out_failure){ .kind = byte_of(s) % OUT_FAILURE_KINDS,
		                   .fate = byte_of(s) % REPORT_FATES,
		                   .arrived_ms = byte_of(s),
		                   .author = text_of(s),
		                   .header = text_of(s) };
	f->to_count = byte_of(s) % (OUT_FAILURE_TO_MAX + 1);
	for (size_t i = 0; i < f->to_count; i++)
		f->to[i] = text_of(s);
}

static enum err add(struct txn *t, struct steps *s)
{
	struct addr ip = { .family = ADDR_V4, .ip = { 192, 0, 2, (unsigned char)byte_of(s) } };
	char same_room[OUT_FAILED_SAME_MAX], key_room[OUT_ROW_KEY_MAX];
	struct out_gathered n = { .day = byte_of(s) % DAYS,
		                    .begin_s = byte_of(s),
		                    .domain = domain_of(s),
		                    .count = byte_of(s) };
	struct out_failure f;
	struct out_failed row;
	struct buf packed;
	struct str value;
	bool fresh;
	enum err e;

	n.record = text_of(s);
	failure_read(s, &f);
	n.same = out_failed_same(same_room, f.kind, &ip);
	buf_init(&packed, OUT_FAILURE_PACKED_MAX);
	out_failure_pack(&packed, &f);
	n.packed = buf_str(&packed);
	e = out_failed_add(t, &n, &fresh);
	if (fresh) {
		struct str key = out_row_key(key_room, n.day, n.domain, n.same);

		assert(e == OK && kv_get(t, SPACE_REPORT_FAILED, key, &value) == OK);
		assert(out_failed_parse(key, value, &row) && row.waits && same(&row.failure, &f));
		assert(row.incidents == n.count && str_eq(row.record, n.record));
		assert(str_eq(row.domain, n.domain) && row.begin_s >= n.begin_s);
	}
	buf_deinit(&packed);
	assert(e == OK || e == ERR_LIMIT);
	return OK;
}

/* All that wait, each once, the first of them sent. */
static enum err send(struct txn *t, struct steps *s)
{
	struct str key = STR_EMPTY, before;
	struct out_failed row;
	bool first = true;

	for (before = key; out_failed_next(t, before, &s->a, &key, &row) == OK; before = key) {
		assert(row.waits && str_cmp(key, before) > 0);
		if (!first)
			continue;
		first = false;
		assert(out_failed_done(t, key) == OK);
		assert(out_failed_done(t, key) == ERR_MISSING);
	}
	return OK;
}

static enum err steps_do(struct txn *t, void *arg)
{
	struct steps *s = arg;
	struct fsck_report found = { .say = NULL };
	enum err e = OK;

	s->c = cur_of(s->in); /* it may run again */
	for (int i = 0; e == OK && i < STEPS_MAX && !cur_done(&s->c); i++)
		switch (byte_of(s) % 8) {
		case 6:
			e = send(t, s);
			break;
		case 7:
			e = out_failed_expire(t, byte_of(s) % (DAYS + 1));
			break;
		default:
			e = add(t, s);
		}
	assert(e == OK && out_failed_check(t, &found) == OK && found.findings == 0);
	assert(out_failed_expire(t, UINT32_MAX) == OK);
	assert(out_failed_check(t, &found) == OK && found.findings == 0);
	return OK;
}

/* Kept until the process ends: each input leaves it empty. */
static struct store *store_get(void)
{
	static const struct store_config config = { .backend = STORE_MEMORY, .create = true };
	static struct store *store;

	if (store == NULL) {
		event_fd_set(-1);
		if (store_open(&store, &config, NULL) != OK)
			abort();
	}
	return store;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct steps s = { .in = in };

	try_packed(in);
	try_row(in);
	if (store_write(store_get(), steps_do, &s, NULL) != OK)
		abort();
	arena_deinit(&s.a);
	return 0;
}
