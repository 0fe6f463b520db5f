/* operations/transfer/pull_mailbox.c: imports the messages of one remote mailbox; see
 * pull_body.h. */
#include "formats/message/header.h"
#include "foundation/base/buf.h"
#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/text/date.h"
#include "operations/transfer/transfer_private.h"

#include <stdio.h>

enum { GROUP_MESSAGES = 50, GROUP_BYTES = 4 << 20, WHAT_MAX = 40 };

static void leave_out(struct pulling *m, struct pull_item *item, const char *why)
{
	char what[WHAT_MAX];

	snprintf(what, sizeof what, "UID %u", item->uid);
	item->left = true;
	sink_skip(m->p->sink, str_of(what), why);
}

/* If the server sends no valid date, use the author's: it is the same each time. */
static int64_t date_of(const struct said *said)
{
	struct header_field field;
	struct date date;

	if (said->has_date)
		return said->date_ms;
	if (header_find(said->body, STR("Date"), &field) && date_parse_mail(field.value, &date))
		return date.time_ms;
	return 0;
}

static enum err message_hear(void *arg, const struct said *said, struct why *why)
{
	struct pulling *m = arg;
	struct pull_item *item;
	struct sink_message message = { .raw = said->body,
		                        .flags = said->flags,
		                        .flag_count = said->flag_count };

	if (said->kind != SAID_FETCH || !said->has_body)
		return OK;
	item = pull_item_find(&m->items, m->first, m->end, said->uid);
	if (item == NULL || item->came || item->left)
		return OK; /* not requested, or a duplicate */
	if (said->body.n == 0 || said->body.n > m->p->from->message_max) {
		leave_out(m, item, item->size == 0 ? "it is empty" : "it is too big, or empty");
		return OK;
	}
	item->came = true;
	message.internal_ms = date_of(said);
	m->done++;
	if (!sink_step(m->p->sink, m->done, m->items.count))
		return fail(why, ERR_RETRY, "stopped");
	return sink_put(m->p->sink, &message, why);
}

static enum err there_hear(void *arg, const struct said *said, struct why *why)
{
	(void)why;
	if (said->kind == SAID_FETCH)
		*(uint32_t *)arg = said->uid;
	return OK;
}

/* A message missing in the group's response is requested alone, so that one unreadable
 * message does not block others; it may also be expunged (RFC 2180 4.1). */
static enum err straggler(struct pulling *m, struct pull_item *item, struct why *why)
{
	struct remote *r = m->p->remote;
	struct why own = { "" };
	uint32_t there = 0;
	enum err e = pull_ask(r, message_hear, m, &own,
	                      "UID FETCH %u (UID FLAGS INTERNALDATE BODY.PEEK[])", item->uid);

	if (!remote_is_open(r))
		return fail(why, e, "%s", own.text);
	if (item->came || item->left)
		return OK;
	if (e == OK)
		e = pull_ask(r, there_hear, &there, &own, "UID FETCH %u (UID)", item->uid);
	if (!remote_is_open(r))
		return fail(why, e, "%s", own.text);
	if (there == item->uid || e != OK)
		leave_out(m, item, e != OK ? own.text : "the server does not give it");
	item->came = true; /* or it is expunged */
	return OK;
}

/* Choose the next group, up to a number of messages and bytes; others in between are
 * done. */
static uint64_t group_choose(struct pulling *m, struct buf *set)
{
	uint64_t bytes = 0;
	size_t n = 0;

	for (m->first = m->end; m->end < m->items.count && n < GROUP_MESSAGES; m->end++) {
		struct pull_item *i = &m->items.items[m->end];

		if (i->came) {
			sink_known(m->p->sink, 1);
			m->done++;
			continue;
		}
		if (i->size > m->p->from->message_max) {
			leave_out(m, i, "it is too big");
			continue;
		}
		if (n != 0 && bytes + i->size > GROUP_BYTES)
			break;
		buf_fmt(set, "%s%u", n++ != 0 ? "," : "", i->uid);
		bytes += i->size;
	}
	return bytes;
}

/* Only after the whole group has arrived: servers may send it in any order. */
static void group_remember(struct pulling *m)
{
	struct memory *to = &m->memory;
	size_t n = 0;

	for (size_t i = 0; i < to->left_count; i++) {
		const struct pull_item *item =
			pull_item_find(&m->items, m->first, m->end, to->left[i]);

		if (item == NULL) /* it comes in a later group */
			to->left[n++] = to->left[i];
	}
	to->left_count = n;
	for (size_t i = m->first; i < m->end; i++) {
		const struct pull_item *item = &m->items.items[i];

		to->uid = MAX(to->uid, item->uid);
		if (item->left && to->left_count < MEMORY_LEFT)
			to->left[to->left_count++] = item->uid;
	}
}

static enum err group(struct pulling *m, struct why *why)
{
	const struct transfer_watch *w = m->p->t->watch;
	int64_t began_ms = clock_mono_ms();
	struct why own = { "" };
	struct buf set;
	uint64_t bytes;
	enum err e = OK;

	buf_init(&set, PULL_COMMAND_MAX / 2);
	bytes = group_choose(m, &set);
	if (set.n != 0)
		e = pull_ask(m->p->remote, message_hear, m, &own,
		             "UID FETCH %.*s (UID FLAGS INTERNALDATE BODY.PEEK[])",
		             STR_ARG(buf_str(&set)));
	buf_deinit(&set);
	if (e != OK && !remote_is_open(m->p->remote))
		return fail(why, e, "%s", own.text);
	e = OK; /* a NO may be about one of them */
	for (size_t i = m->first; i < m->end && e == OK; i++)
		if (!m->items.items[i].came && !m->items.items[i].left)
			e = straggler(m, &m->items.items[i], why);
	if (e == OK)
		group_remember(m);
	if (e != OK || bytes == 0 || w->rest == NULL)
		return e;
	e = sink_flush(m->p->sink, why); /* nothing stays uncommitted during the pause */
	w->rest(w->arg, bytes, clock_mono_ms() - began_ms);
	return e;
}

static enum err memory_store(struct txn *t, void *arg)
{
	const struct pulling *m = arg;

	return memory_put(t, &m->key, &m->memory);
}

static enum err messages(struct pulling *m, struct why *why)
{
	struct sink *sink = m->p->sink;
	bool remember = m->items.count != 0 && m->uids_stay && m->uidvalidity != 0;
	enum err e = OK;

	sink_also(sink, remember ? memory_store : NULL, m);
	while (e == OK && m->end < m->items.count)
		e = group(m, why);
	if (e != OK) { /* keep what has arrived */
		struct why ignored;
		enum err kept = sink_flush(sink, &ignored);

		(void)kept;
		(void)sink_step(sink, m->done, m->items.count); /* report the progress */
	} else {
		e = sink_close(sink, why);
	}
	sink_also(sink, NULL, NULL);
	return e;
}

enum err pull_mailbox(struct pull *p, const struct transfer_folder *f, size_t index,
                      struct why *why)
{
	const struct transfer_watch *w = p->t->watch;
	struct pulling m = { .p = p, .folder = f };
	struct why own = { "" };
	enum err e = pulling_examine(&m, why);

	if (e)
		return e;
	e = sink_open(p->sink, f->to, f->role, &own);
	if (e == ERR_LIMIT || e == ERR_CONFLICT) /* the mailbox is impossible locally */
		return fail(why, ERR_SYNTAX, "%s", own.text);
	if (e)
		return fail(why, e, "%s", own.text);
	m.key = (struct memory_key){ p->t->account, p->from->host, p->from->user, f->name };
	e = pulling_look(&m, why);
	if (e == OK && w->begin != NULL)
		w->begin(w->arg, index, m.exists - MIN(m.exists, m.items.count), m.items.count);
	if (e == OK)
		e = messages(&m, why);
	mem_free(m.items.items);
	return e;
}
