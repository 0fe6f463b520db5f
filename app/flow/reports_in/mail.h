/* flow/reports_in/mail.h: finds the reports in a message. */
#ifndef REPORTS_IN_MAIL_H
#define REPORTS_IN_MAIL_H
#include "flow/reports_in/draft.h"
#include "formats/message/mime.h"

struct report_mail {
	struct str results; /* our fields about the sender: Authentication-Results first */
	struct str raw;     /* the message as received                                   */
	bool ours;          /* made by this server: its author is authentic              */
	int64_t received_ms;
	uint64_t days; /* for which reports are kept */
	const struct message_limits *limits;
};

/* Receives each document. e: OK, and d may be stored; or why has the reason. */
struct report_mail_taker {
	void (*take)(void *arg, struct report_draft *d, enum err e, const struct why *why);
	void *arg;
};
void report_mail_read(const struct report_mail *m, const struct report_mail_taker *taker);

/* May it have a report, by the type in its header? */
bool report_mail_may(struct str raw);

/* Is the author's domain proven: by DMARC, or, if the domain has no policy, by an aligned
 * SPF or DKIM pass (RFC 7489 3.1)? */
bool report_proof(struct str results, struct str author_domain);

/* Has that domain, or another of its organization, signed it? An unsigned TLS report must
 * be ignored, even if its author is proven otherwise (RFC 8460 3). Unknown: signatures
 * were not checked, or DNS did not answer. */
enum report_signed { REPORT_SIGNED_UNKNOWN, REPORT_UNSIGNED, REPORT_SIGNED };
enum report_signed report_signed(struct str results, struct str author_domain);

#endif
