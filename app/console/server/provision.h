/* console/server/provision.h: the first domain and the first account, from the environment. */
#ifndef SERVER_PROVISION_H
#define SERVER_PROVISION_H
#include "foundation/config/settings.h"

struct store;

/* Make ROOST_DOMAIN and ROOST_ADMIN (whose domain is made too) where they are absent, the
 * account as owner. What exists stays as it is, its password above all. why names the
 * variable that is wrong. */
enum err provision(struct store *store, const struct settings *s, struct why *why) MUST_USE;

#endif
