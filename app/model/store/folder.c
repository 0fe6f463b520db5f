/* model/store/folder.c: see folder.h. */
#include "model/store/folder.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/base/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { LOOK_MS = 50 }; /* a check of the lock has ended by then */

static const struct str restore_prefix = { "restore-", 8 };

/* When two machines can open the file, memory maps and locks are not consistent between them. FUSE
 * is not in the table: container bind mounts on desktops use it too. */
static const struct {
	unsigned long magic;
	const char *name;
} networks[] = {
	{ 0x6969, "NFS" },      { 0x517b, "SMB" },      { 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB2" }, { 0x5346414f, "AFS" },  { 0x00c36400, "Ceph" },
	{ 0x01021997, "9P" },   { 0x73757245, "Coda" }, { 0x0bd00bd0, "Lustre" },
	{ 0x47504653, "GPFS" },
};

const char *folder_network_name(unsigned long magic)
{
	for (size_t i = 0; i < COUNT(networks); i++) {
		if (networks[i].magic == magic)
			return networks[i].name;
	}
	return NULL;
}

static enum err check_local(int fd, const char *path, struct why *why)
{
	struct statfs fs;
	const char *name;

	if (fault("folder_statfs") || fstatfs(fd, &fs) != 0)
		return fail_errno(why, "cannot look at the file system of %s", path);
	/* On some machines f_type is signed or has a different width. */
	name = folder_network_name((unsigned long)fs.f_type & 0xffffffff);
	if (name == NULL)
		return OK;
	return fail(why, ERR_CONFLICT,
	            "the data folder %s is on a network file system (%s), which can damage the "
	            "store; use a local disk",
	            path, name);
}

static enum err check_access(int fd, const char *path, struct why *why)
{
	if (!fault("folder_access") && faccessat(fd, ".", R_OK | W_OK | X_OK, AT_EACCESS) == 0)
		return OK;
	return fail(why, ERR_DENIED,
	            "user %u may not write to the data folder %s: chown it to that user",
	            (unsigned)geteuid(), path);
}

enum err folder_open(const char *path, bool create, int *fd, struct why *why)
{
	enum err e = OK;

	*fd = -1;
	if (create && (fault("folder_mkdir") || mkdir(path, 0700) != 0) && errno != EEXIST)
		return fail_errno(why, "cannot make the data folder %s", path);
	if (!fault("folder_open"))
		*fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*fd < 0 && errno == EACCES)
		return fail(why, ERR_DENIED, "user %u may not read the data folder %s",
		            (unsigned)geteuid(), path);
	if (*fd < 0)
		return fail_errno(why, "cannot open the data folder %s", path);
	if (create)
		e = check_access(*fd, path, why);
	if (e == OK)
		e = check_local(*fd, path, why);
	if (e != OK)
		folder_close(fd);
	return e;
}

enum err folder_lock(int fd, const char *path, struct why *why)
{
	int64_t until = clock_mono_ms() + LOOK_MS;
	bool locked;

	while (!(locked = !fault("folder_lock") && flock(fd, LOCK_EX | LOCK_NB) == 0) &&
	       errno == EWOULDBLOCK && clock_mono_ms() < until)
		clock_sleep_ms(1);
	if (locked)
		return OK;
	if (errno == EWOULDBLOCK)
		return fail(why, ERR_CONFLICT, "another roost already serves the folder %s", path);
	return fail_errno(why, "cannot lock the folder %s", path);
}

/* flock(2) cannot query a lock, only try to take it. */
bool folder_is_free(int fd)
{
	return !fault("folder_is_free") && flock(fd, LOCK_SH | LOCK_NB) == 0 &&
	       flock(fd, LOCK_UN) == 0;
}

const char *folder_restore_name(struct arena *a)
{
	return str_z(a, str_fmt(a, "%.*s%.*s.mdb", STR_ARG(restore_prefix),
	                        STR_ARG(random_name(a, 16))));
}

void folder_sweep(int fd)
{
	int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = own >= 0 ? fdopendir(own) : NULL;

	if (d == NULL) {
		folder_close(&own);
		return;
	}
	for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
		struct str name = str_of(entry->d_name);

		/* Its lock file is NAME.mdb-lock. */
		if (str_starts(name, restore_prefix) &&
		    (str_ends(name, STR(".mdb")) || str_ends(name, STR(".mdb-lock"))))
			unlinkat(fd, entry->d_name, 0);
	}
	closedir(d);
}

enum err folder_sync(int fd, struct why *why)
{
	if (fault("folder_sync") || fsync(fd) != 0)
		return fail_errno(why, "cannot sync the data folder");
	return OK;
}

void folder_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
