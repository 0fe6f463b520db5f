/* protocols/smtp_in/trace.h: what the message trace says of mail that a session was refused. */
#ifndef SMTP_IN_TRACE_H
#define SMTP_IN_TRACE_H
#include "protocols/smtp_in/session.h"

/* A recipient of the present transaction was refused with this reply. */
void in_trace_rcpt(struct in_session *s, const struct mailaddr *rcpt, unsigned code,
                   const char *enhanced, const char *text);
/* A check refused: the recipient that is asked about, or all of the transaction, or the session. */
void in_trace_policy(struct in_session *s, const struct policy_verdict *v);
/* All of the present transaction was, with the sender from. body: as much of the message as
 * there is, or empty. */
void in_trace_mail(struct in_session *s, const struct mailaddr *from, struct str body,
                   unsigned code, const char *enhanced, const char *text);

#endif
