/* flow/policy/stages/stage_script.h: the check that runs the Sieve scripts of administrators at
 * SMTP stages. docs/reference/sieve-smtp.md has the meaning of actions. */
#ifndef POLICY_STAGE_SCRIPT_H
#define POLICY_STAGE_SCRIPT_H
#include "flow/policy/check.h"

enum policy_need stage_script_need(const struct policy_run *r);
void stage_script_run(struct policy_run *r);

#endif
