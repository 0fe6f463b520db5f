/* protocols/imap/append/cmd_replace.c: REPLACE and UID REPLACE (RFC 8508): an APPEND and
 * the expunge of one message, in one transaction. append.c receives the message. */
#include "foundation/base/clock.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/append/append.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct replacing {
	struct appending *g;
	uint32_t mailbox; /* the selected one */
	int64_t now_ms;
	struct email_appended done;
};

/* Expunge before the append, so that the quota counts only the difference (RFC 8508
 * 3.4). */
static enum err replace(const struct mail_txn *m, void *arg)
{
	struct replacing *r = arg;
	struct uids old = { 0 }, gone = { 0 };
	struct email_expunge what = { .mailbox = r->mailbox, .uids = &old };
	struct mail_txn to;
	enum err e;

	r->g->about = ABOUT_TARGET;
	uids_add(&old, r->g->replaced, r->g->replaced);
	/* RFC 8508 4.1: the right for \Deleted; email_expunge checks the other one. */
	e = rights_need(m, r->mailbox, RIGHT_DELETED);
	if (!e)
		e = email_expunge(m, &what, &gone, NULL);
	if (!e && gone.n == 0)
		e = ERR_CONFLICT; /* another session expunged it */
	if (!e)
		e = imap_mail_at(m, &r->g->place, &to);
	if (!e)
		e = imap_append_all(&to, r->g, r->now_ms, &r->done);
	uids_deinit(&old);
	uids_deinit(&gone);
	return e;
}

static void replace_commit(struct imap *s, struct appending *g)
{
	struct replacing r = { .g = g, .mailbox = s->selected.id, .now_ms = clock_real_ms() };
	struct why why = { "" };
	enum err e = imap_append_write(s, g, NULL, replace, &r, &why);

	if (e) {
		imap_append_failed(s, g, e, &why);
		return;
	}
	imap_appended(s, g, &r.done);
	/* Before the EXPUNGE of the sync: RFC 8508 4.3. */
	buf_put(imap_out(s), STR("* OK ["));
	buf_put(imap_out(s), imap_appenduid(s, g, &r.done));
	buf_put(imap_out(s), STR("] Replacement stored\r\n"));
	imap_ok(s, NULL, NULL);
}

/* The UID that the command names; 0 with the reply set if there is no such message. */
static uint32_t replaced_uid(struct imap *s, uint32_t number)
{
	enum err e = imap_view_load(s);
	const struct view *v = &s->selected.view;

	if (e) {
		imap_failed(s, ABOUT_ANY, e == ERR_CONFLICT ? ERR_RETRY : e, NULL);
		return 0;
	}
	if (!s->run.uid && number > v->exists) {
		imap_bad(s, "No message has that number");
		return 0;
	}
	if (s->run.uid && !view_seq(v, number)) {
		imap_no(s, "EXPUNGEISSUED", "No message has that UID");
		return 0;
	}
	return s->run.uid ? number : view_uid(v, number);
}

enum done imap_cmd_replace(struct imap *s, union imap_args *args)
{
	uint32_t uid = 0;

	if (s->selected.read_only)
		imap_no(s, "READ-ONLY", "The mailbox is read-only");
	else
		uid = replaced_uid(s, args->append.replaced);
	if (!uid)
		return s->input.message_follows ? imap_message_drop(s) : DONE;
	return imap_append_begin(s, &args->append, uid, replace_commit);
}
