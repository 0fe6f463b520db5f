/* formats/reports/tls.h: a report on TLS as others write it (RFC 8460 4.4).
 *
 * Forgiving: members may be missing, mx-host may be one text or several, texts are cut at
 * WIRE_TLS_TEXT_MAX. Numbers that are none, or negative, count as nothing. */
#ifndef REPORTS_TLS_H
#define REPORTS_TLS_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

enum {
	WIRE_TLS_BYTES_MAX = 2 << 20, /* of the document          */
	WIRE_TLS_TEXT_MAX = 512,      /* bytes of a text          */
	WIRE_TLS_POLICIES = 100,      /* the others are left out  */
	WIRE_TLS_FAILURES = 1000,     /* of all policies together */
	WIRE_TLS_MX = 20,             /* of a policy              */
};

/* Sessions that failed alike (RFC 8460 4.4, failure-details). */
struct wire_tls_failure {
	struct str result;   /* in lower case; 4.3        */
	struct str from;     /* sending-mta-ip            */
	struct str mx, helo; /* of the receiving host     */
	struct str address;  /* receiving-ip              */
	struct str info, reason;
	uint64_t count;
};

struct wire_tls_policy {
	struct str type, domain; /* in lower case */
	struct str mx[WIRE_TLS_MX];
	size_t mx_count;
	uint64_t good, failed;
	struct wire_tls_failure *failures;
	size_t failure_count;
};

struct wire_tls_report {
	struct str organization, contact, id;
	int64_t begin_ms, end_ms; /* -1: none, or no time */
	struct wire_tls_policy *policies;
	size_t policy_count;
	bool more; /* there were more policies or failures */
};

/* Everything lives in a. False: it is no JSON, or has no policies. */
bool wire_tls_parse(struct str text, struct arena *a, struct wire_tls_report *out);

#endif
