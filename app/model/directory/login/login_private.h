/* model/directory/login/login_private.h: what the parts of the login share: login.c runs the check,
 * login_candidate.c says who a name would be, login_verdict.c counts, locks, remembers and
 * tells. */
#ifndef DIRECTORY_LOGIN_PRIVATE_H
#define DIRECTORY_LOGIN_PRIVATE_H
#include "foundation/base/arena.h"
#include "foundation/crypto/hash.h"
#include "model/directory/blocked.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/factor.h"
#include "model/directory/login/known_network.h"
#include "model/directory/login/login.h"
#include "model/directory/login/salt.h"
#include "model/directory/row.h"
#include "network/runtime/addr.h"

#include <stdatomic.h>

struct lockout;
struct login_slow;
struct recents;
struct rehash;
struct seen;
struct txn;

enum { SCRAM_LOOK_MS = 10000 };

struct logins {
	struct store *store;
	uint8_t key[HASH_BYTES]; /* of this process; no tag means anything elsewhere */
	struct seen *verified;   /* tags of login, password and credential           */
	struct seen *refused;    /* the same, wrong                                  */
	struct seen *known;      /* tags of login and known network: spares a look into the store */
	struct login_slow *slow_known, *slow_strange; /* who waits: of known networks, of others */
	struct lockout *by_network;
	struct lockout *by_login;    /* failures from networks that are not known for it */
	struct blocked_list blocked; /* what they lock at the moment */
	struct rehash *rehash;
	struct recents *recents;
	struct live_logins *live;
	_Atomic int waiting;                 /* threads in password_verify */
	const struct token_verifier *tokens; /* NULL: none */
	void *tokens_arg;
	_Atomic bool cram;  /* logins_cram_set            */
	_Atomic bool scram; /* what logins_scram saw last: may it be offered? */
	_Atomic int old;    /* the share of accounts with old salts, in 1/256 */
	_Atomic int64_t scram_due_ms;
};

struct tag {
	uint8_t bytes[HASH_BYTES];
};

/* What the store says about a name. account 0: nobody who may log in. */
struct candidate {
	struct account_row account;
	struct str credential; /* the password that opens this service; empty: none */
	enum salt_age age;     /* of its keys for SCRAM, or of the app password's   */
	uint32_t app_password; /* the one that was typed; 0: none                   */
	bool app_usable;       /* and it opens this service, now                    */
	struct factor factor;  /* the account's second factors                      */
	int64_t made_ms;       /* the credential, or the app password               */
	int64_t expires_ms;    /* of the app password                               */
	uint64_t moves;
};

/* One run of login_check or login_prove. */
struct check {
	struct logins *l;
	const struct login_try *try;
	struct arena *a;      /* the caller's: results                      */
	struct arena secret;  /* everything else; wiped                     */
	struct str password;  /* try's, prepared; empty: can be nobody's    */
	struct mailaddr name; /* folded; null when try's name is no address */
	enum login_scope scope;
	struct candidate found;
	enum { NETWORK_UNASKED, NETWORK_KNOWN, NETWORK_STRANGE } from;
	char network[ADDR_NETWORK_KEY_MAX];
	char known[KNOWN_NETWORK_KEY];
	char peer[ADDR_TEXT_MAX];
	struct str network_key, known_key, login_key, peer_text;
};

/* --- login.c ------------------------------------------------------------------------------ */

/* Fill what is known of l, try and a; check_end wipes it. */
void check_begin(struct check *c);
void check_end(struct check *c);
/* It was right: have what is missing or stale of it stored anew. */
void check_refresh(const struct check *c, uint32_t number);

/* --- login_candidate.c: who that would be ------------------------------------------------ */

/* "user@domain", or "user" alone, folded, in a; null when it is neither. */
struct mailaddr candidate_name(struct arena *a, struct str text);

/* The account of c->name and its second factor, into c->found; account 0 when there is none. Makes
 * c->name whole. */
enum err candidate_account(struct txn *t, struct check *c);
/* A name without "@" gets the only domain we have. */
enum err candidate_complete(struct txn *t, struct mailaddr *name, struct arena *a);

/* For store_read; arg is the struct check, whose found it fills. What cannot log in is account 0,
 * or has no credential; an error is the store's. */
enum err candidate_read(struct txn *t, void *arg);

/* --- login_verdict.c ----------------------------------------------------------------------- */

/* An HMAC under the process's key; what is remembered of verified and refused logins. */
struct tag verified_tag(const struct check *c);
struct str tag_str(const struct tag *tag);

/* Has this login succeeded from the peer's network? Asked once. */
bool check_known(struct check *c);
/* May this peer try this login now? Waits where failures slow it down. False, counted: it may
 * not. */
bool check_admit(struct check *c);
/* Has the peer's own address failed too often, whatever the login? */
bool network_locked(const struct check *c);

/* The log, the counters, the account's recent logins and the answer. reason is for the log. */
enum err accepted(struct check *c, uint32_t app_password, struct login *out);
enum err denied(struct check *c, const struct tag *tag, const char *reason, struct why *why);
/* Nothing was judged: ERR_RETRY. */
enum err later(const struct check *c, const char *reason, struct why *why);
/* What is no password was wrong. It counts each time: unlike a password, no device repeats it. */
enum err refused(struct check *c, uint32_t credential, const char *reason);
#endif
