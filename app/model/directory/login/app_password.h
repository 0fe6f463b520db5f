/* model/directory/login/app_password.h: app passwords: one for each program, in addition to the
 * account's own.
 *
 * The server generates each one (model/directory/login/secret.h), shows it once, and stores its
 * hash under a number of the account's credentials. It is valid only for the services of its
 * scopes, never for the console, so a thief of one can neither change the password nor create more
 * of them. Removed or expired ones are refused from the next login on, because nothing about them
 * is cached; their sessions end (live_login.h). */
#ifndef DIRECTORY_APP_PASSWORD_H
#define DIRECTORY_APP_PASSWORD_H
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

/* The services of an app password. */
enum login_scope {
	SCOPE_NONE = 0, /* the console: requires the account's own password */
	SCOPE_IMAP = BIT(0),
	SCOPE_SMTP = BIT(1), /* submission */
	SCOPE_POP3 = BIT(2),
	SCOPE_SIEVE = BIT(3), /* ManageSieve */
	SCOPE_ALL = SCOPE_IMAP | SCOPE_SMTP | SCOPE_POP3 | SCOPE_SIEVE,
};

/* The scope of a service: for "imaps" SCOPE_IMAP; SCOPE_NONE for a service other than mail. */
enum login_scope login_scope_of(struct str service);
/* "imap", "pop3", "sieve", "smtp". */
bool login_scope_parse(struct str name, enum login_scope *out);
/* The name of the i-th scope and its bit; NULL after the last. */
const char *login_scope_name(size_t i, enum login_scope *bit);

struct app_password {
	uint32_t id;      /* number of the credential, from 1 */
	struct str label; /* its purpose, named by the user */
	struct str scram; /* for app_password_add: credential_scram of the secret, made outside of
	                   * the transaction; empty: none */
	unsigned scopes;  /* of enum login_scope              */
	int64_t created_ms;
	int64_t expires_ms; /* 0: never                         */
	int64_t last_used_ms;
};

struct app_password_list {
	struct app_password *items; /* by id */
	size_t count;
};

/* Store one. secret is from secret_new; label, scopes, scram and expires_ms of new are used. *id is
 * its number. ERR_SYNTAX: no label, one of several lines, or no scope; ERR_LIMIT: more than
 * app_passwords; ERR_MISSING: no such account. */
enum err app_password_add(struct txn *t, uint32_t account, const struct app_password *new,
                          struct str secret, uint32_t *id, struct why *why) MUST_USE;
/* ERR_MISSING: no such one. */
enum err app_password_rm(struct txn *t, uint32_t account, uint32_t id, struct why *why) MUST_USE;
enum err app_password_list(struct txn *t, uint32_t account, struct arena *a,
                           struct app_password_list *out) MUST_USE;

/* Is typed an app password of the account? *number is its number, 0 for none; *usable: it is valid
 * for scope at now_ms. Constant time in the contents. */
enum err app_password_match(struct txn *t, uint32_t account, struct str typed,
                            enum login_scope scope, int64_t now_ms, uint32_t *number,
                            bool *usable) MUST_USE;
/* Record its use at that time; a no-op when it was removed, or was used later already. */
enum err app_password_used(struct txn *t, uint32_t account, uint32_t number,
                           int64_t time_ms) MUST_USE;

#endif
