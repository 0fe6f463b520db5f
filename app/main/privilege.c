/* main/privilege.c: see privilege.h. */
#include "main/privilege.h"

#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool kept; /* by privilege_drop_but_bind; main thread */

static bool must_drop(const char *folder, struct stat *st)
{
	return geteuid() == 0 && stat(folder, st) == 0 && st->st_uid != 0;
}

static enum err become(const struct stat *st, const char *folder, struct why *why)
{
	if (setgroups(0, NULL) != 0 || setgid(st->st_gid) != 0 || setuid(st->st_uid) != 0)
		return fail_errno(why, "cannot become user %u, who owns \"%s\"",
		                  (unsigned)st->st_uid, folder);
	return OK;
}

enum err privilege_drop(const char *folder, struct why *why)
{
	struct stat st;

	return must_drop(folder, &st) ? become(&st, folder, why) : OK;
}

/* libc has no function for this one; it is about the calling thread. */
static bool capabilities_set(uint32_t capabilities)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {
		{ .effective = capabilities, .permitted = capabilities }
	};

	return syscall(SYS_capset, &header, data) == 0;
}

enum err privilege_drop_but_bind(const char *folder, struct why *why)
{
	struct stat st;
	enum err e;

	if (!must_drop(folder, &st))
		return OK;
	/* Where it cannot be kept, ports below 1024 will say so. */
	kept = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0;
	e = become(&st, folder, why);
	if (e == OK && kept)
		kept = capabilities_set(1U << CAP_NET_BIND_SERVICE);
	return e;
}

void privilege_bind_drop(void)
{
	if (kept && !capabilities_set(0))
		_exit(1); /* cannot be: giving up is always allowed */
	kept = false;
}
