/* model/directory/role.c: see role.h. */
#include "model/directory/role.h"

#include "foundation/config/limits.h"
#include "model/directory/normal.h"
#include "model/store/store.h"

static const char *const names[] = {
	[ROLE_USER] = "user",
	[ROLE_ADMIN] = "admin",
	[ROLE_OWNER] = "owner",
};

const char *role_name(enum role role)
{
	return names[role];
}

bool role_parse(struct str name, enum role *out)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		if (!str_eq(name, str_of(names[i])))
			continue;
		*out = (enum role)i;
		return true;
	}
	return false;
}

enum err role_account_check(struct role_actor actor, enum role of, struct why *why)
{
	if (of == ROLE_USER)
		return OK;
	if (actor.role != ROLE_OWNER)
		return fail(why, ERR_DENIED, "only an owner may change accounts of administrators");
	return actor.token ? fail(why, ERR_DENIED,
	                          "an API token cannot change accounts of administrators. Log in.")
	                   : OK;
}

enum err role_change_check(struct role_actor actor, enum role from, enum role to, struct why *why)
{
	if (actor.token && to != ROLE_USER)
		return fail(why, ERR_DENIED, "an API token cannot change roles. Log in.");
	if (actor.role != ROLE_OWNER && to != from)
		return fail(why, ERR_DENIED, "only an owner may change roles");
	return OK;
}

/* Append name to the list unless it is in there. */
static struct str list_with(struct arena *a, struct str list, struct str name)
{
	if (role_domains_have(list, name))
		return list;
	return str_fmt(a, "%.*s%s%.*s", STR_ARG(list), list.n != 0 ? " " : "", STR_ARG(name));
}

static struct str list_without(struct arena *a, struct str list, struct str name)
{
	struct str rest = list, kept = STR_EMPTY, item;

	while (role_domains_next(&rest, &item))
		if (!str_eq(item, name))
			kept = list_with(a, kept, item);
	return kept;
}

bool role_domains_next(struct str *list, struct str *item)
{
	ptrdiff_t end;

	*list = str_trim(*list);
	end = str_find_byte(*list, ' ');
	*item = end < 0 ? *list : str_sub(*list, 0, (size_t)end);
	*list = str_sub(*list, item->n, list->n);
	return item->n != 0;
}

bool role_domains_have(struct str list, struct str name)
{
	struct str item;

	while (role_domains_next(&list, &item))
		if (str_eqi(item, name))
			return true;
	return false;
}

enum err role_set(struct txn *t, enum role role, struct str domains, struct account_row *row,
                  struct why *why)
{
	struct arena *a = txn_arena(t);
	struct str item, name;
	unsigned count = 0;

	row->role = role;
	row->domains = STR_EMPTY;
	while (role == ROLE_ADMIN && role_domains_next(&domains, &item)) {
		enum err e;

		if (++count > LIMIT_admin_domains)
			return fail(why, ERR_LIMIT, "at most %d domains for one administrator",
			            LIMIT_admin_domains);
		if (!normal_domain(a, item, &name))
			return fail(why, ERR_SYNTAX, "\"%.*s\" is no domain name", STR_ARG(item));
		e = kv_get(t, SPACE_DOMAIN, name, NULL);
		if (e == ERR_MISSING)
			return fail(why, e, "domain %.*s does not exist", STR_ARG(name));
		if (e != OK)
			return e;
		row->domains = list_with(a, row->domains, name);
	}
	return OK;
}

enum err role_domain_forget(struct txn *t, struct str domain)
{
	struct kv_iter it;
	struct account_row row;
	enum err e = OK;
	enum err walked;

	row_account_iter(&it, t);
	while (e == OK && kv_iter_next(&it)) {
		e = row_account_read(&it, txn_arena(t), &row);
		if (e != OK || !role_domains_have(row.domains, domain))
			continue;
		row.domains = list_without(txn_arena(t), row.domains, domain);
		e = row_account_put(t, &row);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}
