/* model/mailbox/mailbox_tree.h: internals of the tree of mailboxes. Private to the folder. */
#ifndef MAILBOX_MAILBOX_TREE_H
#define MAILBOX_MAILBOX_TREE_H
#include "model/mailbox/records.h"

/* Maximum levels of a name: LIMIT_mailbox_name allows 1000 bytes, so 500 levels. A longer path to
 * the top means that the tree has a cycle. */
enum { MAILBOX_DEPTH_MAX = 512 };

/* All mailboxes in the order of their ids; call end exactly once. Strings as kv_iter's. */
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
/* Write a new mailbox as part of ed. The caller has checked that the name is free. ERR_LIMIT: too
 * many mailboxes. */
enum err mailbox_make(struct edit *ed, const struct mailbox_make *what, uint32_t *id) MUST_USE;
/* The UIDVALIDITY of the next mailbox: greater than all earlier ones in the account, so that a
 * reused name never has an old one (RFC 9051 2.3.1.1); and from the clock, so that values assigned
 * after a restored backup are not repeated. In renew.c. */
uint32_t uidvalidity_next(struct account_state *s);
/* The parent for the last level of name; missing parents are created. */
enum err mailbox_make_parents(struct edit *ed, struct str name, uint32_t *parent,
                              struct str *leaf) MUST_USE;

/* As mailbox_find, without a check of rights. */
enum err mailbox_lookup(const struct mail_txn *m, struct str name, struct mailbox *out) MUST_USE;
/* As mailbox_list, including invisible ones; rights are not filled in. */
enum err mailbox_list_all(const struct mail_txn *m, struct arena *a,
                          struct mailbox_list *out) MUST_USE;
/* May who create a mailbox of that name at its place? */
enum err mailbox_may_create(const struct mail_txn *m, struct str name) MUST_USE;

/* OK when name is well-formed and free; errors as mailbox_create. */
enum err mailbox_name_free(const struct mail_txn *m, struct str name) MUST_USE;
/* The row by which the mailbox is found. */
enum err mailbox_name_put(const struct mail_txn *m, const struct mailbox *box) MUST_USE;
enum err mailbox_name_del(const struct mail_txn *m, const struct mailbox *box) MUST_USE;

/* subscription.c: a subscription to a name without a mailbox. take removes it; *was: it existed.
 * Both update ed's count. */
enum err subscription_take(struct edit *ed, struct str name, bool *was) MUST_USE;
enum err subscription_put(struct edit *ed, struct str name) MUST_USE;
/* Its required key, for fsck. */
struct key;
void subscription_key(struct key *k, uint32_t account, struct str name);
bool subscription_unpack(struct str record, struct str *name);

#endif
