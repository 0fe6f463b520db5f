/* protocols/imap/notify/notify_send.c: writes the responses to changes; see notify.h. */
#include "formats/imap_wire/put.h"
#include "foundation/base/mem.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/notify/notifying.h"
#include "protocols/imap/search/context_fetch.h"
#include "protocols/imap/store.h"

/* --- one mailbox ------------------------------------------------------------------------ */

static void notify_list_put(struct imap *s, const struct notify_box *box)
{
	static const struct imap_list extended = { .extended = true, .returns = LIST_SUBSCRIBED };
	struct mailbox there = { .role = box->role };
	struct entry x = { .box = box->gone ? NULL : &there,
		           .foreign = box->foreign,
		           .subscribed = box->subscribed,
		           .has_children = box->children };
	struct buf *out = imap_out(s);

	buf_put(out, STR("* LIST ("));
	if (box->tell & TELL_NOACCESS) {
		buf_put(out, STR("\\NoAccess"));
	}
	if (!box->lost) /* otherwise nothing else may be revealed */
		listing_attributes_put(out, &extended, &x);
	listing_name_put(s, box->name);
	if (box->old.n && !box->gone) { /* RFC 5465 5.4 */
		buf_put(out, STR(" (\"OLDNAME\" ("));
		imap_put_mailbox(out, box->old, imap_utf8(s));
		buf_put(out, STR("))"));
	}
	buf_put(out, STR("\r\n"));
}

/* RFC 5465 3.1, 5.1 to 5.3. */
static unsigned status_items(const struct imap *s, const struct notify_box *box,
                             uint32_t unseen)
{
	bool modseqs = imap_enabled(s, ENABLED_CONDSTORE);
	bool flags = (box->events & EVENT_FLAG_CHANGE) != 0;
	unsigned items = 0;

	if (box->tell & TELL_COUNTS)
		items = STATUS_MESSAGES | STATUS_UIDNEXT;
	if (box->tell & TELL_FIRST) {
		items |= STATUS_UIDVALIDITY;
		modseqs |= flags;
	}
	if (flags && unseen != box->unseen)
		items |= STATUS_UNSEEN;
	if (flags && modseqs)
		items |= STATUS_UIDVALIDITY | STATUS_HIGHESTMODSEQ;
	if (items && modseqs)
		items |= STATUS_HIGHESTMODSEQ;
	return items;
}

/* The current state, which includes all earlier changes. */
static enum err status_put(struct imap *s, const struct mail_txn *m, struct notify_box *box)
{
	struct status_counts counts;
	struct mail_txn at = *m;
	struct mailbox now;
	unsigned rights, items;
	enum err e;

	at.account = box->owner;
	if ((e = mailbox_get(&at, box->id, &now)) || (e = rights_get(&at, box->id, &rights)))
		return e == ERR_MISSING ? OK : e;
	if ((e = imap_status_count(&at, &now, STATUS_UNSEEN, &counts)))
		return e;
	items = status_items(s, box, counts.unseen);
	box->unseen = counts.unseen;
	if (items && (rights & RIGHT_READ) && (rights & RIGHT_LOOKUP))
		imap_status_put(s, box->name, items, &now, &counts);
	return OK;
}

static void notes_put(struct imap *s, struct str mailbox, struct notify_notes *notes)
{
	struct buf *out = imap_out(s);

	buf_put(out, STR("* METADATA ")); /* RFC 5464 4.4.2 */
	imap_put_mailbox(out, mailbox, imap_utf8(s));
	notify_notes_put(notes, out);
	buf_put(out, STR("\r\n"));
}

static enum err box_put(struct imap *s, const struct mail_txn *m, struct notify_box *box)
{
	enum err e = OK;

	if (box->tell & (TELL_LIST | TELL_NOACCESS))
		notify_list_put(s, box);
	if (box->tell & TELL_STATUS && !box->gone && !notify_is_selected(s, box))
		e = status_put(s, m, box);
	if (box->tell & TELL_NOTES && !box->gone)
		notes_put(s, box->name, &box->notes);
	str_free(&box->old);
	box->tell = 0;
	return e;
}

/* --- all mailboxes ---------------------------------------------------------------------- */

static enum err some_put(const struct mail_txn *m, void *arg)
{
	struct imap *s = arg;
	struct notify *n = s->notify;
	enum err e = OK;

	for (; n->next < n->n && !e && !conn_out_full(s->conn); n->next++)
		if (n->boxes[n->next].tell)
			e = box_put(s, m, &n->boxes[n->next]);
	return e;
}

static void gone_drop(struct notify *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++) {
		struct notify_box *box = &n->boxes[i];

		if (!box->gone) {
			n->boxes[kept++] = *box;
			continue;
		}
		str_free(&box->name);
		str_free(&box->old);
		notify_notes_deinit(&box->notes);
	}
	n->n = kept;
}

enum written notify_tell_marked(struct imap *s)
{
	static const struct imap_place own = { .kind = PLACE_OWN };
	struct notify *n = s->notify;

	if (!n->marked)
		return WRITTEN_ALL;
	if (imap_read_at(s, &own, some_put, s)) /* a temporary error of the store; the
	                                         * rest stays marked */
		return WRITTEN_ALL;
	if (n->next < n->n)
		return WRITTEN_SOME;
	if (n->server_tell)
		notes_put(s, STR_EMPTY, &n->server);
	gone_drop(n);
	n->server_tell = n->marked = false;
	n->next = 0;
	return conn_broken(s->conn) ? WRITTEN_END : WRITTEN_ALL;
}

/* --- new messages of the selected mailbox ----------------------------------------------- */

/* With the attributes that followed results request (RFC 5465 5.2). */
static void came_fetch(struct imap *s, struct notify *n)
{
	struct imap_fetch what = { .items = 0 };
	struct imap_fetching_of of = { .what = &what };

	imap_fetch_atts_add(&n->atts, &what, &n->what.selected.atts);
	imap_contexts_want(s, &n->came, &of.uids, &n->atts, &what);
	uids_subtract(&n->came, &of.uids);
	n->fetching = imap_fetch_new(s, &of);
}

static enum written came_put(struct imap *s)
{
	struct notify *n = s->notify;
	enum written written;

	do {
		if (!n->fetching && n->came.n == 0)
			return WRITTEN_ALL;
		if (!n->fetching)
			came_fetch(s, n);
		written = imap_fetch_some(n->fetching);
		if (written == WRITTEN_ALL) {
			imap_fetch_free(&n->fetching);
			arena_deinit(&n->atts);
		}
	} while (written == WRITTEN_ALL && !conn_out_full(s->conn));
	return written == WRITTEN_ALL && n->came.n ? WRITTEN_SOME : written;
}

/* --- all responses ---------------------------------------------------------------------- */

static bool others_changed(const struct notify *n)
{
	for (size_t i = 0; i < n->account_n; i++)
		if (atomic_load(&n->accounts[i]->changed))
			return true;
	return false;
}

/* As after NOTIFY NONE (RFC 5465 5.8). */
static void overflow(struct imap *s)
{
	bool asked = s->notify->asked;

	imap_notify_end(s);
	s->notify = NEW(struct notify);
	s->notify->asked = asked;
	atomic_store(&s->watched.idling, s->mode == MODE_IDLE); /* IDLE continues */
	buf_put(imap_out(s), STR("* OK [NOTIFICATIONOVERFLOW] Too many notifications\r\n"));
}

static enum written others_tell(struct imap *s)
{
	struct notify *n = s->notify;
	enum written written = notify_tell_marked(s);

	while (written == WRITTEN_ALL && !n->marked && others_changed(n)) {
		enum err e = notify_catch_up(s, false);

		if (e == ERR_LIMIT || e == ERR_CONFLICT) {
			overflow(s);
			return WRITTEN_ALL;
		}
		if (e)
			return WRITTEN_ALL;
		written = notify_tell_marked(s);
	}
	return written;
}

static enum written selected_tell(struct imap *s, bool all)
{
	if (s->state != STATE_SELECTED || imap_notify_muted(s) || !(all || imap_notify_used(s)))
		return WRITTEN_ALL;
	return imap_sync(s, all || imap_notify_expunges(s));
}

enum written imap_notify_tell(struct imap *s, bool all)
{
	struct notify *n = s->notify;
	bool amid = n->fetching != NULL;
	enum written written = amid ? WRITTEN_ALL : selected_tell(s, all);

	if (written == WRITTEN_ALL)
		written = came_put(s);
	n->talking = n->fetching != NULL;
	if (amid && written == WRITTEN_ALL) /* wake-ups of the meantime are consumed */
		return WRITTEN_SOME;
	return written == WRITTEN_ALL ? others_tell(s) : written;
}
