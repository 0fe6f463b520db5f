/* formats/webauthn/cbor.h: reading CBOR (RFC 8949) from an authenticator.
 *
 * CTAP2 requires one form: definite lengths, and the shortest head for every number (RFC 8949
 * 4.2.1). Other forms are refused.
 *
 * The reader returns one head at a time; the contents of an array or a map follow in the cursor. So
 * nothing recurses, and depth needs no limit: skipping an item counts the remaining items instead
 * of using a stack. */
#ifndef WEBAUTHN_CBOR_H
#define WEBAUTHN_CBOR_H
#include "foundation/base/cur.h"

/* Major types, RFC 8949 3.1. */
enum cbor_kind {
	CBOR_UINT,
	CBOR_NEGATIVE, /* the number -1 - n              */
	CBOR_BYTES,
	CBOR_TEXT,
	CBOR_ARRAY, /* n items follow                 */
	CBOR_MAP,   /* n pairs of items follow        */
	CBOR_TAG,   /* one item follows, tagged n     */
	CBOR_OTHER, /* false, true, null, a float     */
};

struct cbor {
	enum cbor_kind kind;
	uint64_t n;
	struct str s; /* of BYTES and TEXT, borrowed; TEXT is UTF-8 */
};

/* Take one head, with the contents of a string. A count that the rest of the input cannot contain
 * is refused. False: malformed, or the end; c is unmoved. */
bool cbor_take(struct cur *c, struct cbor *out);
/* Take one item with its contents; linear. */
bool cbor_skip(struct cur *c);
/* Take an item of this kind. */
bool cbor_take_kind(struct cur *c, enum cbor_kind kind, struct cbor *out);
/* Take an integer of 32 bits. */
bool cbor_take_int(struct cur *c, int32_t *out);

#endif
