/* flow/imapsieve/carry_out.h: does with a stored message what a script has decided. */
#ifndef IMAPSIEVE_CARRY_OUT_H
#define IMAPSIEVE_CARRY_OUT_H
#include "model/envelope/action.h"
#include "foundation/base/err.h"

struct delivery;

struct carry_out {
	const struct delivery *d;
	uint32_t account, mailbox, uid;
	struct str raw;        /* the message                 */
	struct mailaddr owner; /* sender of redirected mail   */
	struct str session;
};

/* Queue redirects, then change the message and its copies in one transaction, then queue
 * notifications. Not inside a transaction. ERR_MISSING: the message is gone. ERR_RETRY: something
 * was not sent, and the message is kept. Other errors are those of mailbox/. */
enum err carry_out(const struct carry_out *c, const struct action *actions,
                   struct arena *a) MUST_USE;

#endif
