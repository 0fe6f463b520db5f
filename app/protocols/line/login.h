/* protocols/line/login.h: the login exchange that SMTP, IMAP, POP3 and ManageSieve share.
 *
 * A protocol parses its own command (AUTH, AUTHENTICATE, LOGIN), then hands over here: the
 * SASL machine (sasl/) says what the peer claims, the directory whether it is true. What
 * comes back is one word, which each protocol turns into its own reply:
 *
 *	LOGIN_CHALLENGE  send the challenge, park, give the next line to login_line
 *	LOGIN_OK         session->login is filled
 *	LOGIN_DENIED     535 5.7.8 / NO [AUTHENTICATIONFAILED]
 *	LOGIN_BUSY       454 4.7.0 / NO [UNAVAILABLE]: locked out, or the store failed
 *	LOGIN_BAD        501 5.5.2 / BAD: not base64, or not the mechanism's form
 *	LOGIN_CANCELLED  501 5.7.0 / BAD: the client sent "*"
 *	LOGIN_UNKNOWN    504 5.5.4 / NO: no such mechanism here
 *	LOGIN_TOO_MANY   421 / BYE, and close: LIMIT_login_tries failures on this connection
 *
 * Passwords exist only inside the machine, which wipes them, and in the connection's input
 * buffer, whose line is wiped here. */
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
	struct str client;  /* what the peer calls itself, by login_named         */
	struct str hostname; /* ours, set by the protocol; borrowed               */
	struct str mechanism; /* that it was by: "PLAIN"; static              */
	unsigned failures;
	struct sasl sasl;          /* between LOGIN_CHALLENGE and the next result     */
	enum login_result verdict; /* of its claim, once that was judged     */
	struct live_login live;
};

/* May passwords be sent on this connection: under TLS, or where the listener says so? */
bool login_allowed(const struct conn *c);
/* Flags for sasl_mechs_put and login_begin: what may be offered on c now. */
unsigned login_mechs(const struct conn *c, struct logins *logins);

/* Start an exchange. initial is the initial response as it came (base64 or "="), NULL when
 * there was none. With LOGIN_CHALLENGE the text in base64 is appended to challenge. Blocks
 * for a password check at most. */
enum login_result login_begin(struct login_session *s, struct conn *c, struct logins *logins,
                              struct str mech, const struct str *initial, struct buf *challenge);
/* The client's answer to a challenge, a whole line without its end. */
enum login_result login_line(struct login_session *s, struct conn *c, struct logins *logins,
                             struct str line, struct buf *challenge);
/* Name and password as they are: IMAP LOGIN, POP3 USER and PASS. */
enum login_result login_password(struct login_session *s, struct conn *c, struct logins *logins,
                                 struct str name, struct str password);

/* The peer has told what it calls itself, before its login or after: it goes to the recent
 * logins of its user. Copied, once for a connection. */
void login_named(struct login_session *s, struct conn *c, struct logins *logins, struct str client);

/* Would it not be let in any more (model/directory/login/live_login.h)? Then say so and close:
 * 421 / BYE. The connection is woken when it comes to that. Logs it. */
bool login_ended(const struct login_session *s, struct conn *c);

/* Wipe what is left of an exchange and forget the login: for close(). Again is a no-op. */
void login_end(struct login_session *s, struct conn *c);

#endif
