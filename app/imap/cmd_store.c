/* imap/cmd_store.c: STORE and UID STORE (RFC 9051 6.4.6). */
#include "imap/commands.h"
#include "imap/fetch.h"
#include "imap/flags.h"
#include "imap/store.h"
#include "imap/sync.h"
#include "mailbox/email.h"

struct storing {
	uint32_t mailbox;
	const struct imap_store *what;
	const struct uids *uids;
	struct email_stored stored;
};

static enum err store_flags(const struct mail_txn *m, void *arg)
{
	static const enum flags_op ops[] = {
		[STORE_REPLACE] = FLAGS_SET,
		[STORE_ADD] = FLAGS_ADD,
		[STORE_REMOVE] = FLAGS_REMOVE,
	};
	struct storing *g = arg;
	struct email_store what = {
		.mailbox = g->mailbox,
		.uids = g->uids,
		.op = ops[g->what->mode],
		.unchanged_since = UINT64_MAX,
	};
	enum err e = imap_flags_of(m, &g->what->flags, g->what->mode != STORE_REMOVE, &what.flags);

	return e ? e : email_flags_store(m, &what, &g->stored);
}

/* Write, and tell sync that the client hears of it from us. */
static bool store_run(struct imap *s, const struct imap_store *what, const struct uids *uids)
{
	struct storing g = { .mailbox = s->selected.id, .what = what, .uids = uids };
	struct why why = { "" };
	enum err e = OK;

	if (uids->n) /* a write waits for the disk */
		e = imap_write(s, store_flags, &g, &why);
	if (e == ERR_SYNTAX)
		imap_bad(s, "There is no such system flag");
	else if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	else if (g.stored.changed.n)
		imap_sync_own(s, g.stored.modseq);
	email_stored_deinit(&g.stored);
	return !e;
}

enum done imap_cmd_store(struct imap *s, union imap_args *args)
{
	static const struct imap_fetch flags = { .items = FETCH_FLAGS };
	struct imap_store *what = &args->store;
	struct imap_fetching_of answer = { .what = &flags, .uid = s->run.uid, .done = true };

	if (s->selected.read_only) {
		imap_no(s, "READ-ONLY", "The mailbox is read-only");
		return DONE;
	}
	if (!imap_messages(s, &what->set, &answer.uids) || !store_run(s, what, &answer.uids)) {
		uids_deinit(&answer.uids);
		return DONE;
	}
	imap_ok(s, NULL, NULL);
	if (what->silent) {
		uids_deinit(&answer.uids);
		return DONE;
	}
	return imap_fetch_begin(s, &answer);
}
