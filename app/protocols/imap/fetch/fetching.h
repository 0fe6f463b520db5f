/* protocols/imap/fetch/fetching.h: a FETCH answer that is being written. Private to fetch*.c.
 *
 *	fetch.c          slices: from one message to the next, and to the connection
 *	fetch_message.c  what a message's row and record say: FLAGS to BODYSTRUCTURE
 *	fetch_section.c  BODY[...]: bytes of the message itself
 *	fetch_binary.c   BINARY[...]: the same decoded
 *
 * It fills the connection's output in slices. A slice is one read transaction: it writes
 * messages until enough is waiting to be sent or its time is up, then ends, so that no
 * transaction is open while the client reads. What it needs to go on is in struct fetching. */
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

	size_t vanished_range; /* of vanished, to tell next */

	size_t range;  /* of uids, in which the next message is */
	uint32_t next; /* its UID, or less                      */

	struct buf text; /* made, but not yet given to the connection */
	size_t text_sent;

	bool open; /* the message that is being told          */
	uint64_t email;
	uint32_t number;
	size_t items;   /* of it told so far                       */
	size_t section; /* the next one                            */

	struct { /* the section that is being sent */
		struct blob_id blob;
		uint64_t offset, left;
		bool decoded; /* of what the spool has, not of the blob */
	} body;
	struct spool *decoded; /* a part without its encoding; NULL: none so far */
	bool unknown_cte;      /* of a part that was asked for */

	struct lease *lease; /* on the email leased, for its sections    */
	uint64_t leased;
	bool wants_lease; /* on email, before its section is begun    */

	bool missing; /* a message was gone */
	bool damaged; /* bytes of the open message could not be read */

	/* Of one slice. */
	struct keywords *keywords;
	bool keywords_told;
	struct email_rows rows;
	bool rows_open;
};

/* Begin an item of the open message: the space before it, and its name. */
void fetch_item(struct fetching *f, struct str name);

/* The message of row: all of it but its sections. */
enum err fetch_message_begin(struct fetching *f, const struct mail_txn *m,
                             const struct email_row *row) MUST_USE;

/* Name and size of the next section of the open message. Nothing when it is long and there is
 * no lease: wants_lease is set, and the slice must end. */
enum err fetch_section_begin(struct fetching *f, const struct mail_txn *m) MUST_USE;
/* Some of the bytes that are left of it: at least one. */
enum err fetch_section_some(struct fetching *f, const struct mail_txn *m) MUST_USE;
/* Say that the message of that number cannot be read, or not all of it: others still can, so
 * the answer goes on. Between responses. */
void fetch_tell_damaged(struct fetching *f, uint32_t number);

/* The next section of the open message, which is BINARY or BINARY.SIZE; some of what is left of
 * it. */
enum err fetch_binary_begin(struct fetching *f, const struct mail_txn *m, const struct email *email,
                            const struct structure *st, struct arena *a) MUST_USE;
enum err fetch_binary_some(struct fetching *f) MUST_USE;
/* Between slices: end a lease that is no longer needed, take one that is. */
void fetch_lease_settle(struct fetching *f);

#endif
