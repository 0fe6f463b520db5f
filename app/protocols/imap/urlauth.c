/* protocols/imap/urlauth.c: see urlauth.h. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/hash.h"
#include "model/directory/directory.h"
#include "model/store/store.h"
#include "protocols/imap/urlauth.h"

#define ALGORITHM "01"

enum { TOKEN_BYTES = sizeof(ALGORITHM) - 1 + 2 * HASH_BYTES };

struct str urlauth_token(struct arena *a, const uint8_t key[URL_KEY_BYTES], struct str rump)
{
	uint8_t mac[HASH_BYTES];
	struct buf b;
	struct str token;

	hash_hmac_sha256(str_from((const char *)key, URL_KEY_BYTES), rump, mac);
	buf_init(&b, TOKEN_BYTES + 1);
	buf_put(&b, STR(ALGORITHM));
	for (size_t i = 0; i < HASH_BYTES; i++)
		buf_fmt(&b, "%02x", mac[i]);
	token = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return token;
}

enum err urlauth_user(struct txn *t, struct str user, struct str host, struct account *out)
{
	struct arena *a = txn_arena(t);

	if (str_find_byte(user, '@') < 0)
		user = str_fmt(a, "%.*s@%.*s", STR_ARG(user), STR_ARG(host));
	return account_find(t, user, a, out);
}
