/* model/mailbox/rights.h: what somebody may do with a mailbox (RFC 4314).
 *
 * A mail_txn says whose mail it is (account) and who acts (who). The server itself, which is
 * nobody, may do everything; so may the owner: the account whose mail it is, or a member of the
 * group whose mail it is. Everybody else has what the mailbox's list of rights (acl.h) gives:
 *
 *	rights = all that is granted to him, to groups he is in, and to anyone
 *	         without all that is denied to them (negative rights)
 *
 * Members of a group can be denied something in its mailboxes, but not to look them up and
 * to change the list: so no mailbox is ever without somebody who can.
 *
 * The functions of mailbox/ that write check for themselves. Those that read rows do not, for a
 * client reads a thousand times after it was let in: mailbox_find is where that is checked. */
#ifndef MAILBOX_RIGHTS_H
#define MAILBOX_RIGHTS_H
#include "model/mailbox/flags.h"
#include "model/mailbox/mail.h"

/* RFC 4314 2.1. Stored: the numbers do not change. */
enum right {
	RIGHT_LOOKUP = BIT(0),      /* l: it is listed                                     */
	RIGHT_READ = BIT(1),        /* r: select it                                        */
	RIGHT_SEEN = BIT(2),        /* s: change \Seen                                     */
	RIGHT_WRITE = BIT(3),       /* w: change other flags                               */
	RIGHT_INSERT = BIT(4),      /* i: put emails into it                               */
	RIGHT_POST = BIT(5),        /* p: kept, not asked for by anything here             */
	RIGHT_CREATE = BIT(6),      /* k: make mailboxes below it                          */
	RIGHT_DELETE = BIT(7),      /* x: delete or rename it                              */
	RIGHT_DELETED = BIT(8),     /* t: change \Deleted                                  */
	RIGHT_EXPUNGE = BIT(9),     /* e: remove emails for good                           */
	RIGHT_ADMINISTER = BIT(10), /* a: change who may do what                           */
	RIGHTS_ALL = BIT(11) - 1,
	RIGHTS_FLAGS = RIGHT_SEEN | RIGHT_WRITE | RIGHT_DELETED,
	/* Those that make a mailbox more than READ-ONLY (RFC 4314 5.2). */
	RIGHTS_CHANGE = RIGHT_INSERT | RIGHT_EXPUNGE | RIGHTS_FLAGS,
};

/* May who do everything because it is his, or his group's? */
enum err rights_owner(const struct mail_txn *m, bool *yes) MUST_USE;
/* What who may do with every mailbox of m->account, whatever its list says. */
enum err rights_always(const struct mail_txn *m, unsigned *rights) MUST_USE;
/* What who may do with the mailbox; none, when there is no such mailbox. */
enum err rights_get(const struct mail_txn *m, uint32_t mailbox, unsigned *rights) MUST_USE;
/* OK when who has all of needed. ERR_DENIED; ERR_MISSING, as if the mailbox did not exist, to
 * somebody who may not look it up (RFC 4314 6). */
enum err rights_need(const struct mail_txn *m, uint32_t mailbox, unsigned needed) MUST_USE;

/* The flags that somebody with these rights may change (RFC 4314 4). */
struct flags rights_flags(unsigned rights);

#endif
