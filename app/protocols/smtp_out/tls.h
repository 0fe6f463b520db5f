/* protocols/smtp_out/tls.h: the TLS that a hop must have before a message is sent over
 * it: which policies require it, the consequence of a failure, and what is recorded.
 *
 * Pure: no socket, clock or store. Four sources can require TLS of a hop:
 *
 *	the route     the administrator: a smarthost with a login, tls= of a rule
 *	DANE          signed TLSA records of the host (RFC 7672)
 *	MTA-STS       the policy of the domain (RFC 8461)
 *	REQUIRETLS    the message (RFC 8689); "TLS-Required: No" requests the opposite
 *
 * Without any of them TLS is opportunistic (RFC 7435): it is used if offered, with any
 * certificate, and omitted if it fails. The order:
 *
 *	1  A fixed route, or one without TLS, overrides DANE and MTA-STS. Other requirements
 *	   of the administrator are added to theirs.
 *	2  DANE decides if the host has records. MTA-STS cannot allow what DANE refuses
 *	   (RFC 8461 2).
 *	3  MTA-STS in enforce mode, for a host without records or with useless ones.
 *	4  REQUIRETLS requires a verified host whose name is authentic (RFC 8689 4.2.1).
 *	5  "TLS-Required: No" makes 2 and 3 optional (RFC 8689 4.2.2); 1 and 4 stay.
 *
 * session.c calls out_tls_demand before it dials a hop, and out_tls_check on the result
 * before each message, since messages differ in their need. */
#ifndef SMTP_OUT_TLS_H
#define SMTP_OUT_TLS_H
#include "foundation/base/str.h"

struct arena;
struct buf;
struct envelope_reply;
struct tlsa_set; /* of DANE */
struct trust;

/* The first four are in increasing order. */
enum out_tls_level {
	OUT_TLS_MAY,    /* if offered, with any certificate; else without TLS */
	OUT_TLS_MUST,   /* encrypted, with any certificate                    */
	OUT_TLS_VERIFY, /* the host's name, and a chain to a trusted root     */
	OUT_TLS_DANE,   /* one of the host's TLSA records matches             */
	OUT_TLS_OFF,    /* never: STARTTLS is not sent                        */
};

enum out_tls_by {
	OUT_TLS_BY_NOBODY,
	OUT_TLS_BY_ROUTE,
	OUT_TLS_BY_DANE,
	OUT_TLS_BY_STS,
	OUT_TLS_BY_REQUIRETLS,
};

/* The administrator's requirements for a route; all zero: none. OUT_TLS_DANE: mandatory
 * DANE (RFC 7672 6). */
struct out_tls_route {
	enum out_tls_level level;
	bool fixed;                /* DANE and MTA-STS do not apply; always so with OFF */
	const struct trust *trust; /* roots for VERIFY; NULL: the built-in ones         */
};

/* Result of the lookup of a host's TLSA records (RFC 7672 2.2). */
enum out_dane {
	OUT_DANE_NONE,     /* none, or not signed: DANE does not apply     */
	OUT_DANE_USABLE,   /* signed, and at least one is supported        */
	OUT_DANE_UNUSABLE, /* signed, but none is supported                */
	OUT_DANE_UNKNOWN,  /* bogus, or no answer: do not use the host now */
};

/* The MTA-STS mode that applies (RFC 8461 5). */
enum out_sts {
	OUT_STS_NONE, /* none, or mode "none" */
	OUT_STS_TESTING,
	OUT_STS_ENFORCE,
};

/* Facts about a hop before it is dialled; all zero: none. */
struct out_tls_hop {
	enum out_dane dane;
	const struct tlsa_set *records; /* borrowed from the route's arena; only with USABLE    */
	struct str dane_trouble; /* UNKNOWN: why, in plain words; in the route's arena          */
	enum out_sts sts;
	bool sts_match;   /* the policy lists the host                                         */
	/* For TLS reports: the domain of the policies (the recipient's, or the
	 * smarthost), and the policies in the form of reports (RFC 8460 4.5). Empty if
	 * there is none. In the route's arena. */
	struct str policy_domain, sts_policy, tlsa_policy;
	const struct trust *trust; /* roots for VERIFY if the route has none; NULL: the
	                            * built-in ones */
	bool name_signed; /* the host is authentic for the domain: by signed MX records or
	                   * by the administrator */
};

/* The TLS that a message needs. */
enum out_tls_need {
	OUT_TLS_NEED_NONE,
	OUT_TLS_NEED_REQUIRE,  /* REQUIRETLS, from a sender that can get a bounce (RFC
	                        * 8689 5) */
	OUT_TLS_NEED_OPTIONAL, /* "TLS-Required: No"                                     */
	OUT_TLS_NEEDS
};
/* flags: enum envelope_flags. A bounce is sent even if no server promises to protect it. */
enum out_tls_need out_tls_need(unsigned flags, bool null_sender);

/* Problem of a hop. */
enum out_tls_problem {
	OUT_TLS_FINE,
	/* before the connection */
	OUT_TLS_DNSSEC,      /* OUT_DANE_UNKNOWN                                       */
	OUT_TLS_NO_RECORDS,  /* the route requires DANE, the host has no records       */
	OUT_TLS_NOT_LISTED,  /* not among the hosts of the MTA-STS policy              */
	OUT_TLS_NAME_DOUBT,  /* REQUIRETLS: the name is neither signed nor in a policy */
	/* after the connection */
	OUT_TLS_NOT_OFFERED, /* no STARTTLS                                             */
	OUT_TLS_REFUSED,     /* offered, but the reply to STARTTLS was not 220          */
	OUT_TLS_HANDSHAKE,   /* not caused by the certificate                           */
	OUT_TLS_OTHER_NAME,  /* the certificate is for another name                     */
	OUT_TLS_EXPIRED,     /* or not yet valid                                        */
	OUT_TLS_UNTRUSTED,   /* not from a trusted authority, or invalid                */
	OUT_TLS_NO_MATCH,    /* no TLSA record matches                                  */
	OUT_TLS_UNUSABLE,    /* none of its TLSA records is supported: for reports only */
	OUT_TLS_NO_REQUIRETLS, /* the host does not announce REQUIRETLS                  */
	OUT_TLS_PROBLEMS
};
/* The result type in TLS reports: "starttls-not-supported" (RFC 8460 4.3). Static; NULL
 * for FINE and for problems of a single message. */
const char *out_tls_result_type(enum out_tls_problem p);

/* In plain words. Static. */
const char *out_tls_words(enum out_tls_problem p);

struct out_tls_demand {
	enum out_tls_level level;
	enum out_tls_by by;
	bool soft;                    /* optional: a problem does not stop the message */
	bool dane;                    /* with VERIFY: a TLSA record must also match    */
	bool requiretls;              /* EHLO under TLS must announce REQUIRETLS       */
	enum out_tls_problem problem; /* not FINE: do not dial                         */
};

/* Pure; in the order at the top of this file. */
struct out_tls_demand out_tls_demand(const struct out_tls_route *route,
                                     const struct out_tls_hop *hop, enum out_tls_need need);
/* Does the demand exclude a connection without TLS, or with an unverified host? */
bool out_tls_binds(const struct out_tls_demand *d);

/* Facts about a hop after the connection. */
struct out_tls_facts {
	bool met;                   /* EHLO was answered, or TLS began with the first byte */
	bool implicit;              /* TLS from the first byte                             */
	bool offered;               /* STARTTLS in EHLO, or implicit                       */
	bool open;                  /* the connection is encrypted                         */
	bool requiretls;            /* announced in the EHLO under TLS (RFC 8689 4.2.1,
	                             * step 5) */
	enum out_tls_problem failed; /* why it is not encrypted though offered              */
	enum out_tls_problem chain; /* FINE: name and chain are valid; only if open */
	bool matched;               /* a TLSA record matches; only if open          */
	bool old;                   /* the cipher is allowed for opportunistic TLS only;
	                             * only if open */
};

/* May a message with this demand use such a connection? FINE, or the problem; a soft
 * demand is always met. */
enum out_tls_problem out_tls_check(const struct out_tls_demand *d, const struct out_tls_facts *f);
/* The same for a demand that is not soft, for the session in a TLS report (RFC 8460
 * 4.3). */
enum out_tls_problem out_tls_judge(enum out_tls_level level, const struct out_tls_facts *f);

/* Is the failure permanent? Else it is retried. */
bool out_tls_final(const struct out_tls_demand *d, enum out_tls_problem p);
/* The result for the recipients if the last hop had problem p. Failed demands of route,
 * DANE and MTA-STS are retried: 4xx, never a bounce at once (RFC 8461 5, RFC 7672 2.2). A
 * failed REQUIRETLS is permanent: 550 5.7.10 or 5.7.30 (RFC 8689 4.2.1).
 * detail  the reason from the handshake, or ""
 * text    receives the text that *reply borrows; reply->remote is unchanged */
void out_tls_reply(const struct out_tls_demand *d, enum out_tls_problem p, const char *detail,
                   struct buf *text, struct envelope_reply *reply);

/* The protection of a connection, for histories: "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256,
 * MTA-STS"; or DANE, verified, not verified in place of MTA-STS. Empty: no TLS. suite is
 * from stream_tls_text; lives in a. A verified host does not imply that its name is
 * authentic (RFC 7672 2.2.1). */
struct str out_tls_describe(const struct out_tls_hop *hop, const struct out_tls_facts *f,
                        struct str suite, struct arena *a);

/* "MTA-STS", for texts; static. */
const char *out_tls_by_name(enum out_tls_by by);

#endif
