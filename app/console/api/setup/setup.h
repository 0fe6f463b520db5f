/* console/api/setup/setup.h: the setup of a server without an owner.
 *
 *	setup.c               the state, in the store, so a kill between two steps loses no answer
 *	password_rule.c       how hard a password is to guess
 *	api_setup.c           the token, the state and the end
 *	api_setup_steps.c     helpers of the steps
 *	api_setup_*.c         the steps, by subject
 *
 * It is open while no account is an owner; after it has created one, until it is finished. A token
 * authorizes it: ROOST_SETUP_TOKEN, or a random one. The random one is stored, so the printed link
 * works after a restart, and is printed on standard output only, never in the log
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
