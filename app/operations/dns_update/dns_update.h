/* operations/dns_update/dns_update.h: a change to a zone at its name server, by RFC 2136 over
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

/* Read "address:port" and "name:base64". ERR_SYNTAX names the setting. The secret lives in a. */
enum err dns_update_parse(struct str server, struct str key, struct arena *a,
                          struct dns_update *out, struct why *why) MUST_USE;

/* The zone is found by asking: the server is told to change ever shorter zones that the name could
 * be in until one is its own. ERR_CONFLICT: what change->when asks for is not so, and nothing was
 * changed; ERR_DENIED: it refuses, and nothing was changed; ERR_IO: it was not reached; ERR_RETRY,
 * ERR_SYNTAX: it did not answer, or not so that one can trust it, and may have done it; in words.
 * Blocks at most some seconds for each try. */
enum err dns_update_do(const struct dns_update *u, const struct dns_change *change,
                       struct why *why) MUST_USE;

#endif
