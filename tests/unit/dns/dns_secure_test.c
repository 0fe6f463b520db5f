/* Whether signatures come through (ROOST_DNSSEC=auto), behind a name server that loses, refuses or
 * leaves out what it is asked for. The zone own.example is signed by the test. */
#include "unit/dns/name_server.h"
#include "unit/dnssec/made.h"

#include "foundation/config/limits.h"
#include "foundation/crypto/crypto.h"

/* How questions for keys are answered; *_left: so many, then rightly. */
static atomic_int lost, refused, stripped;
static struct arena forever;
static struct str keys, host; /* records: their count before them as one byte */

static struct str packed(struct made *m)
{
	struct buf b;

	buf_init(&b, KIB(4));
	buf_byte(&b, (char)m->count);
	buf_put(&b, buf_str(&m->b));
	buf_deinit(&m->b);
	return taken(&b, &forever);
}

static void put_records(struct message *m, struct str records)
{
	put(m, records.p + 1, records.n - 1);
	m->b[7] = (unsigned char)records.p[0];
}

static bool take_one(atomic_int *left)
{
	int n = *left;

	return n > 0 && atomic_compare_exchange_strong(left, &n, n - 1);
}

/* The server answers on a thread of its own. */
static pthread_mutex_t zone_lock = PTHREAD_MUTEX_INITIALIZER;

static void zone_set(struct str *records, struct str to)
{
	pthread_mutex_lock(&zone_lock);
	*records = to;
	pthread_mutex_unlock(&zone_lock);
}

static void zone_answer(struct message *m, const struct str *records)
{
	pthread_mutex_lock(&zone_lock);
	put_records(m, *records);
	pthread_mutex_unlock(&zone_lock);
}

static bool signed_zone(struct message *m, const char *label, unsigned type, bool *say)
{
	if (type == DNSKEY && strcmp(label, "own") != 0) {
		*say = false; /* the other anchor's servers never answer */
	} else if (type == DNSKEY && take_one(&lost)) {
		*say = false;
	} else if (type == DNSKEY && take_one(&refused)) {
		m->b[3] |= 2;
	} else if (type == DNSKEY && take_one(&stripped)) {
	} else if (type == DNSKEY) {
		zone_answer(m, &keys);
	} else if (type == A) {
		zone_answer(m, &host);
	} else {
		return false;
	}
	return true;
}

static struct str records_make(void)
{
	static const uint8_t ip[] = { 192, 0, 2, 1 };
	struct made_zone z = made_zone(&forever, "own.example", 7);
	struct made m = { 0 };

	made_signed(&m, &forever, &z, z.name, RR_DNSKEY, z.dnskey);
	zone_set(&keys, packed(&m));
	m = (struct made){ 0 };
	made_signed(&m, &forever, &z, wire(&forever, "host.own.example"), RR_A,
	            str_from((const char *)ip, sizeof ip));
	zone_set(&host, packed(&m));
	return str_fmt(&forever, "insecure .; %.*s",
	               STR_ARG(made_anchor(&forever, &z, "own.example")));
}

static enum dns_status look(int64_t within_ms, struct dns_addr_list *out)
{
	return dns_addresses(dns, &arena, STR("host.own.example"), DNS_V4, in_ms(within_ms), out);
}

struct row {
	int lost, refused, stripped;
	int64_t within_ms;
	enum dns_status status;
	bool authenticated;
};

static void try_rows(struct str anchors, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct dns_addr_list out;
		enum dns_status s;

		lost = rows[i].lost;
		refused = rows[i].refused;
		stripped = rows[i].stripped;
		assert_int_equal(dns_security_set(dns, STR("auto"), anchors, NULL), OK);
		s = look(rows[i].within_ms, &out);
		check_at(i, s == rows[i].status);
		check_at(i, out.authenticated == rows[i].authenticated);
		check_at(i, (out.trouble.text.n != 0) == (s == DNS_RETRY));
		check_at(i, !out.trouble.bogus);
	}
}

static void test_lost_packets(void **state)
{
	/* c-ares asks twice */
	static const struct row rows[] = {
		{ 0, 0, 0, 5000, DNS_OK, true },  { 1, 0, 0, 5000, DNS_OK, true },
		{ 2, 0, 0, 9000, DNS_OK, true },  { 0, 1, 0, 5000, DNS_OK, true },
		{ 0, 3, 0, 9000, DNS_OK, true },
		/* there is no time to wait for it: nothing is known, least of all that it is not
		 * signed */
		{ 9, 0, 0, 400, DNS_RETRY, false },
		/* they never come: that is known before a check of mail gives up */
		{ 1000000, 0, 0, LIMIT_policy_dns_ms, DNS_OK, false },
		/* an answer that says that there are none */
		{ 0, 0, 1, 5000, DNS_OK, false },
	};

	(void)state;
	try_rows(records_make(), rows, COUNT(rows));
}

/* One anchor's servers do not answer, another's do. */
static void test_two_anchors(void **state)
{
	static const struct row rows[] = { { 0, 0, 0, 9000, DNS_OK, true } };
	struct str own = records_make();
	struct str rules = str_fmt(&forever, "other.example DS 1 15 2 %064x; %.*s", 1,
	                           STR_ARG(own));

	(void)state;
	try_rows(rules, rows, COUNT(rows));
}

/* They never come while other answers do: in the end, those are as if not signed; and asked again
 * after a while, when they may. */
static void test_never(void **state)
{
	struct dns_addr_list out;

	(void)state;
	lost = 1000000;
	assert_int_equal(dns_security_set(dns, STR("auto"), records_make(), NULL), OK);
	for (unsigned i = 0; i + 1 < LIMIT_dnssec_misses; i++) {
		assert_int_equal(look(300, &out), DNS_RETRY);
		clock_shift_mono(LIMIT_dnssec_patience_ms);
		assert_int_equal(dns_flush(dns) <= 1, true);
	}
	assert_int_equal(look(20000, &out), DNS_OK);
	assert_false(out.authenticated);
	lost = 0;
	(void)dns_flush(dns);
	assert_int_equal(look(20000, &out), DNS_OK);
	assert_false(out.authenticated);
	clock_shift_mono(LIMIT_dnssec_probe_ms);
	assert_int_equal(look(20000, &out), DNS_OK);
	assert_true(out.authenticated);
	/* and then nobody can take it away */
	stripped = 1000000;
	(void)dns_flush(dns);
	clock_shift_mono(LIMIT_dnssec_probe_ms);
	assert_int_equal(look(5000, &out), DNS_OK);
	assert_true(out.authenticated);
}

/* CD says that the answer is judged here (RFC 4035 3.2.2): only while that is so. */
static void test_checking_disabled(void **state)
{
	static const struct {
		const char *mode;
		bool come, cd;
	} rows[] = {
		{ "off", true, false },
		{ "strict", true, true },
		{ "auto", true, true },
		{ "auto", false, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dns_addr_list out;

		stripped = rows[i].come ? 0 : 1000000;
		assert_int_equal(dns_security_set(dns, str_of(rows[i].mode), records_make(), NULL),
		                 OK);
		check_at(i, look(5000, &out) == DNS_OK);
		(void)dns_flush(dns);
		check_at(i, look(5000, &out) == DNS_OK);
		check_at(i, ((asked_flags & 0x10) != 0) == rows[i].cd);
	}
}

/* A bogus answer is not kept for its time to live. */
static void test_bogus(void **state)
{
	struct dns_addr_list out;
	struct str good, wrong;

	(void)state;
	assert_int_equal(dns_security_set(dns, STR("strict"), records_make(), NULL), OK);
	good = host; /* only this thread changes it */
	wrong = str_dup(&forever, good);
	((char *)(uintptr_t)wrong.p)[wrong.n - 1] ^= 1;
	zone_set(&host, wrong);
	assert_int_equal(look(5000, &out), DNS_RETRY);
	assert_non_null(strstr(str_z(&arena, out.trouble.text), "is wrong"));
	zone_set(&host, good);
	assert_int_equal(look(5000, &out), DNS_RETRY); /* kept for a moment, with its reason */
	assert_non_null(strstr(str_z(&arena, out.trouble.text), "is wrong"));
	clock_shift_mono((LIMIT_dns_bogus_s + 1) * 1000);
	assert_int_equal(look(5000, &out), DNS_OK);
	assert_true(out.authenticated);
	/* and what was bogus is not given out while servers fail, but what was good is */
	failing = true;
	clock_shift_mono(301 * 1000);
	hook = NULL;
	assert_int_equal(look(5000, &out), DNS_OK);
	assert_true(out.authenticated);
}

static int make(void **state)
{
	fixture_make(state);
	hook = signed_zone;
	lost = refused = stripped = 0;
	return 0;
}

static int drop(void **state)
{
	fixture_drop(state);
	arena_deinit(&forever);
	hook = NULL;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	crypto_init();
	clock_shift_real((int64_t)MADE_NOW * 1000 - clock_real_ms());
	return 0;
}

#define SIGNED_TEST(name) cmocka_unit_test_setup_teardown(name, make, drop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIGNED_TEST(test_lost_packets),
		SIGNED_TEST(test_two_anchors),
		SIGNED_TEST(test_never),
		SIGNED_TEST(test_checking_disabled),
		SIGNED_TEST(test_bogus),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
