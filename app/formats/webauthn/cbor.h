/* formats/webauthn/cbor.h: reading CBOR (RFC 8949) that an authenticator wrote.
 *
 * Authenticators write one form only, of which CTAP2 says: definite lengths, every number in its
 * shortest head (RFC 8949 4.2.1). Whatever else CBOR allows is refused.
 *
 * The reader hands out one head at a time; what is inside an array or a map follows in the
 * cursor. So nothing recurses, and no depth can hurt: passing over an item counts what is still
 * to come instead of remembering where it is. */
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

/* Take one head, with the contents of a string. A count that the rest of the input cannot hold is
 * refused here. False: malformed, or the end; c is where it was. */
bool cbor_take(struct cur *c, struct cbor *out);
/* Take one item with all that is in it; linear. */
bool cbor_skip(struct cur *c);
/* Take one of this kind. */
bool cbor_take_kind(struct cur *c, enum cbor_kind kind, struct cbor *out);
/* Take an integer of 32 bits. */
bool cbor_take_int(struct cur *c, int32_t *out);

#endif
