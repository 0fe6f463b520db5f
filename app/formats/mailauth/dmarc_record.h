/* formats/mailauth/dmarc_record.h: the parser of DMARC records (RFC 7489 6.3, 6.4, RFC 9989 4.7).
 * Pure. */
#ifndef MAILAUTH_DMARC_RECORD_H
#define MAILAUTH_DMARC_RECORD_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

/* The version of DMARC. */
enum dmarc_method {
	DMARC_SUFFIXES, /* RFC 7489 with later tags: organizations by the public suffix list */
	DMARC_TREE,     /* RFC 9989: organizations by records in DNS; no pct and ri */
};

enum dmarc_policy { DMARC_POLICY_NONE, DMARC_POLICY_QUARANTINE, DMARC_POLICY_REJECT };

/* Is the domain a public suffix (RFC 9989 4.7)? */
enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };

/* fo=: the failures for which reports are requested. */
enum {
	DMARC_FO_ALL = BIT(0),  /* 0: nothing passed with alignment */
	DMARC_FO_ANY = BIT(1),  /* 1: SPF or DKIM did not */
	DMARC_FO_DKIM = BIT(2), /* d: a signature failed       */
	DMARC_FO_SPF = BIT(3),  /* s: SPF failed               */
};

enum { DMARC_URIS_MAX = 8 };

struct dmarc_uri {
	struct str uri;     /* "mailto:reports@example.org", still percent-encoded         */
	uint64_t max_bytes; /* of a report (RFC 7489 6.2); 0: any. Not in RFC 9989 */
};
struct dmarc_uris {
	struct dmarc_uri items[DMARC_URIS_MAX];
	size_t count;
	bool limited; /* there are more */
};

struct dmarc_record {
	enum dmarc_policy p;
	enum dmarc_policy sp, np; /* with the default when absent */
	bool has_sp, has_np;
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s                        */
	bool testing;                 /* t=y                                    */
	bool repaired;                /* the policy is invalid, but there is rua: it counts as
	                                 * p=none (RFC 7489 6.6.3 step 6) */
	enum dmarc_psd psd;
	unsigned pct;        /* 0 to 100                      */
	unsigned fo;         /* DMARC_FO_..., at least one    */
	uint32_t interval_s; /* ri=                           */
	struct dmarc_uris rua, ruf;
};

/* Does a TXT record begin as a DMARC record? Others are ignored. */
bool dmarc_record_is(struct str text);

/* Parse such a record; strings are borrowed. Unknown, malformed and repeated tags are ignored in
 * favour of defaults. rf= is not stored: there is one format. ERR_SYNTAX: p, sp or np is invalid,
 * or p is missing (in RFC 9989: none), and there is no rua; why has the reason, and the rest of
 * *out is set, such as psd. Linear. */
enum err dmarc_record_parse(struct str text, enum dmarc_method method, struct dmarc_record *out,
                            struct why *why) MUST_USE;

/* "none", "quarantine", "reject". Static storage. */
const char *dmarc_policy_name(enum dmarc_policy policy);

/* The address of a mailto URI, without the part after "?". False: another scheme, or malformed. In
 * a. */
bool dmarc_uri_mailto(const struct dmarc_uri *uri, struct arena *a, struct mailaddr *out);

#endif
