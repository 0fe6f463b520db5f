/* Transcripts of tests/golden/pop3 (form: harness/transcript.h). Session 1 is one that has logged
 * in, unless the file opens it.
 *
 *	! open 2                  a connection; "open 2 tls": TLS is on; "open 2 clear": no
 *	                          logins without TLS, STLS is offered
 *	! deliver 1 subject       mail comes
 *	! expunge 1 7             another client expunges the message of UID 7
 *	! inbox                   prints how many messages lie there
 *	! timeout 2, ! stop 2     what the runtime may say */
#include "unit/pop3/fixture.h"

#include "foundation/base/cur.h"
#include "harness/transcript.h"
#include "protocols/pop3/commands.h"

static void *host_open(void)
{
	struct pop3_fixture *f = NEW(struct pop3_fixture);

	pop3_fixture_open(f);
	return f;
}

static void host_close(void *server)
{
	struct pop3_fixture *f = server;

	mail_store_fsck(&f->imap.mail);
	pop3_fixture_close(f);
	mem_free(f);
}

static struct conn *session(struct pop3_fixture *f, size_t i)
{
	return fake_conns[i].used ? &fake_conns[i] : pop3_fixture_login(f, i);
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
	struct pop3_fixture *f = server;
	struct conn_service service = f->service;
	struct cur c = cur_of(rest);
	uint32_t uid;

	service.plain_auth = !str_eq(rest, STR("clear"));
	if (str_eq(verb, STR("open")))
		fake_open(i, &service, str_eq(rest, STR("tls")));
	else if (str_eq(verb, STR("deliver")))
		imap_fixture_deliver(&f->imap, "INBOX", rest);
	else if (str_eq(verb, STR("expunge")) && cur_u32(&c, &uid))
		pop3_fixture_expunge(f, uid);
	else if (str_eq(verb, STR("inbox")))
		buf_fmt(printed, "%u\n",
		        mail_box(&f->imap.mail, f->imap.account, "INBOX").exists);
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
	transcripts_run("pop3", &host);
}

static void test_transcripts_cut(void **state)
{
	(void)state;
	transcripts_cut("pop3", &host, 1);
}

static void test_rows_covered(void **state)
{
	struct arena a = { 0 };
	struct str text = transcripts_text("pop3", &a);

	(void)state;
	for (size_t i = 0; i < pop3_row_count; i++) {
		struct str sent = str_fmt(&a, ": %s", pop3_rows[i].verb);

		if (str_find(text, sent) < 0)
			fail_msg("no transcript has %s", pop3_rows[i].verb);
		if (i > 0 && str_cmp(str_of(pop3_rows[i - 1].verb), str_of(pop3_rows[i].verb)) >= 0)
			fail_msg("%s is not sorted", pop3_rows[i].verb);
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
