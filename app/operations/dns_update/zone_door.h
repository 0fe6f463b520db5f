/* operations/dns_update/zone_door.h: how zones are changed here: at a name server that takes
 * updates, or by a hook, as the settings DNS_UPDATE_... say. */
#ifndef DNS_UPDATE_ZONE_DOOR_H
#define DNS_UPDATE_ZONE_DOOR_H
#include "operations/dns_update/dns_update.h"
#include "operations/dns_update/hook.h"

struct settings;

struct zone_door {
	struct dns_update update; /* server.family ADDR_NONE: not this way */
	struct hook hook;         /* to empty: not this way                */
};

/* Is there a way at all? */
bool zone_door_wanted(const struct settings *s);
/* The way that settings mean. The hook's http, wait and arg are the caller's to fill in.
 * ERR_SYNTAX names the setting. Strings live in a, a secret arena, or are those of s. */
enum err zone_door_read(const struct settings *s, struct arena *a, struct zone_door *out,
                        struct why *why) MUST_USE;

/* Make a change. A hook knows no conditions, and makes no two changes at once: what is to go goes
 * first, since there are no two CNAME records at a name. Whoever asks for a condition looks before,
 * and who must know what a crash leaves asks for one change at a time. Errors as dns_update_do and
 * hook_run, ERR_SYNTAX: there is no way. */
enum err zone_change(const struct zone_door *d, const struct dns_change *change, struct arena *a,
                     struct why *why) MUST_USE;

#endif
