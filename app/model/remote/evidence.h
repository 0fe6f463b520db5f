/* model/remote/evidence.h: how TLS went with other domains' servers, day by day: what a TLS report
 * is made of (RFC 8460 4).
 *
 * A note is a session. Notes gather in memory, are written together each minute, and what lies in
 * between is lost by a kill: they are statistics. A row is a day (UTC) of a policy domain; sessions
 * that are alike are counted, not listed. */
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
	                    * STS, the host's for TLSA (RFC 8460 1.2)                       */
	enum tls_policy type;
	struct str policy; /* its lines (RFC 8460 4.5), each with LF; empty: none could be had */
	const char *result_type; /* RFC 8460 4.3; NULL: all went well                       */
	struct str reason;       /* failure-reason-code: in words                           */
	struct str mx, helo;     /* the host's name; what it calls itself                   */
	struct str ip, our_ip;   /* addresses, or empty                                     */
};

/* Remember a session. Copies; any thread, quick. More than can be held at a time, and what comes
 * after LIMIT_tls_evidence_domains of a day, is only counted in the metric. NULL is a no-op. */
void tls_note(struct remotes *r, const struct tls_note *note);
/* Write what has gathered now. */
enum err tls_notes_flush(struct remotes *r, struct why *why) MUST_USE;

/* --- reading ------------------------------------------------------------------------------ */

/* Sessions that failed in the same way. */
struct tls_failure {
	struct str result_type, reason, mx, helo, ip, our_ip;
	uint64_t count;
};

struct tls_tally {
	enum tls_policy type;
	struct str policy;
	uint64_t good, bad; /* bad counts also those beyond LIMIT_tls_evidence_failures */
	struct tls_failure *failures;
	size_t failure_count;
};

struct tls_day {
	uint32_t day; /* since 1970 */
	struct str domain;
	struct tls_tally *tallies; /* one for each policy that was in force */
	size_t tally_count;
};

struct tls_days {
	struct tls_day *items; /* the latest day first, by domain within one */
	size_t count;
	bool more; /* to be found as to_day = next_day, after = next_behind */
	uint32_t next_day;
	struct str next_behind;
};

struct tls_query {
	uint32_t from_day, to_day; /* inclusive                                        */
	struct str domain;         /* this one; empty: all                             */
	struct str after;          /* domains of to_day up to this one are left out     */
	bool failures;             /* only where something went wrong                   */
	size_t max;
};
/* Lives in a. What a report needs is from_day == to_day and a domain. Looks at
 * LIMIT_tls_evidence_look rows at most: then there is more, whatever count is. A domain costs one
 * look a day. */
enum err tls_days_find(struct txn *t, const struct tls_query *q, struct arena *a,
                       struct tls_days *out) MUST_USE;

/* Forget the days before this one. For the thread, and tests. */
enum err tls_days_expire(struct remotes *r, uint32_t before, struct why *why) MUST_USE;
/* The day of a time. */
uint32_t tls_day_of(int64_t time_ms);

#endif
