/* operations/transfer/pull_look.c: finds the new messages of a remote mailbox; see
 * transfer_private.h. */
#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "operations/transfer/transfer_private.h"

#include <stdlib.h>
#include <string.h>

/* --- existing messages --------------------------------------------------------------------- */

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

enum err pulling_examine(struct pulling *m, struct why *why)
{
	m->uidvalidity = m->exists = 0;
	m->uids_stay = true;
	return pull_ask_about(m->p->remote, "EXAMINE", m->folder->name, "", examine_hear, m, why);
}

/* The item that identifies a view's messages. */
static const char *id_item(const struct pull *p)
{
	if (!p->views)
		return "";
	return remote_can(p->remote, "X-GM-EXT-1") ? " X-GM-MSGID"
	                                           : " BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]";
}

static uint64_t pull_id_of(const struct said *said)
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
		(struct pull_item){ .uid = said->uid, .size = said->size, .id = pull_id_of(said) };
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
		e = seen_add(m->p, pull_id_of(said), why);
	/* n:* includes the last message even if it is older (RFC 9051 9, seq-range). */
	if (e == OK && (said->uid > m->memory.uid || is_left(&m->memory, said->uid)))
		e = item_add(&m->items, said, why);
	return e;
}

static enum err seen_hear(void *arg, const struct said *said, struct why *why)
{
	return said->kind == SAID_FETCH ? seen_add(arg, pull_id_of(said), why) : OK;
}

enum err pull_note_seen(struct pull *p, const struct transfer_folder *f, struct why *why)
{
	struct pulling m = { .p = p, .folder = f };
	enum err e = pulling_examine(&m, why);

	if (e != OK || m.exists == 0)
		return e;
	return pull_ask(p->remote, seen_hear, p, why, "UID FETCH 1:* (UID%s)", id_item(p));
}

/* --- new messages -------------------------------------------------------------------------- */

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

/* Sorted and without duplicates, whatever the server sends. */
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

/* Remove a view's messages that mailboxes have shown. */
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

/* Request messages that were skipped before once more. */
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

struct pull_item *pull_item_find(const struct pull_items *l, size_t first, size_t end, uint32_t uid)
{
	struct pull_item key = { .uid = uid };

	return first == end ? NULL
	                    : bsearch(&key, l->items + first, end - first, sizeof key, by_uid);
}

/* Forget skipped messages that no longer exist on the server. */
static void left_sift(struct pulling *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->memory.left_count; i++)
		if (pull_item_find(&m->items, 0, m->items.count, m->memory.left[i]) != NULL)
			m->memory.left[n++] = m->memory.left[i];
	m->memory.left_count = n;
}

enum err pulling_look(struct pulling *m, struct why *why)
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
