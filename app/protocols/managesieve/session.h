/* protocols/managesieve/session.h: one client's session, private to this folder.
 *
 *	        AUTHENTICATE
 *	START ---------------> READY      LOGOUT, errors: CLOSED, from everywhere
 *	  | ^------------------- | UNAUTHENTICATE
 *	  v   AUTHENTICATE       |
 *	EXCHANGE ----------------^
 *
 * While a session waits for a command it has no memory but this struct and its login. */
#ifndef MANAGESIEVE_SESSION_H
#define MANAGESIEVE_SESSION_H
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/config/live.h"
#include "model/filters/scripts.h"
#include "network/runtime/conn.h"
#include "protocols/line/login.h"
#include "protocols/managesieve/input.h"
#include "protocols/managesieve/managesieve.h"
#include "protocols/managesieve/wire_syntax.h"

enum managesieve_state {
	MANAGESIEVE_START,    /* not authenticated                              */
	MANAGESIEVE_EXCHANGE, /* the next line belongs to AUTHENTICATE          */
	MANAGESIEVE_READY,    /* authenticated                                  */
	MANAGESIEVE_CLOSED,
};

struct managesieve {
	struct conn *conn;
	const struct managesieve_server *server;
	const struct settings *settings; /* a reference               */
	enum managesieve_state state;
	unsigned errors;          /* bad commands in a row            */
	unsigned unauthenticated; /* how often                        */
	bool tls_begins;          /* STARTTLS: the capabilities follow the handshake */
	struct managesieve_input input;
	struct login_session login;
	struct arena arena; /* of the command                         */
	struct buf script;  /* of GETSCRIPT, as it is sent; max 0: none */
	size_t script_sent;
};

/* The only writer of s->state; asserts that the move is legal. */
void managesieve_enter(struct managesieve *s, enum managesieve_state to);

/* Append a response (RFC 5804 1.2): OK, NO or BYE, with a response code (1.3) unless code is empty,
 * and a text unless that is. The session ends with a BYE. */
void managesieve_ok(struct managesieve *s, const char *code, struct str text);
void managesieve_no(struct managesieve *s, const char *code, struct str text);
void managesieve_bye(struct managesieve *s, const char *code, const char *text);
/* NO for what the client should not have sent. After LIMIT_managesieve_errors in a row the session
 * ends. */
void managesieve_bad(struct managesieve *s, const char *code, const char *text);

/* --- commands.c --- */

/* Run the command whose text it is. */
void managesieve_command_run(struct managesieve *s, struct str text);
/* Append the capabilities and OK. */
void managesieve_capabilities(struct managesieve *s);

/* --- commands, in their own files; state and arguments are checked --- */

typedef void managesieve_run_fn(struct managesieve *s, const struct managesieve_command *c);

managesieve_run_fn managesieve_authenticate, managesieve_starttls, managesieve_unauthenticate;
/* A line of an exchange of AUTHENTICATE. */
void managesieve_exchange_line(struct managesieve *s, struct str text);

managesieve_run_fn managesieve_checkscript, managesieve_deletescript, managesieve_getscript,
	managesieve_havespace, managesieve_listscripts, managesieve_putscript,
	managesieve_renamescript, managesieve_setactive;

#endif
