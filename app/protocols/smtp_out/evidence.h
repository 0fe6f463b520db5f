/* protocols/smtp_out/evidence.h: what there is to tell of TLS with a hop (RFC 8460 4). */
#ifndef SMTP_OUT_EVIDENCE_H
#define SMTP_OUT_EVIDENCE_H
#include "protocols/smtp_out/session.h"

struct remotes;

/* Note how the attempt at s->hop went: one note for each policy that its domain or host has, or one
 * of none. Networks that fail and servers that do not greet are not told (RFC 8460 4.3.4).
 * r: where to; NULL is a no-op. */
void out_evidence_note(const struct out_session *s, struct remotes *r);

#endif
