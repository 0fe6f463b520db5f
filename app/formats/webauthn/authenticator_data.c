/* formats/webauthn/authenticator_data.c: see authenticator_data.h. */
#include "formats/webauthn/authenticator_data.h"

#include "formats/webauthn/cbor.h"
#include "formats/webauthn/cose.h"
#include "formats/webauthn/webauthn.h"

enum { FLAG_UP = 0x01, FLAG_UV = 0x04, FLAG_AT = 0x40, FLAG_ED = 0x80 };
enum { AAGUID = 16 };

/* attestedCredentialData: AAGUID, length, id, key. Level 2, 6.5.1 */
static bool take_credential(struct cur *c, struct authenticator_data *out)
{
	struct cose_key key;
	struct cur before;
	struct str aaguid;
	uint64_t n;

	if (!cur_take(c, AAGUID, &aaguid) || !cur_be(c, 2, &n) || n == 0 || n > WEBAUTHN_ID_MAX ||
	    !cur_take(c, n, &out->id))
		return false;
	before = *c;
	if (!cose_key_parse(c, &key))
		return false;
	out->public_key = str_from(before.p, cur_left(&before) - cur_left(c));
	return true;
}

/* Skip the map of extensions; we request none. */
static bool pass_extensions(struct cur *c)
{
	struct cur ahead = *c;
	struct cbor map;

	return cbor_take_kind(&ahead, CBOR_MAP, &map) && cbor_skip(c);
}

bool authenticator_data_parse(struct str data, struct authenticator_data *out)
{
	struct cur c = cur_of(data);
	uint64_t flags, count;

	*out = (struct authenticator_data){ 0 };
	if (!cur_take(&c, AUTHENTICATOR_SITE_HASH, &out->site_hash) || !cur_be(&c, 1, &flags) ||
	    !cur_be(&c, 4, &count))
		return false;
	out->present = (flags & FLAG_UP) != 0;
	out->verified = (flags & FLAG_UV) != 0;
	out->count = (uint32_t)count;
	return ((flags & FLAG_AT) == 0 || take_credential(&c, out)) &&
	       ((flags & FLAG_ED) == 0 || pass_extensions(&c)) && cur_done(&c);
}
