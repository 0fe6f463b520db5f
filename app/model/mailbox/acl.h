/* model/mailbox/acl.h: the lists of who may do what with a mailbox (RFC 4314 2).
 *
 * An entry is about an account, a group (both are ids of directory/), or anyone, and has rights
 * that are granted and rights that are denied. It names an id, never an address: who is made
 * anew with an old address inherits nothing.
 *
 *	ACL     account mailbox who       granted, denied
 *	SHARE   who account mailbox       "there is such a row": whose mail concerns him */
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
	struct acl_entry *entries; /* by who; the owner, who may do everything, is not among them */
	size_t n;
};

/* The list of a mailbox, in a. who needs RIGHT_ADMINISTER. */
enum err acl_get(const struct mail_txn *m, uint32_t mailbox, struct arena *a,
                 struct acl *out) MUST_USE;

enum acl_op { ACL_REPLACE, ACL_ADD, ACL_REMOVE };

struct acl_change {
	uint32_t mailbox;
	uint32_t who;
	bool negative; /* the rights that are denied, not those that are granted */
	enum acl_op op;
	unsigned rights; /* ACL_REPLACE with none takes them all away                */
};

/* Write. who needs RIGHT_ADMINISTER. ERR_SYNTAX: the owner's rights cannot be changed;
 * ERR_LIMIT: more than mailboxes.acl_max entries. */
enum err acl_change(const struct mail_txn *m, const struct acl_change *what) MUST_USE;

/* Whose mail may concern m->who, ascending, in a: accounts and groups that have a mailbox with an
 * entry about him, and groups that he is in. m->account counts for nothing and is left out. */
enum err acl_owners(const struct mail_txn *m, struct arena *a, uint32_t **owners,
                    size_t *n) MUST_USE;

#endif
