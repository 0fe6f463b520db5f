/* foundation/crypto/x509_end_point.c: see x509_end_point in x509.h. */
#include "foundation/crypto/x509.h"

#include <bearssl.h>

/* The hash of the signature, by BearSSL's decoder; 0 for an unknown algorithm. */
static int signer_hash(struct str der)
{
	br_x509_decoder_context d;

	br_x509_decoder_init(&d, NULL, NULL);
	br_x509_decoder_push(&d, der.p, der.n);
	return br_x509_decoder_last_error(&d) == 0 ? br_x509_decoder_get_signer_hash_id(&d) : 0;
}

static const br_hash_class *x509_end_point_class_of(int id)
{
	switch (id) {
	case br_md5_ID:
	case br_md5sha1_ID:
	case br_sha1_ID:
	case br_sha256_ID:
		return &br_sha256_vtable;
	case br_sha224_ID:
		return &br_sha224_vtable;
	case br_sha384_ID:
		return &br_sha384_vtable;
	case br_sha512_ID:
		return &br_sha512_vtable;
	default:
		return NULL;
	}
}

size_t x509_end_point(const struct x509 *x, uint8_t out[X509_END_POINT_MAX])
{
	const br_hash_class *class = x509_end_point_class_of(signer_hash(x->der));
	br_hash_compat_context h;

	if (class == NULL)
		return 0;
	class->init(&h.vtable);
	class->update(&h.vtable, x->der.p, x->der.n);
	class->out(&h.vtable, out);
	return (class->desc >> BR_HASHDESC_OUT_OFF) & BR_HASHDESC_OUT_MASK;
}
