/* console/api/api_reports_sums.c: what reports of others add up to: who sends as a domain of
 * ours, what fails and why, day by day. */
#include "console/api/admin.h"
#include "console/api/api_private.h"
#include "flow/reports_in/store.h"
#include "flow/reports_in/view.h"
#include "flow/reports_in/words.h"
#include "foundation/base/clock.h"
#include "model/store/store.h"

enum { DAYS_DEFAULT = 30, DAYS_MAX = 400, SOURCES_MAX = 200, MAKERS_MAX = 50, LATEST_MAX = 100 };

struct viewing {
	struct api_call *call;
	struct report_view_query query;
	struct report_view view;
	struct report_in_list latest; /* of single failures */
};

uint32_t reports_today(void)
{
	return (uint32_t)(clock_real_ms() / REPORT_DAY_MS);
}

uint32_t reports_days(struct api_call *c)
{
	return (uint32_t)MAX(api_argument_u64(c, "days", DAYS_DEFAULT, DAYS_MAX), 1);
}

static enum err view_read(struct txn *t, void *arg)
{
	struct viewing *v = arg;
	const uint32_t from_day = v->query.to_day - v->query.days + 1;
	const struct report_in_query latest = { .kind = REPORT_FAILURE,
		                                .domain = v->query.domain,
		                                .begun_ms = (int64_t)from_day * REPORT_DAY_MS,
		                                .max = LATEST_MAX };
	enum err e = report_view_read(t, &v->query, v->call->arena, &v->view);

	return e == OK && v->query.kind == REPORT_FAILURE
	               ? report_in_find(t, &latest, v->call->arena, &v->latest)
	               : e;
}

static enum err view(struct api_call *c, enum report_kind kind, struct viewing *v)
{
	struct str domain = str_lower(c->arena, api_argument(c, "domain"));

	if (domain.n == 0)
		return fail(&c->why, ERR_SYNTAX, "the argument domain is missing");
	if (!api_may_domain(c, domain))
		return fail(&c->why, ERR_DENIED, "you do not administer this domain");
	*v = (struct viewing){ .call = c,
		               .query = { .kind = kind,
		                          .domain = domain,
		                          .to_day = reports_today(),
		                          .days = reports_days(c) } };
	return store_read(c->admin->store, view_read, v);
}

void reports_day_put(struct json_writer *w, const char *name, uint32_t day)
{
	json_put_time(w, name, (int64_t)day * REPORT_DAY_MS);
}

static void names_put(struct json_writer *w, const char *name, const struct report_tally *t,
                      unsigned list)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < t->name_count[list]; i++)
		json_put_str(w, NULL, t->names[list][i]);
	json_close(w);
}

/* For reporting organizations: the number of reports, and the sums in them. */
static void counts_put(struct json_writer *w, const char *name,
                       const struct report_view_item *items, size_t count, bool makers)
{
	json_open(w, name, '[');
	for (size_t i = 0; i < count && i < MAKERS_MAX; i++) {
		const uint64_t *n = items[i].tally.n;

		json_open(w, NULL, '{');
		json_put_str(w, "name", items[i].name);
		json_put_u64(w, "count", makers ? n[REPORT_N_PASSED] : n[REPORT_N_COUNT]);
		json_put_u64(w, "reports", makers ? n[REPORT_N_COUNT] : 0);
		json_close(w);
	}
	json_close(w);
}

/* The counts of a day, into an open object. */
typedef void numbers_fn(struct json_writer *w, const uint64_t *n);

static void days_put(const struct viewing *v, numbers_fn *numbers)
{
	struct json_writer *w = v->call->out;

	json_put_str(w, "domain", v->query.domain);
	json_open(w, "days", '[');
	for (size_t i = 0; i < v->view.day_count; i++) {
		json_open(w, NULL, '{');
		reports_day_put(w, "day", v->view.from_day + (uint32_t)i);
		numbers(w, v->view.days[i].n);
		json_close(w);
	}
	json_close(w);
}

/* --- DMARC --------------------------------------------------------------------------------- */

static void dmarc_numbers(struct json_writer *w, const uint64_t *n)
{
	json_put_u64(w, "count", n[REPORT_N_COUNT]);
	json_put_u64(w, "passed", n[REPORT_N_PASSED]);
	json_put_u64(w, "failed", n[REPORT_N_COUNT] - MIN(n[REPORT_N_PASSED], n[REPORT_N_COUNT]));
	json_put_u64(w, "none", n[REPORT_N_NONE]);
	json_put_u64(w, "quarantine", n[REPORT_N_QUARANTINE]);
	json_put_u64(w, "reject", n[REPORT_N_REJECT]);
	json_put_u64(w, "dkim", n[REPORT_N_DKIM]);
	json_put_u64(w, "spf", n[REPORT_N_SPF]);
}

static void source_put(struct json_writer *w, const struct report_view_item *item)
{
	struct report_verdict verdict = report_verdict_source(&item->tally);

	json_open(w, NULL, '{');
	json_put_str(w, "address", item->name);
	dmarc_numbers(w, item->tally.n);
	json_put_str(w, "verdict", str_of(verdict.name));
	json_put_str(w, "words", str_of(verdict.words));
	reports_day_put(w, "first", item->first_day);
	reports_day_put(w, "last", item->last_day);
	names_put(w, "organizations", &item->tally, REPORT_NAMES_MAKERS);
	names_put(w, "dkim_domains", &item->tally, REPORT_NAMES_DKIM);
	names_put(w, "spf_domains", &item->tally, REPORT_NAMES_SPF);
	json_close(w);
}

enum err api_reports_dmarc(struct api_call *c)
{
	struct viewing v;
	enum err e = view(c, REPORT_DMARC, &v);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	days_put(&v, dmarc_numbers);
	json_open(c->out, "sources", '[');
	for (size_t i = 0; i < v.view.item_count && i < SOURCES_MAX; i++)
		source_put(c->out, &v.view.items[i]);
	json_close(c->out);
	json_put_u64(c->out, "sources_more",
	             v.view.item_count - MIN(v.view.item_count, (size_t)SOURCES_MAX) +
	                     v.view.item_lost);
	counts_put(c->out, "organizations", v.view.makers, v.view.maker_count, true);
	json_close(c->out);
	return OK;
}

/* --- TLS ----------------------------------------------------------------------------------- */

static void tls_numbers(struct json_writer *w, const uint64_t *n)
{
	json_put_u64(w, "good", n[REPORT_N_COUNT]);
	json_put_u64(w, "failed", n[REPORT_N_PASSED]);
}

static void failure_put(struct json_writer *w, const struct report_view_item *item)
{
	ptrdiff_t end = str_find_byte(item->name, '\0');
	size_t n = end < 0 ? item->name.n : (size_t)end;
	struct str result = str_sub(item->name, 0, n);

	json_open(w, NULL, '{');
	json_put_str(w, "result", result);
	json_put_str(w, "words", str_of(report_tls_words(result)));
	json_put_str(w, "mx", str_sub(item->name, n + 1, item->name.n));
	json_put_u64(w, "count", item->tally.n[REPORT_N_COUNT]);
	reports_day_put(w, "first", item->first_day);
	reports_day_put(w, "last", item->last_day);
	names_put(w, "organizations", &item->tally, REPORT_NAMES_MAKERS);
	json_close(w);
}

enum err api_reports_tls(struct api_call *c)
{
	struct viewing v;
	enum err e = view(c, REPORT_TLS, &v);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	days_put(&v, tls_numbers);
	json_open(c->out, "failures", '[');
	for (size_t i = 0; i < v.view.item_count && i < SOURCES_MAX; i++)
		failure_put(c->out, &v.view.items[i]);
	json_close(c->out);
	counts_put(c->out, "organizations", v.view.makers, v.view.maker_count, true);
	json_close(c->out);
	return OK;
}

/* --- of one message ------------------------------------------------------------------------ */

static void arf_numbers(struct json_writer *w, const uint64_t *n)
{
	uint64_t known = n[REPORT_N_PASSED] + n[REPORT_N_NONE];

	json_put_u64(w, "count", n[REPORT_N_COUNT]);
	json_put_u64(w, "abuse", n[REPORT_N_PASSED]);
	json_put_u64(w, "auth_failure", n[REPORT_N_NONE]);
	json_put_u64(w, "other", n[REPORT_N_COUNT] - MIN(known, n[REPORT_N_COUNT]));
}

enum err api_reports_arf(struct api_call *c)
{
	struct viewing v;
	enum err e = view(c, REPORT_FAILURE, &v);

	if (e != OK)
		return e;
	json_open(c->out, NULL, '{');
	days_put(&v, arf_numbers);
	json_open(c->out, "complaints", '[');
	for (size_t i = 0; i < v.latest.count; i++) {
		json_open(c->out, NULL, '{');
		reports_head_put(c->out, c->arena, &v.latest.items[i]);
		json_close(c->out);
	}
	json_close(c->out);
	counts_put(c->out, "types", v.view.items, v.view.item_count, false);
	json_close(c->out);
	return OK;
}
