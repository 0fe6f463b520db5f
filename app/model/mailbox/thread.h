/* model/mailbox/thread.h: threads of an account's emails (RFC 8474 5.2, RFC 8621 3).
 *
 * A new email joins the thread of the first email that it shares a message id with, and the base
 * subject: message ids are those of Message-ID, In-Reply-To and References, the subject is compared
 * without case and white space (RFC 5256 2.1). So a reply that names only its parent joins its
 * thread, and a reply with a new subject begins a new one. When an email links two threads it joins
 * one of them; threads are never merged, since a thread id is immutable (RFC 8621 4.1.1).
 *
 *	THREAD_KEY  account hash            thread: of a message id with its base subject
 *	THREAD      account thread email    hashes of the keys that this email keeps
 *
 * A thread's id is that of its first email. The keys of an email that is deleted pass to another
 * email of the thread, which keeps at most THREAD_KEPT_MAX; the last one deletes them. An email has
 * its row until its last placement is removed. */
#ifndef MAILBOX_THREAD_H
#define MAILBOX_THREAD_H
#include "model/mailbox/mail.h"

enum {
	THREAD_KEY_BYTES = 12,
	THREAD_KEYS_MAX = 32,  /* of one message: its own id, In-Reply-To, the last References */
	THREAD_KEPT_MAX = 256, /* of one row */
};

/* Computed outside of the transaction, from the header. */
struct thread_keys {
	uint8_t keys[THREAD_KEYS_MAX][THREAD_KEY_BYTES]; /* own id first; a message without one
	                                                  * has one made of its bytes */
	size_t n;
};
struct blob_id;
struct email;
/* header: the message's, with or without its empty line. Linear, pure. */
void thread_keys_of(struct str header, const struct blob_id *blob, struct thread_keys *out);
struct envelope;
/* The same from the stored part of a header, without References; more: one more key, 12 bytes or
 * longer. */
void thread_keys_of_envelope(const struct envelope *e, const struct blob_id *blob, struct str more,
                             struct thread_keys *out);
/* The same of a stored email, whose header is read. ERR_MISSING, ERR_CORRUPT: no such blob. */
enum err thread_keys_read(const struct mail_txn *m, const struct email *email,
                          struct thread_keys *out) MUST_USE;

struct thread_list {
	uint64_t *emails; /* by id: in the order of arrival at this account */
	size_t n;
};
/* All emails of the thread, also those that m->who may not see; memory is a's. ERR_MISSING. */
enum err thread_get(const struct mail_txn *m, uint64_t thread, struct arena *a,
                    struct thread_list *out) MUST_USE;

/* --- Private to the folder; write --- */

/* Find the thread of a new email, and write its rows. */
enum err thread_join(const struct mail_txn *m, const struct thread_keys *keys, uint64_t email,
                     uint64_t *thread) MUST_USE;
/* Remove an email without placements. OK when it is not in the thread. */
enum err thread_leave(const struct mail_txn *m, uint64_t thread, uint64_t email) MUST_USE;
/* Read. The thread of an email, when that is not known otherwise: searches all threads of the
 * account. ERR_MISSING. */
enum err thread_search(const struct mail_txn *m, uint64_t email, uint64_t *thread) MUST_USE;

#endif
