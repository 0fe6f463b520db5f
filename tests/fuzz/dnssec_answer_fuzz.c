/* Any bytes as the answers of name servers: the judge ends, within its limits, and what it takes
 * from them is well-formed. The first two bytes choose name and type. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "network/dnssec/data.h"
#include "network/dnssec/validate.h"

#include "foundation/crypto/crypto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const struct dnssec_rules rules = { .records = 100,
	                                   .signatures = 8,
	                                   .hashes = 40,
	                                   .wrong = 8,
	                                   .wrong_set = 4,
	                                   .cost_us = 100000,
	                                   .iterations = 20,
	                                   .aliases = 4,
	                                   .questions = 12,
	                                   .skew_s = 600,
	                                   .ttl_s = 3600,
	                                   .sha1 = true };

struct source {
	struct dnssec_asker asker;
	struct str answer;
};

static bool ask(struct dnssec_asker *k, struct str name, uint16_t type, struct arena *a,
                struct str *answer)
{
	(void)name, (void)type, (void)a;
	*answer = container_of(k, struct source, asker)->answer;
	return true;
}

static void check_names(const struct dns_message *m, struct arena *a)
{
	struct buf text;

	buf_init(&text, MIB(1));
	for (size_t i = 0; i < m->count; i++) {
		struct str name = m->records[i].owner, same;

		assert(name.n >= 1 && name.n <= DNAME_MAX && name.p[name.n - 1] == '\0');
		assert(dname_compare(name, name) == 0 && dname_within(name, name));
		assert(str_eq(dname_last(name, dname_labels(name)), name));
		assert(dname_from_text(dname_text(name, a), a, &same) && str_eq(same, name));
		buf_reset(&text);
		rr_data_put(&text, m->records[i].type, m->records[i].data, a);
		for (size_t k = 0; k < text.n; k++)
			assert(text.p[k] >= ' ' && text.p[k] < 0x7f);
	}
	buf_deinit(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const char *const names[] = { "a.z.w.example", "ns1.example", "x.w.example",
		                             "a.c.x.w.example" };
	static const uint16_t types[] = { RR_MX, RR_A, RR_AAAA, RR_DS };
	static struct dnssec_anchors *anchors;
	struct source source = { { ask }, STR_EMPTY };
	struct dnssec_validator j = { .work = { .rules = &rules, .now_s = 1200000000 },
		                  .asker = &source.asker };
	struct dnssec_answer out;
	struct arena a = { 0 };
	struct dns_message m;
	struct str name;

	crypto_init();
	if (n < 2)
		return 0;
	if (anchors == NULL && dnssec_anchors_new(STR("example DS 12708 7 2 "
	                                              "000102030405060708090a0b0c0d0e0f"
	                                              "101112131415161718191a1b1c1d1e1f"
	                                              "; insecure ."),
	                                          &anchors, NULL) != OK)
		assert(false);
	source.answer = str_from((const char *)data + 2, n - 2);
	j.work.a = &a;
	j.anchors = anchors;
	j.cache = dnssec_cache_new(4);
	if (dns_message_parse(source.answer, rules.records, &a, &m))
		check_names(&m, &a);
	if (!dname_from_text(str_of(names[data[0] % COUNT(names)]), &a, &name))
		assert(false);
	dnssec_validate(&j, source.answer, name, types[data[1] % COUNT(types)], &out);
	assert(out.verdict != DNSSEC_SECURE); /* nobody has the anchor's key */
	assert(j.work.signatures <= rules.signatures && j.work.hashes <= rules.hashes);
	assert(j.work.questions <= rules.questions);
	dnssec_cache_free(j.cache);
	arena_deinit(&a);
	return 0;
}
