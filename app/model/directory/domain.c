/* model/directory/domain.c: domains and their catch-alls; see directory.h. */
#include "foundation/base/clock.h"
#include "foundation/text/idna.h"
#include "model/directory/directory.h"
#include "model/directory/dkim_key.h"
#include "model/directory/normal.h"
#include "model/directory/role.h"
#include "model/directory/route.h"
#include "model/directory/row.h"
#include "model/store/store.h"

static enum err name_parse(struct txn *t, struct str name, struct str *out, struct why *why)
{
	if (!normal_domain(txn_arena(t), name, out))
		return fail(why, ERR_SYNTAX,
		            "\"%.*s\" is not a domain name: give one like example.org",
		            STR_ARG(name));
	return OK;
}

enum err domain_add(struct txn *t, struct str name, struct why *why)
{
	struct domain_row row = { .created_ms = clock_real_ms() };
	enum err e = name_parse(t, name, &row.name, why);

	if (e != OK)
		return e;
	if (!idna_valid(row.name)) /* RFC 5891 4.2.1 */
		return fail(why, ERR_SYNTAX, "\"%.*s\" has an xn-- label that stands for nothing",
		            STR_ARG(row.name));
	e = kv_get(t, SPACE_DOMAIN, row.name, NULL);
	if (e == OK)
		return fail(why, ERR_CONFLICT, "domain %.*s exists", STR_ARG(row.name));
	return e == ERR_MISSING ? row_domain_put(t, &row) : e;
}

enum err domain_count(struct txn *t, struct str name, struct domain_counts *out)
{
	struct kv_iter it;
	struct route_row route;
	enum err e = OK;
	enum err walked;

	*out = (struct domain_counts){ 0 };
	row_route_iter(&it, t, name);
	while (e == OK && kv_iter_next(&it)) {
		e = row_route_read(&it, txn_arena(t), &route);
		if (e == OK)
			*(route.account != 0 ? &out->accounts
			  : route.group != 0 ? &out->groups
			                     : &out->aliases) += 1;
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* ERR_CONFLICT when another domain is an alias of this one; why names it. ERR_MISSING when there is
 * none. */
static enum err alias_domain_find(struct txn *t, struct str of, struct why *why)
{
	struct domain_row row;
	struct kv_iter it;
	enum err e = ERR_MISSING;
	enum err walked;

	kv_iter_prefix(&it, t, SPACE_DOMAIN, STR_EMPTY);
	while (e == ERR_MISSING && kv_iter_next(&it)) {
		e = row_domain_read(&it, txn_arena(t), &row);
		if (e == OK)
			e = !str_eq(row.alias_of, of)
			            ? ERR_MISSING
			            : fail(why, ERR_CONFLICT, "domain %.*s is an alias of %.*s",
			                   STR_ARG(row.name), STR_ARG(of));
	}
	walked = kv_iter_end(&it);
	return e != ERR_MISSING ? e : walked != OK ? walked : ERR_MISSING;
}

enum err domain_rm(struct txn *t, struct str name, struct why *why)
{
	struct domain_row row;
	struct str user;
	struct domain_counts has;
	enum err e = name_parse(t, name, &name, why);

	if (e == OK)
		e = row_domain_get(t, name, txn_arena(t), &row);
	if (e == ERR_MISSING)
		return fail(why, e, "domain %.*s does not exist", STR_ARG(name));
	if (e == OK)
		e = domain_count(t, name, &has);
	if (e != OK)
		return e;
	if (has.accounts + has.aliases + has.groups != 0)
		return fail(why, ERR_CONFLICT,
		            "domain %.*s still has %u accounts, %u aliases and %u groups",
		            STR_ARG(name), has.accounts, has.aliases, has.groups);
	/* A remaining target would become a remote address. */
	e = route_user_find(t, (struct mailaddr){ .domain = name }, &user);
	if (e == OK)
		return fail(why, ERR_CONFLICT, "%.*s still sends mail to domain %.*s",
		            STR_ARG(user), STR_ARG(name));
	if (e == ERR_MISSING)
		e = alias_domain_find(t, name, why);
	if (e == ERR_MISSING)
		e = role_domain_forget(t, name);
	if (e == OK)
		e = dkim_keys_rm(t, name);
	return e == OK ? row_domain_del(t, name) : e;
}

static struct domain domain_of_row(struct arena *a, const struct domain_row *row)
{
	return (struct domain){
		.name = row->name,
		.catchall = mailaddr_is_null(&row->catchall) ? STR_EMPTY
		                                             : mailaddr_text(a, &row->catchall),
		.created_ms = row->created_ms,
		.mta_sts = row->mta_sts,
		.alias_of = row->alias_of,
	};
}

enum err domain_get(struct txn *t, struct str name, struct arena *a, struct domain *out)
{
	struct domain_row row;
	enum err e = row_domain_get(t, str_lower(a, name), a, &row);

	if (e == OK && out != NULL)
		*out = domain_of_row(a, &row);
	return e;
}

enum err domain_list(struct txn *t, struct arena *a, struct domain_list *out)
{
	struct domain_row row;
	struct kv_iter it;
	size_t room = 0;
	enum err e = OK;
	enum err walked;

	*out = (struct domain_list){ 0 };
	kv_iter_prefix(&it, t, SPACE_DOMAIN, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		out->items = row_room(a, out->items, out->count, &room, sizeof(*out->items));
		e = row_domain_read(&it, a, &row);
		out->items[out->count++] = domain_of_row(a, &row);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

/* The row of a domain that is to be changed. */
static enum err domain_row_find(struct txn *t, struct str domain, struct domain_row *row,
                                struct why *why)
{
	enum err e = name_parse(t, domain, &domain, why);

	if (e == OK)
		e = row_domain_get(t, domain, txn_arena(t), row);
	if (e == ERR_MISSING)
		return fail(why, e, "domain %.*s does not exist", STR_ARG(domain));
	return e;
}

enum err catchall_set(struct txn *t, struct str domain, struct str address, struct why *why)
{
	struct domain_row row;
	enum err e = domain_row_find(t, domain, &row, why);

	if (e != OK)
		return e;
	row.catchall = (struct mailaddr){ 0 };
	if (address.n != 0)
		e = route_target_parse(t, address, &row.catchall, why);
	return e != OK ? e : row_domain_put(t, &row);
}

/* Can a domain be an alias of this one? */
static enum err alias_of_check(struct txn *t, struct str domain, struct str *of, struct why *why)
{
	struct domain_row row;
	enum err e = domain_row_find(t, *of, &row, why);

	if (e != OK)
		return e;
	*of = row.name;
	if (str_eq(row.name, domain))
		return fail(why, ERR_CONFLICT, "a domain is no alias of itself");
	if (row.alias_of.n != 0)
		return fail(why, ERR_CONFLICT, "domain %.*s is itself an alias, of %.*s",
		            STR_ARG(row.name), STR_ARG(row.alias_of));
	e = alias_domain_find(t, domain, why);
	return e == ERR_MISSING ? OK : e;
}

enum err domain_alias_set(struct txn *t, struct str domain, struct str of, struct why *why)
{
	struct domain_row row;
	enum err e = domain_row_find(t, domain, &row, why);

	if (e == OK && of.n != 0)
		e = alias_of_check(t, row.name, &of, why);
	row.alias_of = of;
	return e != OK ? e : row_domain_put(t, &row);
}

/* --- MTA-STS ------------------------------------------------------------------------------ */

enum err mta_sts_set(struct txn *t, struct str domain, enum mta_sts_mode mode, struct why *why)
{
	struct domain_row row;
	enum err e = domain_row_find(t, domain, &row, why);

	row.mta_sts = mode;
	return e != OK ? e : row_domain_put(t, &row);
}
