/* main/doctor_say.c: see doctor_say.h. */
#include "main/doctor_say.h"

#include "main/terminal.h"

#include <stdio.h>
#include <stdlib.h>

enum { EXIT_UNKNOWN = 3 };

static void print(struct str state, struct str what, struct str seen, struct str expected,
                  struct str advice)
{
	printf("%-7.*s %.*s: ", STR_ARG(state), STR_ARG(what));
	terminal_put(stdout, seen);
	printf("\n");
	if (str_eq(state, STR("ok")))
		return;
	if (expected.n != 0) {
		printf("        should be: ");
		terminal_put(stdout, expected);
		printf("\n");
	}
	if (advice.n != 0) {
		printf("        ");
		terminal_put(stdout, advice);
		printf("\n");
	}
}

void doctor_say(struct doctor_sum *sum, bool silent, struct str state, struct str what,
                struct str seen, struct str expected, struct str advice)
{
	sum->wrong += str_eq(state, STR("fail"));
	sum->unknown += str_eq(state, STR("unknown"));
	if (!silent)
		print(state, what, seen, expected, advice);
}

int doctor_status(const struct doctor_sum *sum)
{
	if (sum->wrong != 0)
		return EXIT_FAILURE;
	return sum->unknown != 0 ? EXIT_UNKNOWN : EXIT_SUCCESS;
}
