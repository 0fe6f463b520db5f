/* flow/policy/stages/stage_host.h: a session as a Sieve program of an SMTP stage sees it. The items
 * of `environment` are listed in docs/reference/sieve-smtp.md. */
#ifndef POLICY_STAGE_HOST_H
#define POLICY_STAGE_HOST_H
#include "flow/policy/check.h"
#include "formats/sieve/sieve.h"

struct stage_host {
	struct sieve_host sieve;
	struct policy_run *run;
	enum sieve_stage stage;
	struct arena values; /* that the program gets                            */
	bool full;           /* it got too many: the result of the run is not valid */
};

void stage_host_init(struct stage_host *h, struct policy_run *r, enum sieve_stage stage);
void stage_host_deinit(struct stage_host *h);

#endif
