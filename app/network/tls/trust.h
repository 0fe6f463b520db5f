/* network/tls/trust.h: the certification authorities that outgoing TLS trusts.
 *
 * Immutable and shared by threads; free it after the last stream that uses it. */
#ifndef TLS_TRUST_H
#define TLS_TRUST_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct trust;

/* The roots that Mozilla trusts for servers, as of the build of this program: a table of constants,
 * made from Debian's ca-certificates. Do not free it. */
extern const struct trust trust_builtin;

/* Read a PEM text of root certificates, such as Debian's ca-certificates.crt. A root with an
 * unsupported key is skipped. ERR_SYNTAX: malformed text, or no usable root. */
enum err trust_new(struct str pem, struct trust **out, struct why *why) MUST_USE;
/* The same from a file. */
enum err trust_load_file(const char *path, struct trust **out, struct why *why) MUST_USE;
/* NULL is a no-op. */
void trust_free(struct trust *t);
size_t trust_count(const struct trust *t);
/* The size of the list of their names in a handshake (RFC 5246 7.4.4). */
size_t trust_names_bytes(const struct trust *t);

#endif
