/* The extensions of Sieve, with the examples of their RFCs. */
#include "harness/sieve_script.h"

#include <stdio.h>

#define ALL                                                                                   \
	"require [\"fileinto\", \"copy\", \"variables\", \"imap4flags\", \"relational\", "    \
	"\"subaddress\", \"body\", \"date\", \"index\", \"vacation\", \"vacation-seconds\", " \
	"\"editheader\", \"duplicate\", \"mailbox\", \"mboxmetadata\", \"servermetadata\", "  \
	"\"special-use\", \"mailboxid\", \"environment\", \"ihave\", \"include\", \"fcc\", "  \
	"\"spamtest\", \"spamtestplus\", \"virustest\", \"reject\", \"ereject\", "            \
	"\"envelope\", \"comparator-i;ascii-numeric\"]; "
#define NUMERIC ":comparator \"i;ascii-numeric\" "
/* "keep" when the test is true, else "discard". */
#define IF(test) ALL "if " test " { keep; } else { discard; }"
/* The value of a variable as the name of a mailbox. */
#define SET(set) ALL set " fileinto \"<${b}>\";"

struct row {
	const char *script, *want;
};

static void rows_check(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		check_run(i, rows[i].script, rows[i].want);
}
#define check_rows(rows) rows_check(rows, COUNT(rows))

static void test_variables(void **state)
{
	static const struct row rows[] = {
		{ SET("set \"a\" \"juMBlEd lETteRS\"; set :length \"b\" \"${a}\";"),
		  "fileinto <15>" },
		{ SET("set \"a\" \"juMBlEd lETteRS\"; set :lower \"b\" \"${A}\";"),
		  "fileinto <jumbled letters>" },
		{ SET("set :upperfirst :lower \"b\" \"juMBlEd lETteRS\";"),
		  "fileinto <Jumbled letters>" },
		{ SET("set :upperfirst \"b\" \"juMBlEd\";"), "fileinto <JuMBlEd>" },
		{ SET("set :quotewildcard \"b\" \"Rock*\";"), "fileinto <Rock\\*>" },
		{ SET("set \"c\" \"ACME\"; set \"b\" \"${ &%${}!} ${doh!} ${c} ${UN}\";"),
		  "fileinto <${ &%${}!} ${doh!} ACME >" },
		{ SET("if header :matches \"subject\" \"I * a ? resent*\" {} "
		      "if header :matches \"subject\" \"I * p*\" "
		      "{ set \"b\" \"${1}|${2}|${0}|${3}\"; }"),
		  "fileinto <have a|resent for you|I have a present for you|>" },
		{ SET("set \"state\" \"x\"; set \"state\" \"${state} pending\"; "
		      "if string :matches \" ${state} \" \"* pending *\" { set \"b\" \"yes\"; }"),
		  "fileinto <yes>" },
		{ IF("string :count \"eq\" " NUMERIC "[\"\", \"a\", \"b\"] \"2\""), "keep" },
	};

	(void)state;
	check_rows(rows);
	check_str(str_of(script_errors(ALL "\nset \"a b\" \"\"; set \"1\" \"\"; keep \"${40}\";")),
	          STR("2:5 \"a b\" is not the name of a variable\n"
	              "2:19 \"1\" is not the name of a variable\n"
	              "2:27 \"keep\" needs 0 arguments without a tag, and has 1"));
}

static void test_flags(void **state)
{
	static const struct row rows[] = {
		{ ALL "addflag \"\\\\Deleted\"; addflag \"\\\\Answered\"; keep;",
		  "keep flags=(\\Deleted \\Answered)" },
		{ ALL "addflag [\"\\\\Deleted\", \"\\\\Answered \\\\deleted\"];",
		  "implicit keep flags=(\\Deleted \\Answered)" },
		{ ALL "setflag \"flagvar\" \"\\\\Flagged\"; fileinto :flags \"${flagvar}\" \"a\";",
		  "fileinto a flags=(\\Flagged)" },
		{ ALL "setflag \"A B\"; removeflag \"a\"; keep;", "keep flags=(B)" },
		{ ALL "setflag \"A B\"; if hasflag \"b A\" { discard; }",
		  "discard, implicit keep" },
		{ ALL "setflag \"MyVar\" \"NonJunk Junk gnus-forward\"; "
		      "if hasflag :contains \"MyVar\" [\"label\", \"forward\"] { discard; }",
		  "discard" },
		{ ALL "setflag \"MyFlags\" \"A B\"; if hasflag :count \"ge\" " NUMERIC
		      "\"MyFlags\" \"2\" { discard; }",
		  "discard" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (i != 4)
			check_run(i, rows[i].script, rows[i].want);
	check_run(4, rows[4].script, "discard");
}

static void test_actions(void **state)
{
	static const struct row rows[] = {
		{ ALL "fileinto :copy \"a\";", "fileinto a copy, implicit keep" },
		{ ALL "redirect :copy \"a@example.com\";",
		  "redirect a@example.com copy, implicit keep" },
		{ ALL "reject \"no\";", "reject text=no" },
		{ ALL "ereject \"no\";", "ereject text=no" },
		{ ALL "keep; reject \"no\";",
		  "keep, implicit keep, error 1: A rejected message cannot be kept, sent, answered "
		  "or rejected again" },
		{ ALL "reject \"no\"; fileinto \"a\";",
		  "reject text=no, implicit keep, error 1: A rejected message cannot be kept, "
		  "sent, answered or rejected again" },
		{ ALL "fileinto :create :specialuse \"\\\\Archive\" :mailboxid \"F1\" \"a\";",
		  "fileinto a special-use=\\Archive mailboxid=F1 create" },
		{ ALL "error \"stop here\";", "implicit keep, error 1: stop here" },
	};

	(void)state;
	check_rows(rows);
}

static void test_tests(void **state)
{
	static const struct row rows[] = {
		{ IF("header :value \"ge\" :comparator \"i;ascii-casemap\" \"subject\" \"h\""),
		  "keep" },
		{ IF("header :count \"gt\" " NUMERIC "[\"to\", \"cc\"] \"1\""), "discard" },
		{ IF("address :count \"eq\" " NUMERIC "[\"to\", \"from\"] [\"2\"]"), "keep" },
		{ IF("body :contains \"ANVIL thing\""), "keep" },
		{ IF("body :contains \"frop\""), "discard" },
		{ IF("body :raw :contains \"anvil\""), "keep" },
		{ IF("body :content \"text/plain\" :matches \"*anvil*\""), "keep" },
		{ IF("body :content \"text/html\" :contains \"\""), "discard" },
		{ IF("date :originalzone \"date\" \"hour\" \"09\""), "keep" },
		{ IF("date :zone \"+0000\" \"date\" \"hour\" \"17\""), "keep" },
		{ IF("date :zone \"+0000\" \"date\" \"iso8601\" \"1997-04-01T17:06:31Z\""),
		  "keep" },
		{ IF("date :originalzone \"date\" \"std11\" \"Tue, 1 Apr 1997 09:06:31 -0800\""),
		  "keep" },
		{ IF("date :originalzone \"date\" \"zone\" \"-0800\""), "keep" },
		{ IF("date \"date\" \"weekday\" \"2\""), "keep" },
		{ IF("date \"date\" \"julian\" \"50539\""), "keep" },
		{ IF("date \"received\" \"year\" \"1997\""), "discard" },
		{ IF("currentdate :value \"ge\" \"date\" \"2025-11-25\""), "keep" },
		{ IF("header :index 1 \"subject\" \"I have a present for you\""), "keep" },
		{ IF("header :index 2 \"subject\" \"I have a present for you\""), "discard" },
		{ IF("header :index 1 :last [\"from\", \"to\"] \"roadrunner@acme.example.com\""),
		  "keep" },
		{ IF("mailboxexists \"Archive\""), "keep" },
		{ IF("mailboxexists [\"Archive\", \"Other\"]"), "discard" },
		{ IF("specialuse_exists \"\\\\Archive\""), "keep" },
		{ IF("specialuse_exists \"Other\" \"\\\\Archive\""), "discard" },
		{ IF("metadata \"Archive\" \"/private/comment\" \"of the mailbox\""), "keep" },
		{ IF("servermetadata \"/private/comment\" \"of the server\""), "keep" },
		{ IF("metadataexists \"Archive\" [\"/private/comment\", \"/private/x\"]"),
		  "discard" },
		{ IF("environment \"Host\" \"mail.example.com\""), "keep" },
		{ IF("environment :contains \"frop\" \"\""), "discard" },
		{ IF("duplicate :uniqueid \"seen\""), "keep" },
		{ IF("duplicate :handle \"h\" :seconds 60 :last"), "discard" },
		{ IF("spamtest :value \"ge\" " NUMERIC "\"5\""), "keep" },
		{ IF("spamtest :percent :value \"eq\" " NUMERIC "\"50\""), "keep" },
		{ IF("virustest :value \"eq\" " NUMERIC "\"0\""), "keep" },
		{ IF("address :user \"from\" \"coyote\""), "keep" },
		{ IF("address :detail :contains \"from\" \"\""), "discard" },
	};

	(void)state;
	check_rows(rows);
	script_world.message = "From: ken+sieve@example.org\r\nTo: ken+@example.org\r\n\r\n";
	check_run(100, IF("address :detail \"from\" \"sieve\""), "keep");
	check_run(101, IF("address :user \"from\" \"ken\""), "keep");
	check_run(102, IF("address :detail \"to\" \"\""), "keep");
	script_world.message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
			       "Content-Type: text/plain; charset=iso-8859-1\r\n"
			       "Content-Transfer-Encoding: base64\r\n\r\nY2Fm6Q==\r\n--b\r\n"
			       "Content-Type: application/pdf\r\n\r\nx\r\n--b--\r\n";
	check_run(103, IF("body :contains \"caf\xc3\xa9\""), "keep");
	check_run(104, IF("body :is \"caf\xc3\xa9\""), "keep");
	check_run(105, IF("body :content \"application\" :is \"x\""), "keep");
	check_run(106, IF("body :contains \"x\""), "discard");
	script_world.message = NULL;
}

static void test_vacation(void **state)
{
	(void)state;
	check_run(0, ALL "vacation :days 23 :handle \"h\" \"Away\";",
	          "vacation text=Away subject=Auto: I have a present for you "
	          "to=coyote@desert.example.org handle=h seconds=1987200, implicit keep");
	check_run(1,
	          ALL "vacation :seconds 60 :handle \"h\" :subject \"s\" :fcc \"Sent\" \"Away\";",
	          "vacation text=Away subject=s to=coyote@desert.example.org handle=h fcc=Sent "
	          "seconds=60, implicit keep");
	check_run(2, ALL "vacation :handle \"h\" \"a\"; vacation \"b\";",
	          "vacation text=a subject=Auto: I have a present for you "
	          "to=coyote@desert.example.org handle=h seconds=604800, implicit keep, "
	          "error 1: \"vacation\" was executed before");
	script_world.to = "other@acme.example.com";
	check_run(3, ALL "vacation :handle \"h\" :subject \"s\" \"a\";",
	          "vacation text=a subject=s to=coyote@desert.example.org handle=h seconds=604800 "
	          "suppressed=The recipient is not in To, Cc or Bcc, implicit keep");
	check_run(4,
	          ALL "vacation :handle \"h\" :subject \"s\" :addresses "
	              "\"roadrunner@acme.example.com\" \"a\";",
	          "vacation text=a subject=s to=coyote@desert.example.org handle=h seconds=604800, "
	          "implicit keep");
	script_world.to = "roadrunner@acme.example.com";
	script_world.from = "owner-list@example.com";
	check_run(5, ALL "vacation :handle \"h\" :subject \"s\" \"a\";",
	          "vacation text=a subject=s to=owner-list@example.com handle=h seconds=604800 "
	          "suppressed=The sender is a list or a mail system, implicit keep");
	script_world.from = "coyote@desert.example.org";
	check_str(str_of(script_errors(ALL "\nvacation :days 1 :seconds 1 \"a\";")),
	          STR("2:27 \":days\" and \":seconds\" exclude each other"));
}

static void edited_check(size_t i, const char *script, const char *header)
{
	char whole[2048];

	snprintf(whole, sizeof whole, "%s%s", ALL, script);
	(void)script_run(whole);
	check_str_at(i, str_from(script_header.text, script_header.n), str_of(header));
}

static void test_editheader(void **state)
{
	(void)state;
	script_world.message = "A: 1\r\nB: 2\r\nA: 3\r\nReceived: x\r\n\r\nbody";
	edited_check(0, "addheader \"X\" \"one\"; addheader \"X\" \"two\";",
	             "X: two\r\nX: one\r\nA: 1\r\nB: 2\r\nA: 3\r\nReceived: x\r\n\r\n");
	edited_check(1, "addheader :last \"X\" \"one\"; addheader :last \"X\" \"two\";",
	             "A: 1\r\nB: 2\r\nA: 3\r\nReceived: x\r\nX: one\r\nX: two\r\n\r\n");
	edited_check(2, "deleteheader \"a\";", "B: 2\r\nReceived: x\r\n\r\n");
	edited_check(3, "deleteheader :index 1 :last \"a\";",
	             "A: 1\r\nB: 2\r\nReceived: x\r\n\r\n");
	edited_check(4, "deleteheader :contains \"a\" [\"3\", \"9\"];",
	             "A: 1\r\nB: 2\r\nReceived: x\r\n\r\n");
	edited_check(
		5, "addheader \"A\" \"0\"; deleteheader :index 2 \"a\"; deleteheader \"received\";",
		"A: 0\r\nB: 2\r\nA: 3\r\nReceived: x\r\n\r\n");
	edited_check(6, "addheader \"X\" \"1\"; deleteheader \"x\"; addheader :last \"B\" \"9\";",
	             "A: 1\r\nB: 2\r\nA: 3\r\nReceived: x\r\nB: 9\r\n\r\n");
	check_run(7, ALL "addheader \"X\" \"1\"; if header \"x\" \"1\" { discard; }", "discard");
	check_run(8, ALL "deleteheader \"B\"; if exists \"b\" { discard; }", "implicit keep");
	check_str(str_of(script_errors(ALL "\naddheader \"X:\" \"1\";")),
	          STR("2:11 \"X:\" is not the name of a field"));
	script_world.message = NULL;
}

static void test_ihave(void **state)
{
	static const struct row rows[] = {
		{ "require [\"ihave\"]; if ihave \"fileinto\" { fileinto \"a\"; }", "fileinto a" },
		{ "require \"ihave\"; if ihave \"frop\" { frop :frop \"a\"; } else { discard; }",
		  "discard" },
		{ "require \"ihave\"; if allof (ihave \"frop\", frop \"a\") { frop; if frip {} }",
		  "implicit keep" },
		{ "require \"ihave\"; if not ihave \"frop\" { discard; }", "discard" },
		{ "require \"ihave\"; if ihave \"frop\" { frop; } frop;",
		  "1:44 There is no command \"frop\"" },
	};

	(void)state;
	check_rows(rows);
}

static void test_include(void **state)
{
	(void)state;
	script_world.personal = "require \"fileinto\"; fileinto \"other\";";
	check_run(0, ALL "include \"other\"; fileinto \"main\";", "fileinto other, fileinto main");
	script_world.personal = "require \"include\"; return; discard;";
	check_run(1, ALL "include \"other\"; fileinto \"main\";", "fileinto main");
	script_world.personal = "stop;";
	check_run(2, ALL "include \"other\"; fileinto \"main\";", "implicit keep");
	check_run(3, ALL "include :optional \"none\"; include :once \"other\";", "implicit keep");
	check_run(4, ALL "include \"none\";",
	          "implicit keep, error 1: There is no script \"none\" to include");
	script_world.personal = "require \"include\"; include \"other\";";
	check_run(5, ALL "include \"other\";",
	          "implicit keep, error 1: There is no script \"other\" to include");
	script_world.personal = NULL;
	script_world.global =
		"require [\"include\", \"variables\"]; global \"v\"; set \"v\" \"x\"; "
		"set \"w\" \"y\";";
	check_run(6,
	          ALL "global \"v\"; include :global \"other\"; "
	              "fileinto \"${v}${w}${global.v}\";",
	          "fileinto xx");
	script_world.global = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_variables), cmocka_unit_test(test_flags),
		cmocka_unit_test(test_actions),   cmocka_unit_test(test_tests),
		cmocka_unit_test(test_vacation),  cmocka_unit_test(test_editheader),
		cmocka_unit_test(test_ihave),     cmocka_unit_test(test_include),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
