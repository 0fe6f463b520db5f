/* formats/mailauth/dkim.h: DKIM signatures (RFC 6376, 8301, 8463).
 *
 * Chapter. A signature is a header field that names a domain (d=), a key in its DNS (s=, at
 * s._domainkey.d), the fields it covers (h=), the hash of the body (bh=) and the signature (b=)
 * over those fields and its own. This folder sees bytes only: keys come from directory/, the
 * moment to sign is delivery/'s.
 *
 *	canon.h        the forms in which a message is hashed
 *	tags.h         lists of tag=value
 *	body_hashes.h  the hashes of a body
 *	dkim_fields.c  which fields a signature covers, and their hash
 *	dkim_sign.c    a new signature
 *	dkim_record.c  a key's record in DNS, as we write it
 *	dkim_signature.h  a signature of others, taken apart
 *	dkim_public.h  their keys, asked of DNS
 *	dkim_verify.h  all signatures of a message, checked
 *
 * Two kinds of keys: RSA, which everybody verifies, and Ed25519, which is small and quick, and
 * which old verifiers pass over. A message gets a signature by each. SHA-1 is neither written
 * nor known (RFC 8301 3.1). */
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

/* --- what is hashed ---------------------------------------------------------------------- */

enum { DKIM_FIELDS_MAX = 2000 };

/* The fields of a header. */
struct dkim_fields {
	struct header_field *items; /* from top to bottom */
	size_t count;
	bool limited; /* there are more than DKIM_FIELDS_MAX: neither sign nor verify */
};
/* The header lies in blocks, one below the other, each of whole fields; a block may go on with
 * a body, which is left alone. items live in a and borrow from the blocks. */
void dkim_fields_read(struct dkim_fields *out, const struct str *blocks, size_t count,
                      struct arena *a);

/* How many of them have that name, in any case? */
size_t dkim_fields_count(const struct dkim_fields *fields, struct str name);

/* A field without its line's end, as signatures are taken apart. */
struct str dkim_field_text(const struct header_field *f);

/* What is hashed for a signature, in pieces (RFC 6376 3.7). signature is its own field, from its
 * name on without the line's end; it may be one of fields, and does not cover itself then. Of each
 * name in its h= the lowest field that was not taken yet (5.4.2), nothing when there is none; then
 * the signature with nothing for the value of b=. False: that is no signature, or its h= has more
 * than DKIM_FIELDS_MAX names. Costs names times fields. */
bool dkim_header_put(const struct dkim_fields *fields, enum canon how, struct str signature,
                     canon_out *out, void *to);
/* Its hash, which is signed; the same. */
bool dkim_header_hash(const struct dkim_fields *fields, enum canon how, struct str signature,
                      uint8_t out[static HASH_BYTES]);

/* Its parts, for the seals of ARC: one whole field; and a signature's own without its value. */
void dkim_field_hash(struct hash_sha256 *hash, enum canon how, struct str raw);
bool dkim_own_hash(struct hash_sha256 *hash, enum canon how, struct str signature);

/* Is a name in the value of h=, in any case? */
bool dkim_names_have(struct str names, struct str name);

/* A field that there may be one of only, which the value of h= names, and of which there are more:
 * one that was put in later would ride on the signature (RFC 6376 8.15). NULL: there is none.
 * Static storage. */
const char *dkim_rider_find(const struct dkim_fields *fields, struct str names);

/* --- signing ----------------------------------------------------------------------------- */

enum { DKIM_SIGNATURE_MAX = 8192 };

struct dkim_signer {
	enum dkim_algorithm algorithm;
	struct str domain, selector;
	const struct key *rsa; /* for DKIM_RSA_SHA256                         */
	const uint8_t *seed;   /* for DKIM_ED25519_SHA256: ED25519_SEED bytes */
};

/* Append the field DKIM-Signature, relaxed/relaxed, whole with its line's end; at most
 * DKIM_SIGNATURE_MAX bytes. body_hash is of the body, relaxed. False, and nothing is appended:
 * there is no From field (RFC 6376 5.4), or there are too many of something to name them all. */
bool dkim_sign(struct buf *out, const struct dkim_signer *s, const struct dkim_fields *fields,
               const uint8_t body_hash[static HASH_BYTES], int64_t now_s);

/* --- in DNS ------------------------------------------------------------------------------ */

/* The TXT record of a key: public is a SubjectPublicKeyInfo (RSA) or the 32 bytes of Ed25519
 * (RFC 8463 4). In a. */
struct str dkim_record(enum dkim_algorithm algorithm, struct str public, struct arena *a);
/* Do two records hold the same key, however they are spaced and whatever else they say? */
bool dkim_record_same(struct str a, struct str b);

#endif
