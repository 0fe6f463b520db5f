/* foundation/base/mem.h: heap memory for objects that outlive a command.
 *
 * When memory is exhausted the process ends and the supervisor restarts it; nothing acknowledged is
 * lost. So no caller checks for NULL. Sizes that a peer chooses are never allocated with these:
 * they go through a capped buf or the blob store. */
#ifndef BASE_MEM_H
#define BASE_MEM_H
#include "foundation/base/util.h"

/* n zeroed bytes, never NULL. Free with mem_free. */
void *mem_new(size_t n) MUST_USE;

/* p grown or shrunk to n bytes; p may be NULL. New bytes are not initialised. */
void *mem_resize(void *p, size_t n) MUST_USE;

/* NULL is a no-op. */
void mem_free(void *p);

/* Overwrite n bytes in a way the compiler may not drop: for secrets. */
void mem_wipe(void *p, size_t n);

#define NEW(type) ((type *)mem_new(sizeof(type)))

/* Free *p and clear it, so that a second call is a no-op. */
#define mem_clear(p) (mem_free(*(p)), (void)(*(p) = NULL))

#endif
