/* flow/policy/hook/hook_ask.h: one request to a hook; for hook*.c only. */
#ifndef POLICY_HOOK_ASK_H
#define POLICY_HOOK_ASK_H
#include "flow/policy/check.h"
#include "flow/policy/hook/hook_rules.h"
#include "flow/policy/hook/wire_hook.h"

/* Call the hook about r's session and stage, until last_ms (clock_mono_ms). ERR_RETRY,
 * ERR_IO: it was not reached, or returned a failure; ERR_SYNTAX, ERR_LIMIT: its response
 * is invalid. *out lives in r's arena. */
enum err hook_ask(struct policy_run *r, const struct hook_rule *rule, int64_t last_ms,
                  struct hook_answer *out, struct why *why) MUST_USE;

/* hook_question.c: the data of this stage; lives in r's arena, or is borrowed. */
void hook_question_fill(struct policy_run *r, const struct hook_rule *rule, struct str id,
                        struct hook_question *out);

#endif
