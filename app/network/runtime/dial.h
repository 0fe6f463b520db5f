/* network/runtime/dial.h: connecting to a host with several addresses, to a socket in the file
 * system, and through a SOCKS5 proxy. The result is a network/runtime/stream.h. */
#ifndef RUNTIME_DIAL_H
#define RUNTIME_DIAL_H
#include "network/runtime/addr.h"

struct stream;

enum {
	DIAL_ADDRS_MAX = 20,
	DIAL_STAGGER_MS = 250, /* RFC 8305 5: head start of an attempt over the next one */
};

/* A SOCKS5 proxy (RFC 1928), with a login (RFC 1929), or without one when user is empty. */
struct dial_proxy {
	struct addr at;
	struct str user, password; /* at most 255 bytes each */
};

/* Source addresses and times; all-zero is valid. */
struct dial_manner {
	struct addr from4, from6;  /* source address for each family; ADDR_NONE: the system's */
	int64_t attempt_ms;        /* for each address, and each step of a proxy; 0: 30 s     */
	bool (*go_on)(void *arg);  /* as in runtime/stream.h                                      */
	void *arg;
};

/* Connect to one of the addresses, 1 to DIAL_ADDRS_MAX in the order of preference. Attempts begin
 * DIAL_STAGGER_MS apart, or as soon as the previous one has failed; the first that succeeds ends
 * the others (RFC 8305 5). *which is its index in to. ERR_RETRY: all failed; why has the error of
 * the last one. ERR_IO: a local error. */
enum err dial_any(const struct dial_manner *m, const struct addr *to, size_t count,
                  struct stream **out, size_t *which, struct why *why) MUST_USE;

/* A stream socket in the file system. ERR_RETRY as above; ERR_LIMIT: the path is too long. */
enum err dial_unix(const struct dial_manner *m, struct str path, struct stream **out,
                   struct why *why) MUST_USE;

/* Connect through the proxy to host, a name or an address as text, of at most 255 bytes; the proxy
 * resolves a name. ERR_RETRY with the proxy's error; ERR_DENIED: it refuses the login or offers no
 * supported method. */
enum err dial_proxied(const struct dial_manner *m, const struct dial_proxy *proxy, struct str host,
                      uint16_t port, struct stream **out, struct why *why) MUST_USE;

#endif
