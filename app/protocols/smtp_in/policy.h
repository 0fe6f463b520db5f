/* protocols/smtp_in/policy.h: the one place where a session asks the checks of policy/, and
 * waits for them, parked. */
#ifndef SMTP_IN_POLICY_H
#define SMTP_IN_POLICY_H
#include "flow/policy/policy.h"
#include "formats/smtp_wire/command.h"
#include "protocols/smtp_in/session.h"

/* A refusal, or PASS, ACCEPT, DISCARD. The run, whose the verdict is, ends when it returns. */
typedef void in_then(struct in_session *s, const struct policy_verdict *v);

/* The connection has come: greet is called with the verdict about it, after the time that the
 * greeting waits. */
void in_policy_open(struct in_session *s, in_then *greet);
/* Ask all of a stage, then call then: at once, or in a later step. Until then the session takes
 * no input (in_policy_waits). */
void in_policy_ask(struct in_session *s, enum policy_stage stage, in_then *then);
/* The same of MAIL and RCPT, with what they say; copied. unknown: there is nobody of that name, so
 * it is refused in any case. */
void in_policy_mail(struct in_session *s, const struct smtp_path *path, in_then *then);
void in_policy_rcpt(struct in_session *s, const struct smtp_path *path,
                    const struct envelope_rcpt *rcpt, bool unknown, in_then *then);
bool in_policy_waits(const struct in_session *s);
/* The session was run while it waits: for a verdict, or for the time of a delay. Returns the
 * events that are left for the session. */
unsigned in_policy_run(struct in_session *s, unsigned events);

/* Is it a refusal? Then it is answered, and told to log, metrics and trace. */
bool in_policy_refused(struct in_session *s, const struct policy_verdict *v);
/* The same with so many replies, as LMTP has one for each recipient (RFC 2033 4.2). */
bool in_policy_refused_each(struct in_session *s, const struct policy_verdict *v, size_t replies);

/* The session is over: gone(s) is called when no check looks at it any more. */
void in_policy_close(struct in_session *s, void (*gone)(void *session));

#endif
