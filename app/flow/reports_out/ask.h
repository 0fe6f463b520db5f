/* flow/reports_out/ask.h: the recipients of a report about a domain: those in rua or ruf
 * of its record that accept reports. For this folder only. */
#ifndef REPORTS_OUT_ASK_H
#define REPORTS_OUT_ASK_H
#include "flow/reports_out/due.h"
#include "formats/mailauth/dmarc_record.h"

#include <stdatomic.h>

struct dns;

struct out_ask {
	struct dns *dns;
	struct str domain; /* of the record */
	const struct dmarc_uris *uris;
	bool failures; /* uris are of ruf, else of rua */
	const atomic_bool *stop;
};

/* A recipient, or a refused one: then state.why has the reason. */
struct out_asked {
	struct mailaddr to;
	struct str url;     /* to post to, instead of to; or empty */
	uint64_t max_bytes; /* of the message; 0: any */
	uint64_t too_large; /* mail.c's: the size, if it was too large; else 0 */
	struct out_to state;
};

struct out_asked_list {
	struct out_asked items[OUT_TO_MAX];
	size_t count;
	bool unanswered; /* DNS did not answer for one: try again later */
};

/* Blocks for DNS. Strings live in a. Has no duplicates. */
void out_ask(const struct out_ask *ask, struct arena *a, struct out_asked_list *out);

#endif
