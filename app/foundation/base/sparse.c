/* foundation/base/sparse.c: see sparse.h. */
#include "foundation/base/sparse.h"

#include "foundation/base/mem.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Discarded pages are zero when they are used again (madvise(2)). Whole pages of the kernel's size,
 * since it rounds the length up, which would affect later data. */
void *sparse_new(size_t n)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	char *p = mem_resize(NULL, n);
	char *from = (char *)(((uintptr_t)p + page - 1) / page * page);
	char *to = (char *)(((uintptr_t)p + n) / page * page);

	if (from >= to || madvise(from, (size_t)(to - from), MADV_DONTNEED) != 0)
		from = to = p;
	memset(p, 0, (size_t)(from - p));
	memset(to, 0, n - (size_t)(to - p));
	return p;
}
