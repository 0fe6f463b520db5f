/* model/queue/dsn/report.c: records the results of an attempt; see queue.h.
 *
 * First a plan is made from the item and its results: recipients that leave or stay, and
 * recipients in the bounce and in the notice. Then the two messages are written and
 * prepared outside any transaction, which may take long; the lease keeps other runners
 * away. Then one transaction checks that the lease is still ours and writes
 * everything. */
#include "foundation/base/clock.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/queue/class.h"
#include "model/queue/dsn/report_body.h"
#include "model/queue/entry.h"
#include "model/queue/record.h"
#include "model/queue/routing.h"
#include "model/queue/take.h"
#include "model/store/store.h"

/* --- The transaction -------------------------------------------------------------------- */

/* Write the remaining entry, placed by the current rules. */
static enum err next_write(struct report *r, struct txn *t, const struct queue_item *old)
{
	struct queue_item next = r->next; /* the function may run again */

	if (r->whole != NULL)
		return record_change(t, old, &next);
	if (next.envelope.rcpt_count == 0)
		return record_del(t, old);
	return routing_change(r->q, t, &r->routes, old, &next);
}

static enum err deeds_do(const struct report *r, struct txn *t)
{
	enum err e = OK;

	for (size_t i = 0; e == OK && i < r->item->envelope.rcpt_count; i++)
		if (r->results[i].deed != NULL)
			e = r->results[i].deed->put(t, r->results[i].deed->arg);
	return e;
}

/* Write history, trace and the like. A damaged row there must not undo the report, or
 * delivered mail would be sent again. */
static enum err books_write(struct report *r, struct txn *t)
{
	static enum err (*const books[])(struct report *, struct txn *) = {
		report_trace, report_past, report_hear
	};
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(books); i++) {
		e = books[i](r, t);
		if (e == ERR_CORRUPT) {
			event(store_failed, queue_id_text(&r->arena, r->item->message),
			      ev_z("delivery status notification: a damaged row"));
			e = OK;
		}
	}
	return e;
}

static enum err report_write(struct txn *t, void *arg)
{
	struct report *r = arg;
	const struct queue_item *taken = r->whole != NULL ? r->whole : r->item;
	struct queue_item old;
	enum err e = record_get(t, r->item->id, txn_arena(t), &old);

	if (e == ERR_MISSING || (e == OK && !queue_lease_is(r->q, taken, &old)))
		return fail(txn_why(t), ERR_CONFLICT,
		            "queue entry %" PRIu64 " is not ours any more", r->item->id);
	if (e == OK && old.held) { /* by an administrator, meanwhile */
		r->next.held = true;
		if (r->whole == NULL)
			r->next.due_ms = QUEUE_NEVER_MS;
	}
	if (e == OK)
		e = next_write(r, t, &old);
	if (e == OK)
		e = deeds_do(r, t);
	if (e == OK)
		e = report_letter_send(r, t, &r->failure);
	if (e == OK)
		e = report_letter_send(r, t, &r->delay);
	return e == OK && !r->bare ? books_write(r, t) : e;
}

static int64_t dest_wait(unsigned failures, void *arg)
{
	const struct report *r = arg;
	int64_t wait_ms = schedule_wait_ms(&r->schedule, failures, random_u64());

	return MIN(wait_ms, (int64_t)LIMIT_queue_away_s * 1000);
}

/* Record the result for the destination, whatever becomes of the report. */
static void dest_learn(struct report *r)
{
	const struct queue_path *path = r->results[0].path;
	char key[DEST_KEY_MAX];
	struct str dest = record_dest(key, r->item);

	if (path == NULL)
		return;
	if (!path->unreachable)
		dests_reached(r->q->dests, dest, r->now_ms);
	else
		r->rounds = dests_failed(r->q->dests, dest, r->now_ms, dest_wait, r,
		                         report_reply(r, &r->results[0].reply).text);
}

/* Must the commit wait for the disk? Only bounces and local deliveries must last; after a
 * power cut, mail accepted by a remote is sent again. */
static bool must_last(const struct report *r)
{
	bool must = r->failure.prepared || r->delay.prepared;

	for (size_t i = 0; i < r->item->envelope.rcpt_count; i++)
		must = must || r->results[i].deed != NULL || r->results[i].here;
	return must;
}

/* The other recipients continue to be tried. */
static void plan_part(struct report *r, const struct queue_item *others)
{
	r->next = *others;
	r->next.due_ms = r->now_ms + (int64_t)LIMIT_queue_lease_s * 1000;
}

static enum err report_run(struct report *r, bool keep_failed, struct why *why)
{
	enum err e;

	r->keep_failed = keep_failed;
	dest_learn(r);
	report_plan(r);
	if (r->whole != NULL)
		plan_part(r, r->others);
	e = report_letters_make(r, why);
	if (e == OK)
		e = must_last(r) ? store_write(r->q->store, report_write, r, why)
		                 : store_write_soon(r->q->store, report_write, r, why);
	if (e == OK)
		report_log(r);
	report_letter_free(r, &r->failure);
	report_letter_free(r, &r->delay);
	return e;
}

/* --- partial reports -------------------------------------------------------------------- */

static bool is_left(const struct queue_result *result)
{
	return !result->recorded;
}

static bool is_gone(const struct queue_result *result)
{
	return is_left(result) && result->outcome == QUEUE_DELIVERED && !result->here &&
	       result->deed == NULL;
}

static bool is_other(const struct queue_result *result)
{
	return is_left(result) && !is_gone(result);
}

/* A copy of the item with some of its recipients, and their results; in a. */
static struct queue_item some_of(const struct queue_item *item, const struct queue_result *all,
                                 bool (*which)(const struct queue_result *), struct arena *a,
                                 const struct queue_result **results)
{
	struct queue_result *found = arena_array(a, struct queue_result, item->envelope.rcpt_count);
	struct queue_item some = *item;

	some.envelope.rcpts = arena_array(a, struct envelope_rcpt, item->envelope.rcpt_count);
	some.envelope.rcpt_count = 0;
	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		if (!which(&all[i]))
			continue;
		found[some.envelope.rcpt_count] = all[i];
		some.envelope.rcpts[some.envelope.rcpt_count++] = item->envelope.rcpts[i];
	}
	*results = found;
	return some;
}

/* --- the whole report ------------------------------------------------------------------- */

static struct report report_open(struct queue *q, const struct queue_item *item)
{
	struct report r = { .q = q, .settings = settings_ref(q->live), .now_ms = clock_real_ms() };

	r.schedule = queue_class_of(r.settings, item->queue).schedule;
	buf_init(&r.original, BOUNCE_FULL_MAX);
	return r;
}

static void report_close(struct report *r)
{
	buf_deinit(&r->original);
	settings_unref(r->settings);
	arena_deinit(&r->arena);
}

enum err queue_report_part(struct queue *q, struct queue_item *item, struct queue_result *results,
                           struct why *why)
{
	struct report r = report_open(q, item);
	const struct queue_result *unused;
	struct queue_item gone = some_of(item, results, is_gone, &r.arena, &r.results);
	struct queue_item whole = some_of(item, results, is_left, &r.arena, &unused);
	struct queue_item others = some_of(item, results, is_other, &r.arena, &unused);
	enum err e = OK;

	r.item = &gone;
	r.whole = &whole;
	r.others = &others;
	if (gone.envelope.rcpt_count != 0 && others.envelope.rcpt_count != 0) {
		e = report_run(&r, false, why);
		if (e == OK)
			item->due_ms = r.next.due_ms;
		for (size_t i = 0; e == OK && i < item->envelope.rcpt_count; i++)
			results[i].recorded = results[i].recorded || is_gone(&results[i]);
	}
	report_close(&r);
	return e;
}

enum err queue_report(struct queue *q, const struct queue_item *item,
                      const struct queue_result *results, struct why *why)
{
	struct report r = report_open(q, item);
	struct queue_item left = some_of(item, results, is_left, &r.arena, &r.results);
	bool delivered = false;
	struct queue_item now = *item;
	enum err e = queue_times_take(q, &now);

	left.created_ms = now.created_ms;
	left.expires_ms = now.expires_ms;
	left.envelope.by_ms = now.envelope.by_ms;
	if (e == OK)
		e = routing_of(r.settings, &r.arena, &r.routes, why);
	r.item = &left;
	for (size_t i = 0; i < left.envelope.rcpt_count; i++)
		delivered = delivered || r.results[i].outcome == QUEUE_DELIVERED;
	if (e == OK)
		e = report_run(&r, false, why);
	/* Deliveries must be recorded even if there is no room for a bounce, or those
	 * recipients would get a second copy. */
	if (e != OK && e != ERR_CONFLICT && delivered)
		e = report_run(&r, true, why);
	r.bare = e == ERR_FULL && delivered;
	if (r.bare)
		e = report_run(&r, true, why);
	report_close(&r);
	return e;
}
