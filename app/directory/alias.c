/* directory/alias.c: aliases; see directory.h. */
#include "base/clock.h"
#include "config/limits.h"
#include "directory/directory.h"
#include "directory/normal.h"
#include "directory/route.h"
#include "directory/row.h"
#include "store/store.h"

#include <string.h>

/* The alias as it is, or a new one without targets. */
static enum err alias_open(struct txn *t, struct str address, struct route_row *out,
                           struct why *why)
{
	struct arena *a = txn_arena(t);
	struct mailaddr normal;
	struct domain_row domain;
	enum err e;

	if (!normal_address(a, address, &normal))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is no address", STR_ARG(address));
	normal = normal_fold(a, normal);
	e = row_domain_get(t, normal.domain, a, &domain);
	if (e == ERR_MISSING)
		return fail(why, e, "domain %.*s does not exist", STR_ARG(normal.domain));
	if (e == OK)
		e = row_route_get(t, &normal, a, out);
	if (e == OK && out->account != 0)
		return fail(why, ERR_CONFLICT, "%.*s is an account", STR_ARG(address));
	if (e != ERR_MISSING)
		return e;
	*out = (struct route_row){ .address = normal, .created_ms = clock_real_ms() };
	return OK;
}

static bool has(const struct route_row *row, const struct mailaddr *target)
{
	for (size_t i = 0; i < row->count; i++)
		if (mailaddr_equal(&row->targets[i], target))
			return true;
	return false;
}

enum err alias_add(struct txn *t, struct str address, const struct str *targets, size_t count,
                   struct why *why)
{
	struct arena *a = txn_arena(t);
	struct route_row row;
	struct mailaddr *old;
	enum err e = alias_open(t, address, &row, why);

	if (e != OK)
		return e;
	if (count == 0)
		return fail(why, ERR_SYNTAX, "an alias needs a target");
	if (row.count + count > LIMIT_alias_targets)
		return fail(why, ERR_LIMIT, "an alias has at most %d targets", LIMIT_alias_targets);
	old = row.targets;
	row.targets = arena_array(a, struct mailaddr, row.count + count);
	if (row.count != 0)
		memcpy(row.targets, old, row.count * sizeof(*old));
	for (size_t i = 0; i < count; i++) {
		struct mailaddr target;

		e = route_target_parse(t, targets[i], &target, why);
		if (e != OK)
			return e;
		if (mailaddr_equal(&target, &row.address))
			return fail(why, ERR_CONFLICT, "%.*s would send to itself",
			            STR_ARG(address));
		if (!has(&row, &target))
			row.targets[row.count++] = target;
	}
	return row_route_put(t, &row);
}

enum err alias_rm(struct txn *t, struct str address, struct why *why)
{
	struct mailaddr normal;
	struct route_row row;
	enum err e;

	if (!normal_address(txn_arena(t), address, &normal))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is no address", STR_ARG(address));
	normal = normal_fold(txn_arena(t), normal);
	e = row_route_get(t, &normal, txn_arena(t), &row);
	if (e == OK && row.account != 0)
		return fail(why, ERR_CONFLICT, "%.*s is an account", STR_ARG(address));
	if (e == ERR_MISSING)
		return fail(why, e, "alias %.*s does not exist", STR_ARG(address));
	if (e == OK)
		e = row_route_del(t, &normal);
	return e != OK ? e : route_forget(t, normal);
}

static struct alias alias_of(struct arena *a, const struct route_row *row)
{
	struct alias alias = {
		.address = normal_text(a, &row->address),
		.targets = arena_array(a, struct str, row->count),
		.count = row->count,
		.created_ms = row->created_ms,
	};

	for (size_t i = 0; i < row->count; i++)
		alias.targets[i] = normal_text(a, &row->targets[i]);
	return alias;
}

enum err alias_list(struct txn *t, struct arena *a, struct alias_list *out)
{
	struct kv_iter it;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct alias_list){ 0 };
	row_route_iter(&it, t, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		struct route_row row;

		e = row_route_read(&it, txn_arena(t), &row);
		if (e != OK || row.account != 0)
			continue;
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		out->items[out->count++] = alias_of(a, &row);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
