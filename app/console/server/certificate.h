/* console/server/certificate.h: the server's certificate: the operator's own, or a self-signed one
 * that is made at the first start and kept in the store. */
#ifndef SERVER_CERTIFICATE_H
#define SERVER_CERTIFICATE_H
#include "foundation/config/settings.h"

struct certs;
struct store;

/* Fill certs. Unusable files of the operator fail the start (why names the variable). A new
 * self-signed certificate is made when hostname is no longer its name, and when it expires within
 * 14 days or is not valid yet. */
enum err certificate_load(struct certs *certs, struct store *store, const struct settings *s,
                          struct str hostname, struct why *why) MUST_USE;

/* Read the operator's files again if they have changed; logs the result. */
void certificate_reload(struct certs *certs);

/* Warn in the log when the certificate expires within 14 days or has expired: at most once a day.
 * *warned_ms: time of the last warning, 0 at first. */
void certificate_expiry_check(struct certs *certs, int64_t *warned_ms);

/* For a command: all certificates that a server of this store would use. Creates none. */
enum err certificates_read(struct certs *certs, struct store *store,
                           const struct settings *s) MUST_USE;

#endif
