/* flow/policy/authentication/seen.h: what was found of a message is counted for the reports that
 * its author's domain asks for (flow/reports_out/reports_out.h). For this folder only. */
#ifndef POLICY_SEEN_H
#define POLICY_SEEN_H

struct policy_run;

/* The end of a message was asked about. Not counted is what came from users or from machines of our
 * own, what is to come again, and reports that other servers send to us: if each side reported on
 * the reports of the other, that would have no end. Of a failure nothing is told either when the
 * message only looks like a report, or has a null sender, as what machines send to machines. */
void policy_seen(const struct policy_run *r);

#endif
