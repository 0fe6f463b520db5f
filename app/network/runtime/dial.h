/* network/runtime/dial.h: connecting to a host that has several addresses, to a socket in the
 * file system, and through a SOCKS5 proxy. What comes out is a network/runtime/stream.h. */
#ifndef RUNTIME_DIAL_H
#define RUNTIME_DIAL_H
#include "network/runtime/addr.h"

struct stream;

enum {
	DIAL_ADDRS_MAX = 20,
	DIAL_STAGGER_MS = 250, /* RFC 8305 5: so much ahead is an attempt of the next one */
};

/* A SOCKS5 proxy (RFC 1928), with a login (RFC 1929) or, user being empty, without. */
struct dial_proxy {
	struct addr at;
	struct str user, password; /* at most 255 bytes each */
};

/* Where from, and how long; all zero is fine. */
struct dial_manner {
	struct addr from4, from6;  /* source address for each family; ADDR_NONE: the system's */
	int64_t attempt_ms;        /* for each address, and each step of a proxy; 0: 30 s     */
	bool (*go_on)(void *arg);  /* as in runtime/stream.h                                      */
	void *arg;
};

/* Connect to one of the addresses, 1 to DIAL_ADDRS_MAX in the order of preference: attempts
 * begin DIAL_STAGGER_MS apart, or as soon as the one before has failed, and the first that
 * succeeds ends the others (RFC 8305 5). *which is its place in to.
 * ERR_RETRY: none; why has the words of the last that failed. ERR_IO: our own system. */
enum err dial_any(const struct dial_manner *m, const struct addr *to, size_t count,
                  struct stream **out, size_t *which, struct why *why) MUST_USE;

/* A stream socket in the file system. ERR_RETRY as above; ERR_LIMIT: the path is too long. */
enum err dial_unix(const struct dial_manner *m, struct str path, struct stream **out,
                   struct why *why) MUST_USE;

/* Have the proxy connect us to host, a name or an address as text, of at most 255 bytes; a name
 * is looked up by the proxy. ERR_RETRY with the proxy's words for it; ERR_DENIED: it refuses
 * our login or offers none that we have. */
enum err dial_proxied(const struct dial_manner *m, const struct dial_proxy *proxy, struct str host,
                      uint16_t port, struct stream **out, struct why *why) MUST_USE;

#endif
