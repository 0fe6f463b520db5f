/* console/api/access/attempt.c: see attempt.h. */
#include "console/api/access/attempt.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64url.h"
#include "model/directory/seen.h"

enum { CHALLENGE = 32, MEANT = CHALLENGE + 8, WHOLE = MEANT + HASH_BYTES };

struct attempts {
	uint8_t key[HASH_BYTES];
	struct seen *taken; /* challenges */
};

struct attempts *attempts_new(void)
{
	struct attempts *as = NEW(struct attempts);

	random_bytes(as->key, sizeof as->key);
	as->taken = seen_new(LIMIT_passkey_places, (int64_t)LIMIT_passkey_attempt_s * 1000);
	return as;
}

void attempts_free(struct attempts **as)
{
	if (*as == NULL)
		return;
	seen_free(&(*as)->taken);
	mem_wipe((*as)->key, sizeof(*as)->key);
	mem_clear(as);
}

/* Over challenge and time, and what they are bound to. */
static void sign(const struct attempts *as, struct str meant, struct str bound,
                 uint8_t out[static HASH_BYTES])
{
	struct buf b;

	assert(meant.n == MEANT);
	buf_init(&b, meant.n + bound.n);
	buf_put(&b, meant);
	buf_put(&b, bound);
	hash_hmac_sha256(str_from((const char *)as->key, sizeof as->key), buf_str(&b), out);
	buf_deinit(&b);
}

struct str attempt_begin(struct attempts *as, struct str bound, int64_t now_ms, struct arena *a,
                         struct str *challenge)
{
	char random[CHALLENGE];
	uint8_t mac[HASH_BYTES];
	struct str text;
	struct buf b;

	random_bytes(random, sizeof random);
	buf_init(&b, WHOLE);
	buf_bytes(&b, random, sizeof random);
	pack_be64(&b, (uint64_t)now_ms + (uint64_t)LIMIT_passkey_attempt_s * 1000);
	sign(as, buf_str(&b), bound, mac);
	buf_bytes(&b, mac, sizeof mac);
	*challenge = str_dup(a, str_from(random, sizeof random));
	text = base64url_of(a, buf_str(&b));
	buf_deinit(&b);
	return text;
}

static bool genuine(const struct attempts *as, struct str bound, struct str whole, int64_t now_ms)
{
	uint8_t mac[HASH_BYTES];
	struct unpack u = unpack_of(str_sub(whole, CHALLENGE, MEANT));

	if (whole.n != WHOLE)
		return false;
	sign(as, str_sub(whole, 0, MEANT), bound, mac);
	return str_eq_secret(str_sub(whole, MEANT, WHOLE),
	                     str_from((const char *)mac, sizeof mac)) &&
	       (uint64_t)now_ms < unpack_be64(&u);
}

bool attempt_take(struct attempts *as, struct str bound, struct str text, int64_t now_ms,
                  struct arena *a, struct str *challenge)
{
	struct buf b;
	bool ok;

	buf_init(&b, WHOLE);
	ok = base64url_parse(text, &b) && buf_ok(&b) && genuine(as, bound, buf_str(&b), now_ms);
	if (ok)
		*challenge = str_dup(a, str_sub(buf_str(&b), 0, CHALLENGE));
	buf_deinit(&b);
	return ok && seen_add(as->taken, *challenge);
}
