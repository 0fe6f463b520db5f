/* protocols/smtp_out/session_open.c: tries hosts and their addresses until one offers a
 * session; see session.h. */
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "network/runtime/stream.h"
#include "protocols/smtp_out/dial.h"
#include "protocols/smtp_out/evidence.h"
#include "protocols/smtp_out/idle.h"
#include "protocols/smtp_out/session_steps.h"

static enum err session_greet(struct out_session *s)
{
	if (out_reply(s, OUT_COMMAND_MS) != OK)
		return ERR_RETRY;
	if (s->reply.code == 220)
		return out_hello(s);
	/* RFC 5321 3.1: 554 means "no mail here"; another hop or a later attempt may
	 * differ. */
	out_session_close(s, true);
	return ERR_RETRY;
}

static enum err hop_talk(struct out_session *s, bool with_tls)
{
	const struct out_smarthost *relay = s->hop->relay;
	bool implicit = relay != NULL && relay->implicit_tls;
	enum out_tls_problem p;
	enum err e;

	if (implicit && (e = out_tls_start(s, s->hop->host)))
		return e;
	if ((e = session_greet(s)))
		return e;
	if (implicit)
		s->facts.requiretls = s->ext.requiretls;
	else if (with_tls && s->demand.level != OUT_TLS_OFF && s->ext.starttls &&
	         (e = out_starttls(s, s->hop->host)))
		return e;
	if ((p = out_tls_check(&s->demand, &s->facts)) != OUT_TLS_FINE)
		return out_tls_broken(s, p, "");
	return relay != NULL && relay->user.n != 0 ? out_login(s) : OK;
}

/* Reset the facts of an earlier connection. */
static void hop_begin(struct out_session *s, const struct out_hop *hop)
{
	char text[ADDR_TEXT_MAX];

	arena_reset(&s->arena);
	s->hop = hop;
	s->ext = (struct out_extensions){ 0 };
	s->facts = (struct out_tls_facts){ 0 };
	s->problem = OUT_TLS_FINE;
	s->tls_detail = s->our_ip = s->helo = STR_EMPTY;
	s->messages = 0;
	s->late = s->busy = s->adopted = false;
	s->remote = hop->addr.family == ADDR_NONE
	                    ? str_dup(&s->arena, hop->host)
	                    : str_fmt(&s->arena, "%.*s [%.*s]", STR_ARG(hop->host),
	                              STR_ARG(addr_ip_text(&hop->addr, text)));
}

/* Connect to one of the addresses, and begin the session. */
static enum err hops_open(struct out_session *s, const struct out_hop *const *hops, size_t count,
                          size_t *which, bool with_tls)
{
	int64_t connect_ms = s->connect_ms != 0 ? s->connect_ms : OUT_CONNECT_MS;
	char text[ADDR_TEXT_MAX];
	struct why why = { "" };
	enum err e;

	hop_begin(s, hops[0]);
	if (s->demand.problem != OUT_TLS_FINE) {
		if (s->demand.problem == OUT_TLS_DNSSEC)
			s->tls_detail = hops[0]->tls.dane_trouble;
		return out_tls_broken(s, s->demand.problem, str_z(&s->arena, s->tls_detail));
	}
	if (out_dial(s->route->way, hops, count, out_wait_ms(s, connect_ms), &s->stream, which,
	             &why) != OK)
		return out_broken(s, 451, "4.4.1", why.text);
	hop_begin(s, hops[*which]);
	s->began_ms = clock_mono_ms();
	s->our_ip = str_dup(&s->arena, addr_ip_text(stream_local(s->stream), text));
	if (s->preface.n != 0 && (e = stream_write(s->stream, s->preface, &why)) != OK)
		return out_lost(s, e, &why);
	return hop_talk(s, with_tls);
}

/* May the hop be tried without TLS after TLS failed? Not with a password. */
static bool plain_will_do(const struct out_session *s)
{
	bool secret = s->hop->relay != NULL && s->hop->relay->user.n != 0;

	return !secret && !out_tls_binds(&s->demand) &&
	       (s->problem == OUT_TLS_REFUSED || s->problem == OUT_TLS_HANDSHAKE);
}

/* Try one address of a host, after the others failed. */
static enum err hops_try(struct out_session *s, const struct out_hop *const *hops, size_t count,
                         size_t *which)
{
	enum err e = hops_open(s, hops, count, which, true);

	out_evidence_note(s, s->book);
	if (e && plain_will_do(s)) {
		size_t same;

		event(remote_session, STR(""), ev_str(s->remote), ev_str(s->reply.text));
		e = hops_open(s, &hops[*which], 1, &same, false);
	}
	s->final = s->final && (e == OK || out_tls_final(&s->demand, s->problem));
	return e;
}

/* Try all addresses of a host, each at most once. */
static enum err host_try(struct out_session *s, const struct out_hop *first, size_t count,
                         enum out_tls_need need)
{
	const struct out_hop *left[OUT_HOPS_MAX];
	enum err e = ERR_RETRY;

	s->demand = out_tls_demand(&first->demand, &first->tls, need);
	for (size_t i = 0; i < count; i++)
		left[i] = &first[i];
	for (size_t i = 0; i < count && !s->fresh && s->idle != NULL; i++)
		if (out_idle_take(s->idle, s, s->settings, &first[i]))
			return OK;
	while (e != OK && count != 0) {
		size_t which = OUT_HOPS_MAX;

		e = hops_try(s, left, count, &which);
		if (which == OUT_HOPS_MAX || str_eq(s->reply.status, STR("4.4.1")))
			break; /* none of them connects */
		for (size_t i = which + 1; i < count; i++)
			left[i - 1] = left[i];
		count--;
	}
	return e;
}

bool out_hop_same_host(const struct out_hop *a, const struct out_hop *b)
{
	return a->relay == b->relay && a->port == b->port && str_eq(a->host, b->host);
}

static void pass(bool *passed, size_t from, size_t end)
{
	for (size_t i = from; passed != NULL && i < end; i++)
		passed[i] = true;
}

/* final: permanent only if every host answered so. */
enum err out_session_open(struct out_session *s, const struct out_route *route,
                          enum out_tls_need need, bool *passed)
{
	s->route = route;
	s->final = route->count != 0;
	for (size_t i = 0; passed != NULL && i < route->count; i++)
		s->final = s->final && !passed[i];
	for (size_t i = 0, end; i < route->count; i = end) {
		end = i + 1;
		while (end < route->count && out_hop_same_host(&route->hops[i], &route->hops[end]))
			end++;
		if (passed != NULL && passed[i])
			continue;
		if (host_try(s, &route->hops[i], end - i, need) == OK)
			return OK;
		pass(passed, i, end);
	}
	return ERR_RETRY;
}

bool out_session_fits(const struct out_session *s, enum out_tls_need need)
{
	struct out_tls_demand d;

	if (!out_session_is_open(s))
		return false;
	d = out_tls_demand(&s->hop->demand, &s->hop->tls, need);
	return out_tls_check(&d, &s->facts) == OUT_TLS_FINE;
}
