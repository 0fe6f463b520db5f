/* formats/mailauth/dkim_verify.h: verification of all DKIM signatures of a message (RFC 6376 6).
 *
 * In this order; the middle part may run in parallel:
 *
 *	struct body_hashes bodies;
 *	body_hashes_init(&bodies);
 *	dkim_verify_begin(&v, &fields, &bodies, now_s, &arena);
 *
 *	    dkim_question_ask(&v.questions[i], dns, deadline_ms)    each in its own thread, or
 *	                                                            one after the other
 *	    body_hashes_put(&bodies, piece) ..., body_hashes_end(&bodies)      in parallel
 *
 *	dkim_verify_end(&v);
 *	v.checks[i].result ...
 *
 * Results that need neither a key nor the body (malformed, expired, an added field) are available
 * after dkim_verify_begin. A question that was not asked counts as not answered by DNS. */
#ifndef MAILAUTH_DKIM_VERIFY_H
#define MAILAUTH_DKIM_VERIFY_H
#include "formats/mailauth/body_hashes.h"
#include "formats/mailauth/dkim_public.h"
#include "formats/mailauth/dkim_signature.h"

enum {
	DKIM_SIGNATURES_MAX = 10, /* verified: those of the author's organization first, then the
	                             * others, each from the top, where the latest ones are (RFC
	                             * 6376 6.1) */
	DKIM_CLOCK_S = 300,       /* tolerance for clocks */
};

/* RFC 8601 2.7.1. */
enum dkim_result {
	DKIM_NONE,
	DKIM_PASS,
	DKIM_FAIL,      /* well-formed, but does not match the message, or has expired */
	DKIM_POLICY,    /* not accepted by policy: a short key, a key that is not for mail, l=, or
	                   * an added field */
	DKIM_NEUTRAL,
	DKIM_TEMPERROR, /* DNS did not answer for the key */
	DKIM_PERMERROR, /* malformed, or there is no such key                                    */
	DKIM_RESULTS
};

/* "permerror", as in Authentication-Results. Static storage. */
struct str dkim_result_text(enum dkim_result result);

/* One signature. */
struct dkim_check {
	enum dkim_result result;
	struct dkim_signature signature; /* domain (d=), identity (i=), selector, algorithm_text */
	unsigned key_bits;               /* 0: the key is unknown */
	bool testing;                    /* t=y of the key: the domain is testing DKIM */
	bool tls_report; /* with DKIM_POLICY: valid for a TLS report (RFC 8460 3) */
	bool body_changed;               /* DKIM_FAIL because the body was changed */
	struct why why;                  /* except for DKIM_PASS */

	/* --- between begin and end --- */
	const struct dkim_question *question; /* NULL: the result is final */
	uint8_t digest[HASH_BYTES];
};

struct dkim_verifier {
	struct dkim_check *checks; /* from the top of the header */
	size_t count;
	size_t more; /* signatures that were not verified */
	bool more_of_author; /* at least one of them of the author's organization */
	struct dkim_question *questions; /* each key once */
	size_t question_count;
	struct body_hashes *bodies;
};

/* Parse the signatures of a header, and require their hashes in bodies. fields must stay valid
 * until dkim_verify_end, v lives in a. Costs names times fields for each signature. */
void dkim_verify_begin(struct dkim_verifier *v, const struct dkim_fields *fields,
                       struct body_hashes *bodies, int64_t now_s, struct arena *a);
/* After all questions were asked and the body has ended: set the open results. */
void dkim_verify_end(struct dkim_verifier *v);

/* The overall result: a pass has priority; otherwise the first in the order temperror, fail,
 * policy, permerror, neutral; DKIM_NONE without signatures. */
enum dkim_result dkim_verify_overall(const struct dkim_verifier *v);

/* --- shared by DKIM and ARC ------------------------------------------------------------- */

/* The question for a signature's key in the array; added when it is new. The array must have
 * room. */
struct dkim_question *dkim_question_for(struct dkim_question *questions, size_t *count,
                                        const struct dkim_signature *s, struct arena *a);
/* Check t= and x= (RFC 6376 3.5); why has the error. */
bool dkim_time_check(const struct dkim_signature *s, int64_t now_s, struct why *why);
/* Check that no header field could be shown in place of a signed one (dkim_rider_find). */
bool dkim_riders_check(const struct dkim_signature *s, const struct dkim_fields *fields,
                       struct why *why);
/* Check the body hash. DKIM_PASS, DKIM_FAIL, or DKIM_POLICY for a signature with l=, whose hash is
 * not checked (RFC 6376 8.2). */
enum dkim_result dkim_body_check(const struct dkim_signature *s, const struct body_hashes *bodies,
                                 struct why *why);
/* Check the signature of this hash with the key. The same results, DKIM_POLICY for a short key. */
enum dkim_result dkim_key_check(const struct dkim_signature *s, const struct dkim_question *q,
                                const uint8_t digest[static HASH_BYTES], struct why *why);

#endif
