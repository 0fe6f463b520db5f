/* network/dns/explain.c: an answer and its validation, for people; see dns.h. */
#include "network/dns/resolver.h"

#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "network/dnssec/data.h"

enum { STORY_MAX = 64 << 10, LINE_MAX_BYTES = 16 << 10 };

static struct str record_text(const struct rr *r, struct arena *a)
{
	struct str text, owner = dname_text(r->owner, a), type = rr_type_text(r->type, a);
	struct buf b;

	buf_init(&b, LINE_MAX_BYTES);
	buf_fmt(&b, "%.*s %.*s ", STR_ARG(owner), STR_ARG(type));
	rr_data_put(&b, r->type, r->data, a);
	text = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

/* The answer's section without the signatures. */
static void explain_records_take(struct str bytes, struct arena *a, struct dns_explained *out)
{
	struct dns_message m;

	if (!dns_message_parse(bytes, LIMIT_dnssec_records, a, &m))
		return;
	out->records = arena_array(a, struct str, m.count);
	for (size_t i = 0; i < m.count; i++)
		if (m.records[i].section == RR_ANSWER && m.records[i].type != RR_RRSIG)
			out->records[out->count++] = record_text(&m.records[i], a);
}

enum dns_status resolver_explain(struct dns *d, struct arena *a, struct str name, uint16_t type,
                                 int64_t deadline_ms, struct dns_explained *out)
{
	const struct dns_view *view = &container_of(d, struct dns_view, dns)->of->fresh;
	struct dns_question *q = resolver_ask(view, name, (ares_dns_rec_type_t)type);
	struct dns_lookup l;
	struct str bytes;
	struct buf steps;

	buf_init(&steps, STORY_MAX);
	resolver_validate(view, dns_question_ref(q), a, name, type, deadline_ms, &steps, &l);
	if (dns_question_await(q, clock_mono_ms(), &bytes) != DNS_RETRY)
		explain_records_take(bytes, a, out);
	out->verdict = dnssec_verdict_text(l.secured.verdict);
	out->trouble = l.secured.trouble;
	out->steps = str_dup(a, buf_str(&steps));
	buf_deinit(&steps);
	dns_lookup_deinit(&l);
	dns_question_unref(q);
	if (l.secured.status == DNS_OK && out->count == 0)
		return DNS_NODATA;
	return l.secured.status;
}
