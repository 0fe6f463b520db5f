/* tests/unit/directory/fixture.h: a directory built by a script of changes.
 *
 *	static const struct change script[] = {
 *		{ DOMAIN_ADD, "example.org", NULL, OK },
 *		{ ACCOUNT_ADD, "ada@example.org", "hash", OK },
 *	};
 */
#ifndef UNIT_DIRECTORY_FIXTURE_H
#define UNIT_DIRECTORY_FIXTURE_H
#include "harness/check.h"
#include "harness/temp_store.h"

#include "model/directory/directory.h"
#include "model/directory/fsck.h"
#include "model/directory/group.h"
#include "model/directory/login/app_password.h"
#include "model/directory/login/factor.h"
#include "model/directory/resolve.h"

enum change_what {
	DOMAIN_ADD,
	DOMAIN_RM,
	CATCHALL,    /* domain, address       */
	DOMAIN_ALIAS, /* domain, of            */
	ACCOUNT_ADD, /* address, hash      */
	OWNER_ADD,
	ACCOUNT_RM,
	PASSWD, /* address, hash          */
	DISABLE,
	ENABLE,
	ALIAS_ADD, /* alias, comma list    */
	ALIAS_RM,
	LIST_SET,   /* list, comma list of members: who are the only ones to post */
	GROUP_SET,  /* group without mail, comma list of members              */
	GROUP_MAIL, /* group that takes mail of members, comma list           */
	GROUP_RM,
	ROLE_SET, /* address, domains                                           */
	APP_ADD,  /* address, label                                             */
	APP_RM,   /* address, id                                                */
	FACTOR_BEGIN,
	FACTOR_OFF,
};

struct change {
	enum change_what what;
	const char *a, *b;
	enum err want;
};

struct change_run {
	const struct change *change;
	struct why why;
};

static enum err change_account_add(struct txn *t, const struct change *c, struct why *why)
{
	struct account_new new = {
		.address = str_of(c->a),
		.password_hash = str_of(c->b),
		.role = c->what == OWNER_ADD ? ROLE_OWNER : ROLE_USER,
	};
	uint32_t id = 0;
	enum err e = account_add(t, &new, &id, why);

	assert_true((e == OK) == (id != 0));
	return e;
}

static enum err change_enable(struct txn *t, const struct change *c, struct why *why)
{
	struct account account;
	enum err e = account_find(t, str_of(c->a), txn_arena(t), &account);

	account.logins = account.mail = c->what == ENABLE;
	return e != OK ? e : account_change(t, &account, why);
}

static size_t change_items(const char *list, struct str to[static 8])
{
	struct cur cur = cur_of(str_of(list));
	size_t count = 0;

	while (!cur_done(&cur)) {
		assert_true(count < 8);
		if (!cur_until(&cur, ',', &to[count])) {
			to[count] = cur_rest(&cur);
			cur_skip(&cur, to[count].n);
		}
		count++;
		cur_byte(&cur, ',');
	}
	return count;
}

static enum err change_group(struct txn *t, const struct change *c, struct why *why)
{
	struct str members[8];
	const struct group group = {
		.address = str_of(c->a),
		.title = STR("People"),
		.members = members,
		.count = change_items(c->b, members),
		.mail = c->what == GROUP_MAIL,
		.post = POST_MEMBERS,
	};

	return group_set(t, &group, why);
}

static enum err change_alias(struct txn *t, const struct change *c, struct why *why)
{
	struct str targets[8];
	struct alias list = { .address = str_of(c->a),
		              .targets = targets,
		              .count = change_items(c->b, targets),
		              .kind = ALIAS_LIST,
		              .post = POST_MEMBERS };

	return c->what == LIST_SET ? alias_set(t, &list, why)
	                           : alias_add(t, list.address, targets, list.count, why);
}

/* Of the account with that address. */
static enum err change_person(struct txn *t, const struct change *c, struct why *why)
{
	static const char secret[20] = "12345678901234567890";
	struct app_password new = { .label = str_of(c->b), .scopes = SCOPE_ALL };
	struct account account;
	uint32_t id;
	enum err e = account_find(t, str_of(c->a), txn_arena(t), &account);

	if (e != OK)
		return e;
	switch (c->what) {
	case ROLE_SET:
		account.role = ROLE_ADMIN;
		account.domains = str_of(c->b);
		return account_change(t, &account, why);
	case APP_ADD:
		return app_password_add(t, account.id, &new, STR("abcd-efgh-ijkl-mnop"), &id, why);
	case APP_RM:
		return app_password_rm(t, account.id, (uint32_t)(c->b[0] - '0'), why);
	case FACTOR_BEGIN:
		return factor_begin(t, account.id, str_from(secret, sizeof secret), why);
	default:
		return factor_off(t, account.id, why);
	}
}

static enum err change_run(struct txn *t, void *arg)
{
	struct change_run *r = arg;
	const struct change *c = r->change;
	struct str a = str_of(c->a), b = str_of(c->b);
	uint32_t id;

	switch (c->what) {
	case DOMAIN_ADD:
		return domain_add(t, a, &r->why);
	case DOMAIN_RM:
		return domain_rm(t, a, &r->why);
	case CATCHALL:
		return catchall_set(t, a, b, &r->why);
	case DOMAIN_ALIAS:
		return domain_alias_set(t, a, b, &r->why);
	case ACCOUNT_ADD:
	case OWNER_ADD:
		return change_account_add(t, c, &r->why);
	case ACCOUNT_RM:
		return account_rm(t, a, &id, &r->why);
	case PASSWD:
		return account_passwd(t, a, b, &r->why);
	case DISABLE:
	case ENABLE:
		return change_enable(t, c, &r->why);
	case ALIAS_ADD:
	case LIST_SET:
		return change_alias(t, c, &r->why);
	case ALIAS_RM:
		return alias_rm(t, a, &r->why);
	case GROUP_SET:
	case GROUP_MAIL:
		return change_group(t, c, &r->why);
	case GROUP_RM:
		return group_rm(t, a, &r->why);
	case ROLE_SET:
	case APP_ADD:
	case APP_RM:
	case FACTOR_BEGIN:
	case FACTOR_OFF:
		return change_person(t, c, &r->why);
	}
	return ERR_SYNTAX;
}

static void fixture_say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_message("fsck %s: %.*s\n", check, STR_ARG(sentence));
}

static inline uint64_t fixture_fsck(struct store *s, bool print)
{
	struct fsck_report report = { .say = print ? fixture_say : NULL };

	assert_int_equal(fsck_run(s, &directory_fsck, 1, &report, NULL), OK);
	return report.findings;
}

/* Each change ends as its row says, and leaves nothing for fsck to find. */
static inline void fixture_changes(struct store *s, const struct change *changes, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct change_run r = { .change = &changes[i] };
		enum err e = store_write(s, change_run, &r, NULL);

		if (e != changes[i].want)
			fail_msg("row %zu: %s, want %s: %s", i, err_name(e),
			         err_name(changes[i].want), r.why.text);
		check_at(i, e == OK || r.why.text[0] != '\0' || r.change->what == DISABLE ||
		                    r.change->what == ENABLE);
		check_at(i, fixture_fsck(s, true) == 0);
	}
}

#endif
