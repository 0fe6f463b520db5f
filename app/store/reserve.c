/* store/reserve.c: see reserve.h. */
#include "store/reserve.h"

#include "base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

void reserve_init(struct reserve *r, int fd, size_t bytes)
{
	*r = (struct reserve){ .fd = fd, .bytes = bytes != 0 ? bytes : RESERVE_DEFAULT };
}

/* Not every file system reserves blocks: then look whether there are some. */
static bool disk_has(int fd, uint64_t bytes)
{
	struct statvfs disk;

	return fstatvfs(fd, &disk) != 0 || disk.f_bavail * disk.f_frsize >= bytes;
}

bool reserve_keep(struct reserve *r, uint64_t used_bytes)
{
	uint64_t want = used_bytes + r->bytes;

	if (r->fd < 0)
		return true;
	if (r->until >= used_bytes + r->bytes / 2)
		return true;
	if (!fault("reserve") &&
	    fallocate(r->fd, FALLOC_FL_KEEP_SIZE, (off_t)used_bytes, (off_t)r->bytes) == 0) {
		r->until = want;
		return true;
	}
	return errno != ENOSPC && errno != EDQUOT && disk_has(r->fd, r->bytes);
}
