/* formats/mailauth/dmarc.h: DMARC (RFC 7489, RFC 9989): is a message authenticated for its author's
 * domain, and which policy does the domain publish for mail that is not?
 *
 * SPF and DKIM each authenticate a domain. DMARC checks that it is aligned with the author's
 * domain, which publishes in DNS how to handle mail without alignment. Three steps; the second does
 * not need SPF and DKIM and can run in parallel:
 *
 *	dmarc_author     the domain in From                                        (bytes)
 *	dmarc_discover   the applicable record, and the author's organization      (DNS)
 *	                 ... meanwhile SPF and DKIM ...
 *	dmarc_evaluate   is an authenticated domain aligned with the author        (mostly no DNS)
 *
 * Two methods to find the organization: the public suffix list (RFC 7489), and a tree walk in DNS
 * (RFC 9989).
 *
 * Domains are in normal form: lower case, A-labels, without the final dot. */
#ifndef MAILAUTH_DMARC_H
#define MAILAUTH_DMARC_H
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/spf_record.h"

struct arena;
struct dns;
struct header_field;

/* --- the author ----------------------------------------------------------------------------- */

enum { DMARC_AUTHORS_MAX = 100 };

/* The one domain of all addresses in From (RFC 7489 6.6.1), in a. fields: all of the header. Names
 * may be in any charset; addresses are parsed by formats/message/authors.h. Errors, with why for
 * people, mean DMARC_PERMERROR:
 *
 *	ERR_MISSING   there is no From
 *	ERR_CONFLICT  several From fields, or addresses of several domains
 *	ERR_SYNTAX    From is a group, or ambiguous (message/authors.h); an
 *	              address has no domain name
 *	ERR_LIMIT     more than DMARC_AUTHORS_MAX addresses */
enum err dmarc_author(const struct header_field *fields, size_t count, struct arena *a,
                      struct str *domain, struct why *why) MUST_USE;

enum { DMARC_NAMED_MAX = 10 };

/* When dmarc_author fails: each domain that a mail client might show as the author's, once. That is
 * any domain after an "@" in a From field, for clients that support obsolete forms (RFC 5322 4.4),
 * comments and encoded-words, and for those that do not. Returns their number, more than
 * DMARC_NAMED_MAX when there are too many; the first DMARC_NAMED_MAX are in out, in a. Linear in
 * From for each of them. */
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
	DMARC_ABSENT,     /* no applicable record */
	DMARC_FOUND,
	DMARC_WRONG,      /* the applicable record is wrong */
	DMARC_UNANSWERED, /* DNS did not answer                        */
};

struct dmarc_discovery {
	enum dmarc_found found;
	enum dmarc_method method;
	struct str author;
	struct str organization; /* of the author; empty: DNS did not answer (DMARC_TREE only) */
	struct str domain;       /* of the applicable record: the author's domain or a parent */
	struct str text;         /* the record                                                 */
	struct dmarc_record record; /* also for DMARC_UNANSWERED: the record that applies if the
	                               * name without an answer has none; zeros when unknown */
	struct str lender; /* the domain of that record; empty: unknown */
	bool missing;     /* the author's domain does not exist: np= applies */
	unsigned queries; /* of DNS                                                            */
	struct str why;   /* unless DMARC_FOUND: for people                                    */
};

/* Find the applicable record: at most 2 queries of RFC 7489 6.6.3, or 8 of RFC 9989 4.10, and one
 * whether the author's domain exists, if np= makes a difference. When DNS does not answer for a
 * name within half of the time, its parents are queried nevertheless. Blocks for DNS only. Strings
 * live in a or borrow from q->author. */
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
	bool temporary;    /* DNS did not answer for the key */
};

/* The results of SPF and DKIM. */
struct dmarc_evidence {
	enum spf_result spf;   /* of spf_check_mail                */
	struct str spf_domain; /* spf_answer.domain                */
	const struct dmarc_signature *signatures;
	size_t count;
	unsigned random;       /* any number, for the sampling of pct */
	struct dns *dns;       /* with DMARC_TREE, for domains below the organization */
	int64_t deadline_ms;
};

struct dmarc_verdict {
	enum dmarc_result result;
	bool by_spf, by_dkim;      /* passed, and aligned with the author */
	struct str dkim_domain;    /* of the aligned signature; borrowed */
	enum dmarc_policy policy;  /* the domain's policy for mail that fails */
	const char *tag;           /* the source of the policy: "p", "sp" or "np"; static */
	enum dmarc_policy disposition; /* the policy for this message, after pct and t; none unless
	                                  * DMARC_FAIL */
	enum dmarc_policy at_stake;    /* DMARC_TEMPERROR: the policy if the missing answers of DNS
	                                  * authenticated nothing */
	bool sampled_out;          /* pct reduced it (RFC 7489 6.6.4) */
	bool testing;              /* t=y reduced it (RFC 9989 4.7) */
	struct str why;            /* reason of the result; for people */
};

/* Strings live in a. Queries DNS only for DMARC_TREE with relaxed alignment, about authenticated
 * domains below the author's organization other than it and the author's own: at most
 * DMARC_WALKS_MAX of them. */
enum { DMARC_WALKS_MAX = 5 };
void dmarc_evaluate(const struct dmarc_discovery *d, const struct dmarc_evidence *e,
                    struct arena *a, struct dmarc_verdict *out);

/* "pass", as in Authentication-Results. Static storage. */
const char *dmarc_result_name(enum dmarc_result result);

/* --- reports -------------------------------------------------------------------------------- */

enum dmarc_consent {
	DMARC_CONSENT_OWN, /* the host is in the domain's own organization: no query */
	DMARC_CONSENT_GIVEN,
	DMARC_CONSENT_REFUSED,    /* no reports may be sent there */
	DMARC_CONSENT_UNANSWERED, /* DNS did not answer: try again later */
};

/* May reports about the record of a domain, q->author, be sent to a host in its URIs (RFC 7489
 * 7.1)? *said is the host's record when it consents: if it has URIs in rua or ruf, all mailto of
 * the same host, they replace the domain's. Blocks for DNS. */
enum dmarc_consent dmarc_consent(const struct dmarc_query *q, struct str host, struct arena *a,
                                 struct dmarc_record *said);

#endif
