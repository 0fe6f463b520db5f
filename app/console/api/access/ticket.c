/* console/api/access/ticket.c: see ticket.h. */
#include "console/api/access/ticket.h"

#include "foundation/base/pack.h"
#include "foundation/base/random.h"
#include "foundation/crypto/hash.h"
#include "foundation/text/base64url.h"

#include <string.h>

static struct str random_of(const struct ticket *t)
{
	return str_from((const char *)t->random, sizeof t->random);
}

struct ticket ticket_new(uint32_t account)
{
	struct ticket t = { .account = account };

	random_bytes(t.random, sizeof t.random);
	return t;
}

struct str ticket_text(const struct ticket *t, struct arena *a)
{
	struct str text;
	struct buf raw;

	buf_init(&raw, 4 + sizeof t->random);
	pack_be32(&raw, t->account);
	buf_put(&raw, random_of(t));
	text = base64url_of(a, buf_str(&raw));
	buf_deinit(&raw);
	return text;
}

bool ticket_parse(struct str text, struct ticket *out)
{
	struct unpack u;
	struct buf raw;
	struct str bits;
	bool ok;

	buf_init(&raw, 4 + sizeof out->random);
	ok = base64url_parse(text, &raw) && buf_ok(&raw) && raw.n == raw.max;
	if (ok) {
		u = unpack_of(buf_str(&raw));
		out->account = unpack_be32(&u);
		bits = cur_rest(&u.c);
		memcpy(out->random, bits.p, bits.n);
	}
	buf_deinit(&raw);
	return ok;
}

struct ticket_key ticket_key(const struct ticket *t)
{
	struct ticket_key key;
	struct buf account;

	buf_init(&account, 4);
	pack_be32(&account, t->account);
	memcpy(key.bytes, account.p, 4);
	buf_deinit(&account);
	hash_blake2b_256(random_of(t), (uint8_t *)key.bytes + 4);
	return key;
}

struct str ticket_key_str(const struct ticket_key *key)
{
	return str_from(key->bytes, sizeof key->bytes);
}

bool ticket_key_parse(struct str key, uint32_t *account)
{
	struct unpack u = unpack_of(key);

	*account = unpack_be32(&u);
	return key.n == TICKET_KEY_BYTES;
}

struct str ticket_companion(const struct ticket *t, struct arena *a)
{
	uint8_t hash[HASH_BYTES];

	hash_hmac_sha256(random_of(t), STR("companion"), hash);
	return base64url_of(a, str_from((const char *)hash, sizeof hash));
}
