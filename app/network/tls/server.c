/* network/tls/server.c: the server side: certificate by name, session cache. */
#include "network/tls/tls.h"

#include "foundation/base/mem.h"
#include "foundation/base/sparse.h"
#include "foundation/crypto/key_bear.h"
#include "network/tls/engine.h"
#include "network/tls/suites.h"
#include "network/tls/words.h"

#include <pthread.h>

enum { SESSION_BYTES = 100 }; /* of BearSSL's cache, for each session */

struct tls_server {
	const br_ssl_server_policy_class *policy;
	struct certs *certs;
	pthread_mutex_t clients_lock;
	struct tls_clients *clients; /* clients_lock; NULL: no client certificates */
	/* BearSSL's cache is for one thread; this adds a lock. */
	struct session_cache {
		const br_ssl_session_cache_class *vtable;
		pthread_mutex_t lock;
		br_ssl_session_cache_lru lru; /* lock */
	} sessions;
	uint8_t *session_memory; /* of lru; NULL: no sessions */
};

/* ---- sessions ---- */

static struct session_cache *cache_of(const br_ssl_session_cache_class **class)
{
	return container_of(class, struct session_cache, vtable);
}

static void session_save(const br_ssl_session_cache_class **class, br_ssl_server_context *server,
                         const br_ssl_session_parameters *session)
{
	struct session_cache *c = cache_of(class);
	const struct tls *t = container_of(server, struct tls, side.server);

	/* A resumption has no certificate, so sessions with one are not stored. */
	if (t->handshake->client.certificates != 0)
		return;
	pthread_mutex_lock(&c->lock);
	c->lru.vtable->save(&c->lru.vtable, server, session);
	pthread_mutex_unlock(&c->lock);
}

static int session_load(const br_ssl_session_cache_class **class, br_ssl_server_context *server,
                        br_ssl_session_parameters *session)
{
	struct session_cache *c = cache_of(class);
	int found;

	pthread_mutex_lock(&c->lock);
	found = c->lru.vtable->load(&c->lru.vtable, server, session);
	pthread_mutex_unlock(&c->lock);
	if (found)
		container_of(server, struct tls, side.server)->resumed = true;
	return found;
}

static const br_ssl_session_cache_class session_class = {
	.context_size = sizeof(struct session_cache),
	.save = session_save,
	.load = session_load,
};

/* ---- certificates ---- */

/* Borrow the chain of the certificate in BearSSL's form; it lives as long as t->handshake. */
static size_t chain_set(struct tls_handshake *h)
{
	size_t count;
	const struct x509 *chain = cert_chain(h->cert, &count);

	assert(count <= COUNT(h->chain));
	for (size_t i = 0; i < count; i++) {
		h->chain[i].data = (unsigned char *)(uintptr_t)chain[i].der.p;
		h->chain[i].data_len = chain[i].der.n;
	}
	return count;
}

/* Do both support a cipher that is signed with an ECDSA key? */
static bool knows_ecdsa(const br_ssl_server_context *s)
{
	size_t n;
	const br_suite_translated *suites = br_ssl_server_get_client_suites(s, &n);

	for (size_t i = 0; i < n; i++)
		if (suites[i][1] >> 12 == BR_SSLKEYX_ECDHE_ECDSA)
			return true;
	return false;
}

/* RFC 8737 3: a client that offers "acme-tls/1" is a certification authority that verifies a
 * challenge, and gets its certificate or none. */
static struct cert *cert_choose(struct tls *t)
{
	br_ssl_server_context *s = &t->side.server;
	struct certs *certs = t->server->certs;
	struct str name = tls_server_name(t);

	if (br_ssl_engine_get_selected_protocol(&s->eng) != NULL)
		return certs_challenge_find(certs, name);
	return knows_ecdsa(s) ? certs_find(certs, name) : certs_find_rsa(certs, name);
}

/* BearSSL calls this once per handshake, when it has the server name. It finds the certificate,
 * then installs BearSSL's policy for one key in its place, which chooses the cipher now and signs
 * later. */
static int choose(const br_ssl_server_policy_class **class, const br_ssl_server_context *server,
                  br_ssl_server_choices *choices)
{
	struct tls *t =
		container_of((br_ssl_server_context *)(uintptr_t)server, struct tls, side.server);
	struct tls_handshake *h = t->handshake;
	br_ssl_server_context *s = &t->side.server;
	size_t count;
	int chosen;

	(void)class;
	assert(h != NULL && h->cert == NULL);
	h->cert = cert_choose(t);
	if (h->cert == NULL) {
		t->error = TLS_ERROR_NO_CERTIFICATE;
		return 0;
	}
	count = chain_set(h);
	if (key_type(cert_key(h->cert)) == KEY_RSA)
		br_ssl_server_set_single_rsa(s, h->chain, count, key_bear_rsa(cert_key(h->cert)),
		                             BR_KEYTYPE_SIGN, br_rsa_private_get_default(),
		                             br_rsa_pkcs1_sign_get_default());
	else
		br_ssl_server_set_single_ec(s, h->chain, count, key_bear_ec(cert_key(h->cert)),
		                            BR_KEYTYPE_SIGN, 0, br_ec_get_default(),
		                            br_ecdsa_sign_asn1_get_default());
	chosen = (*s->policy_vtable)->choose(s->policy_vtable, s, choices);
	if (!chosen)
		t->error = TLS_ERROR_NO_CIPHER;
	return chosen;
}

static const br_ssl_server_policy_class policy_class = {
	.context_size = sizeof(const br_ssl_server_policy_class *),
	.choose = choose,
};

/* ---- the server ---- */

struct tls_server *tls_server_open(struct certs *certs, size_t sessions_max)
{
	struct tls_server *s = NEW(struct tls_server);

	s->policy = &policy_class;
	s->certs = certs;
	s->sessions.vtable = &session_class;
	pthread_mutex_init(&s->clients_lock, NULL);
	pthread_mutex_init(&s->sessions.lock, NULL);
	if (sessions_max > 0) {
		s->session_memory = sparse_new(sessions_max * SESSION_BYTES);
		br_ssl_session_cache_lru_init(&s->sessions.lru, s->session_memory,
		                              sessions_max * SESSION_BYTES);
	}
	return s;
}

void tls_server_close(struct tls_server *s)
{
	if (s == NULL)
		return;
	if (s->session_memory != NULL)
		mem_wipe(s->session_memory, s->sessions.lru.store_len);
	mem_free(s->session_memory);
	pthread_mutex_destroy(&s->sessions.lock);
	pthread_mutex_destroy(&s->clients_lock);
	tls_clients_unref(s->clients);
	mem_free(s);
}

static void sessions_forget(struct tls_server *s)
{
	size_t n = s->sessions.lru.store_len;

	if (s->session_memory == NULL)
		return;
	pthread_mutex_lock(&s->sessions.lock);
	mem_wipe(s->session_memory, n);
	br_ssl_session_cache_lru_init(&s->sessions.lru, s->session_memory, n);
	pthread_mutex_unlock(&s->sessions.lock);
}

void tls_server_clients_set(struct tls_server *s, struct trust *trust)
{
	struct tls_clients *before, *now = trust != NULL ? tls_clients_new(trust) : NULL;

	pthread_mutex_lock(&s->clients_lock);
	before = s->clients;
	s->clients = now;
	pthread_mutex_unlock(&s->clients_lock);
	tls_clients_unref(before);
	sessions_forget(s);
}

static void client_ask(struct tls *t)
{
	struct tls_server *s = t->server;
	struct tls_clients *c;

	pthread_mutex_lock(&s->clients_lock);
	c = s->clients != NULL ? tls_clients_ref(s->clients) : NULL;
	pthread_mutex_unlock(&s->clients_lock);
	if (c != NULL)
		tls_client_verifier_begin(&t->handshake->client, c, &t->side.server);
}

/* The only protocol name here: other protocols are identified by their port. */
static const char *protocols[] = { "acme-tls/1" };

struct tls *tls_server_new(struct tls_server *s, bool ask)
{
	struct tls *t = NEW(struct tls);
	br_ssl_server_context *c = &t->side.server;

	br_ssl_server_zero(c);
	tls_suites_set(&c->eng, TLS_SUITES_MODERN);
	br_ssl_engine_add_flags(&c->eng, BR_OPT_ENFORCE_SERVER_PREFERENCES);
	br_ssl_server_set_policy(c, &s->policy);
	br_ssl_engine_set_protocol_names(&c->eng, protocols, COUNT(protocols));
	if (s->session_memory != NULL)
		br_ssl_server_set_cache(c, &s->sessions.vtable);
	t->server = s;
	tls_engine_init(t, &c->eng);
	if (ask)
		client_ask(t);
	tls_engine_enter(t);
	br_ssl_server_reset(c);
	tls_engine_leave(t);
	return t;
}
