/* SPF records and macros (RFC 7208):
 *
 *	a record that was read has as many terms as it may, each of which lies within it
 *	a domain-spec that is right is right as a macro-string of an explanation too
 *	what it stands for is no longer than a name may be
 *	the check ends, whatever the records say of each other, within its lookups */
#include "formats/mailauth/spf.h"
#include "formats/mailauth/spf_macro.h"
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "network/dns/dns.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { NAME_MAX_BYTES = 253, ROWS = 4 };

static struct str nobody(void *arg)
{
	(void)arg;
	return STR("unknown");
}

static void record(struct str in, struct arena *a)
{
	struct spf_record r;
	struct why why;

	if (!spf_record_is(in) || spf_record_parse(in, a, &r, &why) != OK)
		return;
	assert(r.count <= SPF_TERMS_MAX);
	for (size_t i = 0; i < r.count; i++)
		assert(r.terms[i].text.p >= in.p &&
		       r.terms[i].text.p + r.terms[i].text.n <= in.p + in.n &&
		       r.terms[i].v4_bits <= 32 && r.terms[i].v6_bits <= 128);
}

static void macro(struct str in, struct arena *a)
{
	struct addr ip = { .family = in.n % 2 != 0 ? ADDR_V6 : ADDR_V4 };
	struct spf_macros m = { .local = STR("a-b+c"),
		                .origin = STR("x.example.org"),
		                .domain = STR("y.example.org"),
		                .helo = STR("mx.example.org"),
		                .ip = &ip,
		                .name = nobody };

	if (!spf_macro_domain_check(in))
		return;
	assert(spf_macro_check(in, SPF_MACRO_EXPLANATION));
	assert(spf_macro_name(in, &m, a).n <= NAME_MAX_BYTES);
}

/* Each line is the record of a domain: a.example, b.example and so on. */
static void check(struct str in, struct arena *a)
{
	static const char *const names[ROWS] = { "a.example", "b.example", "c.example",
		                                 "d.example" };
	struct dns_fake_row rows[ROWS + 1] = { { NULL, NULL, NULL } };
	struct spf_query q = { .local = STR("alice"),
		               .domain = STR("a.example"),
		               .helo = STR("b.example"),
		               .ip = { .family = ADDR_V4, .ip = { 192, 0, 2, 1 } } };
	struct cur c = cur_of(in);
	struct spf_answer answer;
	struct str line;

	for (size_t i = 0; i < ROWS && cur_line(&c, &line); i++)
		rows[i] = (struct dns_fake_row){ names[i], "TXT", str_z(a, line) };
	q.dns = dns_fake_new(rows, false);
	spf_check_mail(&q, a, &answer);
	assert(answer.result < SPF_RESULTS && answer.lookups <= SPF_LOOKUPS_MAX);
	assert(answer.explanation.n <= SPF_EXPLANATION_MAX);
	dns_free(&q.dns);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n);
	struct arena a = { 0 };

	record(in, &a);
	macro(in, &a);
	check(in, &a);
	arena_deinit(&a);
	return 0;
}
