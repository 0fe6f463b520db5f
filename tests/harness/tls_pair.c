/* tests/harness/tls_pair.c: see tls_pair.h. */
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"

#include <stdio.h>
#include <stdlib.h>

static void must(enum err e, const struct why *why)
{
	if (e == OK)
		return;
	fprintf(stderr, "tls_pair: %s\n", why->text);
	abort();
}

struct certs *tls_pair_certs(const char *host, struct arena *a, struct str *pem)
{
	struct certs *certs = certs_new();
	struct str cert, key;
	struct why why;

	must(cert_self_signed_make(str_of(host), a, &cert, &key, &why), &why);
	must(certs_set(certs, cert, key, &why), &why);
	if (pem != NULL)
		*pem = cert;
	return certs;
}

struct trust *tls_pair_trust(struct str pem)
{
	struct trust *trust;
	struct why why;

	must(trust_new(pem, &trust, &why), &why);
	return trust;
}

struct tls_pair tls_pair_new(struct tls_server *server, const struct tls_client_config *client,
                             const char *host)
{
	struct tls_pair p = {
		.client = tls_client_new(client, str_of(host)),
		.server = tls_server_new(server, true),
	};

	buf_init(&p.at_client, MIB(64));
	buf_init(&p.at_server, MIB(64));
	return p;
}

void tls_pair_free(struct tls_pair *p)
{
	tls_free(p->client);
	tls_free(p->server);
	buf_deinit(&p->at_client);
	buf_deinit(&p->at_server);
}

static bool plain_collect(struct tls *t, struct buf *to)
{
	struct str plain = tls_plain(t);

	buf_put(to, plain);
	tls_plain_drop(t, plain.n);
	return plain.n > 0;
}

bool tls_pair_carry(struct tls_pair *p, struct tls *from, size_t chunk)
{
	struct tls *to = from == p->client ? p->server : p->client;
	struct buf *plain = to == p->client ? &p->at_client : &p->at_server;
	struct str cipher = str_sub(tls_cipher(from), 0, chunk);
	bool moved = cipher.n > 0;

	for (size_t at = 0; at < cipher.n;) {
		size_t taken = tls_put_cipher(to, str_sub(cipher, at, cipher.n));

		if (!plain_collect(to, plain) && taken == 0)
			break; /* it is closed or has failed: the rest is lost */
		at += taken;
	}
	tls_cipher_drop(from, cipher.n);
	p->moved += cipher.n;
	return moved;
}

void tls_pair_pump(struct tls_pair *p, size_t chunk)
{
	bool moved;

	do {
		moved = tls_pair_carry(p, p->client, chunk);
		moved |= tls_pair_carry(p, p->server, chunk);
	} while (moved);
}
