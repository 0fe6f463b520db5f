/* console/server/settings.h: the meaning of settings for the whole server. */
#ifndef SERVER_SETTINGS_H
#define SERVER_SETTINGS_H
#include "foundation/base/err.h"

struct server;
struct settings;

/* Could a server run with these settings, and its administrator still reach it? ERR_SYNTAX, ERR_IO
 * (a file that cannot be read) with a sentence that names the variable. Opens no connection. Reads
 * the named files only: commands call it too. */
enum err settings_check(const struct settings *s, struct why *why) MUST_USE;

/* The part of settings_check about rules: for inbound mail, its addresses, the queue and delivery.
 * The start checks it too, because an invalid filter must not mean no filter. ERR_SYNTAX,
 * likewise. */
enum err settings_rules_check(const struct settings *s, struct why *why) MUST_USE;

/* Create the settings objects from the store: v->live, v->settings, v->hostname, v->changes. */
enum err settings_open(struct server *v, struct why *why) MUST_USE;

#endif
