/* flow/delivery/refusal.c: see refusal.h. */
#include "flow/delivery/refusal.h"

const struct envelope_reply refusal_full = {
	.code = 552,
	.status = STR("5.2.2"),
	.text = STR("mailbox full"),
};

/* RFC 3463 3.3: X.2.3 */
const struct envelope_reply refusal_too_big = {
	.code = 552,
	.status = STR("5.2.3"),
	.text = STR("the message is larger than this mailbox takes"),
};

/* As at RCPT: flow/acceptance/addresses.c. */
static const struct envelope_reply lost[] = {
	[RESOLVE_UNKNOWN] = { .code = 550,
	                      .status = STR("5.1.1"),
	                      .text = STR("user unknown") },
	[RESOLVE_DISABLED] = { .code = 550,
	                       .status = STR("5.2.1"),
	                       .text = STR("mailbox disabled") },
	[RESOLVE_LOOP] = { .code = 550,
	                   .status = STR("5.4.6"),
	                   .text = STR("alias loop") },
};

const struct envelope_reply *refusal_of(enum resolve_verdict why)
{
	assert(why < COUNT(lost) && lost[why].code != 0);
	return &lost[why];
}
