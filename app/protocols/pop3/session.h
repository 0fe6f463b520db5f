/* protocols/pop3/session.h: one client's session, private to this folder.
 *
 *	        PASS, AUTH         RETR, LIST
 *	START ------------> MAIL ------------> ANSWER     QUIT, errors: CLOSED, from everywhere
 *	  | AUTH            ^  ^-----------------|
 *	  v                 |
 *	EXCHANGE -----------+
 *
 * While a session waits for a command it has no memory but this struct, its login and the list of
 * its maildrop. */
#ifndef POP3_SESSION_H
#define POP3_SESSION_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/config/live.h"
#include "model/mailbox/lease.h"
#include "model/store/blob.h"
#include "network/runtime/conn.h"
#include "protocols/line/login.h"
#include "protocols/pop3/maildrop.h"
#include "protocols/pop3/wire_lines.h"

enum pop3_state {
	POP3_START,    /* RFC 1939 4: AUTHORIZATION                                        */
	POP3_EXCHANGE, /* the next line belongs to AUTH                                    */
	POP3_MAIL,     /* RFC 1939 5: TRANSACTION                                          */
	POP3_ANSWER,   /* a multi-line response is being written: no command is read       */
	POP3_CLOSED,
};

/* The message that is being sent. All zero: none. */
struct pop3_sending {
	uint64_t email;
	struct blob_id blob;
	uint32_t size_bytes;
	uint64_t offset;  /* in the blob, of what follows piece */
	struct buf piece; /* of the blob                        */
	size_t used;      /* of piece                           */
	struct pop3_lines lines;
	struct lease *lease; /* NULL: the message is one piece  */
};

struct pop3 {
	struct conn *conn;
	const struct pop3_server *server;
	const struct settings *settings; /* a reference        */
	enum pop3_state state;
	unsigned errors; /* bad commands in a row               */
	unsigned unopened; /* logins whose maildrop was not opened */
	bool utf8;       /* by UTF8 (RFC 6856 2.1)              */
	struct str name; /* by USER; str_new                    */
	struct login_session login;
	struct maildrop drop;
	/* While ANSWER: append to the output until it is full; true: that was all of it. */
	bool (*answer)(struct pop3 *s);
	uint32_t next; /* of LIST and UIDL: the next message, from 0 */
	struct pop3_sending sending;
};

/* The only writer of s->state; asserts that the move is legal. */
void pop3_enter(struct pop3 *s, enum pop3_state to);

/* Append one line: "+OK text", "-ERR text", or with a response code (RFC 2449 8) "-ERR [code]
 * text". */
void pop3_ok(struct pop3 *s, const char *fmt, ...) PRINTF(2, 3);
void pop3_err(struct pop3 *s, const char *code, const char *text);
/* For what the client should not have sent. After LIMIT_pop3_errors in a row the session ends. */
void pop3_bad(struct pop3 *s, const char *code, const char *text);
/* The store failed. */
void pop3_failed(struct pop3 *s, enum err e);

/* Write a multi-line response whose first line is there. */
void pop3_answer(struct pop3 *s, bool (*answer)(struct pop3 *s));
/* Forget the message that is being sent. Again is a no-op. */
void pop3_sending_end(struct pop3 *s);

/* --- commands.c --- */

/* Run one command line; wipes it before a login, for it may hold a password. */
void pop3_command(struct pop3 *s, struct str line);

/* --- commands, in their own files; state and number of arguments are checked --- */

typedef void pop3_run_fn(struct pop3 *s, struct str args);

pop3_run_fn pop3_auth, pop3_pass, pop3_stls, pop3_user;
/* A line of an AUTH exchange. */
void pop3_exchange_line(struct pop3 *s, struct str line);
/* Something came that is no answer to a challenge: the exchange has failed. */
void pop3_exchange_end(struct pop3 *s);

pop3_run_fn pop3_dele, pop3_list, pop3_quit, pop3_rset, pop3_stat, pop3_uidl;
pop3_run_fn pop3_retr, pop3_top;
/* The message that a command names; NULL: there is none, and that is answered. */
struct maildrop_message *pop3_message(struct pop3 *s, struct str number);

#endif
