/* console/cli/main.c: settings from the environment, then what the command line says. */
#include "console/cli/command.h"

#include "foundation/confine/confine.h"
#include "foundation/crypto/crypto.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

/* Standard output was written completely; it fails if the disk is full. */
static int finish(int status)
{
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fputs("roost: standard output could not be written\n", stderr);
		return EXIT_FAILURE;
	}
	return status;
}

int main(int argc, char **argv)
{
	static char version[] = "version";
	struct settings s;
	struct why why = { "" };
	int status;

	if (argc > 1 && command_asks_for_help(argv[1]))
		return finish(command_help(stdout, argc - 2, argv + 2));
	if (argc > 1 && strcmp(argv[1], "--version") == 0)
		argv[1] = version;
	confine_process(); /* commands handle secrets too */
	crypto_init();
	if (settings_read(&s, environ, &why) != OK)
		status = command_failed("settings", &why);
	else
		status = command_run(&s, argc - 1, argv + 1);
	settings_deinit(&s);
	return finish(status);
}
