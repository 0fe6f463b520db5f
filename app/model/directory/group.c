/* model/directory/group.c: see group.h. */
#include "model/directory/group.h"

#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/normal.h"
#include "model/directory/route.h"
#include "model/directory/row.h"
#include "model/store/store.h"

/* --- Reading ---------------------------------------------------------------------------- */

static enum err members_read(struct txn *t, struct arena *a, struct group *out)
{
	struct account_row account;
	uint32_t *ids;
	enum err e = row_member_list(t, out->id, txn_arena(t), &ids, &out->count);

	if (e != OK)
		return e;
	out->members = arena_array(a, struct str, out->count);
	for (size_t i = 0; i < out->count; i++) {
		e = row_account_get(t, ids[i], txn_arena(t), &account);
		if (e != OK)
			return e == ERR_MISSING ? ERR_CORRUPT : e;
		out->members[i] = mailaddr_text(a, &account.address);
	}
	return OK;
}

static enum err group_of(struct txn *t, struct arena *a, const struct group_row *row,
                         struct group *out)
{
	*out = (struct group){
		.id = row->id,
		.address = mailaddr_text(a, &row->address),
		.title = str_dup(a, row->title),
		.mail = row->mail,
		.post = row->post,
		.created_ms = row->created_ms,
	};
	return members_read(t, a, out);
}

enum err group_get(struct txn *t, uint32_t id, struct arena *a, struct group *out)
{
	struct group_row row;
	enum err e = row_group_get(t, id, txn_arena(t), &row);

	return e != OK ? e : group_of(t, a, &row, out);
}

/* The row of a group that exists. */
static enum err group_row_find(struct txn *t, struct str address, struct group_row *out,
                               struct why *why)
{
	struct arena *a = txn_arena(t);
	struct mailaddr normal;
	struct route_row route;
	enum err e;

	if (!normal_address(a, address, &normal))
		return fail(why, ERR_SYNTAX,
		            "\"%.*s\" is not an address: give name@domain",
		            STR_ARG(address));
	normal = normal_fold(a, normal);
	e = row_route_get(t, &normal, a, &route);
	if (e == ERR_MISSING || (e == OK && route.group == 0))
		return fail(why, ERR_MISSING, "group %.*s does not exist", STR_ARG(address));
	if (e == OK)
		e = row_group_get(t, route.group, a, out);
	return e == ERR_MISSING ? ERR_CORRUPT : e;
}

enum err group_find(struct txn *t, struct str address, struct arena *a, struct group *out)
{
	struct group_row row;
	enum err e = group_row_find(t, address, &row, NULL);

	return e != OK || out == NULL ? e : group_of(t, a, &row, out);
}

enum err group_list(struct txn *t, struct arena *a, struct group_list *out)
{
	struct kv_iter it;
	struct group_row row;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct group_list){ 0 };
	kv_iter_prefix(&it, t, SPACE_GROUP, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		e = row_group_read(&it, txn_arena(t), &row);
		if (e == OK)
			e = group_of(t, a, &row, &out->items[out->count++]);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err directory_group_has(struct txn *t, uint32_t group, uint32_t account, bool *yes)
{
	return row_member_has(t, group, account, yes);
}

enum err directory_groups_of(struct txn *t, uint32_t account, struct arena *a, uint32_t **groups,
                             size_t *count)
{
	return row_member_list(t, account, a, groups, count);
}

/* --- Changing --------------------------------------------------------------------------- */

/* Makes the row and the address of a new group. */
static enum err group_new(struct txn *t, struct str address, struct group_row *out, struct why *why)
{
	struct arena *a = txn_arena(t);
	struct route_row route = { .created_ms = clock_real_ms() };
	enum err e;

	*out = (struct group_row){ .created_ms = route.created_ms };
	if (!normal_address(a, address, &out->address))
		return fail(why, ERR_SYNTAX,
		            "\"%.*s\" is not an address: give name@domain",
		            STR_ARG(address));
	out->address = normal_fold(a, out->address);
	e = route_free(t, &out->address, why);
	if (e == OK)
		e = row_account_id_take(t, &out->id);
	route.address = out->address;
	route.group = out->id;
	return e != OK ? e : row_route_put(t, &route);
}

static bool holds(const uint32_t *ids, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (ids[i] == id)
			return true;
	return false;
}

/* Stores the ids of the accounts with these addresses in to, which has room for all; each once. */
static enum err accounts_find(struct txn *t, const struct group *group, uint32_t *to, size_t *count,
                              struct why *why)
{
	struct account account;

	*count = 0;
	for (size_t i = 0; i < group->count; i++) {
		enum err e = account_find(t, group->members[i], txn_arena(t), &account);

		if (e == ERR_MISSING || e == ERR_SYNTAX)
			return fail(why, ERR_MISSING, "there is no account %.*s",
			            STR_ARG(group->members[i]));
		if (e != OK)
			return e;
		if (!holds(to, *count, account.id))
			to[(*count)++] = account.id;
	}
	return OK;
}

static enum err members_set(struct txn *t, uint32_t id, const struct group *to, struct why *why)
{
	uint32_t *want = arena_array(txn_arena(t), uint32_t, to->count);
	uint32_t *had;
	size_t want_count, had_count;
	enum err e = accounts_find(t, to, want, &want_count, why);

	if (e == OK)
		e = row_member_list(t, id, txn_arena(t), &had, &had_count);
	for (size_t i = 0; e == OK && i < had_count; i++)
		if (!holds(want, want_count, had[i]))
			e = row_member_del(t, id, had[i]);
	for (size_t i = 0; e == OK && i < want_count; i++)
		if (!holds(had, had_count, want[i]))
			e = row_member_put(t, id, want[i]);
	return e;
}

enum err group_set(struct txn *t, const struct group *to, struct why *why)
{
	struct group_row row;
	enum err e;

	if (!normal_line(to->title))
		return fail(why, ERR_SYNTAX, "a title is one line of UTF-8 text");
	if (to->count > LIMIT_group_members)
		return fail(why, ERR_LIMIT, "a group has at most %d members", LIMIT_group_members);
	e = group_row_find(t, to->address, &row, why);
	if (e == ERR_MISSING)
		e = group_new(t, to->address, &row, why);
	row.title = to->title;
	row.mail = to->mail;
	row.post = to->mail ? to->post : POST_ANYBODY;
	if (e == OK)
		e = row_group_put(t, &row);
	return e != OK ? e : members_set(t, row.id, to, why);
}

enum err group_rm(struct txn *t, struct str address, struct why *why)
{
	const struct group empty = { .count = 0 };
	struct group_row row;
	enum err e = group_row_find(t, address, &row, why);

	if (e == OK)
		e = members_set(t, row.id, &empty, why);
	if (e == OK)
		e = row_group_del(t, row.id);
	if (e == OK)
		e = row_route_del(t, &row.address);
	return e != OK ? e : route_forget(t, row.address);
}

enum err group_forget(struct txn *t, uint32_t account)
{
	uint32_t *groups;
	size_t count;
	enum err e = row_member_list(t, account, txn_arena(t), &groups, &count);

	for (size_t i = 0; e == OK && i < count; i++)
		e = row_member_del(t, groups[i], account);
	return e;
}
