/* foundation/base/str.c: see str.h. */
#include "foundation/base/str.h"

#include "foundation/base/arena.h"
#include "foundation/base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct str str_of(const char *z)
{
	return z != NULL ? str_from(z, strlen(z)) : STR_EMPTY;
}

bool str_eq(struct str a, struct str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_eqi(struct str a, struct str b)
{
	return a.n == b.n && str_startsi(a, b);
}

int str_cmp(struct str a, struct str b)
{
	size_t n = MIN(a.n, b.n);
	int order = n != 0 ? memcmp(a.p, b.p, n) : 0;

	if (order != 0)
		return order;
	return a.n < b.n ? -1 : a.n > b.n;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.n >= prefix.n && str_eq(str_sub(s, 0, prefix.n), prefix);
}

bool str_startsi(struct str s, struct str prefix)
{
	if (s.n < prefix.n)
		return false;
	for (size_t i = 0; i < prefix.n; i++)
		if (ascii_lower(s.p[i]) != ascii_lower(prefix.p[i]))
			return false;
	return true;
}

bool str_ends(struct str s, struct str suffix)
{
	return s.n >= suffix.n && str_eq(str_sub(s, s.n - suffix.n, s.n), suffix);
}

bool str_eq_secret(struct str a, struct str b)
{
	unsigned char difference = 0;

	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		difference |= (unsigned char)(a.p[i] ^ b.p[i]);
	return difference == 0;
}

ptrdiff_t str_find_byte(struct str s, char c)
{
	const char *at = s.n != 0 ? memchr(s.p, c, s.n) : NULL;

	return at != NULL ? at - s.p : -1;
}

ptrdiff_t str_rfind_byte(struct str s, char c)
{
	const char *at = s.n != 0 ? memrchr(s.p, c, s.n) : NULL;

	return at != NULL ? at - s.p : -1;
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *at;

	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return -1;
	at = memmem(s.p, s.n, needle.p, needle.n);
	return at != NULL ? at - s.p : -1;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct str str_trim(struct str s)
{
	while (s.n != 0 && blank(s.p[0]))
		s = str_sub(s, 1, s.n);
	while (s.n != 0 && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct str str_dup(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return str_from(p, s.n);
}

struct str str_lower(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n);

	for (size_t i = 0; i < s.n; i++)
		p[i] = ascii_lower(s.p[i]);
	return str_from(p, s.n);
}

struct str str_fmt(struct arena *a, const char *fmt, ...)
{
	va_list args, again;
	char *p;
	int n;

	va_start(args, fmt);
	va_copy(again, args);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(n >= 0);
	p = arena_alloc(a, (size_t)n + 1);
	vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return str_from(p, (size_t)n);
}

const char *str_z(struct arena *a, struct str s)
{
	char *p = arena_alloc(a, s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return p;
}

struct str str_new(struct str s)
{
	char *p = mem_new(s.n + 1);

	if (s.n != 0)
		memcpy(p, s.p, s.n);
	return str_from(p, s.n);
}

void str_free(struct str *s)
{
	mem_free((char *)(uintptr_t)s->p);
	*s = (struct str){ NULL, 0 };
}
