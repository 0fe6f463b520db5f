/* operations/acme/jws.c: see jws.h. */
#include "operations/acme/jws.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/key.h"
#include "foundation/text/base64url.h"
#include "foundation/text/json.h"

enum { JWS_MAX = 1 << 20, COORDINATE = 32 };

struct str jws_jwk(const struct key *k, struct arena *a)
{
	/* An uncompressed point: 4, x, y */
	struct str point = key_public(k);

	assert(key_type(k) == KEY_EC_P256 && point.n == 1 + 2 * COORDINATE);
	return str_fmt(a, "{\"crv\":\"P-256\",\"kty\":\"EC\",\"x\":\"%.*s\",\"y\":\"%.*s\"}",
	               STR_ARG(base64url_of(a, str_sub(point, 1, 1 + COORDINATE))),
	               STR_ARG(base64url_of(a, str_sub(point, 1 + COORDINATE, point.n))));
}

struct str jws_thumbprint(const struct key *k, struct arena *a)
{
	uint8_t hash[HASH_BYTES];

	hash_sha256(jws_jwk(k, a), hash);
	return base64url_of(a, str_from((char *)hash, sizeof hash));
}

/* The protected header; jwk is copied unchanged. */
static struct str header(struct arena *a, const char *alg, struct str kid, struct str jwk,
                         struct str nonce, struct str url)
{
	struct json_writer w;
	struct str text;
	struct buf b;

	buf_init(&b, JWS_MAX);
	json_writer_init(&w, &b);
	json_open(&w, NULL, '{');
	json_put_str(&w, "alg", str_of(alg));
	if (kid.n != 0)
		json_put_str(&w, "kid", kid);
	if (nonce.n != 0)
		json_put_str(&w, "nonce", nonce);
	json_put_str(&w, "url", url);
	json_close(&w);
	assert(buf_ok(&b));
	text = buf_str(&b);
	if (kid.n == 0) /* before the closing brace */
		text = str_fmt(a, "%.*s,\"jwk\":%.*s}", (int)text.n - 1, text.p, STR_ARG(jwk));
	text = base64url_of(a, text);
	buf_deinit(&b);
	return text;
}

static struct str body(struct arena *a, struct str header64, struct str payload64,
                       struct str signature)
{
	return str_fmt(a, "{\"protected\":\"%.*s\",\"payload\":\"%.*s\",\"signature\":\"%.*s\"}",
	               STR_ARG(header64), STR_ARG(payload64), STR_ARG(base64url_of(a, signature)));
}

struct str jws_make(const struct jws *j, struct arena *a)
{
	struct str head = header(a, "ES256", j->account, jws_jwk(j->key, a), j->nonce, j->url);
	struct str payload = base64url_of(a, j->payload);
	struct str signing = str_fmt(a, "%.*s.%.*s", STR_ARG(head), STR_ARG(payload));

	return body(a, head, payload, key_sign_sha256_raw(j->key, signing, a));
}

struct str jws_binding(const struct key *account_key, struct str key_id, struct str mac_key,
                       struct str url, struct arena *a)
{
	struct str head = header(a, "HS256", key_id, STR_EMPTY, STR_EMPTY, url);
	struct str payload = base64url_of(a, jws_jwk(account_key, a));
	struct str signing = str_fmt(a, "%.*s.%.*s", STR_ARG(head), STR_ARG(payload));
	uint8_t mac[HASH_BYTES];

	hash_hmac_sha256(mac_key, signing, mac);
	return body(a, head, payload, str_from((char *)mac, sizeof mac));
}
