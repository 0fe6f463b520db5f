/* flow/reports_in/draft.h: parses one document of a mail: XML of DMARC, JSON of TLS-RPT,
 * or a feedback report. It takes the document in pieces, in constant memory. */
#ifndef REPORTS_IN_DRAFT_H
#define REPORTS_IN_DRAFT_H
#include "flow/reports_in/rows.h"
#include "formats/reports/wide.h"
#include "foundation/base/err.h"

enum { REPORT_CLAIMS = 24, REPORT_REMARKS_MAX = 2000 };
#define REPORT_COUNT_MAX ((uint64_t)1000000000) /* of a row: larger counts are cut */

struct report_draft {
	struct report_in head; /* but for id, domain, from, received and proven */
	struct report_in_rows rows;
	struct str claims[REPORT_CLAIMS]; /* domains that it claims to be about, the best
	                                   * first */
	size_t claim_count;
	/* private */
	struct arena a;
	struct buf remarks, json;
	struct wire_wide wide;
	struct wire_dmarc dmarc;
	enum report_draft_state { DRAFT_EMPTY, DRAFT_DMARC, DRAFT_JSON, DRAFT_NONE } state;
	bool dmarc_done;
	uint64_t odd_rows, clamped, lost_rows;
};

/* On the heap, because it is large. */
struct report_draft *report_draft_new(void) MUST_USE;
/* NULL is a no-op; clears *d. */
void report_draft_free(struct report_draft **d);

/* Parse the next bytes of a document. False: it is of an unknown kind. */
bool report_draft_piece(struct report_draft *d, struct str bytes);
/* End of the document. ERR_MISSING: not a report. ERR_SYNTAX, ERR_LIMIT: an unacceptable
 * report. */
enum err report_draft_end(struct report_draft *d, struct why *why) MUST_USE;

/* The same for a feedback report, which never comes in pieces. now_ms: its arrival. */
enum err report_draft_arf(struct report_draft *d, const struct wire_arf *arf, int64_t now_ms,
                          struct why *why) MUST_USE;

/* Are its times plausible at now_ms if reports are kept for so many days? ERR_SYNTAX. */
enum err report_draft_times(struct report_draft *d, int64_t now_ms, uint64_t days,
                            struct why *why) MUST_USE;

#endif
