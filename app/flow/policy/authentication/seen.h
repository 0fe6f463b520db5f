/* flow/policy/authentication/seen.h: counts the results of a message for the aggregate
 * reports that its author's domain requests (flow/reports_out/reports_out.h). For this
 * folder only. */
#ifndef POLICY_SEEN_H
#define POLICY_SEEN_H

struct policy_run;

/* Called at END. Not counted: mail from users or our own machines, mail answered by 4xx,
 * and reports from other servers, because reports about reports would never end. No
 * failure report is sent for a message that looks like a report or has a null sender. */
void policy_seen(const struct policy_run *r);

#endif
