/* protocols/imap/append/append.h: receives the messages of an APPEND or a REPLACE.
 *
 *	text      input.c gathers the text between messages (imap_wire/append.h), which runs
 *	          step by step; a refusal precedes the bytes of its message
 *	bytes     go to a spool; the session parks between them
 *	message   a complete message is prepared (email/email_new.h); other threads help when
 *	          there are many (append_work.h). The spool is then reused for the next one
 *	commit    one transaction after the whole command has arrived: all messages or none
 *
 * A received message is kept as its description and packed chunks. All messages together
 * may hold LIMIT_imap_append_held bytes: further chunks are written ahead of the commit.
 * A connection that is lost before the commit leaves no message. */
#ifndef IMAP_APPEND_H
#define IMAP_APPEND_H
#include "formats/imap_wire/append.h"
#include "model/mailbox/email.h"
#include "model/store/spool.h"
#include "protocols/imap/append/append_work.h"
#include "protocols/imap/place.h"
#include "protocols/imap/session.h"

struct email_new;

struct append_message {
	struct email_new *email; /* NULL while another thread prepares it */
	struct imap_strs flags;
	bool dated;
	int64_t date_ms;
};

struct appending;

/* All messages have arrived: store them and set the reply. */
typedef void append_commit_fn(struct imap *s, struct appending *g);

struct appending {
	struct imap_place place;
	uint32_t replaced; /* UID, 0 for APPEND */
	uint32_t account, mailbox; /* of the messages, set by imap_append_all */
	append_commit_fn *commit;
	struct append_message *messages;
	size_t n, cap;

	struct append_message message; /* the one that is being received            */
	struct spool spool;            /* its bytes                                 */
	bool binary;                   /* it has a literal8                         */
	enum imap_append_at at;        /* state of the parser after these bytes     */
	uint64_t left;                 /* bytes of the literal not received yet     */
	bool bytes;                    /* a literal is being received               */
	size_t turn;                   /* bytes received since the deadline was set */

	struct append_work work; /* messages that other threads prepare    */
	size_t ready;            /* at least so many messages are prepared */
	enum imap_about about; /* which codes an error of the transaction gets */
	uint64_t total;        /* bytes of all messages                        */
	size_t held;           /* memory of the prepared messages              */
	size_t ahead;          /* number of them with chunks written ahead     */
};

/* Begin with the command's text. replaced is a UID of the selected mailbox, 0 for
 * none. */
enum done imap_append_begin(struct imap *s, const struct imap_append *what, uint32_t replaced,
                            append_commit_fn *commit);

/* In a write transaction over the mail of g->place: append all that g has. ERR_SYNTAX: a
 * system flag that does not exist. */
enum err imap_append_all(const struct mail_txn *m, struct appending *g, int64_t now_ms,
                         struct email_appended *out) MUST_USE;
/* Run fn, an imap_txn_fn over arg, in a write transaction over the mail of place; NULL:
 * over that of the selected mailbox. If the chunks of a single message have been removed
 * meanwhile, prepare it again from the spool and run fn once more. */
enum err imap_append_write(struct imap *s, struct appending *g, const struct imap_place *place,
                           enum err (*fn)(const struct mail_txn *m, void *arg), void *arg,
                           struct why *why) MUST_USE;
/* Set the reply for an error of imap_append_write. */
void imap_append_failed(struct imap *s, const struct appending *g, enum err e,
                        const struct why *why);
/* After the commit: run the mailbox's script over the messages (event.h). */
void imap_appended(struct imap *s, const struct appending *g, const struct email_appended *done);
/* "APPENDUID validity uids", in the command's arena (RFC 4315 3, RFC 3502). */
struct str imap_appenduid(struct imap *s, const struct appending *g,
                          const struct email_appended *done);

/* For input.c in MODE_APPEND: does text end with the literal of a message? */
bool imap_append_continues(struct imap *s, struct str text);

#endif
