/* The messages that filters send, whole. */
#include "unit/filtering/fixture.h"

static const struct action *found(enum action_kind kind)
{
	const struct action *action = actions_find(run(), kind);

	if (action == NULL)
		fail_msg("there is no such action");
	return action;
}

static void test_vacation(void **state)
{
	(void)state;
	active("require \"vacation\"; vacation \"I am away.\";");
	check_str(masked(found(ACTION_REPLY)->message),
	          STR("Date: *\n"
	              "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>\n"
	              "To: eve@remote.example\n"
	              "Subject: Auto: hello\n"
	              "Message-ID: <*@mail.example.org>\n"
	              "In-Reply-To: <m1@remote.example>\n"
	              "References: <m1@remote.example>\n"
	              "Auto-Submitted: auto-replied (vacation)\n"
	              "MIME-Version: 1.0\n"
	              "Content-Type: text/plain; charset=utf-8\n"
	              "Content-Transfer-Encoding: 7bit\n"
	              "\n"
	              "I am away.\n"));
}

static void test_vacation_arguments(void **state)
{
	(void)state;
	mail_raw = STR("From: eve@remote.example\r\nTo: alias@example.org\r\n"
	               "References: <a@x> <b@x>\r\nMessage-ID: <c@x>\r\n\r\n");
	rcpt.address.local = STR("alias");
	active("require [\"vacation\", \"fcc\"];\r\n"
	       "vacation :subject \"Gr\xc3\xbc\xc3\x9f"
	       "e\" :from \"Me <ada+x@example.org>\" :fcc \"Sent\"\r\n"
	       ":handle \"h\" text:\r\nTsch\xc3\xbcs\r\n..\r\n.\r\n;");
	check_str(masked(found(ACTION_REPLY)->message),
	          STR("Date: *\n"
	              "From: Me <ada+x@example.org>\n"
	              "To: eve@remote.example\n"
	              "Subject: =?utf-8?b?R3LDvMOfZQ==?=\n"
	              "Message-ID: <*@mail.example.org>\n"
	              "In-Reply-To: <c@x>\n"
	              "References: <a@x> <b@x> <c@x>\n"
	              "Auto-Submitted: auto-replied (vacation)\n"
	              "MIME-Version: 1.0\n"
	              "Content-Type: text/plain; charset=utf-8\n"
	              "Content-Transfer-Encoding: quoted-printable\n"
	              "\n"
	              "Tsch=C3=BCs\n"
	              "=2E\n"));
	check_str(actions_text(run()),
	          STR("reply Sent fcc eve@remote.example once=604800 "
	              "(script main, line 2: vacation)\n"
	              "keep (script main: implicit keep)"));
}

/* RFC 5230 4.6; fields that do not describe the content are not taken. */
static void test_vacation_mime(void **state)
{
	(void)state;
	active("require \"vacation\";\r\nvacation :mime text:\r\n"
	       "Content-Type: text/html\r\nBcc: x@remote.example\r\nMIME-Version: 1.0\r\n"
	       "\r\n<p>away\r\n.\r\n;");
	check_str(masked(found(ACTION_REPLY)->message),
	          STR("Date: *\n"
	              "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>\n"
	              "To: eve@remote.example\n"
	              "Subject: Auto: hello\n"
	              "Message-ID: <*@mail.example.org>\n"
	              "In-Reply-To: <m1@remote.example>\n"
	              "References: <m1@remote.example>\n"
	              "Auto-Submitted: auto-replied (vacation)\n"
	              "MIME-Version: 1.0\n"
	              "Content-Type: text/html\n"
	              "\n"
	              "<p>away\n"));
}

static bool has_line(struct str message, const char *line)
{
	return str_find(message, str_fmt(&arena, "%s\r\n", line)) >= 0;
}

/* An answer is from the address of the message, if it is the account's alone. */
static void test_from(void **state)
{
	static const struct {
		const char *rcpt, *from, *want;
	} rows[] = {
		{ "ada", "", "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>" },
		{ "ada+tag", "", "From: =?utf-8?q?Ada_L=C3=B6w?= <ada+tag@example.org>" },
		{ "alias", "", "From: =?utf-8?q?Ada_L=C3=B6w?= <alias@example.org>" },
		{ "both", "", "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>" },
		{ "ada", ":from \"alias@example.org\"", "From: alias@example.org" },
		{ "ada", ":from \"bob@example.org\"",
		  "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>" },
		{ "ada", ":from \"eve@remote.example\"",
		  "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		rcpt.address.local = str_of(rows[i].rcpt);
		mail_raw = str_fmt(&arena, "To: %s@example.org\r\n\r\n", rows[i].rcpt);
		active(str_z(&arena, str_fmt(&arena, "require \"vacation\"; vacation %s \"x\";",
		                             rows[i].from)));
		check_at(i, has_line(found(ACTION_REPLY)->message, rows[i].want));
	}
}

/* No answer, with the reason in the trace (RFC 3834 2, RFC 5230 4.5 and 4.6). */
static void test_suppressed(void **state)
{
	static const struct {
		const char *sender, *header, *why;
	} rows[] = {
		{ "", "To: ada@example.org\r\n", "The sender of the envelope is empty" },
		{ "owner-list", "To: ada@example.org\r\n",
		  "The sender is a list or a mail system" },
		{ "eve", "To: ada@example.org\r\nList-Id: <l>\r\n",
		  "The message is from a mailing list" },
		{ "eve", "To: ada@example.org\r\nAuto-Submitted: auto-replied\r\n",
		  "The message was sent automatically" },
		{ "eve", "To: ada@example.org\r\nPrecedence: bulk\r\n",
		  "The precedence of the message is bulk, list or junk" },
		{ "eve", "To: bob@example.org\r\n", "The recipient is not in To, Cc or Bcc" },
	};
	const struct action junk = { .kind = ACTION_KEEP, .why = STR("dmarc"),
		                     .place = { .special_use = STR("\\Junk") } };

	(void)state;
	active("require \"vacation\"; vacation \"x\";");
	for (size_t i = 0; i < COUNT(rows); i++) {
		envelope.sender.local = str_of(rows[i].sender);
		envelope.sender.domain = str_of(rows[i].sender[0] != '\0' ? "remote.example" : "");
		mail_raw = str_fmt(&arena, "%s\r\n", rows[i].header);
		check_str_at(i, actions_text(run()),
		             str_fmt(&arena,
		                     "note (script main, line 1: vacation not sent: %s)\n"
		                     "keep (script main: implicit keep)",
		                     rows[i].why));
	}
	envelope.sender = (struct mailaddr){ STR("eve"), STR("remote.example") };
	mail_raw = STR(MESSAGE);
	rcpt.actions = &junk;
	check_str(run()->why,
	          STR("script main, line 1: vacation not sent: The message is quarantined"));
	rcpt.actions = NULL;
	envelope.sender = (struct mailaddr){ STR("ada+x"), STR("example.org") };
	mail_raw = STR("To: ada@example.org\r\n\r\n");
	check_str(run()->why,
	          STR("script main, line 1: vacation not sent: The sender is the recipient"));
}

/* The key is the sender and the handle, or the text without one. */
static void test_once(void **state)
{
	struct str first, other;

	(void)state;
	active("require \"vacation\"; vacation \"a\";");
	first = found(ACTION_REPLY)->once;
	envelope.sender.local = STR("EVE");
	check_str(found(ACTION_REPLY)->once, first);
	envelope.sender.local = STR("mallory");
	other = found(ACTION_REPLY)->once;
	assert_false(str_eq(other, first));
	active("require \"vacation\"; vacation \"b\";");
	assert_false(str_eq(found(ACTION_REPLY)->once, other));
	active("require \"vacation\"; vacation :handle \"h\" \"b\";");
	first = found(ACTION_REPLY)->once;
	active("require \"vacation\"; vacation :handle \"h\" \"c\";");
	check_str(found(ACTION_REPLY)->once, first);
}

/* RFC 5436 2.7 */
static void test_notify(void **state)
{
	(void)state;
	active("require \"enotify\";\r\nnotify :importance \"1\" :message \"news\"\r\n"
	       "\"mailto:a@x.example?body=Look%0D%0Ahere&X-Pager=7\";");
	check_str(masked(found(ACTION_NOTIFY)->message),
	          STR("Date: *\n"
	              "From: =?utf-8?q?Ada_L=C3=B6w?= <ada@example.org>\n"
	              "To: a@x.example\n"
	              "Subject: news\n"
	              "Message-ID: <*@mail.example.org>\n"
	              "In-Reply-To: <m1@remote.example>\n"
	              "References: <m1@remote.example>\n"
	              "Auto-Submitted: auto-notified; owner-email=\"ada@example.org\"\n"
	              "MIME-Version: 1.0\n"
	              "Importance: High\n"
	              "X-Pager: 7\n"
	              "Content-Type: text/plain; charset=utf-8\n"
	              "Content-Transfer-Encoding: 7bit\n"
	              "\n"
	              "Look\n"
	              "here\n"));
	active("require \"enotify\"; notify \"mailto:a@x.example\";");
	assert_true(has_line(found(ACTION_NOTIFY)->message, "Subject: hello"));
	assert_true(str_ends(found(ACTION_NOTIFY)->message,
	                     STR("\r\nFrom: Eve <eve@remote.example>\r\nSubject: hello\r\n"
	                         "Message-ID: <m1@remote.example>\r\n")));
}

static void test_failure(void **state)
{
	const struct action *list;

	(void)state;
	active("require [\"ihave\", \"fileinto\"];\r\nfileinto \"a\";\r\nerror \"no more\";");
	list = run();
	check_str(actions_text(list),
	          STR("notify ada@example.org once=86400 (script main failed)\n"
	              "keep (script main failed in line 3: no more)"));
	check_str(list->once, STR("filter error"));
	check_str(masked(list->message),
	          STR("Date: *\n"
	              "From: Mail filter <MAILER-DAEMON@mail.example.org>\n"
	              "To: ada@example.org\n"
	              "Subject: Your mail filter failed\n"
	              "Message-ID: <*@mail.example.org>\n"
	              "Auto-Submitted: auto-generated\n"
	              "MIME-Version: 1.0\n"
	              "Content-Type: text/plain; charset=utf-8\n"
	              "Content-Transfer-Encoding: 7bit\n"
	              "\n"
	              "Your mail filter failed in line 3 of script main:\n"
	              "\n"
	              "    no more.\n"
	              "\n"
	              "The message was kept. It was:\n"
	              "\n"
	              "From: Eve <eve@remote.example>\n"
	              "Subject: hello\n"
	              "Message-ID: <m1@remote.example>\n"
	              "\n"
	              "Correct the filter: until then, messages may not be sorted.\n"
	              "This notice is sent at most once a day.\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_vacation), TEST(test_vacation_arguments), TEST(test_vacation_mime),
		TEST(test_from),     TEST(test_suppressed),         TEST(test_once),
		TEST(test_failure),  TEST(test_notify),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
