/* model/store/spool.c: see spool.h. */
#include "model/store/spool.h"

#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "foundation/base/random.h"
#include "model/store/folder.h"
#include "model/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

void spool_init(struct spool *sp, const struct store *s, uint64_t max)
{
	*sp = (struct spool){ .max = max, .folder_fd = store_folder_fd(s), .fd = -1 };
	buf_init(&sp->memory, SPOOL_MEMORY);
}

static void unmap(struct spool *sp)
{
	if (sp->map != NULL)
		munmap(sp->map, sp->map_n);
	sp->map = NULL;
}

void spool_reset(struct spool *sp)
{
	unmap(sp);
	folder_close(&sp->fd);
	buf_reset(&sp->memory);
	sp->size = 0;
	sp->error = OK;
}

void spool_deinit(struct spool *sp)
{
	spool_reset(sp);
	buf_deinit(&sp->memory);
}

/* --- The file --------------------------------------------------------------------------- */

/* For file systems without unnamed files. */
static int named_file(int folder_fd)
{
	struct arena a = { 0 };
	const char *name = str_z(&a, str_fmt(&a, "spool-%.*s", STR_ARG(random_name(&a, 16))));
	int fd = openat(folder_fd, name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd >= 0)
		unlinkat(folder_fd, name, 0);
	arena_deinit(&a);
	return fd;
}

static int nameless_file(int folder_fd)
{
	int fd;

	if (folder_fd < 0) /* a store in memory */
		return memfd_create("spool", MFD_CLOEXEC);
	fd = openat(folder_fd, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
	if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
		fd = named_file(folder_fd);
	return fd;
}

int spool_file_open(const struct store *s)
{
	return fault("spool_open") ? -1 : nameless_file(store_folder_fd(s));
}

static enum err file_write(struct spool *sp, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = fault("spool_write") ? -1 : write(sp->fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return fail_errno(NULL, "spool");
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

static enum err move_to_file(struct spool *sp)
{
	enum err e;

	if (!fault("spool_open"))
		sp->fd = nameless_file(sp->folder_fd);
	if (sp->fd < 0)
		return fail_errno(NULL, "spool");
	e = file_write(sp, buf_str(&sp->memory));
	buf_deinit(&sp->memory);
	return e;
}

/* --- Writing and reading ---------------------------------------------------------------- */

static enum err spool_append(struct spool *sp, struct str bytes)
{
	enum err e = OK;

	if (bytes.n > sp->max - sp->size)
		return ERR_LIMIT;
	if (sp->fd < 0 && sp->size + bytes.n > SPOOL_MEMORY)
		e = move_to_file(sp);
	if (e == OK && sp->fd >= 0)
		e = file_write(sp, bytes);
	else if (e == OK)
		buf_put(&sp->memory, bytes);
	if (e == OK)
		sp->size += bytes.n;
	return e;
}

enum err spool_put(struct spool *sp, struct str bytes)
{
	unmap(sp);
	if (sp->error == OK)
		sp->error = spool_append(sp, bytes);
	return sp->error;
}

enum err spool_view(struct spool *sp, struct str *out)
{
	*out = STR_EMPTY;
	if (sp->error != OK)
		return sp->error;
	if (sp->fd < 0) {
		*out = buf_str(&sp->memory);
		return OK;
	}
	if (sp->map == NULL) {
		void *map = fault("spool_map") ? MAP_FAILED
		                               : mmap(NULL, (size_t)sp->size, PROT_READ, MAP_SHARED,
		                                      sp->fd, 0);

		if (map == MAP_FAILED)
			return fail_errno(NULL, "spool");
		sp->map = map;
		sp->map_n = (size_t)sp->size;
	}
	*out = str_from(sp->map, sp->map_n);
	return OK;
}
