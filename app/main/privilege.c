/* main/privilege.c: see privilege.h. */
#include "main/privilege.h"

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

enum err privilege_drop(const char *folder, struct why *why)
{
	struct stat st;

	if (geteuid() != 0 || stat(folder, &st) != 0 || st.st_uid == 0)
		return OK;
	if (setgroups(0, NULL) != 0 || setgid(st.st_gid) != 0 || setuid(st.st_uid) != 0)
		return fail_errno(why, "cannot become user %u, who owns \"%s\"",
		                  (unsigned)st.st_uid, folder);
	return OK;
}
