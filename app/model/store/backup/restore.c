/* model/store/backup/restore.c: making a backup the store of a folder; see backup.h. */
#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "model/store/backup/backup.h"
#include "model/store/backup/backup_file.h"
#include "model/store/backup/backup_sealed.h"
#include "model/store/folder.h"
#include "model/store/fsck.h"
#include "model/store/backend/journal_row.h"
#include "model/store/kv.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the copy --------------------------------------------------------------------------- */

static enum err copy_in(const struct restore_params *p, int folder_fd, const char *name,
                        struct why *why)
{
	const char *file = p->file;
	int from = fault("restore_open") ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	int to = -1;
	enum err e;

	if (from < 0)
		return fail_errno(why, "cannot open the backup %s", file);
	e = backup_opened(&from, folder_fd, p->passphrase, why);
	if (e != OK) {
		folder_close(&from);
		return e;
	}
	to = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	e = to < 0 ? fail_errno(why, "cannot make %s", name) : backup_file_copy(from, to, why);
	folder_close(&from);
	folder_close(&to);
	return e;
}

/* Lets a roost.mdb that was copied without its journal be opened without it. */
static enum err adopt(struct txn *t, void *arg)
{
	const struct restore_params *p = arg;
	enum err e = kv_del(t, SPACE_META, journal_row_name);

	if (e != OK && e != ERR_MISSING)
		return e;
	return p->adopt != NULL ? p->adopt(t, NULL) : OK;
}

/* Checks that the copy is a consistent store of a known format, then makes it this folder's
 * store. */
static enum err verify_and_adopt(const struct restore_params *p, const char *name, struct why *why)
{
	struct store_config config = {
		.role = STORE_SERVER,
		.folder = p->folder,
		.file = name,
		.existing = true,
		.locked = true,
	};
	struct fsck_report report = { .say = NULL };
	struct store *s = NULL;
	enum err e = store_open(&s, &config, why);

	if (e == OK && p->upgrade != NULL)
		e = p->upgrade(s, why);
	if (e == OK)
		e = fsck_run(s, p->checks, p->check_count, &report, why);
	if (e == OK && report.findings != 0)
		e = fail(why, ERR_CORRUPT, "the backup contradicts itself in %" PRIu64 " places",
		         report.findings);
	if (e == OK)
		e = store_write(s, adopt, (void *)p, why);
	store_close(&s);
	return e;
}

enum err store_backup_check(const char *file, const char *folder, struct str passphrase,
                            struct why *why)
{
	int from = open(file, O_RDONLY | O_CLOEXEC);
	int folder_fd = -1;
	enum err e;

	if (from < 0)
		return fail_errno(why, "cannot open the backup %s", file);
	e = folder_open(folder, false, &folder_fd, why);
	if (e == OK)
		e = backup_opened(&from, folder_fd, passphrase, why);
	if (e == OK)
		e = backup_file_check(from, why);
	folder_close(&from);
	folder_close(&folder_fd);
	return e;
}

/* --- in its place ------------------------------------------------------------------------ */

/* Moves the rows of the old store's journal into its tree. False when it cannot be opened. */
static bool old_store_update(const struct restore_params *p)
{
	struct store_config config = { .role = STORE_TOOL, .folder = p->folder };
	struct store *s = NULL;
	enum err e = store_open(&s, &config, NULL);

	store_close(&s);
	return e == OK;
}

static enum err keep_aside(int folder_fd, const char *name, struct why *why)
{
	struct arena a = { 0 };
	const char *aside =
		str_z(&a, str_fmt(&a, "%s.before-restore-%" PRId64, name, clock_real_ms() / 1000));
	enum err e = OK;

	if (fault("restore_aside") || linkat(folder_fd, name, folder_fd, aside, 0) != 0)
		e = fail_errno(why, "cannot keep the old store as %s", aside);
	arena_deinit(&a);
	return e;
}

/* Renames the old store, if there is one, and its journal if that could not be emptied. */
static enum err move_aside(int folder_fd, const struct restore_params *p, struct why *why)
{
	struct stat st;
	enum err e = OK;

	if (fstatat(folder_fd, "roost.mdb", &st, 0) != 0)
		return OK;
	if (!p->replace)
		return fail(why, ERR_CONFLICT, "the data folder has a store already");
	if (!old_store_update(p) && fstatat(folder_fd, "roost.journal", &st, 0) == 0)
		e = keep_aside(folder_fd, "roost.journal", why);
	return e == OK ? keep_aside(folder_fd, "roost.mdb", why) : e;
}

static enum err restore_into(int folder_fd, const struct restore_params *p, const char *name,
                             struct why *why)
{
	enum err e = copy_in(p, folder_fd, name, why);

	if (e == OK)
		e = verify_and_adopt(p, name, why);
	if (e == OK)
		e = move_aside(folder_fd, p, why);
	if (e == OK &&
	    (fault("restore_rename") || renameat(folder_fd, name, folder_fd, "roost.mdb") != 0))
		e = fail_errno(why, "cannot put the store in place");
	/* The readers in the old lock file refer to pages of the old store, as does its journal. */
	if (e == OK) {
		unlinkat(folder_fd, "roost.mdb-lock", 0);
		unlinkat(folder_fd, "roost.journal", 0);
		e = folder_sync(folder_fd, why);
	}
	folder_sweep(folder_fd);
	return e;
}

enum err store_restore(const struct restore_params *p, struct why *why)
{
	struct arena a = { 0 };
	struct stat st;
	int fd = -1;
	enum err e = folder_open(p->folder, true, &fd, why);

	/* The server's lock: no process may use the store that is replaced. */
	if (e == OK)
		e = folder_lock(fd, p->folder, why);
	if (e == OK && !p->replace && fstatat(fd, "roost.mdb", &st, 0) == 0)
		e = fail(why, ERR_CONFLICT,
		         "the data folder %s has a store already, and nobody asked to replace it",
		         p->folder);
	if (e == OK)
		e = restore_into(fd, p, folder_restore_name(&a), why);
	folder_close(&fd);
	arena_deinit(&a);
	return e;
}
