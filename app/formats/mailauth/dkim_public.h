/* formats/mailauth/dkim_public.h: the public keys of signers, as DNS has them (RFC 6376 3.6, RFC
 * 8463 4).
 *
 * A key is asked for by a function of its own, which waits: a caller asks all that a message needs
 * at one time, from several threads, and hashes the body meanwhile. */
#ifndef MAILAUTH_DKIM_PUBLIC_H
#define MAILAUTH_DKIM_PUBLIC_H
#include "formats/mailauth/dkim.h"
#include "foundation/base/err.h"
#include "foundation/crypto/verify.h"

struct dns;

enum { DKIM_BITS_LEAST = 1024 }; /* of an RSA key (RFC 8301 3.2) */

struct dkim_public {
	enum dkim_algorithm algorithm;
	unsigned bits;   /* of the modulus; 256 of Ed25519                                */
	bool testing;    /* t=y: the domain is only trying                                */
	bool exact;      /* t=s: i= must be at d= itself                                  */
	bool tls_reports; /* s=tlsrpt, and not for mail: for reports alone (RFC 8460 3)    */
	uint8_t bytes[VERIFY_RSA_MOST + VERIFY_RSA_EXPONENT];
	size_t first_n, second_n; /* of them: modulus and exponent, or only the key       */
};

/* One record. False: it is not as the grammar has it, has no key (it was revoked), or none for
 * mail, or reports on TLS, signed by that algorithm; why says what. An RSA key may be of any size
 * up to 4096 bits: whether it is long enough is for the caller. */
bool dkim_public_parse(struct str record, enum dkim_algorithm algorithm, struct dkim_public *out,
                       struct why *why);

/* Does the signature fit this hash? False for RSA keys of less than DKIM_BITS_LEAST bits. */
bool dkim_public_verify(const struct dkim_public *key, const uint8_t digest[static HASH_BYTES],
                        struct str signature);

enum dkim_found { DKIM_KEY_UNASKED, DKIM_KEY_FOUND, DKIM_KEY_MISSING, DKIM_KEY_UNKNOWN };

/* One key that signatures of a message need. */
struct dkim_question {
	struct str name; /* selector._domainkey.domain, in A-labels */
	enum dkim_algorithm algorithm;
	struct dkim_question *twin; /* of the same name, answered with it; NULL            */
	/* the answer */
	enum dkim_found found;
	struct dkim_public key; /* of DKIM_KEY_FOUND                                       */
	struct why why; /* of DKIM_KEY_MISSING: it can never verify; of DKIM_KEY_UNKNOWN: DNS
	                   did not answer in time                                          */
};

/* Put a question into a list of those with different names; what asks the same name becomes a twin
 * of the one that is in it. list has room for one more; q must stay. */
void dkim_question_join(struct dkim_question **list, size_t *count, struct dkim_question *q);

/* Ask it and its twins: DNS once. Blocks until deadline_ms (of clock_mono_ms) at most; touches
 * nothing but these, so that several threads may each ask another one. Of several records the
 * first for mail that can be used counts (RFC 6376 6.1.2), else the first for reports. */
void dkim_question_ask(struct dkim_question *q, struct dns *dns, int64_t deadline_ms);

#endif
