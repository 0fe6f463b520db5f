/* model/mailbox/url_key.h: mailbox access keys (RFC 4467 2.2): the secrets of URLs that let others
 * read a message. Each user has a key for each mailbox; these functions use the key of m->who for a
 * mailbox of m->account. They take no modseq, because mail does not change. */
#ifndef MAILBOX_URL_KEY_H
#define MAILBOX_URL_KEY_H
#include "model/mailbox/mail.h"

enum { URL_KEY_BYTES = 32 };

/* ERR_MISSING: there is none. */
enum err url_key_get(const struct mail_txn *m, uint32_t mailbox,
                     uint8_t key[URL_KEY_BYTES]) MUST_USE;
/* Write. Set the key where there is none. */
enum err url_key_set(const struct mail_txn *m, uint32_t mailbox,
                     const uint8_t key[URL_KEY_BYTES]) MUST_USE;
/* Write. Replace the key, which invalidates all URLs that were made with the old one; watches are
 * notified. */
enum err url_key_reset(const struct mail_txn *m, uint32_t mailbox,
                       const uint8_t key[URL_KEY_BYTES]) MUST_USE;
/* Write. Delete all keys of m->who; watches are notified. */
enum err url_keys_erase(const struct mail_txn *m) MUST_USE;

#endif
