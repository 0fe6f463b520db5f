/* operations/transfer/remote_open.c: connects and logs in; see remote.h. */
#include "operations/transfer/transfer_private.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/text/base64.h"
#include "network/dns/dns.h"
#include "network/runtime/stream.h"
#include "network/tls/tls.h"

enum {
	ANSWER_MS = 300000, /* a server may need long for a search */
	DNS_MS = 15000,
	TLS_MS = 30000,
	COMMAND_MAX = 65536,
	RESPONSE_SPARE = 65536, /* besides the message */
	CAPABLE_MAX = 8192,
};

static enum err dial_one(struct remote *r, const struct addr *to, struct dial_config *config,
                         struct why *why)
{
	const struct transfer_pull *from = r->from;

	/* Checked at the dialled address, since DNS may return another one each time. */
	if (from->public_only && !addr_is_public(to))
		return fail(why, ERR_DENIED, "%.*s has an address that is not on the Internet",
		            STR_ARG(from->host));
	config->to = *to;
	config->to.port = from->port;
	return stream_dial(config, &r->stream, why);
}

static enum err dial(struct remote *r, struct dial_config *config, struct why *why)
{
	const struct transfer_pull *from = r->from;
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
	for (size_t i = 0; i < list.count && e != OK; i++)
		e = dial_one(r, &list.items[i], config, why);
	arena_deinit(&a);
	return e;
}

static enum err encrypt(struct remote *r, struct why *why)
{
	const struct tls_client_config tls = { .trust = r->from->trust, .verify = TLS_VERIFY_PKIX };
	enum err e;

	stream_timeout(r->stream, TLS_MS);
	e = stream_starttls(r->stream, &tls, r->from->host, why);
	stream_timeout(r->stream, ANSWER_MS);
	return e;
}

static enum err capable_ask(struct remote *r, struct why *why)
{
	return r->capable.n != 0 ? OK : remote_ask(r, STR("CAPABILITY"), NULL, NULL, why);
}

/* Capabilities of an unprotected server are not trusted (RFC 9051 6.2.1). */
static enum err remote_begin(struct remote *r, struct dial_config *config, struct why *why)
{
	enum err e = dial(r, config, why);

	if (e == OK && r->from->tls_first)
		e = encrypt(r, why);
	if (e == OK)
		e = remote_greet(r, why);
	if (e == OK && !r->from->tls_first) {
		e = remote_ask(r, STR("STARTTLS"), NULL, NULL, why);
		if (e == OK)
			e = encrypt(r, why);
		buf_reset(&r->capable);
	}
	return e ? e : capable_ask(r, why);
}

static void remote_plain_put(struct remote *r)
{
	const struct transfer_pull *from = r->from;
	struct buf plain;

	buf_init(&plain, COMMAND_MAX);
	buf_byte(&plain, '\0');
	buf_put(&plain, from->user);
	buf_byte(&plain, '\0');
	buf_put(&plain, from->password);
	base64_put(&r->command, buf_str(&plain));
	mem_wipe(plain.p, plain.n);
	buf_deinit(&plain);
}

/* AUTHENTICATE PLAIN (RFC 4616), with an initial response if the server supports it (RFC
 * 4959); else LOGIN. */
static bool login_put(struct remote *r)
{
	if (remote_can(r, "AUTH=PLAIN")) {
		buf_put(&r->command, STR("AUTHENTICATE PLAIN"));
		buf_put(&r->command, remote_can(r, "SASL-IR") ? STR(" ") : STR("\r\n"));
		r->secret = r->command.n;
		remote_plain_put(r);
	} else {
		buf_put(&r->command, STR("LOGIN "));
		if (!say_string(&r->command, r->from->user))
			return false;
		buf_byte(&r->command, ' ');
		r->secret = r->command.n + 1; /* after the quote */
		if (!say_string(&r->command, r->from->password))
			return false;
	}
	return buf_ok(&r->command);
}

static enum err login(struct remote *r, struct why *why)
{
	enum err e;

	buf_reset(&r->command);
	if (!login_put(r))
		return fail(why, ERR_DENIED, "the server cannot take this user name or password");
	buf_reset(&r->capable); /* they may have changed (RFC 9051 6.2) */
	e = remote_ask(r, buf_str(&r->command), NULL, NULL, why);
	mem_wipe(r->command.p, r->command.n);
	buf_reset(&r->command);
	if (e == ERR_MISSING)
		return fail_about(why, ERR_DENIED, "the login was refused");
	return e ? e : capable_ask(r, why);
}

/* Some servers require ID before mailboxes can be read (RFC 2971). */
static enum err introduce(struct remote *r, struct why *why)
{
	enum err e;

	if (!remote_can(r, "ID"))
		return OK;
	e = remote_ask(r, STR("ID (\"name\" \"Roost\")"), NULL, NULL, why);
	return remote_is_open(r) ? OK : e;
}

enum err remote_open(const struct transfer_pull *from, bool (*go_on)(void *arg), void *arg,
                     struct remote **out, struct why *why)
{
	struct dial_config config = { .go_on = go_on, .arg = arg };
	struct remote *r = NEW(struct remote);
	enum err e;

	r->from = from;
	buf_init(&r->response, from->message_max + RESPONSE_SPARE);
	buf_init(&r->command, COMMAND_MAX);
	buf_init(&r->capable, CAPABLE_MAX);
	e = remote_begin(r, &config, why);
	if (e == OK)
		e = login(r, why);
	if (e == OK)
		e = introduce(r, why);
	if (e != OK)
		remote_free(&r);
	*out = r;
	return e;
}
