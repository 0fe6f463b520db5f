/* console/server/settings.h: what settings mean to the server as a whole. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H
#include "foundation/base/err.h"

struct server;
struct settings;

/* Could a server run with these, and its administrator still reach it? ERR_SYNTAX, ERR_IO (a file
 * that cannot be read) with a sentence that names the variable. Opens no connection. Pure but for
 * the files that are named: a command calls it too. */
enum err settings_check(const struct settings *s, struct why *why) MUST_USE;

/* That part of it which are rules: of mail that comes in, its addresses, the queue and the way out.
 * The start looks at it too: a filter that is spelt wrong must not mean no filter. ERR_SYNTAX,
 * likewise. */
enum err settings_rules_check(const struct settings *s, struct why *why) MUST_USE;

/* Open what the store has for settings: v->live, v->settings, v->hostname, v->changes. */
enum err settings_open(struct server *v, struct why *why) MUST_USE;

#endif
