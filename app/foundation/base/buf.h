/* foundation/base/buf.h: bytes that grow, up to a maximum fixed at birth.
 *
 * Overflow is sticky: append freely, check buf_ok once at the end. After an overflow the
 * contents are a prefix of what was meant, and later appends are ignored. */
#ifndef BASE_BUF_H
#define BASE_BUF_H
#include "foundation/base/str.h"

struct buf {
	char *p;
	size_t n;   /* bytes held                     */
	size_t cap; /* bytes allocated                */
	size_t max; /* n never passes this            */
	bool over;  /* something did not fit          */
};

/* Empty, no memory yet. max is in bytes and must not be 0. */
void buf_init(struct buf *b, size_t max);
/* The same over n bytes of the caller's: it never grows. Do not call buf_deinit on it. */
void buf_init_in(struct buf *b, char *room, size_t n);
/* Free the memory without wiping it; b is empty and usable again with the same max. */
void buf_deinit(struct buf *b);
/* Empty, not overflowed; keeps the memory. */
void buf_reset(struct buf *b);

bool buf_ok(const struct buf *b);
/* Borrowed until the next change of b. */
struct str buf_str(const struct buf *b);

/* Room for n more bytes at the returned address; NULL (and overflow) when they would pass max.
 * Follow it with buf_commit of the bytes written. */
char *buf_grow(struct buf *b, size_t n); /* the slow path of buf_room */
static inline char *buf_room(struct buf *b, size_t n)
{
	return b->p != NULL && !b->over && b->cap - b->n >= n ? b->p + b->n : buf_grow(b, n);
}
void buf_commit(struct buf *b, size_t n);

void buf_put(struct buf *b, struct str s);
void buf_bytes(struct buf *b, const void *p, size_t n);
static inline void buf_byte(struct buf *b, char c)
{
	char *to = buf_room(b, 1);

	if (to == NULL)
		return;
	*to = c;
	b->n++;
}
void buf_fmt(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
/* Decimal without printf's cost: the hot paths print many numbers. */
void buf_u64(struct buf *b, uint64_t n);

/* Drop the first n bytes, moving the rest down. */
void buf_drop(struct buf *b, size_t n);
/* Cut to the first n bytes. */
void buf_cut(struct buf *b, size_t n);

#endif
