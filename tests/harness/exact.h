/* tests/harness/exact.h: input in a heap block of exactly its size, so that the sanitizer sees
 * every byte read past its end; and all its prefixes. */
#ifndef HARNESS_EXACT_H
#define HARNESS_EXACT_H
#include "foundation/base/mem.h"
#include "foundation/base/str.h"

#include <string.h>

/* Calls fn with s, and with each s[0..n) when prefixes are wanted too. */
static inline void exact_each(struct str s, bool prefixes, void (*fn)(struct str, void *),
                              void *arg)
{
	for (size_t n = prefixes ? 0 : s.n; n <= s.n; n++) {
		char *block = mem_resize(NULL, n != 0 ? n : 1);

		if (n != 0)
			memcpy(block, s.p, n);
		fn(str_from(block, n), arg);
		mem_free(block);
	}
}

#endif
