/* acme/hook.h: DNS changed by somebody else's means: a program, or an HTTP interface.
 *
 *	/path/to/program add|remove _acme-challenge.NAME VALUE
 *	POST URL  {"action": "add" or "remove", "name": "_acme-challenge.NAME", "value": "VALUE"}
 *
 * It sets (or takes away) a TXT record with this value beside those that are there, and ends, or
 * answers with a status of 200 to 299, once the record can be seen. What a program says on
 * standard error is told to the administrator. It has an empty environment but for PATH. */
#ifndef ACME_HOOK_H
#define ACME_HOOK_H
#include "base/err.h"
#include "base/str.h"

struct acme_door;
struct arena;
struct httpc;

enum { HOOK_MS = 120000 };

/* A path or a URL? ERR_SYNTAX names the setting. */
enum err hook_check(struct str hook, struct why *why) MUST_USE;
struct hook {
	struct str to;                /* path or URL             */
	struct httpc *http;           /* for a URL               */
	const struct acme_door *door; /* to see that we stop     */
};
/* ERR_DENIED: it says no; ERR_RETRY: not in time, or the server stops; ERR_IO: it cannot be run. */
enum err hook_run(const struct hook *hook, struct str name, struct str value, bool add,
                  struct arena *a, struct why *why) MUST_USE;

#endif
