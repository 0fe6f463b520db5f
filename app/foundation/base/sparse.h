/* foundation/base/sparse.h: zeroed memory for large tables that are mostly never touched. Untouched
 * pages take no memory. (calloc of the release binary's malloc writes zeroes into every page, even
 * into fresh ones.) */
#ifndef BASE_SPARSE_H
#define BASE_SPARSE_H
#include "foundation/base/util.h"

/* As mem_new; free with mem_free. Costs a system call: use it for long-lived tables only. */
void *sparse_new(size_t n) MUST_USE;

#endif
