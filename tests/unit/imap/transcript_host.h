/* tests/unit/imap/transcript_host.h: sessions of transcripts (harness/transcript.h) over the
 * server of fixture.h. Session 1, like every other that is not opened by a directive, has logged
 * in already. Include in one file of a program. Directives:
 *
 *	! open 2                  a connection; "open 2 tls": TLS is on; "open 2 clear": no
 *	                          logins without TLS, STARTTLS is offered
 *	! login 2                 one that has logged in
 *	! login 2 ada             one of ada@example.org
 *	! people                  ada@example.org and bob@example.org have accounts, bob is in
 *	                          the group team@example.org; root@example.org runs the server
 *	! team ada                now ada alone is in the group; "! team": nobody is
 *	! quota user 2048         bytes that user@example.org may have
 *	! deliver INBOX subject   mail comes
 *	! limit messages 3        RFC 9738, for the sessions that begin then; "limit saves 3"
 *	! jmap                    there is JMAP beside it
 *	! noscram                 the password has nothing for SCRAM yet; before any session
 *	! cram                    CRAM-MD5 is on
 *	! tokens                  the token "good" is the user's
 *	! timeout 2, ! stop 2     what the runtime may say
 *	! capabilities 2          prints them, a line for each */
#ifndef UNIT_IMAP_TRANSCRIPT_HOST_H
#define UNIT_IMAP_TRANSCRIPT_HOST_H
#include "unit/imap/fixture.h"

#include "harness/transcript.h"
#include "model/directory/login/credential.h"
#include "protocols/imap/commands.h"

static void *host_open(void)
{
	struct imap_fixture *f = NEW(struct imap_fixture);

	imap_fixture_open(f);
	return f;
}

static void host_close(void *server)
{
	struct imap_fixture *f = server;

	mail_store_fsck(&f->mail);
	imap_fixture_close(f);
	mem_free(f);
}

static struct conn *session(struct imap_fixture *f, size_t i)
{
	return fake_conns[i].used ? &fake_conns[i] : imap_fixture_login(f, i);
}

static void host_send(void *server, size_t i, struct str bytes, size_t piece)
{
	fake_send(session(server, i), bytes, piece);
	fake_settle();
}

/* The server has done no more than a step of it when it hears that the client has gone. */
static void host_lose(void *server, size_t i, struct str bytes)
{
	struct conn *c = session(server, i);

	c->steps_left = 1;
	fake_send(c, bytes, SIZE_MAX);
	fake_close(c);
	fake_settle();
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

static void deliver(struct imap_fixture *f, struct str rest)
{
	ptrdiff_t space = str_rfind_byte(rest, ' ');
	struct arena a = { 0 };

	assert_true(space > 0);
	imap_fixture_deliver(f, str_z(&a, str_sub(rest, 0, (size_t)space)),
	                     str_sub(rest, (size_t)space + 1, rest.n));
	arena_deinit(&a);
}

static void capabilities(struct imap_fixture *f, size_t i, struct buf *printed)
{
	size_t begin = printed->n;

	imap_capability_put(conn_session(session(f, i)), printed);
	for (size_t k = begin; k < printed->n; k++)
		if (printed->p[k] == ' ')
			printed->p[k] = '\n';
	buf_byte(printed, '\n');
}

static void login(struct imap_fixture *f, size_t i, struct str name)
{
	struct arena a = { 0 };

	if (name.n)
		imap_fixture_login_as(f, i, str_z(&a, name));
	else
		imap_fixture_login(f, i);
	arena_deinit(&a);
}

static enum err passwd(struct txn *t, void *arg)
{
	return account_passwd(t, STR("user@example.org"), *(struct str *)arg, NULL);
}

static void no_scram(struct imap_fixture *f)
{
	struct arena a = { 0 };
	struct str text;

	if (password_hash(STR("secret"), password_usual(), &a, &text, NULL) != OK ||
	    store_write(f->mail.temp.store, passwd, &text, NULL) != OK)
		abort();
	arena_deinit(&a);
}

static enum err token_verify(void *arg, const struct token_claim *claim, struct arena *a,
                             struct str *address, struct why *why)
{
	(void)arg;
	(void)a;
	*address = STR("user@example.org");
	return str_eq(claim->token, STR("good")) ? OK : fail(why, ERR_DENIED, "no such token");
}

static const struct token_verifier verifier = { .verify = token_verify };

static void quota(struct imap_fixture *f, struct str rest)
{
	struct cur c = cur_of(rest);
	struct str name = STR_EMPTY;
	uint64_t bytes = 0;

	assert_true(cur_until(&c, ' ', &name) && cur_byte(&c, ' ') && cur_u64(&c, &bytes));
	imap_fixture_quota(f, name, bytes);
}

/* "messages 3", "saves 3" */
static void limit(struct imap_fixture *f, struct str rest)
{
	struct settings s = fixture_settings;
	struct cur c = cur_of(rest);
	struct str which = STR_EMPTY;
	uint64_t n = 0;

	assert_true(cur_until(&c, ' ', &which) && cur_byte(&c, ' ') && cur_u64(&c, &n));
	*(str_eq(which, STR("saves")) ? &s.imap_save_limit : &s.imap_message_limit) = n;
	imap_fixture_settings(f, &s);
}

static bool host_directive(void *server, struct str verb, size_t i, struct str rest,
                           struct buf *printed)
{
	struct imap_fixture *f = server;
	struct conn_service service = f->service;

	service.plain_auth = !str_eq(rest, STR("clear"));
	if (str_eq(verb, STR("open")))
		fake_open(i, &service, str_eq(rest, STR("tls")));
	else if (str_eq(verb, STR("login")))
		login(f, i, rest);
	else if (str_eq(verb, STR("people")))
		imap_fixture_people(f);
	else if (str_eq(verb, STR("team")))
		imap_fixture_team(f, rest);
	else if (str_eq(verb, STR("quota")))
		quota(f, rest);
	else if (str_eq(verb, STR("limit")))
		limit(f, rest);
	else if (str_eq(verb, STR("jmap")))
		f->server.jmap_url = STR("https://mail.example.org/.well-known/jmap");
	else if (str_eq(verb, STR("noscram")))
		no_scram(f);
	else if (str_eq(verb, STR("cram")))
		logins_cram_set(f->server.logins, true);
	else if (str_eq(verb, STR("tokens")))
		logins_tokens_set(f->server.logins, &verifier, NULL);
	else if (str_eq(verb, STR("deliver")))
		deliver(f, rest);
	else if (str_eq(verb, STR("timeout")))
		fake_run(session(f, i), CONN_TIMEOUT);
	else if (str_eq(verb, STR("stop")))
		fake_run(session(f, i), CONN_STOP);
	else if (str_eq(verb, STR("capabilities")))
		capabilities(f, i, printed);
	else
		return false;
	fake_settle();
	return true;
}

static const struct transcript_host host = {
	host_open, host_close, host_send, host_lose, host_said, host_directive,
};

#endif
