/* Keys of signatures and seals: how many of a message are asked for at one time, and what a key of
 * a domain that is only trying is worth. */
#include "unit/policy/fixture.h"

#include "flow/policy/authentication/verified.h"
#include "formats/mailauth/dkim.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/text/base64.h"

#include <stdatomic.h>

/* RFC 8463 A.2 */
static const char seed_text[] = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
static const struct dns_fake_row zone[] = {
	{ "sel._domainkey.a.example", "TXT",
	  "k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "trying._domainkey.a.example", "TXT",
	  "k=ed25519; t=y; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=" },
	{ "_dmarc.a.example", "TXT", "v=DMARC1; p=reject" },
	{ NULL, NULL, NULL },
};

#define HEADER "From: a@a.example\r\nSubject: x\r\n\r\n"
#define BODY "Hello.\r\n"

/* --- a name server that keeps those of hostile.example waiting ------------------------------- */

static struct dns *answers;
static atomic_bool gate;
static atomic_uint under_way, most, asked, seals_asked;

static enum dns_status gated_txt(struct dns *d, struct arena *a, struct str name,
                                 int64_t deadline_ms, struct dns_text_list *out)
{
	(void)d;
	atomic_fetch_add(&asked, 1);
	if (str_ends(name, STR(".hostile.example"))) {
		unsigned now = atomic_fetch_add(&under_way, 1) + 1;

		if (now > atomic_load(&most))
			atomic_store(&most, now);
		while (!atomic_load(&gate))
			clock_sleep_ms(1);
		atomic_fetch_add(&seals_asked, 1);
		atomic_fetch_sub(&under_way, 1);
	}
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

/* --- messages -------------------------------------------------------------------------------- */

static struct str signed_by(struct arena *a, const char *selector)
{
	struct dkim_signer signer = { .algorithm = DKIM_ED25519_SHA256,
		                      .domain = STR("a.example"),
		                      .selector = str_of(selector) };
	uint8_t seed[ED25519_SEED], digest[HASH_BYTES];
	struct str header = STR(HEADER), made;
	struct dkim_fields fields;
	struct buf b;

	buf_init_in(&b, (char *)seed, sizeof seed);
	assert_true(base64_parse(str_of(seed_text), &b));
	signer.seed = seed;
	dkim_fields_read(&fields, &header, 1, a);
	hash_sha256(STR(BODY), digest);
	buf_init(&b, DKIM_SIGNATURE_MAX);
	assert_true(dkim_sign(&b, &signer, &fields, digest, clock_real_ms() / 1000));
	made = str_fmt(a, "%.*s" HEADER BODY, STR_ARG(buf_str(&b)));
	buf_deinit(&b);
	return made;
}

/* So many sets, whose keys are all of different names but for those of the same set. */
static struct str sealed(struct arena *a, unsigned sets)
{
	static const char hash[] = "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWE=";
	struct str made;
	struct buf b;

	buf_init(&b, 1 << 20);
	for (unsigned i = sets; i > 0; i--)
		buf_fmt(&b,
		        "ARC-Seal: i=%u; a=rsa-sha256; cv=%s; d=%u.hostile.example; s=s; t=1;"
		        " b=YWFh\r\n"
		        "ARC-Message-Signature: i=%u; a=rsa-sha256; d=%u.hostile.example; s=s;"
		        " h=from; bh=%s; b=YWFh\r\n"
		        "ARC-Authentication-Results: i=%u; x.example; none\r\n",
		        i, i == 1 ? "none" : "pass", i, i, i, hash, i);
	buf_fmt(&b, "DKIM-Signature: v=1; a=ed25519-sha256; d=%u.hostile.example; s=s; h=from;"
	            " bh=%s; b=YWFh\r\n" HEADER BODY, sets, hash);
	made = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return made;
}

/* --- tests ----------------------------------------------------------------------------------- */

static struct policy_session *begin(struct fixture *f, unsigned char site, struct str message,
                                    struct policy_run **run)
{
	struct policy_session *s;

	f->conn->peer.ip[0] = site;
	s = policy_session_new(f->policy, f->conn, POLICY_MX, &f->settings);
	s->message = message;
	*run = policy_begin(f->policy, s, POLICY_END, (struct waker){ 0 });
	return s;
}

static void end(struct fixture *f, struct policy_session **s, struct policy_run **run)
{
	while (!policy_ready(*run, &f->verdict))
		clock_sleep_ms(1);
	policy_end(run);
	policy_session_free(f->policy, s);
}

/* One with fifty seals of fifty domains whose name servers hang has four questions under way, the
 * threads are for others; each name is asked for once. Of eight threads that ask, all would be its
 * own otherwise. */
static void test_fifty_seals(void **state)
{
	const struct policy_config config = { .threads = 4, .dns = &gated };
	struct policy_session *hostile, *other;
	struct policy_run *run, *other_run;
	struct fixture f = { .settings = { .dkim_verify = true } };
	struct arena a = { 0 };

	(void)state;
	answers = dns_fake_new(zone, false);
	atomic_store(&gate, false);
	fixture_open(&f, NULL, &config);
	fixture_connect(&f, "192.0.2.1");
	hostile = begin(&f, 9, sealed(&a, 50), &run);
	while (atomic_load(&under_way) < LIMIT_policy_keys)
		clock_sleep_ms(1);
	clock_sleep_ms(20);
	assert_int_equal(atomic_load(&most), LIMIT_policy_keys);
	other = begin(&f, 10, signed_by(&a, "sel"), &other_run);
	while (!policy_ready(other_run, &f.verdict)) /* while the gate is shut */
		clock_sleep_ms(1);
	assert_int_equal(other->verified->signature_count, 1);
	assert_int_equal(other->verified->signatures[0].result, DKIM_PASS);
	end(&f, &other, &other_run);
	assert_int_equal(atomic_load(&asked), LIMIT_policy_keys + 1);
	atomic_store(&gate, true);
	while (!policy_ready(run, &f.verdict))
		clock_sleep_ms(1);
	assert_int_equal(atomic_load(&seals_asked), 50); /* the signature has a seal's key */
	assert_int_equal(atomic_load(&most), LIMIT_policy_keys);
	assert_int_equal(hostile->verified->arc, ARC_FAIL);
	assert_int_equal(hostile->verified->signatures[0].result, DKIM_FAIL);
	end(&f, &hostile, &run);
	fixture_leave(&f);
	fixture_close(&f);
	dns_free(&answers);
	arena_deinit(&a);
}

/* RFC 6376 3.6.1: who is only trying is treated as if he had not signed, also when it verifies. */
static void test_only_trying(void **state)
{
	static const struct {
		const char *selector;
		enum policy_kind kind;
		enum dmarc_result dmarc;
		const char *says;
	} rows[] = {
		{ "sel", POLICY_PASS, DMARC_PASS, "dkim=pass header.d=a.example" },
		{ "trying", POLICY_REJECT, DMARC_FAIL, "dkim=pass (only trying)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct fixture f = { .settings = { .spf = STR("record"),
			                           .dmarc = STR("obey"),
			                           .dkim_verify = true } };
		struct arena a = { 0 };

		fixture_open(&f, zone, NULL);
		fixture_connect(&f, "192.0.2.1");
		f.session->helo = STR("x.example");
		f.session->envelope.sender = (struct mailaddr){ STR("x"), STR("x.example") };
		fixture_ask(&f, POLICY_MAIL);
		f.session->message = signed_by(&a, rows[i].selector);
		check_at(i, fixture_ask(&f, POLICY_END) == rows[i].kind);
		check_at(i, f.session->verified->signatures[0].result == DKIM_PASS);
		check_at(i, f.session->verified->dmarc_verdict.result == rows[i].dmarc);
		check_at(i, str_find(policy_results(f.session), str_of(rows[i].says)) > 0);
		check_at(i, (str_find(policy_results(f.session), STR("policy.testing=y")) > 0) ==
		                    (rows[i].dmarc == DMARC_FAIL));
		arena_deinit(&a);
		fixture_leave(&f);
		fixture_close(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fifty_seals),
		cmocka_unit_test(test_only_trying),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
