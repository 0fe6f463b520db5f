/* foundation/base/sparse.h: zeroed memory for large tables of which most may never be touched,
 * and is then not there: calloc of the release binary's malloc writes zeroes into every page,
 * also into those that come fresh from the system. */
#ifndef BASE_SPARSE_H
#define BASE_SPARSE_H
#include "foundation/base/util.h"

/* As mem_new; free with mem_free. Costs a system call, so for what is made once. */
void *sparse_new(size_t n) MUST_USE;

#endif
