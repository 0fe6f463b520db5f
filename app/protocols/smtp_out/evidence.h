/* protocols/smtp_out/evidence.h: records results of TLS for TLS reports (RFC 8460 4). */
#ifndef SMTP_OUT_EVIDENCE_H
#define SMTP_OUT_EVIDENCE_H
#include "protocols/smtp_out/session.h"

struct remotes;

/* Record the result of the attempt at s->hop: one note for each policy of its domain or
 * host, or one note without a policy. Network failures and servers that do not greet are
 * not recorded (RFC 8460 4.3.4). r NULL: no-op. */
void out_evidence_note(const struct out_session *s, struct remotes *r);

#endif
