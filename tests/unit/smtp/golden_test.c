/* Transcripts of tests/golden/smtp (form: harness/transcript.h) against the SMTP server.
 * Session 1 is a stranger on port 25, unless the file opens it.
 *
 *	! open 2 submission tls   a connection: see in_fixture_connect
 *	! user 2                  one of ada, who has greeted and logged in
 *	! timeout 2, ! stop 2     what the runtime may say
 *	! inbox ada               prints what lies there, dates and names masked
 *	! count ada               prints how many messages lie there
 *	! queue                   prints what waits to go out */
#include "unit/smtp/in_fixture.h"

#include "harness/transcript.h"
#include "smtp/in_commands.h"

static struct in_fixture fixture;

static void *server_open(void)
{
	in_fixture_open(&fixture, STORE_MEMORY);
	return &fixture;
}

static void server_close(void *server)
{
	struct in_fixture *f = server;

	town_fsck(&f->town);
	in_fixture_close(f);
}

static struct conn *session(struct in_fixture *f, size_t i)
{
	return fake_conns[i].used ? &fake_conns[i] : in_fixture_connect(f, i, STR("mx"));
}

static void session_send(void *server, size_t i, struct str bytes, size_t piece)
{
	fake_send(session(server, i), bytes, piece);
}

static bool session_said(void *server, size_t i, struct str *all, bool *closed)
{
	(void)server;
	if (!fake_conns[i].used)
		return false;
	*all = buf_str(&fake_conns[i].sent);
	*closed = fake_conns[i].closed;
	return true;
}

static void user_open(struct in_fixture *f, size_t i)
{
	struct conn *c = in_fixture_connect(f, i, STR("submission tls"));

	fake_send(c, STR("EHLO laptop\r\nAUTH PLAIN AGFkYUBleGFtcGxlLm9yZwBzZWNyZXQ=\r\n"),
	          SIZE_MAX);
	assert_true(str_find(buf_str(&c->sent), STR("\r\n235 ")) > 0);
	buf_reset(&c->sent);
}

static void inbox_print(struct in_fixture *f, const char *who, struct buf *printed)
{
	struct buf raw;

	buf_init(&raw, 16 << 20);
	town_mail(&f->town, who, &raw);
	town_masked_put(printed, buf_str(&raw));
	buf_deinit(&raw);
}

static bool obey(void *server, struct str verb, size_t i, struct str rest, struct buf *printed)
{
	struct in_fixture *f = server;
	struct arena a = { 0 };
	const char *who = str_z(&a, rest);

	if (str_eq(verb, STR("open")))
		in_fixture_connect(f, i, rest);
	else if (str_eq(verb, STR("user")))
		user_open(f, i);
	else if (str_eq(verb, STR("timeout")))
		fake_run(session(f, i), CONN_TIMEOUT);
	else if (str_eq(verb, STR("stop")))
		fake_run(session(f, i), CONN_STOP);
	else if (str_eq(verb, STR("inbox")))
		inbox_print(f, who, printed);
	else if (str_eq(verb, STR("count")))
		buf_fmt(printed, "%zu\n", town_mail(&f->town, who, NULL));
	else if (str_eq(verb, STR("queue")))
		town_queue(&f->town, printed);
	else
		i = SIZE_MAX;
	arena_deinit(&a);
	return i != SIZE_MAX;
}

static void test_transcripts(void **state)
{
	static const struct transcript_host host = { .open = server_open,
		                                     .close = server_close,
		                                     .send = session_send,
		                                     .said = session_said,
		                                     .directive = obey };

	(void)state;
	transcripts_run("smtp", &host);
}

/* However much a peer pipelines, a step answers so little of it that the rest waits with the
 * peer while the peer does not read. */
static void test_answers_come_in_steps(void **state)
{
	struct in_fixture *f = server_open();
	struct conn *c = in_fixture_connect(f, 0, STR("mx"));
	struct buf lines;

	(void)state;
	buf_init(&lines, CONN_INPUT_MAX);
	for (int i = 0; i < 1000; i++)
		buf_put(&lines, STR("EHLO client.example\r\n"));
	c->most = 0;
	fake_send(c, buf_str(&lines), SIZE_MAX);
	assert_false(c->closed);
	assert_in_range(c->most, 1, CONN_OUT_SOFT);
	buf_deinit(&lines);
	server_close(f);
}

static void test_rows_are_sorted(void **state)
{
	(void)state;
	for (size_t i = 1; i < in_row_count; i++)
		check_at(i, str_cmp(str_of(in_rows[i - 1].verb), str_of(in_rows[i].verb)) < 0);
}

static void test_rows_are_covered(void **state)
{
	struct arena a = { 0 };
	struct str text = transcripts_text("smtp", &a);

	(void)state;
	for (size_t i = 0; i < in_row_count; i++)
		if (str_find(text, str_fmt(&a, ": %s", in_rows[i].verb)) < 0)
			fail_msg("no transcript has %s", in_rows[i].verb);
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts),
		cmocka_unit_test(test_answers_come_in_steps),
		cmocka_unit_test(test_rows_are_sorted),
		cmocka_unit_test(test_rows_are_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
