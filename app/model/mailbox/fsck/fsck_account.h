/* model/mailbox/fsck/fsck_account.h: the check of one account. Private to the folder.
 *
 * Each function walks one or two spaces once and reports inconsistencies in sentences with account,
 * mailbox and row. An error means that the store cannot be read; malformed records are findings. */
#ifndef MAILBOX_FSCK_ACCOUNT_H
#define MAILBOX_FSCK_ACCOUNT_H
#include "foundation/base/arena.h"
#include "model/mailbox/fsck/fsck.h"
#include "model/mailbox/records.h"

struct fsck_box {
	struct mailbox box;  /* from its record; leaf lives in the account's arena */
	struct mailbox seen; /* counters computed from the rows */
	bool named;          /* its row of names exists */
};

struct fsck_account {
	struct mail_txn m;
	struct fsck_report *r;
	struct arena *arena;
	struct account_state state;
	struct fsck_box *boxes; /* in the order of ids */
	size_t box_count;
	bool inbox; /* an INBOX exists */
	uint64_t keyword_bits[2]; /* numbers that have a name */
};

/* Finding "account N: ..."; arguments as fsck_found's. */
#define ACCOUNT_FOUND(a, fmt, ...) \
	fsck_found((a)->r, "account %" PRIu32 ": " fmt, (a)->m.account, __VA_ARGS__)

/* NULL when the account has no such mailbox. */
struct fsck_box *fsck_box_find(const struct fsck_account *a, uint32_t id);

/* fsck_mailboxes.c: fills in boxes; to be called first. */
enum err fsck_mailboxes(struct fsck_account *a) MUST_USE;
/* fsck_names.c: names of mailboxes, keywords (fills in keyword_bits), subscriptions. */
enum err fsck_names(struct fsck_account *a) MUST_USE;
enum err fsck_keywords(struct fsck_account *a) MUST_USE;
enum err fsck_subscriptions(struct fsck_account *a) MUST_USE;
/* fsck_rows.c, fsck_emails.c */
enum err fsck_rows(struct fsck_account *a) MUST_USE;
enum err fsck_emails(struct fsck_account *a) MUST_USE;
/* fsck_threads.c: threads and their keys. */
enum err fsck_threads(struct fsck_account *a) MUST_USE;
/* fsck_acl.c: the access lists, and the index of their entries, of all accounts. */
enum err fsck_acl(struct fsck_account *a) MUST_USE;
enum err fsck_shares(struct txn *t, struct fsck_report *r) MUST_USE;
/* fsck_metadata.c: annotations; account 0: the server's. */
enum err fsck_metadata(struct fsck_account *a) MUST_USE;
/* fsck_own_seen.c: per-user sets of \Seen. */
enum err fsck_own_seen(struct fsck_account *a) MUST_USE;
/* fsck_url_keys.c: access keys of all accounts. */
enum err fsck_url_keys(struct txn *t, struct fsck_report *r) MUST_USE;
/* fsck_changes.c */
enum err fsck_changes(struct fsck_account *a) MUST_USE;

#endif
