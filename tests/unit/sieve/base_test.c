/* RFC 5228: each test, action and control structure, and the RFC's own examples. */
#include "harness/sieve_script.h"

#include <stdio.h>

#define REQUIRE_FILEINTO "require \"fileinto\"; "
#define UNICODE "require \"comparator-i;unicode-casemap\"; "
#define CASEMAP "header :comparator \"i;unicode-casemap\""
/* "keep" when the test is true, else "discard". */
#define IF(test) "if " test " { keep; } else { discard; }"

struct row {
	const char *script, *want;
};

#define check_rows(rows)                            \
	for (size_t i_ = 0; i_ < COUNT(rows); i_++) \
	check_run(i_, (rows)[i_].script, (rows)[i_].want)

static void test_control(void **state)
{
	static const struct row rows[] = {
		{ "", "implicit keep" },
		{ "# nothing\r\n/* at \n all */", "implicit keep" },
		{ "keep;", "keep" },
		{ "discard;", "discard" },
		{ "stop; discard;", "implicit keep" },
		{ "keep; keep;", "keep" },
		{ "if true { keep; }", "keep" },
		{ "if false { keep; }", "implicit keep" },
		{ "if false { keep; } else { discard; }", "discard" },
		{ "if false { keep; } elsif true { stop; } else { discard; }", "implicit keep" },
		{ "if false { keep; } elsif false { stop; } else { discard; }", "discard" },
		{ "if true { keep; } elsif true { discard; } else { stop; }", "keep" },
		{ "if true { if false { discard; } else { keep; } }", "keep" },
		{ "redirect \"a@example.com\";", "redirect a@example.com" },
		{ "redirect \"Me <a@EXAMPLE.com>\"; redirect \"a@example.com\";",
		  "redirect a@example.com" },
		{ REQUIRE_FILEINTO "fileinto \"INBOX.a\"; fileinto \"b\"; fileinto \"b\";",
		  "fileinto INBOX.a, fileinto b" },
		{ REQUIRE_FILEINTO "fileinto text:\r\n..a\r\n.b\r\n.\r\n;",
		  "1:30 \".a\r\n.b\r\n\" is not the name of a mailbox" },
	};

	(void)state;
	check_rows(rows);
}

static void test_tests(void **state)
{
	static const struct row rows[] = {
		{ IF("not true"), "discard" },
		{ IF("not not true"), "keep" },
		{ IF("anyof (false, true)"), "keep" },
		{ IF("anyof (false, false)"), "discard" },
		{ IF("allof (true, true)"), "keep" },
		{ IF("allof (true, false)"), "discard" },
		{ IF("allof (anyof (false, not false), not allof (true, false))"), "keep" },
		{ IF("not anyof (false, allof (true, not true))"), "keep" },
		{ IF("size :over 100"), "keep" },
		{ IF("size :over 1K"), "discard" },
		{ IF("size :under 1m"), "keep" },
		{ IF("exists \"From\""), "keep" },
		{ IF("exists [\"from\",\"DATE\"]"), "keep" },
		{ IF("exists [\"from\",\"cc\"]"), "discard" },
		{ IF("header \"subject\" \"i have a present for you\""), "keep" },
		{ IF("header :is \"subject\" \"present\""), "discard" },
		{ IF("header :contains [\"cc\", \"subject\"] [\"x\", \"PRESENT\"]"), "keep" },
		{ IF("header :contains :comparator \"i;octet\" \"subject\" \"PRESENT\""),
		  "discard" },
		{ IF("header :matches \"subject\" \"*present*\""), "keep" },
		{ IF("header :matches \"subject\" \"? have * you\""), "keep" },
		{ IF("header :matches \"subject\" \"present*\""), "discard" },
		{ IF("header :is \"cc\" \"\""), "discard" },
		{ IF("header :contains \"cc\" \"\""), "discard" },
		{ IF("header :contains \"subject\" \"\""), "keep" },
		{ IF("not header :matches \"Cc\" \"?*\""), "keep" },
		{ IF("header :contains \"subject:\" \"\""), "discard" },
		{ IF("address \"from\" \"COYOTE@desert.example.org\""), "keep" },
		{ IF("address :domain \"from\" \"desert.example.org\""), "keep" },
		{ IF("address :localpart [\"to\", \"from\"] \"coyote\""), "keep" },
		{ IF("address :all :contains \"from\" \"@\""), "keep" },
		{ IF("address :localpart \"from\" \"desert.example.org\""), "discard" },
		{ "require \"envelope\";" IF("envelope \"from\" \"coyote@desert.example.org\""),
		  "keep" },
		{ "require \"envelope\";" IF("envelope :domain \"TO\" \"acme.example.com\""),
		  "keep" },
		{ "require \"comparator-i;ascii-numeric\";" IF(
			  "header :comparator \"i;ascii-numeric\" \"date\" \"x\""),
		  "keep" },
		{ IF("header :comparator \"i;octet\" :is \"subject\" \"I have a present for you\""),
		  "keep" },
	};

	(void)state;
	check_rows(rows);
}

/* RFC 5228 2.4.2.4 */
static void test_encoded_characters(void **state)
{
	static const struct row rows[] = {
		{ "$${hex:40}", "$@" },
		{ "${hex: 40 }", "@" },
		{ "${HEX: 40}", "@" },
		{ "${hex:40", "${hex:40" },
		{ "${hex:400}", "${hex:400}" },
		{ "${hex:4${hex:30}}", "${hex:40}" },
		{ "${unicode:40}", "@" },
		{ "${ unicode:40}", "${ unicode:40}" },
		{ "${UNICODE:40}", "@" },
		{ "${UnICoDE:0000040}", "@" },
		{ "${Unicode:40}", "@" },
		{ "${Unicode:Cool}", "${Unicode:Cool}" },
		{ "${unicode:ef 20AC}", "\xc3\xaf\xe2\x82\xac" },
		{ "${hex:24 24}", "$$" },
	};
	char script[200], want[200];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(script, sizeof script,
		         "require [\"encoded-character\", \"fileinto\"]; fileinto \"%s\";",
		         rows[i].script);
		snprintf(want, sizeof want, "fileinto %s", rows[i].want);
		check_run(i, script, want);
	}
	check_run(99, "require \"encoded-character\"; redirect \"${unicode:d800}@example.com\";",
	          "1:39 A code after \"${unicode:\" is not a character");
}

static void test_errors(void **state)
{
	static const struct row rows[] = {
		{ "keep", "1:5 A command ends in \";\"" },
		{ "fileinto \"a\";", "1:1 \"fileinto\" needs require \"fileinto\"" },
		{ "require \"nothing\";", "1:9 The extension \"nothing\" is not supported" },
		{ "keep; require \"fileinto\";",
		  "1:7 \"require\" stands before all other commands" },
		{ "if true { keep; ", "1:9 The block has no closing \"}\"" },
		{ "keep; }", "1:7 This \"}\" closes no block" },
		{ "else { keep; }", "1:1 \"else\" has no \"if\" before it" },
		{ "frop; keep :frop; if frop \"a\" { keep \"b\"; }",
		  "1:1 There is no command \"frop\"\n"
		  "1:12 \"keep\" has no argument \":frop\"\n"
		  "1:22 There is no test \"frop\"\n"
		  "1:33 \"keep\" needs 0 arguments without a tag, and has 1" },
		{ "if size 100 { keep; }", "1:4 \"size\" needs a tag that is missing" },
		{ "if size :over :under 100 { keep; }",
		  "1:15 \":under\" and an argument before it exclude each other" },
		{ "if header :is :contains \"a\" \"b\" { keep; }",
		  "1:15 \":contains\" and an argument before it exclude each other" },
		{ "if header \"a\" 3 { keep; }",
		  "1:15 header needs a list of strings, and this is a number" },
		{ "if header :comparator \"i;frop\" \"a\" \"b\" { keep; }",
		  "1:23 There is no comparator \"i;frop\"" },
		{ "if address \"subject\" \"b\" { keep; }",
		  "1:12 The field \"subject\" does not contain addresses" },
		{ "redirect \"frop\";", "1:10 \"frop\" is not a mail address" },
		{ "keep \"open", "1:6 The string has no closing quote" },
		{ "keep text: x\r\n.\r\n;", "1:6 The text begins on the line after \"text:\"" },
		{ "/* keep", "1:1 The comment has no end" },
		{ "if size :over 1 99999999999G { }", "1:17 The number is too large" },
		{ "if anyof true { }", "1:10 A list of tests stands in parentheses" },
		{ "if allof (true { }", "1:16 A list of tests has a comma or \")\" after a test" },
		{ "if { keep; }", "1:4 A test is missing" },
		{ "require [\"fileinto\";", "1:9 The list does not end in \"]\"" },
		{ "keep;\r\n  \xc3\xa9", "2:3 This character belongs in a string or comment" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		check_str_at(i, str_of(script_errors(rows[i].script)), str_of(rows[i].want));
}

/* RFC 5228 2.10.7: fifteen levels each; the end of ours is an error and not a crash. */
static void test_nesting(void **state)
{
	static const struct {
		const char *open, *middle, *close;
	} rows[] = {
		{ "if true {", "discard;", "}" },
		{ "anyof (false, ", "true", ")" },
		{ "not not ", "true", "" },
	};
	char script[4096];

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int levels = 1; levels < 100; levels += 13) {
			struct str want = STR("discard");
			const char *got;
			size_t n = 0;

			if (i != 0)
				n += (size_t)sprintf(script, "if ");
			for (int l = 0; l < levels; l++)
				n += (size_t)sprintf(script + n, "%s", rows[i].open);
			n += (size_t)sprintf(script + n, "%s", rows[i].middle);
			for (int l = 0; l < levels; l++)
				n += (size_t)sprintf(script + n, "%s", rows[i].close);
			if (i != 0)
				sprintf(script + n, " { discard; }");
			got = script_run(script);
			if (levels <= 15)
				check_str_at(i, str_of(got), want);
			else
				check_at(i, str_eq(str_of(got), want) ||
				                    str_find(str_of(got), STR("nested")) > 0);
		}
	}
}

/* RFC 5228 1.2 and 2.4.2, 3.1, 4.1 and 5 have these. */
static void test_examples(void **state)
{
	static const struct row rows[] = {
		{ "if size :over 100k { # this is a comment\n discard;\n}", "implicit keep" },
		{ "if size :over 100K { /* this is a comment\n this is still a comment */ discard "
		  "/* this is a comment\n */ ;\n}",
		  "implicit keep" },
		{ "require \"fileinto\"; if header :contains \"from\" \"coyote\" { discard; }\n"
		  "elsif header :contains [\"subject\"] [\"$$$\"] { discard; }\n"
		  "else { fileinto \"INBOX\"; }",
		  "discard" },
		{ "if header :contains \"from\" \"coyote\" { redirect \"acm@example.com\"; }\n"
		  "elsif header :contains \"subject\" \"$$$\" { redirect "
		  "\"postmaster@example.com\"; } else { redirect \"field@example.com\"; }",
		  "redirect acm@example.com" },
		{ "if not header :contains [\"From\",\"Cc\"] \"frop@example.com\" { discard; }",
		  "discard" },
		{ "if address :is :all \"from\" \"tim@example.com\" { discard; }",
		  "implicit keep" },
		{ "if anyof (not exists [\"From\", \"Date\"], header :contains \"from\" "
		  "\"fool@example.com\") { discard; }",
		  "implicit keep" },
	};

	(void)state;
	check_rows(rows);
}

static void test_header_values(void **state)
{
	(void)state;
	script_world.message = "Subject: =?utf-8?q?caf=C3=A9?=\r\n  =?utf-8?b?IMOcYmVy?=\r\n"
			       "X-Empty:  \r\nX-Twice: one\r\nX-Twice:\r\n two\r\n"
			       "From: =?utf-8?q?J=C3=B6rg?= <j@example.com>, "
			       "group: a@example.net, \"b c\"@example.net;\r\n\r\n";
	check_run(0,
	          IF("header \"subject\" \"caf\xc3\xa9 \xc3\x9c"
	             "ber\""),
	          "keep");
	check_run(1, UNICODE IF(CASEMAP " :contains \"subject\" \"CAF\xc3\x89\""), "keep");
	check_run(2, UNICODE IF(CASEMAP " :matches \"subject\" \"CAF\xc3\x89 ?BER\""), "keep");
	check_run(3, IF("header \"x-empty\" \"\""), "keep");
	check_run(4, IF("header \"x-twice\" \"two\""), "keep");
	check_run(5, IF("address :localpart \"from\" \"b c\""), "keep");
	check_run(6, IF("address \"from\" \"a@example.net\""), "keep");
	script_world.message = NULL;
	script_world.from = "";
	check_run(7, "require \"envelope\";" IF("envelope \"from\" \"\""), "keep");
	check_run(8, "require \"envelope\";" IF("envelope :domain \"from\" \"\""), "keep");
	script_world.from = "coyote@desert.example.org";
}

static void test_limits(void **state)
{
	struct sieve_limits before = script_world.limits;

	(void)state;
	script_world.limits.redirects = 1;
	check_run(0, "redirect \"a@example.com\"; redirect \"b@example.com\";",
	          "redirect a@example.com, implicit keep, "
	          "error 1: The script has more than 1 redirects");
	script_world.limits = before;
	script_world.limits.actions = 1;
	check_run(1, "keep;\n\ndiscard;",
	          "keep, implicit keep, error 3: The script has more than 1 actions");
	script_world.limits = before;
	script_world.limits.steps = 20;
	check_run(2, "keep; if exists [\"a\", \"b\"] { discard; }", "keep");
	script_world.limits.steps = 4;
	check_run(3, "if false { keep; }\r\nif true { keep; }",
	          "implicit keep, error 1: The script takes more than 4 steps");
	script_world.limits = before;
	script_world.limits.errors = 2;
	check_str(str_of(script_errors("a; b; c; d;")),
	          STR("1:1 There is no command \"a\"\n1:4 There is no command \"b\""));
	script_world.limits = before;
	script_world.limits.script_bytes = 4;
	check_str(str_of(script_errors("keep;")), STR("1:1 The script has more than 4 bytes"));
	script_world.limits = before;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_control),       cmocka_unit_test(test_tests),
		cmocka_unit_test(test_errors),        cmocka_unit_test(test_encoded_characters),
		cmocka_unit_test(test_nesting),       cmocka_unit_test(test_examples),
		cmocka_unit_test(test_header_values), cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
