/* console/server/certificate.h: the certificate to show: the operator's own, or a self-signed
 * one that is made at the first start and kept in the store. */
#ifndef SERVER_CERTIFICATE_H
#define SERVER_CERTIFICATE_H
#include "foundation/config/settings.h"

struct certs;
struct store;

/* Fill certs. An operator's files that cannot be used end the start (why names the
 * variable); the self-signed one is made anew when hostname is no longer its name, and when
 * it is not its time: within 14 days of its end, or before it begins. */
enum err certificate_load(struct certs *certs, struct store *store, const struct settings *s,
                          struct str hostname, struct why *why) MUST_USE;

/* Read the operator's files again if they changed; logs what happened. */
void certificate_reload(struct certs *certs);

/* Warn in the log when the certificate expires within 14 days or has expired: once a day,
 * however often it is called. *told_ms is 0 at first. */
void certificate_expiry_check(struct certs *certs, int64_t *told_ms);

/* For a command: all that a server of this store would show. Nothing is made anew. */
enum err certificates_read(struct certs *certs, struct store *store,
                           const struct settings *s) MUST_USE;

#endif
