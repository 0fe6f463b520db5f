/* network/dnssec/rrset.h: the records of one name and type, and whether a zone has signed them
 * (RFC 4035 5.3). */
#ifndef DNSSEC_RRSET_H
#define DNSSEC_RRSET_H
#include "network/dnssec/key.h"
#include "network/dnssec/message.h"

struct buf;

/* What an answer may cost and how strictly it is taken; from foundation/config/limits.def,
 * filled in by the caller. */
struct dnssec_rules {
	size_t records;      /* in one answer                                        */
	unsigned signatures; /* checks for one question, those up the chain included */
	unsigned hashes;     /* of names, for NSEC3, and of keys; for one question   */
	unsigned wrong;      /* checks that find a wrong signature, for one question  */
	unsigned wrong_set;  /* the same, for one set of records                     */
	unsigned cost_us;    /* of all checks and hashes, for one question; dnssec_pay */
	unsigned iterations; /* of such a hash: above it the zone is as if not signed */
	unsigned aliases;    /* one after the other                                  */
	unsigned questions;  /* asked for the sake of one                            */
	uint32_t skew_s;     /* what clocks may be wrong                             */
	uint32_t ttl_s;      /* the longest that anything is believed                */
	bool sha1;           /* tests only: see dnssec_algorithm_known               */
};

/* The work on one question. Shared by all functions of the folder, owned by the caller. */
struct dnssec_work {
	const struct dnssec_rules *rules;
	int64_t now_s;
	struct arena *a;
	bool (*charge)(unsigned cost_us); /* the caller's budget beyond this question; NULL: none */
	unsigned signatures, hashes, questions, wrong; /* done so far               */
	unsigned cost_us;                              /* likewise                  */
	bool spent;                             /* a budget was used up             */
	struct str trouble;                     /* the latest reason against; in a  */
	struct buf *story;                      /* NULL, or a line for each step    */
};

/* Keep a reason, and tell it in the story. Returns false. */
bool dnssec_trouble(struct dnssec_work *w, const char *fmt, ...) PRINTF(2, 3);
void dnssec_tell(struct dnssec_work *w, const char *fmt, ...) PRINTF(2, 3);

/* Before work of this cost. False: there is no budget for it, and a reason is kept; w->spent: what
 * is judged then is unknown, not bogus. */
bool dnssec_pay(struct dnssec_work *w, unsigned cost_us) MUST_USE;

/* A zone that is trusted, with its keys. */
struct dnssec_zone {
	struct str name;
	const struct dnssec_key *keys;
	size_t count;
};

struct rrset {
	struct str owner;
	uint16_t type;
	const struct rr **items; /* at least one; no doubles; in canonical order */
	size_t count;
	struct dnssec_sig *sigs;
	size_t sig_count;
	uint32_t ttl; /* the least of them */
};

/* Gather from a section; false: there is no such record. All of out lives in a, and is as large as
 * the set. Linear in m, but for the order: quadratic in the set. */
bool rrset_find(const struct dns_message *m, enum rr_section section, struct str owner,
                uint16_t type, struct arena *a, struct rrset *out);
/* Does any signature claim to be of such a set? Linear in m, no memory. */
bool rrset_signed(const struct dns_message *m, enum rr_section section, struct str owner,
                  uint16_t type);

struct rrset_proof {
	uint32_t ttl;    /* how long it may be believed           */
	unsigned labels; /* of the name that was signed: less than the owner's for a wildcard that
	                    was expanded */
	bool wildcard;   /* that is so                            */
};

/* Did zone sign it? Tries each signature with each key that may have made it, as far as the rules
 * allow. False: no, for the reason in w. */
bool rrset_verify(struct dnssec_work *w, const struct rrset *s, const struct dnssec_zone *zone,
                  struct rrset_proof *out);

#endif
