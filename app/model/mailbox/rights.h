/* model/mailbox/rights.h: access rights of mailboxes (RFC 4314).
 *
 * A mail_txn names the owner of the mail (account) and the acting account (who). The server itself
 * (0) has all rights, and so has the owner: the account, or a member of the group. Other accounts
 * have the rights in the mailbox's access list (acl.h):
 *
 *	rights = all that is granted to the account, to its groups, and to anyone
 *	         without all that is denied to them (negative rights)
 *
 * Members of a group can be denied rights in its mailboxes, except to look them up and to change
 * the list: so every mailbox has an administrator.
 *
 * Functions of mailbox/ that write check the rights. Those that read rows do not, because a client
 * reads many times after mailbox_find has checked them. */
#ifndef MAILBOX_RIGHTS_H
#define MAILBOX_RIGHTS_H
#include "model/mailbox/flags.h"
#include "model/mailbox/mail.h"

/* RFC 4314 2.1. Stored: these numbers must not change. */
enum right {
	RIGHT_LOOKUP = BIT(0),      /* l: see it in lists */
	RIGHT_READ = BIT(1),        /* r: select it                                        */
	RIGHT_SEEN = BIT(2),        /* s: change \Seen */
	RIGHT_WRITE = BIT(3),       /* w: change other flags                               */
	RIGHT_INSERT = BIT(4),      /* i: put emails into it                               */
	RIGHT_POST = BIT(5),        /* p: stored, but not used here */
	RIGHT_CREATE = BIT(6),      /* k: make mailboxes below it                          */
	RIGHT_DELETE = BIT(7),      /* x: delete or rename it                              */
	RIGHT_DELETED = BIT(8),     /* t: change \Deleted                                  */
	RIGHT_EXPUNGE = BIT(9),     /* e: remove emails for good                           */
	RIGHT_ADMINISTER = BIT(10), /* a: change the access list */
	RIGHTS_ALL = BIT(11) - 1,
	RIGHTS_FLAGS = RIGHT_SEEN | RIGHT_WRITE | RIGHT_DELETED,
	/* Those that make a mailbox more than READ-ONLY (RFC 4314 5.2). */
	RIGHTS_CHANGE = RIGHT_INSERT | RIGHT_EXPUNGE | RIGHTS_FLAGS,
};

/* Does who have all rights as the owner, or as a member of the owning group? */
enum err rights_owner(const struct mail_txn *m, bool *yes) MUST_USE;
/* The rights of m->who in every mailbox of m->account, independent of access lists. */
enum err rights_always(const struct mail_txn *m, unsigned *rights) MUST_USE;
/* The rights of m->who in the mailbox; none without such a mailbox. */
enum err rights_get(const struct mail_txn *m, uint32_t mailbox, unsigned *rights) MUST_USE;
/* OK when m->who has all of needed. Otherwise ERR_DENIED; or ERR_MISSING, as for a mailbox that
 * does not exist, when m->who may not look it up (RFC 4314 6). */
enum err rights_need(const struct mail_txn *m, uint32_t mailbox, unsigned needed) MUST_USE;

/* The flags that may be changed with these rights (RFC 4314 4). */
struct flags rights_flags(unsigned rights);

#endif
