/* protocols/imap/cmd_select.c: SELECT, EXAMINE, CLOSE and UNSELECT (RFC 9051 6.3.2,
 * 6.3.3, 6.4.1).
 *
 * SELECT costs the same for ten and for a hundred thousand messages: its answer is in the
 * mailbox's record, and UIDs are loaded when a command needs them. */
#include "formats/imap_wire/put.h"
#include "model/mailbox/email.h"
#include "model/mailbox/mailbox.h"
#include "model/mailbox/rights.h"
#include "protocols/imap/commands.h"
#include "protocols/imap/flags.h"
#include "protocols/imap/mailboxes/oldname.h"
#include "protocols/imap/mailboxes/status.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/notify/notify.h"
#include "protocols/imap/objectid.h"
#include "protocols/imap/resync.h"
#include "protocols/imap/search/context.h"
#include "protocols/imap/search/saved.h"
#include "protocols/imap/store.h"
#include "protocols/imap/sync.h"

struct selecting {
	struct arena *arena;
	struct str name;
	struct imap_place at;
	uint32_t account, id;
	unsigned rights; /* enum right of the user */
	bool claim;      /* claim \Recent messages; in a write transaction */
	bool may_claim;  /* there are messages to claim */
	struct mailbox box;
	uint64_t modseq;
	uint32_t first_recent, recent;
	struct keywords *keywords;
};

static enum err select_find(const struct mail_txn *m, void *arg)
{
	struct selecting *g = arg;
	enum err e = mailbox_find(m, g->at.name, &g->box);

	g->account = m->account;
	g->id = g->box.id;
	return e;
}

static enum err state(const struct mail_txn *m, void *arg)
{
	struct selecting *g = arg;
	enum err e = mailbox_get(m, g->id, &g->box);

	if (e || (e = mailbox_unseen(m, &g->box, true)) || (e = rights_get(m, g->id, &g->rights)))
		return e;
	g->may_claim = g->box.first_recent_uid < g->box.uidnext;
	g->first_recent = g->box.first_recent_uid;
	if (g->claim && (e = mailbox_claim_recent(m, g->id, g->box.uidnext, &g->first_recent)))
		return e;
	if ((e = mail_modseq(m, &g->modseq)))
		return e;
	if ((e = imap_status_recent(m, &g->box, g->first_recent, &g->recent)))
		return e;
	return keywords_load(m, g->arena, g->keywords);
}

/* Read the mailbox's state, and claim recent messages if allowed. A full disk must not
 * prevent reading, so a failed claim is skipped. */
static enum err state_take(struct imap *s, struct selecting *g, bool *read_only)
{
	enum err e = imap_read_at(s, &g->at, state, g);

	*read_only |= !(g->rights & RIGHTS_CHANGE); /* RFC 4314 5.2 */
	if (e || *read_only || !g->may_claim)
		return e;
	g->claim = true;
	e = imap_write_soon_at(s, &g->at, state, g, NULL);
	if (e) {
		g->claim = false;
		e = imap_read_at(s, &g->at, state, g);
	}
	return e;
}

static void selected_set(struct imap *s, const struct selecting *g, bool examined, bool read_only)
{
	struct imap_selected *sel = &s->selected;

	*sel = (struct imap_selected){
		.account = g->account,
		.id = g->id,
		.rights = g->rights,
		.uidvalidity = g->box.uidvalidity,
		.examined = examined,
		.read_only = read_only,
		.modseq = g->modseq,
		.recent = { .n = g->recent, .reported = g->recent },
		.modseqs = { .highest = g->box.modseq },
	};
	if (g->first_recent < g->box.uidnext)
		uids_add(&sel->recent.uids, g->first_recent, g->box.uidnext - 1);
	view_init(&sel->view, g->box.exists, g->box.uidnext);
	s->state = STATE_SELECTED;
}

static void select_put(struct imap *s, const struct selecting *g)
{
	struct buf *out = imap_out(s);
	struct str real;

	imap_flags_tell(s, out, g->keywords, true);
	buf_fmt(out, "* %" PRIu32 " EXISTS\r\n", g->box.exists);
	if (!imap_rev2(s))
		buf_fmt(out, "* %" PRIu32 " RECENT\r\n", g->recent);
	/* RFC 3501 6.3.1; not with UIDONLY, it is a number (RFC 9586 3) */
	if (!imap_enabled(s, ENABLED_REV2 | ENABLED_UIDONLY) && g->box.first_unseen_uid)
		buf_fmt(out, "* OK [UNSEEN %" PRIu32 "] First unseen\r\n", g->box.first_unseen_seq);
	buf_fmt(out, "* OK [UIDVALIDITY %" PRIu32 "] UIDs are valid\r\n", g->box.uidvalidity);
	buf_fmt(out, "* OK [UIDNEXT %" PRIu32 "] Predicted next UID\r\n", g->box.uidnext);
	buf_put(out, STR("* OK [MAILBOXID ")); /* RFC 8474 4.2 */
	imap_mailboxid_put(out, &g->box);
	buf_put(out, STR("] Its name may change\r\n"));
	/* RFC 4467 8 */
	buf_put(out, STR("* OK [URLMECH INTERNAL] URLs of its messages can be made\r\n"));
	if (imap_enabled(s, ENABLED_CONDSTORE)) /* RFC 7162 3.1.2.1 */
		imap_modseq_tell(s);
	if (!imap_rev2(s)) /* RFC 9051 6.3.2 */
		return;
	if (imap_name_differs(s, g->name, &real)) {
		imap_oldname_put(s, "", real, g->name);
		return;
	}
	buf_put(out, STR("* LIST () \"/\" "));
	imap_put_mailbox(out, g->name, true);
	buf_put(out, STR("\r\n"));
}

/* False: a parameter is not allowed, s->reply is the error. */
static bool select_allowed(struct imap *s, const struct imap_select *what)
{
	if (what->qresync && !imap_enabled(s, ENABLED_QRESYNC))
		imap_bad(s, "Enable QRESYNC first"); /* RFC 7162 3.2.5 */
	else if (what->match.n && imap_enabled(s, ENABLED_UIDONLY))
		imap_uid_required(s);
	else
		return true;
	return false;
}

static enum done select_mailbox(struct imap *s, struct imap_select *what, bool examine)
{
	struct selecting g = { .arena = &s->run.arena,
		               .name = what->name,
		               .at = imap_place(what->name) };
	bool read_only = examine;
	enum err e;

	if (!select_allowed(s, what))
		return DONE;
	if (s->state == STATE_SELECTED) /* RFC 9051 6.3.2: later responses are about the
	                                 * new mailbox */
		buf_put(imap_out(s), STR("* OK [CLOSED] Previous mailbox is closed\r\n"));
	imap_deselect(s); /* even if the new one cannot be selected */
	g.keywords = arena_new(g.arena, struct keywords);
	e = imap_read_at(s, &g.at, select_find, &g);
	if (!e) {
		imap_watch_begin(s, g.account, g.id);
		e = state_take(s, &g, &read_only);
	}
	if (e) {
		imap_watch_end(s);
		imap_failed(s, ABOUT_ANY, e, NULL);
		return DONE;
	}
	if (what->condstore)
		imap_enable(s, ENABLED_CONDSTORE);
	selected_set(s, &g, examine, read_only);
	select_put(s, &g);
	imap_ok(s, read_only ? "READ-ONLY" : "READ-WRITE", NULL);
	if (imap_notify_muted(s)) /* later the UIDs may be unknown */
		(void)!imap_view_load(s);
	return what->qresync ? imap_resync(s, what) : DONE;
}

enum done imap_cmd_select(struct imap *s, union imap_args *args)
{
	return select_mailbox(s, &args->select, false);
}

enum done imap_cmd_examine(struct imap *s, union imap_args *args)
{
	return select_mailbox(s, &args->select, true);
}

void imap_deselect(struct imap *s)
{
	struct imap_selected *sel = &s->selected;

	imap_watch_end(s);
	if (!sel->id)
		return;
	view_deinit(&sel->view);
	uids_deinit(&sel->recent.uids);
	uids_deinit(&sel->gone);
	uids_deinit(&sel->flagged);
	imap_saved_set(s, NULL);
	imap_contexts_end(s); /* RFC 5267 4.3 */
	*sel = (struct imap_selected){ 0 };
	if (s->state == STATE_SELECTED)
		s->state = STATE_AUTHENTICATED;
}

enum done imap_cmd_unselect(struct imap *s, union imap_args *args)
{
	(void)args;
	imap_deselect(s);
	imap_ok(s, NULL, NULL);
	return DONE;
}
