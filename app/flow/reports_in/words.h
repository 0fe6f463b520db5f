/* flow/reports_in/words.h: what numbers of reports mean, in words. All answers are static. */
#ifndef REPORTS_IN_WORDS_H
#define REPORTS_IN_WORDS_H
#include "flow/reports_in/tally.h"
#include "formats/reports/dmarc.h"

struct report_verdict {
	const char *name;  /* for programs */
	const char *words; /* for people   */
};

/* Of all mail from one source. */
struct report_verdict report_verdict_source(const struct report_tally *tally);
/* Of one row. */
struct report_verdict report_verdict_row(const struct wire_dmarc_row *row);

/* What went wrong with TLS (RFC 8460 4.3), and what to do; also for words that are not known. */
const char *report_tls_words(struct str result);

#endif
