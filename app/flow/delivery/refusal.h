/* flow/delivery/refusal.h: why a target does not get the message, in the words for its
 * sender: in a report (report.h), or in the reply if no other target gets it. */
#ifndef DELIVERY_REFUSAL_H
#define DELIVERY_REFUSAL_H
#include "model/directory/resolve.h"
#include "model/envelope/envelope.h"

extern const struct envelope_reply refusal_full, refusal_too_big;

/* For an address without targets: why is neither RESOLVE_OK nor RESOLVE_FOREIGN. */
const struct envelope_reply *refusal_of(enum resolve_verdict why);
/* A filter rejects it with this text (RFC 5429), which becomes one line of ASCII; in a. */
const struct envelope_reply *refusal_rejected(struct arena *a, struct str text);

#endif
