/* model/mailbox/email_edit.h: changes of many emails in many mailboxes at once, as JMAP's Email/set
 * makes them (RFC 8621 4.6).
 *
 * All changes take one modseq and one write of each mailbox. Each is checked before its first
 * write, so one that fails changes nothing and the others are made. */
#ifndef MAILBOX_EMAIL_EDIT_H
#define MAILBOX_EMAIL_EDIT_H
#include "model/mailbox/email.h"

struct email_edit {
	uint64_t email;
	bool destroy; /* all its placements; the rest is unused */

	/* Mailboxes: to replace the set (replace), or to add to and remove from it. A placement
	 * that m->who may not see stays. */
	bool replace;
	const uint32_t *add, *remove; /* remove is unused with replace */
	size_t add_count, remove_count;

	/* Flags, in all placements that m->who sees and in new ones. replace_flags: these and no
	 * others, except \Deleted and \Recent, which stay. */
	bool replace_flags;
	struct flags add_flags, remove_flags;

	/* The result. ERR_MISSING: no such email is shown to m->who, or no such mailbox;
	 * ERR_DENIED: a right is missing; ERR_SYNTAX: it would be in no mailbox; ERR_LIMIT: the
	 * quota, or too many placements. */
	enum err error;
	bool changed;
};

/* Write. Returns an error only when the transaction must be undone; *modseq is the account's
 * afterwards. */
enum err email_edit_all(const struct mail_txn *m, struct email_edit *edits, size_t n,
                        uint64_t *modseq) MUST_USE;

/* Write. A new email with placements in each of the mailboxes; otherwise as email_append.
 * mailboxes are distinct and not empty. */
struct email_create {
	const uint32_t *mailboxes;
	size_t mailbox_count;
	const struct email_new *email;
	struct flags flags;
	int64_t internal_ms;
};
struct email_created {
	uint64_t email, thread, modseq;
};
enum err email_create(const struct mail_txn *m, const struct email_create *what,
                      struct email_created *out) MUST_USE;

#endif
