/* main/setup_link.h: the link that opens the setup of a server without an owner. */
#ifndef MAIN_SETUP_LINK_H
#define MAIN_SETUP_LINK_H
#include "base/err.h"

struct server;

/* When nobody owns this server, print the link on standard output. */
enum err setup_link_print(struct server *v, struct why *why) MUST_USE;

#endif
