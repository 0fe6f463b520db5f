/* formats/mailauth/spf.h: may this client use that name? Sender Policy Framework (RFC 7208).
 *
 * A domain says in DNS which hosts send its mail. Two names are asked about: the one the client
 * said in EHLO, and the domain of MAIL FROM. Blocks for DNS; nothing else is done. */
#ifndef MAILAUTH_SPF_H
#define MAILAUTH_SPF_H
#include "formats/mailauth/spf_record.h"

struct dns;

/* RFC 7208 4.6.4: what one check may ask for. */
enum {
	SPF_LOOKUPS_MAX = 10,    /* terms that make us ask DNS                     */
	SPF_VOIDS_MAX = 2,       /* answers without records                        */
	SPF_NAMES_MAX = 10,      /* hosts of one MX or PTR answer                  */
	SPF_NAMES_MS = 2000,     /* for all names of the client: see spf_match.c   */
	SPF_EXPLANATION_MAX = 400, /* bytes of what a domain says of its refusals  */
};

struct spf_query {
	struct addr ip;           /* of the client                                  */
	struct str helo;          /* as it said                                     */
	struct str local, domain; /* MAIL FROM in normal form; both empty: null     */
	struct str receiver;      /* ourselves, for explanations                    */
	int64_t now_s;
	struct dns *dns;
	int64_t deadline_ms;      /* of clock_mono_ms: SPF_TEMPERROR when it passes */
	int64_t question_ms;      /* the same, of one question; 0: as long as that  */
};

struct spf_answer {
	enum spf_result result;
	struct str domain; /* that was asked about                                        */
	struct str term;   /* what decided, as written, or empty                          */
	struct str why;    /* of an error, or of SPF_NONE; for people                     */
	/* Of SPF_FAIL: the domain's own words (RFC 7208 6.2), printable ASCII, or empty. They are
	 * the sender's: quote them as such. */
	struct str explanation;
	unsigned lookups, voids;
};

/* "softfail", as in Received-SPF and Authentication-Results. Static storage. */
struct str spf_result_text(enum spf_result result);

/* Check the name of EHLO (RFC 7208 2.3). Strings of the answer live in a. */
void spf_check_helo(const struct spf_query *q, struct arena *a, struct spf_answer *out);
/* Check MAIL FROM, or for a null one postmaster at the name of EHLO (RFC 7208 2.4). */
void spf_check_mail(const struct spf_query *q, struct arena *a, struct spf_answer *out);
/* What MAIL FROM of q->domain would come to if text was its record; DNS is asked about the rest. */
void spf_check_record(const struct spf_query *q, struct str text, struct arena *a,
                      struct spf_answer *out);

#endif
