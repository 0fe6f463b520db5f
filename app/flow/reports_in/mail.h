/* flow/reports_in/mail.h: the reports in a message. */
#ifndef REPORTS_IN_MAIL_H
#define REPORTS_IN_MAIL_H
#include "flow/reports_in/draft.h"
#include "formats/message/mime.h"

struct report_mail {
	struct str results; /* fields of ours on who sent it: Authentication-Results first   */
	struct str raw;     /* the message as it came */
	bool ours;          /* made by this server: its author is who he says */
	int64_t received_ms;
	uint64_t days; /* for which reports are kept */
	const struct message_limits *limits;
};

/* What becomes of each document. e: OK, and d may be put into the store; or why tells why not. */
struct report_mail_taker {
	void (*take)(void *arg, struct report_draft *d, enum err e, const struct why *why);
	void *arg;
};
void report_mail_read(const struct report_mail *m, const struct report_mail_taker *taker);

/* May there be a report in it, by the type in its header? */
bool report_mail_may(struct str raw);

/* Is the domain of the author proven: by DMARC, or, where his domain has no policy, by what would
 * count for it (RFC 7489 3.1)? */
bool report_proof(struct str results, struct str author_domain);

/* Has that domain, or another of its organization, signed it? A report on TLS that nobody has
 * signed must be ignored, whatever else proves its author (RFC 8460 3). Unknown: signatures were
 * not looked at, or DNS did not answer. */
enum report_signed { REPORT_SIGNED_UNKNOWN, REPORT_UNSIGNED, REPORT_SIGNED };
enum report_signed report_signed(struct str results, struct str author_domain);

#endif
