/* model/directory/alias.c: aliases; see directory.h. */
#include "foundation/base/clock.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "model/directory/normal.h"
#include "model/directory/pattern.h"
#include "model/directory/route.h"
#include "model/directory/row.h"
#include "model/store/store.h"

#include <string.h>

/* --- Names of kinds and rules ---------------------------------------------------------- */

static const char *const kinds[] = { [ALIAS_PLAIN] = "alias", [ALIAS_LIST] = "list" };
static const char *const posts[] = {
	[POST_ANYBODY] = "anybody",
	[POST_MEMBERS] = "members",
	[POST_DOMAIN] = "domain",
};

/* The index of name in names; false when it is not there. */
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

/* --- Names and patterns ------------------------------------------------------------------ */

/* The name of an alias: an address, or a domain with a pattern for the local part. */
struct name {
	struct mailaddr address; /* in normal form */
	bool pattern;
};

/* A pattern need not be a valid local part: it is the text before the last "@". */
static enum err alias_name_of(struct arena *a, struct str text, struct name *out, struct why *why)
{
	ptrdiff_t at = str_rfind_byte(str_trim(text), '@');
	struct str local = at > 0 ? str_sub(str_trim(text), 0, (size_t)at) : STR_EMPTY;

	*out = (struct name){ .pattern = pattern_is(local) };
	text = str_trim(text);
	if (!out->pattern && !normal_address(a, text, &out->address))
		return fail(why, ERR_SYNTAX,
		            "\"%.*s\" is not an address: give name@domain",
		            STR_ARG(text));
	if (out->pattern && !normal_domain(a, str_sub(text, (size_t)at + 1, text.n),
	                                   &out->address.domain))
		return fail(why, ERR_SYNTAX, "\"%.*s\" has no domain after the @",
		            STR_ARG(text));
	if (out->pattern)
		out->address.local = local;
	if (!pattern_is_expression(local))
		out->address = normal_fold(a, out->address);
	return OK;
}

static enum err alias_row_get(struct txn *t, const struct name *name, struct arena *a,
                        struct route_row *out)
{
	return name->pattern ? row_pattern_get(t, &name->address, a, out)
	                     : row_route_get(t, &name->address, a, out);
}

/* Every pattern is matched with every unknown name, so their number is limited. */
static enum err patterns_room(struct txn *t, struct str domain, struct why *why)
{
	struct kv_iter it;
	size_t count = 0;
	enum err e;

	row_pattern_iter(&it, t, domain);
	while (kv_iter_next(&it))
		count++;
	e = kv_iter_end(&it);
	if (e == OK && count >= LIMIT_alias_patterns)
		e = fail(why, ERR_LIMIT, "a domain has at most %d patterns", LIMIT_alias_patterns);
	return e;
}

/* --- Changing --------------------------------------------------------------------------- */

/* Reads the alias, or makes a new one without targets. */
static enum err alias_open(struct txn *t, struct str address, struct route_row *out,
                           struct why *why)
{
	struct arena *a = txn_arena(t);
	struct domain_row domain;
	struct name name;
	enum err e = alias_name_of(a, address, &name, why);

	if (e == OK && name.pattern)
		e = pattern_check(name.address.local, why);
	if (e != OK)
		return e;
	e = row_domain_get(t, name.address.domain, a, &domain);
	if (e == ERR_MISSING)
		return fail(why, e, "domain %.*s does not exist", STR_ARG(name.address.domain));
	if (e == OK)
		e = alias_row_get(t, &name, a, out);
	if (e == OK && !is_alias(out))
		return fail(why, ERR_CONFLICT, "%.*s is %s", STR_ARG(address), article(out));
	if (e != ERR_MISSING)
		return e;
	*out = (struct route_row){ .address = name.address,
		                   .pattern = name.pattern,
		                   .created_ms = clock_real_ms() };
	return name.pattern ? patterns_room(t, name.address.domain, why) : OK;
}

static bool alias_has(const struct route_row *row, const struct mailaddr *target)
{
	for (size_t i = 0; i < row->count; i++)
		if (mailaddr_equal(&row->targets[i], target))
			return true;
	return false;
}

/* Whether a target with marks exists is known only when they are filled in. */
static enum err mark_parse(struct txn *t, struct str text, struct mailaddr *out, struct why *why)
{
	if (normal_address(txn_arena(t), text, out) && pattern_has_marks(out->local))
		return OK;
	return route_target_parse(t, text, out, why);
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
		enum err e = row->pattern ? mark_parse(t, targets[i], &target, why)
		                          : route_target_parse(t, targets[i], &target, why);

		if (e != OK)
			return e;
		if (mailaddr_equal(&target, &row->address))
			return fail(why, ERR_CONFLICT, "%.*s would send to itself",
			            STR_ARG(targets[i]));
		if (!alias_has(row, &target))
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

/* Takes the fields that only a list has. */
static enum err list_take(struct txn *t, struct route_row *row, const struct alias *alias,
                          struct why *why)
{
	row->post = POST_ANYBODY;
	row->owner = (struct mailaddr){ 0 };
	row->hidden = false;
	if (alias->kind != ALIAS_LIST)
		return OK;
	row->post = alias->post;
	row->hidden = alias->hidden;
	return alias->owner.n != 0 ? route_target_parse(t, alias->owner, &row->owner, why) : OK;
}

enum err alias_set(struct txn *t, const struct alias *alias, struct why *why)
{
	struct route_row row;
	enum err e = alias_open(t, alias->address, &row, why);

	if (e != OK)
		return e;
	row.count = 0;
	if (row.pattern && alias->kind == ALIAS_LIST)
		return fail(why, ERR_SYNTAX, "a list has one name, no pattern");
	row.kind = alias->kind;
	e = list_take(t, &row, alias, why);
	if (e == OK)
		e = targets_add(t, &row, alias->targets, alias->count, why);
	return e != OK ? e : row_route_put(t, &row);
}

/* The row of an alias that exists. */
static enum err alias_row_find(struct txn *t, struct str address, struct arena *a,
                               struct route_row *out, struct why *why)
{
	struct name name;
	enum err e = alias_name_of(txn_arena(t), address, &name, why);

	if (e == OK)
		e = alias_row_get(t, &name, a, out);
	if (e == OK && !is_alias(out))
		return fail(why, ERR_CONFLICT, "%.*s is %s", STR_ARG(address), article(out));
	if (e == ERR_MISSING)
		return fail(why, e, "alias %.*s does not exist", STR_ARG(address));
	return e;
}

enum err alias_rm(struct txn *t, struct str address, struct why *why)
{
	struct route_row row;
	enum err e = alias_row_find(t, address, txn_arena(t), &row, why);

	if (e == OK && row.pattern)
		return row_pattern_del(t, &row.address);
	if (e == OK)
		e = row_route_del(t, &row.address);
	return e != OK ? e : route_forget(t, row.address);
}

/* --- Reading ---------------------------------------------------------------------------- */

static struct alias alias_of(struct arena *a, const struct route_row *row)
{
	struct alias alias = {
		.address = route_text(a, row),
		.targets = arena_array(a, struct str, row->count),
		.count = row->count,
		.kind = row->kind,
		.post = row->post,
		.owner = mailaddr_text(a, &row->owner),
		.hidden = row->hidden,
		.created_ms = row->created_ms,
	};

	for (size_t i = 0; i < row->count; i++)
		alias.targets[i] = mailaddr_text(a, &row->targets[i]);
	return alias;
}

enum err alias_find(struct txn *t, struct str address, struct arena *a, struct alias *out)
{
	struct route_row row;
	enum err e = alias_row_find(t, address, a, &row, NULL);

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
