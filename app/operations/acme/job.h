/* operations/acme/job.h: one certificate at work: got, renewed, revoked. On acme's thread only. */
#ifndef ACME_JOB_H
#define ACME_JOB_H
#include "operations/acme/plan.h"

struct work;
struct job {
	struct work *w;
	struct arena arena; /* secret */
	const struct wanted *wanted;
	struct cert_row row;
	bool wished;   /* somebody asked for it to be got now         */
	uint64_t wish; /* that one, told from those that come meanwhile */
};

/* Get the certificate, or get it anew, if it is due. Returns when it is due next. */
int64_t job_do(struct work *w, const struct wanted *wanted);

/* job_names.c: the names wanted now, without those left out for a while. */
struct names job_names(struct job *j);
/* One bad name must not keep the others from their certificate: it is left out for a day, and
 * told. False: it cannot be; the first, which the certificate is there for, never is. */
bool job_leave_out(struct job *j, struct str name, const char *problem);

/* revoke.c: revoke what is to be revoked, and forget it and its key. *next_ms as work_round. */
void revocations_do(struct work *w, int64_t *next_ms);

#endif
