/* model/directory/row.h: the rows of the directory's key spaces; for this folder only.
 *
 * Only this code reads and writes them. Results live in the given arena. Each get returns
 * ERR_MISSING when there is no such row and ERR_CORRUPT when it is malformed. Addresses are in
 * normal form (normal.h), except remote targets. */
#ifndef DIRECTORY_ROW_H
#define DIRECTORY_ROW_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"

struct arena;
struct txn;

/* Room for one more item in an arena's array: items, or a copy of twice the size. count and *room
 * are in items, size is of one. */
void *row_room(struct arena *a, void *items, size_t count, size_t *room, size_t size) MUST_USE;

/* --- domain: name --- */

struct domain_row {
	struct str name;
	struct mailaddr catchall; /* null for none */
	int64_t created_ms;
	enum mta_sts_mode mta_sts;
	struct str alias_of; /* a domain that is not an alias itself; empty for none */
};

enum err row_domain_get(struct txn *t, struct str name, struct arena *a,
                        struct domain_row *out) MUST_USE;
enum err row_domain_put(struct txn *t, const struct domain_row *row) MUST_USE;
enum err row_domain_del(struct txn *t, struct str name) MUST_USE;
/* The row under an iterator over SPACE_DOMAIN. */
enum err row_domain_read(const struct kv_iter *it, struct arena *a,
                         struct domain_row *out) MUST_USE;

/* --- account: id --- */

struct account_row {
	uint32_t id;
	struct mailaddr address;
	struct str name;
	bool logins;
	bool mail;
	enum role role;
	struct str domains; /* of ROLE_ADMIN; lower case, separated by a blank */
	int64_t created_ms;
	uint64_t quota_bytes;
	uint64_t quota_emails;
	uint64_t message_bytes;
	enum pop3_access pop3;
	int64_t pop3_from_ms;
};

enum err row_account_get(struct txn *t, uint32_t id, struct arena *a,
                         struct account_row *out) MUST_USE;
enum err row_account_put(struct txn *t, const struct account_row *row) MUST_USE;
enum err row_account_del(struct txn *t, uint32_t id) MUST_USE;
/* An id that was never assigned to an account or group. */
enum err row_account_id_take(struct txn *t, uint32_t *id) MUST_USE;
/* The next id to be assigned: all ids are below. */
enum err row_account_id_next(struct txn *t, uint32_t *id) MUST_USE;
/* A counter of writes that may end a login: of an account, its password, a removed app password,
 * the second factor. Open sessions check their login when it has changed, by any process
 * (live_login.h). The functions below that write those rows increment it. */
enum err row_login_moves(struct txn *t, uint64_t *moves) MUST_USE;
enum err row_login_moved(struct txn *t) MUST_USE;
/* Begin a walk over all accounts by id, after row 0. */
void row_account_iter(struct kv_iter *it, struct txn *t);
enum err row_account_read(const struct kv_iter *it, struct arena *a,
                          struct account_row *out) MUST_USE;

/* --- address: domain, local --- */

/* Patterns of a domain precede its names, under keys of their own. A name may look like a pattern
 * (an account "a*b"), so each has its get and del; put depends on the row. */

struct route_row {
	struct mailaddr address;  /* its local part may be a pattern: pattern.h */
	uint32_t account;         /* id, if it is a primary address */
	uint32_t group;           /* id, if it is a group's; both 0: an alias */
	bool pattern;             /* an alias with a pattern as its name */
	struct mailaddr *targets; /* of an alias, in the order of addition */
	size_t count;
	enum alias_kind kind;
	enum list_post post;
	struct mailaddr owner;    /* of a list, or null                          */
	bool hidden;              /* of a list: its members                      */
	int64_t created_ms;
};

enum err row_route_get(struct txn *t, const struct mailaddr *address, struct arena *a,
                       struct route_row *out) MUST_USE;
/* The pattern with exactly this text. */
enum err row_pattern_get(struct txn *t, const struct mailaddr *address, struct arena *a,
                         struct route_row *out) MUST_USE;
enum err row_route_put(struct txn *t, const struct route_row *row) MUST_USE;
enum err row_route_del(struct txn *t, const struct mailaddr *address) MUST_USE;
enum err row_pattern_del(struct txn *t, const struct mailaddr *address) MUST_USE;
/* Begin a walk over the addresses of a domain; empty: of all. */
void row_route_iter(struct kv_iter *it, struct txn *t, struct str domain);
/* The same over its patterns only. */
void row_pattern_iter(struct kv_iter *it, struct txn *t, struct str domain);
enum err row_route_read(const struct kv_iter *it, struct arena *a, struct route_row *out) MUST_USE;

/* --- group: id --- */

struct group_row {
	uint32_t id; /* of row_account_id_take: no account has it */
	struct mailaddr address;
	struct str title;
	bool mail;
	enum list_post post;
	int64_t created_ms;
};

enum err row_group_get(struct txn *t, uint32_t id, struct arena *a, struct group_row *out) MUST_USE;
enum err row_group_put(struct txn *t, const struct group_row *row) MUST_USE;
enum err row_group_del(struct txn *t, uint32_t id) MUST_USE;
/* The row under an iterator over SPACE_GROUP. */
enum err row_group_read(const struct kv_iter *it, struct arena *a, struct group_row *out) MUST_USE;

/* --- member: id, id --- */

/* Each membership is two rows, group before account and account before group. Ids are unique, so
 * the rows under an id are a group's members, or an account's groups. */
enum err row_member_put(struct txn *t, uint32_t group, uint32_t account) MUST_USE;
enum err row_member_del(struct txn *t, uint32_t group, uint32_t account) MUST_USE;
enum err row_member_has(struct txn *t, uint32_t id, uint32_t other, bool *yes) MUST_USE;
/* All under an id, ascending. */
enum err row_member_list(struct txn *t, uint32_t id, struct arena *a, uint32_t **others,
                         size_t *count) MUST_USE;
/* The row under an iterator over SPACE_MEMBER. */
void row_member_read(const struct kv_iter *it, uint32_t *id, uint32_t *other);

/* --- credential: account, number --- */

/* Numbers; the others are app passwords. OTHER has no row: a login by token or certificate. */
enum { CREDENTIAL_PASSWORD = 0, CREDENTIAL_OTHER = 1 << 29 };

struct credential_row {
	uint32_t account;
	uint32_t number;
	struct str text; /* from foundation/crypto/password.h; an app password's secret_hash */
	struct str scram; /* words of credential.h; empty: none yet                  */
	int64_t created_ms;
	/* of app passwords: */
	struct str label;
	unsigned scopes;    /* of enum login_scope         */
	int64_t expires_ms; /* 0: never                    */
	int64_t last_used_ms;
};

enum err row_credential_get(struct txn *t, uint32_t account, uint32_t number, struct arena *a,
                            struct credential_row *out) MUST_USE;
enum err row_credential_put(struct txn *t, const struct credential_row *row) MUST_USE;
enum err row_credential_del(struct txn *t, uint32_t account, uint32_t number) MUST_USE;
/* Creation time of the account's own password; 0: it has none. */
enum err row_password_made(struct txn *t, uint32_t account, struct arena *a,
                           int64_t *ms) MUST_USE;
/* Begin a walk over those of an account, by number. */
void row_credential_iter(struct kv_iter *it, struct txn *t, uint32_t account);
enum err row_credential_read(const struct kv_iter *it, struct arena *a,
                             struct credential_row *out) MUST_USE;

/* --- factor: account --- */

enum { FACTOR_RECOVERY_MAX = 16 };

struct factor_row {
	uint32_t account;
	bool on;            /* false: the secret was shown, but not confirmed by a code */
	int64_t created_ms; /* of the secret                                            */
	struct str secret;
	uint64_t last_step; /* of the newest accepted code: older codes are refused */
	struct str recovery[FACTOR_RECOVERY_MAX]; /* secret_hash of each unused code */
	size_t recovery_count;
};

enum err row_factor_get(struct txn *t, uint32_t account, struct arena *a,
                        struct factor_row *out) MUST_USE;
enum err row_factor_put(struct txn *t, const struct factor_row *row) MUST_USE;
enum err row_factor_del(struct txn *t, uint32_t account) MUST_USE;
enum err row_factor_read(const struct kv_iter *it, struct arena *a,
                         struct factor_row *out) MUST_USE;

/* --- login: account, number --- */

struct login_row {
	uint32_t account;
	uint32_t number;
	bool ok;
	uint32_t credential; /* its number                                      */
	struct str service, peer, client;
	int64_t first_ms, last_ms;
	uint64_t count;
};

enum err row_login_put(struct txn *t, const struct login_row *row) MUST_USE;
enum err row_login_del(struct txn *t, uint32_t account, uint32_t number) MUST_USE;
/* Begin a walk over those of an account, by number. */
void row_login_iter(struct kv_iter *it, struct txn *t, uint32_t account);
enum err row_login_read(const struct kv_iter *it, struct arena *a, struct login_row *out) MUST_USE;

/* Delete all credentials, factors, passkeys and logins of an account. */
enum err row_person_del(struct txn *t, uint32_t account) MUST_USE;

#endif
