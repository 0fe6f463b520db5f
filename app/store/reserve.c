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

static uint64_t disk_free(int fd)
{
	struct statvfs disk;

	return fstatvfs(fd, &disk) == 0 ? disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

bool reserve_keep(struct reserve *r, uint64_t used_bytes)
{
	if (r->fd < 0 || r->until >= used_bytes + r->bytes / 2)
		return true;
	if (!fault("reserve") &&
	    fallocate(r->fd, FALLOC_FL_KEEP_SIZE, (off_t)used_bytes, (off_t)r->bytes) == 0) {
		r->until = used_bytes + r->bytes;
		return true;
	}
	r->blind = errno != ENOSPC && errno != EDQUOT;
	return r->blind && disk_free(r->fd) >= r->bytes;
}

uint64_t reserve_left(const struct reserve *r, uint64_t used_bytes)
{
	if (r->blind)
		return disk_free(r->fd);
	return r->until > used_bytes ? r->until - used_bytes : 0;
}

int64_t reserve_growth(const struct reserve *r, uint64_t left)
{
	if (left >= r->bytes)
		return INT64_MAX;
	return left >= r->bytes / 4 ? RESERVE_LITTLE : 0;
}
