/* network/http_client/tls_httpc.c: see tls_httpc.h. */
#include "network/http_client/tls_httpc.h"

#include "foundation/base/mem.h"
#include "network/tls/suites.h"
#include "network/tls/verify.h"
#include "network/tls/words.h"

struct tls_httpc {
	struct tls_client_config config;
	struct tls_verifier verifier;
};

struct tls_httpc *tls_httpc_new(const struct trust *trust)
{
	struct tls_httpc *t = NEW(struct tls_httpc);

	t->config = (struct tls_client_config){ .trust = trust, .verify = TLS_VERIFY_PKIX };
	return t;
}

void tls_httpc_free(struct tls_httpc **t)
{
	mem_clear(t);
}

void tls_httpc_prepare(struct tls_httpc *t, void *client_context)
{
	br_ssl_client_context *c = client_context;

	tls_verifier_init(&t->verifier, &t->config);
	tls_suites_set(&c->eng, TLS_SUITES_MODERN);
	br_ssl_engine_set_x509(&c->eng, &t->verifier.vtable);
}

bool tls_httpc_refused(const struct tls_httpc *t, struct why *why)
{
	struct why scratch;

	if (t->verifier.certificates == 0 || t->verifier.verdict == 0)
		return false;
	fail(why, ERR_IO, "%s", tls_words(t->verifier.verdict, &scratch));
	return true;
}
