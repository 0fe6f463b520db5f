/* operations/dns_update/zone_writer.h: how the server changes zones: at a name server
 * with dynamic updates, or by a hook, by the settings DNS_UPDATE_.... */
#ifndef DNS_UPDATE_ZONE_WRITER_H
#define DNS_UPDATE_ZONE_WRITER_H
#include "operations/dns_update/dns_update.h"
#include "operations/dns_update/hook.h"

struct settings;

struct zone_writer {
	struct dns_update update; /* server.family ADDR_NONE: not used */
	struct hook hook;         /* to empty: not used                */
};

/* Do the settings have either? */
bool zone_writer_wanted(const struct settings *s);
/* Read the settings. The caller sets the hook's http, wait and arg. ERR_SYNTAX names the
 * setting. Strings live in a, a secret arena, or belong to s. */
enum err zone_writer_read(const struct settings *s, struct arena *a, struct zone_writer *out,
                        struct why *why) MUST_USE;

/* Make a change. A hook has no conditions and makes one change at a time: removals first,
 * since a name has only one CNAME. A caller that needs a condition checks DNS before, and
 * one that must recover from a crash makes one change at a time. Errors as dns_update_do
 * and hook_run; ERR_SYNTAX: neither is set. */
enum err zone_change(const struct zone_writer *d, const struct dns_change *change, struct arena *a,
                     struct why *why) MUST_USE;

#endif
