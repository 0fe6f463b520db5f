/* model/directory/login/app_password.h: passwords for one program each, beside the account's own.
 *
 * Each is made here (model/directory/login/secret.h), shown once, and stored as its hash under a
 * number of the account's credentials. It opens only the services of its scopes, never the
 * console, so who finds one in a lost phone can neither change the password nor make more of
 * them. Removed or expired ones are refused from the next login on: nothing about them is
 * cached; the sessions that they opened end (live_login.h). */
#ifndef DIRECTORY_APP_PASSWORD_H
#define DIRECTORY_APP_PASSWORD_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

/* What an app password may be used for. */
enum login_scope {
	SCOPE_NONE = 0, /* the console: only the account's own password opens it */
	SCOPE_IMAP = BIT(0),
	SCOPE_SMTP = BIT(1), /* submission */
	SCOPE_ALL = SCOPE_IMAP | SCOPE_SMTP,
};

/* The scope that a service needs: of "imaps" SCOPE_IMAP; SCOPE_NONE of what is no mail service. */
enum login_scope login_scope_of(struct str service);
/* "imap", "smtp". */
bool login_scope_parse(struct str name, enum login_scope *out);
/* The name of the i-th scope and its bit; NULL behind the last. */
const char *login_scope_name(size_t i, enum login_scope *bit);

struct app_password {
	uint32_t id;      /* number of the credential, from 1 */
	struct str label; /* what it is for, as its user says */
	struct str scram; /* for app_password_add: credential_scram of the secret, made
	                   * outside of the transaction; empty: none     */
	unsigned scopes;  /* of enum login_scope              */
	int64_t created_ms;
	int64_t expires_ms; /* 0: never                         */
	int64_t last_used_ms;
};

struct app_password_list {
	struct app_password *items; /* by id */
	size_t count;
};

/* Store one. secret is of secret_new; label, scopes, scram and expires_ms are used of new. *id is
 * its number. ERR_SYNTAX: no label, one of several lines, or no scope; ERR_LIMIT: more than
 * app_passwords; ERR_MISSING: no such account. */
enum err app_password_add(struct txn *t, uint32_t account, const struct app_password *new,
                          struct str secret, uint32_t *id, struct why *why) MUST_USE;
/* ERR_MISSING: no such one. */
enum err app_password_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why) MUST_USE;
enum err app_password_list(struct txn *t, uint32_t account, struct arena *a,
                           struct app_password_list *out) MUST_USE;

/* Is typed an app password of the account? *number tells which, 0 for none; *usable whether it
 * opens scope at now_ms. Constant time in the contents. */
enum err app_password_match(struct txn *t, uint32_t account, struct str typed,
                            enum login_scope scope, int64_t now_ms, uint32_t *number,
                            bool *usable) MUST_USE;
/* It was used at that time; nothing when it is gone, or younger than that. */
enum err app_password_used(struct txn *t, uint32_t account, uint32_t number,
                           int64_t time_ms) MUST_USE;

#endif
