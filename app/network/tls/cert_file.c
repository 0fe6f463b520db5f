/* network/tls/cert_file.c: see cert_file.h. */
#include "network/tls/cert_file.h"

#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "foundation/crypto/pem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read until the end or until n bytes came; -1 with errno set on failure. */
static ssize_t cert_file_read_all(int fd, char *p, size_t n)
{
	size_t got = 0;

	while (got < n) {
		ssize_t r = fault("cert_read") ? -1 : read(fd, p + got, n - got);

		if (r == 0)
			break;
		if (r > 0)
			got += (size_t)r;
		else if (errno != EINTR)
			return -1;
	}
	return (ssize_t)got;
}

enum err cert_file_read(const char *path, struct arena *a, struct str *out, struct why *why)
{
	struct stat s;
	ssize_t got;
	enum err e = OK;
	char *p;
	int fd = fault("cert_open") ? -1 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail_errno(why, "%s", path);
	if (fault("cert_stat") || fstat(fd, &s) < 0) {
		e = fail_errno(why, "%s", path);
		goto out;
	}
	if (!S_ISREG(s.st_mode) || s.st_size > PEM_TEXT_MAX) {
		e = fail(why, ERR_LIMIT, "%s: no file of at most %d bytes", path, PEM_TEXT_MAX);
		goto out;
	}
	p = arena_alloc(a, (size_t)s.st_size);
	got = cert_file_read_all(fd, p, (size_t)s.st_size);
	if (got < 0) {
		e = fail_errno(why, "%s", path);
		goto out;
	}
	*out = str_from(p, (size_t)got);
out:
	close(fd);
	return e;
}

struct cert_stamp cert_file_stamp(const char *path)
{
	struct stat s;

	if (stat(path, &s) < 0)
		return (struct cert_stamp){ 0 };
	return (struct cert_stamp){
		.device = s.st_dev,
		.inode = s.st_ino,
		.size = (uint64_t)s.st_size,
		.changed_ns = s.st_mtim.tv_sec * INT64_C(1000000000) + s.st_mtim.tv_nsec,
	};
}

bool cert_stamp_eq(struct cert_stamp a, struct cert_stamp b)
{
	return a.device == b.device && a.inode == b.inode && a.size == b.size &&
	       a.changed_ns == b.changed_ns;
}
