/* model/store/reserve.c: see reserve.h. */
#include "model/store/reserve.h"

#include "foundation/base/fault.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

void reserve_init(struct reserve *r, int fd, size_t bytes, uint64_t most)
{
	*r = (struct reserve){
		.fd = fd,
		.bytes = bytes != 0 ? bytes : RESERVE_DEFAULT,
		.most = most,
	};
}

static uint64_t disk_free(int fd)
{
	struct statvfs disk;

	return fstatvfs(fd, &disk) == 0 ? disk.f_bavail * disk.f_frsize : UINT64_MAX;
}

/* Truncating a file to its own size frees the blocks after its end. */
static void blocks_give_back(struct reserve *r)
{
	struct stat st;

	if (fstat(r->fd, &st) == 0 && ftruncate(r->fd, st.st_size) == 0)
		r->until = 0;
}

bool reserve_keep(struct reserve *r, uint64_t used_bytes, uint64_t waiting_bytes)
{
	uint64_t wanted = used_bytes + waiting_bytes + r->bytes / 2;
	uint64_t take = waiting_bytes + r->bytes;

	if (r->fd < 0)
		return true;
	if (wanted > r->most)
		return false;
	if (waiting_bytes == 0 && r->until > used_bytes + r->bytes + r->bytes / 2)
		blocks_give_back(r);
	if (r->until >= wanted)
		return true;
	if (!fault("reserve") &&
	    fallocate(r->fd, FALLOC_FL_KEEP_SIZE, (off_t)used_bytes, (off_t)take) == 0) {
		r->until = used_bytes + take;
		return true;
	}
	r->blind = errno != ENOSPC && errno != EDQUOT;
	return r->blind && disk_free(r->fd) >= take;
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

uint64_t reserve_left(const struct reserve *r, uint64_t used_bytes, uint64_t waiting_bytes)
{
	uint64_t room = r->blind ? disk_free(r->fd) : less(r->until, used_bytes);

	return less(MIN(room, less(r->most, used_bytes)), waiting_bytes);
}

int64_t reserve_growth(const struct reserve *r, uint64_t left)
{
	if (left >= r->bytes)
		return INT64_MAX;
	return left >= r->bytes / 4 ? RESERVE_LITTLE : 0;
}
