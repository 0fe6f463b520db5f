/* protocols/jmap/types/email_also.h: the implicit Email/set of EmailSubmission/set (RFC 8621 7.5)
 * and MDN/send (RFC 9007 2.1). */
#ifndef JMAP_EMAIL_ALSO_H
#define JMAP_EMAIL_ALSO_H
#include "protocols/jmap/request/call.h"

struct email_patch {
	uint64_t email;
	struct json patch;
};

/* An email may be there several times. */
struct email_also {
	struct email_patch *updates;
	size_t update_count;
	uint64_t *destroys;
	size_t destroy_count;
};

/* Have Email/set run after c; nothing when also is empty. The patches of an email become one, in
 * which the last value of a name counts. */
void email_also_call(struct jmap_call *c, const struct email_also *also);

#endif
