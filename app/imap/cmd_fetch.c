/* imap/cmd_fetch.c: FETCH and UID FETCH (RFC 9051 6.4.5); fetch.c writes the answer. */
#include "imap/commands.h"
#include "imap/fetch.h"
#include "imap/store.h"
#include "imap/sync.h"
#include "mailbox/email.h"

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

/* Set \Seen before the bodies go out; *changed are those that did not have it, whose FLAGS
 * the answer has to tell (RFC 9051 6.4.5). When the disk is full people still may read. */
static void seen(struct imap *s, const struct uids *uids, struct uids *changed)
{
	struct marking g = { .mailbox = s->selected.id, .uids = uids };

	if (imap_read(s, find_unseen, &g) == OK && g.unseen.n &&
	    imap_write(s, mark_seen, &g, NULL) == OK) {
		imap_sync_own(s, g.stored.modseq);
		*changed = g.stored.changed;
		g.stored.changed = (struct uids){ 0 };
	}
	email_stored_deinit(&g.stored);
	uids_deinit(&g.unseen);
}

enum done imap_cmd_fetch(struct imap *s, union imap_args *args)
{
	struct imap_fetching_of of = { .what = &args->fetch, .uid = s->run.uid };

	if (!imap_messages(s, &args->fetch.set, &of.uids)) {
		uids_deinit(&of.uids);
		return DONE;
	}
	if (imap_fetch_marks_seen(&args->fetch) && !s->selected.read_only)
		seen(s, &of.uids, &of.flagged);
	imap_ok(s, NULL, NULL);
	return imap_fetch_begin(s, &of);
}
