/* A message as the lines of a response: whole, by single bytes, and cut in two at every place. */
#include "harness/check.h"

#include "protocols/pop3/wire_lines.h"

static void lines_of(struct str in, uint64_t left, size_t first, size_t piece, struct buf *out)
{
	struct pop3_lines l = { .left = left };

	buf_reset(out);
	for (size_t at = 0, next = first; at < in.n; at = next, next += piece)
		pop3_lines_put(&l, out, str_sub(in, at, next));
	pop3_lines_end(&l, out);
}

static void test_lines(void **state)
{
	static const struct {
		const char *in;
		uint64_t left;
		const char *out;
	} rows[] = {
		{ "", POP3_LINES_ALL, ".\r\n" },
		{ "a: b\r\n\r\nc\r\n", POP3_LINES_ALL, "a: b\r\n\r\nc\r\n.\r\n" },
		{ "a: b\r\n\r\nc", POP3_LINES_ALL, "a: b\r\n\r\nc\r\n.\r\n" },
		{ "a: b\r\n\r\nc\r", POP3_LINES_ALL, "a: b\r\n\r\nc\r\n.\r\n" },
		{ ".\r\n..\r\n.x", POP3_LINES_ALL, "..\r\n...\r\n..x\r\n.\r\n" },
		/* A lone LF ends a line, so no dot behind it is the end. */
		{ "a\n.\nb\n", POP3_LINES_ALL, "a\r\n..\r\nb\r\n.\r\n" },
		{ "a\r.\r\n", POP3_LINES_ALL, "a\r.\r\n.\r\n" },
		{ "\r\r\n\r\nx\r\n", 0, "\r\r\n\r\n.\r\n" },
		/* RFC 1939 7: the header, the empty line, and so many lines of the body. */
		{ "a: b\r\n\r\nc\r\nd\r\n", 0, "a: b\r\n\r\n.\r\n" },
		{ "a: b\r\n\r\nc\r\nd\r\n", 1, "a: b\r\n\r\nc\r\n.\r\n" },
		{ "a: b\r\n\r\nc\r\n\r\nd\r\n", 2, "a: b\r\n\r\nc\r\n\r\n.\r\n" },
		{ "a: b\r\n\r\nc\r\n", 9, "a: b\r\n\r\nc\r\n.\r\n" },
		{ "a: b\n\nc\nd\n", 1, "a: b\r\n\r\nc\r\n.\r\n" },
		{ "\r\nbody\r\n", 0, "\r\n.\r\n" },
		{ "no end of header", 0, "no end of header\r\n.\r\n" },
	};
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct str in = str_of(rows[i].in), want = str_of(rows[i].out);

		lines_of(in, rows[i].left, 1, 1, &out);
		check_at(i, str_eq(buf_str(&out), want));
		for (size_t cut = 0; cut <= in.n; cut++) {
			lines_of(in, rows[i].left, cut, SIZE_MAX / 2, &out);
			check_at(i, str_eq(buf_str(&out), want));
		}
	}
	buf_deinit(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
