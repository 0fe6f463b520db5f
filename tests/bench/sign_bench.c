/* tests/bench/sign_bench.c: what a signature costs. CPU time of this thread, so that a busy
 * machine does not count. Prints microseconds for a message of 10 KiB. */
#include "formats/mailauth/body_hashes.h"
#include "formats/mailauth/dkim.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"

#include <stdio.h>
#include <time.h>

enum { BODY = 10 << 10, TURNS = 300, KEYS = 10 };

static double cpu_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static const char header[] = "Received: from x by y\r\n"
			     "From: Ada <ada@example.org>\r\n"
			     "To: Friend <friend@example.net>\r\n"
			     "Subject: A subject of usual length, as people write them\r\n"
			     "Date: Fri, 02 Jan 2026 10:00:00 +0000\r\n"
			     "Message-ID: <12345678@example.org>\r\n"
			     "MIME-Version: 1.0\r\n"
			     "Content-Type: text/plain; charset=utf-8\r\n";

/* As flow/delivery/sign.c does it for each message: the key's text is read anew. */
static double sign(enum dkim_algorithm algorithm, struct str pem, const uint8_t *seed,
                   const uint8_t *body)
{
	const struct str block = str_of(header);
	double begun = cpu_us();

	for (int i = 0; i < TURNS; i++) {
		struct dkim_signer s = { .algorithm = algorithm,
			                 .domain = STR("example.org"),
			                 .selector = STR("r202611"),
			                 .seed = seed };
		struct dkim_fields fields;
		struct arena a = { 0 };
		struct key *k = NULL;
		struct buf out;

		buf_init(&out, DKIM_SIGNATURE_MAX);
		dkim_fields_read(&fields, &block, 1, &a);
		if (algorithm == DKIM_RSA_SHA256 && key_read_pem(pem, &k, NULL) == OK)
			s.rsa = k;
		assert(dkim_sign(&out, &s, &fields, body, 1700000000));
		key_free(k);
		buf_deinit(&out);
		arena_deinit(&a);
	}
	return (cpu_us() - begun) / TURNS;
}

int main(void)
{
	char text[BODY];
	uint8_t digest[HASH_BYTES], seed[ED25519_SEED];
	struct arena a = { 0 };
	struct key *k;
	double begun;
	struct str pem;

	crypto_init();
	for (size_t i = 0; i < sizeof text; i++)
		text[i] = i % 78 == 76 ? '\r' : i % 78 == 77 ? '\n' : i % 6 == 5 ? ' ' : 'a';
	begun = cpu_us();
	for (int i = 0; i < KEYS; i++)
		key_free(key_new_rsa2048());
	printf("new RSA-2048 key %.0f\n", (cpu_us() - begun) / KEYS);
	begun = cpu_us();
	for (int i = 0; i < TURNS; i++)
		body_hash_whole(CANON_RELAXED, str_from(text, sizeof text), digest);
	printf("body, once for both %.1f\n", (cpu_us() - begun) / TURNS);
	k = key_new_rsa2048();
	pem = key_write_pem(k, &a);
	key_free(k);
	ed25519_new(seed);
	printf("rsa-sha256 %.1f\n", sign(DKIM_RSA_SHA256, pem, NULL, digest));
	printf("ed25519-sha256 %.1f\n", sign(DKIM_ED25519_SHA256, STR_EMPTY, seed, digest));
	arena_deinit(&a);
	return 0;
}
