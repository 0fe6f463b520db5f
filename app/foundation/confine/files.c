/* foundation/confine/files.c: see confine.h; Landlock by its three system calls, which libc does
 * not have.
 *
 * The constants are defined here because the kernel headers of the oldest supported build system
 * have version 2 only. Source: linux/landlock.h. */
#include "foundation/confine/confine.h"
#include "foundation/confine/threads.h"

#include "foundation/base/fault.h"
#include "foundation/base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };

enum { RULESET_VERSION = BIT(0), RULE_PATH_BENEATH = 1 };

enum {
	FS_EXECUTE = BIT(0),
	FS_WRITE_FILE = BIT(1),
	FS_READ_FILE = BIT(2),
	FS_READ_DIR = BIT(3),
	FS_REMOVE_DIR = BIT(4),
	FS_REMOVE_FILE = BIT(5),
	FS_MAKE_CHAR = BIT(6),
	FS_MAKE_DIR = BIT(7),
	FS_MAKE_REG = BIT(8),
	FS_MAKE_SOCK = BIT(9),
	FS_MAKE_FIFO = BIT(10),
	FS_MAKE_BLOCK = BIT(11),
	FS_MAKE_SYM = BIT(12),
	FS_REFER = BIT(13),     /* since version 2 */
	FS_TRUNCATE = BIT(14),  /* 3 */
	FS_IOCTL_DEV = BIT(15), /* 5 */
};

enum { SCOPE_ABSTRACT_SOCKETS = BIT(0) }; /* 6 */

enum {
	FS_OF_FILE = FS_EXECUTE | FS_WRITE_FILE | FS_READ_FILE | FS_TRUNCATE | FS_IOCTL_DEV,
	FS_FORBIDDEN = FS_EXECUTE | FS_MAKE_CHAR | FS_MAKE_BLOCK | FS_IOCTL_DEV,
};

struct ruleset {
	uint64_t files, network, scope;
};

struct path_rule {
	uint64_t allowed;
	int32_t fd;
} __attribute__((packed));

/* Everything that a kernel of this version can restrict. */
static struct ruleset restricted(unsigned abi)
{
	uint64_t last = abi >= 5 ? FS_IOCTL_DEV : abi >= 3 ? FS_TRUNCATE :
	                abi >= 2 ? FS_REFER                             : FS_MAKE_SYM;

	return (struct ruleset){ .files = last * 2 - 1,
		                 .scope = abi >= 6 ? SCOPE_ABSTRACT_SOCKETS : 0 };
}

static uint64_t allowed_at(enum confine_access access)
{
	switch (access) {
	case CONFINE_READ:
		return FS_READ_FILE | FS_READ_DIR;
	case CONFINE_DEVICE:
		return FS_READ_FILE | FS_WRITE_FILE;
	case CONFINE_SOCKETS:
		return FS_MAKE_SOCK | FS_REMOVE_FILE;
	case CONFINE_ALL:
		break;
	}
	return ~(uint64_t)FS_FORBIDDEN;
}

/* Keep the descriptor of a place in /proc open: /proc creates an inode for each opening unless it
 * is in use, and a rule applies to one inode. */
static bool files_is_kept(const char *path)
{
	return str_starts(str_of(path), STR("/proc/"));
}

static enum err place_allow(int rules, const struct ruleset *all, const struct confine_place *place,
                            struct why *why)
{
	struct path_rule rule = { .fd = open(place->path, O_PATH | O_CLOEXEC) };
	bool done = false;
	struct stat st;

	if (rule.fd < 0)
		return OK;
	if (fstat(rule.fd, &st) == 0) {
		rule.allowed = all->files & allowed_at(place->access);
		if (!S_ISDIR(st.st_mode))
			rule.allowed &= FS_OF_FILE;
		done = syscall(ADD_RULE, rules, RULE_PATH_BENEATH, &rule, 0) == 0;
	}
	if (!done)
		fail_errno(why, "Landlock, \"%s\"", place->path);
	if (!done || !files_is_kept(place->path))
		close(rule.fd);
	return done ? OK : ERR_IO;
}

static int restrict_self(void *arg)
{
	const int *rules = arg;

	return syscall(RESTRICT_SELF, *rules, 0) == 0 ? 0 : errno;
}

enum err confine_files(const struct confine_place *places, size_t count, unsigned *abi,
                       struct why *why)
{
	struct ruleset all;
	long version = fault("landlock") ? -1 : syscall(CREATE_RULESET, NULL, 0, RULESET_VERSION);
	int rules;
	enum err e = OK;

	*abi = 0;
	if (version < 1) /* not built in, disabled, or hidden by the container's filter */
		return fail(why, ERR_MISSING, "the kernel has no Landlock");
	all = restricted((unsigned)version);
	rules = (int)syscall(CREATE_RULESET, &all, sizeof all, 0);
	if (rules < 0)
		return fail_errno(why, "Landlock");
	for (size_t i = 0; e == OK && i < count; i++)
		e = place_allow(rules, &all, &places[i], why);
	if (e == OK)
		e = threads_each(restrict_self, &rules, why);
	close(rules);
	if (e == OK)
		*abi = (unsigned)version;
	return e;
}
