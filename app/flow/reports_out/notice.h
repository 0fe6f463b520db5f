/* flow/reports_out/notice.h: the notice that a report was too large for all of its
 * recipients (RFC 7489 7.2.2). Pure. */
#ifndef REPORTS_OUT_NOTICE_H
#define REPORTS_OUT_NOTICE_H
#include "flow/reports_out/letter.h"

struct out_notice {
	struct str domain; /* that the report is about         */
	struct str id;     /* of the report, with its brackets */
	uint64_t bytes;    /* of the message that was not sent */
	struct mailaddr to;
	int64_t when_ms;
	struct out_letter_part part; /* private */
};

/* Make the notice from the report's message. Strings live in a; n must live as long. */
void out_notice_letter(struct out_notice *n, const struct out_letter *report, struct arena *a,
                       struct out_letter *out);

#endif
