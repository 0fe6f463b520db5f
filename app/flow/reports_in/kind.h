/* flow/reports_in/kind.h: the kinds of reports, incoming and outgoing. */
#ifndef REPORTS_IN_KIND_H
#define REPORTS_IN_KIND_H

enum report_kind {
	REPORT_DMARC,   /* aggregate: RFC 7489 7.2                            */
	REPORT_TLS,     /* RFC 8460                                           */
	REPORT_FAILURE, /* of one message: RFC 6591, and complaints, RFC 5965 */
};
enum { REPORT_KINDS = 3 };

/* "dmarc", "tls", "failure"; static. */
static inline const char *report_kind_name(enum report_kind kind)
{
	static const char *const names[REPORT_KINDS] = { "dmarc", "tls", "failure" };

	return names[kind];
}

#endif
