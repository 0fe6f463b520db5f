/* SCRAM's server: the examples of the RFCs, and everything a client may do wrong. */
#include "harness/check.h"

#include "formats/sasl/sasl.h"
#include "foundation/text/base64.h"

#define END_POINT "0123456789abcdef0123456789abcdef"

static struct sasl s;
static struct buf out;

static int setup(void **state)
{
	(void)state;
	buf_init(&out, SASL_LINE_MAX);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_deinit(&out);
	return 0;
}

static enum sasl_status say(const char *text)
{
	struct str in = str_of(text);

	buf_reset(&out);
	return sasl_step(&s, text != NULL ? &in : NULL, &out);
}

static const unsigned without_plus = (unsigned)SASL_ALL & ~(unsigned)SASL_BINDING;

static void begin(const char *mech, unsigned allowed, const char *nonce)
{
	assert_true(sasl_begin(&s, str_of(mech), allowed));
	s.nonce = str_of(nonce);
	s.binding = STR(END_POINT);
}

/* Judge as a directory would that knows the password "pencil". */
static void judge(const uint8_t *salted)
{
	struct scram_keys keys;

	scram_keys(s.scram->hash, salted, &keys);
	sasl_verified(&s,
	           scram_proof_check(s.scram->hash, keys.stored, s.scram->auth_message,
	                             s.scram->proof),
	           keys.server);
}

static void salted_by(const char *salt, uint8_t salted[SCRAM_BYTES_MAX])
{
	struct buf b;

	buf_init(&b, 100);
	assert_true(base64_parse(str_of(salt), &b));
	sasl_salt(&s, buf_str(&b), 4096);
	scram_salted(s.scram->hash, STR("pencil"), buf_str(&b), 4096, salted);
	buf_deinit(&b);
}

static void examples(void **state)
{
	static const struct {
		const char *mech, *nonce, *salt, *first, *server_first, *final, *server_final;
	} rows[] = {
		{ "SCRAM-SHA-1", "3rfcNHYJY1ZVvWVs7j", "QSXCR+Q6sek8bf92", /* RFC 5802 5 */
		  "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL",
		  "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
		  "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,"
		  "p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
		  "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=" },
		{ "SCRAM-SHA-256", "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
		  "W22ZaJ0SNY7soEsUEjb6gQ==", /* RFC 7677 3 */
		  "n,,n=user,r=rOprNGfwEbeRWgbNEkqO",
		  "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		  "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
		  "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
		  "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		uint8_t salted[SCRAM_BYTES_MAX];

		begin(rows[i].mech, without_plus, rows[i].nonce);
		check_at(i, say(rows[i].first) == SASL_SALT);
		check_str_at(i, s.authcid, STR("user"));
		salted_by(rows[i].salt, salted);
		check_at(i, say(NULL) == SASL_CONTINUE);
		check_str_at(i, buf_str(&out), str_of(rows[i].server_first));
		check_at(i, say(rows[i].final) == SASL_DONE);
		judge(salted);
		check_at(i, s.good && say(NULL) == SASL_CONTINUE);
		check_str_at(i, buf_str(&out), str_of(rows[i].server_final));
		check_at(i, say("") == SASL_OVER);
		sasl_end(&s);
	}
}

static void first_messages(void **state)
{
	static const struct {
		const char *mech, *in;
		enum sasl_status status;
		const char *authcid, *authzid;
	} rows[] = {
		{ "SCRAM-SHA-256", "n,,n=ada,r=x", SASL_SALT, "ada", "" },
		{ "SCRAM-SHA-256", "n,a=bob,n=ada,r=x", SASL_SALT, "ada", "bob" },
		{ "SCRAM-SHA-256", "n,,n=a=2Cd=3Da,r=x,e=more", SASL_SALT, "a,d=a", "" },
		{ "SCRAM-SHA-256", "n,,n=a=2da,r=x", SASL_BAD, "", "" }, /* 5.1: not =2C, =3D */
		{ "SCRAM-SHA-256", "n,,n=,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,,n=ada,r=", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,,n=ada,r=a b", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,,n=ada", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,,m=1,n=ada,r=x", SASL_BAD, "", "" }, /* 5.1: must fail */
		{ "SCRAM-SHA-256", "n,,n=ada,r=x,", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,,n=ada,r=x,1=2", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,,n=\xff,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "n,n=ada,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "N,,n=ada,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256", "", SASL_BAD, "", "" },
		/* RFC 5802 6: it thinks that there is no -PLUS, but there is. */
		{ "SCRAM-SHA-256", "y,,n=ada,r=x", SASL_DENIED, "", "" },
		{ "SCRAM-SHA-256", "p=tls-server-end-point,,n=ada,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256-PLUS", "p=tls-server-end-point,,n=ada,r=x", SASL_SALT, "ada", "" },
		{ "SCRAM-SHA-256-PLUS", "p=tls-unique,,n=ada,r=x", SASL_DENIED, "", "" },
		{ "SCRAM-SHA-256-PLUS", "p=tls-exporter,,n=ada,r=x", SASL_DENIED, "", "" },
		{ "SCRAM-SHA-256-PLUS", "p=,,n=ada,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-256-PLUS", "n,,n=ada,r=x", SASL_BAD, "", "" },
		{ "SCRAM-SHA-1-PLUS", "y,,n=ada,r=x", SASL_BAD, "", "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin(rows[i].mech, (unsigned)SASL_ALL, "server");
		check_at(i, say(rows[i].in) == rows[i].status);
		if (rows[i].status == SASL_SALT) {
			check_str_at(i, s.authcid, str_of(rows[i].authcid));
			check_str_at(i, s.authzid, str_of(rows[i].authzid));
		}
		sasl_end(&s);
	}
	/* Where there is no -PLUS, "y" is right. */
	begin("SCRAM-SHA-256", without_plus, "server");
	assert_int_equal(say("y,,n=ada,r=x"), SASL_SALT);
	sasl_end(&s);
}

/* c=biws is "n,,". The proof is 32 zero bytes: of the right form. */
#define PROOF ",p=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void final_messages(void **state)
{
	static const struct {
		const char *in;
		enum sasl_status status;
	} rows[] = {
		{ "c=biws,r=xserver" PROOF, SASL_DONE },
		{ "c=biws,r=xserver,e=more" PROOF, SASL_DONE },
		{ "c=biws,r=xserver" PROOF ",e=behind", SASL_BAD },
		{ "c=biws,r=xserve" PROOF, SASL_DENIED },
		{ "c=biws,r=xserver2" PROOF, SASL_DENIED },
		{ "c=biws,r=x" PROOF, SASL_DENIED },
		{ "c=eSws,r=xserver" PROOF, SASL_DENIED }, /* "y,,": not what it said before */
		{ "c=,r=xserver" PROOF, SASL_DENIED },
		{ "c=biwsAA==,r=xserver" PROOF, SASL_DENIED }, /* data where there is none */
		{ "c=!!!!,r=xserver" PROOF, SASL_DENIED },
		{ "c=biws,r=xserver,p=AAAA", SASL_BAD },
		{ "c=biws,r=xserver,p=", SASL_BAD },
		{ "c=biws,r=xserver", SASL_BAD },
		{ "c=biws,p=AAAA", SASL_BAD },
		{ "r=xserver" PROOF, SASL_BAD },
		{ "", SASL_BAD },
		{ NULL, SASL_BAD },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		begin("SCRAM-SHA-256", without_plus, "server");
		check_at(i, say("n,,n=ada,r=x") == SASL_SALT);
		sasl_salt(&s, STR("salt"), 4096);
		check_at(i, say(NULL) == SASL_CONTINUE);
		check_at(i, say(rows[i].in) == rows[i].status);
		sasl_end(&s);
	}
}

/* The binding is what the client saw; another certificate's is no good. */
static void bound(void **state)
{
	static const struct {
		const char *data;
		enum sasl_status status;
	} rows[] = {
		{ END_POINT, SASL_DONE },
		{ "0123456789abcdef0123456789abcdeX", SASL_DENIED },
		{ "", SASL_DENIED },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf data, final;
		struct str in;

		begin("SCRAM-SHA-256-PLUS", (unsigned)SASL_ALL, "server");
		check_at(i, say("p=tls-server-end-point,,n=ada,r=x") == SASL_SALT);
		sasl_salt(&s, STR("salt"), 4096);
		check_at(i, say(NULL) == SASL_CONTINUE);
		buf_init(&data, 100);
		buf_init(&final, 200);
		buf_fmt(&data, "p=tls-server-end-point,,%s", rows[i].data);
		buf_put(&final, STR("c="));
		base64_put(&final, buf_str(&data));
		buf_put(&final, STR(",r=xserver" PROOF));
		in = buf_str(&final);
		check_at(i, sasl_step(&s, &in, &out) == rows[i].status);
		buf_deinit(&data);
		buf_deinit(&final);
		sasl_end(&s);
	}
}

/* A wrong proof gets no signature; a right one only an empty answer. */
static void last_word(void **state)
{
	uint8_t key[SCRAM_BYTES_MAX] = { 0 };

	(void)state;
	for (int good = 0; good < 3; good++) {
		begin("SCRAM-SHA-256", without_plus, "server");
		assert_int_equal(say("n,,n=ada,r=x"), SASL_SALT);
		sasl_salt(&s, STR("salt"), 4096);
		assert_int_equal(say(NULL), SASL_CONTINUE);
		assert_int_equal(say("c=biws,r=xserver" PROOF), SASL_DONE);
		sasl_verified(&s, good != 0, key);
		check_at(good, say(NULL) == (good != 0 ? SASL_CONTINUE : SASL_OVER));
		if (good == 1)
			assert_int_equal(say(""), SASL_OVER);
		if (good == 2)
			assert_int_equal(say("x"), SASL_BAD);
		sasl_end(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),       cmocka_unit_test(first_messages),
		cmocka_unit_test(final_messages), cmocka_unit_test(bound),
		cmocka_unit_test(last_word),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
