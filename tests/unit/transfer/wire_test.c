/* tests/unit/transfer/wire_test.c: what servers say, and what files are called and hold. */
#include "harness/check.h"
#include "operations/transfer/lines.h"
#include "operations/transfer/wire_imap.h"
#include "operations/transfer/wire_maildir.h"
#include "operations/transfer/wire_mbox.h"

#include <string.h>

static void imap_fetch(void **state)
{
	static const char text[] = "* 12 FETCH (X-A (1 (NIL \"(\")) FLAGS (\\Seen $Label1) UID 7 "
				   "INTERNALDATE \" 1-Jan-2001 10:00:00 +0200\" RFC822.SIZE 9 "
				   "BODY[] {5}\r\na)\r\nb)";
	struct arena a = { 0 };
	struct said s;

	(void)state;
	assert_true(said_parse(str_of(text), &a, &s));
	assert_int_equal(s.kind, SAID_FETCH);
	assert_true(s.number == 12 && s.uid == 7 && s.size == 9 && s.flag_count == 2);
	assert_true(s.has_date && s.date_ms == 978336000000);
	check_str(s.flags[1], STR("$Label1"));
	check_str(s.body, STR("a)\r\nb"));
	for (size_t n = 0; n + 1 < sizeof text; n++) /* cut anywhere, it is no response */
		check_at(n, !said_parse(str_from(text, n), &a, &s) || n < 13);
	arena_deinit(&a);
}

static void imap_others(void **state)
{
	static const struct {
		const char *in;
		bool ok;
		enum said_kind kind;
		const char *name, *role, *code;
	} rows[] = {
		{ "* LIST (\\Sent) \".\" \"a\\\"b\"", true, SAID_LIST, "a\"b", "\\Sent", "" },
		{ "* LIST () NIL {3}\r\na b", true, SAID_LIST, "a b", "", "" },
		{ "* LIST () \"/\" A (\"CHILDINFO\" (\"x\"))", true, SAID_LIST, "A", "", "" },
		{ "* LIST ( \"/\" A", false, 0, "", "", "" },
		{ "* LIST () \"//\" A", false, 0, "", "", "" },
		{ "* LIST () \"/\" {9}\r\nab", false, 0, "", "", "" },
		{ "* XLIST (\\HasNoChildren \\Spam) \"/\" \"[Gmail]/Spam\"", true, SAID_LIST,
		  "[Gmail]/Spam", "\\Junk", "" },
		{ "* LIST (\\All \\HasNoChildren) \"/\" \"[Gmail]/All Mail\"", true, SAID_LIST,
		  "[Gmail]/All Mail", "\\All", "" },
		{ "* STATUS \"A B\" (UIDNEXT 5 MESSAGES 7)", true, SAID_COUNT, "A B", "", "" },
		{ "* STATUS {3}\r\nA B (MESSAGES 7) ", true, SAID_COUNT, "A B", "", "" },
		{ "* STATUS A (MESSAGES x)", false, 0, "", "", "" },
		{ "* STATUS A (MESSAGES 7", false, 0, "", "", "" },
		{ "* NAMESPACE NIL NIL NIL", true, SAID_SPACE, "", "", "" },
		{ "* NAMESPACE NIL NIL", false, 0, "", "", "" },
		{ "* NAMESPACE ((\"\" \"/\") NIL NIL", false, 0, "", "", "" },
		{ "* 5 EXISTS", true, SAID_EXISTS, "", "", "" },
		{ "* 5000000000 EXISTS", false, 0, "", "", "" },
		{ "* OK [UIDVALIDITY 7] x", true, SAID_STATUS, "", "", "UIDVALIDITY 7" },
		{ "r1 NO [ALERT] no", true, SAID_STATUS, "", "", "ALERT" },
		{ "* OK [never ends", false, 0, "", "", "" },
		{ "* VANISHED 1:5", true, SAID_OTHER, "", "", "" },
		{ "+ go", true, SAID_GO_ON, "", "", "" },
		{ "", false, 0, "", "", "" },
		{ "r1 WHAT", false, 0, "", "", "" },
		{ "* 1 FETCH (BODY ((((((((((((((((((((((((((((((((((((((1", false, 0, "", "", "" },
	};
	struct arena a = { 0 };
	struct said s;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, said_parse(str_of(rows[i].in), &a, &s) == rows[i].ok);
		if (!rows[i].ok)
			continue;
		check_at(i, s.kind == rows[i].kind);
		check_str_at(i, s.name, str_of(rows[i].name));
		check_str_at(i, s.role, str_of(rows[i].role));
		check_str_at(i, s.code, str_of(rows[i].code));
	}
	arena_deinit(&a);
}

static void imap_more(void **state)
{
	struct arena a = { 0 };
	struct said s;
	struct buf b;

	(void)state;
	assert_true(said_parse(STR("* NAMESPACE ((\"INBOX.\" \".\" \"X-PARAM\" (\"a\"))) "
	                           "((\"user.\" \".\")(\"\" \"/\")) ((\"Public/\" NIL))"),
	                       &a, &s));
	assert_int_equal(s.space_count, 2);
	check_str(s.spaces[0], STR("user."));
	check_str(s.spaces[1], STR("Public/"));
	assert_true(said_parse(STR("* STATUS A (MESSAGES 7 SIZE 900)"), &a, &s));
	assert_int_equal(s.number, 7);
	assert_true(said_parse(STR("* 3 FETCH (UID 9 X-GM-MSGID 1278455344230334865 "
	                           "BODY[HEADER.FIELDS (MESSAGE-ID)] {23}\r\n"
	                           "Message-ID:\r\n <a@b>\r\n\r\n)"),
	                       &a, &s));
	assert_true(s.uid == 9 && s.gmail_message == 1278455344230334865u && !s.has_body);
	check_str(said_message_id(s.header), STR("a@b"));
	check_str(said_message_id(STR("Message-ID: a@b\r\n")), STR(""));
	check_str(said_message_id(STR("Message-ID: <a@b")), STR(""));
	buf_init(&b, 100);
	assert_true(say_string(&b, STR("a \"b\\")) && say_string(&b, STR("\xc3\xa4")));
	check_str(buf_str(&b), STR("\"a \\\"b\\\\\"{2}\r\n\xc3\xa4"));
	assert_false(say_string(&b, str_from("a\0b", 3)));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void imap_names(void **state)
{
	static const struct {
		const char *in;
		char separator;
		const char *want; /* NULL: none */
	} rows[] = {
		{ "A.B", '.', "A/B" },           { "A.B", '/', "A.B" },
		{ "A/B", '.', "A_B" },           { "&AOQ-", '.', "\xc3\xa4" },
		{ "\xc3\xa4", '.', "\xc3\xa4" }, { "\xff", '.', NULL },
	};
	struct arena a = { 0 };
	struct str got;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		bool good = said_mailbox(str_of(rows[i].in), rows[i].separator, &a, &got);

		check_at(i, good == (rows[i].want != NULL));
		if (good)
			check_str_at(i, got, str_of(rows[i].want));
	}
	arena_deinit(&a);
}

static void maildir_names(void **state)
{
	static const char *const rows[] = { "Sent", "Sent/2024", "\xc3\xa4.\xc3\xb6/x",
		                            "a.b",  "&AC4-",     "INBOX/x",
		                            "A&B",  "%41" };
	struct arena a = { 0 };
	struct str got;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) { /* out and in again */
		buf_reset(&b);
		maildir_folder_put(&b, str_of(rows[i]));
		check_at(i, maildir_mailbox(buf_str(&b), &a, &got));
		check_str_at(i, got, str_of(rows[i]));
	}
	buf_reset(&b);
	maildir_folder_put(&b, STR("INBOX"));
	assert_int_equal(b.n, 0);
	assert_false(maildir_mailbox(STR("."), &a, &got) ||
	             maildir_mailbox(STR(".\xff"), &a, &got));
	buf_deinit(&b);
	arena_deinit(&a);
}

static void maildir_letters(void **state)
{
	static const struct {
		const char *name;
		size_t count;
		const char *first;
	} rows[] = {
		{ "1.a.host:2,FS", 2, "\\Flagged" },
		{ "1.a.host,S=3,W=4:2,", 0, "" },
		{ "1.a.host", 0, "" },
		{ "1.a.host;2,a", 1, "$Work" },
		{ "1.a.host:2,zQ", 0, "" },
		{ "1.a.host:1,S", 0, "" },
		{ "2,S", 0, "" },
		{ "!2,P", 1, "$Forwarded" },
	};
	struct maildir_keywords k;
	struct str flags[MAILDIR_FLAGS];

	(void)state;
	maildir_keywords_parse(STR("0 $Work\nx\n26 no\n1 b"), &k);
	check_str(k.names[1], STR("b"));
	for (size_t i = 0; i < COUNT(rows); i++) {
		check_at(i, maildir_flags(str_of(rows[i].name), &k, flags) == rows[i].count);
		if (rows[i].count != 0)
			check_str_at(i, flags[0], str_of(rows[i].first));
	}
}

#define SEPARATOR "From a b@c Thu Sep 26 16:42:01 2002\n"

static void mbox_variants(void **state)
{
	static const struct {
		const char *in, *want; /* the first message's text */
		size_t count, flags;
	} rows[] = {
		{ SEPARATOR "A: b\n\nx\n", "A: b\r\n\r\nx\r\n", 1, 0 },
		{ SEPARATOR "A: b\r\n\r\nx\r\n\r\n", "A: b\r\n\r\nx\r\n", 1, 0 },
		{ SEPARATOR "A: b\n\n\n" SEPARATOR "C: d\n\n", "A: b\r\n\r\n", 2, 0 },
		{ SEPARATOR "A: b\n\nx\n\n\n" SEPARATOR "\n", "A: b\r\n\r\nx\r\n\r\n", 2, 0 },
		/* mboxo and mboxrd */
		{ SEPARATOR "\n>From x\n>>From y\n> From z\n",
		  "\r\nFrom x\r\n>From y\r\n> From z\r\n", 1, 0 },
		/* without an empty line before it, or without a date, it is text */
		{ SEPARATOR "\nx\n" SEPARATOR "\n",
		  "\r\nx\r\n"
		  "From a b@c Thu Sep 26 16:42:01 2002\r\n",
		  1, 0 },
		{ SEPARATOR "\nx\n\nFrom me to you\n", "\r\nx\r\n\r\nFrom me to you\r\n", 1, 0 },
		/* mboxcl2; and a length that is a lie */
		{ SEPARATOR "Content-Length: 39\n\nx\n\n" SEPARATOR "\n" SEPARATOR "\n",
		  "\r\nx\r\n\r\nFrom a b@c Thu Sep 26 16:42:01 2002\r\n", 2, 0 },
		{ SEPARATOR "Content-Length: 1\n\nxyz\n", "Content-Length: 1\r\n\r\nxyz\r\n", 1,
		  0 },
		{ SEPARATOR "Status: RO\nX-Status: AF\nX-Keywords: a  b\n c\nA: b\n\n",
		  "A: b\r\n\r\n", 1, 5 },
		{ SEPARATOR, "", 1, 0 },
	};
	struct mbox_message m;
	struct buf b;

	(void)state;
	buf_init(&b, 10000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct cur c = cur_of(str_of(rows[i].in));
		size_t n = 0;

		check_at(i, mbox_check(str_of(rows[i].in)));
		buf_reset(&b);
		while (mbox_next(&c, &m)) {
			check_at(i, m.date_ms == 1033058521000);
			if (n++ == 0) {
				mbox_put_mail(&b, &m);
				check_at(i, m.flag_count == rows[i].flags);
			}
		}
		check_at(i, n == rows[i].count);
		check_str_at(i, buf_str(&b), str_of(rows[i].want));
	}
	assert_false(mbox_check(STR("")) || mbox_check(STR("Subject: x\n")) ||
	             mbox_check(STR("From a\n")));
	buf_deinit(&b);
}

static void line_ends(void **state)
{
	static const struct {
		const char *in, *want;
	} rows[] = {
		{ "a\nb\n", "a\r\nb\r\n" },
		{ "a\nb", "a\r\nb" },
		{ "a\r\nb\nc", "a\r\nb\nc" }, /* as it is, byte for byte */
		{ "a\nb\r\nc\n", "a\r\nb\r\nc\r\n" },
		{ "", "" },
		{ "\n", "\r\n" },
	};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < COUNT(rows); i++) {
		buf_reset(&b);
		lines_put_mail(&b, str_of(rows[i].in));
		check_str_at(i, buf_str(&b), str_of(rows[i].want));
	}
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imap_fetch),      cmocka_unit_test(imap_others),
		cmocka_unit_test(imap_more),
		cmocka_unit_test(imap_names),      cmocka_unit_test(maildir_names),
		cmocka_unit_test(maildir_letters), cmocka_unit_test(mbox_variants),
		cmocka_unit_test(line_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
