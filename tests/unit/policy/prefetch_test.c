/* What is asked while the body comes is asked no more at the end, whatever came of it. */
#include "unit/policy/fixture.h"

#include "flow/policy/authentication/prefetch.h"
#include "flow/policy/authentication/signatures.h"
#include "flow/policy/authentication/verified.h"
#include "formats/mailauth/dkim.h"
#include "foundation/base/clock.h"
#include "foundation/text/base64.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

/* RFC 8463 A.2 */
static const char seed_text[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
static const struct dns_fake_row zone[] = {
	{ "sel._domainkey.a.example", "TXT",
	  "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "lost._domainkey.a.example", "*", "SERVFAIL" },
	{ "_dmarc.a.example", "TXT", "v=DMARC1; p=reject" },
	{ NULL, NULL, NULL },
};

#define HEADER "From: a@a.example\r\nSubject: x\r\n"
#define BODY "Hello.\r\n"

/* --- a name server that keeps no answer, counts, and waits while the gate is shut ------------ */

static struct dns *answers;
static atomic_bool gate;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char names[20][100]; /* lock: as they were asked */
static size_t count;        /* lock */

static enum dns_status gated_txt(struct dns *d, struct arena *a, struct str name,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	pthread_mutex_lock(&lock);
	assert(count < COUNT(names) && name.n < sizeof names[0]);
	snprintf(names[count++], sizeof names[0], "%.*s", STR_ARG(name));
	pthread_mutex_unlock(&lock);
	while (!atomic_load(&gate))
		clock_sleep_ms(1);
	return dns_txt(answers, a, name, deadline_ms, out);
}

static bool nothing_known(struct dns *d, struct str name, uint16_t type)
{
	(void)d;
	(void)name;
	(void)type;
	return false;
}

static const struct dns_ops gated_ops = { .txt = gated_txt, .cached = nothing_known };
static struct dns gated = { &gated_ops };

static size_t asked(void)
{
	size_t n;

	pthread_mutex_lock(&lock);
	n = count;
	pthread_mutex_unlock(&lock);
	return n;
}

static void asked_wait(size_t n)
{
	while (asked() < n)
		clock_sleep_ms(1);
}

/* Each of them once, and no other. */
static void check_asked(const char *const *expected, size_t n)
{
	assert_int_equal(asked(), n);
	for (size_t i = 0; i < n; i++) {
		size_t found = 0;

		for (size_t k = 0; k < n; k++)
			found += str_eq(str_of(names[k]), str_of(expected[i]));
		check_at(i, found == 1);
	}
}

/* --- a message ------------------------------------------------------------------------------ */

static struct str signed_by(struct arena *a, const char *selector)
{
	struct dkim_signer signer = { .algorithm = DKIM_ED25519_SHA256,
		                      .domain = STR("a.example"),
		                      .selector = str_of(selector) };
	uint8_t seed[ED25519_SEED], digest[HASH_BYTES];
	struct str header = STR(HEADER "\r\n"), made;
	struct dkim_fields fields;
	struct buf b;

	buf_init_in(&b, (char *)seed, sizeof seed);
	assert_true(base64_parse(str_of(seed_text), &b));
	signer.seed = seed;
	dkim_fields_read(&fields, &header, 1, a);
	hash_sha256(STR(BODY), digest);
	buf_init(&b, DKIM_SIGNATURE_MAX);
	assert_true(dkim_sign(&b, &signer, &fields, digest, clock_real_ms() / 1000));
	made = str_fmt(a, "%.*s" HEADER "\r\n" BODY, STR_ARG(buf_str(&b)));
	buf_deinit(&b);
	return made;
}

struct test {
	struct fixture f;
	struct arena a;
	struct str message;
};

/* Its header is there. */
static void begin(struct test *t, const char *selector, bool open)
{
	const struct policy_config config = { .threads = 4, .dns = &gated };
	struct str body = STR(BODY);

	*t = (struct test){ .f.settings = {
				    .dmarc = STR("obey"), .bimi = true, .dkim_verify = true } };
	answers = dns_fake_new(zone, false);
	atomic_store(&gate, open);
	count = 0;
	fixture_open(&t->f, NULL, &config);
	fixture_connect(&t->f, "192.0.2.1");
	t->message = signed_by(&t->a, selector);
	policy_ahead(t->f.policy, t->f.session, str_sub(t->message, 0, t->message.n - body.n - 2));
	signatures_body(t->f.session, body);
}

static void end_begin(struct test *t)
{
	t->f.session->message = t->message;
	t->f.run = policy_begin(t->f.policy, t->f.session, POLICY_END, (struct waker){ 0 });
}

static void end_wait(struct test *t)
{
	while (!policy_ready(t->f.run, &t->f.verdict))
		clock_sleep_ms(1);
}

static void deinit(struct test *t)
{
	fixture_leave(&t->f);
	fixture_close(&t->f);
	dns_free(&answers);
	arena_deinit(&t->a);
}

/* --- tests ---------------------------------------------------------------------------------- */

static const char *const needed[] = { "sel._domainkey.a.example", "_dmarc.a.example",
	                              "default._bimi.a.example" };

/* Answers count for the message, though no cache keeps them. */
static void test_answers(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "sel", true);
	asked_wait(COUNT(needed));
	end_begin(&t);
	end_wait(&t);
	check_asked(needed, COUNT(needed));
	assert_int_equal(t.f.verdict.kind, POLICY_PASS);
	assert_int_equal(t.f.session->verified->signatures[0].result, DKIM_PASS);
	assert_int_equal(t.f.session->verified->dmarc_verdict.result, DMARC_PASS);
	deinit(&t);
}

/* So do failures. */
static void test_failures(void **state)
{
	static const char *const lost[] = { "lost._domainkey.a.example", "_dmarc.a.example",
		                            "default._bimi.a.example" };
	struct test t;

	(void)state;
	begin(&t, "lost", true);
	asked_wait(COUNT(lost));
	end_begin(&t);
	end_wait(&t);
	check_asked(lost, COUNT(lost));
	assert_int_equal(t.f.session->verified->signatures[0].result, DKIM_TEMPERROR);
	deinit(&t);
}

/* What is still to come is waited for, and not asked beside. */
static void test_open(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "sel", false);
	asked_wait(2);
	end_begin(&t);
	clock_sleep_ms(30);
	assert_false(policy_ready(t.f.run, &t.f.verdict));
	assert_int_equal(asked(), 2);
	atomic_store(&gate, true);
	end_wait(&t);
	check_asked(needed, COUNT(needed));
	assert_int_equal(t.f.session->verified->dmarc_verdict.result, DMARC_PASS);
	deinit(&t);
}

/* The message, or its session, may be gone before the answers come; the next one asks anew. */
static void test_gone(void **state)
{
	struct test t;

	(void)state;
	begin(&t, "sel", false);
	asked_wait(2);
	policy_session_reset(t.f.policy, t.f.session);
	assert_null(t.f.session->asked);
	end_begin(&t);
	asked_wait(4);
	atomic_store(&gate, true);
	end_wait(&t);
	assert_int_equal(t.f.session->verified->dmarc_verdict.result, DMARC_PASS);
	deinit(&t);
	begin(&t, "sel", false);
	asked_wait(2);
	fixture_leave(&t.f);
	atomic_store(&gate, true);
	fixture_close(&t.f);
	dns_free(&answers);
	arena_deinit(&t.a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_open),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
