/* foundation/base/pack.h: the encoding of records and keys in the store.
 *
 * A record is a sequence of varints and length-prefixed strings whose first varint is the
 * version of its form. Numbers in keys are big-endian, so that byte order is number order.
 * Reading: unpack_* over a struct unpack whose error sticks, checked once at the end. */
#ifndef BASE_PACK_H
#define BASE_PACK_H
#include "foundation/base/buf.h"
#include "foundation/base/cur.h"

void pack_u64_long(struct buf *b, uint64_t n);
/* varint (LEB128), 1-10 bytes */
static inline void pack_u64(struct buf *b, uint64_t n)
{
	if (n < 0x80)
		buf_byte(b, (char)n);
	else
		pack_u64_long(b, n);
}
void pack_str(struct buf *b, struct str s); /* varint length, then bytes    */
void pack_be32(struct buf *b, uint32_t n);  /* for keys                     */
void pack_be64(struct buf *b, uint64_t n);

struct unpack {
	struct cur c;
	bool bad; /* sticky: a field was missing or out of range */
};

static inline struct unpack unpack_of(struct str record)
{
	return (struct unpack){ .c = cur_of(record) };
}
/* 0 once bad */
static inline uint64_t unpack_u64(struct unpack *u)
{
	uint64_t n = 0;

	if (u->bad || !cur_varint(&u->c, &n))
		u->bad = true;
	return u->bad ? 0 : n;
}
uint32_t unpack_u32(struct unpack *u);   /* bad when larger     */
struct str unpack_str(struct unpack *u); /* borrowed; empty once bad */
uint32_t unpack_be32(struct unpack *u);
uint64_t unpack_be64(struct unpack *u);
bool unpack_more(const struct unpack *u); /* bytes are left, none bad */
/* All fields were there. Bytes left over are allowed: a newer minor form added them. */
bool unpack_ok(const struct unpack *u);

#endif
