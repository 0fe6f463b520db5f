/* formats/mailauth/spf.h: Sender Policy Framework (RFC 7208): may this client use this name?
 *
 * A domain publishes in DNS which hosts send its mail. Two names are checked: the name in EHLO, and
 * the domain of MAIL FROM. Blocks for DNS only. */
#ifndef MAILAUTH_SPF_H
#define MAILAUTH_SPF_H
#include "formats/mailauth/spf_record.h"

struct dns;

/* RFC 7208 4.6.4: limits of one check. */
enum {
	SPF_LOOKUPS_MAX = 10,    /* terms that need DNS queries */
	SPF_VOIDS_MAX = 2,       /* answers without records                        */
	SPF_NAMES_MAX = 10,      /* hosts of one MX or PTR answer                  */
	SPF_NAMES_MS = 2000,     /* for all names of the client: see spf_match.c   */
	SPF_EXPLANATION_MAX = 400, /* bytes of a domain's explanation */
};

struct spf_query {
	struct addr ip;           /* of the client                                  */
	struct str helo;          /* as the client sent it */
	struct str local, domain; /* MAIL FROM in normal form; both empty: null     */
	struct str receiver;      /* our host name, for explanations */
	int64_t now_s;
	struct dns *dns;
	int64_t deadline_ms;      /* of clock_mono_ms: SPF_TEMPERROR when it passes */
	int64_t question_ms;      /* the same for one query; 0: no other limit */
};

struct spf_answer {
	enum spf_result result;
	struct str domain; /* the checked domain */
	struct str term;   /* the term that decided, as written, or empty */
	struct str why;    /* reason of an error, or of SPF_NONE; for people */
	/* For SPF_FAIL: the domain's explanation (RFC 7208 6.2), printable ASCII, or empty. It is
	 * the sender's text: quote it as such. */
	struct str explanation;
	unsigned lookups, voids;
};

/* "softfail", as in Received-SPF and Authentication-Results. Static storage. */
struct str spf_result_text(enum spf_result result);

/* Check the name of EHLO (RFC 7208 2.3). Strings of the answer live in a. */
void spf_check_helo(const struct spf_query *q, struct arena *a, struct spf_answer *out);
/* Check MAIL FROM; for a null reverse-path, postmaster at the name of EHLO (RFC 7208 2.4). */
void spf_check_mail(const struct spf_query *q, struct arena *a, struct spf_answer *out);
/* The result of MAIL FROM for q->domain if text were its record; other records come from DNS. */
void spf_check_record(const struct spf_query *q, struct str text, struct arena *a,
                      struct spf_answer *out);

#endif
