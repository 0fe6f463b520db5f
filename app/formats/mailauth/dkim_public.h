/* formats/mailauth/dkim_public.h: the public keys of signers in DNS (RFC 6376 3.6, RFC 8463 4).
 *
 * A blocking function queries one key: a caller queries all keys of a message in parallel, from
 * several threads, and hashes the body meanwhile. */
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
	bool testing;    /* t=y: the domain is testing DKIM */
	bool exact;      /* t=s: i= must be at d= itself                                  */
	bool tls_reports; /* s=tlsrpt, without email: for TLS reports only (RFC 8460 3) */
	uint8_t bytes[VERIFY_RSA_MOST + VERIFY_RSA_EXPONENT];
	size_t first_n, second_n; /* lengths in bytes: modulus and exponent, or only the key */
};

/* Parse one record. False: malformed, without a key (revoked), or not for mail or TLS reports with
 * that algorithm; why has the reason. An RSA key may have any size up to 4096 bits: the caller
 * checks the minimum. */
bool dkim_public_parse(struct str record, enum dkim_algorithm algorithm, struct dkim_public *out,
                       struct why *why);

/* Does signature match this hash? False for RSA keys of less than DKIM_BITS_LEAST bits. */
bool dkim_public_verify(const struct dkim_public *key, const uint8_t digest[static HASH_BYTES],
                        struct str signature);

enum dkim_found { DKIM_KEY_UNASKED, DKIM_KEY_FOUND, DKIM_KEY_MISSING, DKIM_KEY_UNKNOWN };

/* One key that signatures of a message need. */
struct dkim_question {
	struct str name; /* selector._domainkey.domain, in A-labels */
	enum dkim_algorithm algorithm;
	struct dkim_question *twin; /* another question of the same name, which gets the same
				     * answer; NULL */
	/* the answer */
	enum dkim_found found;
	struct dkim_public key; /* of DKIM_KEY_FOUND                                       */
	struct why why; /* DKIM_KEY_MISSING: it can never verify; DKIM_KEY_UNKNOWN: DNS did not
	                   * answer in time */
};

/* Add a question to a list of questions with different names; one with a name in the list becomes a
 * twin of that question. list has room for one more; q must not move. */
void dkim_question_join(struct dkim_question **list, size_t *count, struct dkim_question *q);

/* Answer q and its twins with one DNS query. Blocks until deadline_ms (of clock_mono_ms) at most.
 * Changes only these questions, so several threads may each process another one. The first
 * usable record for mail counts (RFC 6376 6.1.2), otherwise the first for reports. */
void dkim_question_ask(struct dkim_question *q, struct dns *dns, int64_t deadline_ms);

#endif
