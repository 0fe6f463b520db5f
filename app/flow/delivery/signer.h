/* flow/delivery/signer.h: a local domain's key, ready to sign; for this folder only. */
#ifndef DELIVERY_SIGNER_H
#define DELIVERY_SIGNER_H
#include "model/directory/dkim_key.h"

struct signer {
	struct dkim_signer dkim;
	struct key *rsa;
};

/* False: the key is unreadable, and there is nothing to close. Strings are borrowed from
 * it. */
bool signer_open(struct signer *s, const struct dkim_key *key);
void signer_close(struct signer *s);

#endif
