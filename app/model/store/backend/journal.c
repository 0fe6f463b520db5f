/* model/store/backend/journal.c: see journal.h. */
#include "model/store/backend/journal.h"

#include "foundation/base/fault.h"
#include "foundation/base/mem.h"
#include "foundation/base/pack.h"
#include "foundation/crypto/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	PUT = 1,
	DEL = 2,
	SYNCED = 3,
	MAGIC_BYTES = 4,
	FIELDS_BYTES = MAGIC_BYTES + 4 + 8 + 8, /* of the head, before its hash */
	HEAD_BYTES = FIELDS_BYTES + HASH_BYTES,
	ALIGN = 8,
	ZEROS_BYTES = 1 << 18,
};

static const struct str magic = { "rstj", MAGIC_BYTES };

static uint64_t aligned(uint64_t n)
{
	return (n + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

void journal_init(struct journal *j)
{
	*j = (struct journal){ .fd = -1 };
	buf_init(&j->record, HEAD_BYTES + JOURNAL_RECORD_MAX);
}

void journal_deinit(struct journal *j)
{
	if (j->fd >= 0)
		close(j->fd);
	buf_deinit(&j->record);
	j->fd = -1;
}

enum err journal_open(struct journal *j, const char *path, struct why *why)
{
	if (!fault("journal_open"))
		j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return j->fd >= 0 ? OK : fail_errno(why, "cannot open %s", path);
}

bool journal_empty(const struct journal *j)
{
	struct stat st;

	return fstat(j->fd, &st) == 0 && st.st_size == 0;
}

static bool write_at(int fd, struct str s, uint64_t at)
{
	while (s.n > 0) {
		ssize_t put = fault("journal_write") ? -1 : pwrite(fd, s.p, s.n, (off_t)at);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return false;
		s = str_sub(s, (size_t)put, s.n);
		at += (uint64_t)put;
	}
	return true;
}

/* Blocks that are only reserved would cost a commit of the file system's journal at their first
 * sync, so they are written once. */
static bool blocks_write(int fd)
{
	char *zeros = mem_new(ZEROS_BYTES);
	bool written = true;

	for (uint64_t at = 0; written && at < JOURNAL_BYTES; at += ZEROS_BYTES)
		written = write_at(fd, str_from(zeros, ZEROS_BYTES), at);
	mem_free(zeros);
	return written;
}

/* Reserves blocks, if the file system can, so that a full disk is noticed before anything is
 * written. */
static bool blocks_take(int fd)
{
	struct stat st;
	int number;

	if (fstat(fd, &st) == 0 && st.st_size >= JOURNAL_BYTES)
		return true;
	if ((fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, JOURNAL_BYTES) == 0 || errno == EOPNOTSUPP) &&
	    blocks_write(fd))
		return true;
	number = errno;
	if (ftruncate(fd, 0) != 0)
		(void)0; /* the file only uses more space than necessary */
	errno = number;
	return false;
}

enum err journal_reserve(struct journal *j, struct why *why)
{
	if (j->reserved)
		return OK;
	if (fault("journal_reserve") || !blocks_take(j->fd))
		return fail_errno(why, "cannot make room for the journal");
	if (fault("journal_reserve_sync") || fsync(j->fd) != 0)
		return fail_errno(why, "cannot sync the journal");
	j->reserved = true;
	return OK;
}

void journal_begin(struct journal *j, uint64_t epoch)
{
	j->epoch = epoch;
	j->number = 1;
	j->at = 0;
	j->synced = 0;
	journal_drop(j);
}

void journal_end(struct journal *j)
{
	buf_deinit(&j->record);
}

void journal_release(struct journal *j)
{
	if (!journal_empty(j) && ftruncate(j->fd, 0) == 0)
		j->reserved = false;
}

/* --- Writing ---------------------------------------------------------------------------- */

/* Writes the fields of the head; those about the changes are filled in at the end. */
static void journal_head_put(struct buf *b, uint64_t changes, uint64_t epoch, uint64_t number)
{
	buf_put(b, magic);
	pack_be32(b, (uint32_t)changes);
	pack_be64(b, epoch);
	pack_be64(b, number);
}

static void record_open(struct journal *j)
{
	if (j->record.n != 0)
		return;
	memset(buf_room(&j->record, HEAD_BYTES), 0, HEAD_BYTES);
	buf_commit(&j->record, HEAD_BYTES);
	if (journal_lags(j)) {
		buf_byte(&j->record, SYNCED);
		pack_u64(&j->record, j->synced);
	}
}

void journal_put(struct journal *j, struct str key, struct str val)
{
	record_open(j);
	buf_byte(&j->record, PUT);
	pack_str(&j->record, key);
	pack_str(&j->record, val);
}

void journal_del(struct journal *j, struct str key)
{
	record_open(j);
	buf_byte(&j->record, DEL);
	pack_str(&j->record, key);
}

void journal_drop(struct journal *j)
{
	buf_reset(&j->record);
}

bool journal_fits(const struct journal *j)
{
	return buf_ok(&j->record);
}

bool journal_room(const struct journal *j)
{
	return j->at + aligned(HEAD_BYTES + JOURNAL_RECORD_MAX) <= JOURNAL_BYTES;
}

static void hash_of(struct str fields, struct str changes, uint8_t out[HASH_BYTES])
{
	struct hash_blake2b h;

	hash_blake2b_init(&h);
	hash_blake2b_update(&h, fields);
	hash_blake2b_update(&h, changes);
	hash_blake2b_final(&h, out);
}

static void head_fill(struct journal *j)
{
	struct str changes = str_sub(buf_str(&j->record), HEAD_BYTES, j->record.n);
	uint8_t hash[HASH_BYTES];
	struct buf head;

	buf_init(&head, HEAD_BYTES);
	journal_head_put(&head, changes.n, j->epoch, j->number);
	hash_of(buf_str(&head), changes, hash);
	buf_bytes(&head, hash, HASH_BYTES);
	memcpy(j->record.p, head.p, HEAD_BYTES);
	buf_deinit(&head);
}

bool journal_lags(const struct journal *j)
{
	return j->synced + 1 < j->number;
}

/* After a failed sync, neither it nor a later one shows what is on the disk: the epoch ends
 * here. */
static enum err sync_up_to(struct journal *j, uint64_t number, struct why *why)
{
	if (!fault("journal_sync") && fdatasync(j->fd) == 0) {
		j->synced = number;
		return OK;
	}
	if (journal_lags(j))
		j->at = JOURNAL_BYTES;
	return fail_errno(why, "cannot sync the journal");
}

enum err journal_sync(struct journal *j, struct why *why)
{
	return sync_up_to(j, j->number - 1, why);
}

static enum err record_write(struct journal *j, bool soon, struct why *why)
{
	if (!write_at(j->fd, buf_str(&j->record), j->at))
		return fail_errno(why, "cannot write the journal");
	return soon ? OK : sync_up_to(j, j->number, why);
}

/* Destroys the record of a failed commit, so that no replay finds it. */
static void record_spoil(const struct journal *j, uint64_t at)
{
	static const char zeros[MAGIC_BYTES];

	if (!write_at(j->fd, str_from(zeros, sizeof zeros), at))
		(void)0; /* the next record overwrites it */
}

enum err journal_append(struct journal *j, bool soon, struct why *why)
{
	uint64_t at = j->at;
	enum err e;

	assert(journal_fits(j) && journal_room(j) && j->record.n != 0);
	head_fill(j);
	e = record_write(j, soon, why);
	if (e != OK) {
		record_spoil(j, at);
		return e;
	}
	j->at += aligned(j->record.n);
	j->number++;
	journal_drop(j);
	return OK;
}

/* --- Replay ----------------------------------------------------------------------------- */

/* The changes of the record at the beginning of file, if it is complete. */
static bool journal_record_read(struct str file, uint64_t epoch, uint64_t *number,
                                struct str *changes)
{
	struct unpack u = unpack_of(str_sub(file, MAGIC_BYTES, file.n));
	uint8_t hash[HASH_BYTES];
	uint32_t n;

	if (file.n < HEAD_BYTES || !str_starts(file, magic))
		return false;
	n = unpack_be32(&u);
	if (unpack_be64(&u) != epoch || n > file.n - HEAD_BYTES)
		return false;
	*number = unpack_be64(&u);
	*changes = str_sub(file, HEAD_BYTES, HEAD_BYTES + n);
	hash_of(str_sub(file, 0, FIELDS_BYTES), *changes, hash);
	return memcmp(hash, file.p + FIELDS_BYTES, HASH_BYTES) == 0;
}

/* The number of the last record that was on the disk when this one was begun. Reads it from the
 * beginning of u; the changes follow. */
static uint64_t synced_take(struct unpack *u, uint64_t number)
{
	struct unpack after = *u;
	uint64_t synced = number - 1;

	if (unpack_u64(&after) == SYNCED) {
		synced = unpack_u64(&after);
		*u = after;
	}
	return synced;
}

static enum err changes_replay(struct str changes, const struct journal_target *to)
{
	struct unpack u = unpack_of(changes);
	enum err e = OK;

	(void)synced_take(&u, 0);
	while (e == OK && unpack_more(&u)) {
		uint64_t kind = unpack_u64(&u);
		struct str key = unpack_str(&u);
		struct str val = kind == PUT ? unpack_str(&u) : STR_EMPTY;

		if (!unpack_ok(&u) || (kind != PUT && kind != DEL))
			return ERR_CORRUPT; /* the hash is right, so Roost wrote this */
		e = kind == PUT ? to->put(to->arg, key, val) : to->del(to->arg, key);
	}
	return e;
}

/* Does a complete later record state that the record with this number was on the disk? */
static bool was_synced(struct str file, uint64_t epoch, uint64_t number)
{
	for (size_t at = 0; at + HEAD_BYTES <= file.n; at += ALIGN) {
		uint64_t found;
		struct str changes;
		struct unpack u;

		if (!journal_record_read(str_sub(file, at, file.n), epoch, &found, &changes))
			continue;
		u = unpack_of(changes);
		if (found > number && synced_take(&u, found) >= number)
			return true;
	}
	return false;
}

static enum err file_replay(struct str file, uint64_t epoch, const struct journal_target *to,
                            struct why *why)
{
	uint64_t wanted = 1, number;
	struct str changes;
	enum err e = OK;

	while (e == OK && journal_record_read(file, epoch, &number, &changes) && number == wanted) {
		e = changes_replay(changes, to);
		file = str_sub(file, (size_t)aligned(HEAD_BYTES + changes.n), file.n);
		wanted++;
	}
	if (e != OK)
		return fail(why, e, "cannot replay the journal into the store");
	if (was_synced(file, epoch, wanted))
		return fail(why, ERR_CORRUPT, "the journal is damaged: record %llu is missing",
		            (unsigned long long)wanted);
	return OK;
}

enum err journal_replay(const struct journal *j, uint64_t epoch, const struct journal_target *to,
                        struct why *why)
{
	char *bytes = mem_resize(NULL, JOURNAL_BYTES);
	size_t have = 0;
	ssize_t got = 1;
	enum err e;

	while (got > 0 && have < JOURNAL_BYTES) {
		got = fault("journal_read")
		              ? -1
		              : pread(j->fd, bytes + have, JOURNAL_BYTES - have, (off_t)have);
		if (got > 0)
			have += (size_t)got;
		if (got < 0 && errno == EINTR)
			got = 1;
	}
	if (got < 0)
		e = fail_errno(why, "cannot read the journal");
	else
		e = file_replay(str_from(bytes, have), epoch, to, why);
	mem_free(bytes);
	return e;
}
