/* foundation/base/str.h: borrowed bytes with a length.
 *
 * struct str carries text inside Roost: pointer and length, not NUL-terminated, not owned. The
 * function that returns a str states who owns the bytes, and until when.
 * The empty string may have any p, also NULL. */
#ifndef BASE_STR_H
#define BASE_STR_H
#include "foundation/base/util.h"

struct arena;

struct str {
	const char *p;
	size_t n;
};

#define STR(literal) ((struct str){ "" literal, sizeof(literal) - 1 })
#define STR_EMPTY ((struct str){ "", 0 })
/* For "%.*s". Log and protocol text must be escaped first; this only prints. */
#define STR_ARG(s) (int)MIN((s).n, (size_t)INT_MAX), (s).p ? (s).p : ""

/* Borrow a NUL-terminated string; NULL becomes the empty string. */
struct str str_of(const char *z);
static inline struct str str_from(const char *p, size_t n)
{
	return (struct str){ p, n };
}

bool str_eq(struct str a, struct str b);
/* Equal when ASCII letters are compared without case; other bytes exactly. */
bool str_eqi(struct str a, struct str b);
/* memcmp order; a prefix sorts first. */
int str_cmp(struct str a, struct str b);
bool str_starts(struct str s, struct str prefix);
bool str_startsi(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* Equal, in time that depends only on the lengths: for secrets. */
bool str_eq_secret(struct str a, struct str b);

/* Offset of the first/last byte c, or -1. */
ptrdiff_t str_find_byte(struct str s, char c);
ptrdiff_t str_rfind_byte(struct str s, char c);
/* Offset of the first needle, or -1; an empty needle is found at 0. Linear in s. */
ptrdiff_t str_find(struct str s, struct str needle);

/* s[from..to) with both ends clamped to the string. */
static inline struct str str_sub(struct str s, size_t from, size_t to)
{
	to = MIN(to, s.n);
	from = MIN(from, to);
	return str_from(s.p != NULL ? s.p + from : NULL, to - from);
}
/* Without space and tab at both ends. */
struct str str_trim(struct str s);

/* Copies that live in a. str_z is NUL-terminated, for libc. */
struct str str_dup(struct arena *a, struct str s);
struct str str_lower(struct arena *a, struct str s);
struct str str_fmt(struct arena *a, const char *fmt, ...) PRINTF(2, 3);
const char *str_z(struct arena *a, struct str s);

/* Copies on the heap, for owners that have no arena. Free with str_free. */
struct str str_new(struct str s);
void str_free(struct str *s);

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}
static inline char ascii_upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}
static inline bool ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}
static inline bool ascii_alpha(char c)
{
	c = ascii_lower(c);
	return c >= 'a' && c <= 'z';
}
static inline bool ascii_alnum(char c)
{
	return ascii_alpha(c) || ascii_digit(c);
}
/* White space between the words of a header field: WSP, CR, LF (RFC 5322 3.2.2). For cur_while. */
static inline bool ascii_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

#include <limits.h>
#endif
