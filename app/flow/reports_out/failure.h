/* flow/reports_out/failure.h: one failed message, reduced for a report to its author's
 * domain (RFC 7489 7.3, RFC 6591).
 *
 * A report to a stranger has less than the message. It has no body, and only header
 * fields about the message's path and sender. Names of recipients are replaced, the same
 * name always by the same text (RFC 6590 3). This is done before anything is stored.
 *
 *	report_failure   the original; borrowed
 *	out_failure      the reduced form: out_failure_make
 *
 * Pure. */
#ifndef REPORTS_OUT_FAILURE_H
#define REPORTS_OUT_FAILURE_H
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/spf_record.h"
#include "network/runtime/addr.h"

struct arena;

/* Kind of report. Stored: the numbers do not change. */
enum out_failure_kind {
	OUT_FAILURE_DMARC, /* fo=0, fo=1 */
	OUT_FAILURE_DKIM,  /* fo=d       */
	OUT_FAILURE_SPF,   /* fo=s       */
	OUT_FAILURE_KINDS
};

/* Action on the message (RFC 6591 3.2.2). Stored, as above. */
enum report_failure_fate {
	REPORT_FATE_DELIVERED,
	REPORT_FATE_SPAM,
	REPORT_FATE_POLICY, /* discarded */
	REPORT_FATE_REJECT,
	REPORT_FATES
};

struct report_failure {
	struct str domain, record; /* location of the DMARC record, and its text */
	struct str author;         /* the domain of From                         */
	struct addr ip;            /* of the client                              */
	struct mailaddr from;      /* MAIL FROM                                  */
	const struct mailaddr *to; /* RCPT TO                                    */
	size_t to_count;
	struct str envelope_id; /* ENVID, decoded from xtext; or empty */
	struct str results;     /* the value of Authentication-Results */
	struct str message;
	enum report_failure_fate fate;
	bool by_dkim, by_spf;     /* passed and aligned with the author                  */
	bool has_dkim, has_spf;   /* checked, and DNS has answered                       */
	const char *dkim_failure; /* a signature failed: "signature", "bodyhash"; static */
	struct str dkim_domain, dkim_identity, dkim_selector; /* of a signature, or empty   */
	bool spf_failed;
	struct str spf_domain;
};

/* The requested kinds of reports, BIT of each. A DMARC report includes the others, so it
 * excludes them. fo: of the record. */
unsigned report_failure_kinds(const struct report_failure *f, unsigned fo);

enum {
	OUT_FAILURE_KEY = 32,           /* bytes                  */
	OUT_FAILURE_TO_MAX = 10,        /* recipients in a report */
	OUT_FAILURE_TEXT_MAX = 512,     /* bytes of one value     */
	OUT_FAILURE_RESULTS_MAX = 4096,
	OUT_FAILURE_HEADER_MAX = 16384, /* bytes of the message's own fields */
};

/* Printable ASCII but for the line ends of header. */
struct out_failure {
	enum out_failure_kind kind;
	enum report_failure_fate fate;
	bool by_dkim, by_spf;
	int64_t arrived_ms;
	struct str author, ip;
	struct str mail_from; /* "<ada@example.org>" */
	struct str to[OUT_FAILURE_TO_MAX];
	size_t to_count;
	struct str envelope_id, results, dkim_failure, dkim_domain, dkim_identity, dkim_selector;
	struct str spf_domain, subject;
	struct str header; /* fields, each with CRLF */
};

/* key: hides names. Lives in a. Linear in the first OUT_FAILURE_LOOK bytes of the
 * header. */
enum { OUT_FAILURE_LOOK = 65536 };
void out_failure_make(const struct report_failure *f, enum out_failure_kind kind, int64_t now_ms,
                      const uint8_t key[static OUT_FAILURE_KEY], struct arena *a,
                      struct out_failure *out);

#endif
