/* tests/harness/unit.c: see unit.h. */
#include "harness/unit.h"

#include <stdio.h>
#include <string.h>

char **unit_arguments;

int main(int argc, char **argv)
{
	for (const struct unit *u = units; u->name != NULL; u++) {
		if (argc < 2) {
			puts(u->name);
		} else if (strcmp(u->name, argv[1]) == 0) {
			unit_arguments = argv + 2;
			return u->run();
		}
	}
	return argc < 2 ? 0 : 2;
}
