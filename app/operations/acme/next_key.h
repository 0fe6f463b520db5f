/* operations/acme/next_key.h: the next key of the host's certificate, if keys are
 * published before use (TLSA records, RFC 7671 8.1). It is made as soon as there is none,
 * and used once it is known. Until then the current key stays, whatever the settings are,
 * so no unpublished key is ever used.
 *
 * In SPACE_ACME, as "k" and the certificate's id: separate from the certificate's row, so
 * that it remains when that is revoked and removed with its key. */
#ifndef ACME_NEXT_KEY_H
#define ACME_NEXT_KEY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct job;
struct order;

/* Set the keys that an order may use: o->next_key_pem and o->reuse_key. For other
 * certificates, or if keys are not published, by the settings. */
void next_key_choose(struct job *j, struct order *o);
/* Make sure that a next key exists and is not the current one. */
void next_key_ensure(struct job *j);

#endif
