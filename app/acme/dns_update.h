/* acme/dns_update.h: put a TXT record into a zone, or take it out, by RFC 2136 over TCP. */
#ifndef ACME_DNS_UPDATE_H
#define ACME_DNS_UPDATE_H
#include "acme/tsig.h"
#include "net/addr.h"

struct dns_update {
	struct addr server;
	struct tsig_key key;
};

/* Read "address:port" and "name:base64". ERR_SYNTAX names the setting. The secret lives in a. */
enum err dns_update_parse(struct str server, struct str key, struct arena *a,
                          struct dns_update *out, struct why *why) MUST_USE;

/* The zone is found by asking: the server is told to change ever shorter zones that name could
 * be in until one is its own. ERR_DENIED: it refuses; ERR_RETRY, ERR_IO: not reached; in
 * words. Blocks at most some seconds for each try. */
enum err dns_update_txt(const struct dns_update *u, struct str name, struct str text, bool add,
                        struct why *why) MUST_USE;

#endif
