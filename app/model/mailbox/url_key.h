/* model/mailbox/url_key.h: mailbox access keys (RFC 4467 2.2): the secrets behind URLs that let
 * others read a message. Each person has one of his own for each mailbox: those of m->who for
 * the mailboxes of m->account are meant. No modseq is taken, for no mail changes. */
#ifndef MAILBOX_URL_KEY_H
#define MAILBOX_URL_KEY_H
#include "model/mailbox/mail.h"

enum { URL_KEY_BYTES = 32 };

/* ERR_MISSING: there is none. */
enum err url_key_get(const struct mail_txn *m, uint32_t mailbox,
                     uint8_t key[URL_KEY_BYTES]) MUST_USE;
/* Write. Make it this one, where there was none. */
enum err url_key_set(const struct mail_txn *m, uint32_t mailbox,
                     const uint8_t key[URL_KEY_BYTES]) MUST_USE;
/* Write. Make it this one, so that no URL made with another is good any more; who watches hears
 * of it. */
enum err url_key_reset(const struct mail_txn *m, uint32_t mailbox,
                       const uint8_t key[URL_KEY_BYTES]) MUST_USE;
/* Write. Forget all that m->who has; as well. */
enum err url_keys_erase(const struct mail_txn *m) MUST_USE;

#endif
