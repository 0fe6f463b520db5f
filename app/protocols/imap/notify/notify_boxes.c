/* protocols/imap/notify/notify_boxes.c: see notify_catching.h. */
#include "foundation/base/mem.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/notify/notify_catching.h"
#include "protocols/imap/search/filter.h"
#include <stdlib.h>

/* --- the list --------------------------------------------------------------------------- */

static int box_order(const void *x, const void *y)
{
	const struct notify_box *a = x, *b = y;

	if (a->owner != b->owner)
		return a->owner < b->owner ? -1 : 1;
	return a->id < b->id ? -1 : a->id > b->id;
}

struct notify_box *notify_box_find(struct notify *n, size_t sorted, uint32_t owner, uint32_t id)
{
	struct notify_box key = { .owner = owner, .id = id };

	return sorted ? bsearch(&key, n->boxes, sorted, sizeof(key), box_order) : NULL;
}

static struct notify_box *box_add(struct notify *n)
{
	if (n->n == n->cap) {
		n->cap = 2 * n->cap + 16;
		n->boxes = mem_resize(n->boxes, n->cap * sizeof(*n->boxes));
	}
	n->boxes[n->n] = (struct notify_box){ 0 };
	return &n->boxes[n->n++];
}

static void box_deinit(struct notify_box *box)
{
	str_free(&box->name);
	str_free(&box->old);
	notify_notes_deinit(&box->notes);
}

void notify_boxes_deinit(struct notify *n)
{
	for (size_t i = 0; i < n->n; i++)
		box_deinit(&n->boxes[i]);
	mem_clear(&n->boxes);
	n->n = n->cap = 0;
}

void notify_box_mark(struct notify *n, struct notify_box *box, unsigned tell)
{
	box->tell |= tell;
	n->marked |= tell != 0;
}

/* --- comparing -------------------------------------------------------------------------- */

unsigned notify_asked(enum change_kind kind, unsigned events)
{
	if (kind == CHANGE_APPEARED && events & EVENT_MESSAGE_NEW)
		return TELL_COUNTS;
	if (kind == CHANGE_VANISHED && events & EVENT_MESSAGE_EXPUNGE)
		return TELL_COUNTS;
	if ((kind == CHANGE_FLAGS || kind == CHANGE_SEEN) && events & EVENT_FLAG_CHANGE)
		return TELL_FLAGS;
	return 0;
}

static unsigned events_of(const struct catching *c, const struct notify_box *box)
{
	const struct notify *n = c->n;
	struct imap_filtered x = { box->name, box->foreign, box->subscribed };
	unsigned events = imap_enabled(c->s, ENABLED_METADATA) ? EVENT_ENABLED : 0;

	for (size_t i = 0; i < n->what.n; i++)
		if (imap_filter_has(&n->what.groups[i].filter, &x))
			events |= n->what.groups[i].events;
	return events;
}

/* Was the mailbox changed by this session only? */
static bool is_quiet(const struct catching *c, const struct notify_box *box)
{
	const struct notify_account *a = notify_account(c->n, box->owner);

	return c->first ||
	       (a && imap_seq_has(&a->own, box->id) && !imap_seq_has(&a->others, box->id));
}

/* The creation or deletion of a mailbox affects its parent (RFC 5465 5.4). */
static void parent_affected(struct catching *c, struct str name)
{
	ptrdiff_t slash = str_rfind_byte(name, '/');
	struct str parent = str_sub(name, 0, slash < 0 ? 0 : (size_t)slash);

	for (size_t i = 0; parent.n && i < c->n->n; i++) {
		struct notify_box *box = &c->n->boxes[i];

		if (!box->gone && box->events & EVENT_MAILBOX_NAME && str_eq(box->name, parent))
			notify_box_mark(c->n, box, TELL_LIST);
	}
}

/* Copy what needs no response. */
static void box_take(struct catching *c, struct notify_box *box, const struct entry *e)
{
	box->parent = e->box->parent;
	box->role = e->box->role;
	box->foreign = e->foreign;
	box->children = e->has_children;
	box->subscribed = e->subscribed;
	box->readable = (e->rights & RIGHT_READ) != 0;
	box->events = events_of(c, box);
	box->met = true;
}

static void box_came(struct catching *c, const struct entry *e)
{
	struct notify_box *box = box_add(c->n);
	unsigned tell = 0;

	box->owner = e->owner;
	box->id = e->box->id;
	box->unseen = e->counts.unseen;
	box->name = str_new(e->name);
	box_take(c, box, e);
	if (box->events & EVENTS_ASKED && !box->readable) /* RFC 5465 3.1: now and later */
		notify_box_mark(c->n, box, TELL_NOACCESS);
	if (is_quiet(c, box))
		return;
	if (box->events & EVENT_MAILBOX_NAME)
		tell = TELL_LIST;
	if (box->events & EVENT_FLAG_CHANGE) /* the name may have had another UIDVALIDITY: 5.1 */
		tell |= TELL_COUNTS | TELL_FIRST;
	else if (box->events & EVENT_MESSAGE_NEW && e->box->exists)
		tell |= TELL_COUNTS;
	notify_box_mark(c->n, box, tell);
}

/* Renaming a mailbox renames its children: reported once (5.4). */
static void box_renamed(struct catching *c, struct notify_box *box, const struct entry *e,
                        unsigned events, bool itself)
{
	bool tell = itself && events & EVENT_MAILBOX_NAME && !is_quiet(c, box);

	if (tell && !box->old.n)
		box->old = box->name;
	else
		str_free(&box->name);
	box->name = str_new(e->name);
	if (tell)
		notify_box_mark(c->n, box, TELL_LIST);
}

static struct str leaf_of(struct str name)
{
	ptrdiff_t slash = str_rfind_byte(name, '/');

	return str_sub(name, slash < 0 ? 0 : (size_t)slash + 1, name.n);
}

static void box_compare(struct catching *c, struct notify_box *box, const struct entry *e)
{
	bool moved = box->parent != e->box->parent || !str_eq(leaf_of(box->name), leaf_of(e->name));
	bool renamed = !str_eq(box->name, e->name);
	bool subscribed = box->subscribed, readable = box->readable;
	bool back = box->lost && e->rights & RIGHT_READ;
	unsigned events = box->events;
	struct notify_box now = { .name = e->name,
		                  .foreign = e->foreign,
		                  .subscribed = e->subscribed };

	if (renamed)
		box_renamed(c, box, e, events | events_of(c, &now), moved);
	box_take(c, box, e);
	events |= box->events;
	if (subscribed != box->subscribed && events & EVENT_SUBSCRIPTION && !is_quiet(c, box))
		notify_box_mark(c->n, box, TELL_LIST);
	box->lost = false;
	if (readable != box->readable && events & EVENTS_ASKED) /* 5.9 */
		notify_box_mark(c->n, box, box->readable ? TELL_LIST : TELL_NOACCESS);
	if (back)
		notify_box_mark(c->n, box, notify_asked(CHANGE_APPEARED, box->events));
}

/* Deleted, or no longer visible: the same for a client that requested the name. Others
 * learn that they lost access (5.4, 5.9). */
static void box_left(struct catching *c, struct notify_box *box)
{
	struct mail_txn at = *c->m;
	struct mailbox there;
	unsigned tell = 0;

	at.account = box->owner;
	if (!is_quiet(c, box)) {
		if (box->events & EVENT_MAILBOX_NAME)
			tell = TELL_LIST;
		else if (box->events & EVENTS_ASKED && mailbox_get(&at, box->id, &there) == OK)
			tell = TELL_NOACCESS;
		parent_affected(c, box->name);
	}
	box->lost = tell == TELL_NOACCESS;
	box->gone = !box->lost;
	box->readable = box->children = false;
	box->tell = 0;
	notify_box_mark(c->n, box, tell);
	c->n->marked = true; /* so that it is removed */
}

void notify_boxes_compare(struct catching *c)
{
	struct notify *n = c->n;
	size_t came;

	for (size_t i = 0; i < n->n; i++)
		n->boxes[i].met = false;
	for (size_t i = 0; i < c->list->n; i++) {
		const struct entry *e = &c->list->entries[i];
		struct notify_box *box;

		if (!e->box)
			continue;
		box = notify_box_find(n, c->sorted, e->owner, e->box->id);
		if (box && box->gone) { /* and that was never reported */
			box->gone = false;
			box->tell = 0;
		}
		if (box)
			box_compare(c, box, e);
		else
			box_came(c, e);
	}
	came = n->n;
	for (size_t i = 0; i < c->sorted; i++)
		if (!n->boxes[i].met && !n->boxes[i].gone && !n->boxes[i].lost)
			box_left(c, &n->boxes[i]);
	for (size_t i = c->sorted; i < came; i++)
		if (n->boxes[i].tell & TELL_LIST)
			parent_affected(c, n->boxes[i].name);
	if (n->n)
		qsort(n->boxes, n->n, sizeof(n->boxes[0]), box_order);
}

void notify_mark_status(struct imap *s)
{
	struct notify *n = s->notify;

	for (size_t i = 0; i < n->n; i++) {
		struct notify_box *box = &n->boxes[i];

		if (box->events & EVENTS_MESSAGE && box->readable && !notify_is_selected(s, box))
			notify_box_mark(n, box, TELL_FIRST | TELL_COUNTS);
	}
}
