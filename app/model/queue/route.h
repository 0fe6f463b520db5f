/* model/queue/route.h: which way mail goes: the rules of ROOST_ROUTES (docs/how-to/routing.md).
 * Pure.
 *
 *	to=*.office.example via=tunnel
 *	from=news.example via=mx name=news source=192.0.2.7 hello=news.example
 *	account=bob@example.org via=isp fallback=mx after=6
 *	header="X-Bulk: yes" via=bulk
 *	to=gone.example via=reject text="550 5.1.6 they have moved"
 *
 * The first rule that fits a recipient decides; who fits none goes to the smarthost, if there
 * is one, or by MX records. What is decided is written into the entry of the queue as its
 * destination, so that the queue can be fair, and a batch has one way:
 *
 *	"example.org"        by the MX records of the domain, in no special manner
 *	""                   to ROOST_SMARTHOST
 *	"@tunnel"            by the route of that name, all recipients together: a relay's, or
 *	                     one that discards, rejects or keeps
 *	"@news/example.org"  by MX records, in the manner of the route of that name
 *
 * While a domain rests (queue_pause), what would go to it together with others, by the smarthost or
 * a relay, has a destination of its own, "@(smarthost)/example.org" or "@tunnel/example.org", and
 * so a lane that rests as well. There is no such way: nothing is brought along it.
 *
 * A route without a name= is called after its via; "mx" is always the plain way. Rules of one
 * name must mean the same way.
 * protocols/smtp_out/way.c brings mail along the ways. */
#ifndef QUEUE_ROUTE_H
#define QUEUE_ROUTE_H
#include "formats/message/mailaddr.h"
#include "foundation/config/rules.h"
#include "network/runtime/addr.h"

enum route_kind {
	ROUTE_MX,
	ROUTE_RELAY,   /* to hosts of ROOST_RELAYS                     */
	ROUTE_LOCAL,   /* to an address of ours                        */
	ROUTE_DISCARD, /* to nobody, as if it were delivered           */
	ROUTE_REJECT,  /* back to the sender, with the rule's text     */
	ROUTE_LATER,   /* taken in, as if it had just come; of no rule */
};

/* Which addresses of other hosts are used. */
enum route_ip { ROUTE_IP_ANY, ROUTE_IP_ONLY4, ROUTE_IP_ONLY6, ROUTE_IP_PREFER4, ROUTE_IP_PREFER6 };

/* What is asked of TLS towards hosts found by MX, or of a relay that says nothing of it. */
enum route_tls {
	ROUTE_TLS_MAY,    /* if it is offered, with any certificate    */
	ROUTE_TLS_NONE,   /* never                                     */
	ROUTE_TLS_MUST,   /* with any certificate, else not at all     */
	ROUTE_TLS_VERIFY, /* with a certificate that is right          */
	ROUTE_TLS_DANE,   /* with signed TLSA records, else not at all */
};

/* How connections along a route are made; 0 or empty: as the settings say. */
struct route_manner {
	struct addr source4, source6;
	struct str hello; /* what we call ourselves */
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
	struct str relay;    /* of ROUTE_RELAY                                 */
	struct str address;  /* of ROUTE_LOCAL: who gets it                    */
	struct str text;     /* of ROUTE_REJECT: "550 5.1.6 they have moved"   */
	struct str fallback; /* name of a route or relay, or "mx"; or empty    */
	uint64_t after;      /* attempts, with fallback                        */
	struct route_manner manner;
	bool plain;    /* ROUTE_MX in no special manner                        */
	unsigned line; /* of the rule, for messages                      */
};

struct queue_item;

struct routes {
	struct route *items;
	size_t count;
	bool smarthost; /* takes what fits no rule                        */
	bool headers;   /* some rule wants to see the message's header    */
	bool accounts;  /* some rule wants to know who submitted it       */
	bool fallbacks; /* some rule leads elsewhere after attempts       */
	bool rests_read; /* what rests follows; else routing_ask reads it */
	const struct str *rests;
	size_t rest_count;
};

/* Read the rules; strings live in a or borrow from text. why names the line. */
enum err routes_parse(struct str text, bool smarthost, struct arena *a, struct routes *out,
                      struct why *why) MUST_USE;

/* "may", "none", "must", "verify", "dane". */
bool route_tls_parse(struct str text, enum route_tls *out);

/* By its name; NULL: there is none, so it is a relay's, or "mx". */
const struct route *route_find(const struct routes *r, struct str name);

/* The destination of what waits for its time (QUEUE_LATER); no route may be called so. */
#define ROUTE_LATER_KEY STR("@(later)")

/* What a decision looks at. */
struct route_ask {
	/* The sender; the route that somebody chose, which is the name of a route, a relay, or
	 * "mx"; attempts by route, for fallbacks. Its recipients are not looked at. */
	const struct queue_item *item;
	struct str account; /* address of who submitted it; empty: nobody; only with accounts */
	struct str header;  /* of the message; only with headers                             */
	const struct str *rests; /* destinations that do, or their domains                   */
	size_t rest_count;
};

/* The destination, which borrows from rcpt or lives in a. */
struct str route_destination(const struct routes *r, const struct route_ask *ask,
                             const struct mailaddr *rcpt, struct arena *a);

/* Take a destination apart: name is empty for the smarthost and for plain MX; domain is
 * empty unless it goes by MX, or rests. Both borrow. */
void route_key_split(struct str destination, struct str *name, struct str *domain);

/* Does one of a comma list of patterns fit? "example.org" and "*.example.org" are compared with
 * the domain, "bob@example.org" and "bob*@*" with all of the address, "<>" is the null sender. */
bool route_address_fits(struct str patterns, const struct mailaddr *address);
/* "Name: pattern", or "Name:" for any value: has the header such a field? */
bool route_header_fits(struct str pattern, struct str header);

#endif
