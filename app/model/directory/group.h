/* model/directory/group.h: groups of accounts.
 *
 * A group has an address of a local domain, a title, and accounts as members. Access rights refer
 * to its id, which comes from the same counter as those of accounts: an id identifies one account
 * or one group for ever, so a new group with an old name inherits no rights. Its address may also
 * accept mail, which is then delivered to every member as for a list (resolve.h, may_post.h).
 *
 * Members are accounts only, not groups: membership is one look-up, the groups of an account are
 * one short scan, and there are no cycles.
 *
 * Errors as in directory.h, which has the other addresses. */
#ifndef DIRECTORY_GROUP_H
#define DIRECTORY_GROUP_H
#include "model/directory/directory.h"

struct group {
	struct str address;
	uint32_t id;
	struct str title;    /* for people: one line of UTF-8, may be empty       */
	struct str *members; /* primary addresses of accounts, by id: by age      */
	size_t count;        /* may be 0                                          */
	bool mail;           /* the address accepts mail for all members */
	enum list_post post; /* who may post to it then */
	int64_t created_ms;
};

struct group_list {
	struct group *items; /* by id */
	size_t count;
};

/* Replace the group with the values of to; id and created_ms are ignored. ERR_SYNTAX also for a
 * title of two lines; ERR_MISSING: the domain is not local, or a member is not an account;
 * ERR_CONFLICT: the address is an account's or alias'; ERR_LIMIT: more than group_members. */
enum err group_set(struct txn *t, const struct group *to, struct why *why) MUST_USE;
/* Remove it, also as a target of aliases and catch-alls, as in account_rm. */
enum err group_rm(struct txn *t, struct str address, struct why *why) MUST_USE;
/* ERR_MISSING: there is no such group. out may be NULL. */
enum err group_find(struct txn *t, struct str address, struct arena *a, struct group *out) MUST_USE;
enum err group_get(struct txn *t, uint32_t id, struct arena *a, struct group *out) MUST_USE;
enum err group_list(struct txn *t, struct arena *a, struct group_list *out) MUST_USE;

/* Is the account a member? One look-up. Unassigned ids are in no group. */
enum err directory_group_has(struct txn *t, uint32_t group, uint32_t account, bool *yes) MUST_USE;
/* Ids of the account's groups, ascending, in a: a scan of as many rows. */
enum err directory_groups_of(struct txn *t, uint32_t account, struct arena *a, uint32_t **groups,
                             size_t *count) MUST_USE;

/* Remove a deleted account from its groups. For account_rm. */
enum err group_forget(struct txn *t, uint32_t account) MUST_USE;

#endif
