/* flow/reports_out/failure.h: one message that failed, for a report about it to who is its author
 * by name (RFC 7489 7.3, RFC 6591).
 *
 * What a stranger is told of a message is less than what there is. Its body is in no report; of its
 * header only the fields that tell how and by whom it was sent. The names of those whom it was
 * for become others, always the same for the same (RFC 6590 3). All of that is done before anything
 * is kept.
 *
 *	report_failure   as it came; borrowed
 *	out_failure      what may be told of it: out_failure_make
 *
 * Pure. */
#ifndef REPORTS_OUT_FAILURE_H
#define REPORTS_OUT_FAILURE_H
#include "formats/mailauth/dmarc_record.h"
#include "formats/mailauth/spf_record.h"
#include "network/runtime/addr.h"

struct arena;

/* What a report is about. Stored: the numbers do not change. */
enum out_failure_kind {
	OUT_FAILURE_DMARC, /* fo=0, fo=1 */
	OUT_FAILURE_DKIM,  /* fo=d       */
	OUT_FAILURE_SPF,   /* fo=s       */
	OUT_FAILURE_KINDS
};

/* What became of the message (RFC 6591 3.2.2). Stored, as above. */
enum report_failure_fate {
	REPORT_FATE_DELIVERED,
	REPORT_FATE_SPAM,
	REPORT_FATE_POLICY, /* dropped */
	REPORT_FATE_REJECT,
	REPORT_FATES
};

struct report_failure {
	struct str domain, record; /* where the DMARC record was found, and what it is      */
	struct str author;         /* the domain of From                                    */
	struct addr ip;            /* of the client                                         */
	struct mailaddr from;      /* MAIL FROM */
	const struct mailaddr *to; /* RCPT TO   */
	size_t to_count;
	struct str envelope_id; /* ENVID, out of its xtext; or empty                        */
	struct str results;     /* the value of Authentication-Results                      */
	struct str message;
	enum report_failure_fate fate;
	bool by_dkim, by_spf;     /* passed, and in line with the author                    */
	bool has_dkim, has_spf;   /* these were asked, and DNS has answered                 */
	const char *dkim_failure; /* a signature failed: "signature", "bodyhash"; static    */
	struct str dkim_domain, dkim_identity, dkim_selector; /* of a signature, or empty   */
	bool spf_failed;
	struct str spf_domain;
};

/* Of which kinds are reports wanted, BIT of each? A report about DMARC has all that the others
 * would tell, so there are none beside it. fo: of the record. */
unsigned report_failure_kinds(const struct report_failure *f, unsigned fo);

enum {
	OUT_FAILURE_KEY = 32,           /* bytes                             */
	OUT_FAILURE_TO_MAX = 10,        /* recipients that are told of       */
	OUT_FAILURE_TEXT_MAX = 512,     /* bytes of one value                */
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

/* key: what hides names. Lives in a. Linear in the first OUT_FAILURE_LOOK bytes of the header. */
enum { OUT_FAILURE_LOOK = 65536 };
void out_failure_make(const struct report_failure *f, enum out_failure_kind kind, int64_t now_ms,
                      const uint8_t key[static OUT_FAILURE_KEY], struct arena *a,
                      struct out_failure *out);

#endif
