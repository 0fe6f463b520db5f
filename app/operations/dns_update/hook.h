/* operations/dns_update/hook.h: changes DNS by the administrator's program or HTTP
 * interface.
 *
 *	/path/to/program add|remove NAME VALUE TYPE
 *	POST URL  {"action": "add" or "remove", "type": "TYPE", "name": "NAME", "value": "VALUE"}
 *
 * It adds or removes a record of this type and value, in addition to existing ones. It
 * exits with 0, or responds with a status of 200 to 299, once DNS has the change. TYPE
 * and VALUE are as in wire_update.h: TXT without quotes, in one piece. The standard error
 * of a program is reported to the administrator. Its environment has only PATH. */
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
	struct str to;      /* path or URL */
	struct httpc *http; /* for a URL   */
	bool (*wait)(void *arg, int64_t ms); /* wait for ms; false: the server stops */
	void *arg;
};
struct hook_request {
	bool add;
	struct str name, value;
	const char *type;
};
/* ERR_DENIED: refused; ERR_RETRY: too late, or the server stops; both may have been done.
 * ERR_IO: it cannot be run. */
enum err hook_run(const struct hook *hook, const struct hook_request *request, struct arena *a,
                  struct why *why) MUST_USE;

#endif
