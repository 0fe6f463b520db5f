/* console/cli/backup.c: `roost backup`: a copy to a file, or a dated copy in a folder. */
#include "console/cli/command.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "model/store/backup/backup.h"
#include "model/store/backup/backup_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct backup_args {
	const char *path;
	uint32_t keep; /* 0: all */
	struct str passphrase;
};

static bool backup_args_read(struct backup_args *out, int argc, char **argv, struct arena *secret)
{
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--passphrase-file") == 0) {
			if (++i == argc ||
			    !command_passphrase("backup", argv[i], secret, &out->passphrase))
				return false;
		} else if (strcmp(argv[i], "--keep") == 0) {
			if (++i == argc || !command_number("backup", argv[i], &out->keep) ||
			    out->keep == 0)
				return false;
		} else if (out->path == NULL) {
			out->path = argv[i];
		} else {
			return false;
		}
	}
	return out->path != NULL;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum err backups_prune(const struct backup_args *args, const char *made, struct why *why)
{
	uint32_t later = 0;
	enum err e = backup_set_prune(args->path, strrchr(made, '/') + 1, args->keep, &later, why);

	if (later > 0)
		fprintf(stderr,
		        "roost backup: backups in %s with a date in the future: %u. They do not "
		        "count for --keep. Check the clock, then rename or remove them.\n",
		        args->path, later);
	return e;
}

static enum err backup_to_folder(struct store *store, const struct backup_args *args,
                                 struct why *why)
{
	struct arena a = { 0 };
	const char *path = backup_set_path(&a, args->path, clock_real_ms());
	enum err e = store_backup(store, path, args->passphrase, why);

	if (e == OK) {
		printf("%s\n", path);
		if (args->keep > 0)
			e = backups_prune(args, path, why);
	}
	arena_deinit(&a);
	return e;
}

static enum err backup_make(struct store *store, const struct backup_args *args, struct why *why)
{
	if (is_folder(args->path))
		return backup_to_folder(store, args, why);
	if (args->keep > 0)
		return fail(why, ERR_SYNTAX, "--keep needs a folder, and %s is none", args->path);
	return store_backup(store, args->path, args->passphrase, why);
}

int cli_backup(const struct settings *s, int argc, char **argv)
{
	struct backup_args args = { .passphrase = s->backup_passphrase };
	struct store *store = NULL;
	struct why why = { "" };
	struct arena secret;
	int status = EXIT_SUCCESS;

	arena_init(&secret, true);
	/* Opening the store drops rights: only what its owner may write is written. */
	if (!backup_args_read(&args, argc, argv, &secret))
		status = EXIT_USAGE;
	else if ((store = command_store(s, false)) == NULL)
		status = EXIT_FAILURE;
	else if (backup_make(store, &args, &why) != OK)
		status = command_failed("backup", &why);
	store_close(&store);
	arena_deinit(&secret);
	return status;
}

int cli_backup_check(const struct settings *s, int argc, char **argv)
{
	struct backup_args args = { .passphrase = s->backup_passphrase };
	struct why why = { "" };
	struct arena secret;
	int status = EXIT_SUCCESS;

	arena_init(&secret, true);
	if (!backup_args_read(&args, argc, argv, &secret) || args.keep > 0)
		status = EXIT_USAGE;
	else if (store_backup_check(args.path, str_z(&secret, s->data), args.passphrase, &why) !=
	         OK)
		status = command_failed("backup check", &why);
	arena_deinit(&secret);
	return status;
}
