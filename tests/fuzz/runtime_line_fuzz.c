/* Lines out of a connection's input: whatever the bytes, and however they are cut, the same
 * lines come as when they are split by hand; and addresses print as what they parse to. */
#include "network/runtime/conn_private.h"

#include "foundation/base/mem.h"

#include <string.h>

enum { LINE_MAX_BYTES = 40 };

/* What conn_line must do next with all of the rest at hand. */
static enum conn_line by_hand(struct str *rest, struct str *line)
{
	ptrdiff_t end = str_find(*rest, STR("\r\n"));

	if (end < 0)
		return rest->n > LINE_MAX_BYTES + 1 ? CONN_TOO_LONG : CONN_MORE;
	*line = str_sub(*rest, 0, (size_t)end);
	*rest = str_sub(*rest, (size_t)end + 2, rest->n);
	return line->n <= LINE_MAX_BYTES ? CONN_LINE : CONN_TOO_LONG;
}

/* The connection gets its bytes in pieces whose sizes the input decides. */
static void check_lines(struct str cuts, struct str all)
{
	struct conn c = { .eof = true }; /* so that it never looks at its socket */
	struct str want_rest = all, fed = all;
	size_t cut = 0;

	buf_init(&c.in, CONN_INPUT_MAX);
	for (;;) {
		struct str line, want = STR_EMPTY;
		enum conn_line got = conn_line(&c, LINE_MAX_BYTES, &line), must;

		if (got == CONN_MORE && fed.n != 0) {
			size_t n = cuts.n != 0 ? (unsigned char)cuts.p[cut++ % cuts.n] % 7 + 1u : 1;

			buf_put(&c.in, str_sub(fed, 0, n));
			fed = str_sub(fed, n, fed.n);
			continue;
		}
		must = by_hand(&want_rest, &want);
		if (got == CONN_MORE) {
			/* all was fed; a long line at the end was announced before */
			assert(must == CONN_MORE || c.skipping);
			break;
		}
		assert(got == must);
		if (got == CONN_LINE)
			assert(str_eq(line, want));
		else if (str_find(want_rest, STR("\r\n")) < 0 && want.n == 0)
			break; /* the long last line */
	}
	buf_deinit(&c.in);
}

static void check_addr(struct str s)
{
	char text[ADDR_TEXT_MAX], again_text[ADDR_TEXT_MAX];
	struct addr a, again;

	if (!addr_parse(s, &a))
		return;
	assert(addr_parse(addr_text(&a, text), &again));
	assert(addr_eq(&a, &again));
	assert(str_eq(str_of(text), addr_text(&again, again_text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str s = str_from((const char *)data, n);

	if (n > CONN_INPUT_MAX / 2)
		return 0;
	check_addr(s);
	check_lines(str_sub(s, 0, n / 4), str_sub(s, n / 4, n));
	return 0;
}
