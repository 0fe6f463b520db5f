/* flow/policy/authentication/dmarc_ask.h: looks up the policies of the possible author
 * domains, and evaluates them; for this folder only. */
#ifndef POLICY_DMARC_ASK_H
#define POLICY_DMARC_ASK_H
#include "flow/policy/authentication/verified.h"
#include "flow/policy/task.h"

/* A possible author domain and what was found about it. */
struct dmarc_named {
	struct policy_task task;
	struct dmarc_query query;
	struct dmarc_discovery found;
	bool late; /* other queries used up the time for this one */
};

struct dmarc_asking {
	struct dmarc_named *items; /* the author domain; several if From has more than one */
	size_t count;
	struct why why; /* why there is no single author domain */
	bool too_many;  /* there are more */
	bool twice;     /* there are several From fields */
};

/* What is missing for a verdict as strict as a domain may request? */
enum dmarc_want { DMARC_WANTS_NOTHING, DMARC_WANTS_ANSWERS, DMARC_WANTS_TIME };

/* The result of all lookups. */
struct dmarc_outcome {
	const struct dmarc_named *named; /* the domain that counts; NULL: none */
	struct dmarc_verdict verdict;
	enum dmarc_want want;
};

/* After policy_tasks_wait. May query DNS. */
void dmarc_conclude(struct policy_run *r, const struct dmarc_asking *all,
                    struct dmarc_outcome *out);

#endif
