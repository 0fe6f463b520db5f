/* formats/mailauth/dmarc.h: may this message bear that author's domain, and what does the domain
 * want done when it may not? DMARC (RFC 7489, RFC 9989).
 *
 * Chapter. SPF and DKIM each prove that a domain has to do with a message; DMARC asks whether it
 * is the author's, and that domain says in DNS what is to be done with mail of which it is not.
 * Three steps, of which the second needs nothing of SPF and DKIM and can be done beside them:
 *
 *	dmarc_author     whose domain is in From                                   (bytes)
 *	dmarc_discover   which record counts for it, what is its organization      (DNS)
 *	                 ... meanwhile SPF and the signatures ...
 *	dmarc_evaluate   is one of the domains they proved in line with it         (mostly no DNS)
 *
 * Two ways to know an organization: by the public suffix list, as RFC 7489 has it, and by walking
 * up the tree of DNS, as RFC 9989 does.
 *
 * Domains are in normal form: lower case, A-labels, without the last dot. */
#ifndef MAILAUTH_DMARC_H
#define MAILAUTH_DMARC_H
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/spf_record.h"

struct arena;
struct dns;
struct header_field;

/* --- the author ----------------------------------------------------------------------------- */

enum { DMARC_AUTHORS_MAX = 100 };

/* The one domain of all addresses in From (RFC 7489 6.6.1), in a. The fields are all of the header.
 * Names may be in any charset; addresses are read as formats/message/authors.h has it.
 * Errors, whose why is for people, mean DMARC_PERMERROR:
 *
 *	ERR_MISSING   there is no From
 *	ERR_CONFLICT  several From fields, or addresses of several domains
 *	ERR_SYNTAX    From is a group, or can be read in more than one way (message/authors.h); an
 *	              address has no domain name
 *	ERR_LIMIT     more than DMARC_AUTHORS_MAX addresses */
enum err dmarc_author(const struct header_field *fields, size_t count, struct arena *a,
                      struct str *domain, struct why *why) MUST_USE;

enum { DMARC_NAMED_MAX = 10 };

/* Where dmarc_author fails: each domain that some reader might take for the author's, once, which
 * is whatever stands behind an "@" in a From field, to programs that take obsolete forms (RFC 5322
 * 4.4), comments, encoded-words, and what is not seen for what they are as well as to those that do
 * not. Returns how many, more than DMARC_NAMED_MAX where they are too many to be told apart; the
 * first DMARC_NAMED_MAX are in out, in a. Linear in From for each of them. */
size_t dmarc_named(const struct header_field *fields, size_t count, struct arena *a,
                   struct str out[static DMARC_NAMED_MAX]);

/* --- the policy ----------------------------------------------------------------------------- */

struct dmarc_query {
	struct str author;
	enum dmarc_method method;
	struct dns *dns;
	int64_t deadline_ms; /* of clock_mono_ms: DMARC_UNANSWERED when it passes */
};

enum dmarc_found {
	DMARC_ABSENT,     /* no record counts                          */
	DMARC_FOUND,
	DMARC_WRONG,      /* one counts, and what it asks is wrong     */
	DMARC_UNANSWERED, /* DNS did not answer                        */
};

struct dmarc_discovery {
	enum dmarc_found found;
	enum dmarc_method method;
	struct str author;
	struct str organization; /* of the author; empty: DNS did not answer (DMARC_TREE only) */
	struct str domain;       /* whose record counts: the author's domain or one above      */
	struct str text;         /* the record                                                 */
	struct dmarc_record record; /* also of DMARC_UNANSWERED: what would count if the name that
	                               does not answer had none; zeros where that is not known  */
	struct str lender; /* whose record that is; empty: not known                          */
	bool missing;     /* the author's domain does not exist: np= counts                    */
	unsigned queries; /* of DNS                                                            */
	struct str why;   /* unless DMARC_FOUND: for people                                    */
};

/* Find the record that counts: at most 2 questions of RFC 7489 6.6.3, or 8 of RFC 9989 4.10, and
 * one whether the author's domain exists, where np= makes a difference. When DNS does not answer,
 * which it is given half of the time for where there is a name above, those above are asked
 * nevertheless. Blocks for DNS; nothing else is done. Strings live in a or borrow from
 * q->author. */
void dmarc_discover(const struct dmarc_query *q, struct arena *a, struct dmarc_discovery *out);

/* --- the verdict ---------------------------------------------------------------------------- */

/* RFC 7489 11.2. */
enum dmarc_result {
	DMARC_NONE,
	DMARC_PASS,
	DMARC_FAIL,
	DMARC_TEMPERROR,
	DMARC_PERMERROR,
	DMARC_RESULTS
};

struct dmarc_signature {
	struct str domain; /* d=, A-labels in any case                           */
	bool passed;
	bool temporary;    /* it could not be verified now: no key came from DNS */
};

/* What was proven. */
struct dmarc_evidence {
	enum spf_result spf;   /* of spf_check_mail                */
	struct str spf_domain; /* spf_answer.domain                */
	const struct dmarc_signature *signatures;
	size_t count;
	unsigned random;       /* any number: is the message one of pct in a hundred?        */
	struct dns *dns;       /* with DMARC_TREE asked about domains below the organization */
	int64_t deadline_ms;
};

struct dmarc_verdict {
	enum dmarc_result result;
	bool by_spf, by_dkim;      /* passed, and in line with the author          */
	struct str dkim_domain;    /* of the signature that is; borrowed           */
	enum dmarc_policy policy;  /* what the domain asks for mail that fails     */
	const char *tag;           /* that says so: "p", "sp" or "np"; static      */
	enum dmarc_policy disposition; /* asked of this message, after pct and t; none unless
	                                  DMARC_FAIL                               */
	enum dmarc_policy at_stake;    /* DMARC_TEMPERROR: what it would be if what DNS does not
	                                  tell proved nothing                      */
	bool sampled_out;          /* pct made it less (RFC 7489 6.6.4)            */
	bool testing;              /* t=y made it less (RFC 9989 4.7)              */
	struct str why;            /* of the result; for people                    */
};

/* Strings live in a. Asks DNS only for DMARC_TREE, of relaxed alignment, about proven domains below
 * the author's organization that are neither it nor the author's own: at most DMARC_WALKS_MAX of
 * them. */
enum { DMARC_WALKS_MAX = 5 };
void dmarc_evaluate(const struct dmarc_discovery *d, const struct dmarc_evidence *e,
                    struct arena *a, struct dmarc_verdict *out);

/* "pass", as in Authentication-Results. Static storage. */
const char *dmarc_result_name(enum dmarc_result result);

/* --- reports -------------------------------------------------------------------------------- */

enum dmarc_consent {
	DMARC_CONSENT_OWN, /* the host is of the domain's own organization: nobody is asked */
	DMARC_CONSENT_GIVEN,
	DMARC_CONSENT_REFUSED,    /* nothing is to be sent there         */
	DMARC_CONSENT_UNANSWERED, /* DNS did not answer: ask again later */
};

/* May reports about the record of a domain, q->author here, go to a host that its URIs name (RFC
 * 7489 7.1)? *said is what the host's record says when it was given: where it has URIs in rua or
 * ruf, which are all mailto of the same host, they stand for the domain's. Blocks for DNS. */
enum dmarc_consent dmarc_consent(const struct dmarc_query *q, struct str host, struct arena *a,
                                 struct dmarc_record *said);

#endif
