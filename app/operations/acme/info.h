/* operations/acme/info.h: renewal information: when a CA wants a certificate renewed (RFC 9773). */
#ifndef ACME_INFO_H
#define ACME_INFO_H
#include "foundation/base/str.h"

struct arena;
struct job;

/* What a CA calls a certificate (RFC 9773 4.1), in a; empty when it cannot be called anything. */
struct str info_id(struct str chain_pem, struct arena *a);
/* Ask when to renew, if the CA says so and it is time to ask. Sets the row's due_ms and saves it;
 * a CA that does not answer changes nothing but when it is asked again. */
void info_ask(struct job *j);

#endif
