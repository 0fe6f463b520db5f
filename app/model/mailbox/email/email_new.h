/* model/mailbox/email/email_new.h: a message prepared for storage, outside any transaction.
 *
 * Parsing, hashing and compression run once, in the caller's thread; the transaction then only
 * writes small rows. One email_new can be appended to many mailboxes and accounts in one
 * transaction, which then share one blob. */
#ifndef MAILBOX_EMAIL_NEW_H
#define MAILBOX_EMAIL_NEW_H
#include "formats/message/mime.h"
#include "model/mailbox/email.h"

struct store;
struct email_new;

/* parts: the message's bytes in order: fields that Roost prepends, then the received message. They
 * are read during the call only. One part is parsed in place; several are joined in memory first.
 * limits: of the parse. A message whose description would exceed the maximum of a record is
 * described in less detail; no message is refused for its structure. *out: free it with
 * email_new_free; NULL unless OK. ERR_LIMIT: more than MESSAGE_SIZE_MAX bytes; ERR_FULL, ERR_IO:
 * see blob_prepare. Not inside a transaction. */
enum err email_prepare(struct store *s, const struct str *parts, size_t count,
                       const struct message_limits *limits, struct email_new **out,
                       struct why *why) MUST_USE;

/* NULL is a no-op; clears *e. Not inside a transaction. */
void email_new_free(struct email_new **e);

/* The memory of e in bytes, and how many of them email_new_ahead would free. */
size_t email_new_held(const struct email_new *e, size_t *freeable);
/* See blob_drafts_ahead. */
enum err email_new_ahead(struct email_new *const *emails, size_t n, struct why *why) MUST_USE;

/* The prepared values: size, dates, envelope and so on. internal_ms is 0. */
const struct email *email_new_get(const struct email_new *e);

#endif
