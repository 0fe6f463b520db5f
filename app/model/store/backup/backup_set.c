/* model/store/backup/backup_set.c: see backup_set.h. */
#include "model/store/backup/backup_set.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/fault.h"
#include "foundation/text/date.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INTERRUPTED_S = 24 * 60 * 60 };

/* '#' is a digit. */
static const struct str pattern = { "roost-####-##-##T######Z.backup", 31 };

const char *backup_set_path(struct arena *a, const char *folder, int64_t time_ms)
{
	struct date_civil d = date_civil_of(time_ms);

	return str_z(a, str_fmt(a, "%s/roost-%04d-%02d-%02dT%02d%02d%02dZ.backup", folder, d.year,
	                        d.month, d.day, d.hour, d.minute, d.second));
}

bool backup_set_name(struct str name)
{
	if (name.n != pattern.n)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		bool digit = name.p[i] >= '0' && name.p[i] <= '9';

		if (pattern.p[i] == '#' ? !digit : pattern.p[i] != name.p[i])
			return false;
	}
	return true;
}

/* roost-....backup.XXXXXXXX.partial, as store_backup names a copy until it is complete. */
static bool partial_name(struct str name)
{
	return name.n > pattern.n && str_ends(name, STR(".partial")) &&
	       backup_set_name(str_from(name.p, pattern.n));
}

static bool interrupted(int folder, const char *name)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       st.st_mtime < clock_real_ms() / 1000 - INTERRUPTED_S;
}

struct set_list {
	uint32_t count;        /* complete backups up to the newest           */
	uint32_t later;        /* backups with a later time in their name */
	char oldest[NAME_MAX]; /* of count                                    */
};

/* Reads the folder once, and removes the files of interrupted runs. */
static enum err set_read(DIR *d, const char *newest, struct set_list *out, struct why *why)
{
	struct dirent *entry;

	*out = (struct set_list){ 0 };
	rewinddir(d);
	while ((entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;

		if (backup_set_name(str_of(name)) && strcmp(name, newest) > 0) {
			out->later++;
		} else if (backup_set_name(str_of(name))) {
			if (out->count++ == 0 || strcmp(name, out->oldest) < 0)
				snprintf(out->oldest, sizeof out->oldest, "%s", name);
		} else if (partial_name(str_of(name)) && interrupted(dirfd(d), name) &&
		           unlinkat(dirfd(d), name, 0) != 0) {
			return fail_errno(why, "cannot remove %s", name);
		}
	}
	return OK;
}

enum err backup_set_prune(const char *folder, const char *newest, uint32_t keep, uint32_t *later,
                          struct why *why)
{
	DIR *d = fault("backup_list") ? NULL : opendir(folder);
	struct set_list list;
	enum err e;

	if (d == NULL)
		return fail_errno(why, "cannot list %s", folder);
	while ((e = set_read(d, newest, &list, why)) == OK && list.count > keep) {
		if (fault("backup_prune") || unlinkat(dirfd(d), list.oldest, 0) != 0) {
			e = fail_errno(why, "cannot remove %s", list.oldest);
			break;
		}
	}
	*later = list.later;
	closedir(d);
	return e;
}
