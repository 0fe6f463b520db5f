/* flow/reports_in/words.h: explanations of results in reports. All strings are static. */
#ifndef REPORTS_IN_WORDS_H
#define REPORTS_IN_WORDS_H
#include "flow/reports_in/tally.h"
#include "formats/reports/dmarc.h"

struct report_verdict {
	const char *name;  /* for programs */
	const char *words; /* for users    */
};

/* For all mail from one source. */
struct report_verdict report_verdict_source(const struct report_tally *tally);
/* For one row. */
struct report_verdict report_verdict_row(const struct wire_dmarc_row *row);

/* A failure of TLS (RFC 8460 4.3) and its remedy; also for unknown types. */
const char *report_tls_words(struct str result);

#endif
