/* protocols/line/login.h: the login exchange that SMTP, IMAP, POP3 and ManageSieve
 * share.
 *
 * A protocol parses its own command (AUTH, AUTHENTICATE, LOGIN), then calls this file.
 * The SASL machine (sasl/) parses the peer's claim, and the directory verifies it. Each
 * protocol maps the result to its own reply:
 *
 *	LOGIN_CHALLENGE  send the challenge, park, give the next line to login_line
 *	LOGIN_OK         session->login is filled
 *	LOGIN_DENIED     535 5.7.8 / NO [AUTHENTICATIONFAILED]
 *	LOGIN_BUSY       454 4.7.0 / NO [UNAVAILABLE]: locked out, or the store failed
 *	LOGIN_BAD        501 5.5.2 / BAD: not base64, or not the mechanism's form
 *	LOGIN_CANCELLED  501 5.7.0 / BAD: the client sent "*"
 *	LOGIN_UNKNOWN    504 5.5.4 / NO: mechanism not supported
 *	LOGIN_TOO_MANY   421 / BYE, and close: LIMIT_login_tries failures on this connection
 *
 * Passwords exist only in the SASL machine, which wipes them, and in the connection's
 * input buffer. This file wipes their line there. */
#ifndef LINE_LOGIN_H
#define LINE_LOGIN_H
#include "formats/sasl/sasl.h"
#include "foundation/base/buf.h"
#include "model/directory/login/live_login.h"
#include "model/directory/login/login.h"

struct conn;

enum login_result {
	LOGIN_CHALLENGE,
	LOGIN_OK,
	LOGIN_DENIED,
	LOGIN_BUSY,
	LOGIN_BAD,
	LOGIN_CANCELLED,
	LOGIN_UNKNOWN,
	LOGIN_TOO_MANY,
};

/* Part of a protocol's session; all zero is a session that has not logged in. */
struct login_session {
	struct login login; /* account 0 until LOGIN_OK; strings in conn_arena */
	struct str client;  /* name of the client, set by login_named          */
	struct str hostname; /* ours, set by the protocol; borrowed               */
	struct str mechanism; /* used for the login: "PLAIN"; static          */
	unsigned failures;
	struct sasl sasl;          /* between LOGIN_CHALLENGE and the next result */
	enum login_result verdict; /* of the directory, after the exchange        */
	struct live_login live;
};

/* May passwords be sent on this connection? Only under TLS, unless the listener allows
 * more. */
bool login_allowed(const struct conn *c);
/* Flags for sasl_mechs_put and login_begin: the mechanisms that c may offer now. */
unsigned login_mechs(const struct conn *c, struct logins *logins);

/* Start an exchange. initial is the initial response as received (base64 or "="), NULL if
 * there is none. On LOGIN_CHALLENGE the challenge in base64 is appended to challenge.
 * Blocks for one password check at most. */
enum login_result login_begin(struct login_session *s, struct conn *c, struct logins *logins,
                              struct str mech, const struct str *initial, struct buf *challenge);
/* The client's response to a challenge: one line without its CRLF. */
enum login_result login_line(struct login_session *s, struct conn *c, struct logins *logins,
                             struct str line, struct buf *challenge);
/* Plain name and password: IMAP LOGIN, POP3 USER and PASS. */
enum login_result login_password(struct login_session *s, struct conn *c, struct logins *logins,
                                 struct str name, struct str password);

/* Set the client's name, before or after the login. It is stored with the recent logins
 * of the user. Copied; only the first call of a connection counts. */
void login_named(struct login_session *s, struct conn *c, struct logins *logins, struct str client);

/* Was the login revoked (model/directory/login/live_login.h)? Then send 421 or BYE,
 * close, and log it. A revocation wakes the connection. */
bool login_ended(const struct login_session *s, struct conn *c);

/* Wipe the state of an exchange and forget the login: for close(). Idempotent. */
void login_end(struct login_session *s, struct conn *c);

#endif
