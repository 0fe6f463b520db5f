/* console/cli/doctor_say.c: see cli_private.h. */
#include "console/cli/cli_private.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_UNKNOWN = 3 };

static void line(const char *before, struct str text)
{
	if (text.n == 0)
		return;
	printf("        %s", before);
	terminal_put(stdout, text);
	printf("\n");
}

static void print(const struct doctor_words *w)
{
	printf("%-7.*s %.*s: ", STR_ARG(w->state), STR_ARG(w->what));
	terminal_put(stdout, w->seen);
	printf("\n");
	if (str_eq(w->state, STR("ok")))
		return;
	line("", w->purpose);
	line("should be: ", w->expected);
	line("", w->advice);
	line("to paste: ", w->paste);
}

void doctor_say(struct doctor_sum *sum, bool silent, const struct doctor_words *words)
{
	sum->wrong += str_eq(words->state, STR("fail"));
	sum->unknown += str_eq(words->state, STR("unknown"));
	if (!silent)
		print(words);
}

int doctor_status(const struct doctor_sum *sum)
{
	if (sum->wrong != 0)
		return EXIT_FAILURE;
	return sum->unknown != 0 ? EXIT_UNKNOWN : EXIT_SUCCESS;
}
