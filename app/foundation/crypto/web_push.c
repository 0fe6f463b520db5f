/* foundation/crypto/web_push.c: see web_push.h. */
#include "foundation/crypto/web_push.h"

#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/key_bear.h"

#include <string.h>

enum {
	SECRET = 32, /* of ECDH: the x coordinate */
	CEK = 16,
	NONCE = 12,
	TAG = 16,
	RECORD = 4096, /* larger than the only record */
	INFO_MAX = 32 + 2 * WEB_PUSH_PUBLIC,
};

static struct str octets(const uint8_t *p, size_t n)
{
	return str_from((const char *)p, n);
}

/* HKDF (RFC 5869) of at most one block: info ends with the byte 1. */
static void hkdf(struct str salt, struct str input, struct str info, uint8_t out[HASH_BYTES])
{
	uint8_t prk[HASH_BYTES];

	hash_hmac_sha256(salt, input, prk);
	hash_hmac_sha256(octets(prk, sizeof prk), info, out);
	mem_wipe(prk, sizeof prk);
}

/* RFC 8291 3.4: the input keying material of RFC 8188. */
static void ikm_derive(const struct key *sender, struct str public, struct str auth,
                       uint8_t out[HASH_BYTES])
{
	const br_ec_private_key *private = key_bear_ec(sender);
	uint8_t point[WEB_PUSH_PUBLIC];
	char room[INFO_MAX];
	struct buf info;

	assert(key_type(sender) == KEY_EC_P256 && public.n == sizeof point);
	memcpy(point, public.p, sizeof point);
	if (!br_ec_get_default()->mul(point, sizeof point, private->x, private->xlen,
	                              private->curve))
		assert(!"the caller has checked that the point is on the curve");
	buf_init_in(&info, room, sizeof room);
	buf_put(&info, STR("WebPush: info\0"));
	buf_put(&info, public);
	buf_put(&info, key_public(sender));
	buf_byte(&info, 1);
	assert(buf_ok(&info));
	hkdf(auth, octets(point + 1, SECRET), buf_str(&info), out);
	mem_wipe(point, sizeof point);
}

static void record_encrypt(const uint8_t cek[CEK], const uint8_t nonce[NONCE], uint8_t *data,
                           size_t n, uint8_t tag[TAG])
{
	br_aes_ct64_ctr_keys aes;
	br_gcm_context gcm;

	br_aes_ct64_ctr_init(&aes, cek, CEK);
	br_gcm_init(&gcm, &aes.vtable, br_ghash_ctmul64);
	br_gcm_reset(&gcm, nonce, NONCE);
	br_gcm_flip(&gcm);
	br_gcm_run(&gcm, 1, data, n);
	br_gcm_get_tag(&gcm, tag);
	mem_wipe(&aes, sizeof aes);
	mem_wipe(&gcm, sizeof gcm);
}

/* RFC 8188 2: salt, record size, length of the key id, key id, record. */
void web_push_seal_with(const struct key *sender, const uint8_t salt[static WEB_PUSH_SALT],
                        struct str public, struct str auth, struct str plain, struct buf *out)
{
	static const uint8_t head[] = { 0, 0, RECORD >> 8, RECORD & 255, WEB_PUSH_PUBLIC };
	uint8_t record[WEB_PUSH_PLAIN_MAX + 1], tag[TAG];
	uint8_t ikm[HASH_BYTES], cek[HASH_BYTES], nonce[HASH_BYTES];
	struct str salt_str = octets(salt, WEB_PUSH_SALT);

	assert(plain.n <= WEB_PUSH_PLAIN_MAX && auth.n == WEB_PUSH_AUTH);
	ikm_derive(sender, public, auth, ikm);
	hkdf(salt_str, octets(ikm, sizeof ikm), STR("Content-Encoding: aes128gcm\0\1"), cek);
	hkdf(salt_str, octets(ikm, sizeof ikm), STR("Content-Encoding: nonce\0\1"), nonce);
	memcpy(record, plain.p, plain.n);
	record[plain.n] = 2; /* RFC 8188 2: the last record, without padding */
	record_encrypt(cek, nonce, record, plain.n + 1, tag);
	buf_put(out, salt_str);
	buf_put(out, octets(head, sizeof head));
	buf_put(out, key_public(sender));
	buf_put(out, octets(record, plain.n + 1));
	buf_put(out, octets(tag, sizeof tag));
	mem_wipe(ikm, sizeof ikm);
	mem_wipe(cek, sizeof cek);
	mem_wipe(nonce, sizeof nonce);
}

void web_push_seal(struct str public, struct str auth, struct str plain, struct buf *out)
{
	struct key *sender = key_new_p256();
	uint8_t salt[WEB_PUSH_SALT];

	random_bytes(salt, sizeof salt);
	web_push_seal_with(sender, salt, public, auth, plain, out);
	key_free(sender);
}
