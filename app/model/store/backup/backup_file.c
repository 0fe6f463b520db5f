/* model/store/backup/backup_file.c: see backup_file.h. */
#include "model/store/backup/backup_file.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TRAILER_BYTES = 4096, COPY_BYTES = 1 << 18 };

static const struct str trailer_magic = { "roost backup 1\n", 15 };

/* --- bytes ------------------------------------------------------------------------------ */

/* Read from offset until n bytes are there or the file ends. */
static ssize_t read_at(int fd, char *p, size_t n, uint64_t offset)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = fault("backup_read")
		                      ? -1
		                      : pread(fd, p + have, n - have, (off_t)(offset + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

static bool backup_file_write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t put = fault("backup_write") ? -1 : write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

/* Hash the first n bytes of `from`, writing them to `to` on the way when it is not -1. */
static enum err pass_bytes(int from, int to, uint64_t n, uint8_t hash[HASH_BYTES], struct why *why)
{
	struct hash_blake2b h;
	char *p = mem_resize(NULL, COPY_BYTES);
	enum err e = OK;

	hash_blake2b_init(&h);
	for (uint64_t at = 0; at < n && e == OK;) {
		size_t want = (size_t)MIN((uint64_t)COPY_BYTES, n - at);

		if (read_at(from, p, want, at) != (ssize_t)want)
			e = fail_errno(why, "cannot read the backup");
		else if (to >= 0 && !backup_file_write_all(to, p, want))
			e = fail_errno(why, "cannot write the copy");
		hash_blake2b_update(&h, str_from(p, want));
		at += want;
	}
	hash_blake2b_final(&h, hash);
	mem_free(p);
	return e;
}

enum err backup_file_size(int fd, uint64_t *n, struct why *why)
{
	struct stat st;

	*n = 0;
	if (fault("backup_stat") || fstat(fd, &st) != 0)
		return fail_errno(why, "cannot look at the backup");
	*n = (uint64_t)st.st_size;
	return OK;
}

/* --- the trailer ------------------------------------------------------------------------ */

static void trailer_make(struct buf *b, uint64_t length, const uint8_t hash[HASH_BYTES])
{
	buf_put(b, trailer_magic);
	pack_be64(b, length);
	buf_bytes(b, hash, HASH_BYTES);
	memset(buf_room(b, TRAILER_BYTES - b->n), 0, TRAILER_BYTES - b->n);
	buf_commit(b, TRAILER_BYTES - b->n);
}

enum err backup_file_finish(int fd, struct why *why)
{
	uint8_t hash[HASH_BYTES];
	struct buf b;
	uint64_t length;
	enum err e = backup_file_size(fd, &length, why);

	if (e == OK)
		e = pass_bytes(fd, -1, length, hash, why);
	if (e != OK)
		return e;
	buf_init(&b, TRAILER_BYTES);
	trailer_make(&b, length, hash);
	if (lseek(fd, (off_t)length, SEEK_SET) < 0 || !backup_file_write_all(fd, b.p, b.n))
		e = fail_errno(why, "cannot finish the backup");
	buf_deinit(&b);
	return e;
}

/* Does a page begin like a trailer? A page of the tree never does: it begins with its number. */
static bool trailer_at(int fd, uint64_t at)
{
	char magic[32];

	return read_at(fd, magic, trailer_magic.n, at) == (ssize_t)trailer_magic.n &&
	       str_eq(str_from(magic, trailer_magic.n), trailer_magic);
}

bool backup_file_ends(int fd)
{
	uint64_t size;

	return backup_file_size(fd, &size, NULL) == OK && size >= TRAILER_BYTES &&
	       trailer_at(fd, size - TRAILER_BYTES);
}

/* Without a trailer at the end, there must be none before it. */
static enum err check_plain(int fd, uint64_t size, struct why *why)
{
	for (uint64_t at = 0; at < size; at += TRAILER_BYTES) {
		if (trailer_at(fd, at))
			return fail(why, ERR_CORRUPT,
			            "the backup is damaged: its end is not where "
			            "it was written");
	}
	return OK;
}

/* The length of the pages, without the trailer if there is one. */
static enum err trailer_read(int fd, uint64_t *length, bool *has, struct buf *trailer,
                             struct why *why)
{
	uint64_t size;
	enum err e = backup_file_size(fd, &size, why);

	*length = size;
	*has = false;
	if (e != OK || size < TRAILER_BYTES)
		return e;
	if (read_at(fd, buf_room(trailer, TRAILER_BYTES), TRAILER_BYTES, size - TRAILER_BYTES) !=
	    TRAILER_BYTES)
		return fail_errno(why, "cannot read the backup");
	buf_commit(trailer, TRAILER_BYTES);
	*has = str_starts(buf_str(trailer), trailer_magic);
	if (!*has)
		return check_plain(fd, size, why);
	*length = size - TRAILER_BYTES;
	return OK;
}

/* With `to` -1 the file is only read. */
static enum err pass(int from, int to, bool *has, struct why *why)
{
	uint8_t hash[HASH_BYTES];
	struct buf found, wanted;
	uint64_t length;
	enum err e;

	buf_init(&found, TRAILER_BYTES);
	buf_init(&wanted, TRAILER_BYTES);
	e = trailer_read(from, &length, has, &found, why);
	if (e == OK)
		e = pass_bytes(from, to, length, hash, why);
	if (e == OK && *has) {
		trailer_make(&wanted, length, hash);
		if (!str_eq(buf_str(&found), buf_str(&wanted)))
			e = fail(why, ERR_CORRUPT, "the backup is damaged: its checksum differs");
	}
	buf_deinit(&found);
	buf_deinit(&wanted);
	return e;
}

enum err backup_file_copy(int from, int to, struct why *why)
{
	bool has;
	enum err e = pass(from, to, &has, why);

	if (e == OK && (fault("restore_sync") || fsync(to) != 0))
		e = fail_errno(why, "cannot sync the copy");
	return e;
}

enum err backup_file_check(int fd, struct why *why)
{
	bool has;
	enum err e = pass(fd, -1, &has, why);

	if (e == OK && !has)
		e = fail(why, ERR_CORRUPT, "it has no checksum: it is no file of roost backup");
	return e;
}
