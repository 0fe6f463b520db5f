/* The samples of Mail::DKIM, of before SHA-1 and short keys were ended (RFC 8301), as they were
 * meant: a wrong canonicalization, choice of fields, key or RSA shows here, while what the server
 * says of nearly all of them is that it does not look at such (tests/e2e/test_dkim_verify.py). The
 * parts are those that it verifies with; SHA-1 is put to them here, so that nothing can switch it
 * on there. */
#include "harness/check.h"

#include "formats/mailauth/dkim_public.h"
#include "formats/mailauth/dkim_signature.h"
#include "formats/mailauth/tags.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 1 << 20 };

/* What is wrong with a signature, the first of these. */
enum flaw {
	NOTHING,
	OF_A_DRAFT, /* no bh=: the body is hashed with the header, as no RFC has it              */
	BAD_HASH,   /* bh= has not as many bytes as the hash                                     */
	NO_KEY,     /* nothing at that name                                                      */
	BAD_KEY,    /* a record that is none, of another type, revoked, or not for this use      */
	BODY,       /* changed                                                                   */
	HEADER,     /* changed, or another key                                                   */
};

/* Of each signature from the top: what Mail::DKIM says of it too, but where a key is bad to it for
 * its g=, which RFC 6376 has dropped (C.2), and of the draft, of which it takes none. */
static const struct {
	const char *name;
	enum flaw flaws[4];
	size_t count;
} samples[] = {
	{ "good_ietf00_1", { OF_A_DRAFT }, 1 },
	{ "good_ietf00_2", { OF_A_DRAFT }, 1 },
	{ "good_ietf00_3", { OF_A_DRAFT }, 1 },
	{ "good_ietf00_4", { OF_A_DRAFT }, 1 },
	{ "good_ietf00_5", { OF_A_DRAFT }, 1 },
	{ "good_ietf01_1", { NOTHING }, 1 },
	{ "good_ietf01_2", { NOTHING }, 1 },
	{ "multiple_1", { HEADER, NOTHING, BAD_HASH, HEADER }, 4 },
	{ "goodkey_1", { NOTHING }, 1 },
	{ "goodkey_2", { NOTHING }, 1 },
	{ "goodkey_3", { NOTHING }, 1 },
	{ "goodkey_4", { NOTHING }, 1 },
	{ "no_body_1", { NOTHING }, 1 },
	{ "no_body_2", { NOTHING }, 1 },
	{ "no_body_3", { NOTHING }, 1 },
	{ "badkey_1", { NO_KEY }, 1 },
	{ "badkey_2", { BAD_KEY }, 1 },
	{ "badkey_3", { BAD_KEY }, 1 },
	{ "badkey_4", { BAD_KEY }, 1 },
	{ "badkey_5", { BAD_KEY }, 1 },
	{ "badkey_6", { BAD_KEY }, 1 },
	{ "badkey_7", { BAD_KEY }, 1 },
	{ "badkey_8", { NOTHING }, 1 }, /* g= */
	{ "badkey_9", { NOTHING }, 1 }, /* g= */
	{ "badkey_10", { BAD_KEY }, 1 },
	{ "badkey_11", { BAD_KEY }, 1 },
	{ "badkey_12", { NOTHING }, 1 }, /* g= */
	{ "badkey_13", { NOTHING }, 1 }, /* g= */
	{ "badkey_14", { NO_KEY }, 1 },
	{ "badkey_15", { NO_KEY }, 1 },
};

/* --- files ----------------------------------------------------------------------------------- */

/* In a; false: it is not there. */
static bool file_read(struct arena *a, const char *name, struct str *out)
{
	const char *root = getenv("ROOST_SOURCE");
	char path[1024];
	FILE *file;
	char *bytes;

	snprintf(path, sizeof path, "%s/../shared/conformance/dkim/%s", root != NULL ? root : ".",
	         name);
	file = fopen(path, "rb");
	if (file == NULL)
		return false;
	bytes = arena_alloc(a, FILE_MAX);
	*out = str_from(bytes, fread(bytes, 1, FILE_MAX, file));
	fclose(file);
	return true;
}

/* A line of FAKE_DNS.dat: the name, a blank, and then another before what is a record. */
static bool record_find(struct str zone, struct str name, struct str *record)
{
	struct cur c = cur_of(zone);
	struct str line;

	while (cur_line(&c, &line)) {
		struct str rest = str_sub(line, name.n, line.n);

		if (str_starts(line, name) && str_starts(rest, STR("  "))) {
			*record = str_trim(rest);
			return true;
		}
	}
	return false;
}

/* --- one signature --------------------------------------------------------------------------- */

struct sample {
	struct arena *a;
	struct dkim_fields fields;
	struct str body, zone;
	struct dkim_signature s;
	bool sha1;
};

static void collect(void *to, struct str bytes)
{
	buf_put(to, bytes);
}

static bool is_dkim(const struct header_field *f)
{
	return str_eqi(f->name, STR("DKIM-Signature"));
}

/* All that is asked of it but its version and its algorithm. */
static void signature_read(struct sample *x, struct str field)
{
	struct why why = { "" };
	bool ok = dkim_signature_parse(DKIM_SIGNATURE, field, x->a, &x->s, &why);

	x->sha1 = str_eq(x->s.algorithm_text, STR("rsa-sha1"));
	assert_false(ok && x->sha1); /* RFC 8301 3.1 */
	assert_true(x->s.domain.n != 0 && x->s.selector.n != 0 && x->s.names.n != 0 &&
	            x->s.signature.n != 0);
}

/* A key for SHA-1 is for the hash that there is. */
static enum flaw key_read(const struct sample *x, struct dkim_public *key)
{
	struct str record, allowed = STR("h=md5:sha1;");
	struct why why;
	ptrdiff_t at;

	if (!record_find(x->zone, dkim_key_name(&x->s, x->a), &record))
		return NO_KEY;
	at = str_find(record, allowed);
	if (x->sha1 && at >= 0)
		record = str_fmt(x->a, "%.*sh=sha256;%.*s", (int)at, record.p,
		                 STR_ARG(str_sub(record, (size_t)at + allowed.n, record.n)));
	if (!dkim_public_parse(record, DKIM_RSA_SHA256, key, &why))
		return BAD_KEY;
	at = str_rfind_byte(x->s.identity, '@');
	return key->exact && !str_eq(str_sub(x->s.identity, (size_t)at + 1, x->s.identity.n),
	                             x->s.domain) ?
	               BAD_KEY :
	               NOTHING;
}

static size_t hash(const struct sample *x, struct str bytes, uint8_t out[static HASH_BYTES])
{
	if (x->sha1)
		hash_sha1(bytes, out);
	else
		hash_sha256(bytes, out);
	return x->sha1 ? HASH_SHA1_BYTES : HASH_BYTES;
}

static enum flaw body_check(const struct sample *x, struct str value)
{
	uint8_t digest[HASH_BYTES];
	char room[2 * HASH_BYTES];
	struct canon_body canon;
	struct buf body, bh;
	size_t n;

	buf_init(&body, FILE_MAX);
	canon_body_init(&canon, x->s.body, collect, &body);
	canon_body_put(&canon, x->body);
	canon_body_end(&canon);
	n = hash(x, buf_str(&body), digest);
	buf_deinit(&body);
	buf_init_in(&bh, room, sizeof room);
	if (!tags_base64(value, &bh) || bh.n != n)
		return BAD_HASH;
	return memcmp(bh.p, digest, n) == 0 ? NOTHING : BODY;
}

static enum flaw header_check(const struct sample *x, struct str field,
                              const struct dkim_public *key)
{
	struct str modulus = str_from((const char *)key->bytes, key->first_n);
	struct str exponent = str_from((const char *)key->bytes + key->first_n, key->second_n);
	struct buf header;
	bool ok;

	buf_init(&header, FILE_MAX);
	assert_true(dkim_header_put(&x->fields, x->s.header, field, collect, &header));
	ok = verify_rsa_hashed(x->sha1 ? VERIFY_SHA1 : VERIFY_SHA256, modulus, exponent,
	                       buf_str(&header), x->s.signature);
	buf_deinit(&header);
	return ok ? NOTHING : HEADER;
}

static enum flaw judge(struct sample *x, struct str field)
{
	struct dkim_public key;
	struct tags tags;
	const struct tag *bh;
	enum flaw flaw;

	signature_read(x, field);
	assert_true(tags_parse(str_sub(field, (size_t)str_find_byte(field, ':') + 1, field.n),
	                       &tags));
	bh = tags_find(&tags, STR("bh"));
	if (bh == NULL)
		return OF_A_DRAFT;
	flaw = key_read(x, &key);
	if (flaw == NOTHING)
		flaw = body_check(x, bh->value);
	return flaw == NOTHING ? header_check(x, field, &key) : flaw;
}

/* --- all ------------------------------------------------------------------------------------- */

static void sample_check(size_t row, struct str zone, struct str message, struct arena *a)
{
	size_t n = 0;
	struct sample x = { .a = a, .zone = zone };
	size_t header = header_size(message);

	dkim_fields_read(&x.fields, &message, 1, a);
	x.body = str_sub(message, header, message.n);
	for (size_t i = 0; i < x.fields.count; i++) {
		struct str field = dkim_field_text(&x.fields.items[i]);

		if (!is_dkim(&x.fields.items[i]))
			continue;
		check_at(row, n < samples[row].count && judge(&x, field) == samples[row].flaws[n]);
		n++;
	}
	check_at(row, n == samples[row].count);
}

static void test_samples(void **state)
{
	struct arena a = { 0 };
	struct str zone, message;

	(void)state;
	if (!file_read(&a, "FAKE_DNS.dat", &zone))
		print_message("the samples are not beside the project\n");
	else
		for (size_t i = 0; i < COUNT(samples); i++) {
			char name[64];

			snprintf(name, sizeof name, "%s.txt", samples[i].name);
			check_at(i, file_read(&a, name, &message));
			sample_check(i, zone, message, &a);
		}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
