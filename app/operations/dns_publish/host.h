/* operations/dns_publish/host.h: the TLSA records of this host, kept in step with its
 * certificates: a key is told before it is shown (operations/acme/next_key.h), and no longer
 * when it is not shown any more. */
#ifndef DNS_PUBLISH_HOST_H
#define DNS_PUBLISH_HOST_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "operations/dns_publish/sight.h"

struct certs;
struct round;
struct store;
struct txn;

/* Bring the records of the host to what is wanted. */
void host_do(struct round *r, struct certs *certs);

/* Is this key of the host, a SubjectPublicKeyInfo, known to all who ask DNS: has its record been
 * there for long enough, and is it now? Reads the store, and asks DNS for some seconds at most. */
bool host_key_is_known(struct store *store, const struct sight_config *dns, struct str spki);

/* Are there records of ours, so that a certificate which is brought must be held back at first
 * (operations/acme/own.h)? */
enum err host_tells(struct txn *t, bool *tells) MUST_USE;

#endif
