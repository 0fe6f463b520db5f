/* Each action of Sieve as an action of the envelope. */
#include "unit/filtering/fixture.h"

struct row {
	const char *script, *want;
};

#define check_rows(rows)                                                        \
	for (size_t i_ = 0; i_ < COUNT(rows); i_++) {                           \
		active((rows)[i_].script);                                      \
		check_str_at(i_, actions_text(run()), str_of((rows)[i_].want)); \
	}

static void test_stores(void **state)
{
	static const struct row rows[] = {
		{ "", "none" },
		{ "if false { discard; }", "none" },
		{ "keep;", "keep (script main, line 1: keep)" },
		{ "discard;", "discard (script main, line 1: discard)" },
		{ "require \"fileinto\";\r\nfileinto \"Lists/a\";",
		  "keep Lists/a (script main, line 2: fileinto)" },
		{ "require [\"fileinto\", \"copy\"];\r\nfileinto :copy \"a\";",
		  "keep a (script main, line 2: fileinto)\nkeep (script main: implicit keep)" },
		{ "require [\"fileinto\", \"mailbox\"]; fileinto :create \"a\";",
		  "keep a create (script main, line 1: fileinto)" },
		{ "require [\"fileinto\", \"imap4flags\"];\r\nfileinto :flags \"\\\\Seen\" \"a\";",
		  "keep a flags=\\Seen (script main, line 2: fileinto)" },
		{ "require \"imap4flags\"; addflag [\"\\\\Flagged\", \"$work\"];",
		  "keep flags=\\Flagged $work (script main: implicit keep)" },
		{ "require \"imap4flags\"; keep :flags \"x\";",
		  "keep flags=x (script main, line 1: keep)" },
		{ "require \"fileinto\"; fileinto \"a\"; keep; fileinto \"b\";",
		  "keep a (script main, line 1: fileinto)\n"
		  "keep b (script main, line 1: fileinto)\n"
		  "keep (script main, line 1: keep)" },
	};

	(void)state;
	check_rows(rows);
}

static void test_sends(void **state)
{
	static const struct row rows[] = {
		{ "redirect \"Far <far@Remote.example>\";",
		  "redirect far@remote.example (script main, line 1: redirect)" },
		{ "require \"copy\"; redirect :copy \"far@remote.example\";",
		  "redirect far@remote.example (script main, line 1: redirect)\n"
		  "keep (script main: implicit keep)" },
		{ "require \"reject\"; reject \"go away\";",
		  "reject \"go away\" report (script main, line 1: reject)" },
		{ "require \"ereject\"; ereject \"go away\";",
		  "reject \"go away\" (script main, line 1: ereject)" },
		{ "require \"vacation\"; vacation \"away\";",
		  "reply eve@remote.example once=604800 (script main, line 1: vacation)\n"
		  "keep (script main: implicit keep)" },
		{ "require [\"vacation\", \"vacation-seconds\"]; vacation :seconds 0 \"away\";",
		  "reply eve@remote.example (script main, line 1: vacation)\n"
		  "keep (script main: implicit keep)" },
		{ "require \"vacation\"; vacation :days 9999 \"away\"; discard;",
		  "reply eve@remote.example once=31536000 (script main, line 1: vacation)\n"
		  "discard (script main, line 1: discard)" },
	};

	(void)state;
	check_rows(rows);
}

/* RFC 5293: each action has the header of its moment, and no header when it is as received. */
static void test_headers(void **state)
{
	static const struct row rows[] = {
		{ "require [\"editheader\", \"fileinto\"];\r\n"
		  "fileinto \"a\"; addheader \"X-A\" \"1\"; fileinto \"b\"; keep;\r\n"
		  "addheader \"X-B\" \"22\"; fileinto \"c\";",
		  "keep a (script main, line 2: fileinto)\n"
		  "keep b header=143 (script main, line 2: fileinto)\n"
		  "keep c header=152 (script main, line 3: fileinto)\n"
		  "keep header=143 (script main, line 2: keep)" },
		{ "require \"editheader\"; deleteheader \"subject\";",
		  "keep header=119 (script main: implicit keep)" },
	};
	const struct action *list;

	(void)state;
	check_rows(rows);
	list = run();
	check_str(list->header, STR("Received: from x by y; (date)\r\n"
	                            "From: Eve <eve@remote.example>\r\n"
	                            "To: ada@example.org\r\n"
	                            "Message-ID: <m1@remote.example>\r\n\r\n"));
}

static struct str redirect_key(const char *to, const char *raw)
{
	active(str_z(&arena, str_fmt(&arena, "redirect \"%s\";", to)));
	mail_raw = str_of(raw);
	assert_int_equal(run()->once_seconds, 12 * 3600);
	return run()->once;
}

/* A message has one key for each address, which fields of the servers it passed do not change. */
static void test_redirect_key(void **state)
{
#define KEY_FROM "From: e@x.example\r\n"
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "Message-ID: <1@x>\r\n\r\na", "Received: y\r\nMessage-ID:  <1@x>\r\n\r\nb",
		  true },
		{ "Message-ID: <1@x>\r\n\r\na", "Message-ID: <2@x>\r\n\r\na", false },
		{ "Message-ID: <1@x>\r\n\r\n", "List-Id: <l>\r\nMessage-ID: <1@x>\r\n\r\n", false },
		{ KEY_FROM "\r\na", "Delivered-To: b@x\r\n" KEY_FROM "\r\na", true },
		{ KEY_FROM "\r\na", KEY_FROM "\r\nb", false },
		{ KEY_FROM "\r\na", KEY_FROM "Date: 1\r\n\r\na", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str a = redirect_key("b@x.example", rows[i].a);

		check_at(i, str_eq(a, redirect_key("b@x.example", rows[i].b)) == rows[i].same);
		check_at(i, str_eq(a, redirect_key("b@X.example", rows[i].a)));
		check_at(i, !str_eq(a, redirect_key("c@x.example", rows[i].a)));
	}
#undef KEY_FROM
}

/* RFC 5703: what is stored is changed, what is sent on is not. */
static void test_replaced(void **state)
{
	const struct action *list;

	(void)state;
	active("require [\"replace\", \"fileinto\", \"copy\"];\r\n"
	       "fileinto :copy \"a\"; replace \"new\"; redirect :copy \"far@x.example\";\r\n"
	       "fileinto :copy \"b\";");
	list = run();
	assert_int_equal(list->replaced.n, 0);
	list = list->next;
	assert_int_equal(list->kind, ACTION_REDIRECT);
	assert_int_equal(list->header.n + list->replaced.n, 0);
	list = list->next;
	assert_true(str_find(list->replaced, STR("\r\n\r\nnew")) > 0);
	assert_true(str_find(list->replaced, STR("Subject: hello\r\n")) > 0);
	/* the implicit keep has the same bytes, once in memory */
	assert_ptr_equal(list->next->replaced.p, list->replaced.p);
	server("before", "require \"replace\"; replace \"first\";");
	active("if not size :over 1 { discard; }");
	assert_true(str_find(run()->replaced, STR("first")) > 0);
	active("require \"editheader\"; addheader \"X-A\" \"1\";");
	assert_true(str_starts(run()->replaced, STR("X-A: 1\r\n")));
	assert_true(str_find(run()->replaced, STR("first")) > 0);
	active("require \"body\"; if body :raw :contains \"first\" { discard; }");
	check_str(actions_text(run()), STR("discard (script main, line 1: discard)"));
}

static void test_notify(void **state)
{
	static const struct row rows[] = {
		{ "require \"enotify\"; notify \"mailto:a@x.example?to=b@x.example\";",
		  "notify a@x.example (script main, line 1: notify)\n"
		  "notify b@x.example (script main, line 1: notify)\n"
		  "keep (script main: implicit keep)" },
		{ "require \"enotify\"; notify \"mailto:a@x.example\"; notify "
		  "\"mailto:a@x.example?body=2\";",
		  "notify a@x.example (script main, line 1: notify)\n"
		  "keep (script main: implicit keep)" },
	};

	(void)state;
	check_rows(rows);
	mail_raw = STR("Auto-Submitted: auto-notified\r\n\r\n");
	assert_true(str_starts(run()->why, STR("script main, line 1: notify not sent: ")));
}

/* RFC 6009 */
static void test_redirect_arguments(void **state)
{
	static const struct row rows[] = {
		{ "require \"redirect-dsn\"; redirect :notify \"SUCCESS,FAILURE\" :ret \"FULL\" "
		  "\"far@x.example\";",
		  "redirect far@x.example notify=SUCCESS,FAILURE ret=full (script main, line 1: "
		  "redirect)" },
	};
	const struct action *list;

	(void)state;
	check_rows(rows);
	active("require \"redirect-deliverby\"; redirect :bytimerelative 60 :bytrace "
	       "\"far@x.example\";");
	list = run();
	assert_true(list->by_ms > clock_real_ms() && list->by_ms <= clock_real_ms() + 60000);
	assert_true(list->by_return && list->by_trace);
}

/* The implicit keep is that of the checks; flags are added to it. */
static void test_checked(void **state)
{
	struct action junk = { .kind = ACTION_KEEP,
		               .why = STR("spam"),
		               .place = { .special_use = STR("\\Junk") } };
	struct action redirect = { .kind = ACTION_REDIRECT,
		                   .address = { STR("copy"), STR("example.org") },
		                   .next = &junk };

	(void)state;
	rcpt.actions = &junk;
	active("if false { discard; }");
	check_str(actions_text(run()), STR("none"));
	active("require \"imap4flags\"; addflag \"a\";");
	check_str(actions_text(run()), STR("keep use=\\Junk flags=a (spam)"));
	active("keep;");
	check_str(actions_text(run()), STR("keep use=\\Junk (script main, line 1: keep)"));
	rcpt.actions = &redirect;
	active("require \"fileinto\"; fileinto \"a\";");
	check_str(actions_text(run()), STR("redirect copy@example.org\n"
	                                   "keep a (script main, line 1: fileinto)"));
	active("");
	check_str(actions_text(run()), STR("none"));
}

/* RFC 7352 */
static void test_duplicate(void **state)
{
	const struct action *list;

	(void)state;
	active("require \"duplicate\"; if duplicate :seconds 60 { discard; }");
	list = run();
	check_str(actions_text(list), STR("remember once=60 (script main: duplicate)\n"
	                                  "keep (script main: implicit keep)"));
	remember(list);
	check_str(actions_text(run()), STR("discard (script main, line 1: discard)"));
	active("require \"duplicate\"; if duplicate :handle \"x\" { discard; }");
	check_str(actions_text(run()), STR("remember once=604800 (script main: duplicate)\n"
	                                   "keep (script main: implicit keep)"));
	/* with :last the time begins anew */
	active("require \"duplicate\"; if duplicate :last :seconds 9 { discard; }");
	check_str(actions_text(run()), STR("discard (script main, line 1: discard)\n"
	                                   "remember once=9 (script main: duplicate)"));
	/* nothing is remembered after an error */
	active("require [\"duplicate\", \"include\"]; if duplicate :handle \"y\" { discard; }\r\n"
	       "include \"missing\";");
	check_str(actions_text(run()),
	          STR("notify ada@example.org once=86400 (script main failed)\n"
	              "keep (script main failed in line 2: There is no script \"missing\" to "
	              "include)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_stores),  TEST(test_sends),     TEST(test_headers),
		TEST(test_checked), TEST(test_duplicate),
		TEST(test_replaced), TEST(test_notify),    TEST(test_redirect_arguments),
		TEST(test_redirect_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
