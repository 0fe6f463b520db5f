/* protocols/smtp_out/part.c: delivers a part of an entry at a host: finds a session and
 * runs one transaction; see run.h. */
#include "protocols/smtp_out/run.h"

#include "foundation/base/arena.h"
#include "foundation/config/settings.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "network/runtime/stream.h"
#include "network/tls/trust.h"
#include "protocols/smtp_out/params.h"
#include "protocols/smtp_out/published.h"
#include "protocols/smtp_out/transaction.h"

void out_run_path(const struct out_run *r, struct arena *a, struct queue_path *path)
{
	const struct out_session *s = &r->session;
	char text[ADDR_TEXT_MAX];

	*path = (struct queue_path){ .route = r->b->way->name, .unreachable = r->away };
	if (!out_session_is_open(s))
		return;
	path->host = s->hop->host;
	if (s->hop->addr.family != ADDR_NONE)
		path->address = str_dup(a, addr_text(&s->hop->addr, text));
	path->tls = out_tls_describe(&s->hop->tls, &s->facts, stream_tls_text(s->stream), a);
}

/* Apply the domain's or relay's published policy to some hops. */
static bool published_find(struct out_run *r, struct str domain, struct out_hop *hops, size_t count)
{
	struct out_published p = { r->b->config->remote, r->b->settings, r->trust };
	const struct out_tls_route *said = &hops[0].demand;
	/* A relay with a verified certificate is the administrator's choice, whatever it
	 * publishes. */
	bool fixed = said->fixed || said->level == OUT_TLS_OFF ||
	             (said->level == OUT_TLS_VERIFY && hops[0].relay != NULL);

	return out_published_find(&p, domain, fixed, &r->route_arena, hops, count);
}

static bool published(struct out_run *r)
{
	struct out_hop *hops = r->route.hops;

	for (size_t i = 0, end; i < r->route.count; i = end) {
		const struct out_smarthost *relay = hops[i].relay;

		end = i + 1;
		while (end < r->route.count && hops[end].relay == relay)
			end++;
		if (relay != NULL && relay->path.n != 0)
			continue;
		if (!published_find(r, relay != NULL ? relay->host : r->b->way->domain, &hops[i],
		                    end - i))
			return false;
	}
	return true;
}

/* Find the route once; OK, or result has the answer for every recipient. */
static enum err route(struct out_run *r, struct queue_result *result)
{
	struct out_route_request request = {
		.dns = r->b->config->dns,
		.hostname = r->b->settings->hostname,
		.port = (uint16_t)r->b->settings->smtp_out_port,
		.listens = r->listens,
		.listen_count = r->listen_count,
		.way = r->b->way,
	};
	enum err e;

	if (r->routed)
		return OK;
	e = out_route_find(&request, &r->route_arena, &r->route, &result->reply);
	result->reply.code = 0; /* no server sent it */
	result->outcome = e == ERR_DENIED ? QUEUE_FAILED : QUEUE_DELAYED;
	r->routed = e == OK;
	r->away = e != OK && e != ERR_DENIED;
	if (r->routed && !published(r)) {
		r->routed = false;
		result->outcome = QUEUE_DELAYED;
		result->reply = (struct envelope_reply){ .status = STR("4.3.2"),
			                                 .text = STR("stopped before it was known "
			                                             "what TLS is asked for") };
		return ERR_RETRY;
	}
	return e;
}

/* A reply before MAIL is about the host, not the recipients. But if no host can ever meet
 * a message's demand, the message fails (RFC 8689 4.2.1). */
static void die(struct out_run *r, enum out_tls_need need)
{
	struct queue_result *why = &r->why_dead[need];

	r->dead[need] = true;
	/* A failed policy only concerns this need: messages with another one may pass. */
	r->away = need == OUT_TLS_NEED_NONE && r->session.problem == OUT_TLS_FINE;
	*why = out_result(&r->session, &r->route_arena);
	why->outcome = r->session.final ? QUEUE_FAILED : QUEUE_DELAYED;
}

void out_run_trouble(struct out_run *r, bool late, struct str text)
{
	r->troubled = false;
	r->crowd = r->b->trouble != NULL && r->b->trouble(r->b->arg, text);
	r->halted = r->crowd;
	if (late && !r->crowd && !r->proven)
		r->halted = r->away = true;
}

/* A host's trouble is the destination's only if no other host accepts the message. */
static void trouble_meet(struct out_run *r, enum out_tls_need need, struct arena *a)
{
	if (!out_hosts_left(&r->hosts, &r->route, need)) {
		out_run_trouble(r, r->session.late, r->session.reply.text);
		return;
	}
	r->troubled = true;
	r->trouble_late = r->session.late;
	r->trouble_text = str_dup(a, r->session.reply.text);
}

/* False if the remote answers but its TLS is wrong, or it refuses our mail. */
static bool is_trouble(const struct out_session *s)
{
	return s->problem == OUT_TLS_FINE && s->reply.code / 100 != 5;
}

enum out_tls_need out_run_need(const struct queue_item *item)
{
	return out_tls_need(item->envelope.flags, mailaddr_is_null(&item->envelope.sender));
}

/* Get an open session for the next message. ERR_CONFLICT: give the message back. */
static enum err connect(struct out_run *r, const struct queue_item *item,
                        struct queue_result *result)
{
	enum out_tls_need need = out_run_need(item);
	enum err e;

	if (!out_params_spent(&r->session) && out_session_fits(&r->session, need))
		return OK;
	out_session_close(&r->session, true);
	/* RFC 8460 3: otherwise a report would cause the next one. */
	r->session.book = item->envelope.flags & ENVELOPE_REPORT ? NULL : r->b->config->remote;
	if ((e = route(r, result)))
		return e;
	if (!r->dead[need] && out_hosts_open(&r->hosts, &r->session, &r->route, need) == OK) {
		r->away = false;
		return OK;
	}
	if (out_hosts_any_asked(&r->hosts)) { /* one of these answered */
		*result = out_result(&r->session, &r->route_arena);
		result->outcome = QUEUE_DELAYED;
		return ERR_RETRY;
	}
	if (!r->dead[need]) {
		if (is_trouble(&r->session))
			out_run_trouble(r, r->session.late, r->session.reply.text);
		if (r->crowd) {
			*result = out_result(&r->session, &r->route_arena);
			result->outcome = QUEUE_DELAYED;
			return ERR_CONFLICT;
		}
		die(r, need);
	}
	*result = r->why_dead[need];
	return ERR_RETRY;
}

static bool some_taken(const struct queue_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (results[i].outcome == QUEUE_DELIVERED)
			return true;
	return false;
}

static enum out_tried part_send(struct out_run *r, const struct queue_item *part, struct arena *a,
                                struct queue_result *results)
{
	bool old = r->session.messages != 0;
	bool begun = out_transaction(&r->session, r->b->config->store, part, a, results);

	if (!begun && old) {
		r->session.fresh = true;
		return OUT_TRIED_STALE;
	}
	r->session.fresh = false;
	r->begun = r->begun || begun;
	out_hosts_use(&r->hosts, &r->session);
	if (some_taken(results, part->envelope.rcpt_count)) {
		r->proven = true;
		r->troubled = false;
		if (r->b->taken != NULL)
			r->b->taken(r->b->arg);
	} else if (r->session.late || r->session.busy) {
		trouble_meet(r, out_run_need(part), a);
	} else if (r->trouble_late) {
		r->troubled = false; /* the host answers, and refuses */
	}
	return !r->begun && r->crowd ? OUT_TRIED_CROWD : OUT_TRIED;
}

void out_run_answer(struct queue_result *results, size_t count, struct queue_result answer)
{
	for (size_t i = 0; i < count; i++)
		results[i] = answer;
}

enum out_tried out_part_try(struct out_run *r, struct queue_item *part, struct arena *a,
                            struct queue_result *results)
{
	struct queue_result why_not = { .outcome = QUEUE_DELAYED };
	enum err e = connect(r, part, &why_not);

	if (e == OK) {
		part->envelope.rcpt_count = out_params_most(&r->session, part);
		return part_send(r, part, a, results);
	}
	out_run_answer(results, part->envelope.rcpt_count, why_not);
	return e == ERR_CONFLICT ? OUT_TRIED_CROWD : OUT_TRIED;
}
