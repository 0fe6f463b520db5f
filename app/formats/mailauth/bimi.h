/* formats/mailauth/bimi.h: BIMI (draft-brand-indicators-for-message-identification): the picture
 * that a domain publishes for its mail. It authenticates nothing: DMARC authenticates the author,
 * and BIMI requires a domain with an enforcing policy.
 *
 * The picture and its certificate are not fetched; the program that shows the picture must check
 * them. */
#ifndef MAILAUTH_BIMI_H
#define MAILAUTH_BIMI_H
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/dmarc.h"

/* The results in Authentication-Results. */
enum bimi_result {
	BIMI_NONE,      /* there is no record                       */
	BIMI_PASS,
	BIMI_FAIL,      /* the record is wrong */
	BIMI_TEMPERROR, /* DNS did not answer                       */
	BIMI_DECLINED,  /* the domain publishes that it has no picture */
	BIMI_SKIPPED,   /* its DMARC policy does not enforce */
	BIMI_RESULTS
};
/* "pass". Static storage. */
const char *bimi_result_name(enum bimi_result result);

enum { BIMI_URI_MAX = 900 }; /* so that it fits into a line of a header */

struct bimi_record {
	struct str location; /* l=: https URI of an SVG picture                        */
	struct str evidence; /* a=: https URI of a certificate for it; empty: none     */
	bool declined;       /* both are there and empty                               */
};

/* Does a TXT record begin as a BIMI record? */
bool bimi_record_is(struct str text);
/* Parse it; strings are borrowed. ERR_SYNTAX: not a list of tags, l= is missing, or an address is
 * not https, longer than BIMI_URI_MAX or has bytes that URIs cannot have. Linear. */
enum err bimi_record_parse(struct str text, struct bimi_record *out, struct why *why) MUST_USE;

struct bimi_query {
	const struct dmarc_discovery *dmarc; /* of the author */
	struct str selector;                 /* lower case; empty: "default" */
	struct dns *dns;
	int64_t deadline_ms;
};
struct bimi_answer {
	enum bimi_result result;
	struct str domain, selector; /* of the record, also when there is none */
	struct str location, evidence;
	struct str why; /* for people; empty with BIMI_PASS */
};

/* Does the domain's DMARC policy enforce: quarantine of all mail, or reject, also for subdomains of
 * the organization? Blocks for DNS when the organization's own record is needed. */
bool bimi_protected(const struct bimi_query *q, struct arena *a);
/* Find the record of the author's domain, otherwise that of its organization. Blocks for DNS;
 * strings live in a or borrow from the query. */
void bimi_look(const struct bimi_query *q, struct arena *a, struct bimi_answer *out);

/* The selector in the message's BIMI-Selector, in lower case, in a; empty: none, or malformed.
 * There must be exactly one such field. */
struct str bimi_selector(const struct dkim_fields *fields, struct arena *a);

#endif
