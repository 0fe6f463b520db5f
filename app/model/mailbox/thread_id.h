/* model/mailbox/thread_id.h: which conversation an email belongs to (RFC 8474 5.2, RFC 8621 3).
 *
 * Two emails are of one thread when both of these are the same:
 *
 *	root      the first message id of References, else of In-Reply-To, else its own;
 *	          without any, the very bytes of the message
 *	subject   its base (RFC 5256 2.1) in one case and without white space: who answers an
 *	          old letter to begin something new, and says so, does
 *
 * So a thread is a hash of what the message says, and of nothing else: it needs no table, never
 * changes, and is the same in every mailbox, account and order of arrival. What that cannot see is
 * a reply that names its parent alone, in the midst of a thread: with its own replies it is a
 * thread of its own. */
#ifndef MAILBOX_THREAD_ID_H
#define MAILBOX_THREAD_ID_H
#include "model/mailbox/email.h"

enum { THREAD_ID_BYTES = 16 };

/* header: the message's, with or without its empty line. Linear, pure. */
void thread_id_of(struct str header, const struct blob_id *blob, uint8_t out[THREAD_ID_BYTES]);

/* That of an email, from its record; of one that was stored before records had it, from its
 * bytes. */
enum err thread_id_get(const struct mail_txn *m, const struct email *email,
                       uint8_t out[THREAD_ID_BYTES]) MUST_USE;

#endif
