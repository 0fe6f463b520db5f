/* flow/policy/authentication/dmarc_ask.h: the domains that may be the author's, asked what they
 * want done with mail that is not theirs, and what comes of it; for this folder only. */
#ifndef POLICY_DMARC_ASK_H
#define POLICY_DMARC_ASK_H
#include "flow/policy/authentication/verified.h"
#include "flow/policy/task.h"

/* A domain that may be the author's, and what is known of it. */
struct dmarc_named {
	struct policy_task task;
	struct dmarc_query query;
	struct dmarc_discovery found;
	bool late; /* others were asked for so long that nothing could come of it */
};

struct dmarc_asking {
	struct dmarc_named *items; /* the author's; several where nobody can tell which it is */
	size_t count;
	struct why why; /* in that case */
	bool too_many;  /* there are more */
	bool twice;     /* there are several From fields */
};

/* For want of what is the verdict milder than the domain, or one of several, may want it to be? */
enum dmarc_want { DMARC_WANTS_NOTHING, DMARC_WANTS_ANSWERS, DMARC_WANTS_TIME };

/* What comes of all that was asked and looked at. */
struct dmarc_outcome {
	const struct dmarc_named *named; /* whose domain counts; NULL: nobody's */
	struct dmarc_verdict verdict;
	enum dmarc_want want;
};

/* After policy_tasks_wait. May ask DNS. */
void dmarc_conclude(struct policy_run *r, const struct dmarc_asking *all,
                    struct dmarc_outcome *out);

#endif
