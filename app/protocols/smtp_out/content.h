/* protocols/smtp_out/content.h: a message in a form that the remote server accepts:
 * unchanged or converted. */
#ifndef SMTP_OUT_CONTENT_H
#define SMTP_OUT_CONTENT_H
#include "model/store/spool.h"
#include "protocols/smtp_out/session.h"

struct queue_item;
struct store;

struct out_content {
	uint64_t size;      /* bytes that will be sent             */
	bool utf8;          /* MAIL has SMTPUTF8 (RFC 6531 3.4)    */
	struct str body;    /* MAIL has BODY= this; empty: nothing */
	bool piped;         /* DATA was sent, or all of BDAT       */
	bool ended;         /* the end was sent, at least in part: the remote may have the
	                     * whole message */
	bool converted;     /* spool has the bytes; else the item's blob                  */
	struct spool spool;
};

/* Decide, and convert if necessary. The rules:
 *	SMTPUTF8    needed and not offered: 5.6.7 (RFC 6531 3.4); not needed for domains alone
 *	BINARYMIME  not offered: encoded for the offered form; 5.6.1 if impossible (RFC 3030 3)
 *	8BITMIME    not offered: encoded; 5.6.3 if impossible (RFC 6152 3)
 *	long lines  (QUEUE_LONG_*; RFC 5322 2.1.1) in the body: sent as BINARYMIME if offered,
 *	            which preserves signatures; else encoded, 5.6.3 if impossible. In the
 *	            header: folded, and unfoldable ones encoded; 5.6.0 if neither is possible
 * On an error s->reply has the reason, and there is nothing to close. */
enum err out_content_open(struct out_content *c, struct out_session *s, struct store *store,
                          const struct queue_item *item) MUST_USE;
void out_content_close(struct out_content *c);

/* Pass the item's blob to take, in pieces of BLOB_PIECE_MAX at most: each is read in a transaction
 * of its own, so none is open during a wait. Errors are the store's and take's. */
enum err out_content_read(struct store *store, const struct queue_item *item,
                          enum err (*take)(void *arg, struct str bytes), void *arg) MUST_USE;

/* Send as much as may go in one write with the envelope (RFC 2920 3.1, RFC 3030 4.2),
 * before the replies to MAIL and RCPT: DATA, or BDAT with a whole short message. c->piped
 * is set if something was sent. Not for LMTP. ERR_RETRY as below. */
enum err out_content_pipe(struct out_content *c, struct out_session *s, struct store *store,
                          const struct queue_item *item) MUST_USE;
/* After a pipe, if no recipient was accepted: read the reply and end the command. */
void out_content_drop(struct out_content *c, struct out_session *s);

/* Send the rest by BDAT if the remote supports it, else by DATA, and read the reply into
 * s->reply. ERR_RETRY: the connection is lost. The remote does not have the message
 * unless it accepted it at the last moment. ERR_DENIED: the remote refused the command;
 * the connection is open. */
enum err out_content_send(struct out_content *c, struct out_session *s, struct store *store,
                          const struct queue_item *item) MUST_USE;

#endif
