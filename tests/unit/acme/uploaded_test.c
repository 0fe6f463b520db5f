/* Certificates that are brought: what is refused and in which words, and that the store and what
 * is shown say the same. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key.h"
#include "foundation/crypto/x509.h"
#include "model/store/store.h"
#include "network/tls/cert.h"
#include "operations/acme/uploaded.h"

#include <string.h>

static struct arena a;
static struct temp_store ts;

static int make(void **state)
{
	(void)state;
	arena_init(&a, true);
	temp_store_open(&ts, STORE_MEMORY);
	return 0;
}

static int drop(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	arena_deinit(&a);
	return 0;
}

static struct str pem_of(const char *host, struct str *key)
{
	struct str cert;

	assert_int_equal(cert_self_signed_make(str_of(host), &a, &cert, key, NULL), OK);
	return cert;
}

/* One whose only name is an address. */
static struct str nameless(struct str *key)
{
	struct key *k = key_new_p256();
	uint8_t digest[32] = { 0 };
	struct str pem = x509_challenge(k, (struct x509_alt){ true, STR("\x7f\0\0\1") }, digest,
	                                clock_real_ms(), &a);

	*key = key_write_pem(k, &a);
	key_free(k);
	return pem;
}

static void checks(void **state)
{
	static const int64_t day_ms = INT64_C(86400000);
	struct str key, other_key, ip_key, chain = pem_of("mx.example.org", &key),
					   other = pem_of("other.example.org", &other_key),
					   ip = nameless(&ip_key);
	const struct {
		struct str chain, key;
		int64_t later_days;
		enum err e;
		const char *words;
	} rows[] = {
		{ chain, key, 0, OK, "" },
		{ str_fmt(&a, "%.*s%.*s", STR_ARG(key), STR_ARG(chain)), key, 0, OK, "" },
		{ chain, other_key, 0, ERR_CONFLICT, "belongs to another certificate" },
		{ str_fmt(&a, "%.*s%.*s", STR_ARG(chain), STR_ARG(other)), key, 0, ERR_CONFLICT,
		  "certificate 2 of the chain did not issue certificate 1" },
		{ chain, key, 4000, ERR_SYNTAX, "certificate 1 of the chain ended on 20" },
		{ chain, key, -4000, ERR_SYNTAX, "certificate 1 of the chain begins on 20" },
		{ ip, ip_key, 0, ERR_SYNTAX, "carries no host name" },
		{ STR_EMPTY, key, 0, ERR_SYNTAX, "no certificate" },
		{ chain, chain, 0, ERR_SYNTAX, "no private key" },
		{ chain,
		  STR("-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n"
		      "-----END ENCRYPTED PRIVATE KEY-----\n"),
		  0, ERR_SYNTAX, "passphrase" },
		{ str_from(arena_alloc(&a, LIMIT_certificate_bytes + 1),
		           LIMIT_certificate_bytes + 1),
		  key, 0, ERR_LIMIT, "at most" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct own_cert own;
		struct why why = { "" };

		check_at(i, own_cert_make(rows[i].chain, rows[i].key,
		                          clock_real_ms() + rows[i].later_days * day_ms, &a, &own,
		                          &why) == rows[i].e);
		check_at(i, strstr(why.text, rows[i].words) != NULL);
		check_at(i, rows[i].e != OK || str_find(own.chain_pem, STR("PRIVATE")) < 0);
	}
}

static enum err add(struct txn *t, void *arg)
{
	return own_cert_add(t, arg);
}

static enum err rm(struct txn *t, void *arg)
{
	const struct str *id = arg;

	return own_cert_rm(t, *id);
}

static struct str bring_as(const char *host, bool held)
{
	struct own_cert own;
	struct str key, chain = pem_of(host, &key);

	assert_int_equal(own_cert_make(chain, key, clock_real_ms(), &a, &own, NULL), OK);
	own.held = held;
	assert_int_equal(store_write(ts.store, add, &own, NULL), OK);
	return own.id;
}

static struct str bring(const char *host)
{
	return bring_as(host, false);
}

static struct str shown(struct certs *s, const char *host)
{
	struct cert *c = certs_find(s, str_of(host));
	struct str der = STR_EMPTY;
	size_t n;

	if (c != NULL)
		der = str_dup(&a, cert_chain(c, &n)->der);
	cert_unref(c);
	return der;
}

static void what_the_store_has_is_shown(void **state)
{
	struct certs *certs = certs_new();
	struct str one = bring("one.example"), two = bring("two.example"), before;
	struct why why = { "" };

	(void)state;
	assert_true(!str_eq(one, two));
	assert_int_equal(own_certs_show(ts.store, certs), OK);
	before = shown(certs, "one.example");
	assert_true(before.n != 0 && !str_eq(before, shown(certs, "two.example")));
	check_str(bring("one.example"), one); /* its successor has its place */
	assert_int_equal(own_certs_show(ts.store, certs), OK);
	assert_true(!str_eq(before, shown(certs, "one.example")));
	assert_int_equal(store_write(ts.store, rm, &one, &why), OK);
	assert_int_equal(own_certs_show(ts.store, certs), OK);
	check_str(shown(certs, "one.example"), STR_EMPTY);
	assert_true(shown(certs, "two.example").n != 0);
	assert_int_equal(store_write(ts.store, rm, &one, &why), ERR_MISSING);
	certs_free(certs);
}

static bool all_know;

static bool told(void *arg, struct str spki, bool *known)
{
	assert_true(spki.n != 0);
	*known = all_know;
	return *(bool *)arg;
}

/* What is shown now; and is anything held back? */
static struct str released(struct certs *certs, bool tells, bool *waiting)
{
	const struct own_release r = { STR("one.example"), told, &tells };

	assert_int_equal(own_certs_release(ts.store, certs, &r, waiting), OK);
	assert_int_equal(own_certs_show(ts.store, certs), OK);
	return shown(certs, "one.example");
}

static void held_back_until_known(void **state)
{
	struct certs *certs = certs_new(), *anew = certs_new();
	struct str first, second, id;
	bool waiting;

	(void)state;
	all_know = false;
	bring_as("one.example", true); /* there is none that it could wait behind */
	first = released(certs, true, &waiting);
	assert_true(first.n != 0 && !waiting);
	bring_as("other.example", true); /* nobody's business */
	id = bring_as("one.example", true);
	check_str(released(certs, true, &waiting), first);
	assert_true(waiting && shown(certs, "other.example").n != 0);
	check_str(released(anew, true, &waiting), first); /* as after a restart */
	assert_true(waiting);
	all_know = true;
	second = released(certs, true, &waiting);
	assert_true(!waiting && second.n != 0 && !str_eq(second, first));

	/* Nobody is told any more; one that is not held takes the place of one that is. */
	all_know = false;
	bring_as("one.example", true);
	check_str(released(certs, true, &waiting), second);
	assert_true(!str_eq(released(certs, false, &waiting), second));
	bring_as("one.example", true);
	bring("one.example");
	first = released(certs, true, &waiting);
	assert_false(waiting);
	bring_as("one.example", true);
	assert_int_equal(store_write(ts.store, rm, &id, NULL), OK); /* both of them */
	check_str(released(certs, true, &waiting), STR_EMPTY);
	assert_false(waiting);
	certs_free(certs);
	certs_free(anew);
}

static void one_past_the_limit(void **state)
{
	struct own_cert own;
	struct str key, chain = pem_of("x.example", &key);
	struct why why = { "" };

	(void)state;
	assert_int_equal(own_cert_make(chain, key, clock_real_ms(), &a, &own, NULL), OK);
	for (int i = 0; i < LIMIT_certificates_own; i++) {
		own.id = str_fmt(&a, "own-%d", i);
		own.chain_pem = own.key_pem = STR("x");
		assert_int_equal(store_write(ts.store, add, &own, &why), OK);
	}
	assert_int_equal(store_write(ts.store, add, &own, &why), OK); /* in its own place */
	own.id = STR("own-more");
	assert_int_equal(store_write(ts.store, add, &own, &why), ERR_LIMIT);
	assert_non_null(strstr(why.text, "already"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)
	const struct CMUnitTest tests[] = {
		TEST(checks),
		TEST(what_the_store_has_is_shown),
		TEST(held_back_until_known),
		TEST(one_past_the_limit),
	};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
