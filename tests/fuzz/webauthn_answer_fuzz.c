/* An item that is passed over is one that can be taken apart, head by head, to the same byte; what
 * is taken out of it lies in it. A key that was read is read again from its own bytes; neither it
 * nor an attestation that was made up says anything is signed. */
#include "formats/webauthn/authenticator_data.h"
#include "formats/webauthn/cbor.h"
#include "formats/webauthn/cose.h"
#include "formats/webauthn/webauthn.h"
#include "foundation/base/arena.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static bool inside(struct str part, struct str whole)
{
	return part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n);
}

static void try_item(struct str s)
{
	struct cur whole = cur_of(s), c = cur_of(s);
	uint64_t left = 1;
	struct cbor item;

	if (!cbor_skip(&whole))
		return;
	for (; left != 0; left--) {
		assert(cbor_take(&c, &item) && inside(item.s, s));
		left += item.kind == CBOR_ARRAY ? item.n
		        : item.kind == CBOR_MAP ? 2 * item.n
		        : item.kind == CBOR_TAG ? 1
		                                : 0;
	}
	assert(c.p == whole.p);
}

static void try_key(struct str s)
{
	struct cur c = cur_of(s);
	struct cose_key key, again;

	if (!cose_key_parse(&c, &key))
		return;
	assert(inside(key.first, s) && inside(key.second, s));
	c = cur_of(str_from(s.p, s.n - cur_left(&c)));
	assert(cose_key_parse(&c, &again) && cur_done(&c));
	assert(again.algorithm == key.algorithm && str_eq(again.first, key.first));
	assert(!cose_verify(&key, STR("never signed"), s));
}

static void try_data(struct str s)
{
	struct authenticator_data data;

	if (!authenticator_data_parse(s, &data))
		return;
	assert(inside(data.id, s) && inside(data.public_key, s));
	assert((data.id.n == 0) == (data.public_key.n == 0));
}

/* Both ceremonies with all of it as each of their parts. */
static void try_ceremonies(struct str s)
{
	static const struct webauthn_expected expected = {
		.site = { "mail.example.org", 16 },
		.origin = { "https://mail.example.org", 24 },
		.challenge = { "challenge", 9 },
	};
	const struct str client =
		STR("{\"type\":\"webauthn.create\",\"challenge\":\"Y2hhbGxlbmdl\","
	            "\"origin\":\"https://mail.example.org\"}");
	struct webauthn_credential made, known = { .public_key = s };
	struct webauthn_assertion all = { s, s, s };
	struct arena a = { 0 };

	if (webauthn_register(&expected, client, s, &a, &made, NULL) == OK)
		assert(made.id.n != 0 && made.id.n <= WEBAUTHN_ID_MAX && made.public_key.n != 0);
	assert(webauthn_register(&expected, s, s, &a, &made, NULL) != OK);
	assert(webauthn_assert(&expected, &all, &a, &known, NULL) != OK);
	arena_deinit(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = str_from((const char *)data, n);

	try_item(s);
	try_key(s);
	try_data(s);
	try_ceremonies(s);
	return 0;
}
