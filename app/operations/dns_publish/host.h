/* operations/dns_publish/host.h: the TLSA records of this host, kept consistent with its
 * certificates: a key is published before it is used (operations/acme/next_key.h), and
 * removed when it is no longer used. */
#ifndef DNS_PUBLISH_HOST_H
#define DNS_PUBLISH_HOST_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"
#include "operations/dns_publish/published_query.h"

struct certs;
struct round;
struct store;
struct txn;

/* Make the records of the host match the wanted ones. */
void host_do(struct round *r, struct certs *certs);

/* Is this key of the host, a SubjectPublicKeyInfo, known to all resolvers: has its record
 * existed for long enough, and does it exist now? Reads the store, and queries DNS for
 * some seconds at most. */
bool host_key_is_known(struct store *store, const struct sight_config *dns, struct str spki);

/* Does the host have records of ours, so that an uploaded certificate must be held at
 * first (operations/acme/uploaded.h)? */
enum err host_tells(struct txn *t, bool *tells) MUST_USE;

#endif
