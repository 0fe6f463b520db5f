/* foundation/crypto/x509_client.c: see x509_client.h. */
#include "foundation/crypto/x509_client.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/der.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/x509.h"

enum { RFC822_NAME = DER_CONTEXT(1), DIGITAL_SIGNATURE = 0x80 };

struct reading {
	struct arena *a;
	struct x509_client *out;
	bool signs, for_clients;
};

/* KeyUsage ::= BIT STRING { digitalSignature(0), ... }	RFC 5280 4.2.1.3 */
static bool usage_read(struct cur *c, struct reading *r)
{
	struct str bits;

	if (!der_take(c, DER_BIT_STRING, &bits) || bits.n == 0 || (uint8_t)bits.p[0] > 7)
		return false;
	r->signs = bits.n > 1 && ((uint8_t)bits.p[1] & DIGITAL_SIGNATURE) != 0;
	return true;
}

/* ExtKeyUsageSyntax ::= SEQUENCE OF OID	RFC 5280 4.2.1.12 */
static bool purposes_read(struct cur *c, struct reading *r)
{
	struct cur list;
	struct str oid;

	if (!der_enter(c, DER_SEQUENCE, &list))
		return false;
	r->for_clients = false;
	while (!cur_done(&list)) {
		if (!der_take(&list, DER_OID, &oid))
			return false;
		if (str_eq(oid, OID_CLIENT_AUTH) || str_eq(oid, OID_ANY_USE))
			r->for_clients = true;
	}
	return true;
}

/* GeneralNames ::= SEQUENCE OF { [1] rfc822Name IA5String, others }	RFC 5280 4.2.1.6 */
static bool x509_client_names_read(struct cur *c, struct reading *r)
{
	struct cur list, again;
	struct str name;
	uint8_t tag;
	size_t count = 0;

	if (!der_enter(c, DER_SEQUENCE, &list))
		return false;
	for (again = list; !cur_done(&again); count += tag == RFC822_NAME)
		if (!der_any(&again, &tag, &name))
			return false;
	r->out->addresses = arena_array(r->a, struct str, count);
	while (der_any(&list, &tag, &name))
		if (tag == RFC822_NAME)
			r->out->addresses[r->out->count++] = str_dup(r->a, name);
	return true;
}

/* Each occurs at most once: RFC 5280 4.2. */
static bool extensions_read(struct str all, struct reading *r)
{
	const struct {
		struct str oid;
		bool (*read)(struct cur *c, struct reading *r);
	} rows[] = {
		{ OID_KEY_USAGE, usage_read },
		{ OID_EXT_KEY_USAGE, purposes_read },
		{ OID_SUBJECT_ALT, x509_client_names_read },
	};
	struct cur list = cur_of(all), inside;
	struct x509_extension one;
	bool seen[COUNT(rows)] = { false };

	while (x509_extension_next(&list, &one)) {
		for (size_t i = 0; i < COUNT(rows); i++) {
			if (!str_eq(one.oid, rows[i].oid))
				continue;
			inside = cur_of(one.value);
			if (seen[i] || !rows[i].read(&inside, r) || !cur_done(&inside))
				return false;
			seen[i] = true;
		}
	}
	return cur_done(&list);
}

enum err x509_client_read(struct str der, struct arena *a, struct x509_client *out)
{
	struct reading r = { a, out, .signs = true, .for_clients = true };
	struct x509 x;

	*out = (struct x509_client){ 0 };
	if (!x509_read(der, a, &x) || !extensions_read(x.extensions, &r))
		return ERR_SYNTAX;
	out->not_after_ms = x.not_after_ms;
	if (!r.signs || !r.for_clients)
		return ERR_DENIED;
	if (out->count == 0)
		return ERR_MISSING;
	return out->count > X509_ADDRESSES_MAX ? ERR_LIMIT : OK;
}
