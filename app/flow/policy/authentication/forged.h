/* flow/policy/authentication/forged.h: fields that claim to be ours are taken out of what others
 * send: who reads Authentication-Results believes them (RFC 8601 5), and what shows a picture
 * those of BIMI. */
#ifndef POLICY_FORGED_H
#define POLICY_FORGED_H
#include "flow/policy/check.h"

enum policy_need forged_need(const struct policy_run *r);
void forged_run(struct policy_run *r);

#endif
