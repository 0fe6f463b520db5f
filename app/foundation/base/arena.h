/* foundation/base/arena.h: memory that dies together.
 *
 * Four lifetimes exist in Roost and each has its arena: process, connection, command
 * (reset between commands) and transaction. An arena argument says where a result lives.
 * An arena grows by blocks that double from ARENA_BLOCK_MIN; an empty one holds no
 * memory. It is not thread-safe: the owner of its object uses it.
 *
 * An arena that untrusted input fills has a maximum: arena_cap sets it, and parsers allocate
 * with arena_try, which returns NULL past it. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H
#include "foundation/base/util.h"

enum { ARENA_BLOCK_MIN = 1024, ARENA_ALIGN = 16 };

struct arena_block;

struct arena {
	struct arena_block *block; /* newest first; NULL while empty   */
	size_t used_bytes;         /* handed out since the last reset  */
	size_t max_bytes;          /* of used_bytes, for arena_try; 0: there is none */
	bool secret;               /* wiped before it is given back    */
	bool full;                 /* arena_try has returned NULL      */
};

/* An all-zero struct arena is a valid empty one, so this is only needed for stack ones
 * and to ask for wiping. */
void arena_init(struct arena *a, bool secret);

/* n zeroed bytes, aligned for any type, never NULL; n may be 0. */
void *arena_alloc(struct arena *a, size_t n) MUST_USE;

/* Let arena_try return n more bytes in total, n > 0. A maximum that was set before stays. */
void arena_cap(struct arena *a, size_t n);
/* As arena_alloc, but NULL when the arena would pass its maximum. Sets full then, which stays
 * until arena_reset: a parser may go on without the value, and its caller checks once. */
void *arena_try(struct arena *a, size_t n) MUST_USE;

/* Forget everything handed out. Keeps one small block, so that the next command does not
 * allocate. */
void arena_reset(struct arena *a);

/* Give all memory back; the arena is empty and usable again. */
void arena_deinit(struct arena *a);

#define arena_new(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc_array((a), (n), sizeof(type)))
#define arena_try_array(a, type, n) ((type *)arena_try_array_of((a), (n), sizeof(type)))

/* n * size bytes; a product that overflows is a bug and asserts. */
void *arena_alloc_array(struct arena *a, size_t n, size_t size) MUST_USE;
void *arena_try_array_of(struct arena *a, size_t n, size_t size) MUST_USE;

#endif
