/* model/directory/login/secret.c: see secret.h. */
#include "model/directory/login/secret.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "foundation/crypto/hash.h"

static_assert((int)SECRET_HASH == (int)HASH_BYTES, "the hash is stored as it is");

static struct str secret_text(struct arena *a, const char *s)
{
	return str_fmt(a, "%.4s-%.4s-%.4s-%.4s", s, s + 4, s + 8, s + 12);
}

struct str secret_new(struct arena *a)
{
	return secret_text(a, random_name(a, SECRET_CHARS).p);
}

/* The secret without its separators; false when it is none. */
static bool secret_plain(struct str typed, char out[static SECRET_CHARS])
{
	size_t n = 0;

	for (size_t i = 0; i < typed.n; i++) {
		char c = ascii_lower(typed.p[i]);

		if (c == '-' || c == ' ')
			continue;
		if (n == SECRET_CHARS || !(ascii_alpha(c) || (c >= '2' && c <= '7')))
			return false;
		out[n++] = c;
	}
	return n == SECRET_CHARS;
}

struct str secret_shown(struct arena *a, struct str typed)
{
	char secret[SECRET_CHARS] = { 0 };
	struct str out = secret_plain(typed, secret) ? secret_text(a, secret) : STR_EMPTY;

	mem_wipe(secret, sizeof secret);
	return out;
}

struct str secret_hash(struct arena *a, struct str typed)
{
	char secret[SECRET_CHARS] = { 0 };
	uint8_t hash[HASH_BYTES];
	struct str out = STR_EMPTY;

	if (secret_plain(typed, secret)) {
		hash_blake2b_256(str_from(secret, sizeof secret), hash);
		out = str_dup(a, str_from((const char *)hash, sizeof hash));
	}
	mem_wipe(secret, sizeof secret);
	return out;
}
