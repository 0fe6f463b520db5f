/* What hostile answers cost in memory and work: what nobody signed, and keys that share a tag. */
#include "unit/dnssec/made.h"

#include "foundation/crypto/crypto.h"

static const uint8_t ip[] = { 192, 0, 2, 1 };
#define IP str_from((const char *)ip, sizeof ip)

/* NSEC records from the owner on to the next, for A. */
static struct str nsec(struct arena *a, struct str next)
{
	return str_fmt(a, "%.*s%c%c%c", STR_ARG(next), 0, 1, 0x40);
}

/* An answer without data and with this many NSEC records: none is signed, but for one signature
 * that is nobody's, so that they are looked at at all. */
static struct str denial(struct fixture *f, const struct made_zone *z, unsigned count)
{
	struct str next = wire(&f->arena, "z.own.example"), sig;
	struct made m = { 0 };

	for (unsigned i = 0; i < count; i++) {
		struct str text = str_fmt(&f->arena, "n%u.own.example", i);
		struct str owner = wire(&f->arena, str_z(&f->arena, text));

		made_put(&m, owner, RR_NSEC, nsec(&f->arena, next));
	}
	sig = made_sig(&f->arena, z, next, RR_NSEC, nsec(&f->arena, next));
	made_put(&m, next, RR_RRSIG, sig);
	return made_in(&m, RR_AUTHORITY, &f->arena);
}

/* Ten times the records may cost ten times the memory, not a hundred times. */
static void test_unsigned_proofs(void **state)
{
	size_t cost[2];

	(void)state;
	for (size_t i = 0; i < COUNT(cost); i++) {
		struct fixture f;
		struct made_zone z = made_begin(&f, STR_EMPTY);
		struct str answer;
		size_t before;

		f.rules.records = 500;
		answer = denial(&f, &z, i == 0 ? 49 : 490);
		before = f.arena.used_bytes;
		assert_int_equal(fixture_judge(&f, answer, "host.own.example", RR_A).verdict,
		                 DNSSEC_BOGUS);
		cost[i] = f.arena.used_bytes - before;
		assert_true(f.judge.work.signatures <= 1); /* that of the keys */
		fixture_deinit(&f);
	}
	assert_true(cost[1] < 12 * cost[0]);
	assert_true(cost[1] < KIB(256));
}

/* A set costs what it has, not what the answer has around it. */
static void test_small_sets(void **state)
{
	struct fixture f;
	struct made_zone z = made_begin(&f, STR_EMPTY);
	struct str host = wire(&f.arena, "host.own.example");
	struct dns_message message;
	struct made m = { 0 };
	struct rrset s;
	size_t before;

	(void)state;
	for (unsigned i = 0; i < 400; i++)
		made_put(&m, z.name, RR_A, IP);
	made_signed(&m, &f.arena, &z, host, RR_A, IP);
	assert_true(dns_message_parse(made_answer(&m, &f.arena), 500, &f.arena, &message));
	before = f.arena.used_bytes;
	assert_true(rrset_find(&message, RR_ANSWER, host, RR_A, &f.arena, &s));
	assert_int_equal(s.count, 1);
	assert_int_equal(s.sig_count, 1);
	assert_true(f.arena.used_bytes - before < 300);
	before = f.arena.used_bytes;
	assert_false(rrset_find(&message, RR_ANSWER, host, RR_MX, &f.arena, &s));
	assert_false(rrset_find(&message, RR_AUTHORITY, host, RR_A, &f.arena, &s));
	assert_int_equal(f.arena.used_bytes, before);
	fixture_deinit(&f);
}

/* CVE-2023-50387: digests without number for keys that share their tag; the last is right. */
static void test_key_hashes(void **state)
{
	static const struct {
		unsigned wrong;
		enum dnssec_verdict verdict;
	} rows[] = { { 0, DNSSEC_SECURE }, { 99, DNSSEC_SECURE }, { 100, DNSSEC_BOGUS },
		     { 900, DNSSEC_BOGUS } };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct made_zone z = made_zone(&a, "own.example", 7);
		struct made m = { 0 };
		struct fixture f;
		struct buf rules;

		buf_init(&rules, KIB(200));
		for (unsigned n = 0; n < rows[i].wrong; n++)
			buf_fmt(&rules, "own.example DS %u 15 2 %064x; ", z.key.tag, n);
		z = made_begin(&f, buf_str(&rules));
		f.rules.hashes = 100;
		made_signed(&m, &f.arena, &z, wire(&f.arena, "host.own.example"), RR_A, IP);
		check_at(i, fixture_judge(&f, made_answer(&m, &f.arena), "host.own.example", RR_A)
		                            .verdict == rows[i].verdict);
		check_at(i, f.judge.work.hashes == MIN(rows[i].wrong + 1, 100));
		buf_deinit(&rules);
		fixture_deinit(&f);
		arena_deinit(&a);
	}
}

/* Signatures that name a key the zone does not have are not even put together. */
static void test_other_keys(void **state)
{
	struct fixture f;
	struct made_zone other;
	struct made m = { 0 };
	struct dnssec_answer got;

	(void)state;
	(void)made_begin(&f, STR_EMPTY);
	other = made_zone(&f.arena, "own.example", 8);
	made_signed(&m, &f.arena, &other, wire(&f.arena, "host.own.example"), RR_A, IP);
	got = fixture_judge(&f, made_answer(&m, &f.arena), "host.own.example", RR_A);
	assert_int_equal(got.verdict, DNSSEC_BOGUS);
	assert_int_equal(f.judge.work.signatures, 1); /* that of the keys */
	check_str(got.trouble, str_fmt(&f.arena,
	                               "host.own.example A is signed by key %u, which own.example "
	                               "does not have",
	                               other.key.tag));
	fixture_deinit(&f);
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
		cmocka_unit_test(test_unsigned_proofs),
		cmocka_unit_test(test_small_sets),
		cmocka_unit_test(test_key_hashes),
		cmocka_unit_test(test_other_keys),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
