/* network/tls/client.c: the client side: name, verification. */
#include "network/tls/tls.h"

#include "foundation/base/cur.h"
#include "foundation/base/mem.h"
#include "network/tls/engine.h"
#include "network/tls/suites.h"
#include "network/tls/words.h"

#include <string.h>

enum { SERVER_NAME_MAX = 255 };

static bool address_byte(unsigned char c)
{
	return ascii_digit((char)c) || c == '.';
}

/* SNI contains host names only (RFC 6066 3): no address literals, no special bytes. */
static bool is_host_name(struct str name)
{
	struct cur c = cur_of(name);

	(void)cur_while(&c, address_byte);
	return name.n > 0 && name.n <= SERVER_NAME_MAX && !cur_done(&c) &&
	       str_find_byte(name, ':') < 0 && memchr(name.p, 0, name.n) == NULL;
}

/* True: a session is offered for resumption. */
static bool session_offer(struct tls_handshake *h, const struct tls_client_config *cfg,
                          struct str name, br_ssl_engine_context *engine)
{
	h->sessions = cfg->sessions;
	if (h->sessions == NULL)
		return false;
	tls_session_key(cfg, name, h->key);
	h->offered = tls_sessions_get(h->sessions, h->key, &h->kept);
	if (h->offered)
		br_ssl_engine_set_session_parameters(engine, &h->kept.params);
	return h->offered;
}

struct tls *tls_client_new(const struct tls_client_config *cfg, struct str server_name)
{
	struct tls *t = NEW(struct tls);
	br_ssl_client_context *c = &t->side.client;
	char name[SERVER_NAME_MAX + 1] = "";
	bool resume;

	if (is_host_name(server_name))
		memcpy(name, server_name.p, server_name.n);
	br_ssl_client_zero(c);
	tls_suites_set(&c->eng, cfg->old_ciphers ? TLS_SUITES_OLD : TLS_SUITES_MODERN);
	br_ssl_engine_set_default_rsavrfy(&c->eng);
	br_ssl_engine_set_default_ecdsa(&c->eng);
	br_ssl_client_set_default_rsapub(c);
	tls_engine_init(t, &c->eng);
	tls_verifier_init(&t->handshake->verifier, cfg);
	br_ssl_engine_set_x509(&c->eng, &t->handshake->verifier.vtable);
	resume = session_offer(t->handshake, cfg, server_name, &c->eng);
	tls_engine_enter(t);
	br_ssl_client_reset(c, name[0] != '\0' ? name : NULL, resume);
	tls_engine_leave(t);
	return t;
}

enum tls_chain tls_peer_chain(const struct tls *t)
{
	if (t->handshake != NULL)
		return TLS_CHAIN_UNSEEN;
	switch (t->verdict) {
	case BR_ERR_OK:
		return TLS_CHAIN_GOOD;
	case TLS_ERROR_NO_TRUST:
		return TLS_CHAIN_UNSEEN;
	case BR_ERR_X509_BAD_SERVER_NAME:
		return TLS_CHAIN_NAME;
	case BR_ERR_X509_EXPIRED:
		return TLS_CHAIN_TIME;
	case TLS_ERROR_TLSA:
		return TLS_CHAIN_NO_MATCH;
	default:
		return TLS_CHAIN_UNTRUSTED;
	}
}

bool tls_peer_matched(const struct tls *t)
{
	return t->matched;
}
