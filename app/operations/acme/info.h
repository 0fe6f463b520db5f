/* operations/acme/info.h: renewal information: the CA's suggested time of renewal (RFC
 * 9773). */
#ifndef ACME_INFO_H
#define ACME_INFO_H
#include "foundation/base/str.h"

struct arena;
struct job;

/* The CA's identifier of a certificate (RFC 9773 4.1), in a; empty if it has none. */
struct str info_id(struct str chain_pem, struct arena *a);
/* Request the renewal information if the CA offers it and the time has come. Sets the
 * row's due_ms and saves it. If the CA does not respond, only the time of the next
 * request changes. */
void info_ask(struct job *j);

#endif
