/* protocols/smtp_in/session.h: one SMTP connection, shared by the files of its commands. */
#ifndef SMTP_IN_SESSION_H
#define SMTP_IN_SESSION_H
#include "flow/delivery/delivery.h"
#include "formats/message/lines.h"
#include "formats/message/mailaddr.h"
#include "formats/smtp_wire/data.h"
#include "formats/smtp_wire/reply.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "foundation/config/live.h"
#include "model/directory/rewrite.h"
#include "model/envelope/envelope.h"
#include "model/store/spool.h"
#include "protocols/line/login.h"
#include "protocols/smtp_in/smtp_in.h"

struct conn;
struct policy_run;
struct policy_session;
struct policy_verdict;

enum in_state {
	IN_START,  /* connected, or TLS just started: EHLO has to come      */
	IN_READY,  /* greeted, no transaction                               */
	IN_MAIL,   /* MAIL accepted                                         */
	IN_RCPT,   /* at least one RCPT accepted                            */
	IN_DATA,   /* message bytes follow                                  */
	IN_BDAT,   /* between two chunks of a message (RFC 3030)            */
	IN_CHUNK,  /* the bytes of a chunk follow                           */
	IN_AUTH,   /* the next line answers a SASL challenge                */
	IN_CLOSED, /* the last reply is written                             */
};

/* One mail transaction (RFC 5321 3.3); its strings live in in_session.mail_arena. */
struct in_mail {
	struct envelope envelope;
	size_t rcpt_cap;
	size_t target_count;   /* places that they lead to: LIMIT_smtp_targets */
	uint64_t size;         /* as SIZE= declared it, 0 when it did not      */
	bool priority_lowered; /* he asked for more                             */
	struct envelope_rcpt asked; /* of the RCPT that waits for its answer; in in_wait.arena */
	size_t asked_targets;
};

/* Only while a message is being received, so that parked sessions stay small. */
struct in_data {
	struct smtp_data wire;   /* of DATA                                    */
	struct lines lines; /* of BDAT                                    */
	int64_t until_ms;        /* of BDAT: when the whole message is to be here */
	enum err error;          /* of the spool: the rest is read and dropped */
	bool told;               /* that it is refused: to log and trace       */
	bool ahead;              /* the header has come: in_data_ahead         */
	size_t looked;           /* for its end up to here                     */
	struct spool spool;
	struct buf trace;     /* the fields that go in front               */
	struct spool changed; /* the message as checks have changed it      */
	struct smtp_answer answer; /* why it is refused, where there is no row for that */
};

struct in_session;

/* The event, other than input, that the parked session waits for (policy.h). */
struct in_wait {
	struct policy_run *run; /* whose verdict is not there yet, or is delayed */
	void (*then)(struct in_session *s, const struct policy_verdict *v);
	struct arena arena; /* lives until the answer */
	bool delayed;
	bool in_line; /* for a thread, until the deadline */
	bool greeting; /* for the time of ROOST_GREETING_DELAY */
};

/* The chunk whose bytes follow; while IN_CHUNK. */
struct in_chunk {
	uint64_t size, left;
	bool last;
	bool refused;       /* the command was: its bytes are dropped */
	enum in_state back; /* then: where it came                    */
};

struct in_session {
	struct conn *c;
	const struct smtp_in_config *config;
	const struct settings *settings; /* a reference        */
	enum smtp_role role;
	enum in_state state;
	bool esmtp;             /* greeted with EHLO                           */
	struct str helo;        /* what the peer calls itself; str_new         */
	unsigned errors;        /* syntax errors and commands out of order     */
	unsigned rcpts_refused; /* in all transactions: harvesting          */
	unsigned messages;
	unsigned mails;    /* transactions that were asked about: numbers of messages */
	unsigned commands; /* since the last message that was accepted     */
	struct login_session login;
	struct arena mail_arena; /* reset with the transaction             */
	struct arena scratch;    /* of one step: what goes to logs and traces */
	struct in_mail mail;
	struct in_data *data;
	struct in_chunk chunk;
	struct policy_session *policy; /* NULL: there are no checks */
	struct in_wait wait;
	bool refused; /* by the greeting: only QUIT is left (RFC 5321 3.1) */
};

/* The only writer of s->state; asserts that the move is legal. */
void in_enter(struct in_session *s, enum in_state to);

/* Append one reply: "250 2.1.0 text". enhanced is empty where RFC 2034 4 wants none. */
void in_reply(struct in_session *s, unsigned code, const char *enhanced, const char *fmt, ...)
	PRINTF(4, 5);
/* A reply to something the peer should not have sent; after LIMIT_smtp_errors of them the
 * connection ends. */
void in_bad(struct in_session *s, unsigned code, const char *enhanced, const char *text);

/* Rewrite an address of MAIL or RCPT as ROOST_REWRITE says; a new one lives in a. */
void in_rewrite(struct in_session *s, enum rewrite_what what, struct arena *a,
                struct mailaddr *address);
/* RFC 6531 3.5: bytes beyond ASCII in MAIL or RCPT are for a transaction with SMTPUTF8 only.
 * False: refused, and answered. */
bool in_utf8_check(struct in_session *s, struct str args);

/* Forget the transaction (RFC 5321 4.1.1.5). */
void in_reset(struct in_session *s);

/* For logs; lives in scratch. */
struct str in_addr_text(struct in_session *s, const struct mailaddr *addr);

/* --- commands.c --- */

/* Run one command line. */
void in_command(struct in_session *s, struct str line);
/* The reply to a command that may not come in this state. */
void in_order_refuse(struct in_session *s, struct str verb);

/* --- commands, in their own files; state is checked, args are trimmed --- */

void in_hello(struct in_session *s, struct str args);
void in_ehlo(struct in_session *s, struct str args);
void in_starttls(struct in_session *s, struct str args);
void in_auth(struct in_session *s, struct str args);
void in_auth_line(struct in_session *s, struct str line);
/* Something came that is no answer to a challenge: the exchange is over. */
void in_auth_end(struct in_session *s);
void in_mail(struct in_session *s, struct str args);
void in_rcpt(struct in_session *s, struct str args);
void in_data(struct in_session *s, struct str args);
void in_vrfy(struct in_session *s, struct str args);
void in_expn(struct in_session *s, struct str args);
void in_bdat(struct in_session *s, struct str args);
/* BDAT out of order: its bytes are dropped, then in_order_refuse. */
void in_bdat_refused(struct in_session *s, struct str args);

/* A message begins to come. */
void in_data_begin(struct in_session *s);
/* Take message bytes that are buffered; true when the message has ended (and has been
 * answered), false when more input is needed. */
bool in_data_input(struct in_session *s);
/* Take what is buffered of a chunk; false when more input is needed. */
bool in_bdat_input(struct in_session *s);
/* Why the message cannot be taken as far as it is here; NULL: nothing is known. Tells the log
 * and the trace. */
const struct smtp_answer *in_data_fault(struct in_session *s);
/* More of the message has come, not all: once its header is there, what the end will need is begun
 * (flow/policy/authentication/prefetch.h). Costs a look at what is new. */
void in_data_ahead(struct in_session *s);
/* Bytes of the message. */
void in_data_more(struct in_session *s, struct str bytes);
/* All of the message is here: judge it, hand it to delivery/, answer. Ends the transaction. */
void in_data_finish(struct in_session *s);
/* Drop a message that is being received. */
void in_data_free(struct in_session *s);

#endif
