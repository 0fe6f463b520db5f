/* mailauth/body_hashes.h: the hashes of one body that its signatures ask for, each made once.
 *
 * Signatures differ in how they canonicalize and in how much of the result they cover (c=, l=;
 * RFC 6376 3.4.3 to 3.4.5). The body comes in pieces and is canonicalized once in each form that
 * somebody asked for, whatever the number of signatures; nothing of it is held. */
#ifndef MAILAUTH_BODY_HASHES_H
#define MAILAUTH_BODY_HASHES_H
#include "mailauth/canon.h"

#include "crypto/hash.h"

enum { BODY_HASHES_MAX = 12 }; /* as many as all who ask of one message may want */
#define BODY_WHOLE UINT64_MAX  /* no l=                                          */

struct body_hash {
	enum canon how;
	uint64_t limit;
	struct hash_sha256 state;
	uint8_t digest[HASH_BYTES];
};

struct body_hashes {
	struct canon_form {
		struct body_hashes *of;
		struct canon_body canon;
		uint64_t size; /* canonical bytes so far */
		bool wanted;
	} forms[2]; /* by enum canon */
	struct body_hash items[BODY_HASHES_MAX];
	size_t count;
};

/* Nobody asks yet. b must not move afterwards. */
void body_hashes_init(struct body_hashes *b);
/* Ask for the hash of the first limit canonical bytes, before the first piece. Returns its index,
 * that of another who wants the same if there is one. At most BODY_HASHES_MAX different ones. */
size_t body_hashes_add(struct body_hashes *b, enum canon how, uint64_t limit);
/* The bytes after the empty line that ends the header. Costs nothing while nobody asks. */
void body_hashes_put(struct body_hashes *b, struct str bytes);
void body_hashes_end(struct body_hashes *b);
/* After the end: HASH_BYTES, and how long the whole body is in that form. */
const uint8_t *body_hashes_digest(const struct body_hashes *b, size_t i);
uint64_t body_hashes_size(const struct body_hashes *b, size_t i);

/* The one hash of a body that is there as a whole, as for signing it. */
void body_hash_whole(enum canon how, struct str body, uint8_t out[static HASH_BYTES]);

#endif
