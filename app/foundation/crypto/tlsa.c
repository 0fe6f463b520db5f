/* foundation/crypto/tlsa.c: see tlsa.h. */
#include "foundation/crypto/tlsa.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/x509.h"

/* RFC 6698 2.1.2. */
static bool selected(const struct tlsa *t, struct str certificate, struct arena *a,
                     struct str *out)
{
	struct x509 x;

	if (!x509_read(certificate, a, &x))
		return false;
	*out = t->selector == TLSA_CERT ? certificate : x.spki;
	return t->selector == TLSA_CERT || t->selector == TLSA_SPKI;
}

/* RFC 6698 2.1.3. */
static bool tlsa_data_matches(const struct tlsa *t, struct str s)
{
	uint8_t hash[HASH_SHA512_BYTES];

	switch (t->matching) {
	case TLSA_FULL:
		return str_eq(t->data, s);
	case TLSA_SHA256:
		hash_sha256(s, hash);
		return str_eq(t->data, str_from((const char *)hash, HASH_BYTES));
	case TLSA_SHA512:
		hash_sha512(s, hash);
		return str_eq(t->data, str_from((const char *)hash, HASH_SHA512_BYTES));
	default:
		return false;
	}
}

bool tlsa_matches(const struct tlsa *t, struct str certificate)
{
	struct arena a = { 0 };
	struct str s;
	bool yes = selected(t, certificate, &a, &s) && tlsa_data_matches(t, s);

	arena_deinit(&a);
	return yes;
}
