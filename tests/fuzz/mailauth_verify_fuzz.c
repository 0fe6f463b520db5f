/* Signatures of others and their keys. The first byte says how the body is cut into pieces; what
 * follows is a message, and its first line a key's record:
 *
 *	a key that was read has as many bytes as it says
 *	the names in a signature are names
 *	the pieces do not matter to what comes of it
 *	nothing is asked twice, and no more than the signatures that are looked at */
#include "formats/mailauth/dkim_verify.h"
#include "formats/message/header.h"
#include "foundation/base/arena.h"
#include "network/dns/dns.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { NOW = 1600000000 };

static void record(struct str in)
{
	struct dkim_public key;
	struct why why;

	for (enum dkim_algorithm a = DKIM_RSA_SHA256; a <= DKIM_ED25519_SHA256; a++)
		if (dkim_public_parse(in, a, &key, &why))
			assert(key.first_n + key.second_n <= sizeof key.bytes &&
			       key.bits <= 8 * key.first_n && key.bits + 8 > 8 * key.first_n);
}

static void signature(struct str in, struct arena *a)
{
	struct dkim_signature s;
	struct why why;

	for (enum dkim_field kind = DKIM_SIGNATURE; kind < DKIM_FIELD_KINDS; kind++) {
		if (!dkim_signature_parse(kind, in, a, &s, &why))
			continue;
		assert(s.domain.n != 0 && s.selector.n != 0 && s.signature.n != 0);
		assert(str_find_byte(s.domain, '.') > 0 && s.domain.n < 256);
		assert(kind != DKIM_SIGNATURE || str_find_byte(s.identity, '@') >= 0);
		assert((kind == DKIM_SIGNATURE) == (s.instance == 0));
	}
}

static void verify(struct str in, const struct dns_fake_row *rows, size_t piece, struct arena *a,
                   struct dkim_verifier *v)
{
	struct body_hashes *bodies = arena_new(a, struct body_hashes);
	size_t header = header_size(in);
	struct dns *dns = dns_fake_new(rows, false);
	struct dkim_fields fields;

	dkim_fields_read(&fields, &in, 1, a);
	body_hashes_init(bodies);
	dkim_verify_begin(v, &fields, bodies, NOW, a);
	for (size_t at = header; at < in.n; at += piece)
		body_hashes_put(bodies, str_sub(in, at, at + piece));
	body_hashes_end(bodies);
	assert(v->question_count <= v->count && v->count <= DKIM_SIGNATURES_MAX);
	for (size_t i = 0; i < v->question_count; i++)
		dkim_question_ask(&v->questions[i], dns, 0);
	dkim_verify_end(v);
	dns_free(&dns);
}

static void message(struct str in, struct str key, size_t piece, struct arena *a)
{
	const struct dns_fake_row rows[] = { { "s._domainkey.a.example", "TXT", str_z(a, key) },
		                             { NULL, NULL, NULL } };
	struct dkim_verifier one, two;

	verify(in, rows, SIZE_MAX / 2, a, &one);
	verify(in, rows, piece, a, &two);
	assert(one.count == two.count && one.more == two.more);
	for (size_t i = 0; i < one.count; i++) {
		assert(one.checks[i].result == two.checks[i].result);
		assert((one.checks[i].result == DKIM_PASS) == (one.checks[i].why.text[0] == '\0'));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str in = str_from((const char *)data, n), line = STR_EMPTY;
	struct arena a = { 0 };
	struct cur c;

	if (n == 0)
		return 0;
	c = cur_of(str_sub(in, 1, in.n));
	(void)cur_line(&c, &line);
	record(line);
	signature(cur_rest(&c), &a);
	message(cur_rest(&c), line, data[0] % 16 + 1, &a);
	arena_deinit(&a);
	return 0;
}
