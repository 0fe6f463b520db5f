/* formats/webauthn/webauthn.c: the two ceremonies, in the order of the standard; see webauthn.h. */
#include "formats/webauthn/webauthn.h"

#include "formats/webauthn/authenticator_data.h"
#include "formats/webauthn/cbor.h"
#include "formats/webauthn/client_data.h"
#include "formats/webauthn/cose.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"

#include <string.h>

enum { ATTESTATION_LABELS_MAX = 8 }; /* three are defined */

/* Level 2, 7.1 steps 13 to 15, 7.2 steps 15 to 17. A passkey replaces the password and a second
 * factor, so user verification is required, whatever the browser requested. */
static enum err site_check(const struct webauthn_expected *expected, struct str bytes,
                           struct authenticator_data *data, struct why *why)
{
	uint8_t hash[HASH_BYTES];

	static_assert((int)AUTHENTICATOR_SITE_HASH == (int)HASH_BYTES, "both are SHA-256");
	if (!authenticator_data_parse(bytes, data))
		return fail(why, ERR_SYNTAX,
		            "the authenticator data is malformed, or has a kind of key that is "
		            "not known here");
	hash_sha256(expected->site, hash);
	if (!str_eq(data->site_hash, str_from((const char *)hash, sizeof hash)))
		return fail(why, ERR_DENIED, "it is a passkey of another site than %.*s",
		            STR_ARG(expected->site));
	if (!data->present || !data->verified)
		return fail(why, ERR_DENIED,
		            "the authenticator did not verify who you are by PIN, finger or face");
	return OK;
}

/* attestationObject = { "fmt": text, "attStmt": map, "authData": bytes }	Level 2, 6.5.4 */
static bool attestation_parse(struct str bytes, struct str *data)
{
	struct cur c = cur_of(bytes);
	struct cbor map, label, value;

	*data = STR_EMPTY;
	if (!cbor_take_kind(&c, CBOR_MAP, &map) || map.n > ATTESTATION_LABELS_MAX)
		return false;
	for (uint64_t i = 0; i < map.n; i++) {
		if (!cbor_take_kind(&c, CBOR_TEXT, &label))
			return false;
		if (!str_eq(label.s, STR("authData"))) {
			if (!cbor_skip(&c))
				return false;
			continue;
		}
		if (data->n != 0 || !cbor_take_kind(&c, CBOR_BYTES, &value))
			return false;
		*data = value.s;
	}
	return data->n != 0 && cur_done(&c);
}

enum err webauthn_register(const struct webauthn_expected *expected, struct str client_data,
                           struct str attestation, struct arena *a, struct webauthn_credential *out,
                           struct why *why)
{
	struct authenticator_data data;
	struct str bytes;
	enum err e = client_data_check(client_data, CLIENT_DATA_CREATE, expected, a, why);

	if (e != OK)
		return e;
	if (!attestation_parse(attestation, &bytes))
		return fail(why, ERR_SYNTAX, "the attestation object is malformed");
	e = site_check(expected, bytes, &data, why);
	if (e == OK && data.id.n == 0)
		return fail(why, ERR_SYNTAX, "there is no passkey in the attestation object");
	if (e != OK)
		return e;
	*out = (struct webauthn_credential){
		.id = str_dup(a, data.id),
		.public_key = str_dup(a, data.public_key),
		.count = data.count,
	};
	return OK;
}

/* The signed data: authenticator data, and SHA-256 of the client data. Level 2, 7.2 steps 19, 20 */
static bool signature_ok(const struct webauthn_assertion *s, const struct cose_key *key,
                         struct arena *a)
{
	size_t n = s->authenticator_data.n;
	char *message = arena_alloc(a, n + HASH_BYTES);

	memcpy(message, s->authenticator_data.p, n);
	hash_sha256(s->client_data, (uint8_t *)message + n);
	return cose_verify(key, str_from(message, n + HASH_BYTES), s->signature);
}

enum err webauthn_assert(const struct webauthn_expected *expected,
                         const struct webauthn_assertion *assertion, struct arena *a,
                         struct webauthn_credential *known, struct why *why)
{
	struct cur c = cur_of(known->public_key);
	struct authenticator_data data;
	struct cose_key key;
	enum err e = client_data_check(assertion->client_data, CLIENT_DATA_GET, expected, a, why);

	if (e == OK)
		e = site_check(expected, assertion->authenticator_data, &data, why);
	if (e != OK)
		return e;
	if (!cose_key_parse(&c, &key))
		return fail(why, ERR_CORRUPT, "the stored key cannot be read");
	if (!signature_ok(assertion, &key, a))
		return fail(why, ERR_DENIED, "the signature is wrong");
	/* Step 21. Synchronised passkeys usually do not count. */
	if ((data.count != 0 || known->count != 0) && data.count <= known->count)
		return fail(why, ERR_DENIED,
		            "the authenticator's count went back: there is a copy of it");
	known->count = data.count;
	return OK;
}
