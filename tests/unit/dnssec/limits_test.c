/* Tests of what one answer may cost, one step within and one past each limit (dnssec_* of
 * foundation/config/limits.def), with answers that are right but for that. */
#include "unit/dnssec/made.h"
#include "unit/dnssec/vectors.h"

#include "foundation/crypto/crypto.h"

static const uint8_t ip[] = { 192, 0, 2, 1 };
#define IP str_from((const char *)ip, sizeof ip)

static struct made_zone begin(struct fixture *f)
{
	return made_begin(f, STR_EMPTY);
}

static struct dnssec_answer ask_host(struct fixture *f, struct made *m)
{
	return fixture_judge(f, made_answer(m, &f->arena), "host.own.example", RR_A);
}

static void test_own_zone(void **state)
{
	struct fixture f;
	struct made_zone z = begin(&f);
	struct made m = { 0 };

	(void)state;
	made_signed(&m, &f.arena, &z, wire(&f.arena, "host.own.example"), RR_A, IP);
	assert_int_equal(ask_host(&f, &m).verdict, DNSSEC_SECURE);
	fixture_deinit(&f);
}

/* CVE-2023-50387: signatures that are wrong, all by the right key, before the right one. */
static void test_signatures(void **state)
{
	static const struct {
		unsigned wrong;
		enum dnssec_verdict verdict;
	} rows[] = { { 0, DNSSEC_SECURE }, { 8, DNSSEC_SECURE }, { 9, DNSSEC_BOGUS },
		     { 90, DNSSEC_BOGUS } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f;
		struct made_zone z = begin(&f);
		struct str host = wire(&f.arena, "host.own.example");
		struct made m = { 0 };

		f.rules.signatures = 10; /* one is for the keys */
		for (unsigned n = 0; n < rows[i].wrong; n++) {
			struct str sig = made_sig(&f.arena, &z, host, RR_A, IP);

			((char *)(uintptr_t)sig.p)[sig.n - 1 - n % 60] ^= 1;
			made_put(&m, host, RR_RRSIG, sig);
		}
		made_signed(&m, &f.arena, &z, host, RR_A, IP);
		check_at(i, ask_host(&f, &m).verdict == rows[i].verdict);
		check_at(i, f.judge.work.signatures <= 10);
		fixture_deinit(&f);
	}
}

/* KeyTrap (CVE-2023-50387): one set with a hundred signatures that are wrong. A few are checked. */
static void test_wrong_signatures(void **state)
{
	enum { WRONG = 100 };
	struct fixture f;
	struct made_zone z = begin(&f);
	struct str host = wire(&f.arena, "host.own.example");
	struct made m = { 0 };

	(void)state;
	f.rules.wrong_set = 4;
	for (unsigned n = 0; n < WRONG; n++) {
		struct str sig = made_sig(&f.arena, &z, host, RR_A, IP);

		((char *)(uintptr_t)sig.p)[sig.n - 1 - n % 60] ^= 1;
		made_put(&m, host, RR_RRSIG, sig);
	}
	made_signed(&m, &f.arena, &z, host, RR_A, IP);
	assert_int_equal(ask_host(&f, &m).verdict, DNSSEC_BOGUS);
	assert_int_equal(f.judge.work.wrong, 4);
	assert_true(f.judge.work.signatures <= 4 + 1); /* one is for the keys */
	fixture_deinit(&f);
}

static unsigned budget_us;

static bool budget_charge(unsigned cost_us)
{
	if (cost_us > budget_us)
		return false;
	budget_us -= cost_us;
	return true;
}

/* The budget of the caller lasts for some questions; then nothing is secure, and nothing bogus. */
static void test_budget_of_the_caller(void **state)
{
	struct fixture f;
	struct made_zone z = begin(&f);
	struct made m = { 0 };
	struct str answer;

	(void)state;
	f.judge.work.charge = budget_charge;
	budget_us = 1000; /* one for the keys, then one a question; an Ed25519 check is 201 */
	made_signed(&m, &f.arena, &z, wire(&f.arena, "host.own.example"), RR_A, IP);
	answer = made_answer(&m, &f.arena);
	for (int i = 0; i < 20; i++) {
		enum dnssec_verdict v =
			fixture_judge(&f, answer, "host.own.example", RR_A).verdict;

		check_at((size_t)i, f.judge.work.spent ? v == DNSSEC_INDETERMINATE
		                                       : v == DNSSEC_SECURE);
		check_at((size_t)i, i != 0 || v == DNSSEC_SECURE);
		check_at((size_t)i, i < 5 || v == DNSSEC_INDETERMINATE);
	}
	fixture_deinit(&f);
}

/* Larger keys cost more. */
static void test_cost_by_algorithm(void **state)
{
	static const char rsa[516 + 1] = "\3\1\0\1" "\x80";
	struct dnssec_key small = { .algorithm = ALGORITHM_RSASHA256 };
	struct dnssec_key large = { .algorithm = ALGORITHM_RSASHA256 };
	struct dnssec_key p256 = { .algorithm = ALGORITHM_ECDSAP256SHA256 };
	struct dnssec_key p384 = { .algorithm = ALGORITHM_ECDSAP384SHA384 };
	struct dnssec_key ed25519 = { .algorithm = ALGORITHM_ED25519 };

	(void)state;
	small.key = str_from(rsa, 4 + 256);
	large.key = str_from(rsa, 4 + 512);
	assert_true(dnssec_key_cost_us(&large, IP) >= 3 * dnssec_key_cost_us(&small, IP));
	assert_true(dnssec_key_cost_us(&p256, IP) > dnssec_key_cost_us(&ed25519, IP));
	assert_true(dnssec_key_cost_us(&p384, IP) > dnssec_key_cost_us(&p256, IP));
	assert_true(dnssec_hash_cost_us(60000) > dnssec_hash_cost_us(60));
}

static void test_aliases(void **state)
{
	(void)state;
	for (unsigned n = 7; n <= 9; n++) {
		struct fixture f;
		struct made_zone z = begin(&f);
		struct str at = wire(&f.arena, "host.own.example");
		struct made m = { 0 };
		struct dnssec_answer got;

		for (unsigned i = 0; i < n; i++) {
			struct str next = wire(
				&f.arena, str_z(&f.arena, str_fmt(&f.arena, "a%u.own.example", i)));

			made_signed(&m, &f.arena, &z, at, RR_CNAME, next);
			at = next;
		}
		made_signed(&m, &f.arena, &z, at, RR_A, IP);
		got = ask_host(&f, &m);
		check_at(n, got.verdict == (n <= f.rules.aliases ? DNSSEC_SECURE : DNSSEC_BOGUS));
		check_at(n, got.verdict != DNSSEC_SECURE || (got.alias && str_eq(got.name, at)));
		fixture_deinit(&f);
	}
}

static void test_alias_loop(void **state)
{
	struct fixture f;
	struct made_zone z = begin(&f);
	struct str host = wire(&f.arena, "host.own.example");
	struct made m = { 0 };

	(void)state;
	made_signed(&m, &f.arena, &z, host, RR_CNAME, host);
	assert_int_equal(ask_host(&f, &m).verdict, DNSSEC_BOGUS);
	fixture_deinit(&f);
}

static void test_questions(void **state)
{
	(void)state;
	for (unsigned n = 0; n <= 1; n++) {
		struct fixture f;
		struct made_zone z = begin(&f);
		struct made m = { 0 };

		f.rules.questions = n; /* one is for the keys */
		made_signed(&m, &f.arena, &z, wire(&f.arena, "host.own.example"), RR_A, IP);
		check_at(n, ask_host(&f, &m).verdict == (n == 1 ? DNSSEC_SECURE : DNSSEC_BOGUS));
		check_at(n, f.asked == n);
		fixture_deinit(&f);
	}
}

static void test_records(void **state)
{
	(void)state;
	for (size_t n = 1; n <= 3; n++) {
		struct fixture f;
		struct made_zone z = begin(&f);
		struct made m = { 0 };

		f.rules.records = n; /* the answer and its signature are two */
		made_signed(&m, &f.arena, &z, wire(&f.arena, "host.own.example"), RR_A, IP);
		check_at(n, ask_host(&f, &m).verdict ==
		                    (n >= 2 ? DNSSEC_SECURE : DNSSEC_INDETERMINATE));
		fixture_deinit(&f);
	}
}

/* What was found of a zone is kept, for as long as it may be; the oldest goes when it is full. */
static void test_cache(void **state)
{
	struct dnssec_cache *c = dnssec_cache_new(2);
	struct dnssec_node node = { .cut = CUT_NONE, .until_s = 100 }, got;
	struct arena a = { 0 };
	struct str names[] = { wire(&a, "a"), wire(&a, "b"), wire(&a, "c") };

	(void)state;
	for (size_t i = 0; i < COUNT(names); i++)
		dnssec_cache_put(c, names[i], &node);
	assert_int_equal(dnssec_cache_count(c), 2);
	assert_false(dnssec_cache_get(c, names[0], 1, &a, &got));
	assert_true(dnssec_cache_get(c, names[1], 1, &a, &got));
	assert_true(dnssec_cache_get(c, names[2], 99, &a, &got));
	assert_false(dnssec_cache_get(c, names[2], 100, &a, &got));
	node.cut = CUT_UNSIGNED;
	dnssec_cache_put(c, names[2], &node);
	assert_true(dnssec_cache_get(c, names[2], 1, &a, &got) && got.cut == CUT_UNSIGNED);
	assert_int_equal(dnssec_cache_count(c), 2);
	dnssec_cache_free(c);
	arena_deinit(&a);
}

static void test_asked_once(void **state)
{
	struct fixture f;
	struct made_zone z = begin(&f);

	(void)state;
	for (int i = 0; i < 3; i++) {
		struct made m = { 0 };

		made_signed(&m, &f.arena, &z, wire(&f.arena, "host.own.example"), RR_A, IP);
		assert_int_equal(ask_host(&f, &m).verdict, DNSSEC_SECURE);
		assert_int_equal(f.asked, 1);
	}
	f.judge.work.now_s += MADE_TTL; /* the keys' time to live */
	assert_int_equal(dnssec_chain(&f.judge, z.name, &(struct dnssec_zone){ 0 }), DNSSEC_SECURE);
	assert_int_equal(f.asked, 2);
	fixture_deinit(&f);
}

/* CVE-2023-50868 and RFC 9276: RFC 5155's proof takes 12 rounds of some hashes. */
static void test_hashes(void **state)
{
	static const struct {
		unsigned hashes, iterations;
		enum dnssec_denied denied;
	} rows[] = {
		{ 100, 12, DENIED_OPEN }, { 100, 11, DENIED_OPEN }, { 4, 12, DENIED_NOT },
		{ 0, 12, DENIED_NOT },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnssec_zone zone = { 0 };
		struct dnssec_proofs p;
		struct dns_message m;
		struct fixture f;
		struct dnssec_key keys[2];
		struct rrset s;

		fixture_init(&f, STR("insecure ."), 1200000000);
		f.rules.sha1 = true;
		f.rules.hashes = rows[i].hashes;
		f.rules.iterations = rows[i].iterations;
		check_at(i, dns_message_parse(hex_of(&f.arena, rfc5155_dnskey), 50, &f.arena, &m));
		check_at(i, rrset_find(&m, RR_ANSWER, wire(&f.arena, "example"), RR_DNSKEY,
		                       &f.arena, &s));
		for (size_t k = 0; k < 2; k++)
			check_at(i, dnssec_key_parse(s.items[k]->data, &keys[k]));
		zone = (struct dnssec_zone){ s.owner, keys, 2 };
		check_at(i, dns_message_parse(hex_of(&f.arena, rfc5155_name_error), 50, &f.arena,
		                              &m));
		dnssec_proofs_take(&f.judge.work, &m, &zone, &p);
		check_at(i, p.costly == (rows[i].iterations < 12));
		check_at(i, dnssec_denied(&f.judge.work, &p, wire(&f.arena, "a.c.x.w.example"),
		                          RR_A) == rows[i].denied);
		check_at(i, f.judge.work.hashes <= rows[i].hashes);
		fixture_deinit(&f);
	}
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
		cmocka_unit_test(test_own_zone),   cmocka_unit_test(test_signatures),
		cmocka_unit_test(test_wrong_signatures),
		cmocka_unit_test(test_budget_of_the_caller),
		cmocka_unit_test(test_cost_by_algorithm),

		cmocka_unit_test(test_aliases),    cmocka_unit_test(test_alias_loop),
		cmocka_unit_test(test_questions),  cmocka_unit_test(test_records),
		cmocka_unit_test(test_cache),      cmocka_unit_test(test_asked_once),
		cmocka_unit_test(test_hashes),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
