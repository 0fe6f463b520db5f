/* operations/doctor/self_test/self_send.c: see self_send.h. */
#include "operations/doctor/self_test/self_send.h"

#include "formats/smtp_wire/stuff.h"
#include "foundation/base/clock.h"
#include "foundation/config/settings.h"
#include "network/runtime/proxies.h"
#include "network/runtime/stream.h"
#include "network/runtime/wire_proxy.h"
#include "operations/doctor/records/dns_facts.h"
#include "operations/doctor/self_test/self_judge.h"
#include "operations/doctor/sentence.h"
#include "protocols/smtp_out/session.h"
#include "protocols/smtp_out/route_resolve.h"

#include <string.h>

enum { OWN_MAX = 4, LINE_MAX_BYTES = 2048, TEXT_MAX = KIB(128), CONNECT_MS = 5000 };

struct dialogue {
	struct out_session s;
	struct self_send *of;
	struct check *c;
	struct addr client; /* as whom we come, with a proxy's header */
	const char *at;     /* what was said last: "RCPT" */
};

/* --- where ---------------------------------------------------------------------------------- */

static bool is_wild(const struct addr *a)
{
	static const struct addr none = { .family = ADDR_NONE };

	return a->family == ADDR_ANY || memcmp(a->ip, none.ip, sizeof a->ip) == 0;
}

static struct addr loopback(enum addr_family family)
{
	struct addr a = { .family = ADDR_NONE };
	bool known = addr_parse_ip(family == ADDR_V6 ? STR("::1") : STR("127.0.0.1"), &a);

	assert(known);
	return a;
}

/* The first of ours that such a listener hears. */
static struct addr place_of(const struct addr *listen, const struct addr *own, size_t own_count)
{
	struct addr at = *listen;

	if (is_wild(listen)) {
		at = loopback(listen->family);
		for (size_t i = own_count; i > 0; i--)
			if (listen->family == ADDR_ANY || listen->family == own[i - 1].family)
				at = own[i - 1];
	}
	at.port = listen->port;
	return at;
}

bool self_send_place(const struct addr *listens, size_t n, const struct addr *own, size_t own_count,
                     struct addr *out)
{
	if (n != 0)
		*out = place_of(&listens[0], own, own_count);
	return n != 0;
}

/* --- what cannot be --------------------------------------------------------------------------- */

static void not_sent(struct check *c, struct str seen, enum sentence advice)
{
	c->state = DNS_STATE_UNKNOWN;
	c->seen = seen;
	c->advice = sentence_of(advice);
}

/* Is a connection from this address taken for a proxy's? */
static bool is_proxy(const struct settings *s, const struct addr *from)
{
	struct proxies *p = NULL;
	bool yes =
		proxies_parse(s->proxy_protocol, &p, NULL) == OK && proxies_have(p, "smtp", from);

	proxies_free(&p);
	return yes;
}

static bool place_find(const struct self_send *s, struct check *c, struct addr *at)
{
	struct addr own[OWN_MAX];

	if (self_send_place(s->listens, s->listen_count, own, own_public_addresses(own, OWN_MAX),
	                    at))
		return true;
	not_sent(c, STR("this server listens nowhere for mail of others"),
	         SENTENCE_test_no_listener);
	return false;
}

/* Where a proxy's header is awaited from our own address we are the proxy, of a client on this
 * machine: of any other we would have to invent the address. */
static struct str preface_make(const struct self_send *s, const struct addr *at,
                               struct addr *client)
{
	struct str preface;
	struct buf b;

	if (!is_proxy(s->settings, at))
		return STR_EMPTY;
	*client = loopback(at->family);
	buf_init(&b, PROXY_PUT_MAX);
	proxy_header_put(&b, client, at);
	preface = str_dup(s->a, buf_str(&b));
	buf_deinit(&b);
	return preface;
}

/* --- the dialogue -------------------------------------------------------------------------- */

static bool said(struct dialogue *d, const char *at, struct str line, unsigned want)
{
	d->at = at;
	return out_command(&d->s, line, OUT_COMMAND_MS) == OK && d->s.reply.code / 100 == want;
}

static bool path_said(struct dialogue *d, const char *at, const char *verb,
                      const struct mailaddr *m, const char *behind)
{
	struct buf line;
	bool ok;

	buf_init(&line, LINE_MAX_BYTES);
	buf_fmt(&line, "%s:<", verb);
	mailaddr_put(&line, m);
	buf_fmt(&line, ">%s", behind);
	ok = buf_ok(&line) && said(d, at, buf_str(&line), 2);
	buf_deinit(&line);
	return ok;
}

static void text_put(struct buf *out, struct smtp_stuff *stuff, struct str in)
{
	while (in.n != 0) {
		struct str piece;
		bool dot;

		smtp_stuff_next(stuff, &in, &piece, &dot);
		if (dot)
			buf_byte(out, '.');
		buf_put(out, piece);
	}
}

static bool text_said(struct dialogue *d)
{
	struct smtp_stuff stuff = { 0 };
	struct why why = { "" };
	struct buf text;
	enum err e;

	d->at = "the end of the message";
	buf_init(&text, TEXT_MAX);
	text_put(&text, &stuff, d->of->signatures);
	text_put(&text, &stuff, d->of->body);
	buf_put(&text, smtp_stuff_end(&stuff));
	assert(buf_ok(&text));
	stream_timeout(d->s.stream, out_wait_ms(&d->s, OUT_BLOCK_MS));
	e = stream_write(d->s.stream, buf_str(&text), &why);
	buf_deinit(&text);
	if (e)
		return out_lost(&d->s, e, &why) == OK;
	return out_reply(&d->s, OUT_END_MS) == OK && d->s.reply.code / 100 == 2;
}

/* RFC 6531 3.4: only where it is needed. */
static bool envelope_said(struct dialogue *d)
{
	const struct self_send *s = d->of;
	bool utf8 = mailaddr_is_utf8(&s->from) || mailaddr_is_utf8(&s->to);

	return path_said(d, "MAIL", "MAIL FROM", &s->from, utf8 ? " SMTPUTF8" : "") &&
	       path_said(d, "RCPT", "RCPT TO", &s->to, "") && said(d, "DATA", STR("DATA"), 3);
}

/* --- the verdict -------------------------------------------------------------------------- */

static struct str over_words(const struct dialogue *d)
{
	struct str tls =
		d->s.facts.open && d->s.stream != NULL ? stream_tls_text(d->s.stream) : STR_EMPTY;
	char text[ADDR_TEXT_MAX];

	return str_fmt(d->of->a, "%.*s, from %.*s, %s%.*s", STR_ARG(d->s.remote),
	               STR_ARG(addr_ip_text(&d->of->peer, text)),
	               tls.n != 0 ? "over " : "not encrypted", STR_ARG(tls));
}

static void judge_refusal(struct dialogue *d, struct str over)
{
	const struct envelope_reply *r = &d->s.reply;
	struct check *c = d->c;

	c->seen =
		str_fmt(d->of->a, "%.*s: to %s it answered %u %.*s%s%.*s", STR_ARG(over), d->at,
	                r->code, STR_ARG(r->status), r->status.n != 0 ? " " : "", STR_ARG(r->text));
	c->state = r->code / 100 == 4 ? DNS_STATE_WARN : DNS_STATE_FAIL;
	c->advice =
		sentence_of(r->code / 100 == 4 ? SENTENCE_test_deferred : SENTENCE_test_refused);
}

static void judge_answer(struct dialogue *d, struct str over, bool taken, int64_t began_ms)
{
	const struct envelope_reply *r = &d->s.reply;

	if (taken)
		d->c->seen = str_fmt(d->of->a, "%.*s: %u %.*s, after %" PRId64 " ms", STR_ARG(over),
		                     r->code, STR_ARG(r->text), clock_mono_ms() - began_ms);
	else if (d->s.said)
		judge_refusal(d, over);
	else
		not_sent(d->c,
		         str_fmt(d->of->a, "%.*s: the connection was lost at %s: %.*s",
		                 STR_ARG(over), d->at, STR_ARG(r->text)),
		         SENTENCE_test_lost);
}

static void bring(struct dialogue *d, const struct out_route *route)
{
	int64_t began_ms = clock_mono_ms();
	struct str over;
	bool taken;

	d->at = "the connection";
	if (out_session_open(&d->s, route, OUT_TLS_NEED_OPTIONAL, NULL) != OK) {
		over = str_dup(d->of->a, d->s.remote);
		judge_answer(d, over, false, began_ms);
		return;
	}
	d->of->peer = d->s.preface.n != 0 ? d->client : *stream_local(d->s.stream);
	over = over_words(d);
	taken = envelope_said(d) && text_said(d);
	d->of->taken = taken;
	judge_answer(d, over, taken, began_ms);
}

/* From an address of our own that is public nobody may greet by our name: as others see to it, by
 * the address then (RFC 5321 4.1.3). */
static struct str hello_of(const struct self_send *s, const struct addr *from)
{
	char text[ADDR_TEXT_MAX];

	if (addr_is_private(from))
		return s->settings->hostname;
	return str_fmt(s->a, "[%s%.*s]", from->family == ADDR_V6 ? "IPv6:" : "",
	               STR_ARG(addr_ip_text(from, text)));
}

void self_send(struct self_send *s, struct checks *out)
{
	const struct out_way way = { .kind = ROUTE_MX, .domain = s->to.domain };
	struct out_route route = { .count = 1, .way = &way };
	struct dialogue d = { .of = s };
	struct addr at;
	struct str preface;

	d.c = checks_add(out, "sent", "Our own server takes the message");
	d.c->expected = STR("250: the message is accepted");
	s->taken = false;
	s->peer = (struct addr){ .family = ADDR_NONE };
	if (!place_find(s, d.c, &at))
		return;
	route.hops[0] =
		(struct out_hop){ .host = s->settings->hostname, .addr = at, .port = at.port };
	d.client = at;
	preface = preface_make(s, &at, &d.client);
	out_session_init(&d.s, hello_of(s, &d.client));
	d.s.preface = preface;
	d.s.connect_ms = CONNECT_MS;
	d.s.over_ms = clock_real_ms() + SELF_SEND_MS;
	bring(&d, &route);
	out_session_deinit(&d.s);
}
