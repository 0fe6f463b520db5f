/* console/api/api_reports_domains.c: what reports of others say of each domain, in one line. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "flow/reports_in/tally.h"
#include "model/directory/directory.h"
#include "model/store/store.h"

struct summing {
	struct report_tally sums[REPORT_KINDS]; /* of each, and of who made them */
	uint64_t reports[REPORT_KINDS];
	uint32_t last_day;
};

static bool sum_add(void *arg, const struct report_tally_key *key, const struct report_tally *tally)
{
	struct summing *s = arg;
	enum report_kind kind = key->what == REPORT_TALLY_DMARC ? REPORT_DMARC
	                        : key->what == REPORT_TALLY_TLS ? REPORT_TLS
	                                                        : REPORT_FAILURE;

	for (unsigned i = 0; i < REPORT_NS; i++)
		s->sums[kind].n[i] += tally->n[i];
	return true;
}

static bool maker_add(void *arg, const struct report_tally_key *key,
                      const struct report_tally *tally)
{
	struct summing *s = arg;
	unsigned kind = key->name.n != 0 ? (unsigned)(key->name.p[0] - '0') : REPORT_KINDS;

	if (kind < REPORT_KINDS)
		s->reports[kind] += tally->n[REPORT_N_COUNT];
	s->last_day = MAX(s->last_day, key->day);
	return true;
}

static enum err summing_read(struct txn *t, struct str domain, uint32_t days, struct summing *s)
{
	static const enum report_tally_what whats[] = { REPORT_TALLY_DMARC, REPORT_TALLY_TLS,
		                                        REPORT_TALLY_ARF };
	uint32_t to = reports_today(), from = to + 1 - days;
	enum err e = OK;

	*s = (struct summing){ .last_day = 0 };
	for (size_t i = 0; e == OK && i < COUNT(whats); i++)
		e = report_tally_each(t, domain, whats[i], from, to, sum_add, s);
	return e == OK ? report_tally_each(t, domain, REPORT_TALLY_MAKER, from, to, maker_add, s)
	               : e;
}

static void summing_put(struct json_writer *w, struct str domain, const struct summing *s)
{
	const uint64_t *dmarc = s->sums[REPORT_DMARC].n, *tls = s->sums[REPORT_TLS].n;

	json_open(w, NULL, '{');
	json_put_str(w, "domain", domain);
	json_put_u64(w, "dmarc", s->reports[REPORT_DMARC]);
	json_put_u64(w, "tls", s->reports[REPORT_TLS]);
	json_put_u64(w, "failures", s->reports[REPORT_FAILURE]);
	reports_day_put(w, "last", s->last_day);
	json_put_u64(w, "messages", dmarc[REPORT_N_COUNT]);
	json_put_u64(w, "passed", dmarc[REPORT_N_PASSED]);
	json_put_u64(w, "failed",
	             dmarc[REPORT_N_COUNT] - MIN(dmarc[REPORT_N_PASSED], dmarc[REPORT_N_COUNT]));
	json_put_u64(w, "sessions_good", tls[REPORT_N_COUNT]);
	json_put_u64(w, "sessions_failed", tls[REPORT_N_PASSED]);
	json_put_u64(w, "complaints", s->sums[REPORT_FAILURE].n[REPORT_N_COUNT]);
	json_close(w);
}

static enum err domains_put(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	struct domain_list domains;
	struct api_list page;
	struct summing s;
	enum err e = domain_list(t, c->arena, &domains);

	api_list_open(c, &page);
	for (size_t i = 0; e == OK && i < domains.count; i++) {
		struct str name = domains.items[i].name;

		if (!api_may_domain(c, name) || !api_list_wants(&page, name))
			continue;
		e = summing_read(t, name, reports_days(c), &s);
		if (e == OK)
			summing_put(c->out, name, &s);
	}
	api_list_close(&page);
	return e;
}

enum err api_reports_domains(struct api_call *c)
{
	return store_read(c->admin->store, domains_put, c);
}
