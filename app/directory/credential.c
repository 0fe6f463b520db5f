/* directory/credential.c: see credential.h. */
#include "directory/credential.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/cur.h"
#include "base/mem.h"
#include "directory/normal.h"
#include "text/base64.h"
#include "text/opaque.h"

#include <string.h>

static const struct {
	const char *name;
	enum scram_hash hash;
} hashes[] = { { "SCRAM-SHA-256", SCRAM_SHA_256 }, { "SCRAM-SHA-1", SCRAM_SHA_1 } };

enum { WORDS_MAX = 512 };

bool credential_prepare(struct str typed, struct arena *a, struct str *out)
{
	return opaque_dup(a, typed, PASSWORD_MAX, out);
}

/* scram = mech "$" iterations ":" salt "$" StoredKey ":" ServerKey		RFC 5803 3 */
static void word_put(struct buf *out, size_t i, struct str password, struct str name)
{
	enum scram_hash h = hashes[i].hash;
	uint8_t salt[SCRAM_SALT_BYTES], salted[SCRAM_BYTES_MAX];
	struct scram_keys keys;

	scram_salt(h, name, salt);
	scram_salted(h, password, str_from((const char *)salt, sizeof salt), SCRAM_ITERATIONS,
	             salted);
	scram_keys(h, salted, &keys);
	buf_fmt(out, "%s%s$%d:", i == 0 ? "" : " ", hashes[i].name, SCRAM_ITERATIONS);
	base64_put(out, str_from((const char *)salt, sizeof salt));
	buf_byte(out, '$');
	base64_put(out, str_from((const char *)keys.stored, scram_bytes(h)));
	buf_byte(out, ':');
	base64_put(out, str_from((const char *)keys.server, scram_bytes(h)));
	mem_wipe(salted, sizeof salted);
	mem_wipe(&keys, sizeof keys);
}

struct str credential_scram(struct str password, struct str address, struct arena *a)
{
	struct mailaddr parsed;
	struct str name, words;
	struct buf b;

	if (!normal_address(a, address, &parsed))
		return STR_EMPTY;
	parsed = normal_fold(a, parsed);
	name = mailaddr_text(a, &parsed);
	buf_init(&b, WORDS_MAX);
	for (size_t i = 0; i < COUNT(hashes); i++)
		word_put(&b, i, password, name);
	words = str_dup(a, buf_str(&b));
	buf_deinit(&b);
	return words;
}

enum err credential_make(struct str password, struct str address, struct arena *a, struct str *out,
                         struct why *why)
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
		words = credential_scram(prepared, address, &secret);
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

static bool word_parse(struct cur *c, enum scram_hash h, struct str name, struct scram_keys *out)
{
	uint8_t salt[SCRAM_SALT_BYTES], ours[SCRAM_SALT_BYTES];
	uint32_t iterations;

	scram_salt(h, name, ours);
	return cur_u32(c, &iterations) && iterations == SCRAM_ITERATIONS && cur_byte(c, ':') &&
	       bytes_parse(c, '$', salt, sizeof salt) && memcmp(salt, ours, sizeof salt) == 0 &&
	       cur_byte(c, '$') && bytes_parse(c, ':', out->stored, scram_bytes(h)) &&
	       cur_byte(c, ':') && bytes_parse(c, ' ', out->server, scram_bytes(h));
}

/* The first word of this kind; w is behind its "$". */
static bool word_find(struct str words, struct str kind, struct cur *w)
{
	struct cur c = cur_of(words);

	while (!cur_done(&c)) {
		struct str word, its;

		if (!cur_until(&c, ' ', &word)) {
			word = cur_rest(&c);
			cur_skip(&c, word.n);
		}
		(void)cur_byte(&c, ' ');
		*w = cur_of(word);
		if (cur_until(w, '$', &its) && cur_byte(w, '$') && str_eq(its, kind))
			return true;
	}
	return false;
}

bool credential_keys(struct str words, enum scram_hash h, struct str name, struct scram_keys *out)
{
	struct cur w;

	for (size_t i = 0; i < COUNT(hashes); i++)
		if (hashes[i].hash == h)
			return word_find(words, str_of(hashes[i].name), &w) &&
			       word_parse(&w, h, name, out);
	return false;
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
	struct cur w;

	return word_find(words, STR("CRAM-MD5"), &w) &&
	       bytes_parse(&w, ':', out->inner, CRAM_BYTES) && cur_byte(&w, ':') &&
	       bytes_parse(&w, ' ', out->outer, CRAM_BYTES);
}

bool credential_scram_whole(struct str words, struct str name)
{
	struct scram_keys keys;
	bool whole = true;

	for (size_t i = 0; i < COUNT(hashes); i++)
		whole = whole && credential_keys(words, hashes[i].hash, name, &keys);
	mem_wipe(&keys, sizeof keys);
	return whole;
}
