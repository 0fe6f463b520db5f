/* flow/policy/authentication/prefetch.h: starts the work for the end of a message as soon as
 * its header has arrived, while the body arrives. It parses the signatures
 * (flow/policy/authentication/signatures.h), and queries DNS for their keys and the
 * author's policy. */
#ifndef POLICY_PREFETCH_H
#define POLICY_PREFETCH_H
#include "flow/policy/policy.h"

struct policy_asked; /* the queries about one message */

/* header: without the empty line, copied. The results of DNS, failures too, are kept for
 * the message. Its end sends no query again and waits for pending ones. The session may
 * end earlier. No query starts while many sessions have queries. From here on, pass the
 * whole body to signatures_body. */
void policy_ahead(struct policy *p, struct policy_session *s, struct str header);
/* A resolver with the kept results, which queries DNS for others; NULL if x is. */
struct dns *policy_asked_dns(struct policy_asked *x);
/* The message is gone: start no more queries. NULL is a no-op; clears *x. */
void policy_asked_leave(struct policy_asked **x);

#endif
