/* protocols/smtp_out/tls.h: how much TLS a hop must have before a message goes over it: who demands
 * it, what happens when it is not there, what is remembered of it.
 *
 * Pure: no socket, clock or store. Four can demand something of a hop:
 *
 *	the route     what the administrator says of it: a smarthost with a login, tls= of a rule
 *	DANE          signed TLSA records of the host (RFC 7672)
 *	MTA-STS       the policy of the domain (RFC 8461)
 *	REQUIRETLS    the message (RFC 8689); "TLS-Required: No" is its wish for the opposite
 *
 * Without any of them TLS is opportunistic (RFC 7435): used where it is offered, whatever the
 * certificate, and gone without where it fails. In this order:
 *
 *	1  A fixed route, or one without TLS, is the administrator's last word: DANE and MTA-STS
 *	   are not asked. What else he demands comes on top of theirs.
 *	2  DANE, when the host has records, decides. What it refuses MTA-STS cannot allow
 *	   (RFC 8461 2).
 *	3  MTA-STS in enforce mode, for a host without records or with useless ones.
 *	4  REQUIRETLS raises to a verified host, of a name that is beyond doubt (RFC 8689 4.2.1).
 *	5  "TLS-Required: No" makes 2 and 3 a wish (RFC 8689 4.2.2), 1 and 4 stay.
 *
 * session.c asks out_tls_demand before it dials a hop, and out_tls_check of what came of it
 * before the first message and before each further one, whose wish may be another. */
#ifndef SMTP_OUT_TLS_H
#define SMTP_OUT_TLS_H
#include "foundation/base/str.h"

struct arena;
struct buf;
struct queue_reply;
struct tlsa_set; /* of DANE */
struct trust;

/* Each of the first four is more than those before it. */
enum out_tls_level {
	OUT_TLS_MAY,    /* where it is offered, with any certificate; else without    */
	OUT_TLS_MUST,   /* encrypted, with any certificate                            */
	OUT_TLS_VERIFY, /* the host's name, and a chain to a root that is trusted     */
	OUT_TLS_DANE,   /* one of the host's TLSA records matches                     */
	OUT_TLS_OFF,    /* never: STARTTLS is not even said                           */
};

enum out_tls_by {
	OUT_TLS_BY_NOBODY,
	OUT_TLS_BY_ROUTE,
	OUT_TLS_BY_DANE,
	OUT_TLS_BY_STS,
	OUT_TLS_BY_REQUIRETLS,
};

/* What the administrator demands of a route; all zero: nothing. OUT_TLS_DANE: mandatory DANE
 * (RFC 7672 6). */
struct out_tls_route {
	enum out_tls_level level;
	bool fixed;                /* DANE and MTA-STS are not asked; always so with OFF */
	const struct trust *trust; /* roots for VERIFY; NULL: those built in                     */
};

/* What DNS said of a host's TLSA records (RFC 7672 2.2). */
enum out_dane {
	OUT_DANE_NONE,     /* none, or not signed: DANE has no word here                 */
	OUT_DANE_USABLE,   /* signed, and there is one that we understand                */
	OUT_DANE_UNUSABLE, /* signed, but we understand none                             */
	OUT_DANE_UNKNOWN,  /* bogus, or no answer: the host cannot be used now           */
};

/* The policy of the domain, as far as it counts here (RFC 8461 5). */
enum out_sts {
	OUT_STS_NONE, /* none, or mode "none" */
	OUT_STS_TESTING,
	OUT_STS_ENFORCE,
};

/* What is known of a hop before it is dialled; all zero: nothing. */
struct out_tls_hop {
	enum out_dane dane;
	const struct tlsa_set *records; /* borrowed from the route's arena; only with USABLE    */
	struct str dane_trouble; /* UNKNOWN: why, in words; of the route's arena                */
	enum out_sts sts;
	bool sts_match;   /* the host is one that the policy names                             */
	/* Whose policies these are, for evidence: the recipient's domain, or the smarthost; and
	 * the policies as reports show them (RFC 8460 4.5). Empty where there is none. Of the
	 * route's arena. */
	struct str policy_domain, sts_policy, tlsa_policy;
	const struct trust *trust; /* roots for VERIFY where the route names none; NULL: built in */
	bool name_signed; /* that this host takes the domain's mail is beyond doubt: signed MX
	                   * records, or the administrator said so                             */
};

/* What a message wants. */
enum out_tls_wish {
	OUT_TLS_WISH_NONE,
	OUT_TLS_WISH_REQUIRE,  /* REQUIRETLS, from somebody who can be told (RFC 8689 5) */
	OUT_TLS_WISH_OPTIONAL, /* "TLS-Required: No"                                     */
	OUT_TLS_WISHES
};
/* flags: enum queue_flags. A bounce goes out though nobody promises to protect it. */
enum out_tls_wish out_tls_wish(unsigned flags, bool null_sender);

/* What is wrong with a hop. */
enum out_tls_problem {
	OUT_TLS_FINE,
	/* before it is dialled */
	OUT_TLS_DNSSEC,      /* OUT_DANE_UNKNOWN                                         */
	OUT_TLS_NO_RECORDS,  /* the route wants DANE, the host has no records            */
	OUT_TLS_NOT_LISTED,  /* not among the hosts of the MTA-STS policy                */
	OUT_TLS_NAME_DOUBT,  /* REQUIRETLS: neither signed nor in a policy               */
	/* after */
	OUT_TLS_NOT_OFFERED, /* no STARTTLS                                              */
	OUT_TLS_REFUSED,     /* offered, but STARTTLS was not answered by 220            */
	OUT_TLS_HANDSHAKE,   /* not to do with the certificate                           */
	OUT_TLS_OTHER_NAME,  /* the certificate is for another name                      */
	OUT_TLS_EXPIRED,     /* or not yet valid                                         */
	OUT_TLS_UNTRUSTED,   /* from no authority that is trusted, or broken             */
	OUT_TLS_NO_MATCH,    /* no TLSA record matches                                   */
	OUT_TLS_UNUSABLE,    /* its TLSA records are none that we know: for reports only */
	OUT_TLS_NO_REQUIRETLS, /* the host does not promise to pass the demand on        */
	OUT_TLS_PROBLEMS
};
/* As TLS reports name it: "starttls-not-supported" (RFC 8460 4.3). Static; NULL for FINE and for
 * what is only about one message. */
const char *out_tls_result_type(enum out_tls_problem p);

/* In words, for people. Static. */
const char *out_tls_words(enum out_tls_problem p);

struct out_tls_demand {
	enum out_tls_level level;
	enum out_tls_by by;
	bool soft;                    /* a wish: what is wrong does not keep the message     */
	bool dane;                    /* with VERIFY: a TLSA record must match too           */
	bool requiretls;              /* EHLO must name REQUIRETLS under TLS                 */
	enum out_tls_problem problem; /* not FINE: do not dial                               */
};

/* Pure; the order at the top of this page. */
struct out_tls_demand out_tls_demand(const struct out_tls_route *route,
                                     const struct out_tls_hop *hop, enum out_tls_wish wish);
/* Is a connection without TLS, or to a stranger, out of the question? */
bool out_tls_binds(const struct out_tls_demand *d);

/* What is known of a hop we talk to. */
struct out_tls_facts {
	bool met;                   /* it talked to us: EHLO, or TLS from the first byte    */
	bool implicit;              /* from the first byte                                  */
	bool offered;               /* STARTTLS in EHLO, or implicit                        */
	bool open;                  /* all goes encrypted                                   */
	bool requiretls;            /* in the EHLO under TLS (RFC 8689 4.2.1, step 5)        */
	enum out_tls_problem failed; /* why it is not open though offered                   */
	enum out_tls_problem chain; /* FINE: name and chain are good; only when open        */
	bool matched;               /* a TLSA record does; only when open                   */
	bool old;                   /* by a cipher that only strangers get; only when open  */
};

/* May a message with this demand go over such a connection? FINE, or why not; a soft demand is
 * always met. */
enum out_tls_problem out_tls_check(const struct out_tls_demand *d, const struct out_tls_facts *f);
/* The same of a demand that is no wish: what a TLS report says of a session (RFC 8460 4.3). */
enum out_tls_problem out_tls_judge(enum out_tls_level level, const struct out_tls_facts *f);

/* Is it said for good? Else it is worth another try. */
bool out_tls_final(const struct out_tls_demand *d, enum out_tls_problem p);
/* What to report of the recipients when the last hop had problem p. What the route, DANE and
 * MTA-STS demand is worth another try: 4xx, never a bounce at once (RFC 8461 5, RFC 7672 2.2).
 * What REQUIRETLS demands fails: 550 5.7.10 or 5.7.30 (RFC 8689 4.2.1).
 * detail  what the handshake said of it, or ""
 * text    gets the text that *reply borrows; reply->remote is left alone */
void out_tls_reply(const struct out_tls_demand *d, enum out_tls_problem p, const char *detail,
                   struct buf *text, struct queue_reply *reply);

/* How a connection is protected, for histories: "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256, MTA-STS";
 * DANE, verified or not verified in its place. Empty: it is not. suite is stream_tls_text's; lives
 * in a.
 * That a host was verified says nothing of the way to its name (RFC 7672 2.2.1). */
struct str out_tls_told(const struct out_tls_hop *hop, const struct out_tls_facts *f,
                        struct str suite, struct arena *a);

/* "MTA-STS", for texts; static. */
const char *out_tls_by_name(enum out_tls_by by);

#endif
