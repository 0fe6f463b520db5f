/* model/store/backup/backup.c: see backup.h. */
#include "model/store/backup/backup.h"

#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "foundation/base/random.h"
#include "model/store/backup/backup_file.h"
#include "model/store/backup/backup_sealed.h"
#include "model/store/folder.h"
#include "model/store/store_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder of a path, "." when it names none; in the arena. */
static const char *folder_of(struct arena *a, const char *path)
{
	ptrdiff_t slash = str_rfind_byte(str_of(path), '/');

	if (slash < 0)
		return ".";
	return str_z(a, str_from(path, slash == 0 ? 1 : (size_t)slash));
}

static enum err sync_folder_of(const char *path, struct why *why)
{
	struct arena a = { 0 };
	int fd = open(folder_of(&a, path), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e = OK;

	if (fd < 0 || fsync(fd) != 0)
		e = fail_errno(why, "cannot sync the folder of %s", path);
	folder_close(&fd);
	arena_deinit(&a);
	return e;
}

/* Copy and trailer. */
static enum err copy_write(struct store *s, int fd, struct why *why)
{
	enum err e = fault("backup_copy") ? fail_errno(why, "cannot copy the store")
	                                  : s->ops->copy(s->env, fd, why);

	return e == OK ? backup_file_finish(fd, why) : e;
}

/* Writes an encrypted backup from a plain copy in the data folder, which has the same data
 * already. */
static enum err sealed_write(struct store *s, int fd, struct str passphrase, struct why *why)
{
	uint64_t bytes;
	int plain;
	enum err e = store_backup_open(s, STR_EMPTY, &plain, &bytes, why);

	if (e == OK)
		e = backup_seal(plain, fd, passphrase, why);
	folder_close(&plain);
	return e;
}

static enum err copy_to(struct store *s, const char *partial, struct str passphrase,
                        struct why *why)
{
	int fd = -1;
	enum err e;

	if (!fault("backup_open"))
		fd = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(why, "cannot make %s", partial);
	e = passphrase.n != 0 ? sealed_write(s, fd, passphrase, why) : copy_write(s, fd, why);
	if (e == OK && (fault("backup_sync") || fsync(fd) != 0))
		e = fail_errno(why, "cannot sync %s", partial);
	folder_close(&fd);
	return e;
}

/* Is the file a backup, or empty? */
static bool is_backup(const char *path, const struct stat *st)
{
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool yes = fd >= 0 && (backup_file_ends(fd) || backup_is_sealed(fd));

	folder_close(&fd);
	return yes || st->st_size == 0;
}

/* A backup may replace only an old backup: another file could be the store itself. */
static enum err target_check(struct store *s, const char *path, struct why *why)
{
	struct arena a = { 0 };
	struct stat target, folder, data;
	enum err e = OK;

	if (lstat(path, &target) != 0)
		return OK;
	if (!S_ISREG(target.st_mode))
		e = fail(why, ERR_CONFLICT, "%s exists and is not a file", path);
	else if (stat(folder_of(&a, path), &folder) != 0 ||
	         fstat(store_folder_fd(s), &data) != 0 ||
	         (folder.st_dev == data.st_dev && folder.st_ino == data.st_ino))
		e = fail(why, ERR_CONFLICT,
		         "%s exists in the data folder, where a backup replaces nothing", path);
	else if (!is_backup(path, &target))
		e = fail(why, ERR_CONFLICT,
		         "%s exists and is not a backup: give another name, or remove it first",
		         path);
	arena_deinit(&a);
	return e;
}

static enum err publish(const char *partial, const char *path, struct why *why)
{
	if (fault("backup_rename") || rename(partial, path) != 0)
		return fail_errno(why, "cannot name the backup %s", path);
	return sync_folder_of(path, why);
}

enum err store_backup(struct store *s, const char *path, struct str passphrase, struct why *why)
{
	struct arena a = { 0 };
	const char *partial;
	enum err e;

	if (s->ops->copy == NULL)
		return fail(why, ERR_DENIED, "a store in memory has no backup");
	e = target_check(s, path, why);
	if (e != OK)
		return e;
	partial = str_z(&a, str_fmt(&a, "%s.%.*s.partial", path, STR_ARG(random_name(&a, 8))));
	e = copy_to(s, partial, passphrase, why);
	if (e == OK)
		e = publish(partial, path, why);
	if (e != OK)
		unlink(partial);
	arena_deinit(&a);
	return e;
}

int backup_nameless_file(int folder)
{
	static const char *const name = "roost.backup.partial";
	int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && unlinkat(folder, name, 0) != 0)
		folder_close(&fd);
	return fd;
}

/* Encrypts *fd into an unnamed file, which replaces *fd. */
static enum err seal_open(struct store *s, struct str passphrase, int *fd, struct why *why)
{
	int sealed = backup_nameless_file(store_folder_fd(s));
	enum err e;

	if (sealed < 0)
		return fail_errno(why, "cannot make a file for the backup");
	e = backup_seal(*fd, sealed, passphrase, why);
	folder_close(fd);
	*fd = sealed;
	return e;
}

enum err store_backup_open(struct store *s, struct str passphrase, int *fd, uint64_t *bytes,
                           struct why *why)
{
	enum err e;

	*fd = -1;
	if (s->ops->copy == NULL)
		return fail(why, ERR_DENIED, "a store in memory has no backup");
	if (!fault("backup_open"))
		*fd = backup_nameless_file(store_folder_fd(s));
	if (*fd < 0)
		return fail_errno(why, "cannot make a file for the backup");
	e = copy_write(s, *fd, why);
	if (e == OK && passphrase.n != 0)
		e = seal_open(s, passphrase, fd, why);
	if (e == OK)
		e = backup_file_size(*fd, bytes, why);
	if (e == OK && lseek(*fd, 0, SEEK_SET) != 0)
		e = fail_errno(why, "cannot read the backup");
	if (e != OK)
		folder_close(fd);
	return e;
}
