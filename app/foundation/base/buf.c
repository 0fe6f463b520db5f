/* foundation/base/buf.c: see buf.h. */
#include "foundation/base/buf.h"

#include "foundation/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUF_FIRST = 128 };

void buf_init(struct buf *b, size_t max)
{
	assert(max != 0);
	*b = (struct buf){ .max = max };
}

void buf_init_in(struct buf *b, char *room, size_t n)
{
	*b = (struct buf){ .p = room, .cap = n, .max = n };
}

void buf_deinit(struct buf *b)
{
	mem_free(b->p);
	buf_init(b, b->max != 0 ? b->max : 1);
}

void buf_reset(struct buf *b)
{
	b->n = 0;
	b->over = false;
}

bool buf_ok(const struct buf *b)
{
	return !b->over;
}

struct str buf_str(const struct buf *b)
{
	return str_from(b->p, b->n);
}

char *buf_grow(struct buf *b, size_t n)
{
	size_t cap;

	if (b->over || n > b->max - b->n) {
		b->over = true;
		return NULL;
	}
	if (b->cap - b->n >= n && b->p != NULL)
		return b->p + b->n;
	cap = b->cap != 0 ? b->cap : BUF_FIRST;
	while (cap - b->n < n)
		cap *= 2;
	cap = MIN(cap, b->max);
	b->p = mem_resize(b->p, cap);
	b->cap = cap;
	return b->p + b->n;
}

void buf_commit(struct buf *b, size_t n)
{
	assert(n <= b->cap - b->n);
	b->n += n;
}

void buf_bytes(struct buf *b, const void *p, size_t n)
{
	char *to = n != 0 ? buf_room(b, n) : NULL;

	if (to == NULL)
		return;
	memcpy(to, p, n);
	b->n += n;
}

void buf_put(struct buf *b, struct str s)
{
	buf_bytes(b, s.p, s.n);
}

void buf_fmt(struct buf *b, const char *fmt, ...)
{
	char small[256];
	va_list args, again;
	char *to;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(small, sizeof small, fmt, args);
	va_end(args);
	assert(n >= 0);
	if ((size_t)n < sizeof small) {
		buf_bytes(b, small, (size_t)n);
	} else if (b->max - b->n > (size_t)n && (to = buf_room(b, (size_t)n + 1)) != NULL) {
		vsnprintf(to, (size_t)n + 1, fmt, again);
		b->n += (size_t)n;
	} else {
		b->over = true;
	}
	va_end(again);
}

void buf_u64(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t i = sizeof digits;

	while (n >= 100) { /* in pairs: half as many divisions */
		unsigned pair = (unsigned)(n % 100);

		digits[--i] = (char)('0' + pair % 10);
		digits[--i] = (char)('0' + pair / 10);
		n /= 100;
	}
	if (n >= 10) {
		digits[--i] = (char)('0' + n % 10);
		n /= 10;
	}
	digits[--i] = (char)('0' + n);
	buf_bytes(b, digits + i, sizeof digits - i);
}

void buf_drop(struct buf *b, size_t n)
{
	assert(n <= b->n);
	b->n -= n;
	if (b->n != 0 && n != 0)
		memmove(b->p, b->p + n, b->n);
}

void buf_cut(struct buf *b, size_t n)
{
	assert(n <= b->n);
	b->n = n;
}
