/* model/queue/fsck.c: see fsck.h. */
#include "model/queue/fsck.h"

#include "model/history/sent.h"
#include "model/queue/count.h"
#include "model/queue/entry.h"
#include "model/queue/late.h"
#include "model/queue/past.h"
#include "model/queue/queue_body.h"
#include "model/queue/record.h"
#include "model/queue/route.h"
#include "model/queue/suppress.h"
#include "model/store/store.h"

/* sent: counts entries that belong to API submissions */
static enum err sent_entry_check(struct txn *t, struct fsck_report *r,
                                 const struct queue_item *item, uint64_t *sent)
{
	enum err e =
		sent_waits_check(t, item->envelope.submitter, item->envelope.sent_id, item->id);

	*sent += e == OK;
	if (e != ERR_MISSING)
		return e;
	fsck_found(r, "SENT_WAITS does not have queue entry %" PRIu64 "; the next start repairs it",
	           item->id);
	return OK;
}

static enum err entry_check(struct txn *t, struct fsck_report *r, const struct kv_iter *it,
                            uint64_t next, uint64_t *sent, struct arena *a)
{
	uint64_t id = record_iter_id(it);
	struct queue_item item;
	struct str route, domain;
	enum err e = record_read(it, a, &item);

	if (id >= next)
		fsck_found(r, "queue entry %" PRIu64 " was never given out, the next is %" PRIu64,
		           id, next);
	if (e == ERR_CORRUPT) {
		fsck_found(r, "queue entry %" PRIu64 " cannot be read", id);
		return OK;
	}
	route_key_split(item.destination, &route, &domain);
	for (size_t i = 0; e == OK && i < item.envelope.rcpt_count; i++)
		if (domain.n != 0 && !str_eq(item.envelope.rcpts[i].address.domain, domain))
			fsck_found(r, "queue entry %" PRIu64 " for %.*s has a recipient at %.*s",
			           id, STR_ARG(item.destination),
			           STR_ARG(item.envelope.rcpts[i].address.domain));
	return e == OK && item.envelope.sent_id != 0 ? sent_entry_check(t, r, &item, sent) : e;
}

static enum err entries_check(struct txn *t, struct fsck_report *r, uint64_t *entries)
{
	struct arena a = { 0 };
	struct kv_iter it;
	uint64_t next, sent = 0, waits = 0;
	enum err e = record_id_next(t, &next);
	enum err walked;

	if (e == ERR_CORRUPT) {
		fsck_found(r, "the queue's next id cannot be read");
		next = UINT64_MAX;
		e = OK;
	}
	record_iter(&it, t, 1);
	while (e == OK && kv_iter_next(&it)) {
		*entries += 1;
		e = entry_check(t, r, &it, next, &sent, &a);
		arena_reset(&a);
	}
	walked = kv_iter_end(&it);
	arena_deinit(&a);
	if (e == OK && walked == OK)
		e = sent_waits_count(t, &waits);
	if (e == OK && walked == OK && waits != sent)
		fsck_found(r, "%" PRIu64 " rows of SENT_WAITS are of no queue entry", waits - sent);
	return e != OK ? e : walked;
}

/* Does the row match an entry due then? Two rows of one entry cannot both match. */
static enum err due_check(struct txn *t, struct fsck_report *r, const struct kv_iter *it,
                          struct arena *a, uint64_t *matched)
{
	struct record_due due;
	struct queue_item item;
	enum err e;

	if (!record_due_read(it, &due)) {
		fsck_found(r, "a row of QUEUE_DUE cannot be read");
		return OK;
	}
	e = record_get(t, due.id, a, &item);
	if (e == ERR_MISSING)
		fsck_found(r, "queue entry %" PRIu64 " is due but does not exist", due.id);
	else if (e == OK && !record_due_fits(&due, &item))
		fsck_found(r,
		           "queue entry %" PRIu64 " is due at another time or place than it says",
		           due.id);
	else
		*matched += 1;
	return e == ERR_MISSING || e == ERR_CORRUPT ? OK : e;
}

/* Rows of the history and the suppression list must be readable; rows of late.h must have
 * an entry. */
static enum err kept_check(struct txn *t, struct fsck_report *r)
{
	uint64_t past = 0, suppressed = 0, late = 0;
	bool counted = true;
	enum err e = past_check(t, &past);

	if (e == OK)
		e = late_check(t, &late);
	if (e == OK)
		e = count_check(t, &counted);
	if (!counted)
		fsck_found(r, "QUEUE_BOOK differs from the queue; a start fixes that");
	if (e == OK)
		e = suppress_check(t, &suppressed);
	if (late != 0)
		fsck_found(r, "%" PRIu64 " QUEUE_BOOK rows have no entry",
		           late);
	if (past != 0)
		fsck_found(r, "%" PRIu64 " rows of QUEUE_PAST cannot be read", past);
	if (suppressed != 0)
		fsck_found(r, "%" PRIu64 " rows of QUEUE_SUPPRESSED cannot be read", suppressed);
	return e;
}

static enum err run(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct kv_iter it;
	uint64_t entries = 0, matched = 0;
	enum err e = entries_check(t, r, &entries);
	enum err walked;

	record_due_iter(&it, t);
	while (e == OK && kv_iter_next(&it)) {
		e = due_check(t, r, &it, &a, &matched);
		arena_reset(&a);
	}
	walked = kv_iter_end(&it);
	if (e == OK && walked == OK && matched < entries)
		fsck_found(r, "%" PRIu64 " of %" PRIu64 " queue entries are never due",
		           entries - matched, entries);
	arena_deinit(&a);
	e = e != OK ? e : walked;
	return e != OK ? e : kept_check(t, r);
}

static enum err blob_refs(struct txn *t, struct fsck_report *r)
{
	struct arena a = { 0 };
	struct queue_item item;
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	record_iter(&it, t, 1);
	while (e == OK && kv_iter_next(&it)) {
		e = record_read(&it, &a, &item);
		if (e == OK)
			fsck_blob_ref(r, &item.blob);
		else if (e == ERR_CORRUPT)
			e = OK; /* reported already */
		arena_reset(&a);
	}
	walked = kv_iter_end(&it);
	arena_deinit(&a);
	return e != OK ? e : walked;
}

const struct fsck_check queue_fsck = { .name = "queue", .run = run, .blob_refs = blob_refs };
