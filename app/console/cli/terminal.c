/* console/cli/terminal.c: see cli_private.h. */
#include "console/cli/cli_private.h"

#include "foundation/base/cur.h"
#include "foundation/text/utf8.h"

enum { REPLACEMENT = 0xfffd };

static bool is_control(uint32_t c)
{
	return c < ' ' || (c >= 0x7f && c < 0xa0);
}

static void put(FILE *to, struct str s, bool lines)
{
	struct cur c = cur_of(s);

	while (!cur_done(&c)) {
		struct str rest = cur_rest(&c);
		uint32_t character = utf8_next(&c);
		size_t n = rest.n - cur_rest(&c).n;

		if (lines && (character == '\n' || character == '\t'))
			fputc((int)character, to);
		else if (lines && character == '\r' && n < rest.n && rest.p[n] == '\n')
			continue;
		else if (is_control(character) || character == REPLACEMENT)
			fputc('?', to);
		else
			fwrite(rest.p, 1, n, to);
	}
}

void terminal_put(FILE *to, struct str s)
{
	put(to, s, false);
}

void terminal_put_lines(FILE *to, struct str s)
{
	put(to, s, true);
}
