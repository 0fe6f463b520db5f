/* Where trust begins: the root's keys themselves beside the digests of them that are built in, and
 * what an operator's rules put in their place. */
#include "unit/dnssec/fixture.h"

#include "foundation/crypto/crypto.h"

/* DNSKEY records of the root, as IANA publishes them (root-anchors.xml): data in hexadecimal. */
static const char key_of_2017[] =
	"0101030803010001acffb409bcc939f831f7a1e5ec88f7a59255ec53040be432027390a4ce896d6f"
	"9086f3c5e177fbfe118163aaec7af1462c47945944c4e2c026be5e98bbcded25978272e1e3e079c5"
	"094d573f0e83c92f02b32d3513b1550b826929c80dd0f92cac966d17769fd5867b647c3f38029abd"
	"c48152eb8f207159ecc5d232c7c1537c79f4b7ac28ff11682f21681bf6d6aba555032bf6f9f036be"
	"b2aaa5b3778d6eebfba6bf9ea191be4ab0caea759e2f773a1f9029c73ecb8d5735b9321db085f1b8"
	"e2d8038fe2941992548cee0d67dd4547e11dd63af9c9fc1c5466fb684cf009d7197c2cf79e792ab5"
	"01e6a8a1ca519af2cb9b5f6367e94c0d47502451357be1b5";
static const char key_of_2024[] =
	"0101030803010001af7a8deba49d995a792aefc80263e991efdbc86138a931deb2c65d5682eab5d3"
	"b03738e3dfdc89d96da64c86c0224d9ce02514d285da3068b19054e5e787b2969058e98e12566c8c"
	"808c40c0b769e1db1a24a1bd9b31e303184a31fc7bb56b85bbba8abc02cd5040a444a36d47695969"
	"849e16ad856bb58e8fac8855224400319bdab224d83fc0e66aab32ff74bfeaf0f91c454e6850a129"
	"5207bbd4cdde8f6ffb08faa9755c2e3284efa01f99393e18786cb132f1e66ebc6517318e1ce8a3b7"
	"337ebb54d035ab57d9706ecd9350d4afacd825e43c8668eece89819caf6817af62dc4fbd82f0e33f"
	"6647b2b6bda175f14607f59f4635451e6b27df282ef73d87";

#define DIGEST "abababababababababababababababababababababababababababababababab"

static const struct {
	const char *data;
	uint16_t tag;
} roots[] = { { key_of_2017, 20326 }, { key_of_2024, 38696 } };

static bool trusts(const struct dnssec_anchors *t, const struct dnssec_key *k)
{
	bool found = false;

	for (size_t i = 0; i < t->count; i++)
		found = found || (str_eq(t->items[i].zone, DNAME_ROOT) &&
		                  dnssec_ds_matches(&t->items[i].ds, DNAME_ROOT, k));
	return found;
}

static void test_root(void **state)
{
	static const struct {
		const char *rules;
		bool builtin;
	} rows[] = {
		{ "", true },
		{ "# nothing", true },
		{ "insecure corp.example", true },
		{ "own.example DS 1 13 2 " DIGEST, true },
		{ "insecure .", false },
		{ ". DS 1 13 2 " DIGEST, false },
	};
	struct arena a = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct dnssec_anchors *t;
		struct dnssec_key k;

		assert_int_equal(dnssec_anchors_new(str_of(rows[i].rules), &t, NULL), OK);
		for (size_t n = 0; n < COUNT(roots); n++) {
			assert_true(dnssec_key_parse(hex_of(&a, roots[n].data), &k));
			check_at(i, k.tag == roots[n].tag && k.flags == (KEY_ZONE | KEY_ENTRY));
			check_at(i, trusts(t, &k) == rows[i].builtin);
		}
		dnssec_anchors_free(t);
	}
	arena_deinit(&a);
}

/* A key of which one bit is another. */
static void test_other_root(void **state)
{
	struct dnssec_anchors *t;
	struct arena a = { 0 };
	struct dnssec_key k;
	struct str data;

	(void)state;
	assert_int_equal(dnssec_anchors_new(STR(""), &t, NULL), OK);
	for (size_t n = 0; n < COUNT(roots); n++) {
		data = hex_of(&a, roots[n].data);
		((char *)(uintptr_t)data.p)[100] ^= 1;
		assert_true(dnssec_key_parse(data, &k));
		k.tag = roots[n].tag;
		assert_false(trusts(t, &k));
	}
	dnssec_anchors_free(t);
	arena_deinit(&a);
}

static int setup(void **state)
{
	(void)state;
	crypto_init();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_root),
		cmocka_unit_test(test_other_root),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
