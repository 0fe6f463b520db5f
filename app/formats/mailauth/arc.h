/* formats/mailauth/arc.h: the Authenticated Received Chain (RFC 8617): who handed a message on, and
 * what each found when it came.
 *
 * Chapter. Each who takes part adds a set of three fields, numbered from 1: what he found
 * (ARC-Authentication-Results), a signature of the message as he let it go (ARC-Message-Signature),
 * and a seal over all sets so far (ARC-Seal). A chain is right when its latest message signature
 * and all seals are: then the results in it are those that the sealers wrote, and how far each of
 * these is to be trusted is for who reads them.
 *
 * Checking goes as with DKIM (dkim_verify.h), and at the same time, of the same hashes of the body:
 *
 *	arc_verify_begin(&v, &fields, &bodies, now_s, &arena);
 *	    dkim_question_ask(&v.questions[i], dns, deadline_ms), body_hashes_put, body_hashes_end
 *	arc_verify_end(&v);
 *
 * Sealing what goes on, after all other changes to it:
 *
 *	arc_verify_begin over its header, for the sets that are there; nothing is asked
 *	arc_seal(&out, &sealer, &v, &fields, body_hash, now_s)
 *	what was appended to out goes in front of the message */
#ifndef MAILAUTH_ARC_H
#define MAILAUTH_ARC_H
#include "formats/mailauth/dkim_verify.h"

/* "pass", as in Authentication-Results and cv=. Static storage. */
struct str arc_result_text(enum arc_result result);

/* Fields are whole, as in dkim_fields; all NULL for a number that is left out. */
struct arc_set {
	const struct header_field *results, *message, *seal;
	struct str said; /* the results behind i=: authserv-id and all, folded                   */
	struct dkim_signature sealed; /* of the seal: domain, selector, signed_s, cv             */

	/* --- between begin and end --- */
	const struct dkim_question *question;
	uint8_t digest[HASH_BYTES];
};

struct arc_verifier {
	enum arc_result result; /* ARC_NONE: there is no chain                                   */
	struct why why;         /* of ARC_FAIL                                                   */
	struct arc_set *sets;   /* sets[i] has the number i + 1                                  */
	size_t count;           /* the highest number                                            */
	bool whole;      /* the sets are there and in order, whatever their signatures are       */
	bool closed;     /* the last seal says cv=fail: nobody adds to it (RFC 8617 5.1)         */
	bool unanswered; /* DNS did not answer for a key: ARC_FAIL all the same (5.2.1)          */
	struct dkim_question *questions;
	size_t question_count;

	/* --- between begin and end --- */
	struct dkim_signature message; /* the latest */
	const struct dkim_question *question;
	uint8_t digest[HASH_BYTES];
	struct body_hashes *bodies;
};

/* fields must stay while v is used, v lives in a; the rest as of dkim_verify_begin. bodies NULL:
 * only the sets are looked at, for arc_seal, and there must be no arc_verify_end. */
void arc_verify_begin(struct arc_verifier *v, const struct dkim_fields *fields,
                      struct body_hashes *bodies, int64_t now_s, struct arena *a);
void arc_verify_end(struct arc_verifier *v);

struct arc_sealer {
	struct dkim_signer key;
	struct str results; /* what we found: "mx.example.org; spf=pass ...; dkim=pass ...", the
	                       value of Authentication-Results, which may be folded            */
	enum arc_result cv; /* what the chain was worth when the message came                  */
	struct str names;   /* h= of the message signature; empty: what we sign ourselves         */
};

/* Append a set: seal, message signature and results, whole with their line ends. body_hash is of
 * the body, relaxed. False, and nothing is appended: the chain was closed, has ARC_INSTANCES_MAX
 * sets, or is not such that cv could be said of it; or something is too much, or no name. */
bool arc_seal(struct buf *out, const struct arc_sealer *s, const struct arc_verifier *v,
              const struct dkim_fields *fields, const uint8_t body_hash[static HASH_BYTES],
              int64_t now_s);

#endif
