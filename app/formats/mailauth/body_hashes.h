/* formats/mailauth/body_hashes.h: the hashes of one body that its signatures ask for, each made
 * once.
 *
 * Signatures differ in how they canonicalize (c=, RFC 6376 3.4.3, 3.4.4), and all by SHA-256. The
 * body comes in pieces and is canonicalized and hashed once in each form that somebody asked for,
 * whatever the number of signatures; nothing of it is held. The hash is of all of it: one that
 * covers only the beginning (l=) is never a pass, so nobody can make us hash that as well. */
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

/* Nobody asks yet. b must not move afterwards. */
void body_hashes_init(struct body_hashes *b);
/* Ask for the hash in this form, before the first piece. */
void body_hashes_add(struct body_hashes *b, enum canon how);
/* The bytes after the empty line that ends the header. Costs nothing while nobody asks. */
void body_hashes_put(struct body_hashes *b, struct str bytes);
void body_hashes_end(struct body_hashes *b);
/* After the end, of a form that was asked for: HASH_BYTES, and how long the body is in it. */
const uint8_t *body_hashes_digest(const struct body_hashes *b, enum canon how);
uint64_t body_hashes_size(const struct body_hashes *b, enum canon how);

/* The one hash of a body that is there as a whole, as for signing it. */
void body_hash_whole(enum canon how, struct str body, uint8_t out[static HASH_BYTES]);

#endif
