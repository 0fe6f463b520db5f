/* model/mailbox/changed.h: which emails, threads and mailboxes changed since a modseq, as JMAP's
 * /changes tells it (RFC 8620 5.2), derived from the change log (changes.h).
 *
 * The log has placements. An email that m->who sees was
 *
 *	placements then = placements now - those that appeared + those that vanished
 *
 * since the given modseq, counted in mailboxes that m->who may read and without those that have
 * \Deleted. So an email that was moved out of what m->who may read was destroyed for m->who, and
 * no id of another mailbox is returned. */
#ifndef MAILBOX_CHANGED_H
#define MAILBOX_CHANGED_H
#include "model/mailbox/mail.h"

enum changed_type { CHANGED_EMAIL, CHANGED_THREAD, CHANGED_MAILBOX };

struct changed {
	uint64_t *created, *updated, *destroyed; /* ids, each in one list only; memory is a's */
	size_t created_count, updated_count, destroyed_count;
	uint64_t modseq; /* the changes are complete up to here */
	bool more;       /* later changes were left out           */
	bool counts_only; /* CHANGED_MAILBOX: of those in updated, only counters were changed */
};

/* max: of ids in all lists together; 0: all. ERR_MISSING: the client must read everything again,
 * because since is older than the log, is not yet reached, the access of m->who changed after it,
 * or one write changed more than max. Lists may have ids that did not change, in updated. Costs
 * the changes since then. */
enum err changed_since(const struct mail_txn *m, enum changed_type type, uint64_t since, size_t max,
                       struct arena *a, struct changed *out) MUST_USE;
/* The modseq of the last change of that type: JMAP's state of it. */
enum err changed_state(const struct mail_txn *m, enum changed_type type,
                       uint64_t *modseq) MUST_USE;

#endif
