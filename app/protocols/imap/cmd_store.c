/* protocols/imap/cmd_store.c: STORE and UID STORE (RFC 9051 6.4.6). */
#include "model/mailbox/email.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/event.h"
#include "protocols/imap/fetch/fetch.h"
#include "protocols/imap/flags.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

enum { MODIFIED_MAX = 128 << 10 }; /* bytes: room in conn.h's output besides the rest */

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
		.unchanged_since = g->what->conditional ? g->what->unchanged_since : UINT64_MAX,
	};
	enum err e = imap_flags_of(m, &g->what->flags, g->what->mode != STORE_REMOVE, &what.flags);

	return e ? e : email_flags_store(m, &what, &g->stored);
}

/* Flags need not wait for the disk. But a client that keeps mod-sequences would keep lost
 * flags too: it requests only changes after the mod-sequence of its own (RFC 7162
 * 3.1). */
static enum err store_write_flags(struct imap *s, struct storing *g, struct why *why)
{
	if (imap_enabled(s, ENABLED_CONDSTORE))
		return imap_write(s, store_flags, g, why);
	return imap_write_soon(s, store_flags, g, why);
}

/* Flags that the script changes are sent as those of another session. */
static void store_ran(struct imap *s, const struct storing *g)
{
	imap_sync_own(s, g->stored.modseq);
	imap_event_run(s, (struct imapsieve_event){ .cause = IMAPSIEVE_FLAG,
	                                            .mailbox = g->mailbox,
	                                            .uids = &g->stored.changed,
	                                            .changed = g->stored.flags });
}

/* Write, and let sync skip the changes that are reported here. */
static bool store_run(struct imap *s, struct storing *g)
{
	struct why why = { "" };
	enum err e = OK;

	if (g->uids->n)
		e = store_write_flags(s, g, &why);
	if (e == ERR_SYNTAX)
		imap_bad(s, "Unknown system flag");
	else if (e)
		imap_failed(s, ABOUT_ANY, e, &why);
	else if (g->stored.changed.n)
		store_ran(s, g);
	return !e;
}

/* "MODIFIED set" of messages changed by others (RFC 7162 3.1.3). Too many ranges become
 * one from the first to the last: the client then finds that the others are stored. */
static struct str modified(struct imap *s, const struct uids *failed)
{
	struct imap_seq_writer w = { 0 };
	struct buf text;
	struct str code;

	buf_init(&text, MODIFIED_MAX);
	buf_put(&text, STR("MODIFIED "));
	for (size_t i = 0; i < failed->n; i++)
		for (uint32_t uid = failed->ranges[i].lo; uid <= failed->ranges[i].hi; uid++)
			imap_seq_write(&w, &text, imap_number(s, uid));
	imap_seq_write_end(&w, &text);
	code = buf_ok(&text) ? str_dup(&s->run.arena, buf_str(&text))
	                     : str_fmt(&s->run.arena, "MODIFIED %" PRIu32 ":%" PRIu32,
	                               imap_number(s, failed->ranges[0].lo),
	                               imap_number(s, failed->ranges[failed->n - 1].hi));
	buf_deinit(&text);
	return code;
}

/* Report the flags. Without CONDSTORE those of all messages, unless .SILENT. With
 * CONDSTORE also UID and MODSEQ of changed ones (RFC 7162 3.2.4), even with .SILENT, and
 * the flags of failed ones, which saves a FETCH. */
static enum done store_answer(struct imap *s, struct storing *g, struct uids *uids)
{
	struct imap_fetch *fetch = arena_new(&s->run.arena, struct imap_fetch);
	struct imap_fetching_of of = { .what = fetch, .numbers = !s->run.uid, .done = true };
	bool condstore = imap_enabled(s, ENABLED_CONDSTORE);

	imap_ok(s, NULL, NULL);
	if (g->what->silent && !condstore)
		return DONE;
	fetch->items = (g->what->silent ? 0 : FETCH_FLAGS) | (condstore ? FETCH_MODSEQ : 0);
	of.uid = s->run.uid || condstore;
	if (g->stored.modified.n) {
		imap_ok(s, NULL, "Some messages were changed meanwhile");
		s->reply.code = modified(s, &g->stored.modified);
	}
	uids_take(g->what->silent && !g->what->conditional ? &g->stored.changed : uids, &of.uids);
	uids_take(&g->stored.modified, &of.flagged);
	return imap_fetch_begin(s, &of);
}

enum done imap_cmd_store(struct imap *s, union imap_args *args)
{
	struct uids uids = { 0 };
	struct storing g = { .mailbox = s->selected.id, .what = &args->store, .uids = &uids };
	enum done done = DONE;

	if (s->selected.read_only) {
		imap_no(s, "READ-ONLY", "The mailbox is read-only");
		return DONE;
	}
	if (g.what->conditional)
		imap_enable(s, ENABLED_CONDSTORE);
	if (imap_messages(s, &args->store.set, &uids)) {
		(void)imap_limit_cut(s, &uids);
		if (store_run(s, &g))
			done = store_answer(s, &g, &uids);
	}
	email_stored_deinit(&g.stored);
	uids_deinit(&uids);
	return done;
}
