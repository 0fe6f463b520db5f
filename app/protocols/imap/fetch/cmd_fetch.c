/* protocols/imap/fetch/cmd_fetch.c: FETCH and UID FETCH (RFC 9051 6.4.5); fetch.c writes the
 * answer. */
#include "model/mailbox/email.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/event.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/resync.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct marking {
	uint32_t mailbox;
	const struct uids *uids;
	struct uids unseen;
	struct email_stored stored;
};

static enum err find_unseen(const struct mail_txn *m, void *arg)
{
	struct marking *g = arg;
	enum err e = OK;

	for (size_t i = 0; i < g->uids->n && !e; i++) {
		struct email_rows rows;
		struct email_row row;

		email_rows_init(&rows, m, g->mailbox, g->uids->ranges[i].lo, g->uids->ranges[i].hi);
		while (email_rows_next(&rows, &row))
			if (!flags_has(row.flags, FLAG_SEEN))
				uids_add(&g->unseen, row.uid, row.uid);
		e = email_rows_end(&rows);
	}
	return e;
}

static enum err mark_seen(const struct mail_txn *m, void *arg)
{
	struct marking *g = arg;
	struct email_store what = {
		.mailbox = g->mailbox,
		.uids = &g->unseen,
		.op = FLAGS_ADD,
		.flags = FLAGS(BIT64(FLAG_SEEN)),
		.unchanged_since = UINT64_MAX,
	};

	return email_flags_store(m, &what, &g->stored);
}

/* Set \Seen before the bodies are sent. *changed: the messages that did not have it,
 * whose FLAGS must be sent (RFC 9051 6.4.5). Mail stays readable on a full disk. */
static void seen(struct imap *s, const struct uids *uids, struct uids *changed)
{
	struct marking g = { .mailbox = s->selected.id, .uids = uids };

	if (imap_read(s, find_unseen, &g) == OK && g.unseen.n &&
	    imap_write(s, mark_seen, &g, NULL) == OK) {
		imap_sync_own(s, g.stored.modseq);
		imap_event_run(s, (struct imapsieve_event){ .cause = IMAPSIEVE_FLAG,
		                                            .mailbox = g.mailbox,
		                                            .uids = &g.stored.changed,
		                                            .changed = g.stored.flags });
		*changed = g.stored.changed;
		g.stored.changed = (struct uids){ 0 };
	}
	email_stored_deinit(&g.stored);
	uids_deinit(&g.unseen);
}

/* Are the modifiers allowed? False: s->reply is the error. */
static bool fetch_allowed(struct imap *s, const struct imap_fetch *what)
{
	if (what->partial.from && !s->run.uid)
		imap_bad(s, "PARTIAL requires UID FETCH"); /* RFC 9394 3.3 */
	else if (what->vanished && !s->run.uid)
		imap_bad(s, "VANISHED requires UID FETCH"); /* RFC 7162 3.2.6 */
	else if (what->vanished && !imap_enabled(s, ENABLED_QRESYNC))
		imap_bad(s, "Enable QRESYNC first");
	else
		return true;
	return false;
}

/* Reduce u to the part that PARTIAL names. */
static void take_part(struct uids *u, const struct imap_partial *partial)
{
	struct uids part = { 0 };
	uint32_t skip, n;

	imap_partial_place(partial, u->count, &skip, &n);
	uids_slice(u, skip, n, &part);
	uids_deinit(u);
	*u = part;
}

/* The UIDs for VANISHED. "*" is the last one of the mailbox, even if it is expunged. */
static struct imap_seq asked_uids(struct imap *s, const struct imap_seq *set)
{
	struct imap_seq known = { 0 };

	for (size_t i = 0; i < set->n; i++)
		imap_seq_add(&s->run.arena, &known, set->ranges[i].lo, set->ranges[i].hi);
	imap_seq_resolve(&known, s->selected.view.uidnext - 1);
	return known;
}

/* PARTIAL applies to the set, CHANGEDSINCE to its result (RFC 9394 3.4). */
static bool modified(struct imap *s, const struct imap_fetch *what, const struct imap_seq *known,
                     struct imap_fetching_of *of)
{
	enum err e = OK;

	if (what->partial.from && imap_limit_exceeded(s, imap_message_limit(s),
	                                              imap_partial_width(&what->partial)))
		return false;
	if (what->partial.from)
		take_part(&of->uids, &what->partial);
	if (what->changed)
		e = imap_changed_since(s, what->changed_since, what->vanished ? known : NULL,
		                       &of->uids, &of->vanished);
	if (e)
		imap_failed(s, ABOUT_ANY, e, NULL);
	return !e;
}

enum done imap_cmd_fetch(struct imap *s, union imap_args *args)
{
	struct imap_fetching_of of = { .what = &args->fetch,
		                       .numbers = !s->run.uid,
		                       .uid = s->run.uid };
	struct imap_seq known = asked_uids(s, &args->fetch.set);

	if (!fetch_allowed(s, of.what))
		return DONE;
	if (of.what->items & FETCH_MODSEQ)
		imap_enable(s, ENABLED_CONDSTORE);
	if (!imap_messages(s, &args->fetch.set, &of.uids) || !modified(s, of.what, &known, &of)) {
		uids_deinit(&of.uids);
		return DONE;
	}
	(void)imap_limit_cut(s, &of.uids);
	if (imap_fetch_marks_seen(of.what) && !s->selected.read_only)
		seen(s, &of.uids, &of.flagged);
	imap_ok(s, NULL, NULL);
	return imap_fetch_begin(s, &of);
}
