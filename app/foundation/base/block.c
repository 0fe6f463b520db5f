/* foundation/base/block.c: see block.h.
 *
 * Up to 64 bytes, everything is read before anything is written, in words that overlap when n is
 * not a multiple of their size: no loop, and memmove is the same. */
#include "foundation/base/block.h"

#include <assert.h>
#include <endian.h>
#include <stdint.h>

typedef uint16_t any16 __attribute__((aligned(1), may_alias));
typedef uint32_t any32 __attribute__((aligned(1), may_alias));
typedef uint64_t any64 __attribute__((aligned(1), may_alias));
typedef uint64_t any128 __attribute__((vector_size(16), aligned(1), may_alias));

static_assert(BYTE_ORDER == LITTLE_ENDIAN, "few() puts the first byte lowest");

enum { SHORT_MAX = 64, STEP = 64 };

/* n <= 16 */
static inline void tiny_move(char *to, const char *from, size_t n)
{
	if (n >= 8) {
		uint64_t head = *(const any64 *)from, tail = *(const any64 *)(from + n - 8);

		*(any64 *)to = head;
		*(any64 *)(to + n - 8) = tail;
	} else if (n >= 4) {
		uint32_t head = *(const any32 *)from, tail = *(const any32 *)(from + n - 4);

		*(any32 *)to = head;
		*(any32 *)(to + n - 4) = tail;
	} else if (n >= 2) {
		uint16_t head = *(const any16 *)from, tail = *(const any16 *)(from + n - 2);

		*(any16 *)to = head;
		*(any16 *)(to + n - 2) = tail;
	} else if (n != 0) {
		*to = *from;
	}
}

/* n <= SHORT_MAX */
static inline void short_move(char *to, const char *from, size_t n)
{
	any128 a, b, c, d;

	if (n <= 16) {
		tiny_move(to, from, n);
		return;
	}
	a = *(const any128 *)from;
	d = *(const any128 *)(from + n - 16);
	if (n > 32) {
		b = *(const any128 *)(from + 16);
		c = *(const any128 *)(from + n - 32);
		*(any128 *)(to + 16) = b;
		*(any128 *)(to + n - 32) = c;
	}
	*(any128 *)to = a;
	*(any128 *)(to + n - 16) = d;
}

static inline void step_move(char *to, const char *from)
{
	any128 a = *(const any128 *)from, b = *(const any128 *)(from + 16);
	any128 c = *(const any128 *)(from + 32), d = *(const any128 *)(from + 48);

	*(any128 *)to = a;
	*(any128 *)(to + 16) = b;
	*(any128 *)(to + 32) = c;
	*(any128 *)(to + 48) = d;
}

/* From the front: valid when to is before from. The rest is at most one step. */
static void forward(char *to, const char *from, size_t n)
{
	for (; n > STEP; n -= STEP, to += STEP, from += STEP)
		step_move(to, from);
	short_move(to, from, n);
}

static void backward(char *to, const char *from, size_t n)
{
	for (; n > STEP; n -= STEP)
		step_move(to + n - STEP, from + n - STEP);
	short_move(to, from, n);
}

void *block_copy(void *restrict to, const void *restrict from, size_t n)
{
	if (n <= SHORT_MAX)
		short_move(to, from, n);
	else
		forward(to, from, n);
	return to;
}

void *block_move(void *to, const void *from, size_t n)
{
	if (n <= SHORT_MAX)
		short_move(to, from, n);
	else if ((uintptr_t)to - (uintptr_t)from >= n) /* also when to is before from */
		forward(to, from, n);
	else
		backward(to, from, n);
	return to;
}

static inline int word_compare(uint64_t a, uint64_t b)
{
	a = be64toh(a);
	b = be64toh(b);
	return a < b ? -1 : a > b;
}

/* n < 8: the bytes as one word. */
static inline uint64_t few(const unsigned char *p, size_t n)
{
	uint64_t first, middle, last;

	if (n == 0)
		return 0;
	if (n >= 4) {
		first = *(const any32 *)p;
		last = *(const any32 *)(p + n - 4);
		return first | last << 8 * (n - 4);
	}
	first = p[0];
	middle = p[n / 2];
	last = p[n - 1];
	return first | middle << 8 * (n / 2) | last << 8 * (n - 1);
}

int block_compare(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	if (n < 8)
		return word_compare(few(x, n), few(y, n));
	for (size_t i = 0; i < n - 8; i += 8) {
		uint64_t p = *(const any64 *)(x + i), q = *(const any64 *)(y + i);

		if (p != q)
			return word_compare(p, q);
	}
	return word_compare(*(const any64 *)(x + n - 8), *(const any64 *)(y + n - 8));
}
