/* protocols/jmap/session/accounts.h: the accounts that a caller sees (RFC 8620 1.6.2): the own one,
 * the groups it is a member of, and accounts that share mailboxes with it. */
#ifndef JMAP_ACCOUNTS_H
#define JMAP_ACCOUNTS_H
#include "foundation/base/err.h"
#include "protocols/jmap/jmap.h"

enum jmap_account_kind { ACCOUNT_OWN, ACCOUNT_GROUP, ACCOUNT_SHARING };

struct jmap_account {
	uint32_t id;
	enum jmap_account_kind kind;
	struct str name;
};
struct jmap_accounts {
	struct jmap_account *items; /* the own one first */
	size_t n;
	struct str state; /* of the session object (RFC 8620 2): changes when any of it does */
};

/* All memory is a's. Errors are the store's. */
enum err jmap_accounts_load(const struct jmap_server *s, const struct jmap_caller *c,
                            struct arena *a, struct jmap_accounts *out) MUST_USE;
/* NULL: there is none. */
const struct jmap_account *jmap_accounts_find(const struct jmap_accounts *all, struct str id);

#endif
