/* model/remote/evidence.h: results of TLS sessions with remote servers, by day: the data of TLS
 * reports (RFC 8460 4).
 *
 * A note is one session. Notes collect in memory and are written together each minute; a kill loses
 * the unwritten ones, which is acceptable for statistics. A row is a day (UTC) of a policy domain;
 * equal sessions are counted, not listed. */
#ifndef REMOTE_EVIDENCE_H
#define REMOTE_EVIDENCE_H
#include "model/remote/remote.h"

struct arena;
struct txn;

/* RFC 8460 4.4, policy-type */
enum tls_policy {
	TLS_POLICY_NONE, /* neither was found */
	TLS_POLICY_STS,
	TLS_POLICY_TLSA,
	TLS_POLICIES
};
/* "no-policy-found", "sts", "tlsa"; static. */
const char *tls_policy_name(enum tls_policy policy);

struct tls_note {
	struct str domain; /* the policy domain: the recipient's or the smarthost's for NONE and
	                    * STS, the host's for TLSA (RFC 8460 1.2) */
	enum tls_policy type;
	struct str policy; /* its lines (RFC 8460 4.5), each with LF; empty: none available */
	const char *result_type; /* RFC 8460 4.3; NULL: success */
	struct str reason;       /* failure-reason-code: in words */
	struct str mx, helo;     /* the host's name; its name in the greeting */
	struct str ip, our_ip;   /* addresses, or empty                                     */
};

/* Record a session. Copies its data; thread-safe, quick. Notes beyond the buffer, or beyond
 * LIMIT_tls_evidence_domains of a day, are only counted in the metric. NULL is a no-op. */
void tls_note(struct remotes *r, const struct tls_note *note);
/* Write pending notes now. */
enum err tls_notes_flush(struct remotes *r, struct why *why) MUST_USE;

/* --- reading ------------------------------------------------------------------------------ */

/* Sessions with the same failure. */
struct tls_failure {
	struct str result_type, reason, mx, helo, ip, our_ip;
	uint64_t count;
};

struct tls_tally {
	enum tls_policy type;
	struct str policy;
	uint64_t good, bad; /* bad includes those beyond LIMIT_tls_evidence_failures */
	struct tls_failure *failures;
	size_t failure_count;
};

struct tls_day {
	uint32_t day; /* since 1970 */
	struct str domain;
	struct tls_tally *tallies; /* one for each applied policy */
	size_t tally_count;
};

struct tls_days {
	struct tls_day *items; /* the latest day first, by domain within one */
	size_t count;
	bool more; /* continue with to_day = next_day, after = next_behind */
	uint32_t next_day;
	struct str next_behind;
};

struct tls_query {
	uint32_t from_day, to_day; /* inclusive                                        */
	struct str domain;         /* only this one; empty: all */
	struct str after;          /* domains of to_day up to this one are skipped */
	bool failures;             /* only with failures */
	size_t max;
};
/* Lives in a. A report uses from_day == to_day and a domain. Reads at most LIMIT_tls_evidence_look
 * rows: then more is true, whatever count is. A domain costs one look-up a day. */
enum err tls_days_find(struct txn *t, const struct tls_query *q, struct arena *a,
                       struct tls_days *out) MUST_USE;

/* Remove the days before this one. For the thread, and tests. */
enum err tls_days_expire(struct remotes *r, uint32_t before, struct why *why) MUST_USE;
/* The day of a time. */
uint32_t tls_day_of(int64_t time_ms);

#endif
