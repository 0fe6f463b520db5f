/* foundation/crypto/der.h: the part of ASN.1 DER (X.690) that keys and certificates need.
 *
 * Reading: der_take moves over one element and returns its contents, which another cursor reads;
 * nothing recurses. DER has only definite lengths in their shortest form; other lengths, and tags
 * of several bytes, are refused.
 *
 * Writing: DER puts the length before the contents, so the writer fills its buffer from the end to
 * the start: write the last element first, then wrap the bytes written since a mark. No element is
 * moved. */
#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H
#include "foundation/base/cur.h"

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTF8_STRING = 0x0c,
	DER_PRINTABLE_STRING = 0x13,
	DER_IA5_STRING = 0x16,
	DER_UTC_TIME = 0x17,
	DER_GENERAL_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
};
#define DER_CONTEXT(n) (0x80 | (n))             /* [n] IMPLICIT, primitive */
#define DER_CONTEXT_CONSTRUCTED(n) (0xa0 | (n)) /* [n], constructed        */

/* Take the next element of any tag; false leaves c unmoved. */
bool der_any(struct cur *c, uint8_t *tag, struct str *contents);
/* Take the next element when it has this tag. */
bool der_take(struct cur *c, uint8_t tag, struct str *contents);
/* The same, and *inside reads its contents. */
bool der_enter(struct cur *c, uint8_t tag, struct cur *inside);
/* Take the next element when it has this tag. True also when it has another tag or there is none;
 * *contents is then empty. False: malformed. */
bool der_optional(struct cur *c, uint8_t tag, struct str *contents);
/* A BIT STRING of whole bytes. */
bool der_bits(struct cur *c, struct str *bits);
/* A non-negative INTEGER as bytes, big-endian, without leading zeros. */
bool der_unsigned(struct cur *c, struct str *magnitude);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 restricts them; ms since 1970. */
bool der_time(struct cur *c, int64_t *ms);

struct der_writer {
	uint8_t *start;
	uint8_t *p;   /* the first byte written; moves down to start */
	uint8_t *end;
	bool over;    /* sticky: it did not fit                      */
};

struct der_writer der_writer_of(void *p, size_t n);
/* The bytes written, or the empty string after an overflow. Borrowed. */
struct str der_written(const struct der_writer *w);
/* A mark for der_wrap: the number of bytes written. */
size_t der_mark(const struct der_writer *w);
/* Raw bytes, already DER. */
void der_raw(struct der_writer *w, struct str s);
/* Put tag and length before everything written since the mark. */
void der_wrap(struct der_writer *w, uint8_t tag, size_t mark);
/* One whole element. */
void der_put(struct der_writer *w, uint8_t tag, struct str contents);
/* A non-negative INTEGER from big-endian bytes. */
void der_put_unsigned(struct der_writer *w, struct str magnitude);
/* A BIT STRING of whole bytes. */
void der_put_bits(struct der_writer *w, struct str bits);
/* GeneralizedTime or UTCTime by year, RFC 5280 4.1.2.5; 1970 to 9999. */
void der_put_time(struct der_writer *w, int64_t ms);

#endif
