/* foundation/crypto/x509_csr.c: a certification request (PKCS#10, RFC 2986), written backwards like
 * x509_make.c. */
#include "foundation/crypto/x509.h"

#include "foundation/base/arena.h"
#include "foundation/crypto/oid.h"
#include "foundation/crypto/x509_put.h"

enum { FRAME_MAX = 2048, NAME_FRAME = 4 }; /* keys, signature and tags; tags of one name */

/* attributes [0] { extensionRequest { subjectAltName } }  RFC 2986 4.1, RFC 2985 5.4.2 */
static void attributes_put(struct der_writer *w, const struct x509_alt *names, size_t count)
{
	size_t mark = der_mark(w);

	x509_alt_names_put(w, names, count);
	der_wrap(w, DER_SEQUENCE, mark);
	der_wrap(w, DER_SET, mark);
	der_put(w, DER_OID, OID_EXTENSION_REQUEST);
	der_wrap(w, DER_SEQUENCE, mark);
	der_wrap(w, DER_CONTEXT_CONSTRUCTED(0), mark);
}

struct str x509_csr(const struct key *k, const struct x509_alt *names, size_t count,
                    struct arena *a)
{
	struct der_writer info, w;
	size_t max = FRAME_MAX;

	for (size_t i = 0; i < count; i++)
		max += names[i].s.n + NAME_FRAME;
	info = der_writer_of(arena_alloc(a, max), max);
	attributes_put(&info, names, count);
	x509_public_key_put(&info, k);
	der_put(&info, DER_SEQUENCE, STR_EMPTY); /* the subject: names are in subjectAltName */
	der_put_unsigned(&info, STR_EMPTY);      /* version 0 */
	der_wrap(&info, DER_SEQUENCE, 0);
	w = der_writer_of(arena_alloc(a, max), max);
	x509_signed_wrap(&w, k, der_written(&info), a);
	assert(!info.over && !w.over);
	return der_written(&w);
}
