/* The maximums of a session: lines, literals, memory, keywords, quota. */
#include "unit/imap/session_fixture.h"

#include "protocols/imap/session.h"

static void test_line_limits(void **state)
{
	static const struct {
		bool login;
		size_t n;
		bool survives;
	} rows[] = {
		{ false, LIMIT_imap_line_login, true },
		{ false, LIMIT_imap_line_login + 1, false },
		{ true, LIMIT_imap_line, true },
		{ true, LIMIT_imap_line + 1, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conn *c =
			rows[i].login ? imap_fixture_login(&f, 0) : fake_open(0, &f.service, false);
		struct buf line;

		buf_init(&line, 1 << 20);
		buf_put(&line, STR("a NOOP "));
		while (line.n < rows[i].n)
			buf_byte(&line, 'x');
		buf_put(&line, STR("\r\n"));
		buf_reset(&c->sent);
		fake_send(c, buf_str(&line), 1000);
		check_at(i, !c->closed == rows[i].survives);
		check_at(i, count(buf_str(&c->sent), rows[i].survives ? "a BAD" : "* BYE") == 1);
		buf_deinit(&line);
		fake_close(c);
	}
}

/* RFC 2971 3.3 allows 30 fields with names of 30 and values of 1,024 bytes. */
static void put_id(struct buf *out, size_t value_bytes, bool literals)
{
	buf_put(out, STR("a ID ("));
	for (int i = 0; i < 30; i++) {
		buf_fmt(out, "%s\"a field with a long name: %03d\" ", i ? " " : "", i);
		if (literals)
			buf_fmt(out, "{%zu+}\r\n", value_bytes);
		else
			buf_byte(out, '"');
		for (size_t k = 0; k < value_bytes; k++)
			buf_byte(out, 'v');
		if (!literals)
			buf_byte(out, '"');
	}
	buf_put(out, STR(")\r\n"));
}

static void test_id(void **state)
{
	static const struct {
		bool login, literals;
		size_t value_bytes;
		bool accepted;
	} rows[] = {
		{ false, false, 1024, true },
		{ false, true, 1024, true },
		{ true, false, 1024, true },
		{ true, true, 1024, true },
		{ false, false, LIMIT_imap_line_id / 30, false },
		{ false, true, LIMIT_imap_line_id / 15, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct conn *c =
			rows[i].login ? imap_fixture_login(&f, 0) : fake_open(0, &f.service, false);
		struct buf id;

		buf_init(&id, 1 << 20);
		put_id(&id, rows[i].value_bytes, rows[i].literals);
		buf_reset(&c->sent);
		fake_send(c, buf_str(&id), 1000);
		check_at(i, count(buf_str(&c->sent), "a OK ID completed") == rows[i].accepted);
		buf_deinit(&id);
		fake_close(c);
	}
}

static void test_literal_limits(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct buf big;

	(void)state;
	/* One that waits is refused before it comes. */
	ask(c, "a SEARCH SUBJECT {65537}", "a NO [TOOBIG] Literal too big\r\n");
	ask(c, "b SEARCH SUBJECT {99999999999999999999}",
	    "b BAD [CLIENTBUG] Select a mailbox first\r\n");
	/* One that does not wait goes by, with all that follows. */
	buf_init(&big, 1 << 20);
	buf_put(&big, STR("c SEARCH SUBJECT {70000+}\r\n"));
	while (big.n < 70000 + 27)
		buf_put(&big, STR("x LOGOUT\r\n"));
	buf_cut(&big, 70000 + 27);
	buf_put(&big, STR(" TEXT {5+}\r\nhello FROM {3}\r\n"));
	buf_reset(&c->sent);
	fake_send(c, buf_str(&big), 7777);
	check_str(buf_str(&c->sent), STR("c NO [TOOBIG] Literal too big\r\n"));
	ask(c, "d NOOP", "d OK NOOP completed\r\n");
	/* RFC 5464 4.3: annotations have a code of their own. */
	buf_reset(&big);
	buf_put(&big, STR("e SETMETADATA INBOX (/shared/comment {70000+}\r\n"));
	while (big.n < 70000 + 47)
		buf_byte(&big, 'x');
	buf_put(&big, STR(")\r\n"));
	buf_reset(&c->sent);
	fake_send(c, buf_str(&big), 7777);
	check_str(buf_str(&c->sent), STR("e NO [METADATA MAXSIZE 16384] Literal too big\r\n"));
	/* Endless ones end the session. */
	ask(c, "e SEARCH SUBJECT {9999999999+}", "* BYE Line too long\r\n");
	assert_true(c->closed);
	buf_deinit(&big);
}

/* A literal before login takes little memory, and many little ones do not add up. */
static void test_literals_before_login(void **state)
{
	static const struct {
		const char *begin;
		size_t most;
	} rows[] = {
		{ "a LOGIN {4096+}\r\n", 4 * LIMIT_imap_line_login },
		{ "a ID (\"n\" {4096+}\r\n", LIMIT_imap_line_id },
	};

	(void)state;
	for (size_t r = 0; r < COUNT(rows); r++) {
		struct conn *c = fake_open(0, &f.service, false);

		for (int i = 0; i < 100 && !c->closed; i++) {
			struct imap *s = c->session;

			fake_send(c, i ? STR(" {4096+}\r\n") : str_of(rows[r].begin), SIZE_MAX);
			for (int k = 0; k < 4096 / 8 && !c->closed; k++)
				fake_send(c, STR("password"), SIZE_MAX);
			if (!c->closed)
				check_at(r, s->input.text.n <= rows[r].most);
			if (!c->closed)
				check_at(r, s->input.text.cap <= LIMIT_imap_line_id);
		}
		fake_close(c);
	}
}

/* Literals, and then a line that does not end. */
static void test_id_line_after_literals(void **state)
{
	struct conn *c = fake_open(0, &f.service, false);
	struct str literal = STR(" \"n\" {8+}\r\npassword");

	(void)state;
	fake_send(c, STR("a ID (\"n\" {8+}\r\npassword"), SIZE_MAX);
	for (size_t sent = 0; sent + literal.n < LIMIT_imap_line_id / 2; sent += literal.n)
		fake_send(c, literal, SIZE_MAX);
	assert_false(c->closed);
	for (size_t sent = 0; sent < LIMIT_imap_line_id / 2 + 100; sent += 8)
		fake_send(c, STR(" \"name\" "), SIZE_MAX);
	assert_true(c->closed);
	fake_close(c);
}

static void test_waiting_is_cheap(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct imap *s = c->session;

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	ask(c, "b FETCH 1 BODY[]", "b OK FETCH completed\r\n");
	assert_null(s->run.arena.block);
	assert_null(s->input.text.p);
	ask(c, "c IDLE", "+ idling\r\n");
	assert_null(s->run.arena.block);
	assert_in_range(sizeof(struct imap) + s->input.text.cap, 0, 1280);
	assert_in_range(s->selected.view.cap, 0, 4);
}

static enum err quota_set(const struct mail_txn *m, void *arg)
{
	struct account account;
	enum err e = account_get(m->t, m->account, txn_arena(m->t), &account);

	(void)arg;
	account.quota_bytes = 200;
	account.quota_emails = 2;
	return e ? e : account_change(m->t, &account, NULL);
}

static void test_keyword_limit(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);
	struct arena a = { 0 };

	(void)state;
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	for (int i = FLAG_CUSTOM; i < MAIL_STORE_KEYWORDS; i++)
		ask(c, str_z(&a, str_fmt(&a, "b STORE 1 +FLAGS.SILENT k%d", i)),
		    "b OK STORE completed\r\n");
	buf_reset(&c->sent);
	fake_send(c, STR("c STORE 1 +FLAGS one-more\r\n"), SIZE_MAX);
	check_str(buf_str(&c->sent),
	          STR("c NO [LIMIT] An account has at most 8 keywords of its own\r\n"));
	buf_reset(&c->sent);
	fake_send(c, STR("d APPEND INBOX (one-more) {3+}\r\nabc\r\n"), SIZE_MAX);
	assert_true(str_starts(buf_str(&c->sent), STR("d NO [LIMIT] ")));
	arena_deinit(&a);
}

static void test_quota(void **state)
{
	struct conn *c = imap_fixture_login(&f, 0);

	(void)state;
	assert_int_equal(mail_write(&f.mail, f.account, quota_set, NULL), OK);
	imap_fixture_deliver(&f, "INBOX", STR("one"));
	ask(c, "a SELECT INBOX", "SELECT completed\r\n");
	ask(c, "b APPEND INBOX {500}", "b NO [OVERQUOTA] Quota exceeded\r\n");
	buf_reset(&c->sent);
	/* A copy takes no bytes, but counts as a message: the quota has room for one more. */
	ask(c, "c COPY 1 Archive", "COPY completed\r\n");
	fake_send(c, STR("d COPY 1 Archive\r\n"), SIZE_MAX);
	assert_true(str_find(buf_str(&c->sent), STR("d NO [OVERQUOTA] ")) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_line_limits),           TEST(test_id),
		TEST(test_literal_limits),        TEST(test_literals_before_login),
		TEST(test_waiting_is_cheap),      TEST(test_keyword_limit),
		TEST(test_quota),                 TEST(test_id_line_after_literals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
