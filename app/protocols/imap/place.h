/* protocols/imap/place.h: the owner of a mailbox, from its name (RFC 2342).
 *
 *	INBOX, Work/2026                    the personal namespace: the user's own mail
 *	Other Users/ADDRESS/INBOX           another account's
 *	Shared/ADDRESS/Invoices             a group's
 *
 * An address always has an "@", so the user's own mailbox "Shared" and those below it
 * remain the user's own. Pure: a transaction checks whether the account exists and who
 * has which rights (store.h). */
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
	struct str name;  /* within the owner's mail; empty: the name is only a parent of
	                   * the owner's mailboxes */
};

struct imap_place imap_place(struct str name);
/* The name of another user's mailbox as LIST shows it, in a: the stored form of the
 * address, INBOX in capitals. Other names are unchanged. */
struct str imap_place_listed(struct arena *a, struct str name);

/* Can both mailboxes be in the same tree? Addresses compare without case. */
bool imap_place_same(const struct imap_place *a, const struct imap_place *b);

#endif
