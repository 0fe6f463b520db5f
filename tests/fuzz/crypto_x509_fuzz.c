/* Certificates and keys in DER. Law: what the reader hands out lies inside the input, names
 * are clean lower-case host names, and a certificate that reads is still one in a PEM. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/pem.h"
#include "foundation/crypto/x509.h"
#include "foundation/crypto/x509_client.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_inside(struct str part, struct str whole)
{
	assert(part.n == 0 ||
	       (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

static void check_names(const struct x509 *x)
{
	assert(x->name_count <= X509_NAMES_MAX);
	for (size_t i = 0; i < x->name_count; i++) {
		struct str name = x->names[i];

		assert(name.n > 0 && name.n <= 255 && memchr(name.p, 0, name.n) == NULL);
		for (size_t j = 0; j < name.n; j++)
			assert(name.p[j] == ascii_lower(name.p[j]));
		assert(x509_covers(x, name));
	}
}

static void read_as(struct str label, struct str der, struct arena *a)
{
	struct x509 *chain;
	struct key *k;
	struct buf pem;
	size_t count;

	buf_init(&pem, MIB(1));
	pem_put(&pem, label, der);
	if (x509_read_chain(buf_str(&pem), a, &chain, &count, NULL) == OK)
		assert(count == 1 && str_eq(chain->der, der));
	if (key_read_pem(buf_str(&pem), &k, NULL) == OK)
		assert(key_public(k).n > 0);
	key_free(k);
	buf_deinit(&pem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str der = str_from((const char *)data, n);
	struct arena a = { 0 };
	struct x509_client who;
	struct x509 x;

	crypto_init();
	if (n > 20000)
		return 0;
	if (x509_read(der, &a, &x)) {
		check_inside(x.subject_cn, der);
		check_inside(x.issuer, der);
		check_inside(x.key_public, der);
		check_names(&x);
	}
	if (x509_client_read(der, &a, &who) == OK)
		assert(who.count > 0 && who.count <= X509_ADDRESSES_MAX &&
		       who.not_after_ms == x.not_after_ms);
	read_as(STR("CERTIFICATE"), der, &a);
	read_as(STR("PRIVATE KEY"), der, &a);
	read_as(STR("RSA PRIVATE KEY"), der, &a);
	read_as(STR("EC PRIVATE KEY"), der, &a);
	arena_deinit(&a);
	return 0;
}
