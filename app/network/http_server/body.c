/* network/http_server/body.c: see body.h. */
#include "network/http_server/body.h"

#include "foundation/base/fault.h"
#include "foundation/config/limits.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

enum { KEPT_PART = 8 }; /* this fraction is for short bodies only: logins, the console */

/* --- the budget --------------------------------------------------------------- */

static uint64_t budget_of(const struct http_body *b)
{
	return b->max <= LIMIT_http_body_open ? LIMIT_http_bodies
	                                      : LIMIT_http_bodies - LIMIT_http_bodies / KEPT_PART;
}

static bool promise(struct http_body *b, uint64_t bytes)
{
	if (b->all->bytes + bytes > budget_of(b))
		return false;
	b->all->bytes += bytes;
	b->promised += bytes;
	return true;
}

/* ------------------------------------------------------------------------------ */

bool http_body_begin(struct http_body *b, struct http_bodies *all, uint64_t max,
                     uint64_t announced)
{
	*b = (struct http_body){ .all = all, .max = max, .fd = -1 };
	buf_init(&b->memory, max);
	return promise(b, announced);
}

static enum err file_write(struct http_body *b, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = fault("http_body_write") ? -1 : write(b->fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		bytes = str_sub(bytes, (size_t)n, bytes.n);
	}
	return OK;
}

static enum err move_to_file(struct http_body *b)
{
	enum err e;

	b->fd = b->all->open_file(b->all->context);
	if (b->fd < 0)
		return ERR_IO;
	b->in_file = true;
	e = file_write(b, buf_str(&b->memory));
	buf_deinit(&b->memory);
	return e;
}

enum err http_body_put(struct http_body *b, struct str bytes)
{
	enum err e = OK;

	if (bytes.n > b->max - b->size ||
	    (b->size + bytes.n > b->promised && !promise(b, b->size + bytes.n - b->promised)))
		return ERR_LIMIT;
	b->size += bytes.n;
	if (b->failed)
		return ERR_IO;
	if (!b->in_file && b->all->open_file != NULL && b->size > LIMIT_http_body_open)
		e = move_to_file(b);
	if (e == OK && b->in_file)
		e = file_write(b, bytes);
	else if (e == OK)
		buf_put(&b->memory, bytes);
	b->failed = e != OK;
	return e;
}

enum err http_body_view(struct http_body *b, struct str *out)
{
	*out = STR_EMPTY;
	if (b->failed)
		return ERR_IO;
	if (!b->in_file) {
		*out = buf_str(&b->memory);
		return OK;
	}
	b->map = mmap(NULL, (size_t)b->size, PROT_READ, MAP_SHARED, b->fd, 0);
	if (b->map == MAP_FAILED) {
		b->map = NULL;
		return ERR_IO;
	}
	*out = str_from(b->map, (size_t)b->size);
	return OK;
}

void http_body_end(struct http_body *b)
{
	if (b->all == NULL)
		return;
	b->all->bytes -= b->promised;
	if (b->map != NULL)
		munmap(b->map, (size_t)b->size);
	if (b->in_file)
		close(b->fd);
	buf_deinit(&b->memory);
	*b = (struct http_body){ 0 };
}
