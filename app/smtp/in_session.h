/* smtp/in_session.h: one SMTP connection, shared by the files of its commands. */
#ifndef SMTP_IN_SESSION_H
#define SMTP_IN_SESSION_H
#include "config/live.h"
#include "line/login.h"
#include "message/mailaddr.h"
#include "smtp/in.h"
#include "smtp/wire_data.h"
#include "store/spool.h"

struct conn;

enum in_state {
	IN_START,  /* connected, or TLS just started: EHLO has to come      */
	IN_READY,  /* greeted, no transaction                               */
	IN_MAIL,   /* MAIL accepted                                         */
	IN_RCPT,   /* at least one RCPT accepted                            */
	IN_DATA,   /* message bytes follow                                  */
	IN_AUTH,   /* the next line answers a SASL challenge                */
	IN_CLOSED, /* the last reply is written                             */
};

/* One mail transaction (RFC 5321 3.3); its strings live in in_session.mail_arena. */
struct in_mail {
	struct mailaddr from;
	struct mailaddr *rcpts;
	size_t rcpt_count, rcpt_cap;
	uint64_t size; /* as SIZE= declared it, 0 when it did not */
};

/* Only while a message is being received, so that parked sessions stay small. */
struct in_data {
	struct smtp_data wire;
	enum err error; /* of the spool: the rest is read and dropped */
	struct spool spool;
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
	unsigned commands; /* since the last message that was accepted     */
	struct login_session login;
	struct arena mail_arena; /* reset with the transaction             */
	struct in_mail mail;
	struct in_data *data;
};

/* The only writer of s->state; asserts that the move is legal. */
void in_enter(struct in_session *s, enum in_state to);

/* Append one reply: "250 2.1.0 text". enhanced is empty where RFC 2034 4 wants none. */
void in_reply(struct in_session *s, unsigned code, const char *enhanced, const char *fmt, ...)
	PRINTF(4, 5);
/* A reply to something the peer should not have sent; after LIMIT_smtp_errors of them the
 * connection ends. */
void in_bad(struct in_session *s, unsigned code, const char *enhanced, const char *text);

/* Forget the transaction (RFC 5321 4.1.1.5). */
void in_reset(struct in_session *s);

/* For logs; lives in mail_arena. */
struct str in_addr_text(struct in_session *s, const struct mailaddr *addr);

/* --- in_commands.c --- */

/* Run one command line. */
void in_command(struct in_session *s, struct str line);

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

/* Take message bytes that are buffered; true when the message has ended (and has been
 * answered), false when more input is needed. */
bool in_data_input(struct in_session *s);
/* Drop a message that is being received. */
void in_data_free(struct in_session *s);

#endif
