/* Scripts of SMTP stages: what each may use, defer and seen (docs/reference/sieve-smtp.md). */
#include "harness/sieve_script.h"

static int stage_reset(void **state)
{
	(void)state;
	script_world.stage = SIEVE_DELIVERY;
	return 0;
}

static void test_errors(void **state)
{
#define NO_MESSAGE(column, word, stage)                                                      \
	"1:" column " \"" word "\" needs the message, which the stage \"" stage              \
	"\" does not have yet"
#define NO_MAILBOX "1:21 \"vacation\" cannot be used in a script of an SMTP stage"
#define ONLY_JUNK "1:21 At an SMTP stage, \"fileinto\" can name \"Junk\" only"
	static const struct {
		enum sieve_stage stage;
		const char *script, *errors;
	} rows[] = {
		{ SIEVE_CONNECT, "if header \"a\" \"b\" {}", NO_MESSAGE("4", "header", "connect") },
		{ SIEVE_EHLO, "if not size :over 1K {}", NO_MESSAGE("8", "size", "ehlo") },
		{ SIEVE_DATA, "if exists \"a\" { redirect \"a@b.example\"; }",
		  NO_MESSAGE("4", "exists", "data") "\n" NO_MESSAGE("17", "redirect", "data") },
		{ SIEVE_END, "if header \"a\" \"b\" { redirect \"a@b.example\"; }", "" },
		{ SIEVE_END, "require \"copy\"; redirect :copy \"a@b.example\";", "" },
		{ SIEVE_END, "require \"editheader\";"
		             "addheader \"X-A\" \"b\"; deleteheader \"X-B\";", "" },
		{ SIEVE_RCPT, "require \"editheader\"; addheader \"X-A\" \"b\";",
		  NO_MESSAGE("23", "addheader", "rcpt") },
		{ SIEVE_EHLO, "require \"envelope\"; if envelope \"from\" \"x\" {}",
		  "1:24 \"envelope\" needs the envelope, which the stage \"ehlo\" does not have "
		  "yet" },
		{ SIEVE_MAIL, "require \"envelope\"; if envelope [\"from\", \"to\"] \"x\" {}",
		  "1:33 The part \"to\" is not known before the stage \"rcpt\"" },
		{ SIEVE_RCPT, "require \"envelope\"; if envelope [\"from\", \"to\"] \"x\" {}", "" },
		{ SIEVE_END, "require \"vacation\"; vacation \"x\";", NO_MAILBOX },
		{ SIEVE_MAIL, "require \"fileinto\"; fileinto \"Junk\";", "" },
		{ SIEVE_MAIL,
		  "require [\"fileinto\", \"special-use\"];"
		  "fileinto :specialuse \"\\\\Junk\" \"Spam\";", "" },
		{ SIEVE_MAIL, "require \"fileinto\"; fileinto \"Trash\";", ONLY_JUNK },
		{ SIEVE_MAIL, "require [\"fileinto\", \"copy\"]; fileinto :copy \"Junk\";",
		  "1:31 At an SMTP stage, \"fileinto\" can name \"Junk\" only" },
		{ SIEVE_MAIL, "require [\"fileinto\", \"variables\"]; fileinto \"${x}\";",
		  "1:36 At an SMTP stage, \"fileinto\" can name \"Junk\" only" },
		{ SIEVE_CONNECT, "require \"vnd.roost.smtp\"; defer \"later\";", "" },
		{ SIEVE_CONNECT, "defer \"later\";",
		  "1:1 \"defer\" needs require \"vnd.roost.smtp\"" },
		{ SIEVE_CONNECT, "require \"vnd.roost.smtp\"; if seen {}",
		  "1:30 \"seen\" needs 1 argument without a tag, and has 0" },
		{ SIEVE_CONNECT,
		  "require \"ihave\"; if ihave \"vnd.roost.smtp\" { defer \"x\"; }", "" },
		/* Scripts of deliveries do not have the extension. */
		{ SIEVE_DELIVERY, "require \"vnd.roost.smtp\";",
		  "1:9 The extension \"vnd.roost.smtp\" is not supported" },
		{ SIEVE_DELIVERY, "defer \"later\";", "1:1 There is no command \"defer\"" },
		{ SIEVE_DELIVERY, "require \"ihave\"; if ihave \"vnd.roost.smtp\" { defer \"x\"; }",
		  "" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		script_world.stage = rows[i].stage;
		check_str_at(i, str_of(script_errors(rows[i].script)), str_of(rows[i].errors));
	}
}

static void test_runs(void **state)
{
	static const struct {
		enum sieve_stage stage;
		const char *script, *want;
	} rows[] = {
		{ SIEVE_RCPT, "require \"vnd.roost.smtp\"; defer \"come back\";",
		  "defer text=come back" },
		{ SIEVE_RCPT, "require \"vnd.roost.smtp\"; keep; defer \"come back\";",
		  "keep, implicit keep, error 1: A rejected message cannot be kept, sent, answered "
		  "or rejected again" },
		{ SIEVE_RCPT,
		  "require [\"vnd.roost.smtp\", \"variables\"]; set \"k\" \"key\";\n"
		  "if not seen :seconds 300 :expire 172800 \"a ${k}\" { defer \"x\"; }",
		  "implicit keep" },
		{ SIEVE_RCPT,
		  "require \"vnd.roost.smtp\";\n"
		  "if not seen :seconds 300 \"a key\" { defer \"x\"; }",
		  "defer text=x" },
		{ SIEVE_DELIVERY,
		  "require \"ihave\"; if ihave \"vnd.roost.smtp\" { defer \"x\"; }"
		  "else { discard; }",
		  "discard" },
		{ SIEVE_MAIL,
		  "require \"ihave\"; if ihave \"vnd.roost.smtp\" { defer \"x\"; }"
		  "else { discard; }",
		  "defer text=x" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		script_world.stage = rows[i].stage;
		check_run(i, rows[i].script, rows[i].want);
	}
}

static void test_names(void **state)
{
	(void)state;
	for (unsigned i = SIEVE_CONNECT; i < SIEVE_STAGES; i++)
		assert_int_equal(sieve_stage_find(str_of(sieve_stage_name(i))), i);
	assert_int_equal(sieve_stage_find(STR("delivery")), SIEVE_DELIVERY);
	assert_int_equal(sieve_stage_find(STR("")), SIEVE_DELIVERY);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_errors, stage_reset),
		cmocka_unit_test_teardown(test_runs, stage_reset),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
