/* formats/mailauth/dmarc_record.h: DMARC records taken apart (RFC 7489 6.3, 6.4, RFC 9989 4.7).
 * Pure. */
#ifndef MAILAUTH_DMARC_RECORD_H
#define MAILAUTH_DMARC_RECORD_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"

/* How DMARC is understood. */
enum dmarc_method {
	DMARC_SUFFIXES, /* RFC 7489, with the tags that came later: organizations by the public
	                   suffix list                                                        */
	DMARC_TREE,     /* RFC 9989: organizations by records in DNS; pct and ri are no more  */
};

enum dmarc_policy { DMARC_POLICY_NONE, DMARC_POLICY_QUARANTINE, DMARC_POLICY_REJECT };

/* Is the domain one below which others register theirs (RFC 9989 4.7)? */
enum dmarc_psd { DMARC_PSD_UNSAID, DMARC_PSD_YES, DMARC_PSD_NO };

/* fo=: of which failures reports are wanted. */
enum {
	DMARC_FO_ALL = BIT(0),  /* 0: nothing passed in line   */
	DMARC_FO_ANY = BIT(1),  /* 1: something did not        */
	DMARC_FO_DKIM = BIT(2), /* d: a signature failed       */
	DMARC_FO_SPF = BIT(3),  /* s: SPF failed               */
};

enum { DMARC_URIS_MAX = 8 };

struct dmarc_uri {
	struct str uri;     /* "mailto:reports@example.org", still percent-encoded         */
	uint64_t max_bytes; /* of a report (RFC 7489 6.2); 0: any. RFC 9989 knows it not   */
};
struct dmarc_uris {
	struct dmarc_uri items[DMARC_URIS_MAX];
	size_t count;
	bool limited; /* there are more */
};

struct dmarc_record {
	enum dmarc_policy p;
	enum dmarc_policy sp, np; /* what they come to where they are not there */
	bool has_sp, has_np;
	bool strict_dkim, strict_spf; /* adkim=s, aspf=s                        */
	bool testing;                 /* t=y                                    */
	bool repaired;                /* what it asks is wrong, but it wants reports: it counts as
	                                 p=none (RFC 7489 6.6.3 step 6)         */
	enum dmarc_psd psd;
	unsigned pct;        /* 0 to 100                      */
	unsigned fo;         /* DMARC_FO_..., at least one    */
	uint32_t interval_s; /* ri=                           */
	struct dmarc_uris rua, ruf;
};

/* Does a TXT record begin as one of DMARC? Others are as if they were not there. */
bool dmarc_record_is(struct str text);

/* Take such a record apart; strings are borrowed. Tags that are unknown, wrong or there before are
 * passed over, and defaults stand for them. rf= is not kept: there is one format. ERR_SYNTAX: p, sp
 * or np is wrong, or p not there (by RFC 9989 that means none), and nobody is named to be told; why
 * says which, and of *out all the rest is there, as psd. Linear. */
enum err dmarc_record_parse(struct str text, enum dmarc_method method, struct dmarc_record *out,
                            struct why *why) MUST_USE;

/* "none", "quarantine", "reject". Static storage. */
const char *dmarc_policy_name(enum dmarc_policy policy);

/* The address of a mailto URI, without what is behind "?". False: it is another, or wrong. In a. */
bool dmarc_uri_mailto(const struct dmarc_uri *uri, struct arena *a, struct mailaddr *out);

#endif
