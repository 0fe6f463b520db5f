/* operations/acme/order.h: one order (RFC 8555 7.4), from names to a certificate.
 *
 *	new order -> prove every name -> finalize with a request -> fetch the chain
 *
 * Every step begins with the order's state at the CA, so an order continues from its URL,
 * after a kill too. It blocks for seconds to minutes. */
#ifndef ACME_ORDER_H
#define ACME_ORDER_H
#include "operations/acme/client.h"
#include "operations/acme/records.h"

/* The proof of control over a name, which the CA checks. */
struct proof {
	struct str type;          /* "http-01", "tls-alpn-01", "dns-01"  */
	struct str name;          /* without "*."; IP addresses as text  */
	struct str token;         /* base64url characters only           */
	struct str authorization; /* token and thumbprint (RFC 8555 8.1) */
};

/* Functions that an order needs. */
struct order_host {
	/* Provide the proof; after OK the CA may check it. */
	enum err (*prove)(void *arg, const struct proof *p, struct why *why);
	/* Remove it; never fails, idempotent. */
	void (*unprove)(void *arg, const struct proof *p);
	/* Store the row with the order's URL, so that it can continue. */
	enum err (*save)(void *arg, const struct cert_row *row, struct why *why);
	void *arg;
};

struct order {
	struct client *client; /* with an account                                       */
	const struct order_host *host;
	struct arena *arena;  /* secret; for new strings of row   */
	struct str directory; /* of the client                    */
	struct str challenge; /* type of challenge                */
	struct names names;   /* requested, 1 to RECORD_NAMES_MAX */
	bool reuse_key;
	struct str next_key_pem; /* replaces a new key, and the current one unless
	                          * reuse_key; empty: none */
	struct cert_row *row;
	struct str refused; /* after an error: the name whose proof failed            */
};

/* Obtain a certificate for o->names: continue the row's order if it is for them, else
 * begin one. OK: row has chain, key and held names, and no order; it is not saved yet. On
 * an error the certificate of row is unchanged, and its order is kept only if continuing
 * can help. */
enum err order_run(struct order *o, struct why *why) MUST_USE;

#endif
