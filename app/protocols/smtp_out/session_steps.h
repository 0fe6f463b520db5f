/* protocols/smtp_out/session_steps.h: the steps by which a session is opened, for the files of
 * session.h. Each returns OK or, with the reply set and the connection closed, ERR_RETRY. */
#ifndef SMTP_OUT_SESSION_STEPS_H
#define SMTP_OUT_SESSION_STEPS_H
#include "protocols/smtp_out/session.h"

/* EHLO, else HELO (RFC 5321 3.2); LHLO and nothing else of LMTP (RFC 2033 4.1). */
enum err out_hello(struct out_session *s) MUST_USE;

/* TLS from the first byte on, with who calls himself host; s->facts tell how it went. */
enum err out_tls_start(struct out_session *s, struct str host) MUST_USE;
/* STARTTLS (RFC 3207), and EHLO once more. */
enum err out_starttls(struct out_session *s, struct str host) MUST_USE;
/* The demand cannot be met here: say so, and leave. */
enum err out_tls_broken(struct out_session *s, enum out_tls_problem p, const char *detail);

/* AUTH as the relay's user. Without TLS over loopback only. */
enum err out_login(struct out_session *s) MUST_USE;

/* Make this the session's reply; both are copied. */
void out_reply_set(struct out_session *s, unsigned code, struct str status, struct str text);

#endif
