/* model/mailbox/acl.h: the access control lists of mailboxes (RFC 4314 2).
 *
 * An entry is about an account, a group (both are ids of model/directory/), or anyone, and has
 * granted and denied rights. It has an id, not an address: a new account with an old address
 * inherits no rights.
 *
 *	ACL     account mailbox who       granted, denied
 *	SHARE   who account mailbox       "there is such a row": mailboxes shared with who */
#ifndef MAILBOX_ACL_H
#define MAILBOX_ACL_H
#include "model/mailbox/rights.h"

struct arena;

enum { ACL_ANYONE = 0 }; /* no account or group has that id */

struct acl_entry {
	uint32_t who;
	unsigned granted, denied; /* enum right */
};

struct acl {
	struct acl_entry *entries; /* by who, without the owner, who has all rights */
	size_t n;
};

/* The list of a mailbox, in a. who needs RIGHT_ADMINISTER. */
enum err acl_get(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                 struct acl *out) MUST_USE;

enum acl_op { ACL_REPLACE, ACL_ADD, ACL_REMOVE };

struct acl_change {
	uint32_t mailbox;
	uint32_t who;
	bool negative; /* denied rights instead of granted ones */
	enum acl_op op;
	unsigned rights; /* ACL_REPLACE with none removes all */
};

/* Write. who needs RIGHT_ADMINISTER. ERR_SYNTAX: the owner's rights cannot be changed;
 * ERR_LIMIT: more than mailboxes.acl_max entries. */
enum err acl_change(const struct mail_txn *m, const struct acl_change *what) MUST_USE;

/* The owners of mail that m->who may access, ascending, in a: accounts and groups that have a
 * mailbox with an entry about it, and its groups. m->account is ignored and omitted. */
enum err acl_owners(const struct mail_txn *m, struct arena *a, uint32_t **owners,
                    size_t *n) MUST_USE;

#endif
