/* console/server/setup_link.h: the link to the setup of a server without an owner. */
#ifndef SERVER_SETUP_LINK_H
#define SERVER_SETUP_LINK_H
#include "foundation/base/err.h"

struct server;

/* When this server has no owner, print the link on standard output. */
enum err setup_link_print(struct server *v, struct why *why) MUST_USE;

#endif
