/* protocols/imap/modseq.c: see modseq.h. */
#include "model/mailbox/email.h"
#include "protocols/imap/modseq.h"
#include "protocols/imap/search/context.h"
#include "protocols/imap/session.h"
#include "protocols/imap/store.h"

static uint64_t highest(const struct imap_selected *sel)
{
	return sel->gone.n ? sel->modseqs.before_gone : sel->modseqs.highest;
}

void imap_modseq_tell(struct imap *s)
{
	buf_fmt(imap_out(s), "* OK [HIGHESTMODSEQ %" PRIu64 "] Highest mod-sequence\r\n",
	        highest(&s->selected));
}

void imap_enable(struct imap *s, unsigned bits)
{
	bool first = (bits & ENABLED_CONDSTORE) && !imap_enabled(s, ENABLED_CONDSTORE);

	s->enabled |= bits;
	if (bits & ENABLED_UIDONLY)
		imap_contexts_uidonly(s);
	if (first && s->state == STATE_SELECTED)
		imap_modseq_tell(s);
}

void imap_modseq_finish(struct imap *s)
{
	struct imap_modseqs *m = &s->selected.modseqs;
	bool tell = m->vanished || m->came || (m->fetched && s->selected.gone.n);

	m->vanished = m->came = false;
	m->fetched = 0;
	if (!tell || !imap_enabled(s, ENABLED_QRESYNC))
		return;
	if (s->reply.cond == COND_OK && s->reply.code.n == 0)
		s->reply.code =
			str_fmt(&s->run.arena, "HIGHESTMODSEQ %" PRIu64, highest(&s->selected));
	else
		imap_modseq_tell(s);
}

struct greatest {
	uint32_t mailbox;
	const struct uids *uids;
	uint64_t *modseq;
};

static enum err greatest_read(const struct mail_txn *m, void *arg)
{
	struct greatest *g = arg;
	enum err e = OK;

	*g->modseq = 0;
	for (size_t i = 0; i < g->uids->n && !e; i++) {
		struct email_rows rows;
		struct email_row row;

		email_rows_init(&rows, m, g->mailbox, g->uids->ranges[i].lo, g->uids->ranges[i].hi);
		while (email_rows_next(&rows, &row))
			*g->modseq = MAX(*g->modseq, row.modseq);
		e = email_rows_end(&rows);
	}
	return e;
}

enum err imap_modseq_of(struct imap *s, const struct uids *uids, uint64_t *modseq)
{
	struct greatest g = { s->selected.id, uids, modseq };

	return imap_read(s, greatest_read, &g);
}

bool imap_tells_vanished(const struct imap *s)
{
	return imap_enabled(s, ENABLED_QRESYNC | ENABLED_UIDONLY);
}

void imap_uids_put(struct buf *out, const struct uids *u)
{
	for (size_t i = 0; i < u->n; i++) {
		if (i)
			buf_byte(out, ',');
		buf_u64(out, u->ranges[i].lo);
		if (u->ranges[i].hi != u->ranges[i].lo) {
			buf_byte(out, ':');
			buf_u64(out, u->ranges[i].hi);
		}
	}
}

void imap_vanished_put(struct buf *out, const struct uids *uids, bool earlier)
{
	buf_put(out, earlier ? STR("* VANISHED (EARLIER) ") : STR("* VANISHED "));
	imap_uids_put(out, uids);
	buf_put(out, STR("\r\n"));
}
