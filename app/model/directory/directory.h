/* model/directory/directory.h: the recipients of this server: domains, accounts, aliases.
 *
 * Key spaces, written by this folder only, in addition to those of logins and second factors:
 *
 *	domain:     name                -> catch-all address, whose alias it is
 *	account:    id                  -> primary address, name, role, quota; row 0 holds
 *	                                   the next id, since ids are not reused
 *	group:      id                  -> address, title; ids of the same counter (group.h)
 *	member:     id, id              -> nothing: group and account, in both orders
 *	address:    domain NUL local    -> an account's or group's id, or an alias' targets
 *	credential: id, number          -> Argon2id string; number 0 is the password, others
 *	                                   are for app passwords
 *
 * So the addresses of a domain are adjacent, and a recipient costs one look-up. All other folders
 * identify an account by its id; mailbox/ owns its mailboxes and counters.
 *
 * Addresses are stored and compared in one form (address_normal in model/directory/normal.h):
 * domain in lower case and A-labels, local part unquoted, in NFC, ASCII letters in lower case. RFC
 * 5321 2.4 leaves case to the receiving domain, and people ignore it.
 *
 * Functions that change data run inside store_write, those that read in either kind of transaction.
 * Their errors, in addition to those of the store:
 *
 *	ERR_SYNTAX    not an address or domain name
 *	ERR_MISSING   no such domain, account, alias
 *	ERR_CONFLICT  it exists already, or is still in use
 *	ERR_LIMIT     more than a row of limits.def allows
 *
 * why has a sentence for the administrator. Results live in the given arena. */
#ifndef DIRECTORY_H
#define DIRECTORY_H
#include "formats/mailauth/mta_sts.h"
#include "foundation/base/arena.h"
#include "foundation/base/err.h"
#include "foundation/base/str.h"

struct txn;

/* --- domains --- */

struct domain {
	struct str name;
	struct str catchall; /* address for all other local parts; empty for none */
	int64_t created_ms;
	enum mta_sts_mode mta_sts;
	struct str alias_of; /* it is another name of this domain; empty for none */
};

struct domain_list {
	struct domain *items; /* by name */
	size_t count;
};

/* name: ASCII (A-labels for international ones), any case. ERR_CONFLICT: exists. */
enum err domain_add(struct txn *t, struct str name, struct why *why) MUST_USE;
/* ERR_CONFLICT: it still has accounts, aliases or groups, which why counts, or another domain is an
 * alias of it. Domain administrators lose it. */
enum err domain_rm(struct txn *t, struct str name, struct why *why) MUST_USE;
/* Fill *out; ERR_MISSING when it is not local. out may be NULL. */
enum err domain_get(struct txn *t, struct str name, struct arena *a, struct domain *out) MUST_USE;
enum err domain_list(struct txn *t, struct arena *a, struct domain_list *out) MUST_USE;
struct domain_counts {
	unsigned accounts, aliases, groups; /* lists count as aliases */
};

/* The number of addresses of each kind at a domain, whose name is in lower case. Linear in them. */
enum err domain_count(struct txn *t, struct str name, struct domain_counts *out) MUST_USE;
/* Send mail for all other local parts of the domain to this address, local or remote; an empty one
 * ends that. ERR_MISSING: no such domain, or the address is local and does not exist. */
enum err catchall_set(struct txn *t, struct str domain, struct str address,
                      struct why *why) MUST_USE;
/* Make domain another name of the domain of: local parts without an address in it are looked up
 * there. An empty one ends that. ERR_MISSING: one of them is not local; ERR_CONFLICT: of is an
 * alias itself, or domain has aliases: chains and cycles are impossible. */
enum err domain_alias_set(struct txn *t, struct str domain, struct str of,
                          struct why *why) MUST_USE;
/* ERR_MISSING: no such domain. */
enum err mta_sts_set(struct txn *t, struct str domain, enum mta_sts_mode mode,
                     struct why *why) MUST_USE;

/* --- accounts --- */

/* The rights of an account in addition to its own mail; each includes the previous ones. */
enum role {
	ROLE_USER,
	ROLE_ADMIN, /* domain administrator: accounts of the named domains */
	ROLE_OWNER, /* administers the server                                     */
};

/* "user", "admin", "owner": in the API, and on the command line. */
const char *role_name(enum role role);
bool role_parse(struct str name, enum role *out);

/* The administrator who changes an account. */
struct role_actor {
	enum role role;
	bool token; /* authenticated by an API token, not by a login */
};
/* May actor change an account of this role? Only owners change accounts of administrators, and no
 * token does: a token could give itself the console of its own account, or of an owner.
 * ERR_DENIED. */
enum err role_account_check(struct role_actor actor, enum role of, struct why *why) MUST_USE;
/* May actor change a role? from is ROLE_USER for a new account. ERR_DENIED. */
enum err role_change_check(struct role_actor actor, enum role from, enum role to,
                           struct why *why) MUST_USE;

/* Take the first name off a list of domains; false at its end. */
bool role_domains_next(struct str *list, struct str *item);
bool role_domains_have(struct str list, struct str name);

/* The part of INBOX that POP3 shows. Stored: never renumber. */
enum pop3_access {
	POP3_SHOWS_ALL,
	POP3_SHOWS_NEW, /* messages that have arrived since this was chosen */
	POP3_OFF,
};
/* "all", "new", "off" */
const char *pop3_access_name(enum pop3_access access);
bool pop3_access_parse(struct str name, enum pop3_access *out);

struct account {
	struct str address; /* primary address, which is the login name                */
	uint32_t id;        /* from 1                                                  */
	struct str name;    /* of the person, for display; may be empty                */
	bool logins;        /* the user may log in                                     */
	bool mail;          /* mail for the account is accepted, else refused with 550 */
	enum role role;
	struct str domains; /* of ROLE_ADMIN: names of local domains, separated by a blank; else
			     * empty */
	int64_t created_ms;
	uint64_t quota_bytes;  /* 0: no limit */
	uint64_t quota_emails; /* 0: no limit */
	uint64_t message_bytes; /* largest accepted message; 0: no limit */
	enum pop3_access pop3;
	int64_t pop3_from_ms;   /* of POP3_SHOWS_NEW: the time of that choice */
};

struct account_list {
	struct account *items; /* by address: domain, then local part */
	size_t count;
};

struct account_new {
	struct str address;
	struct str password_hash; /* from directory/login/credential.h, made outside of the
	                           * transaction; empty: no login until one is set */
	struct str name;          /* UTF-8, may be empty                                 */
	enum role role;
	struct str domains; /* of ROLE_ADMIN, as in struct account                 */
	uint64_t quota_bytes;
};

/* *id: of the new account. ERR_MISSING: the domain, or one to administer, is not local;
 * ERR_CONFLICT: the address exists. id may be NULL. */
enum err account_add(struct txn *t, const struct account_new *new, uint32_t *id,
                     struct why *why) MUST_USE;
/* Remove the account with its address and credentials, and its references in groups and aliases.
 * Aliases and catch-alls without another target are removed too. *id is for the caller, who removes
 * the mail in the same transaction (mailbox/ is above this folder). ERR_CONFLICT: it is the only
 * owner who may log in; no one could administer the server. */
enum err account_rm(struct txn *t, struct str address, uint32_t *id, struct why *why) MUST_USE;
enum err account_passwd(struct txn *t, struct str address, struct str password_hash,
                        struct why *why) MUST_USE;
/* Replace name, logins, mail, role, domains, quota, message size and POP3 of the account with this
 * id. ERR_CONFLICT: no owner who may log in would remain. ERR_MISSING: a domain to administer is
 * not local. */
enum err account_change(struct txn *t, const struct account *to, struct why *why) MUST_USE;

enum err account_get(struct txn *t, uint32_t id, struct arena *a, struct account *out) MUST_USE;
/* By primary address, in any case. out may be NULL. */
enum err account_find(struct txn *t, struct str address, struct arena *a,
                      struct account *out) MUST_USE;
enum err account_list(struct txn *t, struct arena *a, struct account_list *out) MUST_USE;

/* --- aliases --- */

enum alias_kind {
	ALIAS_PLAIN, /* another name of its targets; an only target may send as it */
	ALIAS_LIST,  /* a list with members and a rule for posting */
};

/* Permitted senders of a list: model/directory/may_post.h. */
enum list_post { POST_ANYBODY, POST_MEMBERS, POST_DOMAIN };

/* "alias", "list"; "anybody", "members", "domain". */
const char *alias_kind_name(enum alias_kind kind);
bool alias_kind_parse(struct str name, enum alias_kind *out);
const char *list_post_name(enum list_post post);
bool list_post_parse(struct str name, enum list_post *out);

struct alias {
	struct str address;
	struct str *targets;
	size_t count; /* 1 or more */
	enum alias_kind kind;
	enum list_post post;
	/* For a list: */
	struct str owner; /* gets the bounces of its messages; empty: its domain's postmaster */
	bool hidden;      /* the members are not shown */
	int64_t created_ms;
};

struct alias_list {
	struct alias *items; /* by address: domain, then local part */
	size_t count;
};

/* Send mail for address (local, not an account's or group's) to the targets, which may be accounts,
 * other aliases or remote addresses. Adds to the targets of an existing alias; a target that it has
 * already is no error. ERR_MISSING: the domain is not local, or a local target does not exist.
 * ERR_CONFLICT: the address is an account's or a group's. ERR_LIMIT: more than alias_targets. */
enum err alias_add(struct txn *t, struct str address, const struct str *targets, size_t count,
                   struct why *why) MUST_USE;
/* Replace the alias with the values of alias; created_ms is ignored, and so are post, owner and
 * hidden without ALIAS_LIST. Errors as alias_add, for the owner as for a target; ERR_LIMIT of a
 * list: more than list_members. */
enum err alias_set(struct txn *t, const struct alias *alias, struct why *why) MUST_USE;
/* ERR_MISSING: there is no such alias. out may be NULL. */
enum err alias_find(struct txn *t, struct str address, struct arena *a, struct alias *out) MUST_USE;
/* Remove it, also as a target of aliases and catch-alls, as in account_rm. */
enum err alias_rm(struct txn *t, struct str address, struct why *why) MUST_USE;
enum err alias_list(struct txn *t, struct arena *a, struct alias_list *out) MUST_USE;

#endif
