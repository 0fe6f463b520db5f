/* operations/acme/job.h: work on one certificate: order, renewal, revocation. On acme's
 * thread only. */
#ifndef ACME_JOB_H
#define ACME_JOB_H
#include "operations/acme/plan.h"

struct work;
struct job {
	struct work *w;
	struct arena arena; /* secret */
	const struct wanted *wanted;
	struct cert_row row;
	bool requested;   /* an administrator has requested it */
	uint64_t request; /* number of that request            */
};

/* Order or renew the certificate if it is due. Returns when it is due next. */
int64_t job_do(struct work *w, const struct wanted *wanted);

/* job_names.c: the names to order now, without those left out for some time. */
struct names job_names(struct job *j);
/* Leave out a name that failed for a day, and log it, so that the other names get their
 * certificate. False: not possible for the first name, which the certificate is made
 * for. */
bool job_leave_out(struct job *j, struct str name, const char *problem);

/* revoke.c: execute pending revocations, and remove these certificates and their keys.
 * *next_ms as work_round. */
void revocations_do(struct work *w, int64_t *next_ms);

#endif
