/* The frames of WebSocket: each row whole, one byte at a time, and cut at every length. */
#include "harness/check.h"

#include "network/http_server/wire_websocket.h"

#include <string.h>

#define MASK "\x37\xfa\x21\x3d"
enum { MAX = 70000 };

/* RFC 6455 5.7 has the first ones. */
static const struct row {
	const char *about;
	struct str bytes;
	enum websocket_got got;
	unsigned code;
	const char *text; /* message, or control */
} rows[] = {
	{ "text", STR("\x81\x85" MASK "\x7f\x9f\x4d\x51\x58"), WEBSOCKET_GOT_TEXT, 1005, "Hello" },
	{ "fragments", STR("\x01\x83" MASK "\x7f\x9f\x4d\x80\x82" MASK "\x5b\x95"),
	  WEBSOCKET_GOT_TEXT, 1005, "Hello" },
	{ "empty fragments", STR("\x01\x80" MASK "\x00\x80" MASK "\x80\x81" MASK "\x7f"),
	  WEBSOCKET_GOT_TEXT, 1005, "H" },
	{ "empty text", STR("\x81\x80" MASK), WEBSOCKET_GOT_TEXT, 1005, "" },
	{ "ping", STR("\x89\x85" MASK "\x7f\x9f\x4d\x51\x58"), WEBSOCKET_GOT_PING, 1005, "Hello" },
	{ "pong", STR("\x8a\x80" MASK), WEBSOCKET_GOT_PONG, 1005, "" },
	{ "ping among fragments", STR("\x01\x81" MASK "\x7f\x89\x80" MASK), WEBSOCKET_GOT_PING,
	  1005, "" },
	{ "close", STR("\x88\x80" MASK), WEBSOCKET_GOT_CLOSE, 1005, "" },
	{ "close 1000", STR("\x88\x82\0\0\0\0\x03\xe8"), WEBSOCKET_GOT_CLOSE, 1000, NULL },
	{ "close 4999 with a reason", STR("\x88\x83\0\0\0\0\x13\x87x"), WEBSOCKET_GOT_CLOSE, 4999,
	  NULL },
	{ "close 1005", STR("\x88\x82\0\0\0\0\x03\xed"), WEBSOCKET_FAILED, 1002, NULL },
	{ "close 5000", STR("\x88\x82\0\0\0\0\x13\x88"), WEBSOCKET_FAILED, 1002, NULL },
	{ "close with one byte", STR("\x88\x81\0\0\0\0\x03"), WEBSOCKET_FAILED, 1002, NULL },
	{ "close with a bad reason", STR("\x88\x83\0\0\0\0\x03\xe8\xff"), WEBSOCKET_FAILED, 1007,
	  NULL },
	{ "not masked", STR("\x81\x05Hello"), WEBSOCKET_FAILED, 1002, NULL },
	{ "compressed", STR("\xc1\x85" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "binary", STR("\x82\x80" MASK), WEBSOCKET_FAILED, 1003, NULL },
	{ "reserved data frame", STR("\x83\x80" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "reserved control frame", STR("\x8b\x80" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "ping in fragments", STR("\x09\x80" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "long ping", STR("\x89\xfe\x00\x7e" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "continuation of nothing", STR("\x80\x80" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "text within fragments", STR("\x01\x80" MASK "\x81\x80" MASK), WEBSOCKET_FAILED, 1002,
	  NULL },
	{ "length in too many bytes", STR("\x81\xfe\x00\x05" MASK), WEBSOCKET_FAILED, 1002, NULL },
	{ "length in too many bytes", STR("\x81\xff\0\0\0\0\0\0\xff\xff" MASK), WEBSOCKET_FAILED,
	  1002, NULL },
	{ "length with a sign", STR("\x81\xff\x80\0\0\0\0\1\0\0" MASK), WEBSOCKET_FAILED, 1002,
	  NULL },
	{ "too long", STR("\x81\xff\0\0\0\0\0\1\x11\x71" MASK), WEBSOCKET_FAILED, 1009, NULL },
	{ "too long in fragments", STR("\x01\x81" MASK "\x7f\x80\xff\0\0\0\0\0\1\x11\x70" MASK),
	  WEBSOCKET_FAILED, 1009, NULL },
	{ "bad UTF-8", STR("\x81\x81\0\0\0\0\xff"), WEBSOCKET_FAILED, 1007, NULL },
	{ "UTF-8 over fragments", STR("\x01\x81\0\0\0\0\xc3\x80\x81\0\0\0\0\xa9"),
	  WEBSOCKET_GOT_TEXT, 1005, "\xc3\xa9" },
	{ "cut UTF-8", STR("\x81\x81\0\0\0\0\xc3"), WEBSOCKET_FAILED, 1007, NULL },
};

/* The first event, with at most step bytes a call; *used: bytes taken. */
static enum websocket_got take(struct websocket_frames *f, struct str in, size_t step, size_t *used)
{
	enum websocket_got got = WEBSOCKET_MORE;

	for (*used = 0; *used < in.n && got == WEBSOCKET_MORE;) {
		size_t n;

		got = websocket_frames_take(f, str_sub(in, *used, MIN(*used + step, in.n)), &n);
		*used += n;
		assert_true(n > 0);
	}
	return got;
}

static void row_check(const struct row *r, size_t step)
{
	struct websocket_frames f;
	size_t used;

	websocket_frames_init(&f, MAX);
	if (take(&f, r->bytes, step, &used) != r->got || f.code != r->code)
		fail_msg("%s, %zu bytes at a time: code %u", r->about, step, f.code);
	if (r->text != NULL) {
		struct buf *b = r->got == WEBSOCKET_GOT_TEXT ? &f.message : &f.control;

		assert_true(str_eq(buf_str(b), str_of(r->text)));
		assert_int_equal(used, r->bytes.n);
	}
	websocket_frames_deinit(&f);
}

static void every_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		row_check(&rows[i], 1);
		row_check(&rows[i], 1000);
	}
}

/* A part of a frame is never an event that the whole is not. */
static void every_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (size_t n = 0; n < rows[i].bytes.n; n++) {
			struct websocket_frames f;
			enum websocket_got got;
			size_t used;

			websocket_frames_init(&f, MAX);
			got = take(&f, str_sub(rows[i].bytes, 0, n), 1000, &used);
			assert_true(got == WEBSOCKET_MORE ||
			            (got == WEBSOCKET_FAILED && got == rows[i].got));
			websocket_frames_deinit(&f);
		}
	}
}

/* A masked message arrives as it was sent: at each change of the form of a length. */
static void lengths(void **state)
{
	static const size_t sizes[] = { 0, 1, 125, 126, 127, 65535, 65536, MAX };
	static char text[MAX];

	(void)state;
	memset(text, 'x', sizeof text);
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct websocket_frames f;
		struct buf b;
		size_t used, head;

		buf_init(&b, MAX + 100);
		websocket_head_put(&b, WEBSOCKET_TEXT, sizes[i]);
		b.p[1] = (char)(b.p[1] | 0x80);
		buf_bytes(&b, "\0\0\0\0", 4);
		head = b.n;
		buf_bytes(&b, text, sizes[i]);
		websocket_frames_init(&f, MAX);
		assert_int_equal(take(&f, buf_str(&b), 1000, &used), WEBSOCKET_GOT_TEXT);
		assert_int_equal(f.message.n, sizes[i]);
		assert_int_equal(used, head + sizes[i]);
		websocket_frames_deinit(&f);
		buf_deinit(&b);
	}
}

static void closing(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	websocket_close_put(&b, WEBSOCKET_NORMAL);
	websocket_close_put(&b, WEBSOCKET_NO_CODE);
	assert_true(str_eq(buf_str(&b), STR("\x88\x02\x03\xe8\x88\x00")));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row),
		cmocka_unit_test(every_cut),
		cmocka_unit_test(lengths),
		cmocka_unit_test(closing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
