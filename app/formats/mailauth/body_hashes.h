/* formats/mailauth/body_hashes.h: the hashes of a body that its signatures need, each computed
 * once.
 *
 * Signatures differ in the canonicalization (c=, RFC 6376 3.4.3, 3.4.4); all use SHA-256. The body
 * arrives in pieces, and each required form is canonicalized and hashed once, for any number of
 * signatures; no part of it is stored. The hash is of the whole body: a signature of the beginning
 * only (l=) never passes, so no hash of a part is needed. */
#ifndef MAILAUTH_BODY_HASHES_H
#define MAILAUTH_BODY_HASHES_H
#include "formats/mailauth/canon.h"

#include "foundation/crypto/hash.h"

struct body_hashes {
	struct body_hash {
		bool wanted;
		struct canon_body canon;
		uint64_t size; /* canonical bytes so far */
		struct hash_sha256 state;
		uint8_t digest[HASH_BYTES];
	} forms[CANON_RELAXED + 1]; /* by enum canon */
};

/* No form is required yet. b must not move afterwards. */
void body_hashes_init(struct body_hashes *b);
/* Require the hash in this form, before the first piece. */
void body_hashes_add(struct body_hashes *b, enum canon how);
/* The bytes after the empty line that ends the header. Costs nothing while no form is required. */
void body_hashes_put(struct body_hashes *b, struct str bytes);
void body_hashes_end(struct body_hashes *b);
/* After the end, for a required form: HASH_BYTES, and the length of the body in that form. */
const uint8_t *body_hashes_digest(const struct body_hashes *b, enum canon how);
uint64_t body_hashes_size(const struct body_hashes *b, enum canon how);

/* The hash of a complete body, for signing. */
void body_hash_whole(enum canon how, struct str body, uint8_t out[static HASH_BYTES]);

#endif
