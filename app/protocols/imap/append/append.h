/* protocols/imap/append/append.h: taking in the messages of an APPEND or a REPLACE.
 *
 *	text      what stands between messages (imap_wire/append.h) is gathered by input.c and
 *	          run step by step; a refusal comes before the bytes it is about
 *	bytes     go to a spool while the session parks between them
 *	message   when all its pieces are there it is made ready (email/email_new.h), of many
 *	          by other threads (append_work.h), and the spool is free for the next one
 *	commit    one transaction, when the whole command has come: all messages or none
 *
 * Of a message that has come only its description and packed chunks are kept, and of many
 * messages no more than LIMIT_imap_append_held bytes: chunks past that are written ahead. A
 * connection that is lost in between leaves nothing. */
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
	struct email_new *email; /* NULL while it is made ready elsewhere */
	struct imap_strs flags;
	bool dated;
	int64_t date_ms;
};

struct appending;

/* All messages have come: store them and set the reply. */
typedef void append_commit_fn(struct imap *s, struct appending *g);

struct appending {
	struct imap_place place;
	uint32_t replaced; /* UID, 0 for APPEND */
	append_commit_fn *commit;
	struct append_message *messages;
	size_t n, cap;

	struct append_message message; /* that is coming          */
	struct spool spool;            /* its bytes               */
	bool binary;                   /* some of them are literal8 */
	enum imap_append_at at;        /* behind its bytes        */
	uint64_t left;                 /* bytes of the literal still to come          */
	bool bytes;                    /* the literal is coming                       */
	size_t turn;                   /* bytes taken since the deadline was set      */

	struct append_work work; /* messages that other threads make ready            */
	size_t ready;            /* so many at least are                              */
	enum imap_about about; /* what an error of the transaction is about           */
	uint64_t total;        /* bytes of all messages                           */
	size_t held;           /* memory of those in messages                     */
	size_t ahead;          /* so many of them have chunks that are ahead      */
};

/* Begin with the command's text. replaced is a UID of the selected mailbox, 0 for none. */
enum done imap_append_begin(struct imap *s, const struct imap_append *what, uint32_t replaced,
                            append_commit_fn *commit);

/* In a write transaction over the mail of g->place: append all that g has. ERR_SYNTAX: a
 * system flag that does not exist. */
enum err imap_append_all(const struct mail_txn *m, struct appending *g, int64_t now_ms,
                         struct email_appended *out) MUST_USE;
/* Run fn, an imap_txn_fn over arg, in a write transaction over the mail of place, or NULL over
 * that of the selected mailbox; once more with the message prepared
 * anew when its chunks went away meanwhile, which the spool of a single one still allows. */
enum err imap_append_write(struct imap *s, struct appending *g, const struct imap_place *place,
                           enum err (*fn)(const struct mail_txn *m, void *arg), void *arg,
                           struct why *why) MUST_USE;
/* The reply for what imap_append_write returned, which is not OK. */
void imap_append_failed(struct imap *s, const struct appending *g, enum err e,
                        const struct why *why);
/* "APPENDUID validity uids", in the command's arena (RFC 4315 3, RFC 3502). */
struct str imap_appenduid(struct imap *s, const struct appending *g,
                          const struct email_appended *done);

/* For input.c in MODE_APPEND: is the literal behind this text bytes of a message? */
bool imap_append_continues(struct imap *s, struct str text);

#endif
