/* admin/certificates.h: the certificates this server shows, for every page that tells of them. */
#ifndef ADMIN_CERTIFICATES_H
#define ADMIN_CERTIFICATES_H
#include "base/err.h"
#include "text/json.h"

struct admin;

/* Append each as the shape "certificate", the host name's first, inside an open list. Reads the
 * store: not inside a transaction. */
enum err certificates_put(const struct admin *admin, struct arena *a,
                          struct json_writer *w) MUST_USE;

#endif
