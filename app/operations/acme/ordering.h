/* operations/acme/ordering.h: the steps of an order. Private to order*.c.
 *
 *	order.c        its states: from one step to the next, the request, the chain
 *	order_begin.c  a new order
 *	order_prove.c  authorizations: that each name is ours */
#ifndef ACME_ORDERING_H
#define ACME_ORDERING_H
#include "operations/acme/order.h"

/* Ask the CA for o->names; the row names the order then, and is saved. */
enum err order_begin(struct order *o, struct why *why) MUST_USE;
/* Prove every name that a still wants proved. ERR_DENIED: o->refused could not be. */
enum err order_prove(struct order *o, const struct answer_order *a, struct why *why) MUST_USE;

/* Wait before asking again the turn-th time: what the CA says, else longer each time. False: do
 * not go on, order_stopped. */
bool order_pause(struct order *o, const struct reply *r, unsigned turn);
enum err order_stopped(struct why *why) MUST_USE;

#endif
