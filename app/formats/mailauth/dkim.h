/* formats/mailauth/dkim.h: DKIM signatures (RFC 6376, 8301, 8463).
 *
 * A signature is a header field with a domain (d=), the name of a key in its DNS (s=, at
 * s._domainkey.d), the fields it covers (h=), the hash of the body (bh=) and the signature (b=)
 * over those fields and its own. This folder works on bytes only: model/directory/ stores the keys,
 * flow/delivery/ signs.
 *
 *	canon.h        the forms in which a message is hashed
 *	tags.h         lists of tag=value
 *	body_hashes.h  the hashes of a body
 *	dkim_fields.c  the fields that a signature covers, and their hash
 *	dkim_sign.c    a new signature
 *	dkim_record.c  our key's record in DNS
 *	dkim_signature.h  parsing of signatures
 *	dkim_public.h  public keys, from DNS
 *	dkim_verify.h  verification of all signatures of a message
 *
 * Two kinds of keys: RSA, which all verifiers support, and Ed25519, which is small and fast, and
 * which old verifiers ignore. A message gets a signature by each. SHA-1 is neither written nor
 * accepted (RFC 8301 3.1). */
#ifndef MAILAUTH_DKIM_H
#define MAILAUTH_DKIM_H
#include "formats/mailauth/canon.h"
#include "foundation/base/buf.h"
#include "foundation/crypto/ed25519.h"
#include "foundation/crypto/hash.h"

struct arena;
struct key;

enum dkim_algorithm { DKIM_RSA_SHA256, DKIM_ED25519_SHA256 };

/* "rsa-sha256", "ed25519-sha256": the tag a=. */
const char *dkim_algorithm_name(enum dkim_algorithm a);

/* --- the hashed header --------------------------------------------------------------------- */

enum { DKIM_FIELDS_MAX = 2000 };

/* The fields of a header. */
struct dkim_fields {
	struct header_field *items; /* from top to bottom */
	size_t count;
	bool limited; /* there are more than DKIM_FIELDS_MAX: neither sign nor verify */
};
/* The header consists of blocks of whole fields, in order; a block may contain a body after its
 * fields, which is ignored. items live in a and borrow from the blocks. */
void dkim_fields_read(struct dkim_fields *out, const struct str *blocks, size_t count,
                      struct arena *a);

/* The number of fields with that name, in any case. */
size_t dkim_fields_count(const struct dkim_fields *fields, struct str name);

/* A field without its line end, as signatures are parsed. */
struct str dkim_field_text(const struct header_field *f);

/* Output the header hash input of a signature, in pieces (RFC 6376 3.7). signature is its own
 * field, from its name on without the line end; it may be one of fields, and does not cover itself
 * then. For each name in its h=, the lowest field that was not used yet (5.4.2), nothing when there
 * is none; then the signature with an empty b=. False: malformed, or its h= has more than
 * DKIM_FIELDS_MAX names. Costs names times fields. */
bool dkim_header_put(const struct dkim_fields *fields, enum canon how, struct str signature,
                     canon_out *out, void *to);
/* The hash of that input, which is signed. */
bool dkim_header_hash(const struct dkim_fields *fields, enum canon how, struct str signature,
                      uint8_t out[static HASH_BYTES]);

/* Parts of it, for ARC seals: one whole field; and a signature's own field without its value. */
void dkim_field_hash(struct hash_sha256 *hash, enum canon how, struct str raw);
bool dkim_own_hash(struct hash_sha256 *hash, enum canon how, struct str signature);

/* Is name in the value of h=, in any case? */
bool dkim_names_have(struct str names, struct str name);

/* A field that may occur only once, is in the value of h=, and occurs more often: an attacker could
 * have added one to a signed message (RFC 6376 8.15). NULL: there is none. Static storage. */
const char *dkim_rider_find(const struct dkim_fields *fields, struct str names);

/* --- signing ----------------------------------------------------------------------------- */

enum { DKIM_SIGNATURE_MAX = 8192 };

struct dkim_signer {
	enum dkim_algorithm algorithm;
	struct str domain, selector;
	const struct key *rsa; /* for DKIM_RSA_SHA256                         */
	const uint8_t *seed;   /* for DKIM_ED25519_SHA256: ED25519_SEED bytes */
};

/* Append a DKIM-Signature field, relaxed/relaxed, complete with its line end; at most
 * DKIM_SIGNATURE_MAX bytes. body_hash: of the body, relaxed. False, and nothing is appended: there
 * is no From field (RFC 6376 5.4), or a limit was passed. */
bool dkim_sign(struct buf *out, const struct dkim_signer *s, const struct dkim_fields *fields,
               const uint8_t body_hash[static HASH_BYTES], int64_t now_s);

/* --- in DNS ------------------------------------------------------------------------------ */

/* The TXT record of a key: public is a SubjectPublicKeyInfo (RSA) or the 32 bytes of Ed25519
 * (RFC 8463 4). In a. */
struct str dkim_record(enum dkim_algorithm algorithm, struct str public, struct arena *a);
/* Do two records have the same key, whatever their spacing and other tags? */
bool dkim_record_same(struct str a, struct str b);

#endif
