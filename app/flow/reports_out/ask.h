/* flow/reports_out/ask.h: who is to get a report about a domain: whom its record names in rua or
 * ruf, when they want it. For this folder only. */
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
	bool failures; /* they are of ruf, else of rua */
	const atomic_bool *stop;
};

/* Somebody who may get it, or not: then told.why says why. */
struct out_asked {
	struct mailaddr to;
	struct str url;     /* instead of to, to be posted to; or empty */
	uint64_t max_bytes; /* of the message; 0: any */
	uint64_t too_large; /* mail.c's: it had so many; 0: it was not too large */
	struct out_to told;
};

struct out_asked_list {
	struct out_asked items[OUT_TO_MAX];
	size_t count;
	bool unanswered; /* DNS did not say of one: ask again later */
};

/* Blocks for DNS. Strings live in a. Each address is there once. */
void out_ask(const struct out_ask *ask, struct arena *a, struct out_asked_list *out);

#endif
