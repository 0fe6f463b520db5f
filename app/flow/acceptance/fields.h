/* flow/acceptance/fields.h: the header fields a message gets when it is accepted. */
#ifndef ACCEPTANCE_FIELDS_H
#define ACCEPTANCE_FIELDS_H
#include "formats/message/mailaddr.h"
#include "foundation/base/buf.h"

struct accept_trace {
	struct str helo;
	struct str peer; /* address; empty for a user, whose whereabouts are his own */
	struct str hostname;
	struct str tls; /* "TLSv1.2 ..."; empty without */
	struct str id;
	bool esmtp, login;
	bool utf8; /* SMTPUTF8 */
	bool lmtp;
	int priority; /* as it counts here (RFC 6710); 0: the usual one */
	bool http; /* by the API; then no esmtp */
	const struct mailaddr *only_rcpt; /* NULL: more than one, none is named */
	const struct mailaddr *from; /* who sends it, not null: for accept_trace_missing_put */
	int64_t now_ms;
};

/* Append a Received field (RFC 5321 4.4). helo comes from the peer: whatever is no host name
 * byte in it becomes "?". */
void accept_trace_received_put(struct buf *out, const struct accept_trace *t);

/* Add fields that a mail client left out: Date and Message-ID (RFC 6409 8.2, 8.3); From with the
 * sender's address; and Sender with it, if there are several authors (RFC 6409 8.1,
 * RFC 5322 3.6.2). header is the message's, already checked by author.h. */
void accept_trace_missing_put(struct buf *out, struct str header, const struct accept_trace *t);

#endif
