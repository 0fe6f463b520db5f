/* TLS engines in each of their states. Input: a byte that picks the state, a byte for the
 * size of the pieces, then what the other side sends:
 *   0  to a server that waits for ClientHello      3  to an open server
 *   1  to a server amid the handshake              4  to an open server, properly encrypted,
 *   2  to a client that has sent its ClientHello      as records of type, length, bytes
 *   5  to a server that is closing
 * In state 3, with a size of 128 and more, the bytes are the certificate that a client shows; its
 * handshake goes on, and nobody is identified.
 * Laws: a failure has a reason; after it nothing is taken or sent; garbage never becomes
 * plaintext or an open connection; no record buffer is kept by a connection that is over. */
#include "foundation/base/arena.h"
#include "foundation/base/cur.h"
#include "foundation/crypto/crypto.h"
#include "foundation/crypto/key_bear.h"
#include "network/tls/engine.h"
#include "network/tls/pool.h"
#include "network/tls/trust.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { HELLO, MIDDLE, CLIENT, OPENED, ENCRYPTED, CLOSE, STATES };

static struct tls_server *server;
static struct key *client_key;
static const struct tls_client_config anybody;

static void setup(void)
{
	struct certs *certs;
	struct trust *trust;
	struct arena a = { 0 };
	struct str cert, key;

	if (server != NULL)
		return;
	crypto_init();
	certs = certs_new();
	if (cert_self_signed_make(STR("mail.example.org"), &a, &cert, &key, NULL) != OK ||
	    certs_set(certs, cert, key, NULL) != OK || trust_new(cert, &trust, NULL) != OK)
		abort();
	arena_deinit(&a);
	server = tls_server_open(certs, 8);
	tls_server_clients_set(server, trust);
	client_key = key_new_p256();
}

static void check(struct tls *t)
{
	if (tls_state(t) != TLS_FAILED)
		return;
	assert(*tls_why(t) != '\0');
	assert(tls_cipher(t).n == 0);
	assert(tls_put_cipher(t, STR("x")) == 0);
	assert(t->in == NULL && t->out == NULL);
}

static size_t drain(struct tls *t)
{
	size_t plain = 0, n;

	while ((n = tls_plain(t).n) > 0) {
		plain += n;
		tls_plain_drop(t, n);
	}
	while ((n = tls_cipher(t).n) > 0)
		tls_cipher_drop(t, MIN(n, (size_t)100));
	check(t);
	return plain;
}

/* Give all bytes in pieces; how much plaintext came of it. */
static size_t feed(struct tls *t, struct str bytes, size_t piece)
{
	size_t plain = 0, taken = 0;

	for (size_t at = 0; at < bytes.n; at += taken) {
		struct str part = str_sub(bytes, at, at + piece);

		taken = tls_put_cipher(t, part);
		assert(taken <= part.n);
		plain += drain(t);
		if (taken == 0)
			break;
	}
	return plain;
}

static bool carry(struct tls *from, struct tls *to)
{
	struct str bytes = tls_cipher(from);
	size_t taken = tls_put_cipher(to, bytes);

	tls_cipher_drop(from, taken);
	return taken > 0;
}

static void open_both(struct tls *client, struct tls *at_server)
{
	while (carry(client, at_server) || carry(at_server, client))
		;
	assert(tls_state(client) == TLS_OPEN && tls_state(at_server) == TLS_OPEN);
}

/* Let the client encrypt records of any type: what a hostile but authentic peer can do. */
static void feed_encrypted(struct tls *client, struct tls *t, struct cur *c)
{
	char type, size;
	struct str body;

	while (tls_state(client) == TLS_OPEN && cur_any(c, &type) && cur_any(c, &size) &&
	       cur_take(c, MIN(cur_left(c), (size_t)(unsigned char)size), &body)) {
		client->engine->record_type_out = (unsigned char)type;
		(void)tls_put_plain(client, body);
		tls_flush(client);
		while (tls_cipher(client).n > 0 && carry(client, t))
			(void)drain(t);
		if (tls_state(t) != TLS_OPEN)
			return;
	}
}

static void show(struct tls *client, struct tls *t, struct str der)
{
	br_x509_certificate chain = { (unsigned char *)(uintptr_t)der.p, der.n };

	br_ssl_client_set_single_ec(&client->side.client, &chain, 1, key_bear_ec(client_key),
	                            BR_KEYTYPE_SIGN, BR_KEYTYPE_EC, br_ec_get_default(),
	                            br_ecdsa_sign_asn1_get_default());
	open_both(client, t);
	assert(tls_client(t) == NULL && tls_client_refused(t, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct cur c = cur_of(str_from((const char *)data, n));
	struct tls *client, *t;
	char pick, piece;
	size_t plain;

	setup();
	if (!cur_any(&c, &pick) || !cur_any(&c, &piece))
		return 0;
	client = tls_client_new(&anybody, STR("mail.example.org"));
	t = tls_server_new(server, true);
	switch ((unsigned char)pick % STATES) {
	case MIDDLE:
		(void)carry(client, t);
		/* fall through */
	case HELLO:
		plain = feed(t, cur_rest(&c), 1 + (unsigned char)piece);
		assert(plain == 0 && tls_state(t) != TLS_OPEN);
		break;
	case CLIENT:
		plain = feed(client, cur_rest(&c), 1 + (unsigned char)piece);
		assert(plain == 0 && tls_state(client) != TLS_OPEN);
		break;
	case OPENED:
		if ((unsigned char)piece >= 128) {
			show(client, t, cur_rest(&c));
			break;
		}
		/* fall through */
	case CLOSE:
		open_both(client, t);
		if ((unsigned char)pick % STATES == CLOSE)
			tls_close(t);
		plain = feed(t, cur_rest(&c), 1 + (unsigned char)piece);
		assert(plain == 0);
		break;
	case ENCRYPTED:
		open_both(client, t);
		feed_encrypted(client, t, &c);
		break;
	}
	tls_put_eof(t);
	tls_free(t);
	tls_free(client);
	assert(tls_pool_lent() == 0);
	return 0;
}
