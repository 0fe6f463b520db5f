/* console/api/setup/setup.h: the first start of a server without an owner: how far its setup is.
 *
 *	setup.c               the state, kept in the store, so that a kill between any two steps
 *	                      loses nothing that was answered
 *	password_rule.c       how hard a password is to guess
 *	look.c                checks of the world around: names, port 25, lists, source addresses
 *	api_setup.c           who may: the token; the state; the end
 *	api_setup_steps.c     what the steps share
 *	api_setup_*.c         the steps, by subject
 *
 * It is open while no account is an owner, and on until it was finished for an owner that it made
 * itself. What opens it is a token: of ROOST_SETUP_TOKEN, or random, kept in the store so that the
 * printed link still fits after a restart, and printed on standard output only: never in the log
 * (docs/start/first-run.md). */
#ifndef API_SETUP_H
#define API_SETUP_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct store;
struct txn;

/* Steps that were done, as bits. */
enum setup_done {
	SETUP_HOST = BIT(0),
	SETUP_OWNER = BIT(1),
	SETUP_DELIVERY = BIT(2),
	SETUP_CERTIFICATE = BIT(3),
	SETUP_TESTED = BIT(4),
};

struct setup {
	struct str token; /* random; empty with ROOST_SETUP_TOKEN      */
	unsigned done;    /* enum setup_done                           */
	struct str domain;
	struct str address, name; /* of the owner                              */
	struct str password_hash;
	struct str certificate; /* "acme", "files", "self"; empty: not chosen */
	uint32_t account;       /* 0: the owner was not made yet              */
};

enum { SETUP_TOKEN_CHARACTERS = 32 }; /* 160 bits */

/* ERR_MISSING: it is not open: there is an owner. Strings live in a. Before the first
 * setup_put all is empty. */
enum err setup_get(struct txn *t, struct arena *a, struct setup *out) MUST_USE;
enum err setup_put(struct txn *t, const struct setup *s) MUST_USE;
/* For good. */
enum err setup_end(struct txn *t) MUST_USE;

/* Make the first domain and the owner, unless that has happened. The three steps before must be
 * done: ERR_CONFLICT. Sets s->account and stores s. */
enum err setup_people_make(struct txn *t, struct setup *s) MUST_USE;

/* "host", "owner", "look-around", "certificate", "dns": the first that is not done. */
const char *setup_step(const struct setup *s);

/* At start: whether it is open, and with which token, made now if need be; in a. given is
 * ROOST_SETUP_TOKEN. */
enum err setup_begin(struct store *store, struct str given, struct arena *a, bool *open,
                     struct str *token, struct why *why) MUST_USE;

#endif
