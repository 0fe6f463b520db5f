/* formats/reports/arf.h: a feedback report as others write it: a complaint (RFC 5965), or a
 * failure of authentication (RFC 6591). formats/message/arf.h is the strict reader, on whose
 * word something is done; this one is for people to read, so whatever is there counts. */
#ifndef REPORTS_ARF_H
#define REPORTS_ARF_H
#include "formats/message/mime.h"
#include "foundation/base/arena.h"

enum { WIRE_ARF_TEXT_MAX = 512, WIRE_ARF_LIST = 10 };

struct wire_arf {
	struct str type;    /* Feedback-Type, in lower case: abuse, fraud, auth-failure...  */
	struct str agent, mta, source_ip, mail_from;
	struct str to[WIRE_ARF_LIST], domains[WIRE_ARF_LIST]; /* whom, and what it is about */
	size_t to_count, domain_count;
	int64_t arrived_ms; /* -1: it does not say */
	uint32_t incidents; /* 1 when it does not say */
	/* RFC 6591 3.1, 3.2 */
	struct str results, delivery, failure, dkim_domain, dkim_selector, spf;
	/* of the message that it is about */
	struct str from, from_domain, subject, message_id;
	struct str signers[WIRE_ARF_LIST]; /* d= of its signatures, whether they verify or not */
	size_t signer_count;
};

/* m is a message that was parsed. Texts live in a. False: it has no message/feedback-report with a
 * type in it. */
bool wire_arf_parse(const struct message *m, struct arena *a, struct wire_arf *out);

#endif
