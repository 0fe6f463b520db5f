/* flow/policy/authentication/failure.h: a message that fails as its author's domain wants to be
 * told of (flow/reports_out/reports_out.h). For this folder only. */
#ifndef POLICY_FAILURE_H
#define POLICY_FAILURE_H

struct arena;
struct policy_run;

/* The end of a message was asked about, and DMARC too. Nothing by ROOST_REPORTS_FAILURE, when the
 * domain does not ask for it, or the message does not fail as it says. Never waits. */
void policy_failure(const struct policy_run *r, struct arena *a);

#endif
