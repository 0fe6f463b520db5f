/* formats/webauthn/cbor.c: see cbor.h. */
#include "formats/webauthn/cbor.h"

#include "foundation/text/utf8.h"

enum { ONE_BYTE = 24, EIGHT_BYTES = 27 }; /* additional information, RFC 8949 3 */

/* The argument of a head: in its low five bits, or in the 1, 2, 4 or 8 bytes after it. */
static bool argument(struct cur *c, unsigned info, uint64_t *out)
{
	unsigned width;

	if (info < ONE_BYTE) {
		*out = info;
		return true;
	}
	if (info > EIGHT_BYTES) /* reserved, or of indefinite length */
		return false;
	width = 1u << (info - ONE_BYTE);
	if (!cur_be(c, width, out))
		return false;
	/* RFC 8949 4.2.1: an argument that fits half the width is not in its shortest form. */
	return width == 1 ? *out >= ONE_BYTE : *out >> (width * 4) != 0;
}

/* The input must contain what a head announces: the bytes of a string, a byte for each item. */
static bool contents(struct cur *c, struct cbor *item)
{
	switch (item->kind) {
	case CBOR_BYTES:
		return item->n <= cur_left(c) && cur_take(c, item->n, &item->s);
	case CBOR_TEXT:
		return item->n <= cur_left(c) && cur_take(c, item->n, &item->s) &&
		       utf8_valid(item->s);
	case CBOR_ARRAY:
		return item->n <= cur_left(c);
	case CBOR_MAP:
		return item->n <= cur_left(c) / 2;
	case CBOR_TAG:
		return !cur_done(c);
	default:
		return true;
	}
}

bool cbor_take(struct cur *c, struct cbor *out)
{
	struct cur at = *c;
	struct cbor item = { .s = STR_EMPTY };
	bool ok;
	char head;

	if (!cur_any(&at, &head))
		return false;
	item.kind = (enum cbor_kind)((unsigned char)head >> 5);
	/* A float has 2, 4 or 8 bytes of any value, without a shortest form. */
	if (item.kind == CBOR_OTHER && (head & 31) > ONE_BYTE && (head & 31) <= EIGHT_BYTES)
		ok = cur_be(&at, 1u << ((head & 31) - ONE_BYTE), &item.n);
	else
		ok = argument(&at, head & 31, &item.n);
	/* RFC 8949 3.3: simple values below 32 have no extra byte. */
	if (item.kind == CBOR_OTHER && (head & 31) == ONE_BYTE && item.n < 32)
		ok = false;
	if (!ok || !contents(&at, &item))
		return false;
	*c = at;
	*out = item;
	return true;
}

bool cbor_skip(struct cur *c)
{
	struct cur at = *c;
	uint64_t left = 1;
	struct cbor item;

	/* At most the number of bytes: each take consumes one, and each count fits the rest. */
	for (; left != 0; left--) {
		if (left > cur_left(&at) || !cbor_take(&at, &item))
			return false;
		if (item.kind == CBOR_ARRAY || item.kind == CBOR_TAG)
			left += item.kind == CBOR_TAG ? 1 : item.n;
		else if (item.kind == CBOR_MAP)
			left += 2 * item.n;
	}
	*c = at;
	return true;
}

bool cbor_take_kind(struct cur *c, enum cbor_kind kind, struct cbor *out)
{
	struct cur at = *c;

	if (!cbor_take(&at, out) || out->kind != kind)
		return false;
	*c = at;
	return true;
}

bool cbor_take_int(struct cur *c, int32_t *out)
{
	struct cur at = *c;
	struct cbor item;

	if (!cbor_take(&at, &item) || item.kind > CBOR_NEGATIVE || item.n > INT32_MAX)
		return false;
	*out = item.kind == CBOR_UINT ? (int32_t)item.n : -1 - (int32_t)item.n;
	*c = at;
	return true;
}
