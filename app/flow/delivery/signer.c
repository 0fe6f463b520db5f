/* flow/delivery/signer.c: see signer.h. */
#include "flow/delivery/signer.h"

#include "foundation/crypto/key.h"

bool signer_open(struct signer *s, const struct dkim_key *key)
{
	*s = (struct signer){ .dkim = { .algorithm = key->algorithm,
		                        .domain = key->domain,
		                        .selector = key->selector } };
	if (key->algorithm == DKIM_RSA_SHA256 && key_read_pem(key->secret, &s->rsa, NULL) != OK)
		return false;
	s->dkim.rsa = s->rsa;
	if (key->algorithm == DKIM_ED25519_SHA256)
		s->dkim.seed = (const uint8_t *)key->secret.p;
	return true;
}

void signer_close(struct signer *s)
{
	key_free(s->rsa);
	s->rsa = NULL;
}
