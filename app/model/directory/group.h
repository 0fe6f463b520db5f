/* model/directory/group.h: groups: people who are named together.
 *
 * A group has an address of a domain of ours, a title, and accounts as members. Rights are given
 * to its id, which comes of the same counter as those of accounts: so an id names one account or
 * one group for ever, and a group that is made anew inherits nothing. Its address may also take
 * mail, which then goes to every member as a list's does (resolve.h, may_post.h).
 *
 * Members are accounts only, never groups: "is he in it" is one look-up, "which is he in" one
 * short scan, and nothing can run in a circle.
 *
 * Errors as in directory.h, which has the rest of the addresses. */
#ifndef DIRECTORY_GROUP_H
#define DIRECTORY_GROUP_H
#include "model/directory/directory.h"

struct group {
	struct str address;
	uint32_t id;
	struct str title;    /* for people: one line of UTF-8, may be empty       */
	struct str *members; /* primary addresses of accounts, by id: by age      */
	size_t count;        /* may be 0                                          */
	bool mail;           /* the address takes mail, and each member gets it   */
	enum list_post post; /* who may write to it then                          */
	int64_t created_ms;
};

struct group_list {
	struct group *items; /* by id */
	size_t count;
};

/* Make the group what to says, with these members and no others; id and created_ms count for
 * nothing. ERR_SYNTAX also for a title of two lines; ERR_MISSING: the domain is not ours, or a
 * member is no account; ERR_CONFLICT: the address is an account's or alias'; ERR_LIMIT: more
 * than group_members. */
enum err group_set(struct txn *t, const struct group *to, struct why *why) MUST_USE;
/* Remove it; as with account_rm, aliases and catch-alls lose it as a target. */
enum err group_rm(struct txn *t, struct str address, struct why *why) MUST_USE;
/* ERR_MISSING: there is no such group. out may be NULL. */
enum err group_find(struct txn *t, struct str address, struct arena *a, struct group *out) MUST_USE;
enum err group_get(struct txn *t, uint32_t id, struct arena *a, struct group *out) MUST_USE;
enum err group_list(struct txn *t, struct arena *a, struct group_list *out) MUST_USE;

/* Is the account a member? One look-up. Ids that nobody has are in nothing. */
enum err directory_group_has(struct txn *t, uint32_t group, uint32_t account, bool *yes) MUST_USE;
/* Ids of the groups it is in, ascending, in a: a scan of as many rows. */
enum err directory_groups_of(struct txn *t, uint32_t account, struct arena *a, uint32_t **groups,
                             size_t *count) MUST_USE;

/* The account goes: it is in no group any more. For account_rm. */
enum err group_forget(struct txn *t, uint32_t account) MUST_USE;

#endif
