/* formats/mailauth/dkim_verify.h: all DKIM signatures of a message, checked (RFC 6376 6).
 *
 * In this order, of which the middle may go on at one time:
 *
 *	struct body_hashes bodies;
 *	body_hashes_init(&bodies);
 *	dkim_verify_begin(&v, &fields, &bodies, now_s, &arena);
 *
 *	    dkim_question_ask(&v.questions[i], dns, deadline_ms)    each in a thread of its own, or
 *	                                                            one after the other
 *	    body_hashes_put(&bodies, piece) ..., body_hashes_end(&bodies)      beside them
 *
 *	dkim_verify_end(&v);
 *	v.checks[i].result ...
 *
 * What does not need a key or the body (malformed, expired, a field on top of what was signed) is
 * known after the beginning. A question that was not asked counts as one that DNS did not
 * answer. */
#ifndef MAILAUTH_DKIM_VERIFY_H
#define MAILAUTH_DKIM_VERIFY_H
#include "formats/mailauth/body_hashes.h"
#include "formats/mailauth/dkim_public.h"
#include "formats/mailauth/dkim_signature.h"

enum {
	DKIM_SIGNATURES_MAX = 10, /* looked at: those of the author's organization, then the others,
	                             of either from the top: the latest ones (RFC 6376 6.1)      */
	DKIM_CLOCK_S = 300,       /* as much may clocks differ                                   */
};

/* RFC 8601 2.7.1. */
enum dkim_result {
	DKIM_NONE,
	DKIM_PASS,
	DKIM_FAIL,      /* well-formed, and does not fit the message, or its time is over        */
	DKIM_POLICY,    /* not acceptable to us: a short key, one that is not for mail, only the
	                   beginning of a body, or a field more than was signed                  */
	DKIM_NEUTRAL,
	DKIM_TEMPERROR, /* DNS did not answer for the key                                        */
	DKIM_PERMERROR, /* malformed, or there is no such key                                    */
	DKIM_RESULTS
};

/* "permerror", as in Authentication-Results. Static storage. */
struct str dkim_result_text(enum dkim_result result);

/* One signature. */
struct dkim_check {
	enum dkim_result result;
	struct dkim_signature signature; /* domain (d=), identity (i=), selector, algorithm_text */
	unsigned key_bits;               /* 0: the key is not known                              */
	bool testing;                    /* t=y of the key: the domain is only trying            */
	bool tls_report; /* with DKIM_POLICY: a report on TLS is signed by it (RFC 8460 3)       */
	bool body_changed;               /* DKIM_FAIL, since the body is not what was signed     */
	struct why why;                  /* but for DKIM_PASS                                    */

	/* --- between begin and end --- */
	const struct dkim_question *question; /* NULL: the result is known                       */
	uint8_t digest[HASH_BYTES];
};

struct dkim_verifier {
	struct dkim_check *checks; /* from the top of the header */
	size_t count;
	size_t more; /* signatures that were not looked at       */
	bool more_of_author; /* some of them of his organization */
	struct dkim_question *questions; /* each key once        */
	size_t question_count;
	struct body_hashes *bodies;
};

/* Take the signatures of a header apart, and ask bodies for the hashes they need. fields must stay
 * until dkim_verify_end, v lives in a. Costs names times fields for each signature. */
void dkim_verify_begin(struct dkim_verifier *v, const struct dkim_fields *fields,
                       struct body_hashes *bodies, int64_t now_s, struct arena *a);
/* All questions were asked, and the body has ended: set what is not known yet. */
void dkim_verify_end(struct dkim_verifier *v);

/* What of them counts: a pass before all; else the first in the order temperror, fail, policy,
 * permerror, neutral; DKIM_NONE when there are none. */
enum dkim_result dkim_verify_overall(const struct dkim_verifier *v);

/* --- what DKIM and ARC share ------------------------------------------------------------- */

/* The question for a signature's key among those of the array, one more when nobody asked it yet;
 * there must be room. */
struct dkim_question *dkim_question_for(struct dkim_question *questions, size_t *count,
                                        const struct dkim_signature *s, struct arena *a);
/* t= and x= (RFC 6376 3.5); why says what is wrong. */
bool dkim_time_check(const struct dkim_signature *s, int64_t now_s, struct why *why);
/* Is nothing in the header that people may see in place of what was signed (dkim_rider_find)? */
bool dkim_riders_check(const struct dkim_signature *s, const struct dkim_fields *fields,
                       struct why *why);
/* Is what it says of the body so? DKIM_PASS, or DKIM_FAIL, or DKIM_POLICY when it covers only the
 * beginning, whose hash is not looked at (RFC 6376 8.2). */
enum dkim_result dkim_body_check(const struct dkim_signature *s, const struct body_hashes *bodies,
                                 struct why *why);
/* Does the key that was found sign this hash? The same, DKIM_POLICY for a short one. */
enum dkim_result dkim_key_check(const struct dkim_signature *s, const struct dkim_question *q,
                                const uint8_t digest[static HASH_BYTES], struct why *why);

#endif
