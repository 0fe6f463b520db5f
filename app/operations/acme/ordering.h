/* operations/acme/ordering.h: the steps of an order. Private to order*.c.
 *
 *	order.c        its states, the certificate request, the chain
 *	order_begin.c  a new order
 *	order_prove.c  authorizations: proves control of each name */
#ifndef ACME_ORDERING_H
#define ACME_ORDERING_H
#include "operations/acme/order.h"

/* Create an order for o->names at the CA; stores its URL in the row. */
enum err order_begin(struct order *o, struct why *why) MUST_USE;
/* Prove every name that a still requires. ERR_DENIED: the proof of o->refused failed. */
enum err order_prove(struct order *o, const struct answer_order *a, struct why *why) MUST_USE;

/* Wait before poll number turn: for the CA's Retry-After, else longer each time. False:
 * return order_stopped. */
bool order_pause(struct order *o, const struct reply *r, unsigned turn);
enum err order_stopped(struct why *why) MUST_USE;

#endif
