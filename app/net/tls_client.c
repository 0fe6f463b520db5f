/* net/tls_client.c: the client side: name, verification. */
#include "net/tls.h"

#include "base/cur.h"
#include "base/mem.h"
#include "net/tls_engine.h"
#include "net/tls_suites.h"

#include <string.h>

enum { SERVER_NAME_MAX = 255 };

static bool address_byte(unsigned char c)
{
	return ascii_digit((char)c) || c == '.';
}

/* SNI carries host names only (RFC 6066 3): no address literals, no odd bytes. */
static bool is_host_name(struct str name)
{
	struct cur c = cur_of(name);

	(void)cur_while(&c, address_byte);
	return name.n > 0 && name.n <= SERVER_NAME_MAX && !cur_done(&c) &&
	       str_find_byte(name, ':') < 0 && memchr(name.p, 0, name.n) == NULL;
}

struct tls *tls_client_new(const struct tls_client_config *cfg, struct str server_name)
{
	struct tls *t = NEW(struct tls);
	br_ssl_client_context *c = &t->side.client;
	char name[SERVER_NAME_MAX + 1] = "";

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
	tls_engine_enter(t);
	br_ssl_client_reset(c, name[0] != '\0' ? name : NULL, 0);
	tls_engine_leave(t);
	return t;
}
