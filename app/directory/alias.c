/* directory/alias.c: aliases; see directory.h. */
#include "base/clock.h"
#include "config/limits.h"
#include "directory/directory.h"
#include "directory/normal.h"
#include "directory/route.h"
#include "directory/row.h"
#include "store/store.h"

#include <string.h>

/* --- Names of kinds and rules ---------------------------------------------------------- */

static const char *const kinds[] = { [ALIAS_PLAIN] = "alias", [ALIAS_LIST] = "list" };
static const char *const posts[] = {
	[POST_ANYBODY] = "anybody",
	[POST_MEMBERS] = "members",
	[POST_DOMAIN] = "domain",
};

/* Where name stands in names; false when it does not. */
static bool name_parse(const char *const *names, size_t count, struct str name, size_t *out)
{
	for (*out = 0; *out < count; ++*out)
		if (str_eq(name, str_of(names[*out])))
			return true;
	return false;
}

const char *alias_kind_name(enum alias_kind kind)
{
	return kinds[kind];
}

bool alias_kind_parse(struct str name, enum alias_kind *out)
{
	size_t i;

	if (!name_parse(kinds, COUNT(kinds), name, &i))
		return false;
	*out = (enum alias_kind)i;
	return true;
}

const char *list_post_name(enum list_post post)
{
	return posts[post];
}

bool list_post_parse(struct str name, enum list_post *out)
{
	size_t i;

	if (!name_parse(posts, COUNT(posts), name, &i))
		return false;
	*out = (enum list_post)i;
	return true;
}

static bool is_alias(const struct route_row *row)
{
	return row->account == 0 && row->group == 0;
}

static const char *article(const struct route_row *row)
{
	if (row->account != 0)
		return "an account";
	if (row->group != 0)
		return "a group";
	return row->kind == ALIAS_LIST ? "a list" : "an alias";
}

/* --- Changing --------------------------------------------------------------------------- */

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
	if (e == OK && !is_alias(out))
		return fail(why, ERR_CONFLICT, "%.*s is %s", STR_ARG(address), article(out));
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

/* Add the targets to the row, each once. */
static enum err targets_add(struct txn *t, struct route_row *row, const struct str *targets,
                            size_t count, struct why *why)
{
	size_t max = row->kind == ALIAS_LIST ? LIMIT_list_members : LIMIT_alias_targets;
	struct mailaddr *old = row->targets;

	if (row->count + count == 0)
		return fail(why, ERR_SYNTAX, "%s needs a target", article(row));
	if (row->count + count > max)
		return fail(why, ERR_LIMIT, "%s has at most %zu targets", article(row), max);
	row->targets = arena_array(txn_arena(t), struct mailaddr, row->count + count);
	if (row->count != 0)
		memcpy(row->targets, old, row->count * sizeof(*old));
	for (size_t i = 0; i < count; i++) {
		struct mailaddr target;
		enum err e = route_target_parse(t, targets[i], &target, why);

		if (e != OK)
			return e;
		if (mailaddr_equal(&target, &row->address))
			return fail(why, ERR_CONFLICT, "%.*s would send to itself",
			            STR_ARG(targets[i]));
		if (!has(row, &target))
			row->targets[row->count++] = target;
	}
	return OK;
}

enum err alias_add(struct txn *t, struct str address, const struct str *targets, size_t count,
                   struct why *why)
{
	struct route_row row;
	enum err e = alias_open(t, address, &row, why);

	if (e == OK)
		e = targets_add(t, &row, targets, count, why);
	return e != OK ? e : row_route_put(t, &row);
}

enum err alias_set(struct txn *t, const struct alias *alias, struct why *why)
{
	struct route_row row;
	enum err e = alias_open(t, alias->address, &row, why);

	if (e != OK)
		return e;
	row.count = 0;
	row.kind = alias->kind;
	row.post = alias->kind == ALIAS_LIST ? alias->post : POST_ANYBODY;
	e = targets_add(t, &row, alias->targets, alias->count, why);
	return e != OK ? e : row_route_put(t, &row);
}

/* The row of an alias that exists. */
static enum err row_find(struct txn *t, struct str address, struct arena *a, struct route_row *out,
                         struct why *why)
{
	struct mailaddr normal;
	enum err e;

	if (!normal_address(txn_arena(t), address, &normal))
		return fail(why, ERR_SYNTAX, "\"%.*s\" is no address", STR_ARG(address));
	normal = normal_fold(txn_arena(t), normal);
	e = row_route_get(t, &normal, a, out);
	if (e == OK && !is_alias(out))
		return fail(why, ERR_CONFLICT, "%.*s is %s", STR_ARG(address), article(out));
	if (e == ERR_MISSING)
		return fail(why, e, "alias %.*s does not exist", STR_ARG(address));
	return e;
}

enum err alias_rm(struct txn *t, struct str address, struct why *why)
{
	struct route_row row;
	enum err e = row_find(t, address, txn_arena(t), &row, why);

	if (e == OK)
		e = row_route_del(t, &row.address);
	return e != OK ? e : route_forget(t, row.address);
}

/* --- Reading ---------------------------------------------------------------------------- */

static struct alias alias_of(struct arena *a, const struct route_row *row)
{
	struct alias alias = {
		.address = mailaddr_text(a, &row->address),
		.targets = arena_array(a, struct str, row->count),
		.count = row->count,
		.kind = row->kind,
		.post = row->post,
		.created_ms = row->created_ms,
	};

	for (size_t i = 0; i < row->count; i++)
		alias.targets[i] = mailaddr_text(a, &row->targets[i]);
	return alias;
}

enum err alias_find(struct txn *t, struct str address, struct arena *a, struct alias *out)
{
	struct route_row row;
	enum err e = row_find(t, address, a, &row, NULL);

	if (e == ERR_CONFLICT) /* an account's or group's address is no alias */
		return ERR_MISSING;
	if (e == OK && out != NULL)
		*out = alias_of(a, &row);
	return e;
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
		if (e != OK || !is_alias(&row))
			continue;
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		out->items[out->count++] = alias_of(a, &row);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
