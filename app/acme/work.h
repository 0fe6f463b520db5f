/* acme/work.h: one round of work: what is wanted against what there is, and orders for the
 * difference. On acme's thread only. */
#ifndef ACME_WORK_H
#define ACME_WORK_H
#include "acme/acme.h"
#include "acme/challenge.h"
#include "acme/records.h"
#include "config/settings.h"

struct work {
	const struct acme_config *config;
	const struct settings *settings; /* of this round                             */
	struct challenges *challenges;
	const struct acme_door *door;
	const struct challenge_dns *dns_change;
	bool woken; /* also try what waits after a failure        */
};

/* Do all that is due. *next_ms: when there will be something again (real clock). */
void work_round(struct work *w, int64_t *next_ms);

/* Show this row's certificate, if it has one. */
enum err work_show(struct certs *certs, const struct cert_row *row, struct why *why) MUST_USE;

#endif
