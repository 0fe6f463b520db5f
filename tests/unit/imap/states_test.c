/* Every command in every state, with and without what it needs. */
#include "unit/imap/session_fixture.h"

#include "protocols/imap/commands.h"

/* A good form of each row of the table; what is no message number works in every state in which
 * the row is allowed. uid: of the UID form. */
static const struct sample {
	const char *name, *arguments;
	bool uid;
} samples[] = {
	{ "APPEND", " INBOX {3+}\r\nabc", false },
	{ "AUTHENTICATE", " PLAIN AHVzZXJAZXhhbXBsZS5vcmcAc2VjcmV0", false },
	{ "CANCELUPDATE", " \"u\"", false },
	{ "CAPABILITY", "", false },
	{ "CHECK", "", false },
	{ "CLOSE", "", false },
	{ "COMPRESS", " DEFLATE", false },
	{ "COPY", " 1 Archive", false },
	{ "COPY", " 1 Archive", true },
	{ "CREATE", " made", false },
	{ "DELETE", " Archive", false },
	{ "DELETEACL", " INBOX anyone", false },
	{ "ENABLE", " CONDSTORE", false },
	{ "ESEARCH", " IN (personal) ALL", false },
	{ "EXAMINE", " INBOX", false },
	{ "EXPUNGE", "", false },
	{ "EXPUNGE", " 1", true },
	{ "FETCH", " 1 (FLAGS)", false },
	{ "FETCH", " 1 (FLAGS)", true },
	{ "GENURLAUTH", " \"imap://user@example.org/Sent/;uid=1;urlauth=anonymous\" INTERNAL",
	  false },
	{ "GETACL", " INBOX", false },
	{ "GETJMAPACCESS", "", false },
	{ "GETMETADATA", " INBOX /private/comment", false },
	{ "GETQUOTA", " \"\"", false },
	{ "GETQUOTAROOT", " INBOX", false },
	{ "ID", " NIL", false },
	{ "IDLE", "\r\nDONE", false },
	{ "LIST", " \"\" *", false },
	{ "LISTRIGHTS", " INBOX anyone", false },
	{ "LOGIN", " user@example.org secret", false },
	{ "LOGOUT", "", false },
	{ "LSUB", " \"\" *", false },
	{ "MOVE", " 1 Archive", false },
	{ "MOVE", " 1 Archive", true },
	{ "MYRIGHTS", " INBOX", false },
	{ "NAMESPACE", "", false },
	{ "NOOP", "", false },
	{ "NOTIFY", " SET STATUS (personal (MailboxName))", false },
	{ "RENAME", " Archive old", false },
	{ "REPLACE", " 1 INBOX {3+}\r\nabc", false },
	{ "REPLACE", " 1 INBOX {3+}\r\nabc", true },
	{ "RESETKEY", "", false },
	{ "SEARCH", " ALL", false },
	{ "SEARCH", " ALL", true },
	{ "SELECT", " INBOX", false },
	{ "SETACL", " INBOX anyone lr", false },
	{ "SETMETADATA", " INBOX (/private/comment NIL)", false },
	{ "SETQUOTA", " \"\" (STORAGE 5)", false },
	{ "SORT", " (DATE) UTF-8 ALL", false },
	{ "SORT", " (DATE) UTF-8 ALL", true },
	{ "STARTTLS", "", false },
	{ "STATUS", " INBOX (MESSAGES)", false },
	{ "STORE", " 1 +FLAGS (\\Seen)", false },
	{ "STORE", " 1 +FLAGS (\\Seen)", true },
	{ "SUBSCRIBE", " Archive", false },
	{ "THREAD", " REFERENCES UTF-8 ALL", false },
	{ "THREAD", " REFERENCES UTF-8 ALL", true },
	{ "UNAUTHENTICATE", "", false },
	{ "UNSELECT", "", false },
	{ "UNSUBSCRIBE", " Archive", false },
	{ "URLFETCH", " \"/INBOX/;UID=1\"", false },
};

static const struct sample *sample_of(const struct imap_command_row *row, bool uid)
{
	for (size_t i = 0; i < COUNT(samples); i++)
		if (str_eq(str_of(samples[i].name), row->name) && samples[i].uid == uid)
			return &samples[i];
	fail_msg("no sample of %s%.*s", uid ? "UID " : "", STR_ARG(row->name));
	return NULL;
}

/* Before login, logged in, selected, and selected to be read only. */
static const struct way {
	enum imap_state state;
	const char *commands;
	bool read_only;
} ways[] = {
	{ STATE_GREETED, "", false },
	{ STATE_AUTHENTICATED, "w LOGIN user@example.org secret\r\n", false },
	{ STATE_SELECTED, "w LOGIN user@example.org secret\r\nw SELECT INBOX\r\n", false },
	{ STATE_SELECTED, "w LOGIN user@example.org secret\r\nw EXAMINE INBOX\r\n", true },
};

static void server_anew(void)
{
	imap_fixture_close(&f);
	imap_fixture_open(&f);
	f.server.jmap_url = STR("https://mail.example.org/.well-known/jmap");
	(void)imap_fixture_deliver(&f, "INBOX", STR("one"));
}

/* Before login there is STARTTLS to do. */
static struct conn *begun(const struct way *way)
{
	struct conn_service service = f.service;
	struct conn *c;

	fake_close(&fake_conns[0]);
	service.plain_auth = way->state != STATE_GREETED;
	c = fake_open(0, &service, false);
	fake_send(c, str_of(way->commands), SIZE_MAX);
	buf_reset(&c->sent);
	return c;
}

/* Send it, and see that there is one tagged reply, and that this is what it begins with. */
static bool replies(struct conn *c, struct str command, const char *with)
{
	struct arena a = { 0 };
	bool one;

	buf_reset(&c->sent);
	fake_send(c, str_fmt(&a, "t %.*s\r\n", STR_ARG(command)), SIZE_MAX);
	one = count(buf_str(&c->sent), "\r\nt ") + str_starts(buf_str(&c->sent), STR("t ")) == 1 &&
	      count(buf_str(&c->sent), with) == 1;
	arena_deinit(&a);
	return one;
}

static void one_command(const struct imap_command_row *row, bool uid)
{
	const struct sample *sample = sample_of(row, uid);
	struct arena a = { 0 };
	struct str command =
		str_fmt(&a, "%s%s%s", uid ? "UID " : "", sample->name, sample->arguments);

	for (size_t i = 0; i < COUNT(ways); i++) {
		bool allowed = row->states & ways[i].state;
		struct conn *c;

		if (allowed) /* and may have changed something last time */
			server_anew();
		c = begun(&ways[i]);
		if (replies(c, command, allowed ? "t BAD " : "t BAD [CLIENTBUG] ") == allowed)
			fail_msg("%.*s in way %zu: %.*s", STR_ARG(command), i,
			         STR_ARG(buf_str(&c->sent)));
		if (!c->closed)
			ask(c, "n NOOP", "n OK NOOP completed\r\n");
	}
	arena_deinit(&a);
}

static void each_row(void (*look)(const struct imap_command_row *row, bool uid))
{
	for (size_t i = 0; i < imap_command_count; i++) {
		if (!(imap_commands[i].flags & UID_ONLY))
			look(&imap_commands[i], false);
		if (imap_commands[i].flags & (UID_ONLY | UID_ALSO))
			look(&imap_commands[i], true);
	}
}

static void test_every_state(void **state)
{
	(void)state;
	server_anew();
	each_row(one_command);
}

/* --- what makes a good command a bad one ------------------------------------------------- */

/* In the first state that the row is allowed in, and logins are. */
static struct conn *begun_for(const struct imap_command_row *row)
{
	size_t i = 0;
	struct conn *c;

	while (!(row->states & ways[i].state))
		i++;
	c = begun(&ways[i]);
	c->tls = !str_eq(row->name, STR("STARTTLS"));
	return c;
}

/* Something behind it; nothing where something is asked for, and the other way round. */
static void one_garbled(const struct imap_command_row *row, bool uid)
{
	const struct sample *sample = sample_of(row, uid);
	const char *form = uid ? "UID " : "";
	struct arena a = { 0 };
	bool none = sample->arguments[0] == '\0' || str_eq(row->name, STR("IDLE"));

	if (!none && !replies(begun_for(row),
	                      str_fmt(&a, "%s%s%s )", form, sample->name, sample->arguments),
	                      "t BAD "))
		fail_msg("%s%s with something behind it", form, sample->name);
	/* RESETKEY may come with nothing (RFC 4467 7). */
	if (!str_eq(row->name, STR("RESETKEY")) &&
	    !replies(begun_for(row), str_fmt(&a, "%s%s%s", form, sample->name, none ? " )" : ""),
	             "t BAD "))
		fail_msg("%s%s with arguments that are not its own", form, sample->name);
	/* A space behind what stands alone is let through: args.c. */
	if (!none && !replies(begun_for(row), str_fmt(&a, "%s%s ", form, sample->name), "t BAD "))
		fail_msg("%s%s with a space alone", form, sample->name);
	arena_deinit(&a);
}

static void test_garbled(void **state)
{
	(void)state;
	server_anew();
	each_row(one_garbled);
}

/* RFC 9586 3: numbers are of no use any more. */
static void one_uidonly(const struct imap_command_row *row, bool uid)
{
	const struct sample *sample = sample_of(row, uid);
	struct arena a = { 0 };
	struct conn *c;

	if (!(row->flags & UID_ALSO))
		return;
	server_anew();
	c = begun(&ways[1]);
	ask(c, "e ENABLE UIDONLY", "e OK ENABLE completed\r\n");
	ask(c, "s SELECT INBOX", "SELECT completed\r\n");
	if (!replies(c, str_fmt(&a, "%s%s%s", uid ? "UID " : "", sample->name, sample->arguments),
	             uid ? "t OK " : "t BAD [UIDREQUIRED] "))
		fail_msg("%s%s after ENABLE UIDONLY", uid ? "UID " : "", sample->name);
	arena_deinit(&a);
}

static void test_uidonly(void **state)
{
	(void)state;
	each_row(one_uidonly);
}

/* Of a mailbox that was opened by EXAMINE nothing changes (RFC 9051 6.3.3). */
static void test_read_only(void **state)
{
	static const char *const refused[] = {
		"STORE 1 +FLAGS (\\Seen)", "UID STORE 1 FLAGS ()", "EXPUNGE",
		"UID EXPUNGE 1",           "MOVE 1 Archive",       "UID MOVE 1 Archive",
	};
	static const char *const quiet[] = {
		"FETCH 1 BODY[]",
		"CLOSE", /* and no expunge */
	};
	struct mailbox before, after;

	(void)state;
	for (size_t i = 0; i < COUNT(refused) + COUNT(quiet); i++) {
		bool refuse = i < COUNT(refused);
		struct conn *c;

		server_anew();
		c = begun(&ways[3]);
		before = mail_box(&f.mail, f.account, "INBOX");
		check_at(i, replies(c, str_of(refuse ? refused[i] : quiet[i - COUNT(refused)]),
		                    refuse ? "t NO [READ-ONLY] " : "t OK "));
		after = mail_box(&f.mail, f.account, "INBOX");
		check_at(i, before.modseq == after.modseq && after.exists == 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_state),
		TEST(test_garbled),
		TEST(test_uidonly),
		TEST(test_read_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
