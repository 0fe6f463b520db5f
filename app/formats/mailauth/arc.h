/* formats/mailauth/arc.h: the Authenticated Received Chain (RFC 8617): the forwarders of a message
 * and the authentication results of each.
 *
 * Each forwarder adds a set of three fields, numbered from 1: its results
 * (ARC-Authentication-Results), a signature of the message as it was sent on
 * (ARC-Message-Signature), and a seal over all sets so far (ARC-Seal). A chain is valid when its
 * latest message signature and all seals are valid: then the sealers wrote the results in it. The
 * recipient decides which sealers it trusts.
 *
 * Verification works like DKIM (dkim_verify.h), in parallel with it and with the same body hashes:
 *
 *	arc_verify_begin(&v, &fields, &bodies, now_s, &arena);
 *	    dkim_question_ask(&v.questions[i], dns, deadline_ms), body_hashes_put, body_hashes_end
 *	arc_verify_end(&v);
 *
 * Sealing a forwarded message, after all other changes to it:
 *
 *	arc_verify_begin over its header, for the existing sets, without DNS queries
 *	arc_seal(&out, &sealer, &v, &fields, body_hash, now_s)
 *	prepend the data appended to out to the message */
#ifndef MAILAUTH_ARC_H
#define MAILAUTH_ARC_H
#include "formats/mailauth/dkim_verify.h"

/* "pass", as in Authentication-Results and cv=. Static storage. */
struct str arc_result_text(enum arc_result result);

/* Complete fields, as in dkim_fields; all NULL for a missing number. */
struct arc_set {
	const struct header_field *results, *message, *seal;
	struct str said; /* the results after i=, with the authserv-id, folded */
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
	bool whole;      /* all sets are there, with right numbers; signatures may be invalid */
	bool closed;     /* the last seal has cv=fail: no set may be added (RFC 8617 5.1) */
	bool unanswered; /* DNS did not answer for a key: still ARC_FAIL (5.2.1) */
	struct dkim_question *questions;
	size_t question_count;

	/* --- between begin and end --- */
	struct dkim_signature message; /* the latest */
	const struct dkim_question *question;
	uint8_t digest[HASH_BYTES];
	struct body_hashes *bodies;
};

/* fields must stay valid while v is used, v lives in a; otherwise as dkim_verify_begin. bodies
 * NULL: only parse the sets, for arc_seal; then do not call arc_verify_end. */
void arc_verify_begin(struct arc_verifier *v, const struct dkim_fields *fields,
                      struct body_hashes *bodies, int64_t now_s, struct arena *a);
void arc_verify_end(struct arc_verifier *v);

/* Results from the arrival of a message, to be sealed when it leaves. */
struct arc_arrival {
	struct str results;    /* as of struct arc_sealer, unfolded      */
	enum arc_result chain; /* its cv: what the chain was worth       */
};

struct arc_sealer {
	struct dkim_signer key;
	struct str results; /* our results: "mx.example.org; spf=pass ...; dkim=pass ...", the value
	                       * of Authentication-Results, which may be folded */
	enum arc_result cv; /* the state of the chain when the message arrived */
	struct str names;   /* h= of the message signature; empty: the fields that we sign */
};

/* Append a set: seal, message signature and results, complete with line ends. body_hash: of the
 * body, relaxed. False, and nothing is appended: the chain was closed, has ARC_INSTANCES_MAX sets,
 * or does not allow this cv; or a limit was passed; or a name is invalid. */
bool arc_seal(struct buf *out, const struct arc_sealer *s, const struct arc_verifier *v,
              const struct dkim_fields *fields, const uint8_t body_hash[static HASH_BYTES],
              int64_t now_s);

#endif
