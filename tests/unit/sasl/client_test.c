/* Logging in at a smarthost; the server at the other end is our own. */
#include "harness/check.h"

#include "formats/sasl/client.h"
#include "foundation/text/base64.h"

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

/* --- SCRAM-SHA-256 ---------------------------------------------------------------------- */

/* Message for the client, in base64; its answer, decoded, or "!" where it gives up. */
static struct str hear(struct sasl_client *c, struct arena *a, const char *message)
{
	struct str answer = STR("!");
	struct buf line, out, raw;

	buf_init(&line, SASL_LINE_MAX);
	buf_init(&out, SASL_LINE_MAX);
	buf_init(&raw, SASL_LINE_MAX);
	base64_put(&line, str_of(message));
	if (sasl_client_line(c, buf_str(&line), &out)) {
		assert_true(base64_parse(buf_str(&out), &raw));
		answer = str_dup(a, buf_str(&raw));
	}
	buf_deinit(&line);
	buf_deinit(&out);
	buf_deinit(&raw);
	return answer;
}

#define OURS "rOprNGfwEbeRWgbNEkqO"
#define BOTH OURS "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
#define FIRST "r=" BOTH ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
#define LAST "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="

/* A client in the middle of the exchange of RFC 7677 3. */
static struct sasl_client example(struct arena *a)
{
	struct sasl_client c;
	struct buf out;

	buf_init(&out, SASL_LINE_MAX);
	assert_true(sasl_client_begin_scram(&c, STR("PLAIN SCRAM-SHA-256"), STR("user"),
	                                    STR("pencil"), STR_EMPTY, a));
	assert_true(c.nonce.n >= 24);
	c.nonce = STR(OURS);
	c.first = STR("n=user,r=" OURS);
	assert_true(sasl_client_initial(&c, &out));
	check_str(buf_str(&out), STR("biwsbj11c2VyLHI9ck9wck5HZndFYmVSV2diTkVrcU8="));
	buf_deinit(&out);
	return c;
}

static void scram_as_in_the_rfc(void **state)
{
	struct arena a = { 0 };
	struct sasl_client c = example(&a);

	(void)state;
	check_str(hear(&c, &a, FIRST),
	          STR("c=biws,r=" BOTH ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="));
	assert_false(sasl_client_believes(&c)); /* it has not shown anything yet */
	check_str(hear(&c, &a, LAST), STR(""));
	assert_true(sasl_client_believes(&c));
	check_str(hear(&c, &a, LAST), STR("!"));
	arena_deinit(&a);
}

/* A server that is no server of ours, in each way that can be seen. */
static void scram_believes_nobody(void **state)
{
	static const char *const first[] = {
		"",
		"r=" OURS ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096", /* no nonce of its own */
		"r=other,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
		"r=" BOTH ",s=,i=4096",
		"r=" BOTH ",s=*,i=4096",
		"r=" BOTH ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4095",
		"r=" BOTH ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=1000001",
		"r=" BOTH ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=x",
		"r=" BOTH ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096x",
		"m=new," FIRST,
		LAST,
	};
	static const char *const last[] = { "", "e=other-error", "v=", "v=AAAA", LAST "x", FIRST };

	(void)state;
	for (size_t i = 0; i < COUNT(first); i++) {
		struct arena a = { 0 };
		struct sasl_client c = example(&a);

		check_str_at(i, hear(&c, &a, first[i]), STR("!"));
		check_at(i, !sasl_client_believes(&c));
		arena_deinit(&a);
	}
	for (size_t i = 0; i < COUNT(last); i++) {
		struct arena a = { 0 };
		struct sasl_client c = example(&a);

		assert_true(hear(&c, &a, FIRST).n > 1);
		check_str_at(i, hear(&c, &a, last[i]), STR("!"));
		check_at(i, !sasl_client_believes(&c));
		arena_deinit(&a);
	}
}

static void scram_prepares_both(void **state)
{
	static const struct {
		const char *user, *password;
		const char *first, *prepared; /* NULL: neither is sent */
	} rows[] = {
		{ "a\xcc\x88", "u\xcc\x88\xe3\x80\x80X", "n=\xc3\xa4,r=", "\xc3\xbc X" },
		{ "ISP\\a b", "Pa\xc2\xa0ss", "n=ISP\\a b,r=", "Pa ss" },
		{ "a\x07", "pass", NULL, NULL },
		{ "a", "pa\xe2\x80\x8bss", NULL, NULL },
		{ "a", "\xff", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct arena a = { 0 };
		struct sasl_client c;

		check_at(i, sasl_client_begin_scram(&c, STR("SCRAM-SHA-256"), str_of(rows[i].user),
		                                    str_of(rows[i].password), STR_EMPTY,
		                                    &a) == (rows[i].first != NULL));
		if (rows[i].first != NULL) {
			check_at(i, str_starts(c.first, str_of(rows[i].first)));
			check_str_at(i, c.password, str_of(rows[i].prepared));
		}
		arena_deinit(&a);
	}
}

/* Does our server agree, whose channel may be another? */
static enum sasl_status scram_with_our_server(const char *offered, struct str ours,
                                              struct str theirs, const char *chosen)
{
	unsigned allowed = (unsigned)SASL_ALL & ~(theirs.n == 0 ? (unsigned)SASL_BINDING : 0U);
	struct buf line, challenge;
	enum sasl_status status;
	struct arena a = { 0 };
	struct sasl_client c;
	struct sasl s;
	struct str in;

	buf_init(&line, SASL_LINE_MAX);
	buf_init(&challenge, SASL_LINE_MAX);
	assert_true(sasl_client_begin_scram(&c, str_of(offered), user, STR("pencil"), ours, &a));
	check_str(c.mech->name, str_of(chosen));
	assert_true(sasl_begin(&s, c.mech->name, allowed));
	s.binding = theirs;
	assert_true(sasl_client_initial(&c, &line));
	in = buf_str(&line);
	status = sasl_line(&s, &in, &challenge);
	if (status == SASL_SALT) {
		sasl_salt(&s, STR("0123456789abcdef"), 4096);
		buf_reset(&challenge);
		assert_int_equal(sasl_line(&s, NULL, &challenge), SASL_CONTINUE);
		buf_reset(&line);
		assert_true(sasl_client_line(&c, buf_str(&challenge), &line));
		in = buf_str(&line);
		buf_reset(&challenge);
		status = sasl_line(&s, &in, &challenge);
	}
	sasl_end(&s);
	buf_deinit(&line);
	buf_deinit(&challenge);
	arena_deinit(&a);
	return status;
}

#define PLUS "SCRAM-SHA-256-PLUS"

static void scram_is_bound_to_its_channel(void **state)
{
	static const char both[] = "SCRAM-SHA-256 " PLUS, plain[] = "SCRAM-SHA-256";
	static const struct {
		const char *offered;
		struct str ours, theirs;
		const char *chosen;
		enum sasl_status status;
	} rows[] = {
		{ both, STR("hash"), STR("hash"), PLUS, SASL_DONE },
		{ PLUS, STR("hash"), STR("hash"), PLUS, SASL_DONE },
		/* somebody between the two, who shows a certificate of his own */
		{ both, STR("his"), STR("hash"), PLUS, SASL_DENIED },
		/* or takes -PLUS out of the list */
		{ plain, STR("hash"), STR("hash"), "SCRAM-SHA-256", SASL_DENIED },
		{ plain, STR("hash"), STR(""), "SCRAM-SHA-256", SASL_DONE },
		{ both, STR(""), STR("hash"), "SCRAM-SHA-256", SASL_DONE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, scram_with_our_server(rows[i].offered, rows[i].ours, rows[i].theirs,
		                                  rows[i].chosen) == rows[i].status);
}

static void scram_only_where_it_is_offered(void **state)
{
	struct sasl_client c;
	struct arena a = { 0 };

	(void)state;
	assert_false(sasl_client_begin_scram(&c, STR("PLAIN SCRAM-SHA-1"), user, password,
	                                     STR_EMPTY, &a));
	assert_false(sasl_client_begin_scram(&c, STR("SCRAM-SHA-256-PLUS"), user, password,
	                                     STR_EMPTY, &a));
	assert_false(sasl_client_begin_scram(&c, STR("SCRAM-SHA-256"), user, STR_EMPTY, STR_EMPTY,
	                                     &a));
	assert_true(sasl_client_begin_scram(&c, STR("x scram-sha-256"), STR("a,b=c"), password,
	                                    STR_EMPTY, &a));
	assert_true(str_starts(c.first, STR("n=a=2Cb=3Dc,r=")));
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chooses_what_both_have),
		cmocka_unit_test(talks_to_our_own_server),
		cmocka_unit_test(scram_as_in_the_rfc),
		cmocka_unit_test(scram_believes_nobody),
		cmocka_unit_test(scram_prepares_both),
		cmocka_unit_test(scram_is_bound_to_its_channel),
		cmocka_unit_test(scram_only_where_it_is_offered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
