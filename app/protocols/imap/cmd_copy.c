/* protocols/imap/cmd_copy.c: COPY and MOVE (RFC 9051 6.4.7, 6.4.8), with COPYUID (7.1). */
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/event.h"
#include "protocols/imap/message_limit.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

enum { COPYUID_MAX = 256 << 10 }; /* bytes; a longer COPYUID is omitted: it is a SHOULD */

struct copying {
	uint32_t from;
	struct imap_place to;
	uint32_t account, mailbox; /* those of to */
	const struct uids *uids;
	bool move;
	bool all;     /* fail if one of uids is expunged */
	bool nowhere; /* the target mailbox is missing   */
	struct email_copied copied;
};

/* The target mailbox, which may be in other mail than the selected one. */
static enum err copy_find(const struct mail_txn *m, const struct imap_place *at,
                          struct mail_txn *to, struct mailbox *box)
{
	enum err e = imap_mail_at(m, at, to);

	return e ? e : mailbox_find_for(to, at->name, RIGHT_INSERT, box);
}

static enum err copy(const struct mail_txn *m, void *arg)
{
	struct copying *g = arg;
	struct email_copy what = { .from = g->from, .uids = g->uids };
	struct mail_txn to;
	struct mailbox box;
	enum err e = copy_find(m, &g->to, &to, &box);

	g->nowhere = e == ERR_MISSING;
	if (e)
		return e;
	what.to = box.id;
	what.to_account = to.account;
	g->account = to.account;
	g->mailbox = box.id;
	e = g->move ? email_move(m, &what, &g->copied) : email_copy(m, &what, &g->copied);
	/* Numbers name messages that the client sees, so copy all or none (RFC 2180 4.4);
	 * expunged UIDs are ignored (RFC 9051 6.4.9). */
	if (!e && g->all && g->copied.from.count != g->uids->count)
		return ERR_CONFLICT;
	return e;
}

/* Nothing to copy: only check that the mailbox exists. */
static enum err copy_lookup(const struct mail_txn *m, void *arg)
{
	struct copying *g = arg;
	struct mail_txn to;
	struct mailbox box;
	enum err e = copy_find(m, &g->to, &to, &box);

	g->nowhere = e == ERR_MISSING;
	return e;
}

/* "COPYUID validity from to"; empty if nothing was copied or it is too long. */
static struct str copyuid(struct arena *a, const struct email_copied *c)
{
	struct str code = STR_EMPTY;
	struct buf text;

	if (c->from.n == 0)
		return code;
	buf_init(&text, COPYUID_MAX);
	buf_fmt(&text, "COPYUID %" PRIu32 " ", c->uidvalidity);
	imap_uids_put(&text, &c->from);
	buf_byte(&text, ' ');
	imap_uids_put(&text, &c->to);
	if (buf_ok(&text))
		code = str_dup(a, buf_str(&text));
	buf_deinit(&text);
	return code;
}

static void copied(struct imap *s, const struct copying *g)
{
	struct str code = copyuid(&s->run.arena, &g->copied);

	if (g->mailbox != 0)
		imap_event_run(s, (struct imapsieve_event){ .cause = IMAPSIEVE_COPY,
		                                            .account = g->account,
		                                            .mailbox = g->mailbox,
		                                            .uids = &g->copied.to });
	imap_ok(s, NULL, NULL);
	if (!g->move) {
		s->reply.code = code;
	} else if (code.n) {
		/* Before the EXPUNGE responses, so that the client has the new UIDs when
		 * messages disappear (RFC 6851 4.3). */
		buf_put(imap_out(s), STR("* OK ["));
		buf_put(imap_out(s), code);
		buf_put(imap_out(s), STR("] Moved\r\n"));
	}
}

static enum done copy_or_move(struct imap *s, struct imap_args_two *args, bool move)
{
	struct copying g = {
		.from = s->selected.id,
		.to = imap_place(args->name),
		.move = move,
		.all = !s->run.uid,
	};
	struct uids uids = { 0 };
	struct why why = { "" };
	enum err e;

	if (move && s->selected.read_only) {
		imap_no(s, "READ-ONLY", "The mailbox is read-only");
		return DONE;
	}
	if (imap_messages(s, &args->set, &uids) &&
	    (move || !imap_limit_refuses(s, imap_save_limit(s), &uids))) {
		if (move) /* a MOVE may be done in part: RFC 9738 3.1 */
			(void)imap_limit_cut(s, &uids);
		g.uids = &uids;
		e = uids.n ? imap_write(s, copy, &g, &why) : imap_read(s, copy_lookup, &g);
		if (e)
			imap_failed(s,
			            e == ERR_MISSING && !g.nowhere ? ABOUT_ANY : ABOUT_TARGET,
			            e, &why);
		else
			copied(s, &g);
	}
	email_copied_deinit(&g.copied);
	uids_deinit(&uids);
	return DONE;
}

enum done imap_cmd_copy(struct imap *s, union imap_args *args)
{
	return copy_or_move(s, &args->two, false);
}

enum done imap_cmd_move(struct imap *s, union imap_args *args)
{
	return copy_or_move(s, &args->two, true);
}
