/* model/directory/login/login_private.h: shared by the parts of the login: login.c runs the check,
 * login_candidate.c finds the account, login_verdict.c counts, locks, caches and returns the
 * result. */
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
	uint8_t key[HASH_BYTES]; /* of this process; tags are valid in it only */
	struct seen *verified;   /* tags of login, password and credential           */
	struct seen *refused;    /* the same for wrong passwords */
	struct seen *known;      /* tags of login and known network: saves a look-up in the store */
	struct login_slow *slow_known, *slow_strange; /* delayed logins: of known networks, of
						       * others */
	struct lockout *by_network;
	struct lockout *by_login;    /* failures from networks that are not known for it */
	struct blocked_list blocked; /* the present locks of both */
	struct rehash *rehash;
	struct recents *recents;
	struct live_logins *live;
	_Atomic int waiting;                 /* threads in password_verify */
	const struct token_verifier *tokens; /* NULL: none */
	void *tokens_arg;
	_Atomic bool cram;  /* logins_cram_set            */
	_Atomic bool scram; /* the last result of logins_scram */
	_Atomic int old;    /* the share of accounts with old salts, in 1/256 */
	_Atomic int64_t scram_due_ms;
};

struct tag {
	uint8_t bytes[HASH_BYTES];
};

/* The stored data for a name. account 0: no account that may log in. */
struct candidate {
	struct account_row account;
	struct str credential; /* the password for this service; empty: none */
	enum salt_age age;     /* of its keys for SCRAM, or of the app password's */
	uint32_t app_password; /* the one that was used; 0: none */
	bool app_usable;       /* it is valid for this service now */
	struct factor factor;  /* the account's second factors                      */
	int64_t made_ms;       /* creation time of the credential or app password */
	int64_t expires_ms;    /* of the app password                               */
	unsigned scopes;       /* of the password that is found: of enum login_scope */
	uint64_t moves;
};

/* One run of login_check or login_prove. */
struct check {
	struct logins *l;
	const struct login_try *try;
	struct arena *a;      /* the caller's: results                      */
	struct arena secret;  /* everything else; wiped                     */
	struct str password;  /* try's, prepared; empty: invalid */
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

/* Initialise c from l, try and a; check_end wipes it. */
void check_begin(struct check *c);
void check_end(struct check *c);
/* After a success: store missing or stale forms of the password again, in the background. */
void check_refresh(const struct check *c, uint32_t number);

/* --- login_candidate.c: find the account ------------------------------------------------ */

/* "user@domain", or "user" alone, folded, in a; null when malformed. */
struct mailaddr candidate_name(struct arena *a, struct str text);

/* Read the account of c->name and its second factor into c->found; account 0 when there is none.
 * Completes c->name. */
enum err candidate_account(struct txn *t, struct check *c);
/* A name without "@" gets the only local domain. */
enum err candidate_complete(struct txn *t, struct mailaddr *name, struct arena *a);

/* For store_read; arg is the struct check, whose found it fills. For a login that cannot succeed,
 * account is 0, or there is no credential; an error is the store's. */
enum err candidate_read(struct txn *t, void *arg);

/* --- login_verdict.c ----------------------------------------------------------------------- */

/* An HMAC under the process's key; identifies verified and refused logins in the caches. */
struct tag verified_tag(const struct check *c);
struct str tag_str(const struct tag *tag);

/* Is the peer's network known for this login? Looked up once. */
bool check_known(struct check *c);
/* May this peer try this login now? Blocks while failures delay it. False, counted: it may not. */
bool check_admit(struct check *c);
/* Does the peer's own address have too many failures, for any login? */
bool network_locked(const struct check *c);

/* Log, count, record the recent login and set the result. reason is for the log. */
enum err accepted(struct check *c, uint32_t app_password, struct login *out);
enum err denied(struct check *c, const struct tag *tag, const char *reason, struct why *why);
/* The check could not run: ERR_RETRY. */
enum err later(const struct check *c, const char *reason, struct why *why);
/* A proof other than a password was wrong. It counts each time: devices do not repeat it. */
enum err refused(struct check *c, uint32_t credential, const char *reason);
#endif
