/* operations/dns_update/hook.h: DNS changed by somebody else's means: a program, or an HTTP
 * interface.
 *
 *	/path/to/program add|remove NAME VALUE TYPE
 *	POST URL  {"action": "add" or "remove", "type": "TYPE", "name": "NAME", "value": "VALUE"}
 *
 * It sets (or takes away) a record of this type with this value beside those that are there, and
 * ends, or answers with a status of 200 to 299, once the record can be seen. TYPE and VALUE are as
 * in wire_update.h: TXT without quotes, in one piece. What a program says on
 * standard error is told to the administrator. It has an empty environment but for PATH. */
#ifndef DNS_UPDATE_HOOK_H
#define DNS_UPDATE_HOOK_H
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct arena;
struct httpc;

enum { HOOK_MS = 120000 };

/* A path or a URL? ERR_SYNTAX names the setting. */
enum err hook_check(struct str hook, struct why *why) MUST_USE;
struct hook {
	struct str to;      /* path or URL                                              */
	struct httpc *http; /* for a URL                                                */
	bool (*wait)(void *arg, int64_t ms); /* let this time pass; false: the server stops */
	void *arg;
};
struct hook_wish {
	bool add;
	struct str name, value;
	const char *type;
};
/* ERR_DENIED: it says no; ERR_RETRY: not in time, or the server stops; in both cases it may have
 * done it. ERR_IO: it cannot be run. */
enum err hook_run(const struct hook *hook, const struct hook_wish *wish, struct arena *a,
                  struct why *why) MUST_USE;

#endif
