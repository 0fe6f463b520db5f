/* network/runtime/proxies.h: the proxies that must send a PROXY header; see wire_proxy.h.
 *
 *	192.0.2.7
 *	10.1.0.0/16 2001:db8::/64 for=smtp,imap
 *
 * Each rule has addresses and networks, and optionally the services to which it applies; default:
 * all. */
#ifndef RUNTIME_PROXIES_H
#define RUNTIME_PROXIES_H
#include "network/runtime/addr.h"

struct proxies;

/* Parse the setting; an empty one has no proxies. ERR_SYNTAX names the line. */
enum err proxies_parse(struct str text, struct proxies **out, struct why *why) MUST_USE;
/* NULL is a no-op; clears *p. */
void proxies_free(struct proxies **p);
/* Is peer a proxy for this service? p may be NULL. */
bool proxies_have(const struct proxies *p, const char *service, const struct addr *peer);

#endif
