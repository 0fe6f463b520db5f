/* flow/reports_in/sums.c: see sums.h. */
#include "flow/reports_in/sums.h"

#include "flow/reports_in/rows.h"
#include "formats/message/mailaddr.h"

enum { DAY_MS = 86400000 };

uint32_t report_in_day(const struct report_in *r)
{
	return (uint32_t)((r->begin_ms + (r->end_ms - r->begin_ms) / 2) / DAY_MS);
}

static struct report_sum *sum_new(struct report_sums *s, enum report_tally_what what,
                                  struct str name, struct str key)
{
	struct report_sum *sum = arena_new(&s->a, struct report_sum);

	sum->what = what;
	sum->name = str_dup(&s->a, name);
	(void)map_put(&s->by_name, key, sum);
	s->items[s->count++] = sum;
	return sum;
}

/* Beyond the limit, new ones share one sum of each kind. */
static struct report_tally *sum_of(struct report_sums *s, enum report_tally_what what,
                                   struct str name)
{
	char room[1 + REPORT_TALLY_NAME_MAX];
	struct report_sum *sum;
	struct buf key;

	for (;;) {
		name = str_sub(name, 0, REPORT_TALLY_NAME_MAX);
		buf_init_in(&key, room, sizeof room);
		buf_byte(&key, (char)what);
		buf_put(&key, name);
		sum = map_get(&s->by_name, buf_str(&key));
		if (sum == NULL && (s->count < REPORT_SUMS_MAX || name.n == 0))
			sum = sum_new(s, what, name, buf_str(&key));
		if (sum != NULL)
			return &sum->tally;
		name = STR_EMPTY;
	}
}

static void maker_count(struct report_sums *s)
{
	struct str name = str_fmt(&s->a, "%d%.*s", (int)s->head.kind,
	                          STR_ARG(s->head.organization));
	struct report_tally *t = sum_of(s, REPORT_TALLY_MAKER, name);

	t->n[REPORT_N_COUNT] = 1;
	t->n[REPORT_N_PASSED] = s->head.messages;
}

void report_sums_init(struct report_sums *s, const struct report_in *head)
{
	*s = (struct report_sums){ .head = *head };
	maker_count(s);
}

void report_sums_deinit(struct report_sums *s)
{
	map_deinit(&s->by_name);
	arena_deinit(&s->a);
}

/* --- DMARC -------------------------------------------------------------------------------- */

static bool was_forwarded(const struct wire_dmarc_row *r)
{
	for (size_t i = 0; i < r->reason_count; i++)
		if (str_eqi(r->reasons[i].type, STR("forwarded")) ||
		    str_eqi(r->reasons[i].type, STR("mailing_list")) ||
		    str_eqi(r->reasons[i].type, STR("trusted_forwarder")))
			return true;
	return false;
}

static void auths_name(struct report_tally *t, unsigned list, const struct wire_dmarc_auth *items,
                       size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(items[i].result, STR("pass")))
			report_tally_name(t, list, items[i].domain, 1);
}

static void dmarc_tally(struct report_sums *s, const struct wire_dmarc_row *r,
                        struct report_tally *out)
{
	*out = (struct report_tally){ .n = { r->count } };
	out->n[REPORT_N_PASSED] = r->dkim || r->spf ? r->count : 0; /* RFC 7489 4.2 */
	out->n[REPORT_N_NONE + (unsigned)r->done] = r->count;
	out->n[REPORT_N_DKIM] = r->dkim ? r->count : 0;
	out->n[REPORT_N_SPF] = r->spf ? r->count : 0;
	out->n[REPORT_N_FORWARDED] = was_forwarded(r) ? r->count : 0;
	report_tally_name(out, REPORT_NAMES_MAKERS, s->head.organization, 1);
	auths_name(out, REPORT_NAMES_DKIM, r->dkims, r->dkim_count);
	auths_name(out, REPORT_NAMES_SPF, r->spfs, r->spf_count);
}

/* The names of a row are freed with its chunk: copy them. */
static void names_keep(struct report_sums *s, struct report_tally *t)
{
	for (unsigned list = 0; list < REPORT_NAMES; list++)
		for (size_t i = 0; i < t->name_count[list]; i++)
			t->names[list][i] = str_dup(&s->a, t->names[list][i]);
}

static void sum_add(struct report_sums *s, enum report_tally_what what, struct str name,
                    const struct report_tally *more)
{
	struct report_tally *to = sum_of(s, what, name), before = *to;

	report_tally_add(to, more);
	for (unsigned list = 0; list < REPORT_NAMES; list++)
		if (to->name_count[list] != before.name_count[list]) {
			names_keep(s, to);
			break;
		}
}

static bool dmarc_count(struct report_sums *s, struct str record)
{
	struct wire_dmarc_row row;
	struct report_tally more;

	if (!report_in_dmarc_read(record, &row))
		return false;
	dmarc_tally(s, &row, &more);
	sum_add(s, REPORT_TALLY_SOURCE, row.ip, &more);
	for (unsigned list = 0; list < REPORT_NAMES; list++)
		more.name_count[list] = more.unnamed[list] = 0;
	sum_add(s, REPORT_TALLY_DMARC, STR_EMPTY, &more);
	return true;
}

/* --- TLS and single failures -------------------------------------------------------------- */

/* A report may be about several domains; TLSA records belong to a host with its own
 * name. */
static bool is_of(const struct report_sums *s, const struct wire_tls_policy *p)
{
	return str_eqi(p->type, STR("tlsa")) || p->domain.n == 0 ||
	       mailaddr_domain_within(p->domain, s->head.domain);
}

static bool tls_count(struct report_sums *s, struct str record)
{
	struct arena a = { 0 };
	struct wire_tls_policy p;
	bool ok = report_in_tls_read(record, &a, &p), ours = ok && is_of(s, &p);

	for (size_t i = 0; ours && i < p.failure_count; i++) {
		const struct wire_tls_failure *f = &p.failures[i];
		struct report_tally more = { .n = { f->count } };
		struct str name = str_fmt(&a, "%.*s%c%.*s", STR_ARG(f->result), '\0',
		                          STR_ARG(f->mx));

		report_tally_name(&more, REPORT_NAMES_MAKERS, s->head.organization, 1);
		sum_add(s, REPORT_TALLY_TLS_FAIL, name, &more);
	}
	if (ours) {
		const struct report_tally more = { .n = { p.good, p.failed } };

		sum_add(s, REPORT_TALLY_TLS, STR_EMPTY, &more);
	}
	arena_deinit(&a);
	return ok;
}

static bool arf_count(struct report_sums *s, struct str record)
{
	struct wire_arf arf;
	struct report_tally more = { .n = { 0 } };

	if (!report_in_arf_read(record, &arf))
		return false;
	more.n[REPORT_N_COUNT] = arf.incidents;
	sum_add(s, REPORT_TALLY_ARF, arf.type, &more);
	return true;
}

bool report_sums_chunk(struct report_sums *s, struct str chunk)
{
	static bool (*const counts[REPORT_KINDS])(struct report_sums *, struct str) = {
		dmarc_count, tls_count, arf_count
	};
	struct cur c = cur_of(chunk);
	struct str record;
	bool bad;

	while (report_in_row_next(&c, &record, &bad))
		if (!counts[s->head.kind](s, record))
			return false;
	return !bad;
}

enum err report_sums_put(struct txn *t, const struct report_sums *s, bool off)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < s->count; i++) {
		const struct report_tally_key key = { .domain = s->head.domain,
			                              .what = s->items[i]->what,
			                              .day = report_in_day(&s->head),
			                              .name = s->items[i]->name };

		e = report_tally_put(t, &key, &s->items[i]->tally, off);
	}
	return e;
}
