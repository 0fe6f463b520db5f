/* Rules: JSON to Sieve, run over a message. */
#include "unit/filtering/fixture.h"

#include "flow/filtering/rules.h"

#define RULED                                                            \
	"From: Eve Adams <eve@remote.example>\r\n"                       \
	"To: ada@example.org\r\n"                                        \
	"Cc: Carl <carl@third.example>\r\n"                              \
	"Subject: Re: =?utf-8?q?Gr=C3=BC=C3=9Fe?= 2*3? from \"Eve\"\r\n" \
	"List-Id: The list <dev.lists.example>\r\n"                      \
	"X-Spam: very\r\n"                                               \
	"Message-ID: <m1@remote.example>\r\n"                            \
	"MIME-Version: 1.0\r\n"                                          \
	"Content-Type: multipart/mixed; boundary=b\r\n"                  \
	"\r\n"                                                           \
	"--b\r\n"                                                        \
	"Content-Type: text/plain\r\n"                                   \
	"\r\n"                                                           \
	"The invoice of May\r\n"                                         \
	"--b\r\n"                                                        \
	"Content-Type: application/pdf\r\n"                              \
	"Content-Disposition: attachment; filename=a.pdf\r\n"            \
	"\r\n"                                                           \
	"x\r\n"                                                          \
	"--b--\r\n"

/* *script gets the Sieve text. */
static enum err rules_of(const char *json, struct str *script, struct why *why)
{
	struct rules rules;
	struct json v;
	struct buf out;
	enum err e;

	if (!json_parse(&arena, str_of(json), &v))
		fail_msg("no JSON: %s", json);
	e = rules_read(&arena, v, &rules, why);
	if (e)
		return e;
	buf_init(&out, SCRIPT_TEXT_MAX);
	rules_sieve(&rules, &out);
	*script = str_dup(&arena, buf_str(&out));
	buf_deinit(&out);
	return OK;
}

/* The actions of the settings on the message: "keep Lists create; keep". */
static struct str done(const char *json)
{
	struct str script, text;
	struct why why = { "" };
	struct buf out;
	ptrdiff_t at;

	if (rules_of(json, &script, &why) != OK)
		fail_msg("%s: %s", json, why.text);
	filter(FILTER_RULES, str_z(&arena, script));
	text = actions_text(run());
	buf_init(&out, KIB(64));
	while ((at = str_find(text, STR(" (filters"))) >= 0) {
		buf_put(&out, str_sub(text, 0, (size_t)at));
		text = str_sub(text, (size_t)at, text.n);
		text = str_sub(text, (size_t)str_find_byte(text, ')') + 1, text.n);
		if (text.n != 0) {
			buf_put(&out, STR("; "));
			text = str_sub(text, 1, text.n);
		}
	}
	buf_put(&out, text);
	text = str_dup(&arena, buf_str(&out));
	buf_deinit(&out);
	return text;
}

static const char *one_rule(const char *match, const char *conditions, const char *actions)
{
	return str_z(&arena, str_fmt(&arena,
	                             "{\"rules\":[{\"name\":\"a\",\"on\":true,\"match\":\"%s\","
	                             "\"conditions\":[%s],\"actions\":[%s]}]}",
	                             match, conditions, actions));
}

struct condition_row {
	const char *condition; /* without braces */
	bool holds;
};

#define C(field, op, value) "\"field\":\"" field "\",\"op\":\"" op "\",\"value\":\"" value "\""
#define H(op, value) "\"header\":\"X-Spam\"," C("header", op, value)

static void test_conditions(void **state)
{
	static const struct condition_row rows[] = {
		{ C("from", "contains", "adams"), true }, /* the name, too */
		{ C("from", "contains", "bob"), false },
		{ C("from", "is", "EVE@remote.example"), true },
		{ C("from", "is", "remote.example"), false },
		{ C("from", "starts_with", "eve@"), true },
		{ C("from", "starts_with", "remote"), false },
		{ C("from", "ends_with", "@remote.example"), true },
		{ C("from", "ends_with", "@example"), false },
		{ C("from", "matches", "e?e@*"), true },
		{ C("from", "matches", "e@*"), false },
		{ C("from", "regex", "^e.e@(remote|local)[.]example$"), true },
		{ C("from", "regex", "^bob"), false },
		{ C("to", "is", "ada@example.org"), true },
		{ C("to", "is", "carl@third.example"), false },
		{ C("to_or_cc", "is", "carl@third.example"), true },
		{ C("to_or_cc", "is", "eve@remote.example"), false },
		{ C("subject", "contains", "gr\\u00dcsse"), false },
		{ C("subject", "contains", "GR\\u00dc\\u00df"), true },
		{ C("subject", "contains", "2*3?"), true },
		{ C("subject", "starts_with", "re: gr"), true },
		{ C("subject", "starts_with", "R*"), false }, /* no wildcard */
		{ C("subject", "ends_with", "from \\\"Eve\\\""), true },
		{ C("subject", "ends_with", "\\\\\\\""), false },
		{ C("subject", "matches", "*2\\\\*3*"), true },
		{ C("subject", "is", "Re:"), false },
		{ C("subject", "regex", "[0-9][*][0-9][?]"), true },
		{ H("is", "very"), true },
		{ H("is", "ver"), false },
		{ H("contains", "er"), true },
		{ H("starts_with", "ve"), true },
		{ H("ends_with", "ry"), true },
		{ H("matches", "v*y"), true },
		{ H("regex", "^v.*y$"), true },
		{ H("regex", "^x"), false },
		{ C("body", "contains", "INVOICE of"), true },
		{ C("body", "contains", "filename"), false },
		{ C("body", "matches", "*invoice*"), true },
		{ C("body", "starts_with", "the inv"), true },
		{ C("body", "regex", "inv[a-z]+ of"), true },
		{ C("list_id", "is", "dev.lists.example"), true },
		{ C("list_id", "is", "lists.example"), false },
		{ C("list_id", "contains", "lists"), true },
		{ C("list_id", "starts_with", "dev."), true },
		{ C("list_id", "starts_with", "lists."), false },
		{ C("list_id", "ends_with", "lists.example"), true },
		{ C("list_id", "ends_with", "lists"), false },
		{ C("list_id", "matches", "*<dev.*"), true },
		{ C("list_id", "regex", "<dev[.]"), true },
		{ C("size", "over", "100"), true },
		{ C("size", "over", "1K"), false },
		{ C("size", "under", "5M"), true },
		{ C("size", "under", "10"), false },
		{ "\"field\":\"attachment\"", true },
		{ "\"field\":\"spam\"", false },
	};

	(void)state;
	mail_raw = STR(RULED);
	for (size_t i = 0; i < COUNT(rows); i++)
		for (unsigned negate = 0; negate < 2; negate++) {
			struct str condition = str_fmt(&arena, "{%s,\"not\":%s}", rows[i].condition,
			                               negate ? "true" : "false");

			check_str_at(i,
			             done(one_rule("all", str_z(&arena, condition),
			                           "{\"action\":\"flag\"}")),
			             rows[i].holds != (negate == 1) ? STR("keep flags=\\Flagged")
			                                            : STR("none"));
		}
}

static void test_spam(void **state)
{
	const struct action junk = { .kind = ACTION_KEEP,
		                     .why = STR("dmarc"),
		                     .place = { .special_use = STR("\\Junk") } };

	(void)state;
	rcpt.actions = &junk;
	check_str_at(0, done(one_rule("all", "{\"field\":\"spam\"}", "{\"action\":\"discard\"}")),
	             STR("discard"));
	/* junk is not forwarded, but if the sender is allowed */
	check_str_at(1, done("{\"forward\":{\"on\":true,\"to\":\"far@remote.example\"}}"),
	             STR("none"));
	check_str_at(2,
	             done("{\"forward\":{\"on\":true,\"to\":\"far@remote.example\"},"
	                  "\"allowed\":[\"remote.example\"]}"),
	             STR("redirect far@remote.example"));
}

#define TRUE_C "{\"field\":\"subject\",\"op\":\"contains\",\"value\":\"h\"}"
#define FALSE_C "{\"field\":\"subject\",\"op\":\"contains\",\"value\":\"x\"}"

static void test_match(void **state)
{
	static const struct {
		const char *match, *conditions;
		bool holds;
	} rows[] = {
		{ "all", "", true },
		{ "any", "", true },
		{ "all", TRUE_C "," FALSE_C, false },
		{ "any", TRUE_C "," FALSE_C, true },
		{ "all", TRUE_C "," TRUE_C, true },
		{ "any", FALSE_C "," FALSE_C, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i,
		             done(one_rule(rows[i].match, rows[i].conditions,
		                           "{\"action\":\"discard\"}")),
		             rows[i].holds ? STR("discard") : STR("none"));
}

static void test_actions(void **state)
{
	static const struct {
		const char *actions, *want;
	} rows[] = {
		{ "{\"action\":\"move\",\"value\":\"Lists/a\"}", "keep Lists/a create" },
		{ "{\"action\":\"copy\",\"value\":\"a\"}", "keep a create; keep" },
		{ "{\"action\":\"mark_read\"}", "keep flags=\\Seen" },
		{ "{\"action\":\"flag\"}", "keep flags=\\Flagged" },
		{ "{\"action\":\"keyword\",\"value\":\"work\"}", "keep flags=work" },
		{ "{\"action\":\"forward\",\"value\":\"far@remote.example\"}",
		  "redirect far@remote.example" },
		{ "{\"action\":\"forward\",\"value\":\"far@remote.example\",\"copy\":true}",
		  "redirect far@remote.example; keep" },
		{ "{\"action\":\"reject\",\"value\":\"No.\\n.\\n..x\"}",
		  "reject \"No.\r\n.\r\n..x\r\n\" report" },
		{ "{\"action\":\"discard\"}", "discard" },
		{ "{\"action\":\"stop\"}", "none" },
		/* flags first, wherever they are */
		{ "{\"action\":\"move\",\"value\":\"a\"},{\"action\":\"mark_read\"},"
		  "{\"action\":\"stop\"}",
		  "keep a flags=\\Seen create" },
		{ "{\"action\":\"discard\"},{\"action\":\"copy\",\"value\":\"a\"}",
		  "keep a create; discard" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, done(one_rule("all", "", rows[i].actions)), str_of(rows[i].want));
}

#define RULE(on, actions) \
	"{\"name\":\"a\",\"on\":" on ",\"match\":\"all\",\"actions\":[" actions "]}"
#define MOVE(to) "{\"action\":\"move\",\"value\":\"" to "\"}"
#define COPY(to) "{\"action\":\"copy\",\"value\":\"" to "\"}"

static void test_order(void **state)
{
	static const struct {
		const char *settings, *want;
	} rows[] = {
		{ "{}", "none" },
		{ "{\"rules\":[" RULE("false", MOVE("a")) "]}", "none" },
		{ "{\"rules\":[" RULE("true", MOVE("a")) "," RULE("true", MOVE("b")) "]}",
		  "keep a create; keep b create" },
		{ "{\"rules\":[" RULE("true", MOVE("a") ",{\"action\":\"stop\"}") "," RULE(
			  "true", MOVE("b")) "]}",
		  "keep a create" },
		{ "{\"rules\":[" RULE("true", "{\"action\":\"discard\"}") "," RULE("true",
		                                                                   MOVE("b")) "]}",
		  "discard" },
		/* what is stored or sent is not rejected */
		{ "{\"rules\":[" RULE("true", COPY("a")) "," RULE(
			  "true", "{\"action\":\"reject\",\"value\":\"no\"}") "]}",
		  "keep a create; keep" },
		{ "{\"forward\":{\"on\":true,\"to\":\"far@remote.example\",\"copy\":true},"
		  "\"rules\":[" RULE("true", "{\"action\":\"reject\",\"value\":\"no\"}") "]}",
		  "redirect far@remote.example; keep" },
		{ "{\"forward\":{\"on\":true,\"to\":\"far@remote.example\",\"copy\":false},"
		  "\"rules\":[" RULE("true", MOVE("a")) "]}",
		  "redirect far@remote.example" },
		{ "{\"forward\":{\"on\":false,\"to\":\"far@remote.example\"}}", "none" },
		{ "{\"blocked\":[\"EVE@remote.example\"]}", "keep Junk use=\\Junk" },
		{ "{\"blocked\":[\"eve@remote.example\"],\"blocked_to\":\"discard\"}", "discard" },
		{ "{\"blocked\":[\"@example\"],\"blocked_to\":\"discard\"}", "discard" },
		{ "{\"blocked\":[\"bob@remote.example\",\"mote.example\"]}", "none" },
		{ "{\"blocked\":[\"bob@remote.example\",\"remote.example\"],\"rules\":[" RULE(
			  "true", MOVE("a")) "]}",
		  "keep Junk use=\\Junk" },
		{ "{\"allowed\":[\"remote.example\"]}", "keep INBOX" },
		{ "{\"allowed\":[\"other.example\"]}", "none" },
		{ "{\"allowed\":[\"remote.example\"],\"rules\":[" RULE("true", MOVE("a")) "]}",
		  "keep a create" },
		{ "{\"allowed\":[\"remote.example\"],\"rules\":[" RULE("true", COPY("a")) "]}",
		  "keep a create; keep INBOX" },
		{ "{\"allowed\":[\"remote.example\"],\"rules\":[" RULE(
			  "true", "{\"action\":\"stop\"}") "," RULE("true", MOVE("b")) "]}",
		  "keep INBOX" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, done(rows[i].settings), str_of(rows[i].want));
}

/* No string of a user becomes a part of the script. */
static void test_hostile(void **state)
{
	static const char *const strings[] = {
		"\\\"; discard; #",     "\\\\",  "\\\\\\\"; discard;", "*/ discard; /*",
		"${inbox}${dollar}{x}", "$${1}", "{dollar}",
	};
	static const char *const operators[] = { "is", "starts_with", "ends_with", "contains" };

	(void)state;
	for (size_t i = 0; i < COUNT(strings) * COUNT(operators) * 2; i++) {
		const char *string = strings[i / 8], *operator= operators[i / 2 % 4];
		struct str subject = STR_EMPTY;
		struct json v;
		const char *json = str_z(
			&arena,
			str_fmt(&arena,
		                "{%s\"rules\":[{\"name\":\"%s\",\"on\":true,\"match\":\"any\","
		                "\"conditions\":[{" C(
					"subject", "%s",
					"%s") "}],"
		                              "\"actions\":[{\"action\":\"discard\"}]}]}",
		                i % 2 ? "\"allowed\":[\"other.example\"]," : "", string, operator,
		                string));

		mail_raw = STR("From: a@remote.example\r\nSubject: hello\r\n\r\nx\r\n");
		check_str_at(i, done(json), STR("none"));
		/* it is found as it is written */
		if (!json_parse(&arena, str_fmt(&arena, "{\"x\":\"%s\"}", string), &v) ||
		    !json_str(json_get(v, "x"), &subject))
			fail_msg("no JSON");
		mail_raw = str_fmt(&arena, "From: a@remote.example\r\nSubject: %.*s\r\n\r\nx\r\n",
		                   STR_ARG(subject));
		check_str_at(i, done(json), STR("discard"));
	}
}

/* A text is sent as it was written, also where it looks like the end of a text. */
static void test_lines(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
		{ "a", "a\r\n" },
		{ "a\\n", "a\r\n" },
		{ ".", ".\r\n" },
		{ "..\\r\\n.", "..\r\n.\r\n" },
		{ ".\\r\\n;discard;", ".\r\n;discard;\r\n" },
		{ "a\\rb\\n\\nc", "a\r\nb\r\n\r\nc\r\n" },
		{ "${handled} \\\"\\\\", "${handled} \"\\\r\n" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str action =
			str_fmt(&arena, "{\"action\":\"reject\",\"value\":\"%s\"}", rows[i].text);

		check_str_at(i, done(one_rule("all", "", str_z(&arena, action))),
		             str_fmt(&arena, "reject \"%s\" report", rows[i].want));
	}
}

static void test_errors(void **state)
{
	static const struct {
		const char *json, *why;
	} rows[] = {
		{ "[]", "the filters must be an object" },
		{ "{\"rules\":{}}", "rules must be a list" },
		{ "{\"rules\":[1]}", "rules[0]. must be an object" },
		{ "{\"rules\":[{\"name\":\"a\"}]}", "rules[0].match: \"\" is not known" },
		{ "{\"rules\":[{\"name\":1,\"match\":\"all\"}]}",
		  "rules[0].name must be a string" },
		{ "{\"rules\":[{\"name\":\"\",\"match\":\"all\"}]}", "rules[0].name is empty" },
		{ "{\"rules\":[{\"name\":\"a\\nb\",\"match\":\"all\"}]}",
		  "rules[0].name has control characters" },
		{ "{\"rules\":[{\"name\":\"a\",\"match\":\"all\",\"on\":1}]}",
		  "rules[0].on must be true or false" },
		{ "{\"rules\":[" RULE("true", "") "]}", "rules[0].actions is empty" },
		{ "{\"rules\":[" RULE("true", "{\"action\":\"run\"}") "]}",
		  "rules[0].actions[0].action: \"run\" is not known" },
		{ "{\"rules\":[" RULE("true", MOVE("")) "]}",
		  "rules[0].actions[0].value must be the name of a mailbox" },
		{ "{\"rules\":[" RULE("true", MOVE("a//b")) "]}",
		  "rules[0].actions[0].value must be the name of a mailbox" },
		{ "{\"rules\":[" RULE("true",
		                      "{\"action\":\"keyword\",\"value\":\"\\\\Seen\"}") "]}",
		  "rules[0].actions[0].value must be a keyword: letters, digits, no spaces" },
		{ "{\"rules\":[" RULE("true", "{\"action\":\"forward\",\"value\":\"x\"}") "]}",
		  "rules[0].actions[0].value must be a mail address" },
		{ "{\"rules\":[" RULE("true", "{\"action\":\"reject\"}") "]}",
		  "rules[0].actions[0].value must be the text for the sender" },
		{ "{\"rules\":[" RULE("true", "{\"action\":\"flag\",\"value\":\"x\"}") "]}",
		  "rules[0].actions[0].value is not for this action" },
		{ "{\"rules\":[" RULE("true",
		                      "{\"action\":\"reject\",\"value\":\"x\"}," COPY("a")) "]}",
		  "rules[0].actions must not have others that store or send mail next to reject" },
		{ "{\"forward\":{\"on\":true}}", "forward.to must be a mail address" },
		{ "{\"blocked\":[\"a b\"]}", "blocked: \"a b\" is not a mail address or a domain" },
		{ "{\"blocked\":\"a\"}", "blocked must be a list" },
		{ "{\"allowed\":[1]}", "allowed must be a list of strings" },
		{ "{\"blocked_to\":\"x\"}", "blocked_to: \"x\" is not known" },
	};
	static const struct {
		const char *condition, *why;
	} conditions[] = {
		{ "{}", "field: \"\" is not known" },
		{ "{" C("subject", "over", "1") "}", "op is for a size only" },
		{ "{" C("size", "is", "1") "}", "op must be over or under for a size" },
		{ "{" C("size", "over", "x") "}",
		  "value must be a size in bytes, for example 500K or 5M" },
		{ "{" C("size", "over", "9999999G") "}",
		  "value must be a size in bytes, for example 500K or 5M" },
		{ "{" C("subject", "is", "") "}", "value is empty" },
		{ "{" C("header", "is", "x") "}", "header must be the name of a header field" },
		{ "{\"header\":\"a:b\"," C("header", "is", "x") "}",
		  "header must be the name of a header field" },
		{ "{\"not\":1," C("subject", "is", "x") "}", "not must be true or false" },
	};
	struct why why = { "" };
	struct str script;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, rules_of(rows[i].json, &script, &why) == ERR_SYNTAX);
		check_str_at(i, str_of(why.text), str_of(rows[i].why));
	}
	for (size_t i = 0; i < COUNT(conditions); i++) {
		check_at(i,
		         rules_of(one_rule("all", conditions[i].condition, "{\"action\":\"flag\"}"),
		                  &script, &why) == ERR_SYNTAX);
		check_str_at(i, str_of(why.text),
		             str_fmt(&arena, "rules[0].conditions[0].%s", conditions[i].why));
	}
	check_at(0, rules_of(one_rule("all", "{" C("subject", "regex", "(") "}",
	                              "{\"action\":\"flag\"}"),
	                     &script, &why) == ERR_SYNTAX);
}

/* One past each maximum, and exactly it. */
static void test_limits(void **state)
{
	static const char rule[] = RULE("true", "{\"action\":\"flag\"}");
	struct str script;
	struct why why;
	struct buf json;

	(void)state;
	for (size_t n = RULES_MAX; n <= RULES_MAX + 1; n++) {
		buf_init(&json, MIB(1));
		for (size_t i = 0; i < n; i++)
			buf_fmt(&json, "%s%s", i == 0 ? "{\"rules\":[" : ",", rule);
		buf_put(&json, STR("]}"));
		check_at(n, rules_of(str_z(&arena, buf_str(&json)), &script, &why) ==
		                    (n == RULES_MAX ? OK : ERR_SYNTAX));
		buf_deinit(&json);
	}
	for (size_t n = RULE_VALUE_MAX; n <= RULE_VALUE_MAX + 1; n++) {
		char value[RULE_VALUE_MAX + 2] = "";
		struct str condition;

		memset(value, 'a', n);
		condition = str_fmt(&arena, "{" C("subject", "is", "%s") "}", value);
		check_at(n, rules_of(one_rule("all", str_z(&arena, condition),
		                              "{\"action\":\"flag\"}"),
		                     &script, &why) == (n == RULE_VALUE_MAX ? OK : ERR_SYNTAX));
	}
}

/* Written and read again, the settings and the script are the same. */
static void test_put(void **state)
{
	static const char text[] =
		"{\"rules\":[{\"name\":\"a\",\"on\":true,\"match\":\"any\",\"conditions\":["
		"{\"field\":\"header\",\"header\":\"X-A\",\"op\":\"regex\","
		"\"value\":\"^b\",\"not\":true},"
		"{\"field\":\"attachment\",\"not\":false}],"
		"\"actions\":[{\"action\":\"forward\",\"value\":\"far@remote.example\","
		"\"copy\":true},{\"action\":\"stop\"}]}],"
		"\"forward\":{\"on\":false,\"to\":\"\",\"copy\":false},"
		"\"blocked\":[\"spam.example\"],\"blocked_to\":\"discard\",\"allowed\":[]}";
	struct rules rules;
	struct json_writer w;
	struct json v;
	struct why why;
	struct buf out;

	(void)state;
	assert_true(json_parse(&arena, str_of(text), &v));
	assert_int_equal(rules_read(&arena, v, &rules, &why), OK);
	buf_init(&out, KIB(64));
	json_writer_init(&w, &out);
	rules_put(&w, NULL, &rules);
	check_str_at(0, buf_str(&out), str_of(text));
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_conditions), TEST(test_spam),    TEST(test_match), TEST(test_actions),
		TEST(test_order),      TEST(test_hostile), TEST(test_lines), TEST(test_errors),
		TEST(test_limits),     TEST(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
