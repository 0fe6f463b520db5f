/* tests/unit/webauthn/authenticator.h: an authenticator in software, whose every answer can be
 * made wrong. */
#ifndef UNIT_WEBAUTHN_AUTHENTICATOR_H
#define UNIT_WEBAUTHN_AUTHENTICATOR_H
#include "formats/webauthn/webauthn.h"
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"

enum { UP = 0x01, UV = 0x04, AT = 0x40, ED = 0x80 };

struct authenticator {
	struct arena a; /* of all answers */
	struct key *key;
	struct str id, site, origin, challenge;
	const char *type; /* of the ceremony; NULL: the right one */
	unsigned flags;   /* without AT                           */
	uint32_t count;
	struct str extensions; /* behind the rest */
};

static inline void authenticator_init(struct authenticator *t)
{
	*t = (struct authenticator){ .key = key_new_p256(),
		                     .id = STR("an id of a credential"),
		                     .site = STR("mail.example.org"),
		                     .origin = STR("https://mail.example.org"),
		                     .challenge = STR("0123456789abcdef0123456789abcdef"),
		                     .flags = UP | UV,
		                     .count = 1 };
}

static inline void authenticator_deinit(struct authenticator *t)
{
	key_free(t->key);
	arena_deinit(&t->a);
}

static inline struct str authenticator_take(struct authenticator *t, struct buf *b)
{
	struct str s = str_dup(&t->a, buf_str(b));

	buf_deinit(b);
	return s;
}

static inline struct str authenticator_client_data(struct authenticator *t, const char *type)
{
	return str_fmt(&t->a,
	               "{\"type\":\"%s\",\"challenge\":\"%.*s\",\"origin\":\"%.*s\","
	               "\"crossOrigin\":false}",
	               t->type != NULL ? t->type : type, STR_ARG(base64url_of(&t->a, t->challenge)),
	               STR_ARG(t->origin));
}

/* The COSE_Key of an EC key: {1: 2, 3: -7, -1: 1, -2: x, -3: y} */
static inline void authenticator_put_key(struct authenticator *t, struct buf *b)
{
	struct str point = key_public(t->key);

	buf_put(b, STR("\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"));
	buf_put(b, str_sub(point, 1, 33));
	buf_put(b, STR("\x22\x58\x20"));
	buf_put(b, str_sub(point, 33, 65));
}

static inline struct str authenticator_data(struct authenticator *t, bool fresh)
{
	uint8_t hash[HASH_BYTES];
	struct buf b;

	buf_init(&b, 4096);
	hash_sha256(t->site, hash);
	buf_bytes(&b, hash, sizeof hash);
	buf_byte(&b, (char)(t->flags | (fresh ? AT : 0)));
	pack_be32(&b, t->count);
	if (fresh) {
		buf_put(&b, STR("an AAGUID of 16.")); /* 16 bytes */
		buf_byte(&b, (char)(t->id.n >> 8));
		buf_byte(&b, (char)t->id.n);
		buf_put(&b, t->id);
		authenticator_put_key(t, &b);
	}
	buf_put(&b, t->extensions);
	return authenticator_take(t, &b);
}

/* {"fmt": "none", "attStmt": {}, "authData": bytes} */
static inline struct str authenticator_attestation(struct authenticator *t)
{
	struct str data = authenticator_data(t, true);
	struct buf b;

	buf_init(&b, 8192);
	buf_put(&b, STR("\xa3\x63"
	                "fmt\x64none\x67"
	                "attStmt\xa0\x68"
	                "authData"));
	if (data.n < 256) {
		buf_put(&b, STR("\x58"));
	} else {
		buf_put(&b, STR("\x59"));
		buf_byte(&b, (char)(data.n >> 8));
	}
	buf_byte(&b, (char)data.n);
	buf_put(&b, data);
	return authenticator_take(t, &b);
}

static inline struct webauthn_assertion authenticator_assert(struct authenticator *t)
{
	struct webauthn_assertion s = {
		.client_data = authenticator_client_data(t, "webauthn.get"),
		.authenticator_data = authenticator_data(t, false),
	};
	uint8_t hash[HASH_BYTES];
	struct buf b;

	buf_init(&b, 8192);
	hash_sha256(s.client_data, hash);
	buf_put(&b, s.authenticator_data);
	buf_bytes(&b, hash, sizeof hash);
	s.signature = key_sign_sha256(t->key, buf_str(&b), &t->a);
	buf_deinit(&b);
	return s;
}

#endif
