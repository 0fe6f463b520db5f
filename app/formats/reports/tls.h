/* formats/reports/tls.h: the parser of incoming TLS reports (RFC 8460 4.4).
 *
 * Lenient: members may be missing, mx-host may be one text or several, texts are cut at
 * WIRE_TLS_TEXT_MAX. Invalid and negative numbers count as 0. */
#ifndef REPORTS_TLS_H
#define REPORTS_TLS_H
#include "foundation/base/arena.h"
#include "foundation/base/str.h"

enum {
	WIRE_TLS_BYTES_MAX = 2 << 20, /* of the document          */
	WIRE_TLS_TEXT_MAX = 512,      /* bytes of a text          */
	WIRE_TLS_POLICIES = 100,      /* the others are omitted */
	WIRE_TLS_FAILURES = 1000,     /* of all policies together */
	WIRE_TLS_MX = 20,             /* of a policy              */
};

/* A group of failed sessions (RFC 8460 4.4, failure-details). */
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
	int64_t begin_ms, end_ms; /* -1: absent, or not a time */
	struct wire_tls_policy *policies;
	size_t policy_count;
	bool more; /* further policies or failures were omitted */
};

/* Everything lives in a. False: not JSON, or without policies. */
bool wire_tls_parse(struct str text, struct arena *a, struct wire_tls_report *out);

#endif
