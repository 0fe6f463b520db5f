/* operations/dns_update/dns_update.h: changes a zone at its name server by RFC 2136 over
 * TCP. */
#ifndef DNS_UPDATE_H
#define DNS_UPDATE_H
#include "network/runtime/addr.h"
#include "operations/dns_update/tsig.h"

struct dns_update {
	struct addr server;
	struct tsig_key key;
	bool (*go_on)(void *arg); /* false: the server stops; may be NULL */
	void *arg;
};

/* Parse "address:port" and "name:base64". ERR_SYNTAX names the setting. The secret lives
 * in a. */
enum err dns_update_parse(struct str server, struct str key, struct arena *a,
                          struct dns_update *out, struct why *why) MUST_USE;

/* Make a change. The zone is found by trying ever shorter suffixes of the name until the
 * server has one. ERR_CONFLICT: the condition change->when is false, nothing changed;
 * ERR_DENIED: refused, nothing changed; ERR_IO: unreachable; ERR_RETRY, ERR_SYNTAX: no
 * answer or no trusted one, and it may have been done; in words. Blocks at most some
 * seconds for each attempt. */
enum err dns_update_do(const struct dns_update *u, const struct dns_change *change,
                       struct why *why) MUST_USE;

#endif
