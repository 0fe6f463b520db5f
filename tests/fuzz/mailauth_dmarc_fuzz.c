/* DMARC records, and what becomes of a message by them (RFC 7489, RFC 9989):
 *
 *	what a record asks is one of three, its URIs are as many as they may and lie within it
 *	both ways to look end within their questions, at the author's domain or above
 *	what is asked of a message is never more than the policy, and nothing unless it failed */
#include "formats/mailauth/dmarc.h"
#include "formats/mailauth/psl.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "network/dns/dns.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { ROWS = 4, QUERIES_MAX = 9 };

static void uris(struct str in, const struct dmarc_uris *list, struct arena *a)
{
	assert(list->count <= DMARC_URIS_MAX);
	for (size_t i = 0; i < list->count; i++) {
		struct str uri = list->items[i].uri;
		struct mailaddr to;

		assert(uri.n != 0 && uri.p >= in.p && uri.p + uri.n <= in.p + in.n);
		if (dmarc_uri_mailto(&list->items[i], a, &to))
			assert(to.local.n != 0 && to.domain.n != 0);
	}
}

static void record(struct str in, struct arena *a)
{
	struct dmarc_record r;
	struct why why;
	bool ok;

	if (!dmarc_record_is(in))
		return;
	for (int method = DMARC_SUFFIXES; method <= DMARC_TREE; method++) {
		ok = dmarc_record_parse(in, (enum dmarc_method)method, &r, &why) == OK;
		assert(r.p <= DMARC_POLICY_REJECT && r.sp <= DMARC_POLICY_REJECT &&
		       r.np <= DMARC_POLICY_REJECT && r.psd <= DMARC_PSD_NO);
		assert(r.pct <= 100 && r.fo != 0 && (ok || (r.repaired && r.rua.count == 0)));
		uris(in, &r.rua, a);
		uris(in, &r.ruf, a);
	}
}

static void verdict(struct dmarc_query *q, struct str proven, struct arena *a)
{
	struct dmarc_signature signature = { proven, proven.n % 3 != 0, proven.n % 3 == 0 };
	struct dmarc_evidence e = { .spf = SPF_NONE,
		                    .spf_domain = STR_EMPTY,
		                    .signatures = &signature,
		                    .count = 1,
		                    .random = (unsigned)proven.n,
		                    .dns = q->dns };
	struct dmarc_discovery d;
	struct dmarc_verdict v;

	dmarc_discover(q, a, &d);
	assert(d.queries <= QUERIES_MAX);
	assert(d.domain.n == 0 || str_ends(d.author, d.domain));
	assert(str_ends(d.author, d.organization));
	dmarc_evaluate(&d, &e, a, &v);
	assert(v.result < DMARC_RESULTS && v.disposition <= v.policy);
	assert(v.result == DMARC_FAIL || v.disposition == DMARC_POLICY_NONE);
	assert(!str_eq(proven, d.author) || v.result != DMARC_FAIL);
}

/* The first line is the author's domain, the second one that was proven; the others are records, of
 * the author's domain and those above it. */
static void check(struct str in, struct arena *a)
{
	struct dns_fake_row rows[ROWS + 1] = { { NULL, NULL, NULL } };
	struct dmarc_query q = { .author = STR("a.b.example") };
	struct str line, name, proven = STR_EMPTY;
	struct cur c = cur_of(in);

	(void)cur_line(&c, &q.author);
	(void)cur_line(&c, &proven);
	name = q.author;
	for (size_t i = 0; i < ROWS && cur_line(&c, &line); i++) {
		ptrdiff_t dot = str_find_byte(name, '.');

		rows[i] = (struct dns_fake_row){ str_z(a, str_fmt(a, "_dmarc.%.*s", STR_ARG(name))),
			                         "TXT", str_z(a, line) };
		name = dot < 0 ? STR_EMPTY : str_sub(name, (size_t)dot + 1, name.n);
	}
	q.dns = dns_fake_new(rows, false);
	for (int method = DMARC_SUFFIXES; method <= DMARC_TREE; method++) {
		q.method = (enum dmarc_method)method;
		verdict(&q, proven, a);
	}
	dns_free(&q.dns);
}

static void suffix(struct str in)
{
	struct str s = psl_suffix(in), organization = psl_organization(in);

	assert(str_ends(in, s) && str_ends(in, organization));
	assert(organization.n == 0 || organization.n > s.n + 1);
	assert(organization.n == 0 || str_eq(psl_organization(organization), organization));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };

	suffix(in);
	record(in, &a);
	check(in, &a);
	arena_deinit(&a);
	return 0;
}
