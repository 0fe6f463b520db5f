/* OAUTHBEARER, XOAUTH2 and EXTERNAL: what clients send, and how a refusal is told. */
#include "harness/check.h"

#include "formats/sasl/sasl.h"

#define A "\1"

static enum sasl_status say(struct sasl *s, const char *text, struct buf *out)
{
	struct str in = str_of(text);

	buf_reset(out);
	return sasl_step(s, text != NULL ? &in : NULL, out);
}

static void messages(void **state)
{
	static const struct {
		const char *mech, *in;
		enum sasl_status status;
		const char *token, *authcid, *authzid, *host, *port;
	} rows[] = {
		{ "OAUTHBEARER", /* RFC 7628 4.1 */
		  "n,a=user@example.com," A "host=server.example.com" A "port=143" A
		  "auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==" A A,
		  SASL_DONE, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==", "", "user@example.com",
		  "server.example.com", "143" },
		{ "OAUTHBEARER", "n,," A "auth=Bearer abc" A A, SASL_DONE, "abc", "", "", "", "" },
		{ "OAUTHBEARER", "y,," A "user=x" A "auth=bearer abc" A A, SASL_DONE, "abc", "", "",
		  "", "" },
		{ "OAUTHBEARER", "p=tls-unique,," A "auth=Bearer abc" A A, SASL_BAD, "", "", "", "",
		  "" },
		{ "OAUTHBEARER", A, SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A A, SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A "auth=Bearer " A A, SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A "auth=Bearer a b" A A, SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A "auth=Basic abc" A A, SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A "auth=Bearer abc" A, SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A "auth=Bearer abc" A A "x", SASL_BAD, "", "", "", "", "" },
		{ "OAUTHBEARER", "n,," A "=x" A "auth=Bearer abc" A A, SASL_BAD, "", "", "", "",
		  "" },
		{ "XOAUTH2", "user=ada@example.org" A "auth=Bearer abc" A A, SASL_DONE, "abc",
		  "ada@example.org", "", "", "" },
		{ "XOAUTH2", "auth=Bearer abc" A A, SASL_BAD, "", "", "", "", "" },
		{ "XOAUTH2", "user=ada" A A, SASL_BAD, "", "", "", "", "" },
		{ "EXTERNAL", "", SASL_DONE, "", "", "", "", "" }, /* RFC 4422 A.1 */
		{ "EXTERNAL", "fred@example.com", SASL_DONE, "", "", "fred@example.com", "", "" },
		{ "EXTERNAL", "\xff", SASL_BAD, "", "", "", "", "" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 200);
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int asked = 0; asked < 2; asked++) {
			struct sasl s;

			assert_true(sasl_begin(&s, str_of(rows[i].mech), (unsigned)SASL_ALL));
			if (asked)
				check_at(i, say(&s, NULL, &out) == SASL_CONTINUE && out.n == 0);
			check_at(i, say(&s, rows[i].in, &out) == rows[i].status);
			if (rows[i].status == SASL_DONE) {
				check_str_at(i, s.token, str_of(rows[i].token));
				check_str_at(i, s.authcid, str_of(rows[i].authcid));
				check_str_at(i, s.authzid, str_of(rows[i].authzid));
				check_str_at(i, s.host, str_of(rows[i].host));
				check_str_at(i, s.port, str_of(rows[i].port));
				sasl_verified(&s, true, NULL);
				check_at(i, say(&s, NULL, &out) == SASL_OVER && out.n == 0);
			}
			sasl_end(&s);
		}
	}
	buf_deinit(&out);
}

/* RFC 7628 3.2.2, 3.2.3: an error, then whatever the client answers. */
static void refusals(void **state)
{
	static const struct {
		const char *mech, *in, *challenge;
	} rows[] = {
		{ "OAUTHBEARER", "n,," A "auth=Bearer abc" A A, "{\"status\":\"invalid_token\"}" },
		{ "XOAUTH2", "user=ada" A "auth=Bearer abc" A A,
		  "{\"status\":\"401\",\"schemes\":\"bearer\"}" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 200);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sasl s;

		assert_true(sasl_begin(&s, str_of(rows[i].mech), (unsigned)SASL_ALL));
		check_at(i, say(&s, rows[i].in, &out) == SASL_DONE);
		sasl_verified(&s, false, NULL);
		check_at(i, say(&s, NULL, &out) == SASL_CONTINUE);
		check_str_at(i, buf_str(&out), str_of(rows[i].challenge));
		check_at(i, say(&s, i == 0 ? A : "", &out) == SASL_OVER && !s.good);
		sasl_end(&s);
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
