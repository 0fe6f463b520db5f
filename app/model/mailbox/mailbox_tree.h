/* model/mailbox/mailbox_tree.h: the tree of mailboxes from within. Private to the folder. */
#ifndef MAILBOX_MAILBOX_TREE_H
#define MAILBOX_MAILBOX_TREE_H
#include "model/mailbox/records.h"

/* No name has more levels: LIMIT_mailbox_name allows 1000 bytes, so 500 of them. A longer
 * way up means that a mailbox lies within itself. */
enum { MAILBOX_DEPTH_MAX = 512 };

/* All mailboxes in the order of their ids; end exactly once. Strings as kv_iter's. */
struct mailbox_iter {
	struct kv_iter rows;
	bool bad;
};
void mailbox_iter_init(struct mailbox_iter *it, const struct mail_txn *m);
bool mailbox_iter_next(struct mailbox_iter *it, struct mailbox *out);
enum err mailbox_iter_end(struct mailbox_iter *it) MUST_USE;

struct edit;

struct mailbox_make {
	uint32_t parent;
	struct str leaf;
	struct str name; /* full */
	enum mailbox_role role;
	bool subscribed;
};
/* Write a new mailbox as part of ed. The caller has looked that the name is free. ERR_LIMIT:
 * there are too many. */
enum err mailbox_make(struct edit *ed, const struct mailbox_make *what, uint32_t *id) MUST_USE;
/* The UIDVALIDITY of the next mailbox: greater than any before in the account, so that a name
 * that is used again never has an old one (RFC 9051 2.3.1.1); and taken from the clock, so
 * that after a backup was restored none is given out that was so before. In renew.c. */
uint32_t uidvalidity_next(struct account_state *s);
/* The mailbox in which the last level of name is, made with all above it where missing. */
enum err mailbox_make_parents(struct edit *ed, struct str name, uint32_t *parent,
                              struct str *leaf) MUST_USE;

/* As mailbox_find, whatever who may. */
enum err mailbox_lookup(const struct mail_txn *m, struct str name, struct mailbox *out) MUST_USE;
/* As mailbox_list, also of those that who may not look up; rights are not filled in. */
enum err mailbox_list_all(const struct mail_txn *m, struct arena *a,
                          struct mailbox_list *out) MUST_USE;
/* May who make something of that name, at the place where it would be? */
enum err mailbox_may_create(const struct mail_txn *m, struct str name) MUST_USE;

/* OK when name is well-formed and no mailbox has it; as mailbox_create's errors. */
enum err mailbox_name_free(const struct mail_txn *m, struct str name) MUST_USE;
/* The row by which the mailbox is found. */
enum err mailbox_name_put(const struct mail_txn *m, const struct mailbox *box) MUST_USE;
enum err mailbox_name_del(const struct mail_txn *m, const struct mailbox *box) MUST_USE;

/* subscription.c: a subscription to a name without a mailbox. take removes it and says
 * whether it was there. Both keep ed's count. */
enum err subscription_take(struct edit *ed, struct str name, bool *was) MUST_USE;
enum err subscription_put(struct edit *ed, struct str name) MUST_USE;
/* The key it must have, for fsck. */
struct key;
void subscription_key(struct key *k, uint32_t account, struct str name);
bool subscription_unpack(struct str record, struct str *name);

#endif
