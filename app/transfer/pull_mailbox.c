/* transfer/pull_mailbox.c: one mailbox of another server; see pull_body.h. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "config/limits.h"
#include "crypto/hash.h"
#include "message/header.h"
#include "text/date.h"
#include "transfer/pull_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GROUP_MESSAGES = 50, GROUP_BYTES = 4 << 20, WHAT_MAX = 40 };

/* The mailbox that is at work. */
struct pulling {
	struct pull *p;
	const struct transfer_folder *folder;
	struct memory_key key;
	struct memory memory; /* as it will be stored */
	uint32_t uidvalidity, exists;
	bool uids_stay; /* they mean the same next time (RFC 4315 3, UIDNOTSTICKY) */
	struct pull_items items;
	size_t first, end; /* of the group that is asked for */
	size_t done;
};

/* --- what is there ------------------------------------------------------------------------- */

static enum err examine_hear(void *arg, const struct said *said, struct why *why)
{
	struct pulling *m = arg;

	(void)why;
	if (said->kind == SAID_EXISTS)
		m->exists = said->number;
	else if (said->kind == SAID_STATUS && str_eqi(said->code, STR("UIDNOTSTICKY")))
		m->uids_stay = false;
	else if (said->kind == SAID_STATUS)
		said_code_number(said->code, STR("UIDVALIDITY"), &m->uidvalidity);
	return OK;
}

static enum err examine(struct pulling *m, struct why *why)
{
	m->uidvalidity = m->exists = 0;
	m->uids_stay = true;
	return pull_ask_about(m->p->remote, "EXAMINE", m->folder->name, "", examine_hear, m, why);
}

/* By which a view's messages are known again. */
static const char *id_item(const struct pull *p)
{
	if (!p->views)
		return "";
	return remote_can(p->remote, "X-GM-EXT-1") ? " X-GM-MSGID"
	                                           : " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]";
}

static uint64_t id_of(const struct said *said)
{
	struct str message_id = said_message_id(said->header);
	uint8_t hash[HASH_BYTES];
	uint64_t id = said->gmail_message;

	if (id == 0 && message_id.n != 0) {
		hash_blake2b_256(message_id, hash);
		memcpy(&id, hash, sizeof id);
	}
	return id;
}

static enum err seen_add(struct pull *p, uint64_t id, struct why *why)
{
	if (id == 0)
		return OK;
	if (p->seen.count == LIMIT_transfer_files)
		return fail(why, ERR_LIMIT, "the server has too many messages");
	if (p->seen.count == p->seen.cap)
		p->seen.items = mem_resize(p->seen.items,
		                           (p->seen.cap = p->seen.cap ? p->seen.cap * 2 : 1024) *
		                                   sizeof *p->seen.items);
	p->seen.items[p->seen.count++] = id;
	return OK;
}

static enum err item_add(struct pull_items *l, const struct said *said, struct why *why)
{
	if (l->count == LIMIT_transfer_files)
		return fail(why, ERR_LIMIT, "the mailbox has too many messages");
	if (l->count == l->cap)
		l->items = mem_resize(l->items,
		                      (l->cap = l->cap ? l->cap * 2 : 256) * sizeof *l->items);
	l->items[l->count++] =
		(struct pull_item){ .uid = said->uid, .size = said->size, .id = id_of(said) };
	return OK;
}

static bool is_left(const struct memory *m, uint32_t uid)
{
	for (size_t i = 0; i < m->left_count; i++)
		if (m->left[i] == uid)
			return true;
	return false;
}

static enum err item_hear(void *arg, const struct said *said, struct why *why)
{
	struct pulling *m = arg;
	enum err e = OK;

	if (said->kind != SAID_FETCH || said->uid == 0)
		return OK;
	if (m->p->views && !m->folder->view)
		e = seen_add(m->p, id_of(said), why);
	/* n:* names the last message also when it is older (RFC 9051 9, seq-range). */
	if (e == OK && (said->uid > m->memory.uid || is_left(&m->memory, said->uid)))
		e = item_add(&m->items, said, why);
	return e;
}

static enum err seen_hear(void *arg, const struct said *said, struct why *why)
{
	return said->kind == SAID_FETCH ? seen_add(arg, id_of(said), why) : OK;
}

enum err pull_note_seen(struct pull *p, const struct transfer_folder *f, struct why *why)
{
	struct pulling m = { .p = p, .folder = f };
	enum err e = examine(&m, why);

	if (e != OK || m.exists == 0)
		return e;
	return pull_ask(p->remote, seen_hear, p, why, "UID FETCH 1:* (UID%s)", id_item(p));
}

/* --- what is new --------------------------------------------------------------------------- */

static int by_uid(const void *a, const void *b)
{
	const struct pull_item *x = a, *y = b;

	return (x->uid > y->uid) - (x->uid < y->uid);
}

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* In order, and each once, whatever the server says. */
static void items_sort(struct pull_items *l)
{
	size_t n = 0;

	if (l->count == 0)
		return;
	qsort(l->items, l->count, sizeof *l->items, by_uid);
	for (size_t i = 1; i < l->count; i++)
		if (l->items[i].uid != l->items[n].uid)
			l->items[++n] = l->items[i];
	l->count = n + 1;
}

/* Of a view: what mailboxes showed has come, or will not. */
static enum err view_sift(struct pulling *m, struct why *why)
{
	struct pull *p = m->p;
	size_t known = p->seen.count;
	enum err e = OK;

	if (known != 0)
		qsort(p->seen.items, known, sizeof *p->seen.items, by_value);
	for (size_t i = 0; i < m->items.count && e == OK; i++) {
		struct pull_item *item = &m->items.items[i];

		if (item->id != 0 && known != 0 &&
		    bsearch(&item->id, p->seen.items, known, sizeof item->id, by_value) != NULL)
			item->came = true;
		else
			e = seen_add(p, item->id, why);
	}
	return e;
}

static enum err memory_load(struct txn *t, void *arg)
{
	struct pulling *m = arg;

	return memory_get(t, &m->key, &m->memory);
}

static enum err memory_store(struct txn *t, void *arg)
{
	const struct pulling *m = arg;

	return memory_put(t, &m->key, &m->memory);
}

/* Those that were left out before are asked for once more. */
static enum err left_ask(struct pulling *m, struct why *why)
{
	struct buf set;
	enum err e;

	if (m->memory.left_count == 0)
		return OK;
	buf_init(&set, PULL_COMMAND_MAX / 2);
	for (size_t i = 0; i < m->memory.left_count; i++)
		buf_fmt(&set, "%s%u", i != 0 ? "," : "", m->memory.left[i]);
	e = pull_ask(m->p->remote, item_hear, m, why, "UID FETCH %.*s (UID RFC822.SIZE)",
	             STR_ARG(buf_str(&set)));
	buf_deinit(&set);
	return e;
}

static struct pull_item *item_find(const struct pull_items *l, size_t first, size_t end,
                                   uint32_t uid)
{
	struct pull_item key = { .uid = uid };

	return first == end ? NULL
	                    : bsearch(&key, l->items + first, end - first, sizeof key, by_uid);
}

/* Of those that were left out, forget the ones that are gone there. */
static void left_sift(struct pulling *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->memory.left_count; i++)
		if (item_find(&m->items, 0, m->items.count, m->memory.left[i]) != NULL)
			m->memory.left[n++] = m->memory.left[i];
	m->memory.left_count = n;
}

static enum err look(struct pulling *m, struct why *why)
{
	const struct pull *p = m->p;
	bool all = p->views && !m->folder->view;
	enum err e = store_read(p->t->store, memory_load, m);

	if (e)
		return e;
	if (m->memory.uidvalidity != m->uidvalidity || !m->uids_stay) /* RFC 9051 2.3.1.1 */
		m->memory = (struct memory){ .uidvalidity = m->uidvalidity };
	if (m->exists == 0)
		return OK;
	e = left_ask(m, why);
	if (e == OK && (all || m->memory.uid != UINT32_MAX))
		e = pull_ask(p->remote, item_hear, m, why, "UID FETCH %u:* (UID RFC822.SIZE%s)",
		             all ? 1 : m->memory.uid + 1, id_item(p));
	items_sort(&m->items);
	left_sift(m);
	return e == OK && m->folder->view ? view_sift(m, why) : e;
}

/* --- messages ------------------------------------------------------------------------------ */

static void leave_out(struct pulling *m, struct pull_item *item, const char *why)
{
	char what[WHAT_MAX];

	snprintf(what, sizeof what, "UID %u", item->uid);
	item->left = true;
	sink_skip(m->p->sink, str_of(what), why);
}

/* A server may give no date, or one that is none: what the author says is better than nothing, and
 * the same each time. */
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
	item = item_find(&m->items, m->first, m->end, said->uid);
	if (item == NULL || item->came || item->left)
		return OK; /* not what was asked for, or once more */
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

/* What did not come with the others is asked for by itself, so that one that the server cannot
 * give keeps no other from coming; it may also be gone meanwhile (RFC 2180 4.1). */
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
	item->came = true; /* or it is gone */
	return OK;
}

/* Choose what comes next, up to some messages and bytes; the rest of what lies between is done. */
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

/* Not before all of the group came: servers may send it in any order. */
static void group_remember(struct pulling *m)
{
	struct memory *to = &m->memory;
	size_t n = 0;

	for (size_t i = 0; i < to->left_count; i++) {
		const struct pull_item *item =
			item_find(&m->items, m->first, m->end, to->left[i]);

		if (item == NULL) /* its turn is yet to come */
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
	e = sink_flush(m->p->sink, why); /* so that nothing waits while we rest */
	w->rest(w->arg, bytes, clock_mono_ms() - began_ms);
	return e;
}

static enum err messages(struct pulling *m, struct why *why)
{
	struct sink *sink = m->p->sink;
	bool remember = m->items.count != 0 && m->uids_stay && m->uidvalidity != 0;
	enum err e = OK;

	sink_also(sink, remember ? memory_store : NULL, m);
	while (e == OK && m->end < m->items.count)
		e = group(m, why);
	if (e != OK) { /* what came is worth keeping */
		struct why ignored;
		enum err kept = sink_flush(sink, &ignored);

		(void)kept;
		(void)sink_step(sink, m->done, m->items.count); /* how much that was */
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
	enum err e = examine(&m, why);

	if (e)
		return e;
	e = sink_open(p->sink, f->to, f->role, &own);
	if (e == ERR_LIMIT || e == ERR_CONFLICT) /* no such mailbox can be made here */
		return fail(why, ERR_SYNTAX, "%s", own.text);
	if (e)
		return fail(why, e, "%s", own.text);
	m.key = (struct memory_key){ p->t->account, p->from->host, p->from->user, f->name };
	e = look(&m, why);
	if (e == OK && w->begin != NULL)
		w->begin(w->arg, index, m.exists - MIN(m.exists, m.items.count), m.items.count);
	if (e == OK)
		e = messages(&m, why);
	mem_free(m.items.items);
	return e;
}
