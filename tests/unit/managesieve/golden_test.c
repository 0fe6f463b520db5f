/* Transcripts of tests/golden/managesieve (form: harness/transcript.h). Session 1 is one that has
 * logged in, unless the file opens it.
 *
 *	! open 2                  a connection; "open 2 tls": TLS is on; "open 2 clear": no
 *	                          logins without TLS, STARTTLS is offered
 *	! timeout 2, ! stop 2     what the runtime may say */
#include "unit/managesieve/fixture.h"

#include "harness/transcript.h"
#include "protocols/managesieve/commands.h"

static void *host_open(void)
{
	struct managesieve_fixture *f = NEW(struct managesieve_fixture);

	managesieve_fixture_open(f);
	return f;
}

static void host_close(void *server)
{
	struct managesieve_fixture *f = server;

	mail_store_fsck(&f->imap.mail);
	managesieve_fixture_close(f);
	mem_free(f);
}

static struct conn *session(struct managesieve_fixture *f, size_t i)
{
	return fake_conns[i].used ? &fake_conns[i] : managesieve_fixture_login(f, i);
}

static void host_send(void *server, size_t i, struct str bytes, size_t piece)
{
	fake_send(session(server, i), bytes, piece);
}

/* The server has done no more than a step of it when the client is gone. */
static void host_lose(void *server, size_t i, struct str bytes)
{
	struct conn *c = session(server, i);

	c->steps_left = 1;
	fake_send(c, bytes, SIZE_MAX);
	for (size_t k = 0; k < FAKE_CONNS; k++)
		fake_close(&fake_conns[k]);
}

static bool host_said(void *server, size_t i, struct str *all, bool *closed)
{
	(void)server;
	*all = buf_str(&fake_conns[i].sent);
	*closed = fake_conns[i].closed;
	return fake_conns[i].used;
}

static bool host_directive(void *server, struct str verb, size_t i, struct str rest,
                           struct buf *printed)
{
	struct managesieve_fixture *f = server;
	struct conn_service service = f->service;

	(void)printed;
	service.plain_auth = !str_eq(rest, STR("clear"));
	if (str_eq(verb, STR("open")))
		fake_open(i, &service, str_eq(rest, STR("tls")));
	else if (str_eq(verb, STR("timeout")))
		fake_run(session(f, i), CONN_TIMEOUT);
	else if (str_eq(verb, STR("stop")))
		fake_run(session(f, i), CONN_STOP);
	else
		return false;
	return true;
}

static const struct transcript_host host = { .open = host_open,
	                                     .close = host_close,
	                                     .send = host_send,
	                                     .lose = host_lose,
	                                     .said = host_said,
	                                     .directive = host_directive };

static void test_transcripts(void **state)
{
	(void)state;
	transcripts_run("managesieve", &host);
}

static void test_transcripts_cut(void **state)
{
	(void)state;
	transcripts_cut("managesieve", &host, 1);
}

static void test_rows_covered(void **state)
{
	struct arena a = { 0 };
	struct str text = transcripts_text("managesieve", &a);

	(void)state;
	for (size_t i = 0; i < managesieve_row_count; i++) {
		const char *verb = managesieve_rows[i].verb;

		if (str_find(text, str_fmt(&a, ": %s", verb)) < 0)
			fail_msg("no transcript has %s", verb);
		if (i > 0 && str_cmp(str_of(managesieve_rows[i - 1].verb), str_of(verb)) >= 0)
			fail_msg("%s is not sorted", verb);
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transcripts),
		cmocka_unit_test(test_transcripts_cut),
		cmocka_unit_test(test_rows_covered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
