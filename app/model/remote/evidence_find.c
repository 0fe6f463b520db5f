/* model/remote/evidence_find.c: reading and deleting stored evidence; see evidence.h. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/remote/evidence_row.h"
#include "model/remote/remote_body.h"
#include "model/store/store.h"

enum { ROWS_AT_ONCE = 500 };

/* --- reading ------------------------------------------------------------------------------ */

static bool has_failures(const struct tls_day *d)
{
	for (size_t i = 0; i < d->tally_count; i++)
		if (d->tallies[i].bad != 0)
			return true;
	return false;
}

/* Reads a row into a; false when it does not match the query. */
static bool day_read(const struct kv_iter *it, const struct tls_query *q, struct arena *a,
                     struct tls_day *out)
{
	if (!evidence_key_parse(it->key, &out->day, &out->domain))
		return false;
	out->domain = str_dup(a, out->domain);
	return evidence_row_parse(str_dup(a, it->val), a, out) &&
	       (!q->failures || has_failures(out));
}

/* The last day up to *day with rows; false when there is none from from_day on. */
static bool day_before(struct txn *t, uint32_t from_day, uint32_t *day, enum err *e)
{
	char from[EVIDENCE_KEY_MAX], to[EVIDENCE_KEY_MAX];
	struct str domain;
	struct kv_iter it;
	bool found;

	kv_iter_init(&it, t, SPACE_TLS_EVIDENCE, evidence_key(from, from_day, STR_EMPTY),
	             *day == UINT32_MAX ? STR_EMPTY : evidence_key(to, *day + 1, STR_EMPTY));
	found = kv_iter_prev(&it) && evidence_key_parse(it.key, day, &domain);
	*e = kv_iter_end(&it);
	return found && *e == OK;
}

struct finding {
	const struct tls_query *q;
	struct str domain; /* in lower case, as keys have it; empty: all */
	struct arena *a;
	struct tls_days *out;
	struct arena unwanted;
	uint64_t looked;
};

/* Adds the row if it matches; false when the page ends before it. */
static bool evidence_find_row_take(struct finding *f, const struct kv_iter *it)
{
	struct tls_days *out = f->out;
	struct tls_day d;
	bool wanted;

	arena_reset(&f->unwanted);
	wanted = day_read(it, f->q, &f->unwanted, &d);
	if (f->looked++ == LIMIT_tls_evidence_look || (wanted && out->count == f->q->max))
		return false;
	if (wanted && day_read(it, f->q, f->a, &d))
		out->items[out->count++] = d;
	return true;
}

/* Reads the rows of a day after a domain, in order. out has the end of the page. */
static enum err day_find(struct txn *t, struct finding *f, uint32_t day, struct str behind)
{
	char from[EVIDENCE_KEY_MAX], to[EVIDENCE_KEY_MAX], last[EVIDENCE_KEY_MAX];
	struct str domain, before = evidence_key(last, day, behind);
	struct tls_days *out = f->out;
	bool one = f->domain.n != 0;
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_TLS_EVIDENCE, evidence_key(from, day, one ? f->domain : behind),
	             day == UINT32_MAX ? STR_EMPTY : evidence_key(to, day + 1, STR_EMPTY));
	while (!out->more && kv_iter_next(&it)) {
		if (!evidence_key_parse(it.key, &out->next_day, &domain) ||
		    str_cmp(domain, behind) <= 0)
			continue;
		if (one && !str_eq(domain, f->domain))
			break;
		out->more = !evidence_find_row_take(f, &it);
		if (!out->more)
			before = evidence_key(last, day, domain);
	}
	out->next_behind = str_dup(f->a, str_sub(before, 4, before.n));
	return kv_iter_end(&it);
}

enum err tls_days_find(struct txn *t, const struct tls_query *q, struct arena *a,
                       struct tls_days *out)
{
	struct finding f = { .q = q, .domain = str_lower(a, q->domain), .a = a, .out = out };
	uint32_t day = q->to_day;
	bool any = true;
	enum err e = OK;

	*out = (struct tls_days){ .items = arena_array(a, struct tls_day, q->max) };
	while (e == OK && !out->more && any && day_before(t, q->from_day, &day, &e)) {
		e = day_find(t, &f, day, day == q->to_day ? q->after : STR_EMPTY);
		any = day > q->from_day;
		day -= any;
	}
	arena_deinit(&f.unwanted);
	return e;
}

/* --- deleting ----------------------------------------------------------------------------- */

struct cut {
	uint32_t before;
	size_t gone;
};

static enum err cut_some(struct txn *t, void *arg)
{
	struct cut *c = arg;
	char to[EVIDENCE_KEY_MAX];
	struct kv_iter it;
	enum err e = OK, walked;

	c->gone = 0;
	kv_iter_init(&it, t, SPACE_TLS_EVIDENCE, STR_EMPTY,
	             evidence_key(to, c->before, STR_EMPTY));
	for (; e == OK && c->gone < ROWS_AT_ONCE && kv_iter_next(&it); c->gone++)
		e = kv_del(t, SPACE_TLS_EVIDENCE, it.key);
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* Reading needs no commit. */
static enum err cut_look(struct txn *t, void *arg)
{
	struct cut *c = arg;
	char to[EVIDENCE_KEY_MAX];
	struct kv_iter it;

	kv_iter_init(&it, t, SPACE_TLS_EVIDENCE, STR_EMPTY,
	             evidence_key(to, c->before, STR_EMPTY));
	c->gone = kv_iter_next(&it) ? ROWS_AT_ONCE : 0;
	return kv_iter_end(&it);
}

enum err tls_days_expire(struct remotes *r, uint32_t before, struct why *why)
{
	struct cut c = { .before = before };
	enum err e = store_read(r->config.store, cut_look, &c);

	if (e)
		return fail(why, e, "the evidence of TLS cannot be read");
	while (e == OK && c.gone == ROWS_AT_ONCE)
		e = store_write(r->config.store, cut_some, &c, why);
	return e;
}
