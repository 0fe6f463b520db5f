/* model/directory/row.h: the rows of the directory's key spaces; for this folder only.
 *
 * The only code that reads and writes them. What is read lives in the given arena. Each
 * get returns ERR_MISSING when there is no such row and ERR_CORRUPT when it cannot be
 * read. Addresses are in normal form (normal.h), but for targets elsewhere. */
#ifndef DIRECTORY_ROW_H
#define DIRECTORY_ROW_H
#include "formats/message/mailaddr.h"
#include "foundation/base/err.h"
#include "model/directory/directory.h"
#include "model/store/kv.h"

struct arena;
struct txn;

/* Room for one more item in an arena's array: items, or twice as many elsewhere. count and
 * *room are in items, size is of one. */
void *row_room(struct arena *a, void *items, size_t count, size_t *room, size_t size) MUST_USE;

/* --- domain: name --- */

struct domain_row {
	struct str name;
	struct mailaddr catchall; /* null for none */
	int64_t created_ms;
	enum mta_sts_mode mta_sts;
	struct str alias_of; /* a domain that is no alias itself; empty for none */
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
	struct str domains; /* of ROLE_ADMIN; lower case, with a blank between */
	int64_t created_ms;
	uint64_t quota_bytes;
	uint64_t quota_emails;
	uint64_t message_bytes;
};

enum err row_account_get(struct txn *t, uint32_t id, struct arena *a,
                         struct account_row *out) MUST_USE;
enum err row_account_put(struct txn *t, const struct account_row *row) MUST_USE;
enum err row_account_del(struct txn *t, uint32_t id) MUST_USE;
/* An id that no account or group ever had. */
enum err row_account_id_take(struct txn *t, uint32_t *id) MUST_USE;
/* The id that the next of them will get: all ids are below. */
enum err row_account_id_next(struct txn *t, uint32_t *id) MUST_USE;
/* How often something was written that may have ended a login: an account, its password, an app
 * password that goes, the second factor. Whoever remembers a login looks whether it still stands
 * when this has moved, whatever process moved it (live_login.h). The functions below that write
 * those rows move it. */
enum err row_login_moves(struct txn *t, uint64_t *moves) MUST_USE;
enum err row_login_moved(struct txn *t) MUST_USE;
/* Begin walking all accounts by id, past row 0. */
void row_account_iter(struct kv_iter *it, struct txn *t);
enum err row_account_read(const struct kv_iter *it, struct arena *a,
                          struct account_row *out) MUST_USE;

/* --- address: domain, local --- */

/* Patterns lie together before the names of their domain, under keys of their own. A
 * name may look like one (an account "a*b"), so each has its get and del; put goes by the row. */

struct route_row {
	struct mailaddr address;  /* its local part may be a pattern: pattern.h */
	uint32_t account;         /* whose primary address it is                 */
	uint32_t group;           /* whose address it is; both are 0: an alias   */
	bool pattern;             /* an alias whose name stands for many         */
	struct mailaddr *targets; /* of an alias, in the order they were added   */
	size_t count;
	enum alias_kind kind;
	enum list_post post;
	struct mailaddr owner;    /* of a list, or null                          */
	bool hidden;              /* of a list: its members                      */
	int64_t created_ms;
};

enum err row_route_get(struct txn *t, const struct mailaddr *address, struct arena *a,
                       struct route_row *out) MUST_USE;
/* The pattern of these very letters. */
enum err row_pattern_get(struct txn *t, const struct mailaddr *address, struct arena *a,
                         struct route_row *out) MUST_USE;
enum err row_route_put(struct txn *t, const struct route_row *row) MUST_USE;
enum err row_route_del(struct txn *t, const struct mailaddr *address) MUST_USE;
enum err row_pattern_del(struct txn *t, const struct mailaddr *address) MUST_USE;
/* Begin walking the addresses of a domain; empty: of all. */
void row_route_iter(struct kv_iter *it, struct txn *t, struct str domain);
/* The same, of its patterns alone. */
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

/* Each membership is two rows, group before account and account before group: no id is of both,
 * so those under an id are a group's members, or an account's groups. */
enum err row_member_put(struct txn *t, uint32_t group, uint32_t account) MUST_USE;
enum err row_member_del(struct txn *t, uint32_t group, uint32_t account) MUST_USE;
enum err row_member_has(struct txn *t, uint32_t id, uint32_t other, bool *yes) MUST_USE;
/* All that are under an id, ascending. */
enum err row_member_list(struct txn *t, uint32_t id, struct arena *a, uint32_t **others,
                         size_t *count) MUST_USE;
/* The row under an iterator over SPACE_MEMBER. */
void row_member_read(const struct kv_iter *it, uint32_t *id, uint32_t *other);

/* --- credential: account, number --- */

/* Numbers; the others are app passwords. OTHER has no row: a token or a certificate let in. */
enum { CREDENTIAL_PASSWORD = 0, CREDENTIAL_OTHER = 1 << 29 };

struct credential_row {
	uint32_t account;
	uint32_t number;
	struct str text; /* of foundation/crypto/password.h; an app password's secret_hash */
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
/* When the account's own password was made; 0: it has none. */
enum err row_password_made(struct txn *t, uint32_t account, struct arena *a,
                           int64_t *ms) MUST_USE;
/* Begin walking those of an account, by number. */
void row_credential_iter(struct kv_iter *it, struct txn *t, uint32_t account);
enum err row_credential_read(const struct kv_iter *it, struct arena *a,
                             struct credential_row *out) MUST_USE;

/* --- factor: account --- */

enum { FACTOR_RECOVERY_MAX = 16 };

struct factor_row {
	uint32_t account;
	bool on;            /* false: the secret was handed out, no code has come yet   */
	int64_t created_ms; /* of the secret                                            */
	struct str secret;
	uint64_t last_step; /* of the newest code that was taken: no code up to it is   */
	struct str recovery[FACTOR_RECOVERY_MAX]; /* secret_hash of each that is unused */
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
/* Begin walking those of an account, by number. */
void row_login_iter(struct kv_iter *it, struct txn *t, uint32_t account);
enum err row_login_read(const struct kv_iter *it, struct arena *a, struct login_row *out) MUST_USE;

/* All credentials, factors, passkeys and logins of an account. */
enum err row_person_del(struct txn *t, uint32_t account) MUST_USE;

#endif
