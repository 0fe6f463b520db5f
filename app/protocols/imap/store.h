/* protocols/imap/store.h: transactions over the mail of one account or group. The acting
 * account is always the one that has logged in; mailbox/ checks its rights on the mail of
 * others. */
#ifndef IMAP_STORE_H
#define IMAP_STORE_H
#include "foundation/base/err.h"
#include "model/mailbox/mail.h"
#include "protocols/imap/place.h"

struct imap;

/* Like txn_fn of model/store/store.h, over one account's mail. */
typedef enum err imap_txn_fn(const struct mail_txn *m, void *arg);

/* Over the mail that has the selected mailbox, which may be another user's; without one,
 * over that of the login. No transaction may be open. */
enum err imap_read(struct imap *s, imap_txn_fn *fn, void *arg) MUST_USE;
/* Returns after the disk sync. why may be NULL. */
enum err imap_write(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* Does not wait for the disk: see store_write_soon. For flags: a killed server loses
 * none, a power cut may lose those of the last STORE_SOON_MS. */
enum err imap_write_soon(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* The same over the mail of at = imap_place(name), in which the mailbox is at.name.
 * ERR_MISSING also if the address has no account. */
enum err imap_read_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn,
                      void *arg) MUST_USE;
enum err imap_write_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg,
                       struct why *why) MUST_USE;
enum err imap_write_soon_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg,
                            struct why *why) MUST_USE;

/* Set out to m, but for the mail of at: within a transaction over other mail. */
enum err imap_mail_at(const struct mail_txn *m, const struct imap_place *at,
                      struct mail_txn *out) MUST_USE;

#endif
