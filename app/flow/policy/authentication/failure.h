/* flow/policy/authentication/failure.h: requests a DMARC failure report to the author's
 * domain (flow/reports_out/reports_out.h). For this folder only. */
#ifndef POLICY_FAILURE_H
#define POLICY_FAILURE_H

struct arena;
struct policy_run;

/* Called at END after DMARC. Does nothing if ROOST_REPORTS_FAILURE is off, the domain
 * requests no such reports, or the message did not fail in the requested way. Never
 * waits. */
void policy_failure(const struct policy_run *r, struct arena *a);

#endif
