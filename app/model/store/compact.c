/* model/store/compact.c: see compact.h. */
#include "model/store/compact.h"

#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "model/store/folder.h"
#include "model/store/guests.h"
#include "model/store/store_body.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct compact {
	const char *folder;
	int fd;           /* of the folder, with the server's lock */
	int journal;      /* with the lock that keeps commands out */
	const char *name; /* of the new file, inside the folder    */
	uint64_t bytes;   /* of the new file                       */
};

/* A command that starts now waits, and then opens the new file. */
static enum err commands_shut_out(struct compact *c, struct why *why)
{
	c->journal = openat(c->fd, "roost.journal", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (c->journal < 0)
		return fail_errno(why, "cannot open roost.journal");
	if (!guests_shut_out(c->journal))
		return fail(why, ERR_CONFLICT, "a command works in the folder %s: try again later",
		            c->folder);
	return OK;
}

static enum err copy_sync(struct compact *c, int fd, struct why *why)
{
	struct stat st;

	if (fault("compact_sync") || fsync(fd) != 0 || fstat(fd, &st) != 0)
		return fail_errno(why, "cannot sync the new file");
	c->bytes = (uint64_t)st.st_size;
	return OK;
}

static enum err copy_write(struct compact *c, struct store *s, struct why *why)
{
	int fd = -1;
	enum err e = OK;

	if (!fault("compact_open"))
		fd = openat(c->fd, c->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return fail_errno(why, "cannot make the new file");
	if (fault("compact_copy"))
		e = fail_errno(why, "cannot write the new file");
	if (e == OK)
		e = s->ops->copy(s->env, fd, why);
	if (e == OK)
		e = copy_sync(c, fd, why);
	folder_close(&fd);
	return e;
}

/* Opening the store moves the rows of the journal into the tree, so the copy is complete. */
static enum err store_copy(struct compact *c, struct why *why)
{
	struct store_config config = {
		.role = STORE_SERVER, .folder = c->folder, .existing = true, .locked = true
	};
	struct store *s = NULL;
	enum err e = store_open(&s, &config, why);

	if (e == OK)
		e = copy_write(c, s, why);
	store_close(&s);
	return e;
}

/* Can the new file be opened as a store? */
static enum err copy_check(const struct compact *c, struct why *why)
{
	struct store_config config = { .role = STORE_VIEW, .folder = c->folder, .file = c->name };
	struct store *s = NULL;
	enum err e = store_open(&s, &config, why);

	store_close(&s);
	return e;
}

/* The readers in the old lock file refer to pages of the old store. */
static enum err copy_publish(const struct compact *c, struct why *why)
{
	if (fault("compact_rename") || renameat(c->fd, c->name, c->fd, "roost.mdb") != 0)
		return fail_errno(why, "cannot put the new file in place");
	unlinkat(c->fd, "roost.mdb-lock", 0);
	return folder_sync(c->fd, why);
}

static enum err folder_compact(struct compact *c, struct compacted *done, struct why *why)
{
	struct stat st;
	enum err e;

	if (fstatat(c->fd, "roost.mdb", &st, 0) != 0)
		return fail(why, ERR_MISSING, "there is no store in the folder %s", c->folder);
	done->before = (uint64_t)st.st_size;
	if ((e = commands_shut_out(c, why)) || (e = store_copy(c, why)) || (e = copy_check(c, why)))
		return e;
	done->after = c->bytes;
	return copy_publish(c, why);
}

enum err store_compact(const char *folder, struct compacted *done, struct why *why)
{
	struct arena a = { 0 };
	struct compact c = { .folder = folder, .fd = -1, .journal = -1 };
	enum err e = folder_open(folder, false, &c.fd, why);

	*done = (struct compacted){ 0 };
	if (e == OK)
		e = folder_lock(c.fd, folder, why);
	if (e == OK) {
		c.name = folder_restore_name(&a);
		e = folder_compact(&c, done, why);
		folder_sweep(c.fd);
	}
	folder_close(&c.journal);
	folder_close(&c.fd);
	arena_deinit(&a);
	return e;
}
