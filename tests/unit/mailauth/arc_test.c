/* Chains that we seal are right when we check them, and what breaks them; the public suite is
 * tests/e2e/test_arc_suite.py. */
#include "harness/check.h"

#include "formats/mailauth/arc.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/text/base64.h"
#include "network/dns/dns.h"

/* RFC 8463 A.2 */
static const struct dns_fake_row zone[] = {
	{ "sel._domainkey.a.example", "TXT",
	  "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "slow._domainkey.a.example", "*", "SERVFAIL" },
	{ NULL, NULL, NULL },
};

static const char seed_text[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

#define HEADER                                                                    \
	"DKIM-Signature: v=1; whatever\r\nFrom: a@a.example\r\nSubject: x  y\r\n" \
	"To: list@a.example\r\n\r\n"
#define BODY STR("Hello  you.\r\n\r\n")

enum { NOW = 1600000000 };

static void check(struct arena *a, struct str header, struct str body, struct arc_verifier *v)
{
	struct body_hashes *bodies = arena_new(a, struct body_hashes);
	struct dkim_fields *fields = arena_new(a, struct dkim_fields);
	struct dns *dns = dns_fake_new(zone, false);

	dkim_fields_read(fields, &header, 1, a);
	body_hashes_init(bodies);
	arc_verify_begin(v, fields, bodies, NOW, a);
	body_hashes_put(bodies, body);
	body_hashes_end(bodies);
	for (size_t i = 0; i < v->question_count; i++)
		dkim_question_ask(&v->questions[i], dns, 0);
	arc_verify_end(v);
	dns_free(&dns);
}

/* The set in front of the header; empty when it is refused. */
static struct str seal(struct arena *a, struct str header, enum arc_result cv, const char *selector)
{
	struct arc_sealer s = { .results = STR("mx.a.example; spf=pass\r\n\tsmtp.mfrom=b.example"),
		                .cv = cv };
	uint8_t seed[ED25519_SEED];
	uint8_t digest[HASH_BYTES];
	struct dkim_fields fields;
	struct arc_verifier v;
	struct str made;
	struct buf b;

	buf_init_in(&b, (char *)seed, sizeof seed);
	assert_true(base64_parse(str_of(seed_text), &b));
	s.key = (struct dkim_signer){ .algorithm = DKIM_ED25519_SHA256,
		                      .domain = STR("a.example"),
		                      .selector = str_of(selector),
		                      .seed = seed };
	dkim_fields_read(&fields, &header, 1, a);
	arc_verify_begin(&v, &fields, NULL, NOW, a);
	body_hash_whole(CANON_RELAXED, BODY, digest);
	buf_init(&b, 1 << 16);
	assert_int_equal(arc_seal(&b, &s, &v, &fields, digest, NOW), b.n != 0);
	made = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return made;
}

static struct str join(struct arena *a, struct str one, struct str two)
{
	return str_fmt(a, "%.*s%.*s", STR_ARG(one), STR_ARG(two));
}

/* So many sets, each over those before. */
static struct str chain(struct arena *a, size_t n)
{
	struct str header = STR(HEADER);

	for (size_t i = 0; i < n; i++)
		header = join(a, seal(a, header, i == 0 ? ARC_NONE : ARC_PASS, "sel"), header);
	return header;
}

static void test_chains(void **state)
{
	struct arena a = { 0 };
	struct arc_verifier v;

	(void)state;
	check(&a, STR(HEADER), BODY, &v);
	assert_int_equal(v.result, ARC_NONE);
	for (size_t n = 1; n < 5; n++) {
		check(&a, chain(&a, n), BODY, &v);
		check_str_at(n, str_of(v.why.text), STR(""));
		check_at(n, v.result == ARC_PASS && v.whole && v.count == n);
		check_at(n, v.question_count == 1); /* one key for all of it */
		check_str_at(n, v.sets[n - 1].sealed.domain, STR("a.example"));
		check_str_at(n, v.sets[n - 1].said,
		             STR("mx.a.example; spf=pass\r\n\tsmtp.mfrom=b.example"));
		/* What does not break it, and what does. */
		check(&a, join(&a, STR("Received: x\r\n"), chain(&a, n)), STR("Hello you.\r\n"),
		      &v);
		check_at(n, v.result == ARC_PASS);
		check(&a, chain(&a, n), STR("Hullo you.\r\n"), &v);
		check_at(n, v.result == ARC_FAIL && !v.unanswered);
		check(&a, join(&a, STR("Subject: z\r\n"), chain(&a, n)), BODY, &v);
		check_at(n, v.result == ARC_FAIL);
	}
	arena_deinit(&a);
}

/* A byte of three sets changed: nothing of it is as the sealers wrote it. */
static void test_changes(void **state)
{
	struct arena a = { 0 };
	struct str header = chain(&a, 3);
	size_t good = 0;

	(void)state;
	header.n -= STR(HEADER).n;
	for (size_t i = 0; i < header.n; i += 3) {
		struct arena own = { 0 };
		struct str changed = join(&own, header, STR(HEADER));
		struct arc_verifier v;

		((char *)(uintptr_t)changed.p)[i] ^= 1;
		check(&own, changed, BODY, &v);
		good += v.result == ARC_PASS;
		arena_deinit(&own);
	}
	assert_int_equal(good, 0);
	arena_deinit(&a);
}

static void test_refusals(void **state)
{
	struct arena a = { 0 };
	struct str header = chain(&a, 2), closed;
	struct arc_verifier v;

	(void)state;
	assert_int_equal(seal(&a, header, ARC_NONE, "sel").n, 0);
	assert_int_equal(seal(&a, STR(HEADER), ARC_PASS, "sel").n, 0);
	/* A broken one may be closed, once (RFC 8617 5.1, 5.1.2). */
	closed = join(&a, seal(&a, header, ARC_FAIL, "sel"), header);
	check(&a, closed, BODY, &v);
	assert_true(v.result == ARC_FAIL && v.closed && v.count == 3);
	check_str(str_of(v.why.text), STR("the chain was broken already for the sealer of set 3"));
	assert_int_equal(seal(&a, closed, ARC_FAIL, "sel").n, 0);
	/* Twice the same set, and one that is not there. */
	check(&a, join(&a, seal(&a, STR(HEADER), ARC_NONE, "sel"), chain(&a, 1)), BODY, &v);
	check_str(str_of(v.why.text), STR("there is more than one field of a kind in set 1"));
	check(&a, join(&a, seal(&a, header, ARC_PASS, "sel"), STR(HEADER)), BODY, &v);
	check_str(str_of(v.why.text), STR("a field is missing in set 1"));
	assert_false(v.whole);
	/* RFC 6376 8.15 */
	check(&a, join(&a, STR("Date: x\r\nDate: y\r\n"), chain(&a, 1)), BODY, &v);
	check_str(str_of(v.why.text), STR("the latest message signature: there is more of Date "
	                                  "than was signed"));
	/* DNS */
	check(&a, join(&a, seal(&a, header, ARC_PASS, "slow"), header), BODY, &v);
	assert_true(v.result == ARC_FAIL && v.unanswered);
	check(&a, join(&a, seal(&a, header, ARC_PASS, "none"), header), BODY, &v);
	check_str(str_of(v.why.text), STR("the message signature of set 3: there is no key at "
	                                  "none._domainkey.a.example"));
	arena_deinit(&a);
}

static void test_fifty(void **state)
{
	struct arena a = { 0 };
	struct str header = chain(&a, ARC_INSTANCES_MAX);
	struct arc_verifier v;

	(void)state;
	check(&a, header, BODY, &v);
	assert_int_equal(v.result, ARC_PASS);
	assert_int_equal(v.count, ARC_INSTANCES_MAX);
	assert_int_equal(seal(&a, header, ARC_PASS, "sel").n, 0);
	check(&a, join(&a, STR("ARC-Seal: i=51; cv=none\r\n"), header), BODY, &v);
	assert_int_equal(v.result, ARC_FAIL);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chains),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_fifty),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
