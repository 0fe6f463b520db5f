/* operations/acme/work.h: one round of work: compares the plan with the stored
 * certificates, and places orders for the difference. On acme's thread only. */
#ifndef ACME_WORK_H
#define ACME_WORK_H
#include "foundation/config/settings.h"
#include "operations/acme/acme.h"
#include "operations/acme/challenge.h"
#include "operations/acme/records.h"

struct work {
	const struct acme_config *config;
	const struct settings *settings; /* of this round                             */
	struct challenges *challenges;
	const struct acme_io *io;
	const struct challenge_dns *dns_change;
	bool woken; /* retry failures at once                     */
};

/* Order and renew what is due. *next_ms becomes the next due time if that is earlier
 * (real clock). */
void work_round(struct work *w, int64_t *next_ms);
/* Execute pending revocations and requests for accounts. *next_ms as above. */
void work_requests(struct work *w, int64_t *next_ms);

/* For its parts: store a row; must the server stop? */
enum err work_save(struct work *w, const struct cert_row *row, struct why *why) MUST_USE;
bool work_stops(const struct work *w);

/* Use this row's certificate, if it has one. */
enum err work_show(struct certs *certs, const struct cert_row *row, struct why *why) MUST_USE;

#endif
