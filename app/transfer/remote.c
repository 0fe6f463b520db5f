/* transfer/remote.c: see remote.h. */
#include "transfer/remote.h"

#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "net/dns.h"
#include "net/stream.h"
#include "net/tls.h"
#include "text/base64.h"

#include <stdio.h>

enum {
	ANSWER_MS = 300000, /* a server may search long for what it is asked */
	DNS_MS = 15000,
	TLS_MS = 30000,
	COMMAND_MAX = 65536,
	RESPONSE_SPARE = 65536, /* beside the message */
	CAPABLE_MAX = 8192,
};

struct remote {
	struct stream *stream;
	unsigned tag;
	struct buf response;
	struct buf command;
	struct arena arena; /* of one response */
	struct buf capable; /* what it can, last heard */
};

void remote_free(struct remote **r)
{
	if (*r == NULL)
		return;
	stream_free(&(*r)->stream);
	buf_deinit(&(*r)->response);
	mem_wipe((*r)->command.p, (*r)->command.n); /* held the password */
	buf_deinit(&(*r)->command);
	buf_deinit(&(*r)->capable);
	arena_deinit(&(*r)->arena);
	mem_free(*r);
	*r = NULL;
}

/* --- responses ---------------------------------------------------------------------------- */

static enum err literal_read(struct remote *r, uint64_t n, struct why *why)
{
	while (n != 0) {
		size_t want = (size_t)MIN(n, STREAM_BUFFER), got;
		char *room = buf_room(&r->response, want);
		enum err e;

		if (room == NULL)
			return fail(why, ERR_LIMIT, "the server sent more than %d bytes at once",
			            LIMIT_transfer_message);
		if ((e = stream_read(r->stream, room, want, &got, why)))
			return e;
		if (got == 0)
			return fail(why, ERR_IO, "the server closed the connection");
		buf_commit(&r->response, got);
		n -= got;
	}
	return OK;
}

/* One response with its literals, into r->response. */
static enum err response_read(struct remote *r, struct why *why)
{
	uint64_t n;

	buf_reset(&r->response);
	for (;;) {
		struct str line;
		enum err e = stream_line(r->stream, STREAM_LINE_MAX, &line, why);

		if (e)
			return e;
		buf_put(&r->response, line);
		if (!said_literal(line, &n))
			break;
		buf_put(&r->response, STR("\r\n"));
		if ((e = literal_read(r, n, why)))
			return e;
	}
	return buf_ok(&r->response) ? OK : fail(why, ERR_LIMIT, "the server sent too much at once");
}

static enum err next(struct remote *r, struct said *said, struct why *why)
{
	enum err e = response_read(r, why);
	struct str capable = STR_EMPTY;

	if (e)
		return e;
	arena_reset(&r->arena);
	if (!said_parse(buf_str(&r->response), &r->arena, said))
		return fail(why, ERR_SYNTAX, "the server said what is no IMAP");
	if (said->kind == SAID_CAPABILITY)
		capable = said->text;
	else if (said->kind == SAID_STATUS && str_startsi(said->code, STR("CAPABILITY ")))
		capable = str_sub(said->code, 11, said->code.n);
	if (capable.n != 0) {
		buf_reset(&r->capable);
		buf_put(&r->capable, capable);
	}
	if (said->kind == SAID_STATUS && said->tag.n == 0 && said->result == SAID_BYE)
		return fail(why, ERR_IO, "the server said: %.*s", STR_ARG(said->text));
	return OK;
}

static enum err told(const struct said *said, struct why *why)
{
	if (said->result == SAID_OK)
		return OK;
	return fail(why, said->result == SAID_NO ? ERR_MISSING : ERR_SYNTAX,
	            "the server said: %.*s", STR_ARG(said->text));
}

/* The responses to what was sent, up to the tagged one. */
static enum err answers(struct remote *r, struct str tag, remote_fn *fn, void *arg, struct why *why)
{
	for (;;) {
		struct said said;
		enum err e = next(r, &said, why);

		if (e == OK && said.tag.n == 0 && fn != NULL)
			e = fn(arg, &said, why);
		if (e) {
			stream_free(&r->stream);
			return e;
		}
		if (said.tag.n != 0 && str_eq(said.tag, tag))
			return told(&said, why);
	}
}

enum err remote_ask(struct remote *r, struct str command, remote_fn *fn, void *arg, struct why *why)
{
	char tag[16];
	enum err e;

	if (r->stream == NULL)
		return fail(why, ERR_IO, "the connection is closed");
	snprintf(tag, sizeof tag, "r%u", ++r->tag);
	if ((e = stream_write(r->stream, str_of(tag), why)) ||
	    (e = stream_write(r->stream, STR(" "), why)) ||
	    (e = stream_write(r->stream, command, why)) ||
	    (e = stream_write(r->stream, STR("\r\n"), why)) || (e = stream_flush(r->stream, why))) {
		stream_free(&r->stream);
		return e;
	}
	return answers(r, str_of(tag), fn, arg, why);
}

/* --- connecting --------------------------------------------------------------------------- */

bool remote_can(const struct remote *r, const char *word)
{
	return said_capable(buf_str(&r->capable), str_of(word));
}

static enum err dial(struct remote *r, const struct transfer_pull *from, struct why *why)
{
	struct arena a = { 0 };
	struct dns_addr_list list = { 0 };
	struct addr ip;
	enum err e = ERR_RETRY;

	if (addr_parse_ip(from->host, &ip)) {
		list = (struct dns_addr_list){ .items = &ip, .count = 1 };
	} else {
		enum dns_status found = dns_addresses(from->dns, &a, from->host, DNS_V4 | DNS_V6,
		                                      clock_mono_ms() + DNS_MS, &list);

		fail(why, ERR_RETRY, "%.*s: %s", STR_ARG(from->host), dns_status_text(found));
	}
	for (size_t i = 0; i < list.count && e != OK; i++) {
		struct dial_config config = { .to = list.items[i] };

		config.to.port = from->port;
		e = stream_dial(&config, &r->stream, why);
	}
	arena_deinit(&a);
	return e;
}

static enum err encrypt(struct remote *r, const struct transfer_pull *from, struct why *why)
{
	const struct tls_client_config tls = { .trust = from->trust, .verify = TLS_VERIFY_PKIX };
	enum err e;

	stream_timeout(r->stream, TLS_MS);
	e = stream_starttls(r->stream, &tls, from->host, why);
	stream_timeout(r->stream, ANSWER_MS);
	return e;
}

static enum err greet(struct remote *r, struct why *why)
{
	struct said said;
	enum err e = next(r, &said, why);

	if (e)
		return e;
	return said.kind == SAID_STATUS && said.tag.n == 0
	               ? told(&said, why)
	               : fail(why, ERR_SYNTAX, "no IMAP server answers there");
}

/* What is known of an unprotected server is not believed (RFC 9051 6.2.1). */
static enum err begin(struct remote *r, const struct transfer_pull *from, struct why *why)
{
	enum err e = dial(r, from, why);

	if (e == OK && from->tls_first)
		e = encrypt(r, from, why);
	if (e == OK)
		e = greet(r, why);
	if (e == OK && !from->tls_first) {
		e = remote_ask(r, STR("STARTTLS"), NULL, NULL, why);
		if (e == OK)
			e = encrypt(r, from, why);
		buf_reset(&r->capable);
	}
	if (e == OK && r->capable.n == 0)
		e = remote_ask(r, STR("CAPABILITY"), NULL, NULL, why);
	return e;
}

/* AUTHENTICATE PLAIN (RFC 4616) with its initial response where the server takes that (RFC 4959),
 * which can say every user and password; else LOGIN. */
static bool login_put(struct remote *r, const struct transfer_pull *from)
{
	struct buf plain;

	if (!remote_can(r, "AUTH=PLAIN") || !remote_can(r, "SASL-IR")) {
		buf_put(&r->command, STR("LOGIN "));
		if (!say_quoted(&r->command, from->user))
			return false;
		buf_byte(&r->command, ' ');
		return say_quoted(&r->command, from->password);
	}
	buf_init(&plain, COMMAND_MAX);
	buf_byte(&plain, '\0');
	buf_put(&plain, from->user);
	buf_byte(&plain, '\0');
	buf_put(&plain, from->password);
	buf_put(&r->command, STR("AUTHENTICATE PLAIN "));
	base64_put(&r->command, buf_str(&plain));
	mem_wipe(plain.p, plain.n);
	buf_deinit(&plain);
	return buf_ok(&r->command);
}

static enum err login(struct remote *r, const struct transfer_pull *from, struct why *why)
{
	enum err e;

	buf_reset(&r->command);
	if (!login_put(r, from))
		return fail(why, ERR_DENIED, "the server cannot take this user name or password");
	buf_reset(&r->capable); /* they may be others now (RFC 9051 6.2) */
	e = remote_ask(r, buf_str(&r->command), NULL, NULL, why);
	mem_wipe(r->command.p, r->command.n);
	if (e == ERR_MISSING)
		return fail_about(why, ERR_DENIED, "the login was refused");
	return e;
}

enum err remote_open(const struct transfer_pull *from, struct remote **out, struct why *why)
{
	struct remote *r = NEW(struct remote);
	enum err e;

	buf_init(&r->response, LIMIT_transfer_message + RESPONSE_SPARE);
	buf_init(&r->command, COMMAND_MAX);
	buf_init(&r->capable, CAPABLE_MAX);
	e = begin(r, from, why);
	if (e == OK)
		e = login(r, from, why);
	if (e != OK)
		remote_free(&r);
	*out = r;
	return e;
}
