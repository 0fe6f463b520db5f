/* formats/reports/tls.c: see tls.h. */
#include "formats/reports/tls.h"

#include "foundation/text/json.h"
#include "foundation/text/utf8.h"

struct reading {
	struct arena *a;
	struct wire_tls_report *out;
	size_t failures; /* so far */
};

static struct str tls_text_of(struct reading *r, struct json v)
{
	struct str s;

	if (!json_str(v, &s))
		return STR_EMPTY;
	return str_dup(r->a, utf8_cut(str_trim(s), WIRE_TLS_TEXT_MAX));
}

static struct str text_get(struct reading *r, struct json v, const char *name)
{
	return tls_text_of(r, json_get(v, name));
}

static struct str lower_get(struct reading *r, struct json v, const char *name)
{
	return str_lower(r->a, text_get(r, v, name));
}

/* Some reporters write numbers as texts. */
static uint64_t count_get(struct json v, const char *name)
{
	struct str s;
	struct cur c;
	uint64_t n;

	if (json_u64(json_get(v, name), &n))
		return n;
	if (!json_str(json_get(v, name), &s))
		return 0;
	c = cur_of(s);
	return cur_u64(&c, &n) && cur_done(&c) ? n : 0;
}

static int64_t time_get(struct json v, const char *name)
{
	int64_t ms;

	return json_time(json_get(v, name), &ms) ? ms : -1;
}

static void failure_take(struct reading *r, struct json v, struct wire_tls_failure *to)
{
	to->result = lower_get(r, v, "result-type");
	to->from = text_get(r, v, "sending-mta-ip");
	to->mx = lower_get(r, v, "receiving-mx-hostname");
	to->helo = text_get(r, v, "receiving-mx-helo");
	to->address = text_get(r, v, "receiving-ip");
	to->info = text_get(r, v, "additional-information");
	to->reason = text_get(r, v, "failure-reason-code");
	to->count = count_get(v, "failed-session-count");
}

static void failures_take(struct reading *r, struct json list, struct wire_tls_policy *p)
{
	size_t room = MIN(json_count(list), WIRE_TLS_FAILURES - r->failures);
	struct json_iter it = json_iter(list);

	if (json_kind(list) != JSON_ARRAY)
		return;
	r->out->more = r->out->more || room < json_count(list);
	p->failures = arena_array(r->a, struct wire_tls_failure, room);
	while (p->failure_count < room && json_next(&it))
		failure_take(r, it.value, &p->failures[p->failure_count++]);
	r->failures += p->failure_count;
}

/* RFC 8460 4.4 has a text in its example, and a list of texts in its description. */
static void mx_take(struct reading *r, struct json v, struct wire_tls_policy *p)
{
	struct json_iter it = json_iter(v);

	if (json_kind(v) == JSON_STRING)
		p->mx[p->mx_count++] = tls_text_of(r, v);
	while (json_kind(v) == JSON_ARRAY && p->mx_count < WIRE_TLS_MX && json_next(&it))
		p->mx[p->mx_count++] = tls_text_of(r, it.value);
}

static void policy_take(struct reading *r, struct json v, struct wire_tls_policy *p)
{
	struct json policy = json_get(v, "policy"), summary = json_get(v, "summary");

	p->type = lower_get(r, policy, "policy-type");
	p->domain = lower_get(r, policy, "policy-domain");
	mx_take(r, json_get(policy, "mx-host"), p);
	p->good = count_get(summary, "total-successful-session-count");
	p->failed = count_get(summary, "total-failure-session-count");
	failures_take(r, json_get(v, "failure-details"), p);
}

bool wire_tls_parse(struct str text, struct arena *a, struct wire_tls_report *out)
{
	struct reading r = { .a = a, .out = out };
	struct json top, range, policies;
	struct json_iter it;
	size_t room;

	*out = (struct wire_tls_report){ .begin_ms = -1, .end_ms = -1 };
	if (!json_parse_long(a, text, WIRE_TLS_BYTES_MAX, &top))
		return false;
	range = json_get(top, "date-range");
	policies = json_get(top, "policies");
	if (json_kind(policies) != JSON_ARRAY || json_count(policies) == 0)
		return false;
	out->organization = text_get(&r, top, "organization-name");
	out->contact = text_get(&r, top, "contact-info");
	out->id = text_get(&r, top, "report-id");
	out->begin_ms = time_get(range, "start-datetime");
	out->end_ms = time_get(range, "end-datetime");
	room = MIN(json_count(policies), (size_t)WIRE_TLS_POLICIES);
	out->more = room < json_count(policies);
	out->policies = arena_array(a, struct wire_tls_policy, room);
	for (it = json_iter(policies); out->policy_count < room && json_next(&it);)
		policy_take(&r, it.value, &out->policies[out->policy_count++]);
	return true;
}
