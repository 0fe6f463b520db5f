/* model/directory/fsck.c: see fsck.h.
 *
 * A target that does not exist is not reported: it may have been a remote address until its domain
 * was added here. */
#include "model/directory/fsck.h"

#include "formats/webauthn/cose.h"
#include "foundation/base/arena.h"
#include "foundation/crypto/otp.h"
#include "model/directory/dkim_key.h"
#include "model/directory/login/known_network.h"
#include "model/directory/login/secret.h"
#include "model/directory/normal.h"
#include "model/directory/pattern.h"
#include "model/directory/rotation.h"
#include "model/directory/route.h"
#include "model/directory/row.h"
#include "model/directory/row_passkey.h"
#include "model/store/store.h"

/* The walk of one space: row() checks the iterator's row. ERR_CORRUPT from it is reported as an
 * unreadable row and does not end the walk. */
struct walk {
	struct txn *t;
	struct fsck_report *r;
	struct arena a; /* reset between rows */
};

static enum err domain_check(struct walk *w, const struct kv_iter *it)
{
	struct domain_row row, of;
	enum err e = row_domain_read(it, &w->a, &row);

	if (e != OK)
		return e;
	if (!str_eq(row.name, str_lower(&w->a, row.name)))
		fsck_found(w->r, "domain %.*s is not in lower case", STR_ARG(row.name));
	if (row.alias_of.n == 0)
		return OK;
	e = row_domain_get(w->t, row.alias_of, &w->a, &of);
	if (e == ERR_MISSING || (e == OK && of.alias_of.n != 0))
		fsck_found(w->r, "domain %.*s is an alias of %.*s, which %s", STR_ARG(row.name),
		           STR_ARG(row.alias_of), e == OK ? "is one too" : "does not exist");
	return e == ERR_MISSING ? OK : e;
}

static enum err domains_check(struct walk *w, const struct account_row *row)
{
	struct str list = row->domains, name;
	struct domain_row domain;
	enum err e = OK;

	while (e == OK && role_domains_next(&list, &name)) {
		e = row_domain_get(w->t, name, &w->a, &domain);
		if (e != ERR_MISSING)
			continue;
		fsck_found(w->r,
		           "account %" PRIu32 " administers domain %.*s, which does not exist",
		           row->id, STR_ARG(name));
		e = OK;
	}
	return e;
}

static enum err account_check(struct walk *w, const struct kv_iter *it)
{
	struct account_row row;
	struct route_row route;
	uint32_t next;
	enum err e = row_account_read(it, &w->a, &row);

	if (e == OK)
		e = row_account_id_next(w->t, &next);
	if (e != OK)
		return e;
	if (row.id >= next)
		fsck_found(w->r, "account %" PRIu32 " was never given out, the next is %" PRIu32,
		           row.id, next);
	e = row_route_get(w->t, &row.address, &w->a, &route);
	if (e == ERR_MISSING || (e == OK && route.account != row.id))
		fsck_found(w->r, "account %" PRIu32 " is not reached by its address %.*s", row.id,
		           STR_ARG(mailaddr_text(&w->a, &row.address)));
	return e == OK || e == ERR_MISSING ? domains_check(w, &row) : e;
}

static enum err owner_check(struct walk *w, const struct route_row *row, struct str text)
{
	struct account_row account;
	enum err e = row_account_get(w->t, row->account, &w->a, &account);

	if (e == ERR_MISSING) {
		fsck_found(w->r, "address %.*s leads to account %" PRIu32 ", which does not exist",
		           STR_ARG(text), row->account);
		return OK;
	}
	if (e == OK && !mailaddr_equal(&account.address, &row->address))
		fsck_found(w->r, "address %.*s leads to account %" PRIu32 ", which is %.*s",
		           STR_ARG(text), row->account,
		           STR_ARG(mailaddr_text(&w->a, &account.address)));
	return e;
}

/* Checks the address of a group. */
static enum err holder_check(struct walk *w, const struct route_row *row, struct str text)
{
	struct group_row group;
	enum err e = row_group_get(w->t, row->group, &w->a, &group);

	if (e == ERR_MISSING || (e == OK && !mailaddr_equal(&group.address, &row->address))) {
		fsck_found(w->r, "address %.*s leads to group %" PRIu32 ", which is not there",
		           STR_ARG(text), row->group);
		return OK;
	}
	return e;
}

static enum err route_check(struct walk *w, const struct kv_iter *it)
{
	struct domain_row domain;
	struct route_row row;
	struct mailaddr folded;
	struct str text;
	enum err e = row_route_read(it, &w->a, &row);

	if (e != OK)
		return e;
	text = route_text(&w->a, &row);
	folded = normal_fold(&w->a, row.address);
	if (!mailaddr_equal(&folded, &row.address) &&
	    !(row.pattern && pattern_is_expression(row.address.local)))
		fsck_found(w->r, "address %.*s is not in normal form", STR_ARG(text));
	e = row_domain_get(w->t, row.address.domain, &w->a, &domain);
	if (e == ERR_MISSING)
		fsck_found(w->r, "address %.*s is at a domain that does not exist", STR_ARG(text));
	else if (e != OK)
		return e;
	if (row.account != 0)
		return owner_check(w, &row, text);
	if (row.group != 0)
		return holder_check(w, &row, text);
	if (row.count == 0)
		fsck_found(w->r, "alias %.*s has no target", STR_ARG(text));
	if (row.pattern && pattern_check(row.address.local, NULL) != OK)
		fsck_found(w->r, "alias %.*s is no pattern that can be used", STR_ARG(text));
	return OK;
}

/* Checks that the account of a row exists. */
static enum err account_exists(struct walk *w, uint32_t id, const char *what, uint32_t number)
{
	struct account_row account;
	enum err e = row_account_get(w->t, id, &w->a, &account);

	if (e != ERR_MISSING)
		return e;
	fsck_found(w->r, "%s %" PRIu32 " is of account %" PRIu32 ", which does not exist", what,
	           number, id);
	return OK;
}

static enum err credential_check(struct walk *w, const struct kv_iter *it)
{
	struct credential_row row;
	enum err e = row_credential_read(it, &w->a, &row);

	if (e != OK)
		return e;
	if (row.number != CREDENTIAL_PASSWORD && row.text.n != SECRET_HASH)
		fsck_found(w->r, "app password %" PRIu32 " of account %" PRIu32 " is no hash",
		           row.number, row.account);
	return account_exists(w, row.account, "credential", row.number);
}

static enum err factor_check(struct walk *w, const struct kv_iter *it)
{
	struct factor_row row;
	enum err e = row_factor_read(it, &w->a, &row);

	if (e != OK)
		return e;
	if (row.secret.n != OTP_SECRET_BYTES)
		fsck_found(w->r, "the second factor of account %" PRIu32 " has no secret",
		           row.account);
	return account_exists(w, row.account, "second factor", 1);
}

static enum err passkey_check(struct walk *w, const struct kv_iter *it)
{
	struct passkey_row row;
	struct cose_key key;
	struct cur c;
	enum err e = row_passkey_read(it, &w->a, &row);

	if (e != OK)
		return e;
	c = cur_of(row.public_key);
	if (row.credential_id.n == 0 || !cose_key_parse(&c, &key) || !cur_done(&c))
		fsck_found(w->r, "passkey %" PRIu32 " of account %" PRIu32 " verifies nothing",
		           row.number, row.account);
	return account_exists(w, row.account, "passkey", row.number);
}

static enum err login_check(struct walk *w, const struct kv_iter *it)
{
	struct login_row row;
	enum err e = row_login_read(it, &w->a, &row);

	return e != OK ? e : account_exists(w, row.account, "recent login", row.number);
}

static enum err known_network_check(struct walk *w, const struct kv_iter *it)
{
	uint32_t account;

	return known_network_read(it, &account) ? account_exists(w, account, "known network", 0)
	                                        : ERR_CORRUPT;
}

static enum err group_check(struct walk *w, const struct kv_iter *it)
{
	struct group_row row;
	struct route_row route;
	uint32_t next;
	enum err e = row_group_read(it, &w->a, &row);

	if (e == OK)
		e = row_account_id_next(w->t, &next);
	if (e != OK)
		return e;
	if (row.id >= next)
		fsck_found(w->r, "group %" PRIu32 " was never given out, the next is %" PRIu32,
		           row.id, next);
	e = row_route_get(w->t, &row.address, &w->a, &route);
	if (e == ERR_MISSING || (e == OK && route.group != row.id)) {
		fsck_found(w->r, "group %" PRIu32 " is not reached by its address %.*s", row.id,
		           STR_ARG(mailaddr_text(&w->a, &row.address)));
		return OK;
	}
	return e;
}

/* A membership has two rows, one for each direction: checks that the other one exists, and that one
 * of the two is a group. */
static enum err member_check(struct walk *w, const struct kv_iter *it)
{
	uint32_t id, other;
	struct group_row group;
	struct account_row account;
	bool both;
	enum err e;

	row_member_read(it, &id, &other);
	e = row_member_has(w->t, other, id, &both);
	if (e == OK && !both)
		fsck_found(w->r, "%" PRIu32 " is with %" PRIu32 ", but not the other way round", id,
		           other);
	if (e == OK) {
		e = row_group_get(w->t, id, &w->a, &group);
		if (e == OK)
			e = row_account_get(w->t, other, &w->a, &account);
		else if (e == ERR_MISSING && both) /* checked at the group's row */
			e = row_group_get(w->t, other, &w->a, &group);
	}
	if (e == ERR_MISSING) {
		fsck_found(w->r, "%" PRIu32 " and %" PRIu32 " are no group with its member", id,
		           other);
		return OK;
	}
	return e;
}

static const struct {
	enum space space;
	enum err (*row)(struct walk *w, const struct kv_iter *it);
} checks[] = {
	{ SPACE_DOMAIN, domain_check },   { SPACE_ACCOUNT, account_check },
	{ SPACE_ADDRESS, route_check },   { SPACE_CREDENTIAL, credential_check },
	{ SPACE_FACTOR, factor_check },   { SPACE_LOGIN, login_check },
	{ SPACE_KNOWN_NETWORK, known_network_check },
	{ SPACE_GROUP, group_check },     { SPACE_MEMBER, member_check },
	{ SPACE_PASSKEY, passkey_check },
};

static enum err space_check(struct walk *w, size_t i)
{
	struct kv_iter it;
	enum err e = OK;
	enum err walked;

	if (checks[i].space == SPACE_ACCOUNT)
		row_account_iter(&it, w->t);
	else
		kv_iter_prefix(&it, w->t, checks[i].space, STR_EMPTY);
	while (e == OK && kv_iter_next(&it)) {
		e = checks[i].row(w, &it);
		if (e == ERR_CORRUPT) {
			fsck_found(w->r, "a row of %s cannot be read", space_name(checks[i].space));
			e = OK;
		}
		arena_reset(&w->a);
	}
	walked = kv_iter_end(&it);
	return e != OK ? e : walked;
}

static enum err directory_fsck_run(struct txn *t, struct fsck_report *r)
{
	struct walk w = { .t = t, .r = r };
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(checks); i++)
		e = space_check(&w, i);
	arena_deinit(&w.a);
	if (e == OK)
		e = dkim_keys_fsck(t, r);
	return e != OK ? e : rotations_fsck(t, r);
}

const struct fsck_check directory_fsck = { .name = "directory", .run = directory_fsck_run };
