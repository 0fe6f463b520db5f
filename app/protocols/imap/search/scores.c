/* protocols/imap/search/scores.c: see scores.h. */
#include "protocols/imap/search/scores.h"

#include "protocols/imap/session.h"

bool imap_scores_put(struct imap *s, struct imap_scores *w)
{
	struct buf *out = imap_out(s);

	if (!w->scores)
		return true;
	if (!w->begun)
		buf_put(out, STR(" RELEVANCY ("));
	w->at = w->begun ? w->at : w->from;
	w->begun = true;
	for (; w->at < w->end; w->at++) {
		if (conn_out_full(s->conn))
			return false;
		if (w->at != w->from)
			buf_byte(out, ' ');
		buf_u64(out, w->scores[w->at]);
	}
	buf_byte(out, ')');
	return true;
}
