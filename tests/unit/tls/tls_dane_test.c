/* What a client makes of a server's certificates by TLSA records: chains made by openssl. */
#include "harness/check.h"
#include "harness/openssl.h"
#include "harness/tls_pair.h"


#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/hash.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/tlsa.h"
#include "foundation/crypto/x509.h"
#include "network/tls/dane.h"
#include "network/tls/words.h"

#include <stdio.h>
#include <string.h>

/* A root, an authority below it, and a leaf for mx.example.org that expires first. */
static const char *const setup[] = {
	"req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 60 -subj /CN=Root "
	"-addext basicConstraints=critical,CA:TRUE -keyout root.key -out root.pem; echo ok",
	"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=Middle -keyout ca.key "
	"-out ca.csr; printf 'basicConstraints=critical,CA:TRUE\nkeyUsage=keyCertSign' >ca.ext; "
	"openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key -CAcreateserial -days 60 "
	"-extfile ca.ext -out ca.pem; echo ok",
	"req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=leaf -keyout leaf.key "
	"-out leaf.csr; printf 'subjectAltName=DNS:mx.example.org' >leaf.ext; openssl x509 -req "
	"-in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile leaf.ext "
	"-out leaf.pem; cat leaf.pem ca.pem root.pem >all.chain; cat leaf.pem ca.pem >part.chain; "
	"echo ok",
};

static struct arena files;
static bool ready;

static struct str file(const char *name)
{
	return openssl(&files, str_z(&files, str_fmt(&files, "version >/dev/null; cat %s", name)));
}

static int make_all(void **state)
{
	(void)state;
	crypto_init();
	ready = openssl_there();
	for (size_t i = 0; ready && i < COUNT(setup); i++)
		if (openssl(&files, setup[i]).n == 0)
			return -1;
	return 0;
}

static int drop_all(void **state)
{
	(void)state;
	arena_deinit(&files);
	return 0;
}

/* The record of a type that means the certificate in a file. */
static struct tlsa record(const char *type, const char *pem)
{
	struct tlsa t = { (uint8_t)(type[0] - '0'), (uint8_t)(type[1] - '0'),
		          (uint8_t)(type[2] - '0'), STR_EMPTY };
	uint8_t *hash = arena_alloc(&files, HASH_SHA512_BYTES);
	struct pem *blocks;
	struct x509 x;
	size_t count;

	assert_true(pem_read(file(pem), &files, &blocks, &count));
	assert_true(x509_read(blocks[0].der, &files, &x));
	t.data = t.selector == TLSA_SPKI ? x.spki : x.der;
	if (t.matching == TLSA_SHA256) {
		hash_sha256(t.data, hash);
		t.data = str_from((char *)hash, HASH_BYTES);
	} else if (t.matching == TLSA_SHA512) {
		hash_sha512(t.data, hash);
		t.data = str_from((char *)hash, HASH_SHA512_BYTES);
	}
	return t;
}

struct result {
	bool open, matched;
	char why[WHY_MAX];
};

static struct result try_set(const char *chain, const struct tlsa_set *set, enum tls_verify verify)
{
	struct certs *certs = certs_new();
	struct tls_server *server = tls_server_open(certs, 0);
	struct tls_client_config config = { .verify = verify, .dane = set };
	struct result r = { 0 };
	struct tls_pair p;

	assert_int_equal(certs_set(certs, file(chain), file("leaf.key"), NULL), OK);
	p = tls_pair_new(server, &config, "mx.example.org");
	tls_pair_pump(&p, 700);
	r.open = tls_state(p.client) == TLS_OPEN && tls_state(p.server) == TLS_OPEN;
	r.matched = tls_peer_matched(p.client);
	snprintf(r.why, sizeof r.why, "%s", tls_why(p.client));
	tls_pair_free(&p);
	tls_server_close(server);
	certs_free(certs);
	return r;
}

#define NAME "for another name"
#define TLSA "matches no TLSA record"
#define OLD "expired"
#define OPEN ""

static void test_records(void **state)
{
	static const struct {
		const char *chain, *type, *means, *name;
		int64_t days;
		const char *why;
	} rows[] = {
		{ "all.chain", "311", "leaf.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "301", "leaf.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "302", "leaf.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "300", "leaf.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "310", "leaf.pem", "mx.example.org", 0, OPEN },
		/* RFC 7672 3.1.1: neither names nor dates count */
		{ "all.chain", "311", "leaf.pem", "other.example", 0, OPEN },
		{ "all.chain", "311", "leaf.pem", "mx.example.org", 40, OPEN },
		{ "all.chain", "311", "leaf.pem", "mx.example.org", -9, OPEN },
		{ "all.chain", "311", "ca.pem", "mx.example.org", 0, TLSA },
		{ "all.chain", "301", "root.pem", "mx.example.org", 0, TLSA },
		/* RFC 7672 3.1.2 */
		{ "all.chain", "201", "root.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "211", "ca.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "212", "root.pem", "mx.example.org", 0, OPEN },
		{ "part.chain", "201", "ca.pem", "mx.example.org", 0, OPEN },
		{ "part.chain", "201", "root.pem", "mx.example.org", 0, TLSA },
		{ "part.chain", "200", "root.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "201", "root.pem", "other.example", 0, NAME },
		{ "all.chain", "201", "root.pem", "example.org", 0, NAME },
		{ "all.chain", "201", "root.pem", "mx.example.org", 40, OLD },
		{ "all.chain", "201", "root.pem", "mx.example.org", -9, OLD },
		{ "all.chain", "201", "leaf.pem", "mx.example.org", 0, OPEN },
		{ "all.chain", "201", "leaf.pem", "other.example", 0, NAME },
		/* others mean nothing */
		{ "all.chain", "011", "root.pem", "mx.example.org", 0, TLSA },
		{ "all.chain", "111", "leaf.pem", "mx.example.org", 0, TLSA },
		{ "all.chain", "321", "leaf.pem", "mx.example.org", 0, TLSA },
		{ "all.chain", "313", "leaf.pem", "mx.example.org", 0, TLSA },
	};

	(void)state;
	if (!ready)
		skip();
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tlsa t = record(rows[i].type, rows[i].means);
		struct tlsa_set set = { &t, 1, { str_of(rows[i].name) }, 1 };
		bool good = *rows[i].why == '\0';
		struct result strict, loose;

		clock_shift_real(rows[i].days * 86400000);
		strict = try_set(rows[i].chain, &set, TLS_VERIFY_DANE);
		loose = try_set(rows[i].chain, &set, TLS_VERIFY_NONE);
		clock_shift_real(-rows[i].days * 86400000);
		if (strict.open != good || str_find(str_of(strict.why), str_of(rows[i].why)) < 0)
			fail_msg("row %zu: open %d, \"%s\"", i, strict.open, strict.why);
		check_at(i, strict.matched == good && loose.open && loose.matched == good);
	}
}

/* Any of several records, any of several names; and whichever bit of a digest is another: none. */
static void test_sets(void **state)
{
	struct tlsa t[3];
	struct tlsa_set set = { t, 3, { STR("other.example"), STR("mx.example.org") }, 2 };
	char wrong[HASH_BYTES];

	(void)state;
	if (!ready)
		skip();
	t[0] = record("311", "ca.pem");
	t[1] = record("301", "root.pem");
	t[2] = record("201", "root.pem");
	assert_true(try_set("all.chain", &set, TLS_VERIFY_DANE).open);
	set.name_count = 1;
	assert_false(try_set("all.chain", &set, TLS_VERIFY_DANE).open);
	t[0] = record("311", "leaf.pem");
	assert_true(try_set("all.chain", &set, TLS_VERIFY_DANE).open);
	set.count = 1;
	for (size_t bit = 0; bit < 8 * sizeof wrong; bit += 5) {
		struct tlsa right = record("311", "leaf.pem");

		memcpy(wrong, right.data.p, sizeof wrong);
		wrong[bit / 8] = (char)(wrong[bit / 8] ^ 1 << bit % 8);
		t[0].data = str_from(wrong, sizeof wrong);
		check_at(bit, !try_set("all.chain", &set, TLS_VERIFY_DANE).open);
	}
}

/* Past LIMIT_tls_dane_certificates and LIMIT_tls_dane_bytes nothing more counts. */
static void test_limits(void **state)
{
	static char junk[LIMIT_tls_dane_bytes + 1];
	struct tlsa t;
	struct tlsa_set set = { &t, 1, { STR("mx.example.org") }, 1 };
	struct pem *blocks;
	size_t count;

	(void)state;
	if (!ready)
		skip();
	t = record("201", "root.pem");
	assert_true(pem_read(file("root.pem"), &files, &blocks, &count));
	for (size_t before = 9; before <= 10; before++) {
		struct tls_dane *d = tls_dane_new(&set);

		for (size_t i = 0; i < before; i++) {
			tls_dane_append(d, STR("no certificate"));
			tls_dane_end(d);
		}
		tls_dane_append(d, blocks[0].der);
		tls_dane_end(d);
		/* found, though no way leads to it; or not even found */
		check_at(before, (tls_dane_verdict(d) == TLS_ERROR_TLSA) == (before == 10));
		tls_dane_free(d);
	}
	t = record("301", "leaf.pem");
	assert_true(pem_read(file("leaf.pem"), &files, &blocks, &count));
	for (size_t over = 0; over <= 1; over++) {
		struct tls_dane *d = tls_dane_new(&set);

		tls_dane_append(d, blocks[0].der);
		tls_dane_end(d);
		tls_dane_append(d, str_from(junk, sizeof junk - 1 - blocks[0].der.n + over));
		tls_dane_end(d);
		check_at(over, tls_dane_verdict(d) == 0);
		tls_dane_free(d);
		d = tls_dane_new(&set);
		tls_dane_append(d, str_from(junk, sizeof junk));
		tls_dane_append(d, blocks[0].der);
		tls_dane_end(d);
		check_at(over, tls_dane_verdict(d) == TLS_ERROR_TLSA);
		tls_dane_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, make_all, drop_all);
}
