/* protocols/smtp_out/session_steps.h: the steps that open a session, for the files of
 * session.h. Each returns OK, or ERR_RETRY with the reply set and the connection
 * closed. */
#ifndef SMTP_OUT_SESSION_STEPS_H
#define SMTP_OUT_SESSION_STEPS_H
#include "protocols/smtp_out/session.h"

/* EHLO, else HELO (RFC 5321 3.2); only LHLO for LMTP (RFC 2033 4.1). */
enum err out_hello(struct out_session *s) MUST_USE;

/* TLS from the first byte, with the server name host; s->facts has the result. */
enum err out_tls_start(struct out_session *s, struct str host) MUST_USE;
/* STARTTLS (RFC 3207), then EHLO again. */
enum err out_starttls(struct out_session *s, struct str host) MUST_USE;
/* Report that the hop cannot meet the demand, and close. */
enum err out_tls_broken(struct out_session *s, enum out_tls_problem p, const char *detail);

/* AUTH as the relay's user. Without TLS only over loopback. */
enum err out_login(struct out_session *s) MUST_USE;

/* Set the session's reply; both strings are copied. */
void out_reply_set(struct out_session *s, unsigned code, struct str status, struct str text);

#endif
