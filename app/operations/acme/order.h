/* operations/acme/order.h: one order (RFC 8555 7.4), from names to a certificate.
 *
 *	new order -> prove every name -> finalize with a request -> fetch the chain
 *
 * Every step begins with what the CA says the order's state is, so an order is gone on with
 * from its URL alone, after a kill too. It blocks for seconds to minutes. */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H
#include "operations/acme/client.h"
#include "operations/acme/records.h"

/* That a name is ours is shown by putting something where the CA looks. */
struct proof {
	struct str type;          /* "http-01", "tls-alpn-01", "dns-01"                 */
	struct str name;          /* without "*."; IP addresses as text                 */
	struct str token;         /* base64url characters only                          */
	struct str authorization; /* token and thumbprint (RFC 8555 8.1)                */
};

/* What an order needs of its surroundings. */
struct order_host {
	/* Put the proof into place; when this returns OK the CA may look. */
	enum err (*prove)(void *arg, const struct proof *p, struct why *why);
	/* Take it away; never fails, again is a no-op. */
	void (*unprove)(void *arg, const struct proof *p);
	/* Keep the row: the order it names has to be gone on with. */
	enum err (*save)(void *arg, const struct cert_row *row, struct why *why);
	void *arg;
};

struct order {
	struct client *client; /* with an account                                       */
	const struct order_host *host;
	struct arena *arena;  /* secret; what row gets lives in it                     */
	struct str directory; /* of the client                                         */
	struct str challenge; /* the type to prove with                                */
	struct names names;   /* what is wanted, 1 to RECORD_NAMES_MAX                 */
	bool reuse_key;
	struct str next_key_pem; /* to use in place of a new one, and of the present one unless that
	                          * is to be used again; empty: none */
	struct cert_row *row;
	struct str refused; /* after an error: the name that could not be proved      */
};

/* Get a certificate for o->names: go on with the row's order if it is for them, else begin one.
 * OK: row has chain, key and held names, and no order; it is not saved yet. On an error the
 * certificate of row is as before, and its order is kept only if going on can help. */
enum err order_run(struct order *o, struct why *why) MUST_USE;

#endif
