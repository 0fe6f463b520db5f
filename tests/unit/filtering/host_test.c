/* The envelope, the environment and the store, as a script sees them. */
#include "unit/filtering/fixture.h"

#include "foundation/base/fault.h"
#include "model/mailbox/metadata.h"

/* Is the test true? */
static bool holds(const char *require, const char *test)
{
	const struct action *list;

	active(str_z(&arena, str_fmt(&arena, "require [%s]; if %s { discard; } else { keep; }",
	                             require, test)));
	list = run();
	if (list == NULL || list->next != NULL)
		fail_msg("%s: %.*s", test, STR_ARG(actions_text(list)));
	return list->kind == ACTION_DISCARD;
}

#define check_tests(require, rows)                                          \
	for (size_t i_ = 0; i_ < COUNT(rows); i_++)                         \
		if (holds(require, (rows)[i_].test) != (rows)[i_].want)     \
			fail_msg("%s", (rows)[i_].test)

struct row {
	const char *test;
	bool want;
};

static void test_envelope(void **state)
{
	static const struct row rows[] = {
		{ "envelope \"from\" \"eve@remote.example\"", true },
		{ "envelope \"to\" \"ada@example.org\"", false },
		{ "envelope \"to\" \"old@example.org\"", true },
		{ "envelope :domain \"auth\" \"example.org\"", true },
		{ "envelope \"auth\" \"bob@example.org\"", true },
	};

	(void)state;
	rcpt.written = (struct mailaddr){ STR("old"), STR("example.org") };
	envelope.submitter = 2;
	check_tests("\"envelope\"", rows);
	envelope.submitter = 0;
	assert_false(holds("\"envelope\"", "envelope :contains \"auth\" \"\""));
	envelope.sender = (struct mailaddr){ 0 };
	assert_true(holds("\"envelope\"", "envelope \"from\" \"\""));
}

/* RFC 6009 4 and 5 */
static void test_envelope_dsn(void **state)
{
	static const struct row rows[] = {
		{ "envelope \"orcpt\" \"rfc822;a+b@x.example\"", true },
		{ "envelope \"notify\" \"SUCCESS\"", true },
		{ "envelope \"notify\" \"DELAY\"", true },
		{ "envelope \"notify\" \"FAILURE\"", false },
		{ "envelope :count \"eq\" \"notify\" \"2\"", true },
		{ "envelope \"ret\" \"HDRS\"", true },
		{ "envelope \"envid\" \"a+b\"", true },
		{ "envelope \"bymode\" \"return\"", true },
		{ "envelope \"bytrace\" \"trace\"", true },
		{ "envelope :matches \"bytimerelative\" \"-*\"", false },
		{ "envelope :matches \"bytimeabsolute\" \"20*-*T*\"", true },
	};
	static const char *const require = "\"envelope\", \"envelope-dsn\", "
					   "\"envelope-deliverby\", \"relational\"";

	(void)state;
	assert_false(holds(require, "envelope :matches [\"orcpt\", \"notify\", \"ret\", \"envid\","
	                            "\"bymode\", \"bytrace\", \"bytimerelative\"] \"*\""));
	rcpt.orcpt = STR("rfc822;a+2Bb@x.example");
	rcpt.notify = DSN_SUCCESS | DSN_DELAY;
	envelope.flags = ENVELOPE_RET_HDRS;
	envelope.envid = STR("a+2Bb");
	envelope.by_mode = ENVELOPE_BY_RETURN;
	envelope.by_trace = true;
	envelope.by_ms = clock_real_ms() + 100000;
	check_tests(require, rows);
}

static void test_environment(void **state)
{
	static const struct row rows[] = {
		{ "environment \"domain\" \"example.org\"", true },
		{ "environment \"HOST\" \"mail.example.org\"", true },
		{ "environment \"location\" \"MDA\"", true },
		{ "environment \"name\" \"Roost\"", true },
		{ "environment \"phase\" \"during\"", true },
		{ "environment \"remote-host\" \"\"", true },
		{ "environment \"remote-ip\" \"192.0.2.1\"", true },
		{ "environment :matches \"version\" \"?*\"", true },
		{ "environment :contains \"unknown\" \"\"", false },
	};

	(void)state;
	check_tests("\"environment\"", rows);
}

static enum err note_set(const struct mail_txn *m, void *arg)
{
	const struct metadata_entry *entry = arg;
	struct mailbox box;
	enum err e = mailbox_find(m, STR("Archive"), &box);

	return e ? e : metadata_set(m, box.id, entry, 1);
}

static void test_mailboxes(void **state)
{
	static const struct row rows[] = {
		{ "mailboxexists \"Archive\"", true },
		{ "mailboxexists [\"inbox\", \"Archive\"]", true },
		{ "mailboxexists \"No\"", false },
		{ "mailboxexists \"a//b\"", false },
		{ "specialuse_exists \"\\\\Archive\"", true },
		{ "specialuse_exists \"\\\\archive\"", true },
		{ "specialuse_exists \"\\\\Important\"", false },
		{ "specialuse_exists \"Archive\" \"\\\\Archive\"", true },
		{ "specialuse_exists \"INBOX\" \"\\\\Archive\"", false },
		{ "mailboxidexists \"F1-1\"", true },
		{ "mailboxidexists \"F1-999\"", false },
		{ "mailboxidexists \"F2-1\"", false },
		{ "mailboxidexists \"F1-1x\"", false },
		{ "metadata \"Archive\" \"/private/comment\" \"mine\"", true },
		{ "metadata \"Archive\" \"/PRIVATE/Comment\" \"mine\"", true },
		{ "metadata \"INBOX\" \"/private/comment\" \"mine\"", false },
		{ "metadataexists \"Archive\" \"/private/comment\"", true },
		{ "metadataexists \"Archive\" \"no name\"", false },
		{ "metadataexists \"No\" \"/private/comment\"", false },
		{ "servermetadataexists \"/shared/comment\"", false },
	};
	struct metadata_entry entry = { .name = STR("/private/comment"), .value = STR("mine") };

	(void)state;
	s.who = 1;
	assert_int_equal(mail_write(&s, 1, note_set, &entry), OK);
	s.who = 0;
	check_tests("\"mailbox\", \"special-use\", \"mailboxid\", \"mboxmetadata\", "
	            "\"servermetadata\"",
	            rows);
}

static void test_score(void **state)
{
	struct action junk = { .kind = ACTION_KEEP,
		               .why = STR("a check"),
		               .place = { .special_use = STR("\\Junk") } };
	static const struct row rows[] = {
		{ "spamtest \"10\"", true },
		{ "virustest \"0\"", true },
	};

	(void)state;
	assert_true(holds("\"spamtest\", \"virustest\"", "spamtest \"0\""));
	rcpt.actions = &junk;
	check_tests("\"spamtest\", \"virustest\"", rows);
}

/* Each call of the store fails in turn: the caller gets the error, and no actions. */
static void test_faults(void **state)
{
	const struct action *list = NULL;

	(void)state;
	library("other", "keep;");
	active("require [\"mailbox\", \"special-use\", \"mboxmetadata\", \"duplicate\",\r\n"
	       "\"include\", \"vacation\", \"envelope\"];\r\n"
	       "if allof(mailboxexists \"Archive\", specialuse_exists \"\\\\Junk\",\r\n"
	       "not metadataexists \"INBOX\" \"/shared/comment\", not duplicate,\r\n"
	       "envelope \"auth\" \"bob@example.org\")\r\n"
	       "{ include \"other\"; vacation \"x\"; }");
	envelope.submitter = 2;
	for (unsigned n = 1;; n++) {
		enum err e;

		fault_arm(n);
		e = filtering_run(&mail, &arena, &list);
		if (!fault_fired())
			break;
		check_at(n, e != OK && list == NULL);
	}
	fault_arm(0);
	check_str(actions_text(list),
	          STR("reply eve@remote.example once=604800 (script main, line 6: vacation)\n"
	              "remember once=604800 (script main: duplicate)\n"
	              "keep (script main, line 1: keep)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_envelope),  TEST(test_envelope_dsn), TEST(test_environment),
		TEST(test_mailboxes), TEST(test_score),        TEST(test_faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
