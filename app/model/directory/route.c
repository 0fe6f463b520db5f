/* model/directory/route.c: see route.h. */
#include "model/directory/route.h"

#include "model/directory/normal.h"
#include "model/directory/row.h"
#include "model/store/store.h"

static bool route_name_byte(char c)
{
	return ascii_alnum(c) || (unsigned char)c >= 0x80;
}

/* Is target this address, with or without a tag? */
static bool names(const struct mailaddr *target, const struct mailaddr *address)
{
	if (!str_eq(target->domain, address->domain))
		return false;
	if (address->local.n == 0)
		return true;
	return str_starts(target->local, address->local) &&
	       (target->local.n == address->local.n ||
	        !route_name_byte(target->local.p[address->local.n]));
}

enum err route_exists(struct txn *t, const struct mailaddr *address)
{
	struct mailaddr shorter = *address;
	struct route_row row;
	enum err e = row_route_get(t, address, txn_arena(t), &row);

	while (e == ERR_MISSING && shorter.local.n > 1) {
		shorter.local.n--;
		if (!route_name_byte(address->local.p[shorter.local.n]))
			e = row_route_get(t, &shorter, txn_arena(t), &row);
	}
	return e;
}

const char *route_kind(const struct route_row *row)
{
	return row->account != 0 ? "account"
	       : row->group != 0 ? "group"
	                         : alias_kind_name(row->kind);
}

struct str route_text(struct arena *a, const struct route_row *row)
{
	if (!row->pattern)
		return mailaddr_text(a, &row->address);
	return str_fmt(a, "%.*s@%.*s", STR_ARG(row->address.local), STR_ARG(row->address.domain));
}

enum err route_free(struct txn *t, const struct mailaddr *address, struct why *why)
{
	struct domain_row domain;
	struct route_row taken;
	enum err e = row_domain_get(t, address->domain, txn_arena(t), &domain);

	if (e == ERR_MISSING)
		return fail(why, e, "domain %.*s does not exist", STR_ARG(address->domain));
	if (e != OK)
		return e;
	e = row_route_get(t, address, txn_arena(t), &taken);
	if (e == OK)
		return fail(why, ERR_CONFLICT, "%s %.*s exists", route_kind(&taken),
		            STR_ARG(mailaddr_text(txn_arena(t), address)));
	return e == ERR_MISSING ? OK : e;
}

enum err route_target_parse(struct txn *t, struct str text, struct mailaddr *out, struct why *why)
{
	struct arena *a = txn_arena(t);
	struct domain_row domain;
	enum err e;

	if (!normal_address(a, text, out))
		return fail(why, ERR_SYNTAX,
		            "\"%.*s\" is not an address: give name@domain",
		            STR_ARG(text));
	e = row_domain_get(t, out->domain, a, &domain);
	if (e != OK)
		return e == ERR_MISSING ? OK : e;
	*out = normal_fold(a, *out);
	e = route_exists(t, out);
	if (e == ERR_MISSING)
		return fail(why, e, "address %.*s does not exist", STR_ARG(text));
	return e;
}

static enum err alias_user_find(struct txn *t, const struct mailaddr *address, struct str *user)
{
	struct kv_iter it;
	struct route_row row;
	enum err e = OK;
	enum err walked;
	bool found = false;

	row_route_iter(&it, t, STR_EMPTY);
	while (e == OK && !found && kv_iter_next(&it)) {
		e = row_route_read(&it, txn_arena(t), &row);
		for (size_t i = 0; e == OK && i < row.count && !found; i++)
			found = names(&row.targets[i], address);
		found |= e == OK && !str_eq(row.address.domain, address->domain) &&
		         names(&row.owner, address);
	}
	walked = kv_iter_end(&it);
	if (e != OK || walked != OK)
		return e != OK ? e : walked;
	if (!found)
		return ERR_MISSING;
	*user = str_fmt(txn_arena(t), "alias %.*s",
	                STR_ARG(route_text(txn_arena(t), &row)));
	return OK;
}

enum err route_user_find(struct txn *t, struct mailaddr address, struct str *user)
{
	struct kv_iter it;
	struct domain_row row;
	enum err e = OK;
	enum err walked;
	bool found = false;

	kv_iter_prefix(&it, t, SPACE_DOMAIN, STR_EMPTY);
	while (e == OK && !found && kv_iter_next(&it)) {
		e = row_domain_read(&it, txn_arena(t), &row);
		found = e == OK && !str_eq(row.name, address.domain) &&
		        names(&row.catchall, &address);
	}
	walked = kv_iter_end(&it);
	if (e != OK || walked != OK)
		return e != OK ? e : walked;
	if (!found)
		return alias_user_find(t, &address, user);
	*user = str_fmt(txn_arena(t), "the catch-all of %.*s", STR_ARG(row.name));
	return OK;
}

/* --- Forgetting ------------------------------------------------------------------------- */

struct forget {
	struct txn *t;
	struct mailaddr *gone; /* addresses whose rows are deleted; the first done are handled */
	size_t count, room;
};

static void gone_push(struct forget *f, struct mailaddr address)
{
	f->gone = row_room(txn_arena(f->t), f->gone, f->count, &f->room, sizeof(*f->gone));
	f->gone[f->count++] = address;
}

/* Is target this address, with or without a tag, and no other address that still exists? */
static enum err dangles(struct forget *f, const struct mailaddr *target,
                        const struct mailaddr *address, bool *yes)
{
	enum err e;

	*yes = false;
	if (!names(target, address))
		return OK;
	e = route_exists(f->t, target);
	*yes = e == ERR_MISSING;
	return *yes ? OK : e;
}

static enum err alias_forget(struct forget *f, struct route_row *row,
                             const struct mailaddr *address)
{
	size_t kept = 0;
	size_t had = row->count;
	bool owner;
	enum err found = dangles(f, &row->owner, address, &owner);

	if (found != OK)
		return found;
	if (owner)
		row->owner = (struct mailaddr){ 0 };
	for (size_t i = 0; i < had; i++) {
		bool drop;
		enum err e = dangles(f, &row->targets[i], address, &drop);

		if (e != OK)
			return e;
		if (!drop)
			row->targets[kept++] = row->targets[i];
	}
	if (kept == had)
		return owner ? row_route_put(f->t, row) : OK;
	row->count = kept;
	if (kept != 0)
		return row_route_put(f->t, row);
	if (row->pattern) /* no target can lead to a pattern */
		return row_pattern_del(f->t, &row->address);
	gone_push(f, row->address);
	return row_route_del(f->t, &row->address);
}

static enum err catchalls_forget(struct forget *f, const struct mailaddr *address)
{
	struct kv_iter it;
	struct domain_row row;
	enum err e = OK;
	enum err walked;

	kv_iter_prefix(&it, f->t, SPACE_DOMAIN, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		bool drop;

		e = row_domain_read(&it, txn_arena(f->t), &row);
		if (e == OK)
			e = dangles(f, &row.catchall, address, &drop);
		if (e == OK && drop) {
			row.catchall = (struct mailaddr){ 0 };
			e = row_domain_put(f->t, &row);
		}
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err aliases_forget(struct forget *f, const struct mailaddr *address)
{
	struct kv_iter it;
	struct route_row row;
	enum err e = OK;
	enum err walked;

	row_route_iter(&it, f->t, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		e = row_route_read(&it, txn_arena(f->t), &row);
		if (e == OK)
			e = alias_forget(f, &row, address);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

enum err route_forget(struct txn *t, struct mailaddr address)
{
	struct forget f = { .t = t };
	enum err e = OK;

	gone_push(&f, address);
	for (size_t i = 0; e == OK && i < f.count; i++) {
		struct mailaddr gone = f.gone[i]; /* the array may move */

		e = aliases_forget(&f, &gone);
		if (e == OK)
			e = catchalls_forget(&f, &gone);
	}
	return e;
}
