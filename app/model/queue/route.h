/* model/queue/route.h: routing: the rules of ROOST_ROUTES (docs/how-to/routing.md).
 * Pure.
 *
 *	to=*.office.example via=tunnel
 *	from=news.example via=mx name=news source=192.0.2.7 hello=news.example
 *	account=bob@example.org via=isp fallback=mx after=6
 *	header="X-Bulk: yes" via=bulk
 *	to=gone.example via=reject text="550 5.1.6 they have moved"
 *
 * The first rule that matches a recipient decides. Without one, mail goes to the
 * smarthost, if there is one, or by MX records. The result is stored in the queue entry
 * as its destination, so that scheduling is fair, and a batch has one way:
 *
 *	"example.org"        by the MX records of the domain, in no special manner
 *	""                   to ROOST_SMARTHOST
 *	"@tunnel"            by the route of that name, all recipients together: a relay's, or
 *	                     one that discards, rejects or keeps
 *	"@news/example.org"  by MX records, in the manner of the route of that name
 *
 * While a domain is paused (queue_pause), its mail by the smarthost or a relay has a
 * destination of its own, "@(smarthost)/example.org" or "@tunnel/example.org", and so a
 * paused destination queue of its own. No way has such a name: nothing is sent.
 *
 * A route without name= has the name in its via; "mx" is always the default way. Rules of
 * one name must have the same way. protocols/smtp_out/route_resolve.c delivers by these ways. */
#ifndef QUEUE_ROUTE_H
#define QUEUE_ROUTE_H
#include "formats/message/mailaddr.h"
#include "foundation/config/rules.h"
#include "network/runtime/addr.h"

enum route_kind {
	ROUTE_MX,
	ROUTE_RELAY,   /* to hosts of ROOST_RELAYS                          */
	ROUTE_LOCAL,   /* to a local address                                */
	ROUTE_DISCARD, /* discard, as if it were delivered                  */
	ROUTE_REJECT,  /* back to the sender, with the rule's text          */
	ROUTE_LATER,   /* process like newly accepted mail; not from a rule */
};

/* Address families that are used. */
enum route_ip { ROUTE_IP_ANY, ROUTE_IP_ONLY4, ROUTE_IP_ONLY6, ROUTE_IP_PREFER4, ROUTE_IP_PREFER6 };

/* Required TLS towards hosts found by MX, or relays that do not set it. */
enum route_tls {
	ROUTE_TLS_MAY,    /* if offered, with any certificate        */
	ROUTE_TLS_NONE,   /* never                                   */
	ROUTE_TLS_MUST,   /* with any certificate, or not at all     */
	ROUTE_TLS_VERIFY, /* with a valid certificate                */
	ROUTE_TLS_DANE,   /* with signed TLSA records, or not at all */
};

/* How connections of a route are made; 0 or empty: by the settings. */
struct route_manner {
	struct addr source4, source6;
	struct str hello; /* host name in EHLO */
	struct str proxy; /* name of a row of ROOST_RELAYS */
	enum route_ip ip;
	enum route_tls tls;
	uint16_t port; /* of hosts found by MX */
	uint64_t connections, messages, rcpts;
};

struct route {
	struct str name;
	struct str to, from, account, header; /* patterns; empty: any */
	enum route_kind kind;
	struct str relay;    /* of ROUTE_RELAY                               */
	struct str address;  /* of ROUTE_LOCAL: the recipient                */
	struct str text;     /* of ROUTE_REJECT: "550 5.1.6 they have moved" */
	struct str fallback; /* name of a route or relay, or "mx"; or empty  */
	uint64_t after;      /* attempts, with fallback                      */
	struct route_manner manner;
	bool plain;    /* ROUTE_MX without special connections */
	unsigned line; /* of the rule, for error messages      */
};

struct queue_item;

struct routes {
	struct route *items;
	size_t count;
	bool smarthost; /* used if no rule matches                    */
	bool headers;   /* some rule needs the message's header       */
	bool accounts;  /* some rule needs the submitting account     */
	bool fallbacks; /* some rule changes the route after attempts */
	bool rests_read; /* rests is set; else routing_ask reads it       */
	const struct str *rests;
	size_t rest_count;
};

/* Parse the rules; strings live in a or borrow from text. why names the line. */
enum err routes_parse(struct str text, bool smarthost, struct arena *a, struct routes *out,
                      struct why *why) MUST_USE;

/* "may", "none", "must", "verify", "dane". */
bool route_tls_parse(struct str text, enum route_tls *out);

/* By its name; NULL: not a route, so a relay or "mx". */
const struct route *route_find(const struct routes *r, struct str name);

/* The destination of entries with ENVELOPE_LATER; no route may have this name. */
#define ROUTE_LATER_KEY STR("@(later)")

/* Input of a decision. */
struct route_ask {
	/* The sender; the route chosen by an administrator, which is the name of a route,
	 * a relay, or "mx"; attempts by route, for fallbacks. Recipients are ignored. */
	const struct queue_item *item;
	struct str account; /* address of the submitter; empty: none; only with accounts */
	struct str header;  /* of the message; only with headers                         */
	const struct str *rests; /* paused destinations, or their domains                    */
	size_t rest_count;
};

/* The destination, which borrows from rcpt or lives in a. */
struct str route_destination(const struct routes *r, const struct route_ask *ask,
                             const struct mailaddr *rcpt, struct arena *a);

/* Split a destination: name is empty for the smarthost and for default MX; domain is
 * empty unless it goes by MX or is paused. Both borrow. */
void route_key_split(struct str destination, struct str *name, struct str *domain);

/* Does one of a comma list of patterns match? "example.org" and "*.example.org" are
 * compared with the domain, "bob@example.org" and "bob*@*" with the whole address, "<>"
 * is the null sender. */
bool route_address_fits(struct str patterns, const struct mailaddr *address);
/* "Name: pattern", or "Name:" for any value: has the header such a field? */
bool route_header_fits(struct str pattern, struct str header);

#endif
