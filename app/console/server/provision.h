/* console/server/provision.h: the first domain and the first account, from the environment. */
#ifndef SERVER_PROVISION_H
#define SERVER_PROVISION_H
#include "foundation/config/settings.h"

struct store;

/* Create ROOST_DOMAIN and ROOST_ADMIN (and its domain) if absent, the account as owner. Existing
 * ones are unchanged, in particular the password. why names the wrong variable. */
enum err provision(struct store *store, const struct settings *s, struct why *why) MUST_USE;

#endif
