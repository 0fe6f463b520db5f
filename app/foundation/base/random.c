/* foundation/base/random.c: see random.h. */
#include "foundation/base/random.h"

#include "foundation/base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

void random_bytes(void *p, size_t n)
{
	char *to = p;

	while (n != 0) {
		ssize_t got = getrandom(to, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		to += got;
		n -= (size_t)got;
	}
}

uint64_t random_u64(void)
{
	uint64_t n;

	random_bytes(&n, sizeof n);
	return n;
}

uint64_t random_below(uint64_t below)
{
	/* Values past the last whole multiple would favour small results. */
	uint64_t skip, n;

	assert(below != 0);
	skip = -below % below;
	do {
		n = random_u64();
	} while (n < skip);
	return n % below;
}

struct str random_name(struct arena *a, size_t n)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	char *p = arena_alloc(a, n);

	random_bytes(p, n);
	for (size_t i = 0; i < n; i++)
		p[i] = alphabet[(unsigned char)p[i] % 32];
	return str_from(p, n);
}
