/* model/mailbox/watch.h: notifications of changes of an account's mail.
 *
 * After each commit every watch of the account is called once per changed mailbox, in the order of
 * commits. The call carries no details: the session reads them from the change log later.
 * Thread-safe. */
#ifndef MAILBOX_WATCH_H
#define MAILBOX_WATCH_H
#include "foundation/base/util.h"

struct mail_txn;
struct watches;
struct watch;

/* mailbox: with changed rows or record; 0: any. modseq: the account's since then, or 0 for changes
 * without modseq and log: annotations of the mailbox (of the server: account 0), and with mailbox 0
 * also subscriptions to names without a mailbox. Runs on a committing thread under a lock: it must
 * be quick, must not block, and must not add or remove watches nor open a transaction. */
typedef void watch_fn(void *arg, uint32_t mailbox, uint64_t modseq);

/* The URL keys (url_key.h) of who for the mailbox have changed. The same restrictions. */
typedef void watch_keys_fn(void *arg, uint32_t who, uint32_t mailbox);

struct watches *watches_new(void);
/* Every watch must have been removed. NULL is a no-op; clears *w. */
void watches_free(struct watches **w);

/* Never NULL. To miss no change, add the watch first and read the initial state afterwards. */
struct watch *watch_add(struct watches *w, uint32_t account, watch_fn *fn, void *arg);
/* The same; keys is called for changes of URL keys. */
struct watch *watch_add_keys(struct watches *w, uint32_t account, watch_fn *fn,
                             watch_keys_fn *keys, void *arg);
/* The same for all accounts: fn gets the account in place of the mailbox. */
struct watch *watch_add_all(struct watches *w, watch_fn *fn, void *arg);
/* When it returns, fn does not run and will not run again. NULL is a no-op; clears *w. */
void watch_remove(struct watch **w);

/* Notify all watches of the account. The functions that write do it themselves; this is for changes
 * by another process. mailbox 0: any of them; modseq 0: unknown. ws may be NULL. */
void watches_notify(struct watches *ws, uint32_t account, uint32_t mailbox, uint64_t modseq);
/* After a change of groups or accounts, which may change access rights: notify the watches of each
 * account that any mailbox may have changed. Watches of all accounts are not notified: no mail
 * changed. */
void watches_notify_rights(struct watches *ws);
/* Notify the watches of m's account when its transaction is durable. */
void watches_notify_after(const struct mail_txn *m, uint32_t mailbox, uint64_t modseq);
/* Then also notify that the keys of m->who for that mailbox of the account have changed. */
void watches_notify_keys_after(const struct mail_txn *m, uint32_t account, uint32_t mailbox);

#endif
