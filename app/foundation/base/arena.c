/* foundation/base/arena.c: see arena.h.
 *
 *   arena.block -> [next|size|used|bytes...] -> [next|size|used|bytes...] -> NULL
 *                   newest, allocations here     older, full
 */
#include "foundation/base/arena.h"

#include "foundation/base/mem.h"

#include <string.h>

enum { ARENA_BLOCK_MAX = 1 << 20 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	size_t used;
	size_t unused_padding; /* keeps data at a multiple of ARENA_ALIGN */
	char data[];
};

static_assert(offsetof(struct arena_block, data) % ARENA_ALIGN == 0, "data is aligned");

void arena_init(struct arena *a, bool secret)
{
	*a = (struct arena){ .secret = secret };
}

static struct arena_block *block_new(struct arena *a, size_t n)
{
	size_t size = a->block != NULL ? a->block->size * 2 : ARENA_BLOCK_MIN;
	struct arena_block *b;

	size = MAX(MIN(size, (size_t)ARENA_BLOCK_MAX), n);
	b = mem_resize(NULL, sizeof *b + size);
	b->next = a->block;
	b->size = size;
	b->used = 0;
	a->block = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->block;
	void *p;

	assert(n <= SIZE_MAX / 2);
	n = (n + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (b == NULL || b->size - b->used < n)
		b = block_new(a, n);
	p = b->data + b->used;
	b->used += n;
	a->used_bytes += n;
	return memset(p, 0, n);
}

void arena_cap(struct arena *a, size_t n)
{
	assert(n != 0);
	if (a->max_bytes == 0)
		a->max_bytes = a->used_bytes + n;
}

void *arena_try(struct arena *a, size_t n)
{
	size_t left = a->max_bytes - MIN(a->used_bytes, a->max_bytes);

	if (a->max_bytes != 0 && (left < ARENA_ALIGN || n > left - (ARENA_ALIGN - 1))) {
		a->full = true;
		return NULL;
	}
	return arena_alloc(a, n);
}

static size_t array_bytes(size_t n, size_t size)
{
	size_t bytes = 0;
	bool overflow = __builtin_mul_overflow(n, size, &bytes);

	assert(!overflow);
	return bytes;
}

void *arena_alloc_array(struct arena *a, size_t n, size_t size)
{
	return arena_alloc(a, array_bytes(n, size));
}

void *arena_try_array_of(struct arena *a, size_t n, size_t size)
{
	return arena_try(a, array_bytes(n, size));
}

static void block_free(const struct arena *a, struct arena_block *b)
{
	if (a->secret)
		mem_wipe(b->data, b->used);
	mem_free(b);
}

static void blocks_free(struct arena *a, struct arena_block *keep)
{
	while (a->block != NULL) {
		struct arena_block *b = a->block;

		a->block = b->next;
		if (b != keep)
			block_free(a, b);
	}
}

void arena_reset(struct arena *a)
{
	struct arena_block *keep = a->block;

	while (keep != NULL && keep->next != NULL)
		keep = keep->next;
	if (keep != NULL && keep->size > ARENA_BLOCK_MIN * 8)
		keep = NULL;
	blocks_free(a, keep);
	if (keep != NULL) {
		if (a->secret)
			mem_wipe(keep->data, keep->used);
		keep->next = NULL;
		keep->used = 0;
		a->block = keep;
	}
	a->used_bytes = 0;
	a->full = false;
}

void arena_deinit(struct arena *a)
{
	blocks_free(a, NULL);
	a->used_bytes = 0;
	a->max_bytes = 0;
	a->full = false;
}
