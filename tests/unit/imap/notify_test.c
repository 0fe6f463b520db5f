/* NOTIFY (RFC 5465): its grammar, which mailboxes a filter means, and what a session keeps. What
 * it tells is in the transcripts. */
#include "unit/imap/session_fixture.h"

#include "model/mailbox/changes.h"
#include "protocols/imap/notify/notifying.h"
#include "protocols/imap/search/filter.h"
#include "protocols/imap/session.h"

/* --- grammar ---------------------------------------------------------------------------- */

#define BOTH "MessageNew MessageExpunge"

static const struct grammar_row {
	const char *text;
	bool ok;
	size_t groups;
	unsigned events, selected;
	bool status, delayed, atts;
} grammar_rows[] = {
	{ "NONE", true, 0, 0, 0, false, false, false },
	{ "none", true, 0, 0, 0, false, false, false },
	{ "NONE ", false, 0, 0, 0, false, false, false },
	{ "SET (personal NONE)", true, 1, 0, 0, false, false, false },
	{ "set status (Personal (" BOTH "))", true, 1, 3, 0, true, false, false },
	{ "SET (selected (" BOTH " FlagChange))", true, 0, 7, 7, false, false, false },
	{ "SET (selected-delayed (" BOTH "))", true, 0, 3, 3, false, true, false },
	{ "SET (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (FROM TO)]) MessageExpunge))",
	  true, 0, 3, 3, false, false, true },
	{ "SET (selected (MessageExpunge MessageNew (UID)))", true, 0, 3, 3, false, false, true },
	{ "SET (selected NONE) (inboxes (MailboxName))", true, 1, 8, 0, false, false, false },
	{ "SET (subtree (a \"b c\") (ServerMetadataChange)) (mailboxes x (MailboxMetadataChange "
	  "SubscriptionChange))",
	  true, 2, 0x70, 0, false, false, false },
	/* What will be defined one day is for the command to refuse; it may want nothing else. */
	{ "SET (personal (FutureEvent FlagChange))", true, 1, 0x84, 0, false, false, false },
	{ "SET (selected (AnnotationChange))", true, 0, 0x80, 0x80, false, false, false },
	{ "SET", false, 0, 0, 0, false, false, false },
	{ "SET STATUS", false, 0, 0, 0, false, false, false },
	{ "SET (personal)", false, 0, 0, 0, false, false, false },
	{ "SET (personal ())", false, 0, 0, 0, false, false, false },
	{ "SET (personal (MessageNew))", false, 0, 0, 0, false, false, false },
	{ "SET (personal (FlagChange MessageNew))", false, 0, 0, 0, false, false, false },
	{ "SET (personal (MessageNew (UID) MessageExpunge))", false, 0, 0, 0, false, false, false },
	{ "SET (selected (MailboxName))", false, 0, 0, 0, false, false, false },
	{ "SET (selected NONE) (selected NONE)", false, 0, 0, 0, false, false, false },
	{ "SET (selected (MessageNew () MessageExpunge))", false, 0, 0, 0, false, false, false },
	{ "SET (subtree-one a (" BOTH "))", false, 0, 0, 0, false, false, false },
	{ "SET (subtree () (" BOTH "))", false, 0, 0, 0, false, false, false },
	{ "SET (mailboxes (" BOTH "))", false, 0, 0, 0, false, false, false },
	{ "SET (anything (" BOTH "))", false, 0, 0, 0, false, false, false },
	{ "SET (personal (" BOTH "))x", false, 0, 0, 0, false, false, false },
};

static bool parse(struct str text, struct arena *a, struct imap_notify *out)
{
	struct cur c = cur_of(text);

	return imap_notify_parse(&c, a, true, out) && cur_done(&c);
}

static void test_grammar(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(grammar_rows); i++) {
		const struct grammar_row *row = &grammar_rows[i];
		struct str text = str_of(row->text);
		struct arena a = { 0 };
		struct imap_notify n;

		check_at(i, parse(text, &a, &n) == row->ok);
		if (row->ok) {
			check_at(i, n.n == row->groups && n.events == row->events);
			check_at(i, n.selected.events == row->selected && n.status == row->status);
			check_at(i, n.selected.delayed == row->delayed);
			check_at(i, n.selected.has_atts == row->atts);
		}
		for (size_t cut = 0; row->ok && cut < text.n; cut++) { /* no part of it is whole */
			bool whole = parse(str_sub(text, 0, cut), &a, &n);

			check_at(i, !whole || (cut < text.n && text.p[cut] == ' '));
		}
		arena_deinit(&a);
	}
}

/* One more group, or one more name, than there may be. */
static void test_grammar_limits(void **state)
{
	struct arena a = { 0 };
	struct imap_notify n;
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_put(&b, STR("SET"));
	for (size_t i = 0; i < IMAP_NOTIFY_GROUPS; i++)
		buf_put(&b, STR(" (personal NONE)"));
	assert_true(parse(buf_str(&b), &a, &n));
	buf_put(&b, STR(" (personal NONE)"));
	assert_false(parse(buf_str(&b), &a, &n));
	buf_reset(&b);
	buf_put(&b, STR("SET (mailboxes (x"));
	for (size_t i = 1; i < IMAP_FILTER_NAMES; i++)
		buf_put(&b, STR(" x"));
	buf_put(&b, STR(") NONE)"));
	assert_true(parse(buf_str(&b), &a, &n));
	assert_int_equal(n.names, IMAP_FILTER_NAMES);
	buf_cut(&b, b.n - 7);
	buf_put(&b, STR(" x) NONE)"));
	assert_false(parse(buf_str(&b), &a, &n));
	buf_deinit(&b);
	arena_deinit(&a);
}

/* --- filters ---------------------------------------------------------------------------- */

static const struct filter_row {
	const char *filter, *name;
	bool foreign, subscribed, has;
} filter_rows[] = {
	{ "personal", "INBOX", false, false, true },
	{ "personal", "Other Users/a@b/INBOX", true, true, false },
	{ "inboxes", "Lists/x", false, false, true },
	{ "inboxes", "Shared/a@b/x", true, false, false },
	{ "subscribed", "Shared/a@b/x", true, true, true },
	{ "subscribed", "INBOX", false, false, false },
	{ "selected", "INBOX", false, true, false },
	{ "selected-delayed", "INBOX", false, true, false },
	{ "mailboxes (a b)", "b", false, false, true },
	{ "mailboxes a", "a/b", false, false, false },
	{ "mailboxes A", "a", false, false, false },
	{ "mailboxes inbox", "INBOX", false, false, true },
	{ "mailboxes \"*\"", "a", false, false, false },
	{ "mailboxes \"Other Users/A@B/inbox\"", "Other Users/a@b/INBOX", true, false, true },
	{ "mailboxes \"Other Users/a@b/x\"", "Shared/a@b/x", true, false, false },
	{ "subtree a", "a", false, false, true },
	{ "subtree a", "a/b/c", false, false, true },
	{ "subtree a", "ab", false, false, false },
	{ "subtree a/b", "a", false, false, false },
	{ "subtree \"\"", "a", false, false, true },
	{ "subtree \"Other Users\"", "Other Users/a@b/x", true, false, true },
	{ "subtree \"Other Users/A@b\"", "Other Users/a@b/x/y", true, false, true },
	{ "subtree \"Other Users/a@b/x\"", "Other Users/a@b/x/y", true, false, true },
	{ "subtree \"Other Users/a@b/x\"", "Other Users/a@c/x/y", true, false, false },
	{ "subtree-one a", "a", false, false, true },
	{ "subtree-one a", "a/b", false, false, true },
	{ "subtree-one a", "a/b/c", false, false, false },
	{ "subtree-one \"Shared/a@b\"", "Shared/a@b/x", true, false, true },
};

static void test_filters(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(filter_rows); i++) {
		const struct filter_row *row = &filter_rows[i];
		struct imap_filtered box = { str_of(row->name), row->foreign, row->subscribed };
		struct cur c = cur_of(str_of(row->filter));
		struct arena a = { 0 };
		struct imap_filter filter;

		check_at(i, imap_filter_parse(&c, &a, true, &filter) && cur_done(&c));
		check_at(i, imap_filter_has(&filter, &box) == row->has);
		arena_deinit(&a);
	}
}

/* --- what is kept ----------------------------------------------------------------------- */

#define EVERYTHING                                                       \
	"n NOTIFY SET STATUS (personal (" BOTH " FlagChange MailboxName " \
	"SubscriptionChange MailboxMetadataChange ServerMetadataChange))"

static const char overflowed[] = "* OK [NOTIFICATIONOVERFLOW] Too many notifications\r\n";

/* What a session would be told when it reads again after the log has forgotten. */
static void test_forgotten(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	const struct imap *s = conn_session(c);
	struct email_appended done;
	struct mailbox inbox = mail_box(&f.mail, f.account, "INBOX");

	(void)state;
	f.mail.mailboxes.changes_kept = 64;
	ask(c, EVERYTHING, "n OK NOTIFY completed\r\n");
	buf_reset(&c->sent);
	for (int i = 0; i < 300; i++)
		assert_int_equal(mail_do_append(&f.mail, f.account, inbox.id, STR("\r\nx\r\n"),
		                                (struct flags){ 0 }, &done),
		                 OK);
	fake_settle();
	check_str(buf_str(&c->sent), str_of(overflowed));
	assert_true(s->notify && s->notify->account_n == 0 && s->notify->n == 0);
	/* As after NOTIFY NONE: the selected mailbox is silent, too. */
	ask(c, "a SELECT INBOX", "a OK [READ-WRITE] SELECT completed\r\n");
	imap_fixture_deliver(&f, "INBOX", STR("x"));
	fake_settle();
	check_str(ask(c, "b NOOP", "b OK NOOP completed\r\n"), STR("b OK NOOP completed\r\n"));
	ask(c, EVERYTHING, "n OK NOTIFY completed\r\n");
}

static void test_too_many(void **state)
{
	struct conn *c;

	(void)state;
	f.server.notify_mailboxes = 10; /* there are 6 */
	c = imap_fixture_login(&f, 0);
	ask(c, "n NOTIFY SET (personal (MailboxName))", "n OK NOTIFY completed\r\n");
	for (int i = 0; i < 4; i++) {
		char name[] = { 'x', (char)('0' + i), 0 };

		assert_int_equal(mail_do_create(&f.mail, f.account, name), OK);
	}
	buf_reset(&c->sent);
	fake_settle();
	assert_int_equal(count(buf_str(&c->sent), "* LIST ("), 4);
	buf_reset(&c->sent);
	assert_int_equal(mail_do_create(&f.mail, f.account, "x4"), OK);
	fake_settle();
	check_str(buf_str(&c->sent), str_of(overflowed));
	/* And from the start; what was asked for before goes on. */
	assert_int_equal(mail_do_delete(&f.mail, f.account, "x4"), OK);
	ask(c, "n NOTIFY SET (personal (MailboxName))", "n OK NOTIFY completed\r\n");
	f.server.notify_mailboxes = 9;
	ask(c, "n NOTIFY SET (personal (SubscriptionChange))",
	    "n NO [NOTIFICATIONOVERFLOW] Too many mailboxes\r\n");
	f.server.notify_mailboxes = 10;
	buf_reset(&c->sent);
	assert_int_equal(mail_do_delete(&f.mail, f.account, "x3"), OK);
	fake_settle();
	check_str(buf_str(&c->sent), STR("* LIST (\\NonExistent) \"/\" x3\r\n"));
}

/* What ENABLE METADATA brings ends; the rest of an IDLE does not. */
static void test_too_many_amid_idle(void **state)
{
	struct conn *c;

	(void)state;
	f.server.notify_mailboxes = 7; /* there are 6 */
	c = imap_fixture_login(&f, 0);
	ask(c, "m ENABLE METADATA", "m OK ENABLE completed\r\n");
	ask(c, "s SELECT INBOX", "s OK [READ-WRITE] SELECT completed\r\n");
	ask(c, "i IDLE", "+ idling\r\n");
	buf_reset(&c->sent);
	assert_int_equal(mail_do_create(&f.mail, f.account, "x1"), OK);
	assert_int_equal(mail_do_create(&f.mail, f.account, "x2"), OK);
	fake_settle();
	check_str(buf_str(&c->sent), str_of(overflowed));
	buf_reset(&c->sent);
	imap_fixture_deliver(&f, "INBOX", STR("x"));
	fake_settle();
	check_str(buf_str(&c->sent), STR("* 1 EXISTS\r\n* 1 RECENT\r\n"));
}

static void many_make(int n)
{
	struct arena a = { 0 };

	for (int i = 0; i < n; i++)
		assert_int_equal(mail_do_create(&f.mail, f.account,
		                                str_z(&a, str_fmt(&a, "Lists/%04d", i))),
		                 OK);
	arena_deinit(&a);
}

/* Of many mailboxes the output never holds more than a client that does not read may cost, and
 * what happens twice before it reads is told once. */
static void test_many(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };

	(void)state;
	f.mail.mailboxes.mailboxes_max = 2000;
	many_make(1000);
	c->most = 0;
	ask(c, EVERYTHING, "n OK NOTIFY completed\r\n");
	assert_int_equal(count(buf_str(&c->sent), "* STATUS Lists/"), 1000);
	assert_true(c->most < 2 * CONN_OUT_SOFT);
	for (int twice = 0; twice < 2; twice++)
		for (int i = 0; i < 1000; i++)
			imap_fixture_deliver(&f, str_z(&a, str_fmt(&a, "Lists/%04d", i)), STR("x"));
	buf_reset(&c->sent);
	c->most = 0;
	fake_settle();
	assert_int_equal(count(buf_str(&c->sent), "* STATUS Lists/"), 1000);
	assert_int_equal(count(buf_str(&c->sent), "(MESSAGES 2 UIDNEXT 3 UNSEEN 2)"), 1000);
	assert_true(c->most < 2 * CONN_OUT_SOFT);
	arena_deinit(&a);
}

/* The server stops amid a message that it was telling: no BYE in the middle of a literal. */
static void test_stop_amid_message(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *other = imap_fixture_login(&f, 1);
	const struct imap *s = conn_session(c);
	struct buf big;

	(void)state;
	big_message(&big, 900000);
	ask(c, "a SELECT INBOX", "a OK [READ-WRITE] SELECT completed\r\n");
	ask(c, "b NOTIFY SET (selected (MessageNew (BODY.PEEK[]) MessageExpunge))",
	    "b OK NOTIFY completed\r\n");
	buf_reset(&c->sent);
	append(other, buf_str(&big));
	c->steps_left = 1;
	fake_run(c, 0);
	assert_int_equal(count(buf_str(&c->sent), "* 1 EXISTS\r\n"), 1);
	assert_true(imap_notify_talking(s));
	c->steps_left = 0;
	fake_run(c, CONN_STOP);
	assert_true(c->closed);
	assert_int_equal(count(buf_str(&c->sent), "BYE"), 0);
	buf_deinit(&big);
}

/* Whole, with commands waiting behind it: they come after the response. */
static void test_message_whole(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *other = imap_fixture_login(&f, 1);
	struct str said;
	struct buf big;

	(void)state;
	big_message(&big, 900000);
	ask(c, "a SELECT INBOX", "a OK [READ-WRITE] SELECT completed\r\n");
	ask(c, "b NOTIFY SET (selected (MessageNew (BODY.PEEK[] BINARY.PEEK[1]) MessageExpunge))",
	    "b OK NOTIFY completed\r\n");
	buf_reset(&c->sent);
	append(other, buf_str(&big));
	c->steps_left = 1;
	fake_run(c, 0);
	c->steps_left = 0;
	fake_send(c, STR("c NOOP\r\nd NOOP\r\n"), SIZE_MAX);
	said = buf_str(&c->sent);
	assert_true(str_starts(said, STR("* 1 EXISTS\r\n* 1 RECENT\r\n* 1 FETCH (BODY[] {")));
	assert_true(str_ends(said, STR(")\r\nc OK NOOP completed\r\nd OK NOOP completed\r\n")));
	assert_true(str_find(said, buf_str(&big)) > 0);
	buf_deinit(&big);
}

/* What comes while a message is told, and what wakes the session then, is told behind it. */
static void test_more_meanwhile(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0), *other = imap_fixture_login(&f, 1);
	struct buf big;

	(void)state;
	big_message(&big, 900000);
	ask(c, "a SELECT INBOX", "a OK [READ-WRITE] SELECT completed\r\n");
	ask(c, "b NOTIFY SET (selected (MessageNew (UID BODY.PEEK[]) MessageExpunge))",
	    "b OK NOTIFY completed\r\n");
	buf_reset(&c->sent);
	append(other, buf_str(&big));
	c->steps_left = 1;
	fake_run(c, 0);
	append(other, STR("Subject: small\r\n\r\n"));
	c->steps_left = 1;
	fake_run(c, 0);
	assert_int_equal(count(buf_str(&c->sent), "* 2 EXISTS"), 0);
	c->steps_left = 0;
	fake_settle();
	assert_int_equal(count(buf_str(&c->sent), ")\r\n* 2 EXISTS\r\n"), 1);
	assert_true(str_ends(buf_str(&c->sent), STR("Subject: small\r\n\r\n)\r\n")));
	buf_deinit(&big);
}

/* A session without NOTIFY has no more than a pointer, nor one that begins anew. */
static void test_nothing_kept(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	const struct imap *s = conn_session(c);

	(void)state;
	assert_null(s->notify);
	ask(c, EVERYTHING, "n OK NOTIFY completed\r\n");
	assert_non_null(s->notify);
	ask(c, "u UNAUTHENTICATE", "u OK UNAUTHENTICATE completed\r\n");
	assert_null(s->notify);
	assert_false(imap_notify_muted(s));
}

/* Names in all filters together. */
static void test_names_in_all(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct buf b;

	(void)state;
	buf_init(&b, 1 << 20);
	buf_put(&b, STR("n NOTIFY SET"));
	for (int group = 0; group < 3; group++) {
		buf_put(&b, STR(" (mailboxes (x"));
		for (int i = 1; i < 700; i++)
			buf_put(&b, STR(" x"));
		buf_put(&b, STR(") (MailboxName))"));
	}
	buf_byte(&b, '\0');
	ask(c, b.p, "n NO [NOTIFICATIONOVERFLOW] Too many mailbox names\r\n");
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grammar),
		cmocka_unit_test(test_grammar_limits),
		cmocka_unit_test(test_filters),
		TEST(test_forgotten),
		TEST(test_too_many),
		TEST(test_too_many_amid_idle),
		TEST(test_many),
		TEST(test_stop_amid_message),
		TEST(test_message_whole),
		TEST(test_more_meanwhile),
		TEST(test_nothing_kept),
		TEST(test_names_in_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
