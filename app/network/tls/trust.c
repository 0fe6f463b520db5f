/* network/tls/trust.c: see trust.h. */
#include "network/tls/trust.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/pem.h"
#include "network/tls/cert_file.h"
#include "network/tls/trust_anchors.h"

#include <mozilla_roots.h>

enum { NAME_MAX_BYTES = 4096 }; /* of a subject in DER */

const struct trust trust_builtin = {
	.anchors = mozilla_roots,
	.count = COUNT(mozilla_roots),
};

static void name_append(void *name, const void *bytes, size_t n)
{
	buf_bytes(name, bytes, n);
}

static unsigned char *bytes_dup(struct arena *a, const void *p, size_t n)
{
	return (unsigned char *)(uintptr_t)str_dup(a, str_from(p, n)).p;
}

static br_x509_pkey key_dup(struct arena *a, const br_x509_pkey *k)
{
	br_x509_pkey copy = *k;

	if (k->key_type == BR_KEYTYPE_RSA) {
		copy.key.rsa.n = bytes_dup(a, k->key.rsa.n, k->key.rsa.nlen);
		copy.key.rsa.e = bytes_dup(a, k->key.rsa.e, k->key.rsa.elen);
	} else {
		copy.key.ec.q = bytes_dup(a, k->key.ec.q, k->key.ec.qlen);
	}
	return copy;
}

/* BearSSL's own decoder returns the name in the form that its validation compares. */
bool trust_anchor_read(struct arena *a, struct str der, br_x509_trust_anchor *out)
{
	br_x509_decoder_context c;
	const br_x509_pkey *key;
	struct buf name;

	buf_init(&name, NAME_MAX_BYTES);
	br_x509_decoder_init(&c, name_append, &name);
	br_x509_decoder_push(&c, der.p, der.n);
	key = br_x509_decoder_get_pkey(&c);
	if (key != NULL && buf_ok(&name)) {
		out->dn.data = bytes_dup(a, name.p, name.n);
		out->dn.len = name.n;
		out->flags = br_x509_decoder_isCA(&c) ? BR_X509_TA_CA : 0;
		out->pkey = key_dup(a, key);
	} else {
		key = NULL;
	}
	buf_deinit(&name);
	return key != NULL;
}

enum err trust_new(struct str pem, struct trust **out, struct why *why)
{
	struct trust *t = NEW(struct trust);
	br_x509_trust_anchor *anchors;
	struct arena scratch;
	struct pem *blocks;
	size_t count;
	enum err e = OK;

	*out = NULL;
	arena_init(&scratch, false);
	if (!pem_read(pem, &scratch, &blocks, &count)) {
		e = fail(why, ERR_SYNTAX, "the trusted certificates are no readable PEM text");
		goto out;
	}
	t->anchors = anchors = arena_array(&t->arena, br_x509_trust_anchor, count);
	for (size_t i = 0; i < count; i++)
		if (str_eq(blocks[i].label, STR("CERTIFICATE")) &&
		    trust_anchor_read(&t->arena, blocks[i].der, &anchors[t->count]))
			t->count++;
	if (t->count == 0) {
		e = fail(why, ERR_SYNTAX, "there is no usable trusted certificate in the PEM text");
		goto out;
	}
	*out = t;
	t = NULL;
out:
	trust_free(t);
	arena_deinit(&scratch);
	return e;
}

enum err trust_load_file(const char *path, struct trust **out, struct why *why)
{
	struct arena a;
	struct str pem;
	enum err e;

	*out = NULL;
	arena_init(&a, false);
	e = cert_file_read(path, &a, &pem, why);
	if (e == OK)
		e = trust_new(pem, out, why);
	arena_deinit(&a);
	return e;
}

void trust_free(struct trust *t)
{
	if (t == NULL)
		return;
	arena_deinit(&t->arena);
	mem_free(t);
}

size_t trust_count(const struct trust *t)
{
	return t->count;
}

size_t trust_names_bytes(const struct trust *t)
{
	enum { LENGTH = 2 };
	size_t n = 0;

	for (size_t i = 0; i < t->count; i++)
		n += LENGTH + t->anchors[i].dn.len;
	return n;
}

const br_x509_trust_anchor *trust_anchors(const struct trust *t, size_t *count)
{
	*count = t->count;
	return t->anchors;
}
