/* operations/doctor/own/own_tlsa.c: see own_tlsa.h. */
#include "operations/doctor/own/own_tlsa.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"
#include "network/tls/cert.h"

#include <stdio.h>

enum { KINDS = 2 };

struct str tlsa_digest(struct str spki, struct arena *a)
{
	uint8_t digest[HASH_BYTES];
	char hex[2 * HASH_BYTES + 1];

	hash_sha256(spki, digest);
	for (size_t i = 0; i < HASH_BYTES; i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	return str_fmt(a, "%s", hex);
}

size_t own_tlsa_keys(struct certs *certs, struct str hostname, struct arena *a, struct str **out)
{
	struct cert *shown[KINDS] = { NULL };
	size_t count = 0, n;

	*out = arena_array(a, struct str, KINDS);
	if (certs == NULL)
		return 0;
	shown[0] = certs_find(certs, hostname);
	shown[1] = certs_find_rsa(certs, hostname);
	for (size_t i = 0; i < KINDS; i++) {
		struct str digest;

		if (shown[i] == NULL)
			continue;
		digest = tlsa_digest(cert_chain(shown[i], &n)->spki, a);
		if (count == 0 || !str_eq((*out)[0], digest))
			(*out)[count++] = digest;
		cert_unref(shown[i]);
	}
	return count;
}

const char *own_tlsa_purpose(bool files)
{
	return files ? "DANE: a key of this server, from a file. Renew the certificate with the "
		       "same key (certbot: --reuse-key), or omit this record: after a change of "
		       "the key, senders that use DANE cannot deliver (RFC 7672)"
		     : "DANE: a key of this server; used only if the zone is signed by DNSSEC "
		       "(RFC 7672)";
}
