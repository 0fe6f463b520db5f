/* main/cli_store.c: `roost backup`, `restore` and `fsck`: the store as a whole. */
#include "main/command.h"

#include "mailbox/mail.h"
#include "main/checks.h"
#include "main/privilege.h"
#include "store/backup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int cli_backup(const struct settings *s, int argc, char **argv)
{
	struct store *store = command_store(s, false);
	struct why why = { "" };
	enum err e;

	(void)argc;
	if (store == NULL)
		return EXIT_FAILURE;
	e = store_backup(store, argv[0], &why);
	store_close(&store);
	return e == OK ? EXIT_SUCCESS : command_failed("backup", &why);
}

int cli_restore(const struct settings *s, int argc, char **argv)
{
	struct arena a = { 0 };
	struct restore_params p = { .folder = str_z(&a, s->data) };
	struct why why = { "" };
	int status = EXIT_SUCCESS;

	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--replace") == 0)
			p.replace = true;
		else
			p.file = argv[i];
	}
	p.checks = checks_all(&p.check_count);
	p.adopt = mail_renew;
	if (p.file == NULL || argc != 1 + p.replace)
		status = EXIT_USAGE;
	else if (privilege_drop(p.folder, &why) != OK || store_restore(&p, &why) != OK)
		status = command_failed("restore", &why);
	arena_deinit(&a);
	return status;
}

static void say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	printf("%s: %.*s\n", check, STR_ARG(sentence));
}

int cli_fsck(const struct settings *s, int argc, char **argv)
{
	struct store *store = command_store(s, false);
	struct fsck_report report = { .say = say };
	const struct fsck_check *checks;
	struct why why = { "" };
	size_t count;
	enum err e;

	(void)argc, (void)argv;
	if (store == NULL)
		return EXIT_FAILURE;
	checks = checks_all(&count);
	e = fsck_run(store, checks, count, &report, &why);
	store_close(&store);
	if (e)
		return command_failed("fsck", &why);
	return report.findings == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
