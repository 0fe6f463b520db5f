/* formats/mailauth/bimi.h: where the picture is that a domain wants to be shown beside its mail:
 * BIMI (draft-brand-indicators-for-message-identification). It proves nothing: who may be believed
 * to be the author is told by DMARC, and only a domain whose mail nobody else can send has one.
 *
 * What is at the addresses is not fetched here, and no certificate is looked at: that is for who
 * shows the picture. */
#ifndef MAILAUTH_BIMI_H
#define MAILAUTH_BIMI_H
#include "formats/mailauth/dkim.h"
#include "formats/mailauth/dmarc.h"

/* As in Authentication-Results. */
enum bimi_result {
	BIMI_NONE,      /* there is no record                       */
	BIMI_PASS,
	BIMI_FAIL,      /* there is one, and it is wrong            */
	BIMI_TEMPERROR, /* DNS did not answer                       */
	BIMI_DECLINED,  /* the domain says that it wants no picture */
	BIMI_SKIPPED,   /* its DMARC policy lets others use its name */
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

/* Does a TXT record begin as one? */
bool bimi_record_is(struct str text);
/* Take it apart; strings are borrowed. ERR_SYNTAX: it is no list of tags, l= is not there, or an
 * address is not https, longer than BIMI_URI_MAX or has bytes that are in no URI. Linear. */
enum err bimi_record_parse(struct str text, struct bimi_record *out, struct why *why) MUST_USE;

struct bimi_query {
	const struct dmarc_discovery *dmarc; /* of the author */
	struct str selector;                 /* lower case; empty: "default" */
	struct dns *dns;
	int64_t deadline_ms;
};
struct bimi_answer {
	enum bimi_result result;
	struct str domain, selector; /* whose record it is, or would be */
	struct str location, evidence;
	struct str why; /* for people; empty with BIMI_PASS */
};

/* Is a domain's DMARC policy one that makes forging its name hard: quarantine of all mail, or
 * reject, below the organization too? Blocks for DNS where the organization has a record of its
 * own to say. */
bool bimi_protected(const struct bimi_query *q, struct arena *a);
/* The record of the author's domain, else that of its organization. Blocks for DNS; strings
 * live in a or borrow from the query. */
void bimi_look(const struct bimi_query *q, struct arena *a, struct bimi_answer *out);

/* What the message's BIMI-Selector asks for, in lower case and in a; empty: nothing, or something
 * wrong. There must be one such field. */
struct str bimi_selector(const struct dkim_fields *fields, struct arena *a);

#endif
