/* store/backup.c: see backup.h.
 *
 * A backup is a compact copy of roost.mdb with a page after its last one:
 *
 *	"roost backup 1\n", length of the copy (be64), BLAKE2b-256 of the copy, zeros
 *
 * LMDB never looks past its last page, so the file can be used as roost.mdb as it is; and
 * whoever restores it can tell a damaged copy before trusting a byte of it. */
#include "store/backup.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/fault.h"
#include "base/mem.h"
#include "base/pack.h"
#include "base/random.h"
#include "crypto/hash.h"
#include "store/folder.h"
#include "store/fsck.h"
#include "store/journal_row.h"
#include "store/kv.h"
#include "store/store_body.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRAILER_BYTES = 4096, COPY_BYTES = 1 << 18 };

static const struct str trailer_magic = { "roost backup 1\n", 15 };

/* --- Files ------------------------------------------------------------------------------ */

/* Read from offset until n bytes are there or the file ends. */
static ssize_t read_at(int fd, char *p, size_t n, uint64_t offset)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = fault("backup_read")
		                      ? -1
		                      : pread(fd, p + have, n - have, (off_t)(offset + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static bool write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = fault("backup_write") ? -1 : write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* Hash the first n bytes of `from`, writing them to `to` on the way when it is not -1. */
static enum err pass_bytes(int from, int to, uint64_t n, uint8_t hash[HASH_BYTES], struct why *why)
{
	struct hash_blake2b h;
	char *p = mem_resize(NULL, COPY_BYTES);
	enum err e = OK;

	hash_blake2b_init(&h);
	for (uint64_t at = 0; at < n && e == OK;) {
		size_t want = (size_t)MIN((uint64_t)COPY_BYTES, n - at);

		if (read_at(from, p, want, at) != (ssize_t)want)
			e = fail_errno(why, "cannot read the backup");
		else if (to >= 0 && !write_all(to, p, want))
			e = fail_errno(why, "cannot write the copy");
		hash_blake2b_update(&h, str_from(p, want));
		at += want;
	}
	hash_blake2b_final(&h, hash);
	mem_free(p);
	return e;
}

static enum err file_size(int fd, uint64_t *n, struct why *why)
{
	struct stat st;

	*n = 0;
	if (fault("backup_stat") || fstat(fd, &st) != 0)
		return fail_errno(why, "cannot look at the backup");
	*n = (uint64_t)st.st_size;
	return OK;
}

static void trailer_make(struct buf *b, uint64_t length, const uint8_t hash[HASH_BYTES])
{
	buf_put(b, trailer_magic);
	pack_be64(b, length);
	buf_bytes(b, hash, HASH_BYTES);
	memset(buf_room(b, TRAILER_BYTES - b->n), 0, TRAILER_BYTES - b->n);
	buf_commit(b, TRAILER_BYTES - b->n);
}

/* --- Backup ----------------------------------------------------------------------------- */

static enum err trailer_write(int fd, struct why *why)
{
	uint8_t hash[HASH_BYTES];
	struct buf b;
	uint64_t length;
	enum err e = file_size(fd, &length, why);

	if (e == OK)
		e = pass_bytes(fd, -1, length, hash, why);
	if (e != OK)
		return e;
	buf_init(&b, TRAILER_BYTES);
	trailer_make(&b, length, hash);
	if (lseek(fd, (off_t)length, SEEK_SET) < 0 || !write_all(fd, b.p, b.n))
		e = fail_errno(why, "cannot finish the backup");
	buf_deinit(&b);
	return e;
}

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

	return e == OK ? trailer_write(fd, why) : e;
}

static enum err copy_to(struct store *s, const char *partial, struct why *why)
{
	int fd = -1;
	enum err e;

	if (!fault("backup_open"))
		fd = open(partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(why, "cannot make %s", partial);
	e = copy_write(s, fd, why);
	if (e == OK && (fault("backup_sync") || fsync(fd) != 0))
		e = fail_errno(why, "cannot sync %s", partial);
	folder_close(&fd);
	return e;
}

/* link, unlike rename, replaces nothing, but not every file system knows it. */
static bool name_file(const char *partial, const char *path)
{
	if (fault("backup_link"))
		return false;
	if (link(partial, path) == 0)
		return true;
	return (errno == EPERM || errno == EOPNOTSUPP) && rename(partial, path) == 0;
}

static enum err publish(const char *partial, const char *path, struct why *why)
{
	if (name_file(partial, path))
		return sync_folder_of(path, why);
	if (errno == EEXIST)
		return fail(why, ERR_CONFLICT, "%s exists already", path);
	return fail_errno(why, "cannot name the backup %s", path);
}

enum err store_backup(struct store *s, const char *path, struct why *why)
{
	struct arena a = { 0 };
	const char *partial;
	struct stat st;
	enum err e;

	if (s->ops->copy == NULL)
		return fail(why, ERR_DENIED, "a store in memory has no backup");
	if (stat(path, &st) == 0)
		return fail(why, ERR_CONFLICT, "%s exists already", path);
	partial = str_z(&a, str_fmt(&a, "%s.%.*s.partial", path, STR_ARG(random_name(&a, 8))));
	e = copy_to(s, partial, why);
	if (e == OK)
		e = publish(partial, path, why);
	unlink(partial);
	arena_deinit(&a);
	return e;
}

/* A file that never had a name, or where the file system has no such, that has one for a moment. */
static int nameless_file(struct store *s)
{
	static const char *const name = "roost.backup.partial";
	int folder = store_folder_fd(s);
	int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
		return fd;
	fd = openat(folder, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd >= 0 && unlinkat(folder, name, 0) != 0)
		folder_close(&fd);
	return fd;
}

enum err store_backup_open(struct store *s, int *fd, uint64_t *bytes, struct why *why)
{
	enum err e;

	*fd = -1;
	if (s->ops->copy == NULL)
		return fail(why, ERR_DENIED, "a store in memory has no backup");
	if (!fault("backup_open"))
		*fd = nameless_file(s);
	if (*fd < 0)
		return fail_errno(why, "cannot make a file for the backup");
	e = copy_write(s, *fd, why);
	if (e == OK)
		e = file_size(*fd, bytes, why);
	if (e == OK && lseek(*fd, 0, SEEK_SET) != 0)
		e = fail_errno(why, "cannot read the backup");
	if (e != OK)
		folder_close(fd);
	return e;
}

/* --- Restore ---------------------------------------------------------------------------- */

/* Does a page begin like a trailer? A page of the tree never does: its own number comes first. */
static bool trailer_at(int fd, uint64_t at)
{
	char magic[32];

	return read_at(fd, magic, trailer_magic.n, at) == (ssize_t)trailer_magic.n &&
	       str_eq(str_from(magic, trailer_magic.n), trailer_magic);
}

/* No trailer at the end: then there must be none before either. */
static enum err check_plain(int fd, uint64_t size, struct why *why)
{
	for (uint64_t at = 0; at < size; at += TRAILER_BYTES) {
		if (trailer_at(fd, at))
			return fail(why, ERR_CORRUPT,
			            "the backup is damaged: its end is not where "
			            "it was written");
	}
	return OK;
}

/* Where the pages end: before the trailer when there is one. */
static enum err trailer_read(int fd, uint64_t *length, bool *has, struct buf *trailer,
                             struct why *why)
{
	uint64_t size;
	enum err e = file_size(fd, &size, why);

	*length = size;
	*has = false;
	if (e != OK || size < TRAILER_BYTES)
		return e;
	if (read_at(fd, buf_room(trailer, TRAILER_BYTES), TRAILER_BYTES, size - TRAILER_BYTES) !=
	    TRAILER_BYTES)
		return fail_errno(why, "cannot read the backup");
	buf_commit(trailer, TRAILER_BYTES);
	*has = str_starts(buf_str(trailer), trailer_magic);
	if (!*has)
		return check_plain(fd, size, why);
	*length = size - TRAILER_BYTES;
	return OK;
}

/* Copy `from` to `to` and compare with what the trailer says; a plain roost.mdb, copied
 * while no server ran, has none. */
static enum err copy_checked(int from, int to, struct why *why)
{
	uint8_t hash[HASH_BYTES];
	struct buf found, wanted;
	uint64_t length;
	bool has;
	enum err e;

	buf_init(&found, TRAILER_BYTES);
	buf_init(&wanted, TRAILER_BYTES);
	e = trailer_read(from, &length, &has, &found, why);
	if (e == OK)
		e = pass_bytes(from, to, length, hash, why);
	if (e == OK && has) {
		trailer_make(&wanted, length, hash);
		if (!str_eq(buf_str(&found), buf_str(&wanted)))
			e = fail(why, ERR_CORRUPT, "the backup is damaged: its checksum differs");
	}
	if (e == OK && (fault("restore_sync") || fsync(to) != 0))
		e = fail_errno(why, "cannot sync the copy");
	buf_deinit(&found);
	buf_deinit(&wanted);
	return e;
}

static enum err copy_in(const char *file, int folder_fd, const char *name, struct why *why)
{
	int from = fault("restore_open") ? -1 : open(file, O_RDONLY | O_CLOEXEC);
	int to = -1;
	enum err e;

	if (from < 0)
		return fail_errno(why, "cannot open the backup %s", file);
	to = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	e = to < 0 ? fail_errno(why, "cannot make %s", name) : copy_checked(from, to, why);
	folder_close(&from);
	folder_close(&to);
	return e;
}

/* A roost.mdb that was copied without its journal goes on without it. */
static enum err adopt(struct txn *t, void *arg)
{
	const struct restore_params *p = arg;
	enum err e = kv_del(t, SPACE_META, journal_row_name);

	if (e != OK && e != ERR_MISSING)
		return e;
	return p->adopt != NULL ? p->adopt(t, NULL) : OK;
}

/* Is the copy a store of a format we know, in which nothing contradicts itself? Then make it
 * this folder's. */
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

/* What the old store has only in its journal goes into its tree. False when it cannot be
 * opened. */
static bool bring_up_old(const struct restore_params *p)
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

/* The old store, if there is one, with its journal when that could not be emptied. */
static enum err move_aside(int folder_fd, const struct restore_params *p, struct why *why)
{
	struct stat st;
	enum err e = OK;

	if (fstatat(folder_fd, "roost.mdb", &st, 0) != 0)
		return OK;
	if (!p->replace)
		return fail(why, ERR_CONFLICT, "the data folder has a store already");
	if (!bring_up_old(p) && fstatat(folder_fd, "roost.journal", &st, 0) == 0)
		e = keep_aside(folder_fd, "roost.journal", why);
	return e == OK ? keep_aside(folder_fd, "roost.mdb", why) : e;
}

static enum err restore_into(int folder_fd, const struct restore_params *p, const char *name,
                             struct why *why)
{
	enum err e = copy_in(p->file, folder_fd, name, why);

	if (e == OK)
		e = verify_and_adopt(p, name, why);
	if (e == OK)
		e = move_aside(folder_fd, p, why);
	if (e == OK &&
	    (fault("restore_rename") || renameat(folder_fd, name, folder_fd, "roost.mdb") != 0))
		e = fail_errno(why, "cannot put the store in place");
	/* The old lock file's readers speak of pages of the old store, as does its journal. */
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

	/* The server's lock: nothing may run on the store that goes. */
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
