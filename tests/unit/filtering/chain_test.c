/* The order of programs, and which of them run. */
#include "unit/filtering/fixture.h"

#include "flow/filtering/trial.h"

enum { PLACES = 7 };

static const char *const names[PLACES] = {
	"server script before", "script before of example.org",
	"filters",              "vacation",
	"script main",          "script after of example.org",
	"server script after",
};

static void place_write(size_t i, const char *text)
{
	switch (i) {
	case 0:
		return server("before", text);
	case 1:
		return domain("before", text);
	case 2:
		return filter(FILTER_RULES, text);
	case 3:
		return filter(FILTER_VACATION, text);
	case 4:
		return active(text);
	case 5:
		return domain("after", text);
	default:
		return server("after", text);
	}
}

static void test_none(void **state)
{
	(void)state;
	check_str(actions_text(run()), STR("none"));
	library("unused", "discard;");
	domain("library", "discard;");
	server("library", "discard;");
	check_str(actions_text(run()), STR("none"));
}

/* How each program ends: by the implicit keep, keep, or without. */
enum end { IMPLICIT, EXPLICIT, ENDS };

static struct str wanted(const enum end *ends)
{
	struct buf out;
	struct str text;
	const char *keep = NULL, *how = NULL;
	size_t i = 0;

	buf_init(&out, KIB(4));
	for (; i < PLACES; i++) {
		buf_fmt(&out, "redirect p%zu@x.example (%s, line 1: redirect)\n", i, names[i]);
		if (ends[i] == ENDS && i == 2) /* the vacation runs over what rules have filed */
			buf_fmt(&out, "redirect p3@x.example (vacation, line 1: redirect)\n");
		if (ends[i] == ENDS)
			break;
		if (keep == NULL || ends[i] == EXPLICIT) {
			keep = names[i];
			how = ends[i] == EXPLICIT ? ", line 1: keep" : ": implicit keep";
		}
	}
	if (i == PLACES)
		buf_fmt(&out, "keep (%s%s)", keep, how);
	else
		buf_cut(&out, out.n - 1);
	text = str_dup(&arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

/* Each place ends in each way, all others in one of the two ways that go on. */
static void test_order(void **state)
{
	static const char *const ways[] = { "require \"copy\"; redirect :copy", "keep; redirect",
		                            "redirect" };

	(void)state;
	for (size_t n = 0; n < (size_t)PLACES * 3 * 2; n++) {
		enum end ends[PLACES];

		for (size_t i = 0; i < PLACES; i++) {
			ends[i] = i == n % PLACES ? (enum end)(n / PLACES % 3)
			                          : (enum end)(n / PLACES / 3);
			place_write(i, str_z(&arena, str_fmt(&arena, "%s \"p%zu@x.example\";",
			                                     ways[ends[i]], i)));
		}
		check_str_at(n, actions_text(run()), wanted(ends));
	}
}

/* The sender of mail that rules file gets a vacation reply; of mail that they do not want, none. */
static void test_vacation_after_rules(void **state)
{
	static const struct {
		const char *rules;
		bool replies;
	} rows[] = {
		{ "keep;", true },
		{ "require \"fileinto\"; fileinto \"lists\";", true },
		{ "redirect \"a@x.example\";", true },
		{ "discard;", false },
		{ "require \"reject\"; reject \"no\";", false },
		{ "require [\"fileinto\", \"special-use\"];\r\n"
		  "fileinto :specialuse \"\\\\Junk\" \"Junk\";",
		  false },
		{ "require \"fileinto\"; fileinto \"Junk\";", false },
		{ "require \"include\"; include \"missing\";", false },
	};

	(void)state;
	filter(FILTER_VACATION, "require \"vacation\"; vacation \"I am away\";");
	active("discard;");
	for (size_t i = 0; i < COUNT(rows); i++) {
		filter(FILTER_RULES, rows[i].rules);
		assert_int_equal(actions_find(run(), ACTION_REPLY) != NULL, rows[i].replies);
	}
	server("before", "require \"fileinto\"; fileinto \"spam\";");
	filter(FILTER_RULES, "keep;");
	assert_null(actions_find(run(), ACTION_REPLY));
}

/* Flags and header of one program are there for the next. */
static void test_carried(void **state)
{
	(void)state;
	server("before", "require [\"imap4flags\", \"editheader\"];\r\n"
	                 "addflag \"a\"; addheader \"X-Seen\" \"yes\";");
	active("if not header \"x-seen\" \"yes\" { discard; }");
	check_str(actions_text(run()),
	          STR("keep flags=a header=148 (server script before: implicit keep)"));
	assert_true(str_starts(run()->header, STR("X-Seen: yes\r\nReceived: ")));
	/* the last flags count */
	active("require \"imap4flags\"; setflag \"b\";");
	check_str(actions_text(run()),
	          STR("keep flags=b header=148 (server script before: implicit keep)"));
	/* also what is filed has the header; not the flags, which are of a keep */
	active("require \"fileinto\"; fileinto \"a\";");
	check_str(actions_text(run()), STR("keep a header=148 (script main, line 1: fileinto)"));
	/* an edit on top, an edit undone */
	active("require \"editheader\"; addheader \"X-2\" \"2\";");
	assert_true(str_starts(run()->header, STR("X-2: 2\r\nX-Seen: yes\r\nReceived: ")));
	active("require \"editheader\"; deleteheader \"X-Seen\";");
	assert_true(str_starts(run()->header, STR("Received: ")));
	/* each program begins without flags (RFC 5232 2) */
	active("require [\"imap4flags\", \"fileinto\"]; fileinto \"b\";");
	check_str(actions_text(run()), STR("keep b header=148 (script main, line 1: fileinto)"));
}

/* An error ends the chain; the actions of programs before it stay. */
static void test_failure(void **state)
{
	static const char *const fails = "require \"include\"; keep; include \"missing\";";

	(void)state;
	server("before", "require \"copy\"; redirect :copy \"archive@x.example\";");
	active(fails);
	server("after", "discard;");
	check_str(actions_text(run()),
	          STR("redirect archive@x.example (server script before, line 1: redirect)\n"
	              "notify ada@example.org once=86400 (script main failed)\n"
	              "keep (script main failed in line 1: There is no script \"missing\" to "
	              "include)"));
	/* the owner of the account cannot correct the script of another */
	server("before", fails);
	check_str(actions_text(run()),
	          STR("keep (server script before failed in line 1: There is no script \"missing\" "
	              "to include)"));
}

static void test_include(void **state)
{
	(void)state;
	active("require \"include\"; include :personal \"p\"; include :global \"g\";");
	library("p", "redirect \"p@x.example\"; keep;");
	server("g", "redirect \"server@x.example\";");
	check_str(actions_text(run()),
	          STR("redirect p@x.example (script main, line 1: redirect)\n"
	              "redirect server@x.example (script main, line 1: redirect)\n"
	              "keep (script main, line 1: keep)"));
	domain("g", "redirect \"domain@x.example\";");
	assert_true(str_find(actions_text(run()), STR("domain@x.example")) > 0);
}

static enum err role_write(struct txn *t, void *arg)
{
	struct account account;
	enum err e = account_get(t, 1, txn_arena(t), &account);

	account.role = *(const enum role *)arg;
	account.domains = account.role == ROLE_ADMIN ? STR("example.org") : STR_EMPTY;
	return e ? e : account_change(t, &account, NULL);
}

/* Scripts of a domain run over mail of users, not of administrators. */
static void test_administrators(void **state)
{
	static const enum role roles[] = { ROLE_ADMIN, ROLE_USER, ROLE_OWNER };

	(void)state;
	domain("before", "redirect \"before@x.example\"; keep;");
	domain("after", "redirect \"after@x.example\"; keep;");
	domain("g", "redirect \"domain@x.example\";");
	server("g", "redirect \"server@x.example\";");
	server("before", "require \"include\"; include :global \"g\"; keep;");
	for (size_t i = 0; i < COUNT(roles); i++) {
		enum role role = roles[i];
		struct str text;

		assert_int_equal(store_write(s.temp.store, role_write, &role, NULL), OK);
		text = actions_text(run());
		assert_int_equal(str_find(text, STR("before@x.example")) >= 0, role == ROLE_USER);
		assert_int_equal(str_find(text, STR("after@x.example")) >= 0, role == ROLE_USER);
		assert_int_equal(str_find(text, STR("domain@x.example")) >= 0, role == ROLE_USER);
		assert_int_equal(str_find(text, STR("server@x.example")) >= 0, role != ROLE_USER);
	}
}

/* A program of another version is compiled anew; a text that does not compile is an error. */
static enum err stale_write(struct txn *t, void *arg)
{
	const struct script_owner owner = { .account = 1 };

	return script_put(t, &owner, STR("main"), str_of(arg), STR("old"), 1);
}

static void test_stale(void **state)
{
	(void)state;
	active("discard;");
	assert_int_equal(store_write(s.temp.store, stale_write, "keep;", NULL), OK);
	check_str(actions_text(run()), STR("keep (script main, line 1: keep)"));
	assert_int_equal(store_write(s.temp.store, stale_write, "\nnonsense;", NULL), OK);
	assert_true(str_find(actions_text(run()), STR("script main failed in line 2: ")) > 0);
}

static void test_limits(void **state)
{
	(void)state;
	settings.sieve_redirects_max = 2;
	active("redirect \"a@x.example\"; redirect \"b@x.example\"; redirect \"a@x.example\";");
	assert_int_equal(run()->kind, ACTION_REDIRECT);
	active("redirect \"a@x.example\"; redirect \"b@x.example\"; redirect \"c@x.example\";");
	check_str(actions_text(run()),
	          STR("notify ada@example.org once=86400 (script main failed)\n"
	              "keep (script main failed in line 1: The script has more than 2 "
	              "redirects)"));
}

/* A trial has the time limit of a delivery. */
static void test_trial_time(void **state)
{
	struct sieve_errors errors;
	struct filter_trial trial;
	struct buf raw, text;
	struct str program;

	(void)state;
	buf_init(&raw, MIB(2));
	buf_put(&raw, STR("Subject: long\r\n\r\n"));
	while (raw.n < MIB(1))
		buf_put(&raw, STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
	buf_init(&text, KIB(8));
	buf_put(&text, STR("require \"body\";\r\n"));
	for (unsigned i = 0; i < 40; i++)
		buf_fmt(&text, "if body :raw :contains \"aab%u\" { discard; }\r\n", i);
	assert_true(script_compile(&arena, buf_str(&text), &program, &errors));
	settings.sieve_time_max_s = 0;
	assert_int_equal(filter_trial_run(&mail, buf_str(&raw), program, &arena, &trial), OK);
	check_str(trial.error, STR("The script takes more than 0 ms"));
	settings.sieve_time_max_s = 3600; /* also on a busy machine */
	assert_int_equal(filter_trial_run(&mail, buf_str(&raw), program, &arena, &trial), OK);
	check_str(trial.error, STR_EMPTY);
	buf_deinit(&raw);
	buf_deinit(&text);
}

/* Headers of a megabyte each: not more than four of them. */
static void test_headers_max(void **state)
{
	struct buf raw, script;

	(void)state;
	buf_init(&raw, MIB(2));
	while (raw.n < MIB(1) - 200)
		buf_put(&raw, STR("X-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n"));
	buf_put(&raw, STR("\r\nbody"));
	buf_init(&script, KIB(8));
	buf_put(&script, STR("require [\"editheader\", \"fileinto\"];\r\n"));
	for (unsigned i = 0; i < 5; i++)
		buf_fmt(&script, "addheader \"X-N\" \"%u\"; fileinto \"%u\";\r\n", i, i);
	mail_raw = buf_str(&raw);
	active(str_z(&arena, buf_str(&script)));
	check_str(actions_text(run()),
	          STR("notify ada@example.org once=86400 (script main failed)\n"
	              "keep (script main failed in line 6: The script makes too many different "
	              "headers)"));
	buf_deinit(&raw);
	buf_deinit(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_none),    TEST(test_order),  TEST(test_carried), TEST(test_failure),
		TEST(test_include), TEST(test_stale),  TEST(test_limits),  TEST(test_headers_max),
		TEST(test_vacation_after_rules), TEST(test_administrators), TEST(test_trial_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
