/* protocols/smtp_out/remote_try.c: tries one host after another; see run.h. */
#include "flow/delivery/queue_local.h"
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/observe/event.h"
#include "model/queue/entry.h"
#include "model/queue/take.h"
#include "protocols/smtp_out/run.h"
#include "protocols/smtp_out/transaction.h"

/* End the attempt before the lease: after it another runner may take the entry, and this
 * attempt must be recorded before that, or it would never count. */
static void time_set(struct out_run *r, const struct queue_item *item)
{
	r->session.over_ms = item->due_ms - OUT_RECORD_MS;
}

/* Record accepted recipients before other hosts are tried, so that a stop or kill does
 * not send to them again. False: no time is left. */
static bool part_report(struct out_run *r, struct queue_item *item, struct delivery_local *local,
                        struct queue_result *results)
{
	struct why why = { "" };
	struct arena a = { 0 };
	struct queue_path path;

	out_run_path(r, &a, &path);
	for (size_t i = 0; i < local->rest.envelope.rcpt_count; i++)
		if (results[i].path == NULL)
			results[i].path = &path;
	delivery_local_fill(local, results);
	if (queue_report_part(r->b->config->queue, item, local->results, &why) != OK)
		(void)0; /* the final report has it */
	time_set(r, item);
	for (size_t i = 0; i < local->rest.envelope.rcpt_count; i++) {
		results[i].recorded = local->results[local->places[i]].recorded;
		if (results[i].path == &path)
			results[i].path = NULL; /* the final report sets it */
	}
	arena_deinit(&a);
	return queue_lease_holds(item, clock_real_ms());
}

/* The recipients for a host, out of the rest: at first all, then those that still need
 * another host. */
struct
try {
	struct queue_item whom;
	struct queue_result *results; /* of those                    */
	size_t *places;               /* in the rest; NULL: the same */
};

/* Copy the results of these recipients to the whole. */
static void try_put(const struct try *try, size_t from, size_t count, struct queue_result *all)
{
	for (size_t i = from; try->places != NULL && i < from + count; i++)
		all[try->places[i]] = try->results[i];
}

/* If a server accepts no more recipients in a transaction, the others wait for the next
 * host or attempt. Each transaction counts on its connection (RFC 9422 4.1). */
static enum out_tried try_run(struct out_run *r, struct queue_item *item,
                              struct delivery_local *local, struct try *try, struct arena *a,
                              struct queue_result *all)
{
	for (size_t from = 0; from < try->whom.envelope.rcpt_count;) {
		struct queue_item part = try->whom;
		enum out_tried tried;

		part.envelope.rcpts += from;
		part.envelope.rcpt_count -= from;
		if (from != 0 && (r->halted || r->troubled || !part_report(r, item, local, all))) {
			struct queue_result later = out_result(&r->session, a);

			later.outcome = QUEUE_DELAYED;
			out_run_answer(try->results + from, part.envelope.rcpt_count, later);
			try_put(try, from, part.envelope.rcpt_count, all);
			return OUT_TRIED;
		}
		tried = out_part_try(r, &part, a, try->results + from);
		if (tried == OUT_TRIED_CROWD && from == 0)
			return OUT_TRIED_CROWD;
		if (tried == OUT_TRIED_STALE)
			continue; /* once more: the second connection is new */
		try_put(try, from, part.envelope.rcpt_count, all);
		from += part.envelope.rcpt_count;
	}
	return OUT_TRIED;
}

/* Is the result temporary? A recipient whose message may have been accepted is not tried
 * again. */
static bool is_open(const struct queue_result *result)
{
	return result->outcome == QUEUE_DELAYED && !result->waits;
}

/* The recipients that need another host. */
static void try_of(struct try *try, const struct queue_item *rest, struct arena *a,
                   const struct queue_result *all)
{
	size_t n = 0;

	*try = (struct try){ .whom = *rest };
	try->whom.envelope.rcpts = arena_array(a, struct envelope_rcpt, rest->envelope.rcpt_count);
	try->results = arena_array(a, struct queue_result, rest->envelope.rcpt_count);
	try->places = arena_array(a, size_t, rest->envelope.rcpt_count);
	for (size_t i = 0; i < rest->envelope.rcpt_count; i++) {
		if (!is_open(&all[i]))
			continue;
		try->whom.envelope.rcpts[n] = rest->envelope.rcpts[i];
		try->results[n] = all[i];
		try->places[n++] = i;
	}
	try->whom.envelope.rcpt_count = n;
}

/* Record this way as the path of earlier hosts' replies. */
static void path_fix(const struct out_run *r, struct arena *a, struct queue_result *all,
                     size_t count)
{
	struct queue_path *path = arena_new(a, struct queue_path);

	out_run_path(r, a, path);
	for (size_t i = 0; i < count; i++)
		if (!is_open(&all[i]) && all[i].path == NULL)
			all[i].path = path;
}

/* RFC 5321 5.1: try the hosts in turn until one gives a permanent answer. Opens a session
 * with the next one; false: there is none, or no time. The last reply then stays. */
static bool try_next(struct out_run *r, struct queue_item *item, struct delivery_local *local,
                     struct try *try, struct arena *a, struct queue_result *all)
{
	const struct queue_item *rest = &local->rest;

	out_hosts_next(&r->hosts);
	if (!r->routed || r->halted || atomic_load(r->b->stopping) ||
	    !out_hosts_any_asked(&r->hosts) ||
	    !out_hosts_left(&r->hosts, &r->route, out_run_need(rest)))
		return false;
	try_of(try, rest, a, all);
	if (try->whom.envelope.rcpt_count == 0 || !part_report(r, item, local, all))
		return false;
	path_fix(r, a, all, rest->envelope.rcpt_count);
	event(remote_session, STR(""), ev_str(r->session.remote),
	      ev_str(try->results[0].reply.text));
	out_session_close(&r->session, true);
	return out_hosts_open(&r->hosts, &r->session, &r->route, out_run_need(rest)) == OK;
}

enum out_tried out_remote_try(struct out_run *r, struct queue_item *item,
                              struct delivery_local *local, struct arena *a,
                              struct queue_result *results)
{
	struct try try = { .whom = local->rest, .results = results };
	enum out_tried tried;

	out_hosts_begin(&r->hosts);
	time_set(r, item);
	r->begun = r->troubled = false;
	do {
		tried = try_run(r, item, local, &try, a, results);
	} while (tried == OUT_TRIED && try_next(r, item, local, &try, a, results));
	if (r->troubled)
		out_run_trouble(r, r->trouble_late, r->trouble_text);
	return !r->begun && r->crowd ? OUT_TRIED_CROWD : tried;
}
