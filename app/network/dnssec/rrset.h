/* network/dnssec/rrset.h: the records of one name and type, and whether a zone has signed them (RFC
 * 4035 5.3). */
#ifndef DNSSEC_RRSET_H
#define DNSSEC_RRSET_H
#include "network/dnssec/key.h"
#include "network/dnssec/message.h"

struct buf;

/* Limits of the validation of an answer; the caller fills them in from
 * foundation/config/limits.def. */
struct dnssec_rules {
	size_t records;      /* in one answer                                        */
	unsigned signatures; /* checks for one question, those of the chain included */
	unsigned hashes;     /* of names, for NSEC3, and of keys; for one question */
	unsigned wrong;      /* checks that find a wrong signature, for one question  */
	unsigned wrong_set;  /* the same, for one set of records                     */
	unsigned cost_us;    /* of all checks and hashes, for one question; dnssec_pay */
	unsigned iterations; /* of such a hash: above it the zone counts as unsigned */
	unsigned aliases;    /* in a sequence */
	unsigned questions;  /* further queries for one question */
	uint32_t skew_s;     /* tolerance for clocks */
	uint32_t ttl_s;      /* maximum of all TTLs */
	bool sha1;           /* tests only: see dnssec_algorithm_known               */
};

/* The state of work on one question. Shared by all functions of the folder, owned by the caller. */
struct dnssec_work {
	const struct dnssec_rules *rules;
	int64_t now_s;
	struct arena *a;
	bool (*charge)(unsigned cost_us); /* the caller's budget beyond this question; NULL: none */
	unsigned signatures, hashes, questions, wrong; /* done so far               */
	unsigned cost_us;                              /* likewise                  */
	bool spent;                             /* a budget was exhausted */
	struct str trouble;                     /* the latest reason against the answer; in a */
	struct buf *steps;                      /* NULL, or a line for each step    */
};

/* Record a reason, also in steps. Returns false. */
bool dnssec_trouble(struct dnssec_work *w, const char *fmt, ...) PRINTF(2, 3);
void dnssec_step_add(struct dnssec_work *w, const char *fmt, ...) PRINTF(2, 3);

/* Reserve the budget before work of this cost. False: it is exhausted, and a reason is recorded;
 * w->spent: the verdict then is indeterminate, not bogus. */
bool dnssec_pay(struct dnssec_work *w, unsigned cost_us) MUST_USE;

/* A trusted zone with its keys. */
struct dnssec_zone {
	struct str name;
	const struct dnssec_key *keys;
	size_t count;
};

struct rrset {
	struct str owner;
	uint16_t type;
	const struct rr **items; /* at least one; no duplicates; in canonical order */
	size_t count;
	struct dnssec_sig *sigs;
	size_t sig_count;
	uint32_t ttl; /* the lowest of the records */
};

/* Collect the records from a section; false: there is none. *out lives in a and is as large as the
 * set. Linear in m; sorting is quadratic in the set. */
bool rrset_find(const struct dns_message *m, enum rr_section section, struct str owner,
                uint16_t type, struct arena *a, struct rrset *out);
/* Does m have a signature for such a set? Linear in m, no memory. */
bool rrset_signed(const struct dns_message *m, enum rr_section section, struct str owner,
                  uint16_t type);

struct rrset_proof {
	uint32_t ttl;    /* how long it may be used */
	unsigned labels; /* of the signed name: fewer than the owner's for a wildcard that was
	                    * expanded */
	bool wildcard;   /* the owner is an expansion of a wildcard */
};

/* Is s signed by zone? Tries each signature with each matching key, within the limits of the rules.
 * False: no, for the reason in w. */
bool rrset_verify(struct dnssec_work *w, const struct rrset *s, const struct dnssec_zone *zone,
                  struct rrset_proof *out);

#endif
