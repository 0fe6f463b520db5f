/* operations/acme/next_key.h: the key that the host's certificate gets next, where keys are told to
 * others before they are shown (TLSA records, RFC 7671 8.1): it is made as soon as there is no
 * other, and used once others know it. Until then the present key stays, whatever the settings say,
 * so that at no moment a key is shown that they do not know.
 *
 * In SPACE_ACME, as "k" and the certificate's id: apart from the certificate's row, so that it is
 * there when that is revoked and forgotten with its key. */
#ifndef ACME_NEXT_KEY_H
#define ACME_NEXT_KEY_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct job;
struct order;

/* Choose the keys an order may use: o->next_key_pem and o->reuse_key. Its certificate is not the
 * host's, or nobody is told of keys: as the settings say. */
void next_key_choose(struct job *j, struct order *o);
/* See to it that there is one, and that it is not the one in use. */
void next_key_ensure(struct job *j);

#endif
