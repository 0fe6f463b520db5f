/* protocols/jmap/session/capability.h: capabilities and their objects in the session (RFC 8620
 * 2). */
#ifndef JMAP_CAPABILITY_H
#define JMAP_CAPABILITY_H
#include "foundation/text/json.h"
#include "protocols/jmap/request/call.h"
#include "protocols/jmap/session/accounts.h"

struct jmap_capability_row {
	const char *urn;
	unsigned scope;    /* enum jmap_scope that a login needs; 0: any */
	bool own_only;     /* of the caller's account only, not of its groups */
	bool no_account;   /* of the server, not of an account */
	bool account_only; /* neither of the server nor in "using" */
	/* The members of its object in capabilities, and of that in accountCapabilities. NULL:
	 * none. */
	void (*server_put)(const struct jmap_server *s, struct json_writer *w);
	void (*account_put)(const struct jmap_server *s, const struct jmap_caller *c,
	                    const struct jmap_account *a, struct json_writer *w);
	const char *rfc;
};
/* By enum jmap_capability. */
extern const struct jmap_capability_row jmap_capability_rows[CAPABILITIES];

/* The member of "accounts" for the account (RFC 8620 2), into an open object. */
void jmap_session_account_put(const struct jmap_server *s, const struct jmap_caller *c,
                              const struct jmap_account *x, struct arena *a,
                              struct json_writer *w);

/* False: there is none of that name. */
bool jmap_capability_find(struct str urn, enum jmap_capability *out);
/* May the caller use it on that account? */
bool jmap_capability_of(enum jmap_capability cap, const struct jmap_caller *c,
                        const struct jmap_account *a);

#endif
