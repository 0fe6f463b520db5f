/* protocols/imap/place.h: whose mail a mailbox's name is in (RFC 2342).
 *
 *	INBOX, Work/2026                    the personal namespace: one's own mail
 *	Other Users/ADDRESS/INBOX           another account's
 *	Shared/ADDRESS/Invoices             a group's
 *
 * An address always has an "@", so a mailbox of one's own that is called Shared, and what is
 * below it, stays one's own. Pure: whether there is such an account, and who may what, is found
 * out in a transaction (store.h). */
#ifndef IMAP_PLACE_H
#define IMAP_PLACE_H
#include "foundation/base/str.h"

struct arena;

#define PLACE_OTHERS "Other Users/"
#define PLACE_GROUPS "Shared/"

enum place_kind {
	PLACE_OWN,
	PLACE_OTHER, /* an account's */
	PLACE_GROUP,
};

/* Strings are borrowed from the name. */
struct imap_place {
	enum place_kind kind;
	struct str owner; /* the address; empty: PLACE_OWN                             */
	struct str name;  /* in his mail; empty: the name is no mailbox, only above all of his */
};

struct imap_place imap_place(struct str name);
/* The form in which LIST tells the name of another's mailbox, in a: the address as it is kept,
 * INBOX in capitals. Other names are as they came. */
struct str imap_place_listed(struct arena *a, struct str name);

/* May two mailboxes be of the same tree? Addresses compare without case. */
bool imap_place_same(const struct imap_place *a, const struct imap_place *b);

#endif
