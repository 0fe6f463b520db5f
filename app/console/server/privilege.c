/* console/server/privilege.c: see privilege.h. */
#include "console/server/privilege.h"

#include "foundation/base/cur.h"
#include "foundation/confine/confine.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <string.h>
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
	confine_process(); /* the kernel resets part of this at a change of user */
	return OK;
}

enum err privilege_drop(const char *folder, struct why *why)
{
	struct stat st;

	return must_drop(folder, &st) ? become(&st, folder, why) : OK;
}

/* libc has no function for capset(2). It sets those of the calling thread. */
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
	/* When this fails, binding a port below 1024 fails with its own message. */
	kept = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0;
	e = become(&st, folder, why);
	if (e == OK && kept)
		kept = capabilities_set(1U << CAP_NET_BIND_SERVICE);
	return e;
}

enum err privilege_bind_drop(bool every_thread, struct why *why)
{
	uint64_t keep = kept ? 0 : 1U << CAP_NET_BIND_SERVICE;

	if (geteuid() == 0)
		keep |= 1U << CAP_DAC_OVERRIDE;
	kept = false;
	return confine_capabilities(keep, every_thread, why);
}

/* --- ROOST_USER ----------------------------------------------------------------------------- */

/* getpwnam reads /etc/passwd. A numeric user that is not in it gets the group of the same
 * number. */
static bool user_find(struct str text, uid_t *uid, gid_t *gid)
{
	struct cur c = cur_of(text);
	char name[64];
	const struct passwd *row;
	uint32_t number;

	if (cur_u32(&c, &number)) {
		*uid = *gid = (uid_t)number;
		if (cur_byte(&c, ':') && cur_u32(&c, &number))
			*gid = (gid_t)number;
		return cur_done(&c);
	}
	if (text.n >= sizeof name)
		return false;
	memcpy(name, text.p, text.n);
	name[text.n] = '\0';
	if ((row = getpwnam(name)) == NULL)
		return false;
	*uid = row->pw_uid;
	*gid = row->pw_gid;
	return true;
}

static bool folder_is_empty(const char *folder)
{
	DIR *dir = opendir(folder);
	size_t count = 0;

	if (dir == NULL)
		return false;
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count == 2; /* "." and ".." */
}

static enum err folder_give(const char *folder, uid_t uid, gid_t gid, struct why *why)
{
	struct stat st;

	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return fail_errno(why, "cannot create the data folder \"%s\"", folder);
	if (stat(folder, &st) != 0)
		return fail_errno(why, "the data folder \"%s\"", folder);
	if (st.st_uid == uid)
		return OK;
	if (st.st_uid != 0 || !folder_is_empty(folder))
		return fail(why, ERR_DENIED,
		            "ROOST_USER: the data folder \"%s\" belongs to user %u: "
		            "chown -R %u:%u %s",
		            folder, (unsigned)st.st_uid, (unsigned)uid, (unsigned)gid, folder);
	return chown(folder, uid, gid) == 0 ? OK : fail_errno(why, "cannot chown \"%s\"", folder);
}

enum err privilege_user(struct str user, const char *folder, struct why *why)
{
	uid_t uid;
	gid_t gid;

	if (user.n == 0)
		return OK;
	if (!user_find(user, &uid, &gid))
		return fail(why, ERR_SYNTAX,
		            "ROOST_USER: \"%.*s\" is no user of this system: give a name, a uid or "
		            "uid:gid",
		            STR_ARG(user));
	if (geteuid() == 0)
		return folder_give(folder, uid, gid, why);
	return geteuid() == uid ? OK
	                        : fail(why, ERR_DENIED, "ROOST_USER: only root can become user %u",
	                               (unsigned)uid);
}
