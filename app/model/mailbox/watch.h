/* model/mailbox/watch.h: who wants to hear that an account's mail has changed.
 *
 * After each commit every watch of the account is told once per changed mailbox, in the
 * order of commits. A watch only hears that something happened: it looks up what in the
 * change log when it is ready to. Thread-safe. */
#ifndef MAILBOX_WATCH_H
#define MAILBOX_WATCH_H
#include "foundation/base/util.h"

struct mail_txn;
struct watches;
struct watch;

/* mailbox: whose rows or record changed; 0: any. modseq: the account's since then, or 0 for what
 * has no modseq and is in no log: annotations of the mailbox (of the server: account 0), and with
 * mailbox 0 also subscriptions to names that are no mailboxes. Runs on a
 * committing thread under a lock: it must be quick, must not block, and must not add or
 * remove watches nor open a transaction. */
typedef void watch_fn(void *arg, uint32_t mailbox, uint64_t modseq);

/* Keys of URLs (url_key.h) that who has for the mailbox are others now. In the same way. */
typedef void watch_keys_fn(void *arg, uint32_t who, uint32_t mailbox);

struct watches *watches_new(void);
/* Every watch must have been removed. NULL is a no-op; clears *w. */
void watches_free(struct watches **w);

/* Never NULL. To miss nothing, add the watch first and read the state to start from
 * afterwards. */
struct watch *watch_add(struct watches *w, uint32_t account, watch_fn *fn, void *arg);
/* The same, and keys is told as well. */
struct watch *watch_add_keys(struct watches *w, uint32_t account, watch_fn *fn,
                             watch_keys_fn *keys, void *arg);
/* The same for all accounts: fn hears of the account instead of the mailbox. */
struct watch *watch_add_all(struct watches *w, watch_fn *fn, void *arg);
/* When it returns, fn does not run and will not run again. NULL is a no-op; clears *w. */
void watch_remove(struct watch **w);

/* Tell all watches of the account. The functions that write do it by themselves; this is
 * for changes that another process made. mailbox 0: any of them; modseq 0: not known. ws may be
 * NULL. */
void watches_tell(struct watches *ws, uint32_t account, uint32_t mailbox, uint64_t modseq);
/* Who may what may have changed, for groups or accounts did: tell the watches of each account that
 * any mailbox may have changed. Those that hear of all accounts are not told, for no mail did. */
void watches_tell_rights(struct watches *ws);
/* The same of m's account, when its transaction is on the disk. */
void watches_tell_after(const struct mail_txn *m, uint32_t mailbox, uint64_t modseq);
/* Tell then that the keys of m->who for that mailbox of the account are others. */
void watches_tell_keys_after(const struct mail_txn *m, uint32_t account, uint32_t mailbox);

#endif
