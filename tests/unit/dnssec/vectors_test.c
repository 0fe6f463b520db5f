/* Tests of dnssec/ on the examples of RFC 4035 B and RFC 5155 B, byte by byte and bit by bit. */
#include "unit/dnssec/fixture.h"
#include "unit/dnssec/vectors.h"

#include "foundation/crypto/crypto.h"
#include "foundation/crypto/hash.h"

enum {
	NOW_4035 = 1082000000, /* April 2004: the signatures are of a month */
	NOW_5155 = 1200000000, /* 2008                                      */
};

/* Both zones are islands: their key signing key is the anchor. */
static struct str anchor(struct arena *a, const char *dnskey)
{
	struct dns_message m;
	struct rrset s;
	struct buf text;
	struct str all;

	buf_init(&text, KIB(1));
	buf_put(&text, STR("insecure .\n"));
	assert_true(dns_message_parse(hex_of(a, dnskey), 100, a, &m));
	assert_true(rrset_find(&m, RR_ANSWER, wire(a, "example"), RR_DNSKEY, a, &s));
	for (size_t i = 0; i < s.count; i++) {
		struct str name = wire(a, "example");
		uint8_t hash[HASH_BYTES];
		struct dnssec_key k;
		struct buf b;

		assert_true(dnssec_key_parse(s.items[i]->data, &k));
		if (!(k.flags & KEY_ENTRY))
			continue;
		buf_init(&b, KIB(1));
		buf_put(&b, name);
		buf_put(&b, k.data);
		hash_sha256(buf_str(&b), hash);
		buf_fmt(&text, "example IN DS %u %u 2 ", k.tag, k.algorithm);
		for (size_t n = 0; n < sizeof hash; n++)
			buf_fmt(&text, "%02X", hash[n]);
		buf_byte(&text, '\n');
		buf_deinit(&b);
	}
	all = str_dup(a, buf_str(&text));
	buf_deinit(&text);
	return all;
}

static void start(struct fixture *f, struct arena *a, int rfc)
{
	const char *keys = rfc == 4035 ? rfc4035_dnskey : rfc5155_dnskey;
	struct str text = anchor(a, keys);

	fixture_init(f, text, rfc == 4035 ? NOW_4035 : NOW_5155);
	f->rules.sha1 = true; /* the examples are older than better ones */
	fixture_know(f, "example", RR_DNSKEY, hex_of(&f->arena, keys));
}

static const struct {
	int rfc;
	const char *answer, *name;
	uint16_t type;
	enum dnssec_verdict verdict;
	enum dnssec_found found;
} rows[] = {
	{ 4035, rfc4035_answer, "x.w.example", RR_MX, DNSSEC_SECURE, DNSSEC_DATA },
	{ 4035, rfc4035_name_error, "ml.example", RR_A, DNSSEC_SECURE, DNSSEC_NO_NAME },
	{ 4035, rfc4035_no_data, "ns1.example", RR_MX, DNSSEC_SECURE, DNSSEC_NO_TYPE },
	{ 4035, rfc4035_wildcard, "a.z.w.example", RR_MX, DNSSEC_SECURE, DNSSEC_DATA },
	{ 4035, rfc4035_wildcard_no_data, "a.z.w.example", RR_AAAA, DNSSEC_SECURE, DNSSEC_NO_TYPE },
	/* The zone itself cannot say that it has no DS records above. */
	{ 4035, rfc4035_ds_child, "example", RR_DS, DNSSEC_INSECURE, DNSSEC_DATA },
	{ 5155, rfc5155_name_error, "a.c.x.w.example", RR_A, DNSSEC_INSECURE, DNSSEC_NO_NAME },
	{ 5155, rfc5155_no_data, "ns1.example", RR_MX, DNSSEC_SECURE, DNSSEC_NO_TYPE },
	{ 5155, rfc5155_empty_non_terminal, "y.w.example", RR_A, DNSSEC_SECURE, DNSSEC_NO_TYPE },
	/* 9.2: opt-out leaves open whether there is a zone that is not signed. */
	{ 5155, rfc5155_wildcard, "a.z.w.example", RR_MX, DNSSEC_INSECURE, DNSSEC_DATA },
	{ 5155, rfc5155_wildcard_no_data, "a.z.w.example", RR_AAAA, DNSSEC_INSECURE,
	  DNSSEC_NO_TYPE },
	{ 5155, rfc5155_ds_child, "example", RR_DS, DNSSEC_INSECURE, DNSSEC_DATA },
	/* Answers to other questions; where nobody has signed a thing, it is asked whether a zone
	 * in between is not signed, which nobody answers here. */
	{ 4035, rfc4035_answer, "y.w.example", RR_MX, DNSSEC_INDETERMINATE, DNSSEC_DATA },
	{ 4035, rfc4035_answer, "x.w.example", RR_A, DNSSEC_INDETERMINATE, DNSSEC_DATA },
	{ 4035, rfc4035_name_error, "ns1.example", RR_A, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 4035, rfc4035_name_error, "example", RR_MX, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 4035, rfc4035_no_data, "ns1.example", RR_A, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 4035, rfc4035_no_data, "ns2.example", RR_MX, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 4035, rfc4035_wildcard, "b.z.w.example", RR_MX, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 4035, rfc4035_wildcard_no_data, "a.z.w.example", RR_MX, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 5155, rfc5155_no_data, "ns1.example", RR_A, DNSSEC_BOGUS, DNSSEC_DATA },
	{ 5155, rfc5155_name_error, "b.c.x.w.example", RR_A, DNSSEC_INSECURE, DNSSEC_DATA },
	{ 5155, rfc5155_name_error, "x.w.example", RR_A, DNSSEC_SECURE, DNSSEC_NO_TYPE },
};

static void test_examples(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnssec_answer got;
		struct fixture f;
		struct arena a = { 0 };

		start(&f, &a, rows[i].rfc);
		got = fixture_judge(&f, hex_of(&f.arena, rows[i].answer), rows[i].name,
		                    rows[i].type);
		if (got.verdict != rows[i].verdict)
			fail_msg("row %zu: %s: %.*s", i, dnssec_verdict_text(got.verdict),
			         STR_ARG(buf_str(&f.steps)));
		check_at(i, got.verdict != DNSSEC_SECURE || got.found == rows[i].found);
		fixture_deinit(&f);
		arena_deinit(&a);
	}
}

/* The same a month too late, a month too early, and without SHA-1 as outside of tests. */
static void test_time_and_algorithm(void **state)
{
	static const struct {
		int64_t shift_s;
		bool sha1;
		enum dnssec_verdict verdict;
	} cases[] = {
		{ 0, true, DNSSEC_SECURE },
		{ 0, false, DNSSEC_INSECURE },              /* RFC 9905 2 */
		{ 1084127779 - NOW_4035, true, DNSSEC_SECURE }, /* the last second */
		{ 1084127779 + 600 - NOW_4035, true, DNSSEC_SECURE },
		{ 1084127779 + 601 - NOW_4035, true, DNSSEC_BOGUS },
		{ 1081535779 - 600 - NOW_4035, true, DNSSEC_SECURE },
		{ 1081535779 - 601 - NOW_4035, true, DNSSEC_BOGUS },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dnssec_answer got;
		struct fixture f;
		struct arena a = { 0 };

		start(&f, &a, 4035);
		f.rules.sha1 = cases[i].sha1;
		f.judge.work.now_s += cases[i].shift_s;
		got = fixture_judge(&f, hex_of(&f.arena, rfc4035_answer), "x.w.example", RR_MX);
		check_at(i, got.verdict == cases[i].verdict);
		fixture_deinit(&f);
		arena_deinit(&a);
	}
}

/* The proofs of referrals (RFC 4035 B.4, B.5, RFC 5155 B.3), which a resolver shows to nobody, as
 * answers to the question for DS. */
static void test_referrals(void **state)
{
	static const struct {
		int rfc;
		const char *message, *name;
		enum dnssec_denied denied;
	} cases[] = {
		{ 4035, rfc4035_unsigned_referral, "b.example", DENIED_CUT },
		{ 4035, rfc4035_unsigned_referral, "a.example", DENIED_NOT },
		{ 5155, rfc5155_opt_out, "c.example", DENIED_OPEN },
		{ 5155, rfc5155_opt_out, "a.example", DENIED_NOT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dnssec_proofs p;
		struct dnssec_zone zone;
		struct dns_message m;
		struct fixture f;
		struct arena a = { 0 };

		start(&f, &a, cases[i].rfc);
		check_at(i, dnssec_chain(&f.judge, wire(&a, "example"), &zone) == DNSSEC_SECURE);
		check_at(i, dns_message_parse(hex_of(&a, cases[i].message), 100, &a, &m));
		dnssec_proofs_take(&f.judge.work, &m, &zone, &p);
		check_at(i, dnssec_denied(&f.judge.work, &p, wire(&a, cases[i].name), RR_DS) ==
		                    cases[i].denied);
		fixture_deinit(&f);
		arena_deinit(&a);
	}
}

static void test_signed_referral(void **state)
{
	struct rrset_proof proof;
	struct dnssec_zone zone;
	struct dns_message m;
	struct fixture f;
	struct arena a = { 0 };
	struct dnssec_ds ds;
	struct rrset s;

	(void)state;
	start(&f, &a, 4035);
	assert_int_equal(dnssec_chain(&f.judge, wire(&a, "example"), &zone), DNSSEC_SECURE);
	assert_true(dns_message_parse(hex_of(&a, rfc4035_signed_referral), 100, &a, &m));
	assert_true(rrset_find(&m, RR_AUTHORITY, wire(&a, "a.example"), RR_DS, &a, &s));
	assert_true(rrset_verify(&f.judge.work, &s, &zone, &proof));
	assert_true(!proof.wildcard && proof.ttl == 3600);
	assert_true(dnssec_ds_parse(s.items[0]->data, &ds));
	assert_true(ds.tag == 57855 && ds.algorithm == 5 && ds.digest_type == 1);
	assert_true(!dnssec_ds_known(&ds, false));
	fixture_deinit(&f);
	arena_deinit(&a);
}

/* --- laws ----------------------------------------------------------------------------------- */

static bool same_data(const struct rrset *x, const struct rrset *y)
{
	if (x->count != y->count || x->type != y->type || !str_eq(x->owner, y->owner))
		return false;
	for (size_t i = 0; i < x->count; i++)
		if (!str_eq(x->items[i]->data, y->items[i]->data))
			return false;
	return true;
}

/* Whichever bit is another: never secure, unless what is said is the same. */
static void test_each_bit(void **state)
{
	size_t refused = 0;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnssec_answer right, got;
		struct fixture f;
		struct arena a = { 0 };
		struct str bytes = hex_of(&a, rows[i].answer);
		char *p = (char *)(uintptr_t)bytes.p;

		if (rows[i].verdict != DNSSEC_SECURE) {
			arena_deinit(&a);
			continue;
		}
		start(&f, &a, rows[i].rfc);
		right = fixture_judge(&f, str_dup(&a, bytes), rows[i].name, rows[i].type);
		for (size_t bit = 0; bit < 8 * bytes.n; bit += bit % 3 + 1) {
			struct arena scratch = { 0 };

			f.judge.work.a = &scratch;
			p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
			got = fixture_judge(&f, bytes, rows[i].name, rows[i].type);
			p[bit / 8] = (char)(p[bit / 8] ^ 1 << bit % 8);
			if (got.verdict != DNSSEC_SECURE)
				refused++;
			else if (got.found != right.found || !str_eq(got.name, right.name) ||
			         (got.found == DNSSEC_DATA && !same_data(&got.data, &right.data)))
				fail_msg("row %zu, bit %zu: secure, but it says something else", i,
				         bit);
			arena_deinit(&scratch);
		}
		fixture_deinit(&f);
		arena_deinit(&a);
	}
	assert_true(refused > 10000);
}

/* Cut anywhere: parsed whole or not at all, and never secure with less than it takes. */
static void test_each_length(void **state)
{
	struct arena a = { 0 };
	struct str bytes = hex_of(&a, rfc4035_answer);
	struct dns_message m;

	(void)state;
	assert_true(dns_message_parse(bytes, 100, &a, &m));
	for (size_t n = 0; n < bytes.n; n++) {
		struct str cut = str_dup(&a, str_sub(bytes, 0, n));

		if (dns_message_parse(cut, 100, &a, &m))
			fail_msg("%zu bytes of %zu will do", n, bytes.n);
	}
	arena_deinit(&a);
}

static int setup(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_time_and_algorithm),
		cmocka_unit_test(test_referrals),
		cmocka_unit_test(test_signed_referral),
		cmocka_unit_test(test_each_bit),
		cmocka_unit_test(test_each_length),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
