/* console/api/api_tls.c: how TLS with other domains' servers went, and what is kept of them:
 * MTA-STS policies, answers of DNS. */
#include "console/api/admin.h"
#include "console/api/api.h"
#include "foundation/base/clock.h"
#include "foundation/base/cur.h"
#include "foundation/config/limits.h"
#include "foundation/text/date.h"
#include "model/remote/evidence.h"
#include "model/remote/sts.h"
#include "model/store/store.h"
#include "network/dns/dns.h"

#define DAY_MS ((int64_t)86400 * 1000)

/* Each line of a policy as a string, as in a report (RFC 8460 4.5). */
static void put_lines(struct api_call *c, const char *name, struct str text)
{
	struct cur cur = cur_of(text);
	struct str line;

	json_open(c->out, name, '[');
	while (cur_line(&cur, &line))
		json_put_str(c->out, NULL, line);
	json_close(c->out);
}

static void put_next(struct api_call *c, struct str next, bool more)
{
	if (more)
		json_put_str(c->out, "next", next);
	else
		json_put_null(c->out, "next");
}

/* --- evidence ------------------------------------------------------------------------------- */

struct evidence {
	struct api_call *call;
	struct tls_query query;
	struct tls_days days;
};

static enum err evidence_read(struct txn *t, void *arg)
{
	struct evidence *e = arg;

	return tls_days_find(t, &e->query, e->call->arena, &e->days);
}

static void put_failure(struct api_call *c, const struct tls_failure *f)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "result", f->result_type);
	json_put_str(c->out, "reason", f->reason);
	json_put_str(c->out, "host", f->mx);
	json_put_str(c->out, "helo", f->helo);
	json_put_str(c->out, "address", f->ip);
	json_put_str(c->out, "from", f->our_ip);
	json_put_u64(c->out, "count", f->count);
	json_close(c->out);
}

static void put_tally(struct api_call *c, const struct tls_tally *t)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "type", str_of(tls_policy_name(t->type)));
	put_lines(c, "policy", t->policy);
	json_put_u64(c->out, "good", t->good);
	json_put_u64(c->out, "bad", t->bad);
	json_open(c->out, "failures", '[');
	for (size_t i = 0; i < t->failure_count; i++)
		put_failure(c, &t->failures[i]);
	json_close(c->out);
	json_close(c->out);
}

static void put_day(struct api_call *c, const struct tls_day *d)
{
	json_open(c->out, NULL, '{');
	json_put_time(c->out, "day", d->day * DAY_MS);
	json_put_str(c->out, "domain", d->domain);
	json_open(c->out, "policies", '[');
	for (size_t i = 0; i < d->tally_count; i++)
		put_tally(c, &d->tallies[i]);
	json_close(c->out);
	json_close(c->out);
}

/* "20414/example.org": the page before ended there. */
static void after_take(struct evidence *e, struct str after)
{
	struct cur c = cur_of(after);
	uint32_t day;

	if (!cur_u32(&c, &day) || !cur_byte(&c, '/'))
		return;
	e->query.to_day = day;
	e->query.after = cur_rest(&c);
}

/* The day of a time; false: it is none. */
static bool day_parse(struct api_call *c, const char *name, uint32_t absent, uint32_t *out)
{
	struct cur cur = cur_of(api_argument(c, name));
	int64_t ms;

	*out = absent;
	if (cur_done(&cur))
		return true;
	if (!date_parse_iso(&cur, &ms) || !cur_done(&cur))
		return false;
	*out = tls_day_of(ms);
	return true;
}

enum err api_tls_evidence(struct api_call *c)
{
	struct evidence e = { .call = c };
	enum err failed;

	e.query.domain = api_argument(c, "domain");
	e.query.failures = api_argument_u64(c, "failures", 0, 1) != 0;
	e.query.max = (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1);
	if (!day_parse(c, "since", 0, &e.query.from_day) ||
	    !day_parse(c, "until", UINT32_MAX, &e.query.to_day))
		return fail(&c->why, ERR_SYNTAX,
		            "since and until: use a time like 2026-01-31T12:00:00Z");
	after_take(&e, api_argument(c, "after"));
	if ((failed = store_read(c->admin->store, evidence_read, &e)))
		return failed;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < e.days.count; i++)
		put_day(c, &e.days.items[i]);
	json_close(c->out);
	put_next(
		c,
		str_fmt(c->arena, "%" PRIu32 "/%.*s", e.days.next_day, STR_ARG(e.days.next_behind)),
		e.days.more);
	json_close(c->out);
	return OK;
}

/* --- policies ------------------------------------------------------------------------------- */

struct policies {
	struct api_call *call;
	size_t max;
	struct sts_list list;
};

static enum err policies_read(struct txn *t, void *arg)
{
	struct policies *p = arg;

	return sts_list(t, api_argument(p->call, "after"), p->max, p->call->arena, &p->list);
}

static void put_policy(struct api_call *c, const struct sts_kept *k)
{
	json_open(c->out, NULL, '{');
	json_put_str(c->out, "domain", k->domain);
	json_put_str(c->out, "id", k->id);
	json_put_str(c->out, "mode", str_of(mta_sts_name(k->policy.mode)));
	json_open(c->out, "mx", '[');
	for (size_t i = 0; i < k->policy.mx_count; i++)
		json_put_str(c->out, NULL, k->policy.mx[i]);
	json_close(c->out);
	json_put_time(c->out, "fetched", k->fetched_ms);
	json_put_time(c->out, "used", k->used_ms);
	json_put_time(c->out, "expires", sts_expires_ms(k, clock_real_ms()));
	json_close(c->out);
}

enum err api_tls_policies(struct api_call *c)
{
	struct policies p = { .call = c };
	enum err e;

	p.max = (size_t)MAX(api_argument_u64(c, "limit", 100, LIMIT_api_page), 1);
	if ((e = store_read(c->admin->store, policies_read, &p)))
		return e;
	json_open(c->out, NULL, '{');
	json_open(c->out, "items", '[');
	for (size_t i = 0; i < p.list.count; i++)
		put_policy(c, &p.list.items[i]);
	json_close(c->out);
	put_next(c, p.list.count != 0 ? p.list.items[p.list.count - 1].domain : STR_EMPTY,
	         p.list.more != 0);
	json_close(c->out);
	return OK;
}

static enum err policy_forget(struct txn *t, void *arg)
{
	struct api_call *c = arg;
	enum err e = sts_forget(t, c->parameter[0]);

	if (e == ERR_MISSING)
		return fail(txn_why(t), e, "no policy of this domain is kept");
	return e != OK ? e
	               : api_audit(t, c, "tls.policy.forget", c->parameter[0], STR_EMPTY,
	                           STR_EMPTY);
}

enum err api_tls_policy_forget(struct api_call *c)
{
	return store_write(c->admin->store, policy_forget, c, &c->why);
}

static enum err flush_noted(struct txn *t, void *arg)
{
	return api_audit(t, arg, "dns.flush", STR_EMPTY, STR_EMPTY, STR_EMPTY);
}

enum err api_dns_flush(struct api_call *c)
{
	enum err e = store_write(c->admin->store, flush_noted, c, &c->why);

	if (e == OK)
		(void)dns_flush(c->admin->dns);
	return e;
}
