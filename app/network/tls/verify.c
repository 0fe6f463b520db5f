/* network/tls/verify.c: see verify.h. */
#include "network/tls/verify.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "network/tls/dane.h"
#include "network/tls/trust_anchors.h"
#include "network/tls/words.h"

enum { DAYS_TO_1970 = 719528, DAY_S = 86400 }; /* BearSSL counts from the year 0 */

static struct tls_verifier *verifier(const br_x509_class **class)
{
	return container_of(class, struct tls_verifier, vtable);
}

void tls_verify_time_set(br_x509_minimal_context *full)
{
	int64_t now_s = clock_real_ms() / 1000;

	br_x509_minimal_set_time(full, (uint32_t)(now_s / DAY_S + DAYS_TO_1970),
	                         (uint32_t)(now_s % DAY_S));
}

static void start_chain(const br_x509_class **class, const char *server_name)
{
	struct tls_verifier *v = verifier(class);
	size_t count = 0;
	const br_x509_trust_anchor *anchors = NULL;

	if (v->trust != NULL)
		anchors = trust_anchors(v->trust, &count);
	v->named = server_name != NULL && *server_name != '\0';
	v->certificates = 0;
	buf_reset(&v->shown);
	v->verdict = TLS_ERROR_NO_TRUST;
	br_x509_minimal_init_full(&v->full, anchors, count);
	tls_verify_time_set(&v->full);
	v->full.vtable->start_chain(&v->full.vtable, v->named ? server_name : NULL);
	br_x509_decoder_init(&v->leaf, NULL, NULL);
}

static void start_cert(const br_x509_class **class, uint32_t length)
{
	struct tls_verifier *v = verifier(class);

	v->full.vtable->start_cert(&v->full.vtable, length);
}

static void append(const br_x509_class **class, const unsigned char *bytes, size_t n)
{
	struct tls_verifier *v = verifier(class);

	v->full.vtable->append(&v->full.vtable, bytes, n);
	if (v->certificates == 0)
		br_x509_decoder_push(&v->leaf, bytes, n);
	if (v->certificates == 0 && v->shown.max != 0)
		buf_put(&v->shown, str_from((const char *)bytes, n));
	if (v->dane != NULL)
		tls_dane_append(v->dane, str_from((const char *)bytes, n));
}

static void end_cert(const br_x509_class **class)
{
	struct tls_verifier *v = verifier(class);

	v->full.vtable->end_cert(&v->full.vtable);
	if (v->dane != NULL)
		tls_dane_end(v->dane);
	v->certificates++;
}

static unsigned end_chain(const br_x509_class **class)
{
	struct tls_verifier *v = verifier(class);
	unsigned full = v->full.vtable->end_chain(&v->full.vtable), dane = TLS_ERROR_TLSA;

	if (v->trust != NULL)
		v->verdict = full != 0 || v->named ? full : BR_ERR_X509_BAD_SERVER_NAME;
	v->matched = v->dane != NULL && (dane = tls_dane_verdict(v->dane)) == 0;
	/* RFC 7672 3.1.3: public authorities are not used in addition to TLSA records. */
	if (v->mode == TLS_VERIFY_DANE)
		v->verdict = dane;
	if (v->mode != TLS_VERIFY_NONE && v->verdict != 0)
		return v->verdict;
	if (v->mode == TLS_VERIFY_PKIX)
		return 0;
	if (v->certificates == 0)
		return BR_ERR_X509_EMPTY_CHAIN;
	return br_x509_decoder_get_pkey(&v->leaf) == NULL
	               ? (unsigned)br_x509_decoder_last_error(&v->leaf)
	               : 0;
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *class, unsigned *usages)
{
	struct tls_verifier *v = verifier((const br_x509_class **)(uintptr_t)class);

	if (v->verdict == 0 && v->mode != TLS_VERIFY_DANE)
		return v->full.vtable->get_pkey(&v->full.vtable, usages);
	if (v->verdict != 0 && v->mode != TLS_VERIFY_NONE)
		return NULL;
	if (usages != NULL)
		*usages = BR_KEYTYPE_KEYX | BR_KEYTYPE_SIGN;
	return br_x509_decoder_get_pkey(&v->leaf);
}

void tls_verifier_init(struct tls_verifier *v, const struct tls_client_config *cfg)
{
	static const br_x509_class class = {
		.context_size = sizeof *v,
		.start_chain = start_chain,
		.start_cert = start_cert,
		.append = append,
		.end_cert = end_cert,
		.end_chain = end_chain,
		.get_pkey = get_pkey,
	};

	*v = (struct tls_verifier){
		.vtable = &class,
		.mode = cfg->verify,
		.trust = cfg->trust,
		.verdict = TLS_ERROR_NO_TRUST,
	};
	assert(cfg->verify != TLS_VERIFY_DANE || cfg->dane != NULL);
	if (cfg->dane != NULL)
		v->dane = tls_dane_new(cfg->dane);
	if (cfg->binds)
		buf_init(&v->shown, LIMIT_tls_bind_bytes);
}

void tls_verifier_deinit(struct tls_verifier *v)
{
	tls_dane_free(v->dane);
	v->dane = NULL;
	buf_deinit(&v->shown);
}
