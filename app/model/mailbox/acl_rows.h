/* model/mailbox/acl_rows.h: the rows of acl.h. Private to the folder, which changes them only
 * within an edit or together with the account. */
#ifndef MAILBOX_ACL_ROWS_H
#define MAILBOX_ACL_ROWS_H
#include "model/mailbox/acl.h"

struct key;

void key_acl(struct key *k, uint32_t account, uint32_t mailbox, uint32_t who);
void key_share(struct key *k, uint32_t who, uint32_t account, uint32_t mailbox);
bool acl_unpack(struct str record, struct acl_entry *out);

/* The entries of a mailbox; call end exactly once. */
struct acl_rows {
	struct kv_iter it;
	bool bad;
};
void acl_rows_init(struct acl_rows *r, const struct mail_txn *m, uint32_t mailbox);
bool acl_rows_next(struct acl_rows *r, struct acl_entry *out);
enum err acl_rows_end(struct acl_rows *r) MUST_USE;

/* Write. A new mailbox inherits the list of its parent (RFC 4314 4); 0: none. */
enum err acl_inherit(const struct mail_txn *m, uint32_t parent, uint32_t mailbox) MUST_USE;
/* Write. Delete the list of a mailbox. */
enum err acl_forget(const struct mail_txn *m, uint32_t mailbox) MUST_USE;
/* Write. The members of a group changed, and so did their access to its mail and to what is shared
 * with it (changed.h). Takes a modseq of each account concerned. */
enum err acl_members_changed(struct txn *t, uint32_t group) MUST_USE;
/* Write. Delete all lists of m->account, account or group, and all entries about it. */
enum err acl_erase(const struct mail_txn *m) MUST_USE;

#endif
