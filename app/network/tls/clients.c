/* network/tls/clients.c: see clients.h. */
#include "network/tls/clients.h"

#include "foundation/base/clock.h"
#include "foundation/base/mem.h"
#include "foundation/crypto/x509.h"
#include "network/tls/trust_anchors.h"
#include "network/tls/verify.h"
#include "network/tls/words.h"

#include <stdatomic.h>

enum { RSA_BYTES_MIN = 2048 / 8 };

struct tls_clients {
	atomic_uint refs;
	struct trust *trust; /* owned */
};

struct tls_clients *tls_clients_new(struct trust *trust)
{
	struct tls_clients *c = NEW(struct tls_clients);

	atomic_init(&c->refs, 1);
	c->trust = trust;
	return c;
}

struct tls_clients *tls_clients_ref(struct tls_clients *c)
{
	atomic_fetch_add(&c->refs, 1);
	return c;
}

void tls_clients_unref(struct tls_clients *c)
{
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	trust_free(c->trust);
	mem_free(c);
}

void tls_identity_free(struct tls_identity **i)
{
	if (*i == NULL)
		return;
	arena_deinit(&(*i)->arena);
	mem_clear(i);
}

/* --- callbacks of BearSSL -------------------------------------------------------------------- */

static struct tls_client_verifier *verifier(const br_x509_class **class)
{
	return container_of(class, struct tls_client_verifier, vtable);
}

static void start_chain(const br_x509_class **class, const char *server_name)
{
	struct tls_client_verifier *v = verifier(class);
	const br_x509_trust_anchor *anchors;
	size_t count;

	(void)server_name; /* clients have none */
	anchors = trust_anchors(v->clients->trust, &count);
	br_x509_minimal_init_full(&v->full, anchors, count);
	br_x509_minimal_set_hash(&v->full, br_sha1_ID, NULL);
	br_x509_minimal_set_minrsa(&v->full, RSA_BYTES_MIN);
	tls_verify_time_set(&v->full);
	v->full.vtable->start_chain(&v->full.vtable, NULL);
}

static bool looked_at(const struct tls_client_verifier *v)
{
	return v->certificates < X509_CHAIN_MAX && v->bytes <= TLS_CLIENT_CHAIN_MAX;
}

static void start_cert(const br_x509_class **class, uint32_t length)
{
	struct tls_client_verifier *v = verifier(class);

	v->bytes += MIN(length, (uint32_t)TLS_CLIENT_CHAIN_MAX + 1);
	if (looked_at(v))
		v->full.vtable->start_cert(&v->full.vtable, length);
	else
		v->verdict = BR_ERR_X509_LIMIT_EXCEEDED;
}

static void append(const br_x509_class **class, const unsigned char *bytes, size_t n)
{
	struct tls_client_verifier *v = verifier(class);

	if (!looked_at(v))
		return;
	v->full.vtable->append(&v->full.vtable, bytes, n);
	if (v->certificates == 0)
		buf_bytes(&v->leaf, bytes, n);
}

static void end_cert(const br_x509_class **class)
{
	struct tls_client_verifier *v = verifier(class);

	if (looked_at(v))
		v->full.vtable->end_cert(&v->full.vtable);
	v->certificates++;
}

/* The client's identity, after its chain was verified. */
static unsigned identify(struct tls_client_verifier *v)
{
	struct tls_identity *i = NEW(struct tls_identity);
	enum err e = buf_ok(&v->leaf) ? x509_client_read(buf_str(&v->leaf), &i->arena, &i->who)
	                              : ERR_LIMIT;

	if (e == OK)
		v->found = i;
	else
		tls_identity_free(&i);
	switch (e) {
	case OK:
		return 0;
	case ERR_DENIED:
		return TLS_ERROR_NOT_FOR_CLIENTS;
	case ERR_MISSING:
		return TLS_ERROR_NO_ADDRESS;
	case ERR_LIMIT:
		return BR_ERR_X509_LIMIT_EXCEEDED;
	default:
		return BR_ERR_X509_UNEXPECTED;
	}
}

/* For any result but 0 the handshake continues as without a certificate. */
static unsigned end_chain(const br_x509_class **class)
{
	struct tls_client_verifier *v = verifier(class);

	if (v->verdict == 0)
		v->verdict = v->full.vtable->end_chain(&v->full.vtable);
	if (v->verdict == 0)
		v->verdict = identify(v);
	buf_deinit(&v->leaf);
	return v->verdict;
}

static const br_x509_pkey *get_pkey(const br_x509_class *const *class, unsigned *usages)
{
	struct tls_client_verifier *v = verifier((const br_x509_class **)(uintptr_t)class);

	return v->verdict == 0 ? v->full.vtable->get_pkey(&v->full.vtable, usages) : NULL;
}

/* --- a handshake --------------------------------------------------------------------------- */

void tls_client_verifier_begin(struct tls_client_verifier *v, struct tls_clients *clients,
                               br_ssl_server_context *server)
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
	const br_x509_trust_anchor *anchors;
	size_t count;

	*v = (struct tls_client_verifier){ .vtable = &class, .clients = clients };
	buf_init(&v->leaf, TLS_CLIENT_CERTIFICATE_MAX);
	anchors = trust_anchors(clients->trust, &count);
	/* RFC 5246 7.4.4: the names help a client to select a certificate. */
	br_ssl_server_set_trust_anchor_names_alt(server, anchors, count);
	br_ssl_engine_set_x509(&server->eng, &v->vtable);
	br_ssl_engine_set_default_rsavrfy(&server->eng);
	br_ssl_engine_set_default_ecdsa(&server->eng);
	br_ssl_engine_add_flags(&server->eng, BR_OPT_TOLERATE_NO_CLIENT_AUTH);
}

void tls_client_verifier_end(struct tls_client_verifier *v)
{
	if (v->clients == NULL)
		return;
	tls_identity_free(&v->found);
	buf_deinit(&v->leaf);
	tls_clients_unref(v->clients);
	v->clients = NULL;
}
