/* What a peer sent drives no terminal. */
#include "harness/check.h"

#include "console/cli/cli_private.h"

#include <stdlib.h>

static void what_drives_a_terminal_goes(void **state)
{
	static const struct {
		const char *in, *line, *lines;
	} rows[] = {
		{ "plain", "plain", "plain" },
		{ "", "", "" },
		{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f" },
		{ "\x1b]0;x\x07", "?]0;x?", "?]0;x?" },
		{ "a\x7f"
		  "b",
		  "a?b", "a?b" },
		{ "\xc2\x9b"
		  "31m",
		  "?31m", "?31m" }, /* CSI as one character */
		{ "\x9b"
		  "31m",
		  "?31m", "?31m" }, /* and as one byte      */
		{ "\xc2\xa0", "\xc2\xa0", "\xc2\xa0" },
		{ "\xff\xc3", "??", "??" },
		{ "a\r\n\tb\n", "a???b?", "a\n\tb\n" },
		{ "a\rb\r", "a?b?", "a?b?" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		for (int lines = 0; lines < 2; lines++) {
			char *text = NULL;
			size_t n = 0;
			FILE *to = open_memstream(&text, &n);

			assert_non_null(to);
			(lines ? terminal_put_lines : terminal_put)(to, str_of(rows[i].in));
			fclose(to);
			check_str_at(i, str_from(text, n),
			             str_of(lines ? rows[i].lines : rows[i].line));
			free(text);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_drives_a_terminal_goes) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
