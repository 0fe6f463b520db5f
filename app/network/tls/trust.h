/* network/tls/trust.h: the certification authorities that outgoing TLS believes.
 *
 * Immutable once made: streams in any thread share it; free it after the last of them. */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct trust;

/* The roots that Mozilla trusts for servers, as they were when this program was built: a table
 * of constants, made from Debian's ca-certificates. Not to be freed. */
extern const struct trust trust_builtin;

/* From a PEM text of root certificates, such as Debian's ca-certificates.crt. A root that
 * cannot be used (odd key type) is skipped. ERR_SYNTAX: broken text, or no usable root. */
enum err trust_new(struct str pem, struct trust **out, struct why *why) MUST_USE;
/* The same from a file. */
enum err trust_load_file(const char *path, struct trust **out, struct why *why) MUST_USE;
/* NULL is a no-op. */
void trust_free(struct trust *t);
size_t trust_count(const struct trust *t);
/* What the list of their names takes in a handshake (RFC 5246 7.4.4). */
size_t trust_names_bytes(const struct trust *t);

#endif
