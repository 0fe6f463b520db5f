/* model/mailbox/thread_id.h: the thread of an email (RFC 8474 5.2, RFC 8621 3).
 *
 * Two emails belong to one thread when both of these are equal:
 *
 *	root      the first message id of References, else of In-Reply-To, else its own;
 *	          without any, the bytes of the message
 *	subject   its base (RFC 5256 2.1) without case and white space: a reply with a new
 *	          subject begins a new thread
 *
 * So a thread id is a hash of the message alone: it needs no table, is constant, and is the same in
 * every mailbox, account and order of arrival. It misses a reply that names only its parent in the
 * middle of a thread: such a reply and its replies are a thread of their own. */
#ifndef MAILBOX_THREAD_ID_H
#define MAILBOX_THREAD_ID_H
#include "model/mailbox/email.h"

enum { THREAD_ID_BYTES = 16 };

/* header: the message's, with or without its empty line. Linear, pure. */
void thread_id_of(struct str header, const struct blob_id *blob, uint8_t out[THREAD_ID_BYTES]);

/* The thread id of an email, from its record; for an old record without it, from the message's
 * bytes. */
enum err thread_id_get(const struct mail_txn *m, const struct email *email,
                       uint8_t out[THREAD_ID_BYTES]) MUST_USE;

#endif
