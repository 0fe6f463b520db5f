/* formats/reports/arf.h: incoming feedback reports: complaints (RFC 5965) and authentication
 * failures (RFC 6591). This reader is lenient, because its results are only shown to people;
 * formats/message/arf.h is the strict reader for reports that cause an action. */
#ifndef REPORTS_ARF_H
#define REPORTS_ARF_H
#include "formats/message/mime.h"
#include "foundation/base/arena.h"

enum { WIRE_ARF_TEXT_MAX = 512, WIRE_ARF_LIST = 10 };

struct wire_arf {
	struct str type;    /* Feedback-Type, in lower case: abuse, fraud, auth-failure...  */
	struct str agent, mta, source_ip, mail_from;
	struct str to[WIRE_ARF_LIST], domains[WIRE_ARF_LIST]; /* recipients and reported domains */
	size_t to_count, domain_count;
	int64_t arrived_ms; /* -1: absent */
	uint32_t incidents; /* 1 when absent */
	/* RFC 6591 3.1, 3.2 */
	struct str results, delivery, failure, dkim_domain, dkim_selector, spf;
	/* of the reported message */
	struct str from, from_domain, subject, message_id;
	struct str signers[WIRE_ARF_LIST]; /* d= of its signatures, not verified */
	size_t signer_count;
};

/* m is a parsed message. Texts live in a. False: there is no message/feedback-report with a type in
 * it. */
bool wire_arf_parse(const struct message *m, struct arena *a, struct wire_arf *out);

#endif
