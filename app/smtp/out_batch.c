/* smtp/out_batch.c: see out_batch.h. */
#include "smtp/out_batch.h"

#include "base/arena.h"
#include "base/clock.h"
#include "config/limits.h"
#include "config/settings.h"
#include "net/stream.h"
#include "net/tls_trust.h"
#include "observe/event.h"
#include "remote/remote.h"
#include "smtp/out_hosts.h"
#include "smtp/out_idle.h"
#include "smtp/out_local.h"
#include "smtp/out_params.h"
#include "smtp/out_published.h"
#include "smtp/out_report.h"
#include "smtp/out_transaction.h"

enum {
	LISTENS_MAX = 20,
	MORE_MAX = 20,
	MORE_MS = 400, /* what a session takes for itself alone lasts so long about */
};

struct run {
	const struct out_batch *b;
	struct out_session session;
	struct out_route route;
	struct arena route_arena;
	struct trust *own_trust; /* or NULL */
	const struct trust *trust;
	uint16_t listens[LISTENS_MAX];
	size_t listen_count;
	bool routed;
	/* No hop would take messages with such a wish, and why; in route_arena. */
	bool dead[OUT_TLS_WISHES];
	struct queue_result why_dead[OUT_TLS_WISHES];
	struct out_hosts hosts;
	/* Of the message at hand: */
	bool begun;             /* a host has answered its MAIL                       */
	bool troubled;          /* by one that has others behind it, and not told yet */
	bool trouble_late;      /* it did not answer in time                          */
	struct str trouble_text; /* what it said; in the item's arena                 */

	bool proven; /* a message was taken                              */
	bool crowd;  /* b->trouble says that there are too many of us    */
	bool halted; /* what is left of the batch is not tried now       */
	bool away;   /* nobody there talks to us at all                  */
	int64_t each_ms; /* a message of the last batch took             */
};

/* Which way it went, for the queue's lanes and history. */
static void path_of(const struct run *r, struct arena *a, struct queue_path *path)
{
	const struct out_session *s = &r->session;
	char text[ADDR_TEXT_MAX];

	*path = (struct queue_path){ .route = r->b->way->name, .unreachable = r->away };
	if (!out_session_is_open(s))
		return;
	path->host = s->hop->host;
	if (s->hop->addr.family != ADDR_NONE)
		path->address = str_dup(a, addr_text(&s->hop->addr, text));
	path->tls = out_tls_told(&s->hop->tls, &s->facts, stream_tls_text(s->stream), a);
}

/* Where that cannot be recorded, no more is taken: it would be the same again. */
static void report(struct run *r, const struct queue_item *item, struct queue_result *results,
                   struct out_local *local)
{
	struct arena a = { 0 };
	struct queue_path path;

	path_of(r, &a, &path);
	if (!out_report(r->b, &path, item, results, local))
		r->halted = true;
	arena_deinit(&a);
}

/* What the domain, or the relay's, says of TLS at some hops. */
static bool published_find(struct run *r, struct str domain, struct out_hop *hops, size_t count)
{
	struct out_published p = { r->b->config->remote, r->b->settings, r->trust };
	const struct out_tls_route *said = &hops[0].demand;
	/* A relay whose certificate is looked at is the administrator's, whatever it publishes. */
	bool fixed = said->fixed || said->level == OUT_TLS_OFF ||
	             (said->level == OUT_TLS_VERIFY && hops[0].relay != NULL);

	return out_published_find(&p, domain, fixed, &r->route_arena, hops, count);
}

static bool published(struct run *r)
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

/* Look the route up once; OK or, with result filled, the answer for every recipient. */
static enum err route(struct run *r, struct queue_result *result)
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
	result->reply.code = 0; /* nobody has said that */
	result->outcome = e == ERR_DENIED ? QUEUE_FAILED : QUEUE_DELAYED;
	r->routed = e == OK;
	r->away = e != OK && e != ERR_DENIED;
	if (r->routed && !published(r)) {
		r->routed = false;
		result->outcome = QUEUE_DELAYED;
		result->reply = (struct queue_reply){ .status = STR("4.3.2"),
			                              .text = STR("stopped before it was known "
			                                          "what TLS is asked for") };
		return ERR_RETRY;
	}
	return e;
}

/* Whatever a host says before MAIL is about itself, not about the recipients; but where no host
 * has what a message demands for ever, the message fails (RFC 8689 4.2.1). */
static void die(struct run *r, enum out_tls_wish wish)
{
	struct queue_result *why = &r->why_dead[wish];

	r->dead[wish] = true;
	/* A policy that is not met is not met for this wish: another may have its way. */
	r->away = wish == OUT_TLS_WISH_NONE && r->session.problem == OUT_TLS_FINE;
	*why = out_result(&r->session, &r->route_arena);
	why->outcome = r->session.final ? QUEUE_FAILED : QUEUE_DELAYED;
}

/* Who counts is told, and says whether it was one connection too many. A destination where nothing
 * was ever taken, and which now lets us wait, is left alone as if nobody was there. */
static void trouble_tell(struct run *r, bool late, struct str text)
{
	r->troubled = false;
	r->crowd = r->b->trouble != NULL && r->b->trouble(r->b->arg, text);
	r->halted = r->crowd;
	if (late && !r->crowd && !r->proven)
		r->halted = r->away = true;
}

/* That of a host is the destination's only when no other one takes what it was for. */
static void trouble_meet(struct run *r, enum out_tls_wish wish, struct arena *a)
{
	if (!out_hosts_left(&r->hosts, &r->route, wish)) {
		trouble_tell(r, r->session.late, r->session.reply.text);
		return;
	}
	r->troubled = true;
	r->trouble_late = r->session.late;
	r->trouble_text = str_dup(a, r->session.reply.text);
}

/* Not so when the remote is there and its TLS is not as it should be, or it wants none of our
 * mail. */
static bool is_trouble(const struct out_session *s)
{
	return s->problem == OUT_TLS_FINE && s->reply.code / 100 != 5;
}

static enum out_tls_wish wish_of(const struct queue_item *item)
{
	return out_tls_wish(item->flags, mailaddr_is_null(&item->sender));
}

/* An open session for the next message. ERR_CONFLICT: it is to be given back. */
static enum err connect(struct run *r, const struct queue_item *item, struct queue_result *result)
{
	enum out_tls_wish wish = wish_of(item);
	enum err e;

	if (!out_params_spent(&r->session) && out_session_fits(&r->session, wish))
		return OK;
	out_session_close(&r->session, true);
	if ((e = route(r, result)))
		return e;
	if (!r->dead[wish] && out_hosts_open(&r->hosts, &r->session, &r->route, wish) == OK) {
		r->away = false;
		return OK;
	}
	if (out_hosts_any_asked(&r->hosts)) { /* one of these was there */
		*result = out_result(&r->session, &r->route_arena);
		result->outcome = QUEUE_DELAYED;
		return ERR_RETRY;
	}
	if (!r->dead[wish]) {
		if (is_trouble(&r->session))
			trouble_tell(r, r->session.late, r->session.reply.text);
		if (r->crowd) {
			*result = out_result(&r->session, &r->route_arena);
			result->outcome = QUEUE_DELAYED;
			return ERR_CONFLICT;
		}
		die(r, wish);
	}
	*result = r->why_dead[wish];
	return ERR_RETRY;
}

static bool some_taken(const struct queue_result *results, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (results[i].outcome == QUEUE_DELIVERED)
			return true;
	return false;
}

enum tried {
	TRIED,       /* and results say what came of it                 */
	TRIED_STALE, /* an old connection had ended: try another        */
	TRIED_CROWD, /* nothing has happened; it is to be given back    */
};

static enum tried part_send(struct run *r, const struct queue_item *part, struct arena *a,
                            struct queue_result *results)
{
	bool old = r->session.messages != 0;
	bool begun = out_transaction(&r->session, r->b->config->store, part, a, results);

	if (!begun && old) {
		r->session.fresh = true;
		return TRIED_STALE;
	}
	r->session.fresh = false;
	r->begun = r->begun || begun;
	out_hosts_use(&r->hosts, &r->session);
	if (some_taken(results, part->rcpt_count)) {
		r->proven = true;
		r->troubled = false;
		if (r->b->taken != NULL)
			r->b->taken(r->b->arg);
	} else if (r->session.late || r->session.busy) {
		trouble_meet(r, wish_of(part), a);
	} else if (r->trouble_late) {
		r->troubled = false; /* somebody is there, and has his reasons */
	}
	return !r->begun && r->crowd ? TRIED_CROWD : TRIED;
}

static void answer_all(struct queue_result *results, size_t count, struct queue_result answer)
{
	for (size_t i = 0; i < count; i++)
		results[i] = answer;
}

/* For as many of part's recipients as one transaction may have: part is cut to them. */
static enum tried part_try(struct run *r, struct queue_item *part, struct arena *a,
                           struct queue_result *results)
{
	struct queue_result why_not = { .outcome = QUEUE_DELAYED };
	enum err e = connect(r, part, &why_not);

	if (e == OK) {
		part->rcpt_count = out_params_most(&r->session, part);
		return part_send(r, part, a, results);
	}
	answer_all(results, part->rcpt_count, why_not);
	return e == ERR_CONFLICT ? TRIED_CROWD : TRIED;
}

/* Whom the remote took so far is recorded before others are tried: a server that is stopped or
 * killed amid them does not send it to those again. False: there is no time for more. */
static bool part_report(struct run *r, struct queue_item *item, struct out_local *local,
                        struct queue_result *results)
{
	struct why why = { "" };
	struct arena a = { 0 };
	struct queue_path path;

	path_of(r, &a, &path);
	for (size_t i = 0; i < local->rest.rcpt_count; i++)
		if (results[i].path == NULL)
			results[i].path = &path;
	out_local_fill(local, results);
	if (queue_report_part(r->b->config->queue, item, local->results, &why) != OK)
		(void)0; /* the report of all tells it */
	for (size_t i = 0; i < local->rest.rcpt_count; i++) {
		results[i].recorded = local->results[local->places[i]].recorded;
		if (results[i].path == &path)
			results[i].path = NULL; /* the report of all sets it */
	}
	arena_deinit(&a);
	return queue_lease_holds(item, clock_real_ms());
}

/* The recipients that a host is asked for, of the rest: at first all of it, then those who still
 * need another one. */
struct turn {
	struct queue_item whom;
	struct queue_result *results; /* of those                    */
	size_t *places;               /* in the rest; NULL: the same */
};

/* What is known of some of them goes where that of all is. */
static void turn_put(const struct turn *turn, size_t from, size_t count, struct queue_result *all)
{
	for (size_t i = from; turn->places != NULL && i < from + count; i++)
		all[turn->places[i]] = turn->results[i];
}

/* Where a server that took some recipients wants no more now, the others wait for the next
 * host or attempt. Each transaction counts as one on its connection (RFC 9422 4.1). */
static enum tried turn_run(struct run *r, struct queue_item *item, struct out_local *local,
                           struct turn *turn, struct arena *a, struct queue_result *all)
{
	for (size_t from = 0; from < turn->whom.rcpt_count;) {
		struct queue_item part = turn->whom;
		enum tried tried;

		part.rcpts += from;
		part.rcpt_count -= from;
		if (from != 0 &&
		    (r->halted || r->troubled || !part_report(r, item, local, all))) {
			struct queue_result later = out_result(&r->session, a);

			later.outcome = QUEUE_DELAYED;
			answer_all(turn->results + from, part.rcpt_count, later);
			turn_put(turn, from, part.rcpt_count, all);
			return TRIED;
		}
		tried = part_try(r, &part, a, turn->results + from);
		if (tried == TRIED_CROWD && from == 0)
			return TRIED_CROWD;
		if (tried == TRIED_STALE)
			continue; /* once more: the second connection is not old */
		turn_put(turn, from, part.rcpt_count, all);
		from += part.rcpt_count;
	}
	return TRIED;
}

/* Has nobody said the last word yet? Who may have the message is not asked twice. */
static bool is_open(const struct queue_result *result)
{
	return result->outcome == QUEUE_DELAYED && !result->waits;
}

/* Those who need another host. */
static void turn_of(struct turn *turn, const struct queue_item *rest, struct arena *a,
                    const struct queue_result *all)
{
	size_t n = 0;

	*turn = (struct turn){ .whom = *rest };
	turn->whom.rcpts = arena_array(a, struct queue_rcpt, rest->rcpt_count);
	turn->results = arena_array(a, struct queue_result, rest->rcpt_count);
	turn->places = arena_array(a, size_t, rest->rcpt_count);
	for (size_t i = 0; i < rest->rcpt_count; i++) {
		if (!is_open(&all[i]))
			continue;
		turn->whom.rcpts[n] = rest->rcpts[i];
		turn->results[n] = all[i];
		turn->places[n++] = i;
	}
	turn->whom.rcpt_count = n;
}

/* What others said was said on this way. */
static void path_fix(const struct run *r, struct arena *a, struct queue_result *all, size_t count)
{
	struct queue_path *path = arena_new(a, struct queue_path);

	path_of(r, a, path);
	for (size_t i = 0; i < count; i++)
		if (!is_open(&all[i]) && all[i].path == NULL)
			all[i].path = path;
}

/* RFC 5321 5.1: each host in turn, until one has said the last word. The next one's turn, with a
 * session open; false: there is none, or no time. Then what was heard last stays. */
static bool turn_next(struct run *r, struct queue_item *item, struct out_local *local,
                      struct turn *turn, struct arena *a, struct queue_result *all)
{
	const struct queue_item *rest = &local->rest;

	out_hosts_next(&r->hosts);
	if (!r->routed || r->halted || atomic_load(r->b->stopping) ||
	    !out_hosts_any_asked(&r->hosts) ||
	    !out_hosts_left(&r->hosts, &r->route, wish_of(rest)))
		return false;
	turn_of(turn, rest, a, all);
	if (turn->whom.rcpt_count == 0 || !part_report(r, item, local, all))
		return false;
	path_fix(r, a, all, rest->rcpt_count);
	event(remote_session, STR(""), ev_str(r->session.remote),
	      ev_str(turn->results[0].reply.text));
	out_session_close(&r->session, true);
	return out_hosts_open(&r->hosts, &r->session, &r->route, wish_of(rest)) == OK;
}

static enum tried rest_try(struct run *r, struct queue_item *item, struct out_local *local,
                           struct arena *a, struct queue_result *results)
{
	struct turn turn = { .whom = local->rest, .results = results };
	enum tried tried;

	out_hosts_begin(&r->hosts);
	r->begun = r->troubled = false;
	do {
		tried = turn_run(r, item, local, &turn, a, results);
	} while (tried == TRIED && turn_next(r, item, local, &turn, a, results));
	if (r->troubled)
		trouble_tell(r, r->trouble_late, r->trouble_text);
	return !r->begun && r->crowd ? TRIED_CROWD : tried;
}

/* False: it is to be given back. */
static bool item_run(struct run *r, struct queue_item *item)
{
	enum tried tried = TRIED;
	struct arena a = { 0 };
	struct out_local local;

	out_local_run(&local, r->b->config, item, NULL, &a);
	if (local.rest.rcpt_count != 0) {
		struct queue_result *results =
			arena_array(&a, struct queue_result, local.rest.rcpt_count);

		answer_all(results, local.rest.rcpt_count,
		           (struct queue_result){ .outcome = QUEUE_DELAYED });
		tried = rest_try(r, item, &local, &a, results);
		out_local_fill(&local, results);
	}
	if (tried == TRIED)
		report(r, item, local.results, &local);
	else
		out_local_end(&local, false);
	arena_deinit(&a);
	return tried == TRIED;
}

/* A remote so slow that the lease would not last makes the rest wait: another runner might
 * take it meanwhile. Rules that have changed may lead it elsewhere. */
static void items_run(struct run *r, const struct queue_batch *batch)
{
	int64_t began_ms = clock_mono_ms();

	for (size_t i = 0; i < batch->count; i++) {
		if (atomic_load(r->b->stopping) || r->halted ||
		    batch->rules != queue_rules_now(r->b->config->queue) ||
		    !queue_lease_holds(&batch->items[i], clock_real_ms()) ||
		    !item_run(r, &batch->items[i])) {
			if (queue_release(r->b->config->queue, &batch->items[i], batch->count - i,
			                  0, NULL) != OK)
				(void)0; /* the lease ends by itself */
			return;
		}
	}
	r->each_ms = (clock_mono_ms() - began_ms) / (int64_t)batch->count;
}

/* Whoever answers slowly gets few at a time, so that other sessions find some to send beside. */
static size_t more_max(const struct run *r)
{
	if (r->away)
		return MORE_MAX;
	return (size_t)MIN(MAX(MORE_MS / MAX(r->each_ms, 1), 1), MORE_MAX);
}

/* More for the same place, while we are there; where nobody is, what is owed a report: the rest of
 * the lane is left alone without a connection for each. */
static bool take_more(struct run *r, const struct queue_batch *first, struct arena *a,
                      struct queue_batch *out)
{
	struct queue_want want = { .now_ms = clock_real_ms(),
		                   .only = &first->lane,
		                   .owed = r->away,
		                   .max = more_max(r) };

	if (atomic_load(r->b->stopping) || r->halted ||
	    first->rules != queue_rules_now(r->b->config->queue) ||
	    (!r->away && (!out_session_is_open(&r->session) || out_params_spent(&r->session))))
		return false;
	return queue_take(r->b->config->queue, &want, a, out, NULL) == OK && out->count != 0;
}

/* A file of roots that is gone meanwhile makes nobody trusted who is not without it. */
static void trust_take(struct run *r)
{
	struct why why = { "" };

	if (remote_trust(r->b->settings->smtp_out_ca, &r->own_trust, &r->trust, &why) != OK)
		event(smtp_out_ca_failed, STR(""), ev_z(why.text));
}

/* Where mail for us comes in. */
static void listens_take(struct run *r)
{
	struct addr_list list;

	if (addr_list_parse(&r->route_arena, r->b->settings->listen_smtp, 0, &list, NULL) != OK)
		return;
	for (size_t i = 0; i < list.count && i < LISTENS_MAX; i++)
		r->listens[r->listen_count++] = list.items[i].port;
}

/* For the next batch, whoever sends it, if the session is good for more. */
static void session_keep(struct run *r)
{
	int64_t now_ms = clock_mono_ms(), keep_ms = (int64_t)r->b->settings->smtp_out_idle_s * 1000;
	struct out_session *s = &r->session;

	if (r->b->idle == NULL || keep_ms == 0 || atomic_load(r->b->stopping) ||
	    !out_session_is_open(s) || out_params_spent(s) || now_ms - s->began_ms >= OUT_AGE_MS)
		return;
	if (!out_idle_put(r->b->idle, s, r->b->settings, now_ms + keep_ms))
		(void)0; /* there are enough: it is closed */
}

void out_batch_run(const struct out_batch *b, const struct queue_batch *first)
{
	struct run r = { .b = b };
	struct str hello = b->way->manner.hello;
	struct queue_batch batch = *first;
	struct arena a = { 0 };

	listens_take(&r);
	out_session_init(&r.session, hello.n != 0 ? hello : b->settings->hostname);
	r.session.book = b->config->remote;
	r.session.patience_ms = (int64_t)b->settings->smtp_out_patience_s * 1000;
	r.session.connect_ms = b->crowded ? OUT_CONNECT_CROWDED_MS : OUT_CONNECT_MS;
	r.session.idle = b->idle;
	r.session.tls_sessions = b->tls_sessions;
	r.session.settings = b->settings;
	trust_take(&r);
	do {
		items_run(&r, &batch);
		arena_reset(&a);
	} while (take_more(&r, first, &a, &batch));
	session_keep(&r);
	out_session_deinit(&r.session);
	trust_free(r.own_trust);
	arena_deinit(&r.route_arena);
	arena_deinit(&a);
}
