/* model/directory/login/credential.c: see credential.h. */
#include "model/directory/login/credential.h"

#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "foundation/text/base64.h"
#include "foundation/text/opaque.h"
#include "model/directory/login/salt.h"
#include "model/directory/normal.h"

#include <string.h>

/* Those that only app passwords have are last. */
static const struct {
	const char *name;
	enum scram_hash hash;
} hashes[] = { { "SCRAM-SHA-256", SCRAM_SHA_256 }, { "SCRAM-SHA-1", SCRAM_SHA_1 } };

enum { OWN_HASHES = 1, WORDS_MAX = 1024 };

static size_t hashes_of(enum credential_kind kind)
{
	return kind == CREDENTIAL_OWN ? OWN_HASHES : COUNT(hashes);
}

static struct str salt_str(const uint8_t salt[SCRAM_SALT_BYTES])
{
	return str_from((const char *)salt, SCRAM_SALT_BYTES);
}

bool credential_prepare(struct str typed, struct arena *a, struct str *out)
{
	return opaque_dup(a, typed, PASSWORD_MAX, out);
}

/* scram = mech "$" iterations ":" salt "$" StoredKey ":" ServerKey		RFC 5803 3 */
static void word_put(struct buf *out, size_t i, const uint8_t *salt, const struct scram_keys *keys)
{
	size_t n = scram_bytes(hashes[i].hash);

	buf_fmt(out, "%s%s$%d:", out->n == 0 ? "" : " ", hashes[i].name, SCRAM_ITERATIONS);
	base64_put(out, salt_str(salt));
	buf_byte(out, '$');
	base64_put(out, str_from((const char *)keys->stored, n));
	buf_byte(out, ':');
	base64_put(out, str_from((const char *)keys->server, n));
}

static void word_make(struct buf *out, size_t i, const uint8_t *key, struct str password,
                      struct str name)
{
	enum scram_hash h = hashes[i].hash;
	uint8_t salt[SCRAM_SALT_BYTES], salted[SCRAM_BYTES_MAX];
	struct scram_keys keys;

	scram_salt(key, h, name, salt);
	scram_salted(h, password, salt_str(salt), SCRAM_ITERATIONS, salted);
	scram_keys(h, salted, &keys);
	word_put(out, i, salt, &keys);
	mem_wipe(salted, sizeof salted);
	mem_wipe(&keys, sizeof keys);
}

struct str credential_scram(const struct salts *salts, enum credential_kind kind,
                            struct str password, struct str address, struct arena *a)
{
	struct mailaddr parsed;
	struct str name, words;
	struct buf b;

	if (!normal_address(a, address, &parsed))
		return STR_EMPTY;
	parsed = normal_fold(a, parsed);
	name = mailaddr_text(a, &parsed);
	buf_init(&b, WORDS_MAX);
	for (size_t i = 0; i < hashes_of(kind); i++) {
		word_make(&b, i, salts->key, password, name);
		if (salts->old)
			word_make(&b, i, NULL, password, name);
	}
	words = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return words;
}

enum err credential_make(const struct salts *salts, struct str password, struct str address,
                         struct arena *a, struct str *out, struct why *why)
{
	struct arena secret;
	struct str prepared, hash, words;
	enum err e;

	if (password.n > PASSWORD_MAX)
		return fail(why, ERR_LIMIT, "a password has at most %d bytes", PASSWORD_MAX);
	arena_init(&secret, true);
	if (credential_prepare(password, &secret, &prepared))
		e = password_hash(prepared, password_usual(), &secret, &hash, why);
	else
		e = fail(why, ERR_SYNTAX,
		         "a password is of letters, digits, spaces and signs that can be seen");
	if (e == OK) {
		words = credential_scram(salts, CREDENTIAL_OWN, prepared, address, &secret);
		*out = str_fmt(a, "%.*s%s%.*s", STR_ARG(hash), words.n != 0 ? " " : "",
		               STR_ARG(words));
	}
	arena_deinit(&secret);
	return e;
}

/* Exactly n bytes of base64, up to stop or the end. */
static bool bytes_parse(struct cur *c, char stop, uint8_t *out, size_t n)
{
	struct str base64;
	struct buf b;
	bool good;

	if (!cur_until(c, stop, &base64)) {
		base64 = cur_rest(c);
		cur_skip(c, base64.n);
	}
	buf_init(&b, SCRAM_BYTES_MAX);
	good = base64_parse(base64, &b) && buf_ok(&b) && b.n == n;
	if (good)
		memcpy(out, b.p, n);
	buf_deinit(&b);
	return good;
}

static bool word_parse(struct cur *c, enum scram_hash h, struct str salt, struct scram_keys *out)
{
	uint8_t its[SCRAM_SALT_BYTES];
	uint32_t iterations;

	return cur_u32(c, &iterations) && iterations == SCRAM_ITERATIONS && cur_byte(c, ':') &&
	       bytes_parse(c, '$', its, sizeof its) && str_eq(salt, salt_str(its)) &&
	       cur_byte(c, '$') && bytes_parse(c, ':', out->stored, scram_bytes(h)) &&
	       cur_byte(c, ':') && bytes_parse(c, ' ', out->server, scram_bytes(h));
}

/* The next word of this kind; w is behind its "$". */
static bool credential_word_next(struct cur *c, struct str kind, struct cur *w)
{
	while (!cur_done(c)) {
		struct str word, its;

		if (!cur_until(c, ' ', &word)) {
			word = cur_rest(c);
			cur_skip(c, word.n);
		}
		(void)cur_byte(c, ' ');
		*w = cur_of(word);
		if (cur_until(w, '$', &its) && cur_byte(w, '$') && str_eq(its, kind))
			return true;
	}
	return false;
}

bool credential_keys(struct str words, enum scram_hash h, struct str salt, struct scram_keys *out)
{
	struct cur c, w;

	for (size_t i = 0; i < COUNT(hashes); i++)
		if (hashes[i].hash == h)
			for (c = cur_of(words);
			     credential_word_next(&c, str_of(hashes[i].name), &w);)
				if (word_parse(&w, h, salt, out))
					return true;
	return false;
}

bool credential_whole(struct str words, enum credential_kind kind, const uint8_t *key,
                      struct str name)
{
	uint8_t salt[SCRAM_SALT_BYTES];
	struct scram_keys keys;
	bool whole = true;

	for (size_t i = 0; i < hashes_of(kind); i++) {
		scram_salt(key, hashes[i].hash, name, salt);
		whole = whole && credential_keys(words, hashes[i].hash, salt_str(salt), &keys);
	}
	mem_wipe(&keys, sizeof keys);
	return whole;
}

/* Word i of words for the salts under key, if it is there. */
static void word_copy(struct buf *out, size_t i, const uint8_t *key, struct str words,
                      struct str name)
{
	uint8_t salt[SCRAM_SALT_BYTES];
	struct scram_keys keys;

	scram_salt(key, hashes[i].hash, name, salt);
	if (credential_keys(words, hashes[i].hash, salt_str(salt), &keys))
		word_put(out, i, salt, &keys);
	mem_wipe(&keys, sizeof keys);
}

struct str credential_kept(struct str words, enum credential_kind kind, const struct salts *salts,
                           struct str name, struct arena *a)
{
	struct cram_keys cram;
	struct str kept;
	struct buf b;

	buf_init(&b, WORDS_MAX);
	for (size_t i = 0; i < hashes_of(kind); i++) {
		word_copy(&b, i, salts->key, words, name);
		if (salts->old)
			word_copy(&b, i, NULL, words, name);
	}
	kept = str_dup(a, buf_str(&b));
	if (credential_cram(words, &cram))
		kept = credential_cram_add(kept, &cram, a);
	mem_wipe(&cram, sizeof cram);
	buf_deinit(&b);
	return kept;
}

struct str credential_cram_add(struct str words, const struct cram_keys *keys, struct arena *a)
{
	struct str all;
	struct buf b;

	buf_init(&b, words.n + WORDS_MAX);
	buf_put(&b, words);
	buf_put(&b, words.n != 0 ? STR(" CRAM-MD5$") : STR("CRAM-MD5$"));
	base64_put(&b, str_from((const char *)keys->inner, CRAM_BYTES));
	buf_byte(&b, ':');
	base64_put(&b, str_from((const char *)keys->outer, CRAM_BYTES));
	all = str_dup(a, buf_str(&b));
	mem_wipe(b.p, b.cap);
	buf_deinit(&b);
	return all;
}

bool credential_cram(struct str words, struct cram_keys *out)
{
	struct cur c = cur_of(words), w;

	return credential_word_next(&c, STR("CRAM-MD5"), &w) &&
	       bytes_parse(&w, ':', out->inner, CRAM_BYTES) && cur_byte(&w, ':') &&
	       bytes_parse(&w, ' ', out->outer, CRAM_BYTES);
}
