/* imap/store.h: the session's account inside a transaction. */
#ifndef IMAP_STORE_H
#define IMAP_STORE_H
#include "base/err.h"
#include "mailbox/mail.h"

struct imap;

/* As txn_fn of store/store.h, over the mail of the account that has logged in. */
typedef enum err imap_txn_fn(const struct mail_txn *m, void *arg);

/* No transaction may be open. */
enum err imap_read(struct imap *s, imap_txn_fn *fn, void *arg) MUST_USE;
/* Returns when it is on the disk. why may be NULL. */
enum err imap_write(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why) MUST_USE;

#endif
