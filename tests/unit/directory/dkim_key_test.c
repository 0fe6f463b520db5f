/* Keys that sign a domain's mail: how they are named, what they may become, what fsck says of one
 * that does not fit. Modes of MTA-STS. */
#include "fixture.h"

#include "foundation/base/clock.h"
#include "foundation/text/date.h"
#include "model/directory/dkim_key.h"
#include "model/store/kv.h"

struct act {
	struct arena a;
	struct dkim_pair pair;
	struct why why;
	struct str selector;
	enum dkim_key_state to;
	struct dkim_key_list keys;
};

static const struct str domain = { "example.org", 11 };

static enum err add_domain(struct txn *t, void *arg)
{
	(void)arg;
	return domain_add(t, domain, NULL);
}

static enum err add(struct txn *t, void *arg)
{
	struct act *act = arg;

	return dkim_pair_add(t, domain, &act->pair, act->to);
}

static enum err change(struct txn *t, void *arg)
{
	struct act *act = arg;

	return dkim_key_change(t, domain, act->selector, act->to, &act->why);
}

static enum err rm(struct txn *t, void *arg)
{
	struct act *act = arg;

	return dkim_key_rm(t, domain, act->selector, &act->why);
}

static enum err all(struct txn *t, void *arg)
{
	struct act *act = arg;

	return dkim_keys(t, domain, &act->a, &act->keys);
}

static enum err signing(struct txn *t, void *arg)
{
	struct act *act = arg;

	return dkim_keys_signing(t, domain, &act->a, &act->keys);
}

static size_t count(struct temp_store *ts, struct act *act, txn_fn *which)
{
	assert_int_equal(store_read(ts->store, which, act), OK);
	return act->keys.count;
}

static enum err changed(struct temp_store *ts, struct act *act, struct str selector,
                        enum dkim_key_state to)
{
	act->selector = selector;
	act->to = to;
	return store_write(ts->store, change, act, NULL);
}

static void a_life(void **state)
{
	struct temp_store ts;
	struct act act = { .to = DKIM_KEY_PUBLISH };
	struct date_civil now = date_civil_of(clock_real_ms());
	struct str first, second;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(store_write(ts.store, add_domain, NULL, NULL), OK);
	/* The first ones sign at once; again is a no-op. */
	assert_int_equal(dkim_keys_ensure(ts.store, domain, NULL), OK);
	assert_int_equal(dkim_keys_ensure(ts.store, domain, NULL), OK);
	assert_int_equal(count(&ts, &act, signing), 2);
	assert_true(act.keys.items[0].secret.n != 0);
	assert_int_equal(count(&ts, &act, all), 2);
	assert_int_equal(act.keys.items[0].secret.n, 0);
	first = act.keys.items[1].selector;
	check_str(first, str_fmt(&act.a, "r%04d%02d", now.year, now.month));
	check_str(act.keys.items[0].selector, str_fmt(&act.a, "e%04d%02d", now.year, now.month));

	/* The next ones of the month have another name, and do not sign yet. */
	dkim_pair_new(&act.pair, &act.a);
	assert_int_equal(store_write(ts.store, add, &act, NULL), OK);
	second = str_fmt(&act.a, "%.*sb", STR_ARG(first));
	assert_int_equal(count(&ts, &act, all), 4);
	check_str(act.keys.items[3].selector, second);
	assert_int_equal(count(&ts, &act, signing), 2);

	assert_int_equal(changed(&ts, &act, second, DKIM_KEY_ACTIVE), OK);
	assert_int_equal(count(&ts, &act, signing), 3);
	assert_int_equal(changed(&ts, &act, first, DKIM_KEY_RETIRED), OK);
	assert_int_equal(changed(&ts, &act, act.keys.items[0].selector, DKIM_KEY_RETIRED), OK);
	assert_int_equal(count(&ts, &act, signing), 1);

	/* The last one goes on signing. */
	assert_int_equal(changed(&ts, &act, second, DKIM_KEY_RETIRED), ERR_CONFLICT);
	assert_int_equal(changed(&ts, &act, second, DKIM_KEY_PUBLISH), ERR_CONFLICT);
	assert_int_equal(changed(&ts, &act, second, DKIM_KEY_ACTIVE), OK);
	assert_int_equal(changed(&ts, &act, STR("r190001"), DKIM_KEY_ACTIVE), ERR_MISSING);
	act.selector = second;
	assert_int_equal(store_write(ts.store, rm, &act, NULL), ERR_CONFLICT);
	act.selector = first;
	assert_int_equal(store_write(ts.store, rm, &act, NULL), OK);
	assert_int_equal(store_write(ts.store, rm, &act, NULL), ERR_MISSING);
	assert_int_equal(count(&ts, &act, all), 3);
	assert_int_equal(fixture_fsck(ts.store, true), 0);
	arena_deinit(&act.a);
	temp_store_remove(&ts);
}

static enum err rm_domain(struct txn *t, void *arg)
{
	(void)arg;
	return domain_rm(t, domain, NULL);
}

/* Others may remember the record of a name from when the domain was ours before. */
static void names_are_not_used_again_by_a_domain_that_comes_back(void **state)
{
	enum { TIMES = 60 };
	struct temp_store ts;
	struct act act = { .to = DKIM_KEY_ACTIVE };
	struct str names[TIMES];

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	dkim_pair_new(&act.pair, &act.a);
	for (size_t i = 0; i < TIMES; i++) {
		assert_int_equal(store_write(ts.store, add_domain, NULL, NULL), OK);
		assert_int_equal(store_write(ts.store, add, &act, NULL), OK);
		assert_int_equal(count(&ts, &act, all), 2);
		names[i] = act.keys.items[1].selector;
		for (size_t k = 0; k < i; k++)
			check_at(i, !str_eq(names[k], names[i]));
		check_at(i, str_starts(names[i], str_sub(names[0], 0, 7)));
		assert_int_equal(store_write(ts.store, rm_domain, NULL, NULL), OK);
		assert_int_equal(count(&ts, &act, all), 0);
	}
	check_str(str_sub(names[25], 7, names[25].n), STR("z"));
	check_str(str_sub(names[26], 7, names[26].n), STR("zb"));
	assert_int_equal(fixture_fsck(ts.store, true), 0);
	arena_deinit(&act.a);
	temp_store_remove(&ts);
}

static void they_go_with_their_domain(void **state)
{
	struct temp_store ts;
	struct act act = { .to = 0 };

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(store_write(ts.store, add_domain, NULL, NULL), OK);
	dkim_keys_ensure_all(ts.store);
	assert_int_equal(count(&ts, &act, all), 2);
	assert_int_equal(store_write(ts.store, rm_domain, NULL, NULL), OK);
	assert_int_equal(count(&ts, &act, all), 0);
	arena_deinit(&act.a);
	temp_store_remove(&ts);
}

/* Exchange the two secrets, and then leave garbage. */
static enum err exchange(struct txn *t, void *arg)
{
	struct act *act = arg;

	for (size_t i = 0; i < 2; i++)
		act->pair.keys[i].algorithm = (enum dkim_algorithm)(1 - i);
	return dkim_pair_add(t, domain, &act->pair, DKIM_KEY_ACTIVE);
}

static enum err garbage(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_DKIM, STR("example.org\0x"), STR("\1"));
}

static void fsck_finds(void **state)
{
	struct temp_store ts;
	struct act act = { .to = 0 };

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	dkim_pair_new(&act.pair, &act.a);
	assert_int_equal(store_write(ts.store, exchange, &act, NULL), OK);
	assert_int_equal(fixture_fsck(ts.store, false), 2);
	assert_int_equal(store_write(ts.store, garbage, NULL, NULL), OK);
	assert_int_equal(fixture_fsck(ts.store, false), 3);
	arena_deinit(&act.a);
	temp_store_remove(&ts);
}

static enum err set_mode(struct txn *t, void *arg)
{
	return mta_sts_set(t, domain, *(enum mta_sts_mode *)arg, NULL);
}

static enum err get_mode(struct txn *t, void *arg)
{
	struct domain d;
	enum err e = domain_get(t, domain, txn_arena(t), &d);

	*(enum mta_sts_mode *)arg = d.mta_sts;
	return e;
}

static void modes(void **state)
{
	enum mta_sts_mode mode = MTA_STS_ENFORCE;
	struct temp_store ts;

	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	assert_int_equal(store_write(ts.store, set_mode, &mode, NULL), ERR_MISSING);
	assert_int_equal(store_write(ts.store, add_domain, NULL, NULL), OK);
	assert_int_equal(store_read(ts.store, get_mode, &mode), OK);
	assert_int_equal(mode, MTA_STS_TESTING);
	for (enum mta_sts_mode to = MTA_STS_TESTING; to <= MTA_STS_ENFORCE; to++) {
		enum mta_sts_mode parsed;

		assert_true(mta_sts_parse(str_of(mta_sts_name(to)), &parsed) && parsed == to);
		assert_int_equal(store_write(ts.store, set_mode, &to, NULL), OK);
		assert_int_equal(store_read(ts.store, get_mode, &mode), OK);
		assert_int_equal(mode, to);
	}
	assert_false(mta_sts_parse(STR("off"), &mode));
	temp_store_remove(&ts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_life),
		cmocka_unit_test(they_go_with_their_domain),
		cmocka_unit_test(names_are_not_used_again_by_a_domain_that_comes_back),
		cmocka_unit_test(fsck_finds),
		cmocka_unit_test(modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
