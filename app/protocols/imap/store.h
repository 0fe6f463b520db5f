/* protocols/imap/store.h: somebody's mail inside a transaction.
 *
 * Who acts is always the account that has logged in; what he may do in the mail of others is
 * checked by mailbox/. */
#ifndef IMAP_STORE_H
#define IMAP_STORE_H
#include "foundation/base/err.h"
#include "model/mailbox/mail.h"
#include "protocols/imap/place.h"

struct imap;

/* As txn_fn of model/store/store.h, over somebody's mail. */
typedef enum err imap_txn_fn(const struct mail_txn *m, void *arg);

/* Over the mail in which the selected mailbox is, which may be another's; without one, over that
 * of the account that has logged in. No transaction may be open. */
enum err imap_read(struct imap *s, imap_txn_fn *fn, void *arg) MUST_USE;
/* Returns when it is on the disk. why may be NULL. */
enum err imap_write(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* Does not wait for the disk: see store_write_soon. For flags: a killed server loses none of them,
 * a power cut may lose those of the last STORE_SOON_MS. */
enum err imap_write_soon(struct imap *s, imap_txn_fn *fn, void *arg, struct why *why) MUST_USE;

/* The same over the mail in which a mailbox of that name is: for what begins with
 * at = imap_place(name) and then uses at.name. ERR_MISSING also: nobody has that address. */
enum err imap_read_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn,
                      void *arg) MUST_USE;
enum err imap_write_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg,
                       struct why *why) MUST_USE;
enum err imap_write_soon_at(struct imap *s, const struct imap_place *at, imap_txn_fn *fn, void *arg,
                            struct why *why) MUST_USE;

/* m, but for the mail of at: within a transaction over other mail. */
enum err imap_mail_at(const struct mail_txn *m, const struct imap_place *at,
                      struct mail_txn *out) MUST_USE;

#endif
