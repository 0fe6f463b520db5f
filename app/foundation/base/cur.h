/* foundation/base/cur.h: reading untrusted bytes.
 *
 * The only reader of Roost's parsers: every bounds check of a parse is in this module.
 * A function that returns false has not moved the cursor, unless it says otherwise. */
#ifndef BASE_CUR_H
#define BASE_CUR_H
#include "foundation/base/str.h"

#include <endian.h>
#include <string.h>

struct cur {
	const char *p;
	const char *end;
};

/* Inline because these run for each row of a large mailbox. */
static inline struct cur cur_of(struct str s)
{
	const char *p = s.p != NULL ? s.p : "";

	return (struct cur){ p, p + s.n };
}
static inline size_t cur_left(const struct cur *c)
{
	return (size_t)(c->end - c->p);
}
static inline bool cur_done(const struct cur *c)
{
	return c->p == c->end;
}
/* The unread rest. */
struct str cur_rest(const struct cur *c);

/* The next byte without moving, or -1 at the end. */
int cur_peek(const struct cur *c);
/* The byte at offset i from here without moving, or -1. */
int cur_peek_at(const struct cur *c, size_t i);
/* Take any one byte. */
bool cur_any(struct cur *c, char *out);
/* Take exactly this byte / these bytes / these bytes in any ASCII case. */
bool cur_byte(struct cur *c, char want);
bool cur_str(struct cur *c, struct str want);
bool cur_stri(struct cur *c, struct str want);
/* Take exactly n bytes. */
static inline bool cur_take(struct cur *c, size_t n, struct str *out)
{
	if (cur_left(c) < n)
		return false;
	*out = str_from(c->p, n);
	c->p += n;
	return true;
}
/* Skip at most n bytes. */
void cur_skip(struct cur *c, size_t n);

/* Take the longest run of bytes for which is(byte) holds; may be empty. */
struct str cur_while(struct cur *c, bool (*is)(unsigned char));
/* Take the run of bytes below 0x80, eight at a time: most mail is ASCII. */
struct str cur_ascii(struct cur *c);
/* Take up to, not including, the byte; false when it does not come. */
bool cur_until(struct cur *c, char stop, struct str *out);
/* Skip spaces and tabs; true when there was at least one. */
bool cur_blank(struct cur *c);
/* Take CRLF. */
bool cur_crlf(struct cur *c);
/* Take one line that ends in LF (and CR LF) or at the end of input; out has neither.
 * False only at the end of input. */
bool cur_line(struct cur *c, struct str *out);

/* Take the next item of a comma-separated list, without blanks around it. Empty items are skipped.
 * False at the end of the list. */
bool cur_listed(struct cur *c, struct str *out);

/* Unsigned decimal in range; at least one digit, leading zeros allowed. */
bool cur_u32(struct cur *c, uint32_t *out);
bool cur_u64(struct cur *c, uint64_t *out);

/* Big-endian integers and LEB128, for stored records. */
bool cur_be(struct cur *c, unsigned bytes, uint64_t *out);
static inline bool cur_be64(struct cur *c, uint64_t *out)
{
	if (cur_left(c) < sizeof *out)
		return false;
	memcpy(out, c->p, sizeof *out);
	*out = be64toh(*out);
	c->p += sizeof *out;
	return true;
}
bool cur_varint_long(struct cur *c, uint64_t *out); /* the same, of any length */
static inline bool cur_varint(struct cur *c, uint64_t *out)
{
	if (cur_done(c) || (unsigned char)*c->p >= 0x80)
		return cur_varint_long(c, out);
	*out = (unsigned char)*c->p++;
	return true;
}

#endif
