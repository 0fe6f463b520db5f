/* Lists: who may write to them; and roles: what goes with a domain. */
#include "unit/directory/fixture.h"

#include "model/directory/may_post.h"
#include "model/directory/may_send.h"

static const struct resolve_config config = { .separators = { "+", 1 } };

static const struct change base[] = {
	{ DOMAIN_ADD, "example.org", NULL, OK },
	{ DOMAIN_ADD, "b.example", NULL, OK },
	{ OWNER_ADD, "ada@example.org", "h", OK },   /* 1 */
	{ ACCOUNT_ADD, "bob@example.org", "h", OK }, /* 2 */
	{ ACCOUNT_ADD, "eve@b.example", "h", OK },   /* 3 */
	{ LIST_SET, "team@example.org", "ada@example.org,Guest@elsewhere.example", OK },
	{ LIST_SET, "alone@example.org", "ada@example.org", OK },
	{ ALIAS_ADD, "door@example.org", "team@example.org", OK },
	{ LIST_SET, "all@example.org", "ada@example.org,bob@example.org", OK },
};

struct question {
	struct str to;
	struct poster who;
	enum err posts, sends;
};

static enum err domain_posts(struct txn *t, void *arg)
{
	struct str targets[] = { STR("ada@example.org"), STR("bob@example.org") };
	const struct alias all = { .address = STR("all@example.org"),
		                   .targets = targets,
		                   .count = 2,
		                   .kind = ALIAS_LIST,
		                   .post = POST_DOMAIN };

	(void)arg;
	return alias_set(t, &all, txn_why(t));
}

/* Members outside, one of them through a list within; its own owner, and the other's postmaster. */
static enum err owned_lists(struct txn *t, void *arg)
{
	struct str in[] = { STR("a@elsewhere.example") };
	struct str out[] = { STR("inner@example.org"), STR("b@elsewhere.example"),
		             STR("ada@example.org") };
	struct alias inner = { .address = STR("inner@example.org"),
		               .targets = in,
		               .count = 1,
		               .kind = ALIAS_LIST,
		               .owner = STR("Bob@example.org"),
		               .hidden = true };
	struct alias outer = { .address = STR("outer@example.org"),
		               .targets = out,
		               .count = 3,
		               .kind = ALIAS_LIST };
	enum err e = alias_set(t, &inner, txn_why(t));

	(void)arg;
	if (e == OK)
		e = alias_set(t, &outer, txn_why(t));
	inner.owner = STR("nobody@example.org");
	assert_int_equal(alias_set(t, &inner, NULL), ERR_MISSING);
	return e;
}

static void owner_put(struct buf *out, const struct resolved *r)
{
	for (size_t i = 0; i < r->count; i++) {
		mailaddr_put(out, &r->targets[i].address);
		buf_byte(out, '<');
		mailaddr_put(out, &r->targets[i].owner);
		buf_put(out, r->targets[i].hidden ? STR(" hidden ") : STR(" "));
	}
}

static enum err owners(struct txn *t, void *arg)
{
	struct mailaddr to = { STR("outer"), STR("example.org") };
	struct resolved r;
	enum err e = directory_resolve(t, to, &config, txn_arena(t), &r);

	if (e == OK)
		owner_put(arg, &r);
	return e;
}

/* Each member's bounces go to the owner of the last list that led to him. */
static void bounces_of_lists(void **state)
{
	static const struct change rows[] = {
		{ ACCOUNT_RM, "bob@example.org", NULL, OK },
	};
	struct temp_store ts;
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, base, COUNT(base));
	assert_int_equal(store_write(ts.store, owned_lists, NULL, NULL), OK);
	assert_int_equal(store_read(ts.store, owners, &out), OK);
	check_str(buf_str(&out), STR("b@elsewhere.example<postmaster@example.org "
	                             "ada@example.org<postmaster@example.org "
	                             "a@elsewhere.example<bob@example.org hidden "));
	/* An owner who goes leaves it to postmaster. */
	fixture_changes(ts.store, rows, COUNT(rows));
	buf_reset(&out);
	assert_int_equal(store_read(ts.store, owners, &out), OK);
	check_str(buf_str(&out), STR("b@elsewhere.example<postmaster@example.org "
	                             "ada@example.org<postmaster@example.org "
	                             "a@elsewhere.example<postmaster@example.org hidden "));
	temp_store_remove(&ts);
	buf_deinit(&out);
}

static enum err ask(struct txn *t, void *arg)
{
	struct question *q = arg;
	struct arena *a = txn_arena(t);
	struct mailaddr to;
	struct resolved r;
	enum err e;

	assert_true(mailaddr_of(q->to, a, 0, &to));
	e = directory_resolve(t, to, &config, a, &r);
	if (e != OK)
		return e;
	q->posts = directory_may_post(t, &r, &q->who, &config, NULL);
	q->sends = directory_may_send(t, q->who.account, to, &config, NULL);
	return OK;
}

static void who_posts(void **state)
{
	static const struct {
		const char *to;
		uint32_t account; /* that is logged in */
		struct mailaddr from;
		bool may;
	} rows[] = {
		{ "team@example.org", 1, { { "ada", 3 }, { "example.org", 11 } }, true },
		{ "team@example.org", 2, { { "bob", 3 }, { "example.org", 11 } }, false },
		/* an address of ours that nobody proved */
		{ "team@example.org", 0, { { "ada", 3 }, { "example.org", 11 } }, false },
		{ "team@example.org", 0, { { "guest", 5 }, { "Elsewhere.Example", 17 } }, true },
		{ "team@example.org", 0, { { "other", 5 }, { "elsewhere.example", 17 } }, false },
		{ "team@example.org", 0, { { "", 0 }, { "", 0 } }, false }, /* a bounce */
		{ "team+x@example.org", 2, { { "bob", 3 }, { "example.org", 11 } }, false },
		{ "door@example.org", 2, { { "bob", 3 }, { "example.org", 11 } }, false },
		{ "door@example.org", 1, { { "ada", 3 }, { "example.org", 11 } }, true },
		{ "all@example.org", 2, { { "bob", 3 }, { "example.org", 11 } }, true },
		{ "all@example.org", 3, { { "eve", 3 }, { "b.example", 9 } }, false },
		{ "all@example.org", 0, { { "bob", 3 }, { "example.org", 11 } }, false },
		{ "bob@example.org", 0, { { "x", 1 }, { "elsewhere.example", 17 } }, true },
	};
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, base, COUNT(base));
	assert_int_equal(store_write(ts.store, domain_posts, NULL, NULL), OK);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct question q = { .to = str_of(rows[i].to),
			              .who = { rows[i].account, rows[i].from } };

		check_at(i, store_read(ts.store, ask, &q) == OK);
		check_at(i, q.posts == (rows[i].may ? OK : ERR_DENIED));
	}
	temp_store_remove(&ts);
}

/* The only member of a list is not the list. */
static void nobody_sends_as_a_list(void **state)
{
	struct question q = { .to = STR("alone@example.org"), .who = { .account = 1 } };
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, base, COUNT(base));
	assert_int_equal(store_read(ts.store, ask, &q), OK);
	assert_int_equal(q.sends, ERR_DENIED);
	temp_store_remove(&ts);
}

static void domains_of_administrators(void **state)
{
	static const struct change rows[] = {
		{ ROLE_SET, "eve@b.example", "B.Example example.org b.example", OK },
		{ ROLE_SET, "eve@b.example", "gone.example", ERR_MISSING },
		{ ROLE_SET, "eve@b.example", "example.org no_name!", ERR_SYNTAX },
		{ ROLE_SET, "ada@example.org", "example.org", ERR_CONFLICT }, /* the only owner */
		{ DOMAIN_ADD, "c.example", NULL, OK },
		{ ROLE_SET, "eve@b.example", "c.example b.example", OK },
		{ DOMAIN_RM, "c.example", NULL, OK }, /* fsck looks for what is left of it */
	};
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	fixture_changes(ts.store, base, COUNT(base));
	fixture_changes(ts.store, rows, COUNT(rows));
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_posts),
		cmocka_unit_test(bounces_of_lists),
		cmocka_unit_test(nobody_sends_as_a_list),
		cmocka_unit_test(domains_of_administrators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
