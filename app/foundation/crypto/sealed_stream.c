/* foundation/crypto/sealed_stream.c: see sealed_stream.h. */
#include "foundation/crypto/sealed_stream.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"

#include <sodium.h>
#include <string.h>

enum { MAGIC = 16, SALT_AT = MAGIC + 4 + 4, STREAM_AT = SALT_AT + crypto_pwhash_SALTBYTES };
/* For a new stream, and the maximum for reading one. */
enum { PASSES = 4, MEMORY_KIB = 64 << 10, PASSES_MAX = 20, MEMORY_KIB_MAX = 1 << 20 };

static const struct str magic = { "roost sealed 1\n", MAGIC };

static_assert((int)SEALED_HEADER ==
                      (int)STREAM_AT + (int)crypto_secretstream_xchacha20poly1305_HEADERBYTES,
              "the header has its parts and no more");
static_assert((int)SEALED_OVER == (int)crypto_secretstream_xchacha20poly1305_ABYTES,
              "a chunk grows by its tag");

struct sealed_stream {
	crypto_secretstream_xchacha20poly1305_state state;
	uint8_t header[SEALED_HEADER];
};

bool sealed_stream_is(struct str begin)
{
	return str_starts(begin, magic);
}

static enum err sealed_stream_key_make(struct str passphrase, const uint8_t *salt, uint32_t passes,
                         uint32_t memory_kib,
                         uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES],
                         struct why *why)
{
	if (crypto_pwhash(key, crypto_secretstream_xchacha20poly1305_KEYBYTES, passphrase.p,
	                  passphrase.n, salt, passes, (size_t)memory_kib * 1024,
	                  crypto_pwhash_ALG_ARGON2ID13) != 0)
		return fail(why, ERR_LIMIT, "no memory for the key: %" PRIu32 " KiB are needed",
		            memory_kib);
	return OK;
}

enum err sealed_stream_new(struct str passphrase, uint8_t header[static SEALED_HEADER],
                           struct sealed_stream **out, struct why *why)
{
	uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
	struct sealed_stream *s;
	struct buf b;
	enum err e;

	*out = NULL;
	if (passphrase.n < SEALED_PASSPHRASE_MIN)
		return fail(why, ERR_SYNTAX, "a passphrase has at least %d bytes",
		            SEALED_PASSPHRASE_MIN);
	buf_init_in(&b, (char *)header, SALT_AT);
	buf_put(&b, magic);
	pack_be32(&b, PASSES);
	pack_be32(&b, MEMORY_KIB);
	randombytes_buf(header + SALT_AT, crypto_pwhash_SALTBYTES);
	e = sealed_stream_key_make(passphrase, header + SALT_AT, PASSES, MEMORY_KIB, key, why);
	if (e != OK)
		return e;
	s = NEW(struct sealed_stream);
	crypto_secretstream_xchacha20poly1305_init_push(&s->state, header + STREAM_AT, key);
	memcpy(s->header, header, SEALED_HEADER);
	mem_wipe(key, sizeof key);
	*out = s;
	return OK;
}

enum err sealed_stream_open(struct str passphrase, const uint8_t header[static SEALED_HEADER],
                            struct sealed_stream **out, struct why *why)
{
	struct unpack u = unpack_of(str_from((const char *)header + MAGIC, 8));
	uint32_t passes = unpack_be32(&u), memory_kib = unpack_be32(&u);
	uint8_t key[crypto_secretstream_xchacha20poly1305_KEYBYTES];
	struct sealed_stream *s;
	enum err e;

	*out = NULL;
	if (!sealed_stream_is(str_from((const char *)header, SEALED_HEADER)) ||
	    passes < crypto_pwhash_OPSLIMIT_MIN || passes > PASSES_MAX || memory_kib < 8 ||
	    memory_kib > MEMORY_KIB_MAX)
		return fail(why, ERR_CORRUPT, "its header is damaged");
	e = sealed_stream_key_make(passphrase, header + SALT_AT, passes, memory_kib, key, why);
	if (e != OK)
		return e;
	s = NEW(struct sealed_stream);
	memcpy(s->header, header, SEALED_HEADER);
	if (crypto_secretstream_xchacha20poly1305_init_pull(&s->state, header + STREAM_AT, key) !=
	    0) {
		sealed_stream_free(&s);
		e = fail(why, ERR_CORRUPT, "its header is damaged");
	}
	mem_wipe(key, sizeof key);
	*out = s;
	return e;
}

void sealed_stream_free(struct sealed_stream **s)
{
	if (*s == NULL)
		return;
	mem_wipe(*s, sizeof **s);
	mem_clear(s);
}

void sealed_stream_put(struct sealed_stream *s, const uint8_t *plain, size_t n, bool last,
                       uint8_t *out)
{
	unsigned char tag = last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
	                         : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;

	assert(n <= SEALED_CHUNK);
	crypto_secretstream_xchacha20poly1305_push(&s->state, out, NULL, plain, n, s->header,
	                                           sizeof s->header, tag);
}

bool sealed_stream_take(struct sealed_stream *s, const uint8_t *sealed, size_t n, uint8_t *out,
                        bool *last)
{
	unsigned char tag = 0;

	if (n < SEALED_OVER ||
	    crypto_secretstream_xchacha20poly1305_pull(&s->state, out, NULL, &tag, sealed, n,
	                                               s->header, sizeof s->header) != 0)
		return false;
	*last = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
	return true;
}
