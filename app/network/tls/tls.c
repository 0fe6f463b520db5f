/* network/tls/tls.c: one TLS connection: bytes through BearSSL's engine.
 *
 * The engine returns where it needs bytes (a pointer and a length) and is passed their number. This
 * file turns that into put, take and drop, and attaches the record buffers before each step and
 * detaches them after it. Read network/tls/pool.h first. */
#include "network/tls/tls.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "network/tls/engine.h"
#include "network/tls/pool.h"
#include "network/tls/suites.h"
#include "network/tls/words.h"

#include <string.h>

enum { TLS_APPLICATION_DATA = 23 }; /* record type, RFC 5246 6.2.1 */

static_assert(TLS_RECORD_BUFFER >= BR_SSL_BUFSIZE_INPUT, "an input record fits");
static_assert(TLS_RECORD_BUFFER >= BR_SSL_BUFSIZE_OUTPUT, "an output record fits");

/* ---- record buffers ---- */

static void in_attach(struct tls *t)
{
	br_ssl_engine_context *e = t->engine;

	assert(e->ixa == TLS_HEADER && e->ixb == TLS_HEADER);
	t->in = tls_pool_take();
	t->in_n = TLS_HEADER + e->ixc;
	e->ibuf = t->in;
}

static void in_detach(struct tls *t)
{
	if (t->in == NULL)
		return;
	mem_wipe(t->in, MIN(t->in_n, (size_t)TLS_RECORD_BUFFER));
	tls_pool_give(&t->in);
	t->engine->ibuf = t->header;
}

/* It may contain plaintext only in an unfinished record, and only at the end. */
static void out_detach(struct tls *t)
{
	if (t->out == NULL)
		return;
	if (t->engine->oxa != t->engine->oxc)
		mem_wipe(t->out, TLS_RECORD_BUFFER);
	tls_pool_give(&t->out);
	t->engine->obuf = tls_pool_nowhere();
}

static bool in_is_empty(const br_ssl_engine_context *e)
{
	return e->ixa == e->ixb && e->ixa < TLS_HEADER;
}

static bool out_is_empty(const br_ssl_engine_context *e)
{
	return e->oxa == e->oxc && e->oxa < e->oxb;
}

void tls_engine_enter(struct tls *t)
{
	if (t->out != NULL)
		return;
	assert(out_is_empty(t->engine) || br_ssl_engine_current_state(t->engine) == BR_SSL_CLOSED);
	t->out = tls_pool_take();
	t->engine->obuf = t->out;
}

/* ---- state ---- */

static bool engine_ended(const struct tls *t)
{
	return br_ssl_engine_current_state(t->engine) == BR_SSL_CLOSED;
}

static void handshake_free(struct tls *t)
{
	if (t->handshake == NULL)
		return;
	if (t->server == NULL) {
		t->verdict = t->handshake->verifier.verdict;
		t->matched = t->handshake->verifier.matched;
		tls_verifier_deinit(&t->handshake->verifier);
	} else {
		t->verdict = t->handshake->client.verdict;
		tls_client_verifier_end(&t->handshake->client);
		br_ssl_server_set_trust_anchor_names_alt(&t->side.server, NULL, 0);
	}
	t->engine->x509ctx = NULL;
	t->engine->chain = NULL;
	mem_wipe(&t->handshake->kept, sizeof t->handshake->kept);
	cert_unref(t->handshake->cert);
	mem_clear(&t->handshake);
}

/* The handshake of a client is done. Without a certificate it resumed the offered session (RFC 5246
 * 7.3), whose stored result applies. */
static void session_settle(struct tls *t, struct tls_handshake *h)
{
	t->resumed = h->offered && h->verifier.certificates == 0;
	if (t->resumed) {
		h->verifier.verdict = h->kept.verdict;
		h->verifier.matched = h->kept.matched;
	} else if (h->sessions != NULL) {
		br_ssl_engine_get_session_parameters(t->engine, &h->kept.params);
		h->kept.verdict = h->verifier.verdict;
		h->kept.matched = h->verifier.matched;
		if (h->kept.params.session_id_len != 0)
			tls_sessions_put(h->sessions, h->key, &h->kept);
	}
}

/* The channel binding data of the server's certificate, while that is available. */
static struct tls_end_point *end_point_of(const struct buf *shown)
{
	struct tls_end_point *p;

	if (shown->n == 0 || !buf_ok(shown))
		return NULL;
	p = NEW(struct tls_end_point);
	p->n = x509_end_point(&(struct x509){ .der = buf_str(shown) }, p->hash);
	return p;
}

/* The engine has reported application data for the first time. RFC 5246 7.3: an abbreviated
 * handshake has no certificate, so it verified nothing. */
static void opened(struct tls *t)
{
	struct tls_handshake *h = t->handshake;

	t->opened = true;
	if (t->server == NULL) {
		session_settle(t, h);
		t->verified = h->verifier.verdict == 0;
		t->end_point = end_point_of(&h->verifier.shown);
	}
	if (t->server != NULL && h->cert != NULL)
		t->shown = cert_ref(h->cert);
	if (t->server != NULL) {
		t->identity = h->client.found;
		h->client.found = NULL;
	}
	handshake_free(t);
}

static void tls_engine_failed(struct tls *t, unsigned error)
{
	const char *phase = t->opened ? "connection" : "handshake";
	struct why scratch;

	if (t->why != NULL)
		return;
	t->why = NEW(struct why);
	(void)fail(t->why, ERR_IO, "%s: %s", phase, tls_words(error, &scratch));
	if (t->server == NULL && t->handshake != NULL && t->handshake->offered)
		tls_sessions_drop(t->handshake->sessions, t->handshake->key);
	handshake_free(t);
}

void tls_engine_leave(struct tls *t)
{
	br_ssl_engine_context *e = t->engine;
	bool ended = engine_ended(t);

	if (!t->opened && e->application_data == 1)
		opened(t);
	if (ended && e->err != BR_ERR_OK)
		tls_engine_failed(t, t->error != 0 ? t->error : (unsigned)e->err);
	if (ended || in_is_empty(e))
		in_detach(t);
	if (ended || out_is_empty(e))
		out_detach(t);
}

enum tls_state tls_state(const struct tls *t)
{
	if (t->why != NULL)
		return TLS_FAILED;
	if (engine_ended(t) || t->engine->shutdown_recv)
		return TLS_CLOSED;
	if (t->closing)
		return TLS_CLOSING;
	return t->opened ? TLS_OPEN : TLS_HANDSHAKE;
}

const char *tls_why(const struct tls *t)
{
	return t->why != NULL ? t->why->text : "";
}

/* ---- ciphertext in ---- */

char *tls_cipher_room(struct tls *t, size_t *n)
{
	br_ssl_engine_context *e = t->engine;
	uint8_t *p = br_ssl_engine_recvrec_buf(e, n);

	if (p == NULL || t->why != NULL) {
		*n = 0;
		return NULL;
	}
	if (t->in == NULL && e->ixa == TLS_HEADER) {
		in_attach(t);
		p = br_ssl_engine_recvrec_buf(e, n);
	}
	assert(t->in != NULL || e->ixa + *n <= TLS_HEADER);
	return (char *)p;
}

void tls_cipher_commit(struct tls *t, size_t n)
{
	if (n == 0)
		return;
	/* The handshake processor handles a record that is not application data, and may send an
	 * answer. */
	if (t->in != NULL && t->engine->record_type_in != TLS_APPLICATION_DATA)
		tls_engine_enter(t);
	br_ssl_engine_recvrec_ack(t->engine, n);
	tls_engine_leave(t);
}

size_t tls_put_cipher(struct tls *t, struct str bytes)
{
	size_t taken = 0, n;
	char *p;

	while (taken < bytes.n && (p = tls_cipher_room(t, &n)) != NULL) {
		n = MIN(n, bytes.n - taken);
		memcpy(p, bytes.p + taken, n);
		tls_cipher_commit(t, n);
		taken += n;
	}
	return taken;
}

void tls_put_eof(struct tls *t)
{
	if (tls_state(t) == TLS_OPEN || tls_state(t) == TLS_HANDSHAKE)
		tls_engine_failed(t, TLS_ERROR_CUT);
}

/* ---- plaintext out of it ---- */

struct str tls_plain(struct tls *t)
{
	size_t n;
	const uint8_t *p = br_ssl_engine_recvapp_buf(t->engine, &n);

	return str_from((const char *)p, n);
}

void tls_plain_drop(struct tls *t, size_t n)
{
	if (n == 0)
		return;
	assert(n <= tls_plain(t).n);
	br_ssl_engine_recvapp_ack(t->engine, n);
	tls_engine_leave(t);
}

/* ---- plaintext in ---- */

size_t tls_put_plain(struct tls *t, struct str bytes)
{
	size_t taken = 0, n;
	uint8_t *p;

	if (tls_state(t) != TLS_OPEN || bytes.n == 0)
		return 0;
	tls_engine_enter(t);
	while (taken < bytes.n && (p = br_ssl_engine_sendapp_buf(t->engine, &n)) != NULL) {
		n = MIN(n, bytes.n - taken);
		memcpy(p, bytes.p + taken, n);
		br_ssl_engine_sendapp_ack(t->engine, n);
		taken += n;
	}
	tls_engine_leave(t);
	return taken;
}

void tls_flush(struct tls *t)
{
	if (t->out == NULL)
		return;
	br_ssl_engine_flush(t->engine, 0);
	tls_engine_leave(t);
}

/* ---- ciphertext out of it ---- */

struct str tls_cipher(struct tls *t)
{
	const uint8_t *p = NULL;
	size_t n = 0;

	if (t->out != NULL && t->why == NULL)
		p = br_ssl_engine_sendrec_buf(t->engine, &n);
	return str_from((const char *)p, n);
}

void tls_cipher_drop(struct tls *t, size_t n)
{
	if (n == 0)
		return;
	assert(n <= tls_cipher(t).n);
	br_ssl_engine_sendrec_ack(t->engine, n);
	tls_engine_leave(t);
}

void tls_close(struct tls *t)
{
	if (t->closing || engine_ended(t) || t->why != NULL)
		return;
	t->closing = true;
	tls_engine_enter(t);
	br_ssl_engine_close(t->engine);
	tls_engine_leave(t);
}

/* ---- life ---- */

/* BearSSL would seed each engine from the processor or by opening /dev/urandom. Instead it gets
 * bytes of getrandom(2), which need no file. */
static void randomness_set(br_ssl_engine_context *e)
{
	uint8_t seed[32];

	random_bytes(seed, sizeof seed);
	br_ssl_engine_inject_entropy(e, seed, sizeof seed);
	e->rng_os_rand_done = 1;
	mem_wipe(seed, sizeof seed);
}

void tls_engine_init(struct tls *t, br_ssl_engine_context *engine)
{
	t->engine = engine;
	t->handshake = NEW(struct tls_handshake);
	br_ssl_engine_set_buffers_bidi(engine, t->header, BR_SSL_BUFSIZE_INPUT,
	                               tls_pool_nowhere(), BR_SSL_BUFSIZE_OUTPUT);
	randomness_set(engine);
}

void tls_free(struct tls *t)
{
	if (t == NULL)
		return;
	in_detach(t);
	out_detach(t);
	handshake_free(t);
	if (t->server != NULL)
		cert_unref(t->shown);
	else
		mem_free(t->end_point);
	tls_identity_free(&t->identity);
	mem_free(t->why);
	mem_wipe(t, sizeof *t);
	mem_free(t);
}

/* ---- properties ---- */

bool tls_idle(const struct tls *t)
{
	return t->opened && t->in == NULL && t->out == NULL;
}

bool tls_bound(const struct tls *t)
{
	return t->server != NULL && t->shown != NULL;
}

struct str tls_end_point(const struct tls *t, struct arena *a)
{
	uint8_t hash[X509_END_POINT_MAX];
	size_t count;

	if (t->server == NULL && t->end_point != NULL)
		return str_dup(a, str_from((const char *)t->end_point->hash, t->end_point->n));
	if (!tls_bound(t))
		return STR_EMPTY;
	return str_dup(a, str_from((const char *)hash,
	                           x509_end_point(cert_chain(t->shown, &count), hash)));
}

struct str tls_describe(const struct tls *t, struct arena *a)
{
	if (!t->opened)
		return STR_EMPTY;
	return str_fmt(a, "TLSv1.2 %.*s",
	               STR_ARG(tls_suite_name(t->engine->session.cipher_suite)));
}

bool tls_modern(const struct tls *t)
{
	return t->opened && tls_suite_is_modern(t->engine->session.cipher_suite);
}

struct str tls_server_name(const struct tls *t)
{
	return str_of(br_ssl_engine_get_server_name(t->engine));
}

bool tls_resumed(const struct tls *t)
{
	return t->resumed;
}

bool tls_peer_verified(const struct tls *t, struct why *why)
{
	struct why scratch;

	if (!t->verified)
		(void)fail(why, ERR_DENIED, "%s",
		           t->opened || t->verdict != 0 ? tls_words(t->verdict, &scratch)
		                                        : "the handshake is not done");
	return t->verified;
}

const struct x509_client *tls_client(const struct tls *t)
{
	return t->identity != NULL ? &t->identity->who : NULL;
}

bool tls_client_refused(const struct tls *t, struct why *why)
{
	struct why scratch;

	if (t->server == NULL || !t->opened || t->verdict == 0)
		return false;
	(void)fail(why, ERR_DENIED, "%s", tls_words(t->verdict, &scratch));
	return true;
}

size_t tls_parked_bytes(void)
{
	return sizeof(struct tls);
}
