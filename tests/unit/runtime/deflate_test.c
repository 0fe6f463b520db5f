/* Compression: the stream by itself, and in a connection. */
#include "unit/runtime/echo.h"

#include "network/runtime/deflate.h"
#include "network/runtime/deflate_gzip.h"

#include <stdio.h>
#include <string.h>

/* --- the stream ------------------------------------------------------------- */

/* All of plain, packed so that the peer can read it, in pieces of at most max bytes. */
static void pack(struct deflate *z, struct str plain, size_t max, struct buf *out)
{
	while (plain.n != 0) {
		size_t n = deflate_put(z, plain, out, max);

		plain = str_sub(plain, n, plain.n);
	}
	while (!deflate_flush(z, out, max))
		;
}

static void unpack(struct deflate *z, struct str packed, size_t max, struct buf *out)
{
	while (packed.n != 0 || deflate_holds(z)) {
		size_t before = out->n, n = deflate_take(z, packed, out, max);

		assert_true(out->n - before <= max);
		packed = str_sub(packed, n, packed.n);
		if (deflate_state(z) != DEFLATE_OPEN)
			break;
	}
}

static void some_text(struct buf *b, size_t n)
{
	buf_init(b, n + 100);
	for (unsigned line = 0; b->n < n; line++)
		buf_fmt(b, "* %u FETCH (UID %x FLAGS (\\Seen))\r\n", line, line * 2654435761u);
}

static void test_round_trip(void **state)
{
	static const size_t pieces[] = { 1, 7, 100, 16384 };
	struct buf text;

	(void)state;
	some_text(&text, 100000);
	for (size_t i = 0; i < COUNT(pieces); i++) {
		struct deflate *a = deflate_new(), *b = deflate_new();
		struct buf packed, plain;

		buf_init(&packed, MIB(1));
		buf_init(&plain, MIB(1));
		for (int turn = 0; turn < 3; turn++) {
			buf_reset(&packed);
			buf_reset(&plain);
			pack(a, buf_str(&text), MAX(pieces[i], (size_t)DEFLATE_FLUSH_MIN), &packed);
			assert_true(packed.n < text.n / 2);
			unpack(b, buf_str(&packed), pieces[i], &plain);
			check_str(buf_str(&plain), buf_str(&text));
		}
		assert_int_equal(deflate_state(b), DEFLATE_OPEN);
		buf_deinit(&packed);
		buf_deinit(&plain);
		deflate_free(&a);
		deflate_free(&b);
	}
	buf_deinit(&text);
}

/* What a connection that waits holds is what docs/reference/footprint.md can multiply. */
static void test_memory(void **state)
{
	struct deflate *z = deflate_new(), *peer = deflate_new();
	struct buf text, packed, plain;
	size_t first = deflate_memory(z);

	(void)state;
	some_text(&text, 200000);
	buf_init(&packed, MIB(1));
	buf_init(&plain, MIB(1));
	pack(peer, buf_str(&text), 4096, &packed);
	unpack(z, buf_str(&packed), 4096, &plain);
	buf_reset(&packed);
	pack(z, buf_str(&text), 4096, &packed);
	print_message("a compressed connection: %zu bytes at first, %zu at most\n", first,
	              deflate_memory(z));
	assert_true(first < 80 << 10 && deflate_memory(z) < 112 << 10);
	deflate_free(&z);
	deflate_free(&peer);
	buf_deinit(&text);
	buf_deinit(&packed);
	buf_deinit(&plain);
}

static void test_broken(void **state)
{
	static const struct {
		struct str packed;
		enum deflate_state want;
	} rows[] = {
		{ { "\x03\x00", 2 }, DEFLATE_ENDED },          /* an empty last block    */
		{ { "\x03\x00x", 3 }, DEFLATE_ENDED },         /* and something behind it */
		{ { "\xff\xff\xff\xff", 4 }, DEFLATE_BROKEN }, /* no such kind of block   */
		{ { "a NOOP\r\n", 8 }, DEFLATE_BROKEN },       { { "", 0 }, DEFLATE_OPEN },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct deflate *z = deflate_new();
		struct buf plain;

		buf_init(&plain, 1000);
		unpack(z, rows[i].packed, 10, &plain);
		check_at(i, deflate_state(z) == rows[i].want && !deflate_holds(z));
		assert_int_equal(deflate_take(z, STR("x"), &plain, 10),
		                 rows[i].want == DEFLATE_OPEN);
		buf_deinit(&plain);
		deflate_free(&z);
	}
}

/* --- in a connection -------------------------------------------------------- */

struct zip_peer {
	int fd;
	struct deflate *z;
	struct buf plain; /* that came and was not expected yet */
};

static void zip_open(struct zip_peer *p)
{
	p->fd = greeted();
	p->z = deflate_new();
	buf_init(&p->plain, MIB(8));
	peer_send(p->fd, "before\r\nzip\r\n");
	peer_expect(p->fd, "before\r\nzipped\r\n");
}

static void zip_close(struct zip_peer *p)
{
	peer_close(p->fd);
	deflate_free(&p->z);
	buf_deinit(&p->plain);
}

static void zip_send(struct zip_peer *p, struct str plain, size_t piece)
{
	struct buf packed;

	buf_init(&packed, MIB(1));
	pack(p->z, plain, 1000, &packed);
	for (size_t i = 0; i < packed.n; i += piece)
		peer_send_bytes(p->fd, packed.p + i, MIN(piece, packed.n - i));
	buf_deinit(&packed);
}

static void zip_expect(struct zip_peer *p, struct str want)
{
	while (p->plain.n < want.n) {
		char bytes[5000];
		ssize_t n = recv(p->fd, bytes, sizeof bytes, 0);

		if (n <= 0)
			fail_msg("the end after %zu of %zu bytes", p->plain.n, want.n);
		unpack(p->z, str_from(bytes, (size_t)n), 1000, &p->plain);
	}
	check_str(str_sub(buf_str(&p->plain), 0, want.n), want);
	buf_drop(&p->plain, want.n);
}

static void test_dialogue(void **state)
{
	struct zip_peer p;

	(void)state;
	zip_open(&p);
	for (int i = 0; i < 100; i++) {
		zip_send(&p, STR("ping\r\n"), i % 2 ? 1 : 100);
		zip_expect(&p, STR("ping\r\n"));
	}
	zip_send(&p, STR("later\r\n"), 100);
	zip_expect(&p, STR("wait for it\r\n"));
	pthread_mutex_lock(&waker_lock);
	conn_wake(last_waker);
	pthread_mutex_unlock(&waker_lock);
	zip_expect(&p, STR("woken\r\n"));
	zip_send(&p, STR("quit\r\n"), 100);
	zip_expect(&p, STR("bye\r\n"));
	peer_expect_end(p.fd, false);
	zip_close(&p);
}

/* A generator and a flood, to a peer that reads slowly. */
static void test_long_answers(void **state)
{
	struct zip_peer p;
	struct buf want;

	(void)state;
	zip_open(&p);
	buf_init(&want, MIB(4));
	for (int i = 0; i < 2; i++)
		for (unsigned n = BIG_LINES; n != 0; n--)
			buf_fmt(&want, "%0*u\r\n", BIG_LINE - 2, n);
	zip_send(&p, STR("big\r\n"), 100);
	sleep_ms(50);
	zip_send(&p, STR("flood\r\n"), 100);
	zip_expect(&p, buf_str(&want));
	buf_deinit(&want);
	zip_close(&p);
}

/* A few bytes that are many lines: all are answered, though no buffer holds them, and the
 * peer's end comes behind them. */
static void test_bomb(void **state)
{
	struct zip_peer p;
	struct buf many;

	(void)state;
	zip_open(&p);
	buf_init(&many, MIB(4));
	for (int i = 0; i < 300000; i++)
		buf_put(&many, STR("z\r\n"));
	zip_send(&p, buf_str(&many), 100000);
	shutdown(p.fd, SHUT_WR);
	zip_expect(&p, buf_str(&many));
	buf_deinit(&many);
	zip_close(&p);
}

/* A line that never ends is told once, whatever it unpacks to. */
static void test_long_line(void **state)
{
	struct zip_peer p;
	struct buf line;

	(void)state;
	zip_open(&p);
	buf_init(&line, MIB(8));
	memset(buf_room(&line, MIB(6)), 'x', MIB(6));
	buf_commit(&line, MIB(6));
	zip_send(&p, buf_str(&line), 100000);
	zip_expect(&p, STR("too long\r\n"));
	zip_send(&p, STR("\r\nhere\r\n"), 100);
	zip_expect(&p, STR("here\r\n"));
	buf_deinit(&line);
	zip_close(&p);
}

/* --- the end of both streams ------------------------------------------------ */

enum ending { FINISHED, FLUSHED, FINISHED_LATE };

/* The last line of the peer's stream, and the end that it has. */
static void last_pack(struct zip_peer *p, enum ending how, struct buf *out)
{
	(void)deflate_put(p->z, STR("unzip\r\n"), out, 1000);
	while (!(how == FINISHED ? deflate_finish : deflate_flush)(p->z, out, 1000))
		;
}

static void bytes_send(struct zip_peer *p, struct buf *b, size_t piece)
{
	for (size_t i = 0; i < b->n; i += piece)
		peer_send_bytes(p->fd, b->p + i, MIN(piece, b->n - i));
	buf_reset(b);
}

/* The rest of the server's stream, and none of what is behind it. */
static void end_expect(struct zip_peer *p, const char *want)
{
	while (deflate_state(p->z) == DEFLATE_OPEN) {
		char byte;

		if (recv(p->fd, &byte, 1, 0) != 1)
			fail_msg("the end amid the stream");
		unpack(p->z, str_from(&byte, 1), 1000, &p->plain);
	}
	assert_int_equal(deflate_state(p->z), DEFLATE_ENDED);
	check_str(buf_str(&p->plain), str_of(want));
	buf_reset(&p->plain);
}

/* However the peer ends its stream, with plain lines behind it at once or later; and again. */
static void test_ended(void **state)
{
	static const size_t pieces[] = { 1, 3, 1000 };
	struct zip_peer p;
	struct buf bytes;

	(void)state;
	buf_init(&bytes, 10000);
	zip_open(&p);
	for (size_t i = 0; i < 3 * 2 * COUNT(pieces); i++) {
		enum ending how = (enum ending)(i % 3);
		bool at_once = how != FINISHED_LATE && i / 3 % 2;
		size_t piece = pieces[i / 6];

		zip_send(&p, STR("ping\r\n"), piece);
		last_pack(&p, how, &bytes);
		if (at_once)
			buf_put(&bytes, STR("plain\r\n"));
		bytes_send(&p, &bytes, piece);
		end_expect(&p, "ping\r\nunzipped\r\n");
		if (how == FINISHED_LATE)
			assert_true(deflate_finish(p.z, &bytes, 1000));
		if (!at_once)
			buf_put(&bytes, STR("plain\r\n"));
		buf_put(&bytes, STR("zip\r\n"));
		bytes_send(&p, &bytes, piece);
		peer_expect(p.fd, "plain\r\nzipped\r\n");
		deflate_free(&p.z);
		p.z = deflate_new();
	}
	buf_deinit(&bytes);
	zip_close(&p);
}

/* Streams that go on behind the command, or are broken there, or end without it: so does the
 * connection. */
static void test_not_ended(void **state)
{
	static const struct {
		struct str packed, raw;
	} rows[] = {
		{ STR("unzip\r\nping\r\n"), STR("") },
		{ STR("unzip\r\n"), STR("\xff\xff\xff\xff") },
		{ STR("unzip\r\n"), STR("\x06") },
		{ STR("unzip\r\n"), STR("\x01\x01\x00\xfe\xff\n") }, /* a last block with a byte */
		{ STR("ping\r\n"), STR("\x03\x00") },
		{ STR("ping\r\n"), STR("\x03\x00ping\r\n") },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct zip_peer p;
		struct buf bytes;

		zip_open(&p);
		buf_init(&bytes, 1000);
		pack(p.z, rows[i].packed, 1000, &bytes);
		buf_put(&bytes, rows[i].raw);
		bytes_send(&p, &bytes, 1000);
		wait_for(&closed, (int)i + 1);
		buf_deinit(&bytes);
		zip_close(&p);
	}
}

/* What is not packed behind the command, and what is no stream at all. */
static void test_not_packed(void **state)
{
	int fd = greeted();

	(void)state;
	peer_send(fd, "zip\r\nping\r\nping\r\n");
	peer_expect(fd, "zipped\r\n");
	peer_expect_end(fd, true);
	peer_close(fd);
	fd = greeted();
	peer_send(fd, "zip\r\n");
	peer_expect(fd, "zipped\r\n");
	peer_send_bytes(fd, "\xff\xff\xff\xff", 4);
	peer_expect_end(fd, true);
	peer_close(fd);
	wait_for(&closed, 2);
}

/* --- a file at once (deflate_gzip.h) -------------------------------------------------- */

static void test_gzip(void **state)
{
	struct deflate *z = deflate_new();
	struct buf plain, file, back, small;

	(void)state;
	some_text(&plain, 100000);
	buf_init(&file, 200000);
	buf_init(&back, 200000);
	assert_true(gzip_put(&file, buf_str(&plain)));
	assert_memory_equal(file.p, "\x1f\x8b\x08\0", 4); /* RFC 1952 2.3.1: no flags */
	unpack(z, str_sub(buf_str(&file), 10, file.n), 4096, &back);
	assert_int_equal(deflate_state(z), DEFLATE_ENDED);
	assert_true(str_eq(buf_str(&back), buf_str(&plain)));
	assert_int_equal((uint8_t)file.p[file.n - 4], plain.n & 0xff); /* RFC 1952 2.3.1: ISIZE */
	buf_init(&small, file.n - 1);
	buf_put(&small, STR("kept"));
	assert_false(gzip_put(&small, buf_str(&plain)));
	assert_true(buf_ok(&small) && str_eq(buf_str(&small), STR("kept")));
	buf_reset(&back);
	assert_true(gzip_put(&back, STR_EMPTY));
	deflate_free(&z);
	buf_deinit(&small);
	buf_deinit(&back);
	buf_deinit(&file);
	buf_deinit(&plain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_broken),
		TEST(test_dialogue),
		TEST(test_long_answers),
		TEST(test_bomb),
		TEST(test_long_line),
		TEST(test_ended),
		TEST(test_not_ended),
		TEST(test_not_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
