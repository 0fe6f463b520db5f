/* TLS client against TLS server, in memory. */
#include "harness/check.h"
#include "harness/tls_pair.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"
#include "foundation/base/random.h"
#include "network/tls/engine.h"
#include "network/tls/pool.h"

#include <string.h>

static struct fixture {
	struct arena a;
	struct certs *certs;
	struct str pem;
	struct trust *trust;
	struct tls_server *server;
	struct tls_client_config client; /* verifies against the one certificate */
} fx;

static int fixture_make(void **state)
{
	(void)state;
	fx = (struct fixture){ 0 };
	fx.certs = tls_pair_certs("mail.example.org", &fx.a, &fx.pem);
	fx.trust = tls_pair_trust(fx.pem);
	fx.server = tls_server_open(fx.certs, 16);
	fx.client = (struct tls_client_config){ .trust = fx.trust, .verify = TLS_VERIFY_PKIX };
	return 0;
}

static int fixture_drop(void **state)
{
	(void)state;
	tls_server_close(fx.server);
	certs_free(fx.certs);
	trust_free(fx.trust);
	arena_deinit(&fx.a);
	/* whatever a test did, every record buffer must have come back */
	return tls_pool_lent() != 0;
}

static struct tls_pair pair_open(void)
{
	struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");

	tls_pair_pump(&p, SIZE_MAX);
	assert_int_equal(tls_state(p.client), TLS_OPEN);
	assert_int_equal(tls_state(p.server), TLS_OPEN);
	return p;
}

static void say(struct tls *t, struct str s)
{
	assert_int_equal(tls_put_plain(t, s), s.n);
	tls_flush(t);
}

/* Both sides have one name for the channel (RFC 5929 4); a client that did not ask has none. */
static void end_point_is_the_same_at_both_ends(void **state)
{
	struct arena a = { 0 };
	struct str server, client;

	(void)state;
	for (int binds = 0; binds < 2; binds++) {
		struct tls_pair p;

		fx.client.binds = binds != 0;
		p = tls_pair_new(fx.server, &fx.client, "mail.example.org");
		assert_int_equal(tls_end_point(p.client, &a).n, 0);
		tls_pair_pump(&p, 100);
		server = tls_end_point(p.server, &a);
		client = tls_end_point(p.client, &a);
		assert_int_equal(server.n, 32); /* signed by ECDSA with SHA-256 */
		check_str(client, binds != 0 ? server : STR_EMPTY);
		tls_pair_free(&p);
	}
	fx.client.binds = false;
	arena_deinit(&a);
}

/* ---- handshake ---- */

static void handshake_in_chunks_of_every_size(void **state)
{
	(void)state;
	for (size_t chunk = 1; chunk < 700; chunk += chunk < 40 ? 1 : 37) {
		struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");

		tls_pair_pump(&p, chunk);
		check_at(chunk, tls_state(p.client) == TLS_OPEN);
		check_at(chunk, tls_state(p.server) == TLS_OPEN);
		say(p.client, STR("EHLO there\r\n"));
		say(p.server, STR("250 hello\r\n"));
		tls_pair_pump(&p, chunk);
		check_str_at(chunk, buf_str(&p.at_server), STR("EHLO there\r\n"));
		check_str_at(chunk, buf_str(&p.at_client), STR("250 hello\r\n"));
		tls_pair_free(&p);
	}
}

static void describes_the_connection(void **state)
{
	struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");
	struct str what;

	(void)state;
	check_str(tls_describe(p.server, &fx.a), STR_EMPTY);
	tls_pair_pump(&p, SIZE_MAX);
	what = tls_describe(p.server, &fx.a);
	assert_true(str_starts(what, STR("TLSv1.2 ECDHE-ECDSA-")));
	check_str(tls_describe(p.client, &fx.a), what);
	check_str(tls_server_name(p.server), STR("mail.example.org"));
	assert_true(tls_peer_verified(p.client, NULL));
	assert_false(tls_resumed(p.server));
	assert_string_equal(tls_why(p.server), "");
	tls_pair_free(&p);
}

/* The lending form must behave as the copying one. */
static void handshake_through_lent_room(void **state)
{
	struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");
	bool moved = true;

	(void)state;
	while (moved) {
		struct str out = tls_cipher(p.client);
		size_t room, n;
		char *to = tls_cipher_room(p.server, &room);

		n = MIN(room, out.n);
		if (n > 0) {
			memcpy(to, out.p, n);
			tls_cipher_commit(p.server, n);
			tls_cipher_drop(p.client, n);
		}
		moved = tls_pair_carry(&p, p.server, SIZE_MAX) || n > 0;
	}
	assert_int_equal(tls_state(p.server), TLS_OPEN);
	tls_pair_free(&p);
}

static void server_without_certificate(void **state)
{
	struct certs *none = certs_new();
	struct tls_server *server = tls_server_open(none, 0);
	struct tls_pair p = tls_pair_new(server, &fx.client, "mail.example.org");

	(void)state;
	tls_pair_pump(&p, SIZE_MAX);
	assert_int_equal(tls_state(p.server), TLS_FAILED);
	assert_string_equal(tls_why(p.server), "handshake: we have no certificate");
	assert_int_equal(tls_state(p.client), TLS_FAILED);
	assert_string_equal(tls_why(p.client),
	                    "handshake: the peer found no common cipher (handshake_failure)");
	tls_pair_free(&p);
	tls_server_close(server);
	certs_free(none);
}

/* Our client has no session store, so its inside is used to offer the session again. */
static struct tls *client_resuming(const struct tls *old)
{
	struct tls *t = tls_client_new(&fx.client, STR("mail.example.org"));
	struct str hello = tls_cipher(t);
	br_ssl_session_parameters session;

	tls_cipher_drop(t, hello.n); /* start again, with the session */
	br_ssl_engine_get_session_parameters(old->engine, &session);
	br_ssl_engine_set_session_parameters(t->engine, &session);
	tls_engine_enter(t);
	br_ssl_client_reset(&t->side.client, "mail.example.org", 1);
	tls_engine_leave(t);
	return t;
}

static void sessions_resume(void **state)
{
	struct tls_pair first = pair_open(), second;
	size_t full = first.moved;

	(void)state;
	second = tls_pair_new(fx.server, &fx.client, "mail.example.org");
	tls_free(second.client);
	second.client = client_resuming(first.client);
	tls_pair_pump(&second, SIZE_MAX);
	assert_int_equal(tls_state(second.client), TLS_OPEN);
	assert_true(tls_resumed(second.server));
	/* RFC 5929 4: no certificate was shown, so there is nothing to bind a login to */
	assert_true(tls_bound(first.server) && !tls_bound(second.server));
	assert_int_equal(tls_end_point(second.server, &fx.a).n, 0);
	assert_int_equal(tls_end_point(second.client, &fx.a).n, 0);
	assert_true(second.moved < full);
	say(second.client, STR("x"));
	tls_pair_pump(&second, SIZE_MAX);
	check_str(buf_str(&second.at_server), STR("x"));
	tls_pair_free(&second);
	tls_pair_free(&first);
}

/* ---- data ---- */

static struct str noise(size_t n)
{
	char *p = arena_alloc(&fx.a, n);

	random_bytes(p, n);
	return str_from(p, n);
}

static void transfer(struct tls_pair *p, struct tls *from, struct str data, size_t piece,
                     size_t chunk)
{
	for (size_t at = 0; at < data.n;) {
		at += tls_put_plain(from, str_sub(data, at, at + piece));
		while (tls_pair_carry(p, from, chunk))
			;
	}
	tls_flush(from);
	tls_pair_pump(p, chunk);
}

static void big_transfers_both_ways(void **state)
{
	static const struct {
		size_t bytes, piece, chunk;
	} rows[] = {
		{ 3000000, 65536, SIZE_MAX },
		{ 300000, 16384, 1 },
		{ 300000, 16385, 4096 },
		{ 20000, 1, 7 },
		{ 700000, 1000, 16413 },
	};
	struct tls_pair p = pair_open();

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str data = noise(rows[i].bytes);

		transfer(&p, p.client, data, rows[i].piece, rows[i].chunk);
		check_at(i, str_eq(buf_str(&p.at_server), data));
		transfer(&p, p.server, data, rows[i].piece, rows[i].chunk);
		check_at(i, str_eq(buf_str(&p.at_client), data));
		check_at(i, tls_idle(p.client) && tls_idle(p.server));
		buf_reset(&p.at_client);
		buf_reset(&p.at_server);
	}
	tls_pair_free(&p);
}

static void a_full_record_carries_16_kib(void **state)
{
	struct tls_pair p = pair_open();
	struct str data = noise(20000);

	(void)state;
	assert_int_equal(tls_put_plain(p.server, data), 16384);
	assert_int_equal(tls_put_plain(p.server, data), 0); /* until it is sent */
	assert_true(tls_cipher(p.server).n > 16384);
	tls_pair_free(&p);
}

/* ---- memory ---- */

static void parked_connections_hold_no_buffer(void **state)
{
	struct tls_pair p = pair_open();
	struct str record;
	char copy[64];
	size_t n;

	(void)state;
	assert_true(tls_parked_bytes() < 6 * 1024);
	assert_int_equal(tls_pool_lent(), 0);
	assert_true(tls_idle(p.server));

	say(p.client, STR("NOOP\r\n"));
	record = tls_cipher(p.client);
	n = record.n;
	assert_true(n < sizeof copy);
	memcpy(copy, record.p, n);
	tls_cipher_drop(p.client, n);
	assert_int_equal(tls_pool_lent(), 0);
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(tls_put_cipher(p.server, str_from(copy + i, 1)), 1);
		/* a header is no reason to lend 16 KB, the first byte behind it is */
		check_at(i, tls_pool_lent() == (i < TLS_HEADER ? 0 : 1));
	}
	check_str(tls_plain(p.server), STR("NOOP\r\n"));
	tls_plain_drop(p.server, 3);
	assert_int_equal(tls_pool_lent(), 1);
	tls_plain_drop(p.server, 3);
	assert_int_equal(tls_pool_lent(), 0);
	tls_pair_free(&p);
}

/* Many connections take turns, so that each gets buffers full of another's bytes (and, with
 * AddressSanitizer, of garbage). */
static void connections_share_buffers(void **state)
{
	struct tls_pair p[8];

	(void)state;
	for (size_t i = 0; i < COUNT(p); i++)
		p[i] = tls_pair_new(fx.server, &fx.client, "mail.example.org");
	for (bool moved = true; moved;) { /* all handshakes at once, in small steps */
		moved = false;
		for (size_t i = 0; i < COUNT(p); i++) {
			moved |= tls_pair_carry(&p[i], p[i].client, 11 + i);
			moved |= tls_pair_carry(&p[i], p[i].server, 11 + i);
		}
	}
	for (size_t round = 0; round < 20; round++)
		for (size_t i = 0; i < COUNT(p); i++) {
			struct str data = noise(1 + round * 997 + i);

			transfer(&p[i], p[i].client, data, KIB(64), 5000);
			check_at(i, str_eq(buf_str(&p[i].at_server), data));
			buf_reset(&p[i].at_server);
		}
	for (size_t i = 0; i < COUNT(p); i++)
		tls_pair_free(&p[i]);
}

/* ---- the end ---- */

static void close_notify_from_either_side(void **state)
{
	(void)state;
	for (int side = 0; side < 2; side++) {
		struct tls_pair p = pair_open();
		struct tls *first = side == 0 ? p.client : p.server;
		struct tls *other = side == 0 ? p.server : p.client;
		struct buf *seen = side == 0 ? &p.at_server : &p.at_client;

		assert_int_equal(tls_put_plain(first, STR("last words")), 10);
		tls_close(first); /* flushes */
		assert_int_equal(tls_state(first), TLS_CLOSING);
		assert_int_equal(tls_put_plain(first, STR("more")), 0);
		tls_pair_pump(&p, SIZE_MAX);
		check_str_at((size_t)side, buf_str(seen), STR("last words"));
		assert_int_equal(tls_state(other), TLS_CLOSED);
		assert_int_equal(tls_state(first), TLS_CLOSED);
		tls_put_eof(other);
		assert_int_equal(tls_state(other), TLS_CLOSED);
		tls_close(other);
		tls_close(first);
		tls_pair_free(&p);
	}
}

static void close_in_the_handshake(void **state)
{
	struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");

	(void)state;
	tls_pair_carry(&p, p.client, 20);
	tls_close(p.server);
	tls_pair_pump(&p, SIZE_MAX);
	assert_int_not_equal(tls_state(p.server), TLS_OPEN);
	assert_int_not_equal(tls_state(p.client), TLS_OPEN);
	tls_pair_free(&p);
}

static void a_cut_is_told_from_an_end(void **state)
{
	struct tls_pair p = pair_open();

	(void)state;
	tls_put_eof(p.server);
	assert_int_equal(tls_state(p.server), TLS_FAILED);
	assert_string_equal(tls_why(p.server), "connection: the connection was cut");
	tls_pair_free(&p);
}

/* Carry at most n bytes of the client's side of a handshake and of one record behind it;
 * returns how many there were. */
static size_t client_sends(struct tls_pair *p, size_t n)
{
	size_t sent = 0;
	bool moved = true;

	while (moved) {
		size_t before = p->moved;

		if (tls_state(p->client) == TLS_OPEN && tls_idle(p->client) && sent < n)
			say(p->client, STR("x"));
		moved = tls_pair_carry(p, p->client, n - sent);
		sent += p->moved - before;
		moved |= tls_pair_carry(p, p->server, SIZE_MAX);
		moved = moved && p->at_server.n == 0;
	}
	return sent;
}

/* At whatever byte it is cut, the server says so and gives everything back. */
static void truncated_at_every_length(void **state)
{
	struct tls_pair whole = tls_pair_new(fx.server, &fx.client, "mail.example.org");
	size_t n = client_sends(&whole, SIZE_MAX);

	(void)state;
	tls_pair_free(&whole);
	assert_true(n > 200);
	for (size_t cut = 0; cut < n; cut += cut < 150 ? 7 : 1) {
		struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");

		check_at(cut, client_sends(&p, cut) == cut);
		tls_put_eof(p.server);
		check_at(cut, tls_state(p.server) == TLS_FAILED);
		check_at(cut, p.at_server.n == 0);
		tls_pair_free(&p);
	}
}

/* One flipped bit in any place of the client's side of a handshake: it fails in words, and
 * never delivers plaintext. */
static void flipped_bits_in_a_handshake(void **state)
{
	(void)state;
	for (size_t at = 0; at < 300; at += 3) {
		struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");
		size_t sent = 0;
		bool moved = true;

		while (moved) {
			struct str out = tls_cipher(p.client);
			char copy[2048];
			size_t n = MIN(out.n, sizeof copy), taken = 0;

			memcpy(copy, out.p != NULL ? out.p : "", n);
			if (at >= sent && at < sent + n)
				copy[at - sent] ^= 0x10;
			taken = tls_put_cipher(p.server, str_from(copy, n));
			tls_cipher_drop(p.client, n);
			sent += n;
			moved = tls_pair_carry(&p, p.server, SIZE_MAX) || taken > 0;
		}
		if (at < sent) {
			check_at(at, tls_state(p.server) != TLS_OPEN ||
			                     tls_state(p.client) != TLS_OPEN);
			check_at(at, tls_state(p.server) != TLS_FAILED ||
			                     *tls_why(p.server) != '\0');
		}
		check_at(at, tls_plain(p.server).n == 0);
		tls_pair_free(&p);
	}
}

static void garbage_fails_in_words(void **state)
{
	static const struct {
		struct str bytes;
		const char *why;
	} rows[] = {
		{ { "EHLO example\r\n", 14 }, "handshake: not TLS, or TLS older than 1.2" },
		{ { "\x80\x2e\x01\x03\x01", 5 }, "handshake: not TLS, or TLS older than 1.2" },
		{ { "\x17\x03\x03\x00\x01x", 6 }, "handshake: an unexpected message" },
		{ { "\x16\x03\x03\xff\xff", 5 }, "handshake: a record of impossible length" },
		{ { "\x15\x03\x03\x00\x02\x02\x28", 7 },
		  "handshake: the peer found no common cipher (handshake_failure)" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct tls *t = tls_server_new(fx.server, true);

		(void)tls_put_cipher(t, rows[i].bytes);
		check_at(i, tls_state(t) == TLS_FAILED);
		check_str_at(i, str_of(tls_why(t)), str_of(rows[i].why));
		check_at(i, tls_put_cipher(t, STR("more")) == 0);
		check_at(i, tls_cipher(t).n == 0);
		tls_free(t);
	}
}

static void damaged_record_after_the_handshake(void **state)
{
	struct tls_pair p = pair_open();
	struct str out;
	char copy[256];

	(void)state;
	say(p.client, STR("transfer 100"));
	out = tls_cipher(p.client);
	memcpy(copy, out.p, out.n);
	copy[out.n - 1] ^= 1;
	(void)tls_put_cipher(p.server, str_from(copy, out.n));
	assert_int_equal(tls_plain(p.server).n, 0);
	assert_string_equal(tls_why(p.server), "connection: a damaged record (bad MAC)");
	assert_int_equal(tls_pool_lent(), 1); /* the client's */
	tls_pair_free(&p);
}

/* ---- certificates by name, changes ---- */

/* Does the server show this certificate to a client that asks for host? */
static bool shows(const char *host, struct str pem)
{
	struct trust *trust = tls_pair_trust(pem);
	struct tls_client_config config = { .trust = trust };
	struct tls_pair p = tls_pair_new(fx.server, &config, host);
	bool good;

	tls_pair_pump(&p, SIZE_MAX);
	good = tls_state(p.client) == TLS_OPEN && tls_peer_verified(p.client, NULL);
	tls_pair_free(&p);
	trust_free(trust);
	return good;
}

static void certificate_by_server_name(void **state)
{
	struct str pem, key;

	(void)state;
	assert_int_equal(cert_self_signed_make(STR("imap.other.net"), &fx.a, &pem, &key, NULL), OK);
	assert_false(shows("imap.other.net", pem));
	assert_int_equal(certs_put(fx.certs, STR("other"), CERT_OWN, pem, key, NULL), OK);
	assert_true(shows("imap.other.net", pem));
	assert_true(shows("IMAP.Other.NET", pem));
	assert_true(shows("mail.example.org", fx.pem));
	assert_true(certs_remove(fx.certs, STR("other")));
	assert_false(certs_remove(fx.certs, STR("other")));
	assert_false(shows("imap.other.net", pem));
}

/* At every step of a handshake the certificate is replaced: the handshake ends well, with the
 * old one if it had been chosen; the next one gets the new. */
static void reload_in_mid_flight(void **state)
{
	(void)state;
	for (size_t step = 0; step < 12; step++) {
		struct tls_pair p = tls_pair_new(fx.server, &fx.client, "mail.example.org");
		struct str pem, key;

		tls_pair_carry(&p, p.client, step * 40);
		if (step > 6)
			tls_pair_carry(&p, p.server, step * 40);
		assert_int_equal(cert_self_signed_make(STR("mail.example.org"), &fx.a, &pem, &key,
		                                       NULL), OK);
		assert_int_equal(certs_set(fx.certs, pem, key, NULL), OK);
		tls_pair_pump(&p, SIZE_MAX);
		/* with the new one the old trust does not fit */
		check_at(step, tls_state(p.client) == TLS_OPEN ||
		                       str_find(str_of(tls_why(p.client)), STR("trusted")) > 0);
		check_at(step, step < 7 || tls_state(p.client) == TLS_OPEN);
		tls_pair_free(&p);
		check_at(step, shows("mail.example.org", pem));
		trust_free(fx.trust);
		fx.trust = tls_pair_trust(pem);
		fx.client.trust = fx.trust;
	}
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_drop)
	const struct CMUnitTest tests[] = {
		TEST(handshake_in_chunks_of_every_size),
		TEST(end_point_is_the_same_at_both_ends),
		TEST(describes_the_connection),
		TEST(handshake_through_lent_room),
		TEST(server_without_certificate),
		TEST(sessions_resume),
		TEST(big_transfers_both_ways),
		TEST(a_full_record_carries_16_kib),
		TEST(parked_connections_hold_no_buffer),
		TEST(connections_share_buffers),
		TEST(close_notify_from_either_side),
		TEST(close_in_the_handshake),
		TEST(a_cut_is_told_from_an_end),
		TEST(truncated_at_every_length),
		TEST(flipped_bits_in_a_handshake),
		TEST(garbage_fails_in_words),
		TEST(damaged_record_after_the_handshake),
		TEST(certificate_by_server_name),
		TEST(reload_in_mid_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
