/* protocols/smtp_out/relay.h: the relays that routing rules name: ROOST_RELAYS
 * (docs/how-to/routing.md).
 *
 *	name=isp to=smtps://a.isp.example user=roost password=secret weight=3
 *	name=isp to=smtp://b.isp.example:587 user=roost password=secret priority=10
 *	name=lists to=lmtp:///run/mailman/lmtp
 *	name=tor to=socks5://127.0.0.1:9050
 *
 * Rows of one name are hosts of one relay. Lower priorities are tried first; equal ones
 * in a random order by weight (RFC 2782). */
#ifndef SMTP_OUT_RELAY_H
#define SMTP_OUT_RELAY_H
#include "protocols/smtp_out/route.h"

struct routes;

struct out_relay {
	struct str name;
	struct out_smarthost host;
	bool is_proxy; /* SOCKS5: only host, port, user and password count */
	struct str ca; /* file of roots, or empty                          */
	uint64_t priority, weight;
};

struct out_relays {
	struct out_relay *items;
	size_t count;
};

/* Parse the rows; strings live in a or borrow from text. why names the line, never a
 * secret. */
enum err out_relays_parse(struct str text, struct arena *a, struct out_relays *out,
                          struct why *why) MUST_USE;

/* The first row of that name and kind, or NULL. */
const struct out_relay *out_relay_find(const struct out_relays *r, struct str name, bool is_proxy);

/* Put the rows of a name in a random order by priority and weight, at most max; returns
 * how many. chance returns random numbers below n. */
size_t out_relay_order(const struct out_relays *r, struct str name, uint64_t (*chance)(uint64_t n),
                       const struct out_relay **out, size_t max);

/* Does every rule name an existing relay? why names the rule's line. */
enum err out_relays_check(const struct out_relays *r, const struct routes *routes,
                          struct why *why) MUST_USE;

#endif
