/* formats/mailauth/dkim_signature.h: a strict parser of signature fields (RFC 6376 3.5).
 *
 * One grammar for three fields: DKIM-Signature, and two fields of ARC (RFC 8617 4.1.2, 4.1.3):
 * ARC-Message-Signature covers the message, ARC-Seal only fields of ARC. Pure. */
#ifndef MAILAUTH_DKIM_SIGNATURE_H
#define MAILAUTH_DKIM_SIGNATURE_H
#include "formats/mailauth/dkim.h"
#include "foundation/base/err.h"

enum dkim_field {
	DKIM_SIGNATURE,   /* DKIM-Signature         */
	DKIM_ARC_MESSAGE, /* ARC-Message-Signature  */
	DKIM_ARC_SEAL,    /* ARC-Seal               */
	DKIM_FIELD_KINDS
};

enum {
	DKIM_NAMES_MAX = 300,   /* names in h= of a signature that is checked */
	ARC_INSTANCES_MAX = 50, /* RFC 8617 4.2.1                             */
};

/* The state of a chain, in a seal (cv=) and as the result of verification (RFC 8617 4.4). */
enum arc_result { ARC_NONE, ARC_PASS, ARC_FAIL, ARC_RESULTS };

struct dkim_signature {
	struct str domain, selector; /* d=, s=: A-labels in lower case                   */
	struct str identity;         /* i= of DKIM without folding, or "@" and the domain */
	struct str algorithm_text;   /* a= as written                                    */
	enum dkim_algorithm algorithm;
	enum canon header, body;     /* c=                                               */
	struct str names;            /* h= as written                                    */
	struct str signature;        /* the bytes of b=                                  */
	uint8_t body_hash[HASH_BYTES];
	uint64_t length;             /* l=; UINT64_MAX when absent */
	int64_t signed_s, expires_s; /* t=, x=; -1 when absent */
	unsigned instance;           /* i= of ARC                                        */
	enum arc_result cv;          /* of a seal                                        */
};

/* Parse a whole field, from its name on. Strings of out live in a or borrow from it. False: a
 * required tag is missing, a tag is repeated or malformed; why has the reason, and domain,
 * selector, identity and algorithm_text are set as far as they could be read. rsa-sha1 is
 * recognised and refused (RFC 8301 3.1). Linear. */
bool dkim_signature_parse(enum dkim_field kind, struct str field, struct arena *a,
                          struct dkim_signature *out, struct why *why);

/* Only d=, of a field that may be malformed; false: no d=, or not a domain name. */
bool dkim_signature_domain(struct str field, struct arena *a, struct str *out);

/* The name of its key: "selector._domainkey.domain", in a (RFC 6376 3.6.2.1). */
struct str dkim_key_name(const struct dkim_signature *s, struct arena *a);

#endif
