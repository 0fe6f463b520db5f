/* network/tls/dane.c: see dane.h. */
#include "network/tls/dane.h"

#include "foundation/base/buf.h"
#include "foundation/base/mem.h"
#include "foundation/config/limits.h"
#include "foundation/crypto/tlsa.h"
#include "network/tls/trust_anchors.h"
#include "network/tls/verify.h"
#include "network/tls/words.h"

struct tls_dane {
	const struct tlsa_set *set;
	struct buf shown;                         /* the whole chain */
	size_t ends[LIMIT_tls_dane_certificates]; /* of each certificate */
	size_t count;
};

struct tls_dane *tls_dane_new(const struct tlsa_set *set)
{
	struct tls_dane *d = NEW(struct tls_dane);

	d->set = set;
	buf_init(&d->shown, LIMIT_tls_dane_bytes);
	return d;
}

void tls_dane_free(struct tls_dane *d)
{
	if (d == NULL)
		return;
	buf_deinit(&d->shown);
	mem_free(d);
}

void tls_dane_append(struct tls_dane *d, struct str piece)
{
	if (d->count < COUNT(d->ends))
		buf_put(&d->shown, piece);
}

void tls_dane_end(struct tls_dane *d)
{
	if (d->count < COUNT(d->ends) && buf_ok(&d->shown))
		d->ends[d->count++] = d->shown.n;
}

static struct str certificate(const struct tls_dane *d, size_t i)
{
	return str_sub(buf_str(&d->shown), i == 0 ? 0 : d->ends[i - 1], d->ends[i]);
}

/* --- an authority ------------------------------------------------------------------------ */

/* Does the chain of the first count certificates lead to the anchor, for this name? */
static unsigned lead(const struct tls_dane *d, size_t count, const br_x509_trust_anchor *anchor,
                     struct str name)
{
	br_x509_minimal_context *full = NEW(br_x509_minimal_context);
	struct arena a = { 0 };
	unsigned verdict;

	br_x509_minimal_init_full(full, anchor, 1);
	tls_verify_time_set(full);
	full->vtable->start_chain(&full->vtable, str_z(&a, name));
	for (size_t i = 0; i < count; i++) {
		struct str der = certificate(d, i);

		full->vtable->start_cert(&full->vtable, (uint32_t)der.n);
		full->vtable->append(&full->vtable, (const unsigned char *)der.p, der.n);
		full->vtable->end_cert(&full->vtable);
	}
	verdict = full->vtable->end_chain(&full->vtable);
	arena_deinit(&a);
	mem_free(full);
	return verdict;
}

/* The same for any of the names; der is the authority's certificate. */
static unsigned lead_to(const struct tls_dane *d, size_t count, struct str der)
{
	unsigned verdict = TLS_ERROR_TLSA;
	br_x509_trust_anchor anchor = { 0 };
	struct arena a = { 0 };

	if (trust_anchor_read(&a, der, &anchor))
		for (size_t n = 0; n < d->set->name_count && verdict != 0; n++)
			verdict = lead(d, count, &anchor, d->set->names[n]);
	arena_deinit(&a);
	return verdict;
}

/* RFC 7672 3.1.2, RFC 7671 5.2. */
static unsigned by_authority(const struct tls_dane *d, const struct tlsa *t)
{
	unsigned verdict = TLS_ERROR_TLSA;

	for (size_t i = 0; i < d->count && verdict != 0; i++)
		if (tlsa_matches(t, certificate(d, i)))
			verdict = lead_to(d, MAX(i, (size_t)1), certificate(d, i));
	if (verdict == TLS_ERROR_TLSA && t->matching == TLSA_FULL && t->selector == TLSA_CERT)
		verdict = lead_to(d, d->count, t->data);
	return verdict;
}

unsigned tls_dane_verdict(const struct tls_dane *d)
{
	unsigned verdict = TLS_ERROR_TLSA;

	for (size_t i = 0; i < d->set->count && d->count != 0; i++) {
		const struct tlsa *t = &d->set->items[i];
		unsigned one = TLS_ERROR_TLSA;

		if (t->usage == TLSA_DANE_EE)
			one = tlsa_matches(t, certificate(d, 0)) ? 0 : TLS_ERROR_TLSA;
		else if (t->usage == TLSA_DANE_TA)
			one = by_authority(d, t);
		if (one == 0)
			return 0;
		if (one != TLS_ERROR_TLSA)
			verdict = one;
	}
	return verdict;
}
