/* protocols/imap/fetch/fetching.h: a FETCH answer that is being written. Private to
 * fetch*.c.
 *
 *	fetch.c          slices: from one message to the next, and to the connection
 *	fetch_message.c  what a message's row and record say: FLAGS to BODYSTRUCTURE
 *	fetch_section.c  BODY[...]: bytes of the message itself
 *	fetch_binary.c   BINARY[...]: the same decoded
 *
 * It fills the connection's output in slices. A slice is one read transaction. It writes
 * messages until the output is full or its time is up, so no transaction is open while
 * the client reads. struct fetching keeps the state between slices. */
#ifndef IMAP_FETCHING_H
#define IMAP_FETCHING_H
#include "model/mailbox/email.h"
#include "model/mailbox/keywords.h"
#include "model/mailbox/lease.h"
#include "protocols/imap/session.h"

struct spool;
struct structure;

struct fetching {
	struct imap *s;
	struct arena *arena; /* the command's, or one of its own */
	const struct imap_fetch *what;
	struct uids uids, flagged, vanished;
	bool numbers, uid, done; /* fetch.h */

	size_t vanished_range; /* of vanished, the next to send */

	size_t range;  /* of uids, in which the next message is */
	uint32_t next; /* its UID, or less                      */

	struct buf text; /* written, but not yet moved to the connection */
	size_t text_sent;

	bool open; /* a message's response has begun          */
	uint64_t email;
	uint32_t number;
	size_t items;   /* of it written so far */
	size_t section; /* the next one         */

	struct { /* the section that is being sent */
		struct blob_id blob;
		uint64_t offset, left;
		bool decoded; /* offset and left are of the spool, not of the blob */
	} body;
	struct spool *decoded; /* a part without its transfer encoding; NULL: none yet */
	bool unknown_cte;      /* of a requested part */

	struct lease *lease; /* on the email leased, which sections are sent of */
	uint64_t leased;
	bool wants_lease; /* on email, before its next section        */

	bool missing; /* a message was expunged */
	bool damaged; /* bytes of the open message are unreadable */

	/* State of one slice. */
	struct keywords *keywords;
	bool keywords_sent;
	struct email_rows rows;
	bool rows_open;
};

/* Begin an item of the open message: a space and its name. */
void fetch_item(struct fetching *f, struct str name);

/* Begin the response of row's message: all items but its sections. */
enum err fetch_message_begin(struct fetching *f, const struct mail_txn *m,
                             const struct email_row *row) MUST_USE;

/* Write name and size of the next section of the open message. A long section needs a
 * lease: without one it only sets wants_lease, and the slice must end. */
enum err fetch_section_begin(struct fetching *f, const struct mail_txn *m) MUST_USE;
/* Write at least one of the remaining bytes. */
enum err fetch_section_some(struct fetching *f, const struct mail_txn *m) MUST_USE;
/* Report that a message is unreadable, wholly or in part. The answer continues with the
 * next messages. Call it between responses. */
void fetch_tell_damaged(struct fetching *f, uint32_t number);

/* Begin the next section, a BINARY or BINARY.SIZE, or write more of it. */
enum err fetch_binary_begin(struct fetching *f, const struct mail_txn *m, const struct email *email,
                            const struct structure *st, struct arena *a) MUST_USE;
enum err fetch_binary_some(struct fetching *f) MUST_USE;
/* Between slices: end the lease that is no longer needed, begin the one that is. */
void fetch_lease_settle(struct fetching *f);

#endif
