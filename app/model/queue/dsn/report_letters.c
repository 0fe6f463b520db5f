/* model/queue/dsn/report_letters.c: makes the bounce and the notice of a report; see
 * report_body.h. */
#include "model/queue/dsn/report_body.h"
#include "model/queue/queue.h"
#include "model/store/store.h"

/* The most that one recipient adds: its reply twice, encoded. */
enum { LETTER_RCPT_MAX = 16384 };

/* Read as much of the original as a report may have. */
static enum err original_read(struct txn *t, void *arg)
{
	struct report *r = arg;
	bool all = bounce_wants_all(r->item, r->failure.failed);
	size_t n = all ? BOUNCE_FULL_MAX : BOUNCE_HEADER_MAX;

	buf_reset(&r->original);
	return blob_get(t, &r->item->blob, 0, n, &r->original);
}

static void letter_write(struct report *r, struct letter *l)
{
	struct bounce b = {
		.item = r->item,
		.rcpts = l->rcpts,
		.rcpt_count = l->rcpt_count,
		.original = buf_str(&r->original),
		.original_whole = r->original.n == r->item->size_bytes,
		.hostname = r->settings->hostname,
		.now_ms = r->now_ms,
		.last_attempt_ms = r->item->expires_ms,
	};

	l->bounce = (struct queue_bounce){
		.to = r->item->envelope.sender,
		.submitter = r->item->envelope.submitter,
		.about = r->item->id,
		.priority = r->item->envelope.priority,
		.notice = !l->failed,
	};
	bounce_put(&l->raw, &b, &l->bounce.flags);
	l->bounce.raw = buf_str(&l->raw);
}

static enum err letter_make(struct report *r, struct letter *l, struct why *why)
{
	const struct queue_host *host = &r->q->host;
	enum err e;

	if (l->rcpt_count == 0)
		return OK;
	buf_init(&l->raw, 2 * BOUNCE_FULL_MAX + l->rcpt_count * LETTER_RCPT_MAX);
	letter_write(r, l);
	if (!buf_ok(&l->raw))
		return fail(why, ERR_LIMIT, "a bounce for so many recipients is too long");
	e = host->bounce_prepare(&l->bounce, &l->made, host->arg, why);
	l->prepared = e == OK;
	return e;
}

enum err report_letters_make(struct report *r, struct why *why)
{
	enum err e = OK;

	if (r->failure.rcpt_count + r->delay.rcpt_count == 0)
		return OK;
	e = store_read(r->q->store, original_read, r);
	/* A damaged blob must not prevent the bounce. */
	if (e != OK && e != ERR_CORRUPT && e != ERR_MISSING)
		return fail(why, e, "the original cannot be read");
	e = letter_make(r, &r->failure, why);
	return e != OK ? e : letter_make(r, &r->delay, why);
}

void report_letter_free(struct report *r, struct letter *l)
{
	if (l->prepared)
		r->q->host.bounce_done(l->made, r->q->host.arg);
	if (l->rcpt_count != 0 && l->raw.max != 0)
		buf_deinit(&l->raw);
	*l = (struct letter){ 0 };
}

enum err report_letter_send(struct report *r, struct txn *t, struct letter *l)
{
	const struct queue_host *host = &r->q->host;
	enum err e;

	l->dropped = false;
	if (!l->prepared)
		return OK;
	e = host->bounce_put(t, &l->bounce, l->made, host->arg);
	l->dropped = e == ERR_MISSING || e == ERR_DENIED || e == ERR_LIMIT;
	return l->dropped ? OK : e;
}
