/* model/envelope/envelope.h: who sends a message, to whom, and what was asked for it: MAIL, RCPT
 * and their parameters (RFC 5321 2.3.1).
 *
 * One struct goes from the session that accepts a message through policy/ and delivery/ into
 * queue/, and out of it again. Each stage copies the struct, not its fields, and changes what it
 * decides: policy/ sender and recipients, delivery/ the return path, queue/ the recipients of one
 * destination. Strings and recipients are borrowed from the stage that made them.
 *
 * Decisions about one recipient are stored with that recipient (actions, reply), so they stay with
 * the address when recipients are split, dropped or added. */
#ifndef ENVELOPE_H
#define ENVELOPE_H
#include "formats/message/dsn.h"
#include "formats/message/mailaddr.h"
#include "model/envelope/action.h"

struct arena;

/* Bits are stored with queue entries: a bit keeps its meaning. */
enum envelope_flags {
	ENVELOPE_8BIT = BIT(0),       /* BODY=8BITMIME: the body has 8-bit bytes (RFC 6152)  */
	ENVELOPE_UTF8 = BIT(1),       /* SMTPUTF8: header or addresses are UTF-8 (RFC 6531)  */
	ENVELOPE_RET_FULL = BIT(2),   /* RET=FULL: bounces carry all of it (RFC 3461 4.3)    */
	ENVELOPE_NOTICED = BIT(3),    /* the sender was notified of the delay                */
	ENVELOPE_BINARY = BIT(4),     /* BODY=BINARYMIME: no lines, any bytes (RFC 3030 3)   */
	ENVELOPE_REQUIRETLS = BIT(5), /* only over verified TLS (RFC 8689 4.2.1)             */
	ENVELOPE_TLS_OPTIONAL = BIT(6), /* TLS-Required: No (RFC 8689 5)                     */
	ENVELOPE_RET_HDRS = BIT(7),   /* RET=HDRS: the header only, as without RET           */
	ENVELOPE_BY_NOTICED = BIT(8), /* the sender was notified that by_ms has passed       */
	ENVELOPE_LISTED = BIT(9), /* to members of a list, whose owner gets the bounces      */
	/* A line of the header, or of the body, is longer than RFC 5322 2.1.1 allows: the message
	 * is converted when it is sent (smtp_out/content.h), which breaks an earlier signature. */
	ENVELOPE_LONG_HEADER = BIT(10),
	ENVELOPE_LONG_BODY = BIT(11),
	/* The message waits for its time with all recipients as they were written, also local ones.
	 * Then it is delivered as if it had just arrived. */
	ENVELOPE_LATER = BIT(12),
	ENVELOPE_REPORT = BIT(13), /* a report of this server: the queue's host gets its results */
	ENVELOPE_SIGNED = BIT(14), /* it begins with signatures of ours (flow/delivery/sign.h) */
	/* Sent by the filters of submitter: the sender gets no notices of delay. */
	ENVELOPE_REDIRECTED = BIT(15),
};

/* MT-PRIORITY (RFC 6710 5.1); 0 is the default. */
enum { ENVELOPE_PRIORITY_MIN = -9, ENVELOPE_PRIORITY_MAX = 9, ENVELOPE_PRIORITY_LEVELS = 19 };

/* DELIVERBY (RFC 2852 4.1.3): what happens at by_ms. */
enum envelope_by {
	ENVELOPE_BY_NONE,
	ENVELOPE_BY_RETURN, /* R: it is returned, and not tried any more    */
	ENVELOPE_BY_NOTIFY, /* N: the sender is notified, and it is tried on */
};

/* The reply of a remote server, or of this one, about a recipient. */
struct envelope_reply {
	uint16_t code;     /* 450; 0 when no reply came: connection, DNS              */
	struct str status; /* enhanced code "4.2.1" (RFC 3463); empty: made from code */
	struct str text;   /* one line of the reply, or what failed                   */
	struct str remote; /* host name or address that replied, or with code 0 the one
	                    * that it is about; empty for this server                 */
};

struct envelope_rcpt {
	struct mailaddr address;
	struct mailaddr written; /* before a rewrite (directory/rewrite.h); null: as address */
	struct str orcpt;        /* ORCPT as given, "rfc822;user@example.org"; or empty      */
	unsigned notify;         /* enum dsn_notify (RFC 3461 4.1); 0: failure and delay     */
	const struct action *actions; /* what is done with its copy; NULL: it is kept        */
	bool filtered; /* actions are complete: filters do not run (again)                   */
	/* The last attempt; set by queue/. */
	struct envelope_reply reply;
};

/* The session that accepted the message, for logs and traces. */
struct envelope_session {
	struct str id;
	struct str service; /* "smtp", "submission", "queue" */
	struct str peer;    /* address of the client         */
};

struct envelope {
	struct mailaddr sender; /* return path; null for a bounce                            */
	struct envelope_rcpt *rcpts;
	size_t rcpt_count;
	unsigned flags;  /* enum envelope_flags                                       */
	int8_t priority; /* ENVELOPE_PRIORITY_MIN to _MAX: greater goes first         */
	bool by_trace;   /* T of BY: the sender is notified of relaying (RFC 2852 4.1.4) */
	enum envelope_by by_mode;
	int64_t by_ms;         /* real time at which BY ends; 0 without                     */
	int64_t not_before_ms; /* neither delivered nor sent before; 0: at once (RFC 4865)  */
	struct str envid;      /* ENVID as given (RFC 3461 4.4), or empty                   */
	struct str route;      /* chosen by an administrator; empty: by ROOST_ROUTES        */
	uint32_t submitter;    /* account that sent it after a login, or 0                  */
	uint64_t trace_id;     /* of history/trace.h; 0: none yet                           */
	uint64_t sent_id;      /* of history/sent.h; 0: not an API submission               */
	struct str mail_id;    /* of the message in logs: the session's id and a number,
	                         * "k3v7q-2"; empty: the session has only this message       */
	struct envelope_session session;
};

/* A copy in a, without reply. */
struct envelope_rcpt envelope_rcpt_dup(struct arena *a, const struct envelope_rcpt *rcpt);
/* The address as the sender wrote it. Borrowed. */
const struct mailaddr *envelope_rcpt_written(const struct envelope_rcpt *rcpt);
/* The address that the sender knows: of ORCPT (RFC 3461 4.2) when it has one; in a. */
struct str envelope_rcpt_named(struct arena *a, const struct envelope_rcpt *rcpt);

#endif
