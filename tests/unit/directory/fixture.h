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

#include "directory/directory.h"
#include "directory/fsck.h"
#include "directory/resolve.h"

enum change_what {
	DOMAIN_ADD,
	DOMAIN_RM,
	CATCHALL,    /* domain, address       */
	ACCOUNT_ADD, /* address, hash      */
	OWNER_ADD,
	ACCOUNT_RM,
	PASSWD, /* address, hash          */
	DISABLE,
	ENABLE,
	ALIAS_ADD, /* alias, comma list    */
	ALIAS_RM,
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

	account.enabled = c->what == ENABLE;
	return e != OK ? e : account_change(t, &account, why);
}

static enum err change_alias(struct txn *t, const struct change *c, struct why *why)
{
	struct cur cur = cur_of(str_of(c->b));
	struct str targets[8];
	size_t count = 0;

	while (!cur_done(&cur)) {
		assert_true(count < COUNT(targets));
		if (!cur_until(&cur, ',', &targets[count])) {
			targets[count] = cur_rest(&cur);
			cur_skip(&cur, targets[count].n);
		}
		count++;
		cur_byte(&cur, ',');
	}
	return alias_add(t, str_of(c->a), targets, count, why);
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
		return change_alias(t, c, &r->why);
	case ALIAS_RM:
		return alias_rm(t, a, &r->why);
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
		check_at(i, e == OK || r.why.text[0] != '\0' || changes[i].what >= DISABLE);
		check_at(i, fixture_fsck(s, true) == 0);
	}
}

#endif
