/* foundation/crypto/key_bear.h: a private key in BearSSL's form. For network/tls only. */
#ifndef CRYPTO_KEY_BEAR_H
#define CRYPTO_KEY_BEAR_H
#include "foundation/crypto/key.h"

#include <bearssl.h>

/* Borrowed from k; NULL when k is of the other type. */
const br_rsa_private_key *key_bear_rsa(const struct key *k);
const br_ec_private_key *key_bear_ec(const struct key *k);

#endif
