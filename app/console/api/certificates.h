/* console/api/certificates.h: the certificates this server shows, for every page that tells of
 * them. */
#ifndef API_CERTIFICATES_H
#define API_CERTIFICATES_H
#include "foundation/base/err.h"
#include "foundation/text/json.h"

struct admin;
struct api_call;

/* Append each as the shape "certificate", the host name's first, inside an open list. Reads the
 * store: not inside a transaction. */
enum err certificates_put(const struct admin *admin, struct arena *a,
                          struct json_writer *w) MUST_USE;

/* Keep a certificate that the caller brings, as PEM texts with the server's own first, and show
 * it at once; operations/acme/own.h says what is checked. Noted in the audit trail as the
 * caller's; the answer is not written. *id (in the call's arena) is what it is called now.
 * ERR_SYNTAX, ERR_CONFLICT, ERR_LIMIT: nothing has changed, c->why says why. Not inside a
 * transaction. */
enum err certificates_own_put(struct api_call *c, struct str chain, struct str key,
                              struct str *id) MUST_USE;
/* Append the one with this id. ERR_MISSING. */
enum err certificates_put_one(const struct admin *admin, struct str id, struct arena *a,
                              struct json_writer *w) MUST_USE;

#endif
