/* Logging in at a smarthost; the server at the other end is our own. */
#include "harness/check.h"

#include "sasl/client.h"

static const struct str user = { "user@example.org", 16 };
static const struct str password = { "p\xc3\xa4ss", 5 };

static void chooses_what_both_have(void **state)
{
	static const struct {
		const char *offered;
		const char *chosen; /* NULL: none */
	} rows[] = {
		{ "PLAIN LOGIN", "PLAIN" },      { "LOGIN PLAIN", "PLAIN" },
		{ "XOAUTH2 login", "LOGIN" },    { "  PLAIN", "PLAIN" },
		{ "PLAIN-CLIENTTOKEN", NULL },   { "", NULL },
		{ "CRAM-MD5 DIGEST-MD5", NULL }, { "LOGIN ", "LOGIN" },
	};
	struct sasl_client c;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool found = sasl_client_begin(&c, str_of(rows[i].offered), user, password);

		check_at(i, found == (rows[i].chosen != NULL));
		if (found)
			check_str_at(i, c.mech->name, str_of(rows[i].chosen));
	}
	assert_false(sasl_client_begin(&c, STR("PLAIN"), user, STR("")));
	assert_false(sasl_client_begin(&c, STR("PLAIN"), STR_EMPTY, password));
}

/* Let both sides talk until the server is done; with the initial response or without. */
static void talk(const char *mech, bool initial)
{
	struct str offered = str_of(mech);
	enum sasl_status status;
	struct sasl_client c;
	struct buf line, challenge;
	struct sasl s;
	struct str in;

	buf_init(&line, SASL_LINE_MAX);
	buf_init(&challenge, SASL_LINE_MAX);
	assert_true(sasl_client_begin(&c, offered, user, password));
	assert_true(sasl_begin(&s, c.mech->name, (unsigned)SASL_ALL));
	if (initial && sasl_client_initial(&c, &line)) {
		in = buf_str(&line);
		status = sasl_line(&s, &in, &challenge);
	} else {
		status = sasl_line(&s, NULL, &challenge);
	}
	for (int i = 0; status == SASL_CONTINUE; i++) {
		assert_true(i < 3);
		buf_reset(&line);
		assert_true(sasl_client_line(&c, buf_str(&challenge), &line));
		buf_reset(&challenge);
		in = buf_str(&line);
		status = sasl_line(&s, &in, &challenge);
	}
	assert_int_equal(status, SASL_DONE);
	check_str(s.authcid, user);
	check_str(s.password, password);
	check_str(s.authzid, STR(""));
	assert_false(sasl_client_line(&c, STR("bW9yZQ=="), &line)); /* nothing left to say */
	sasl_end(&s);
	buf_deinit(&line);
	buf_deinit(&challenge);
}

static void talks_to_our_own_server(void **state)
{
	(void)state;
	talk("PLAIN", true);
	talk("PLAIN", false);
	talk("LOGIN", true);
	talk("LOGIN", false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_what_both_have),
		cmocka_unit_test(talks_to_our_own_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
