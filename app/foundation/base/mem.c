/* foundation/base/mem.c: see mem.h. The only caller of malloc. */
#include "foundation/base/mem.h"

#include <stdlib.h>
#include <string.h>

void *mem_new(size_t n)
{
	void *p = calloc(1, n ? n : 1);

	if (p == NULL)
		abort();
	return p;
}

void *mem_resize(void *p, size_t n)
{
	p = realloc(p, n ? n : 1);
	if (p == NULL)
		abort();
	return p;
}

void mem_free(void *p)
{
	free(p);
}

void mem_wipe(void *p, size_t n)
{
	if (n != 0) /* then p may be NULL */
		explicit_bzero(p, n);
}
