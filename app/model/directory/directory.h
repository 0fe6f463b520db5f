/* model/directory/directory.h: who gets mail here: domains, accounts, aliases.
 *
 * Key spaces, written by this folder only, besides those of logins and second factors:
 *
 *	domain:     name                -> catch-all address, whose alias it is
 *	account:    id                  -> primary address, name, role, quota; row 0 holds
 *	                                   the next id, since an id is never used again
 *	group:      id                  -> address, title; ids of the same counter (group.h)
 *	member:     id, id              -> nothing: group and account, and the other way round
 *	address:    domain NUL local    -> an account's or group's id, or an alias' targets
 *	credential: id, number          -> Argon2id string; number 0 is the password, others
 *	                                   are for app passwords
 *
 * so the addresses of a domain lie together, and a recipient is one look-up. The ids of
 * accounts are what every other folder knows an account by; what an account's mailboxes
 * hold and count belongs to mailbox/.
 *
 * Addresses are kept and compared in one form (address_normal in model/directory/normal.h):
 * domain in lower case and A-labels, local part unquoted, in NFC, ASCII letters in lower
 * case: RFC 5321 2.4 leaves case to the receiving domain, and people do not know it has
 * any.
 *
 * Functions that change something run inside store_write, those that read in either kind
 * of transaction. Their errors, besides those of the store:
 *
 *	ERR_SYNTAX    that is no address or domain name
 *	ERR_MISSING   no such domain, account, alias
 *	ERR_CONFLICT  it exists already, or something else still needs it
 *	ERR_LIMIT     more than a row of limits.def allows
 *
 * and why says it in a sentence for the administrator. Results live in the given arena. */
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
	struct str catchall; /* address that gets what no other does; empty for none */
	int64_t created_ms;
	enum mta_sts_mode mta_sts;
	struct str alias_of; /* its names are those of this domain; empty for none */
};

struct domain_list {
	struct domain *items; /* by name */
	size_t count;
};

/* name: ASCII (A-labels for international ones), any case. ERR_CONFLICT: exists. */
enum err domain_add(struct txn *t, struct str name, struct why *why) MUST_USE;
/* ERR_CONFLICT: it still has accounts, aliases or groups, which why counts. Its administrators have
 * one domain less; so it is when another domain is an alias of it. */
enum err domain_rm(struct txn *t, struct str name, struct why *why) MUST_USE;
/* Fill *out; ERR_MISSING when it is not ours. out may be NULL. */
enum err domain_get(struct txn *t, struct str name, struct arena *a, struct domain *out) MUST_USE;
enum err domain_list(struct txn *t, struct arena *a, struct domain_list *out) MUST_USE;
struct domain_counts {
	unsigned accounts, aliases, groups; /* lists count as aliases */
};

/* How many addresses of each kind are at a domain, whose name is in lower case. Linear in
 * them. */
enum err domain_count(struct txn *t, struct str name, struct domain_counts *out) MUST_USE;
/* Send what no other address of the domain takes to this address, ours or not; an empty
 * one ends that. ERR_MISSING: no such domain, or the address is at a domain of ours and
 * does not exist. */
enum err catchall_set(struct txn *t, struct str domain, struct str address,
                      struct why *why) MUST_USE;
/* Make it another name of the domain of: what no address of its own takes goes to the same name
 * there. An empty one ends that. ERR_MISSING: one of them is not ours; ERR_CONFLICT: of is an alias
 * itself, or the domain has aliases, so that no chain and no circle can be. */
enum err domain_alias_set(struct txn *t, struct str domain, struct str of,
                          struct why *why) MUST_USE;
/* ERR_MISSING: no such domain. */
enum err mta_sts_set(struct txn *t, struct str domain, enum mta_sts_mode mode,
                     struct why *why) MUST_USE;

/* --- accounts --- */

/* What an account may do besides reading and sending its mail; each includes the ones before. */
enum role {
	ROLE_USER,
	ROLE_ADMIN, /* domain administrator: people of the domains that are named */
	ROLE_OWNER, /* administers the server                                     */
};

/* "user", "admin", "owner": in the API, and on the command line. */
const char *role_name(enum role role);
bool role_parse(struct str name, enum role *out);

/* The first name of a list of domains, which moves behind it; false at its end. */
bool role_domains_next(struct str *list, struct str *item);
bool role_domains_have(struct str list, struct str name);

struct account {
	struct str address; /* primary address, which is the login name                */
	uint32_t id;        /* from 1                                                  */
	struct str name;    /* of the person, for display; may be empty                */
	bool logins;        /* the user may log in                                     */
	bool mail;          /* mail for the account is accepted, else refused with 550 */
	enum role role;
	struct str domains; /* of ROLE_ADMIN: names of ours with a blank between, else empty */
	int64_t created_ms;
	uint64_t quota_bytes;  /* 0: none                                               */
	uint64_t quota_emails; /* 0: none                                              */
	uint64_t message_bytes; /* largest message it takes; 0: any               */
};

struct account_list {
	struct account *items; /* by address: domain, then local part */
	size_t count;
};

struct account_new {
	struct str address;
	struct str password_hash; /* of directory/login/credential.h, made outside the transaction;
	                           * empty: nobody can log in until one is set           */
	struct str name;          /* UTF-8, may be empty                                 */
	enum role role;
	struct str domains; /* of ROLE_ADMIN, as in struct account                 */
	uint64_t quota_bytes;
};

/* *id is the new account's. ERR_MISSING: the domain, or one to administer, is not ours;
 * ERR_CONFLICT: the address is taken. id may be NULL. */
enum err account_add(struct txn *t, const struct account_new *new, uint32_t *id,
                     struct why *why) MUST_USE;
/* Remove the account with its address and credentials. Groups lose it as a member, aliases as a
 * target; those that had no other go too, and so does a catch-all that named it. *id tells the
 * caller whose mail to remove, in the same transaction (mailbox/ is above this folder).
 * ERR_CONFLICT: it is the only owner who may log in, without whom nobody could administer the
 * server. */
enum err account_rm(struct txn *t, struct str address, uint32_t *id, struct why *why) MUST_USE;
enum err account_passwd(struct txn *t, struct str address, struct str password_hash,
                        struct why *why) MUST_USE;
/* Replace name, logins, mail, role, domains, quota and message size of the account with this id.
 * ERR_CONFLICT: it would leave no owner who may log in where there is one. ERR_MISSING: a domain to
 * administer is not ours. */
enum err account_change(struct txn *t, const struct account *to, struct why *why) MUST_USE;

enum err account_get(struct txn *t, uint32_t id, struct arena *a, struct account *out) MUST_USE;
/* By primary address, in any case. out may be NULL. */
enum err account_find(struct txn *t, struct str address, struct arena *a,
                      struct account *out) MUST_USE;
enum err account_list(struct txn *t, struct arena *a, struct account_list *out) MUST_USE;

/* --- aliases --- */

enum alias_kind {
	ALIAS_PLAIN, /* another name for its targets; who is the only one may send as it */
	ALIAS_LIST,  /* its targets are members, and who may write to them is a rule     */
};

/* Who may write to a list: model/directory/may_post.h. */
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
	/* Of a list: */
	struct str owner; /* gets the bounces of what it sends on; empty: its domain's postmaster */
	bool hidden;      /* nobody is told who its members are                                  */
	int64_t created_ms;
};

struct alias_list {
	struct alias *items; /* by address: domain, then local part */
	size_t count;
};

/* Send mail for address (at a domain of ours, not an account's or group's) on to the targets, which
 * may be accounts, other aliases or addresses elsewhere. Adds to the targets of an alias
 * that exists; one it has already is no error. ERR_MISSING: the domain is not ours, or a
 * target is at a domain of ours and does not exist. ERR_CONFLICT: the address is an
 * account's or a group's. ERR_LIMIT: more than alias_targets. */
enum err alias_add(struct txn *t, struct str address, const struct str *targets, size_t count,
                   struct why *why) MUST_USE;
/* Make the alias what alias says, with these targets and no others; created_ms counts for
 * nothing, and so do post, owner and hidden of what is no list. Errors as of alias_add, of the
 * owner as of a target; ERR_LIMIT of a list: more than list_members. */
enum err alias_set(struct txn *t, const struct alias *alias, struct why *why) MUST_USE;
/* ERR_MISSING: there is no such alias. out may be NULL. */
enum err alias_find(struct txn *t, struct str address, struct arena *a, struct alias *out) MUST_USE;
/* Remove it; as with account_rm, aliases and catch-alls lose it as a target. */
enum err alias_rm(struct txn *t, struct str address, struct why *why) MUST_USE;
enum err alias_list(struct txn *t, struct arena *a, struct alias_list *out) MUST_USE;

#endif
