/* The roots inside the program, beside those of this machine's ca-certificates. */
#include "harness/check.h"

#include "network/tls/trust_anchors.h"

#include <string.h>
#include <unistd.h>

#define MACHINE_FILE "/etc/ssl/certs/ca-certificates.crt"

/* The two lists are of different days, but most roots live for twenty years. */
enum { COMMON_MIN = 80, BUILTIN_MIN = 100 };

static bool bytes_same(const void *a, size_t a_n, const void *b, size_t b_n)
{
	return a_n == b_n && memcmp(a, b, a_n) == 0;
}

static bool key_same(const br_x509_pkey *a, const br_x509_pkey *b)
{
	if (a->key_type != b->key_type)
		return false;
	if (a->key_type == BR_KEYTYPE_EC)
		return a->key.ec.curve == b->key.ec.curve &&
		       bytes_same(a->key.ec.q, a->key.ec.qlen, b->key.ec.q, b->key.ec.qlen);
	return bytes_same(a->key.rsa.n, a->key.rsa.nlen, b->key.rsa.n, b->key.rsa.nlen) &&
	       bytes_same(a->key.rsa.e, a->key.rsa.elen, b->key.rsa.e, b->key.rsa.elen);
}

static bool anchor_same(const br_x509_trust_anchor *a, const br_x509_trust_anchor *b)
{
	return bytes_same(a->dn.data, a->dn.len, b->dn.data, b->dn.len) && a->flags == b->flags &&
	       key_same(&a->pkey, &b->pkey);
}

static bool among(const br_x509_trust_anchor *a, const br_x509_trust_anchor *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (anchor_same(a, &list[i]))
			return true;
	return false;
}

/* What our own reader makes of Debian's file is what the table holds. */
static void builtin_is_what_pem_gives(void **state)
{
	size_t builtin_n, machine_n, common = 0;
	const br_x509_trust_anchor *builtin = trust_anchors(&trust_builtin, &builtin_n), *machine;
	struct trust *t;
	struct why why;

	(void)state;
	assert_true(builtin_n >= BUILTIN_MIN && trust_count(&trust_builtin) == builtin_n);
	if (access(MACHINE_FILE, R_OK) != 0)
		skip();
	assert_int_equal(trust_load_file(MACHINE_FILE, &t, &why), OK);
	machine = trust_anchors(t, &machine_n);
	for (size_t i = 0; i < builtin_n; i++)
		common += among(&builtin[i], machine, machine_n);
	assert_true(common >= COMMON_MIN);
	trust_free(t);
}

/* A row read wrong would have a key that no signature can fit. */
static void keys_are_whole(void **state)
{
	size_t n;
	const br_x509_trust_anchor *a = trust_anchors(&trust_builtin, &n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		const br_x509_pkey *k = &a[i].pkey;

		check_at(i,
		         a[i].flags == BR_X509_TA_CA && a[i].dn.len > 0 && a[i].dn.data[0] == 0x30);
		if (k->key_type == BR_KEYTYPE_EC) /* SEC 1 2.3.3: uncompressed point */
			check_at(i, k->key.ec.q[0] == 4 &&
			                    (k->key.ec.qlen == 65 || k->key.ec.qlen == 97));
		else
			check_at(i, k->key.rsa.nlen % 256 == 0 && k->key.rsa.n[0] >= 0x80 &&
			                    (k->key.rsa.e[k->key.rsa.elen - 1] & 1) != 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builtin_is_what_pem_gives),
		cmocka_unit_test(keys_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
