/* How keys follow each other: each step, what people do meanwhile, and clocks that jump. */
#include "fixture.h"

#include "foundation/base/clock.h"
#include "model/directory/dkim_key.h"
#include "model/directory/rotation.h"
#include "model/store/kv.h"

#define DAY_MS INT64_C(86400000)
#define WEEK_MS (7 * DAY_MS)

static const struct str domain = { "example.org", 11 };

/* A step, and what is there after it. */
struct act {
	struct temp_store ts;
	struct arena a;
	struct dkim_pair pair;
	struct why why;
	struct rotation_look look;
	int64_t passed_ms, every_ms;
	int64_t oldest_ms; /* of mail that waits */
	size_t removed, waiting;
	bool begun, turned;
	struct str selector;
	enum dkim_key_state to;
	struct rotation r;
	struct dkim_key_list keys;
};

static enum err domain_make(struct txn *t, void *arg)
{
	(void)arg;
	return domain_add(t, domain, NULL);
}

static enum err begin(struct txn *t, void *arg)
{
	struct act *x = arg;

	return rotation_begin(t, domain, &x->pair, x->every_ms, &x->begun);
}

static enum err seen(struct txn *t, void *arg)
{
	struct act *x = arg;

	return rotation_seen(t, domain, &x->look, &x->turned);
}

static enum err mind(struct txn *t, void *arg)
{
	struct act *x = arg;

	return rotation_mind(t, domain, x->passed_ms, x->oldest_ms, &x->removed);
}

static enum err ask(struct txn *t, void *arg)
{
	struct act *x = arg;

	return rotation_ask(t, domain, &x->why);
}

static enum err change(struct txn *t, void *arg)
{
	struct act *x = arg;

	return dkim_key_change(t, domain, x->selector, x->to, &x->why);
}

static enum err rm(struct txn *t, void *arg)
{
	struct act *x = arg;

	return dkim_key_rm(t, domain, x->selector, &x->why);
}

static enum err load(struct txn *t, void *arg)
{
	struct act *x = arg;
	enum err e = rotation_get(t, domain, &x->a, &x->r);

	if (e == OK)
		e = rotations_waiting(t, clock_real_ms(), &x->waiting);
	return e == OK ? dkim_keys(t, domain, &x->a, &x->keys) : e;
}

static size_t signing(const struct act *x, enum dkim_algorithm algorithm)
{
	size_t n = 0;

	for (size_t i = 0; i < x->keys.count; i++)
		n += x->keys.items[i].state == DKIM_KEY_ACTIVE &&
		     x->keys.items[i].algorithm == algorithm;
	return n;
}

/* Do it; then nothing is wrong, and a key of each algorithm signs. */
static enum err act(struct act *x, txn_fn *fn)
{
	enum err e = store_write(x->ts.store, fn, x, NULL);

	assert_int_equal(store_read(x->ts.store, load, x), OK);
	assert_int_equal(fixture_fsck(x->ts.store, true), 0);
	assert_true(signing(x, DKIM_RSA_SHA256) != 0);
	assert_true(signing(x, DKIM_ED25519_SHA256) != 0);
	return e;
}

static size_t in_state(const struct act *x, enum dkim_key_state state)
{
	size_t n = 0;

	for (size_t i = 0; i < x->keys.count; i++)
		n += x->keys.items[i].state == state;
	return n;
}

static void open(struct act *x)
{
	*x = (struct act){ .look = { .everywhere = true,
		                     .settle_ms = 20000,
		                     .patience_ms = DAY_MS,
		                     .overlap_ms = WEEK_MS },
		           .oldest_ms = INT64_MAX };
	temp_store_open(&x->ts, STORE_MEMORY);
	assert_int_equal(store_write(x->ts.store, domain_make, NULL, NULL), OK);
	assert_int_equal(dkim_keys_ensure(x->ts.store, domain, NULL), OK);
	dkim_pair_new(&x->pair, &x->a);
}

static void close(struct act *x)
{
	arena_deinit(&x->a);
	temp_store_remove(&x->ts);
}

/* Seen for long enough: two looks, the second of which comes 20 s after the first. */
static void look_twice(struct act *x)
{
	x->look.seen = true;
	x->look.passed_ms = 20000;
	assert_int_equal(act(x, seen), OK);
	assert_false(x->turned);
	assert_int_equal(act(x, seen), OK);
}

static void a_rotation(void **state)
{
	struct act x;
	struct str first;

	(void)state;
	open(&x);
	assert_int_equal(act(&x, begin), OK);
	assert_false(x.begun); /* off, and nobody asked */
	x.every_ms = 90 * DAY_MS;
	assert_int_equal(act(&x, begin), OK);
	assert_false(x.begun); /* not old enough */
	first = x.keys.items[1].selector;
	clock_shift_real(90 * DAY_MS);
	assert_int_equal(act(&x, begin), OK);
	assert_true(x.begun);
	assert_int_equal(in_state(&x, DKIM_KEY_PUBLISH), 2);
	assert_int_equal(x.waiting, 1);
	assert_int_equal(act(&x, begin), OK);
	assert_false(x.begun); /* as after a crash */

	/* Once seen is not enough, nor with a gap. */
	x.look.seen = true;
	assert_int_equal(act(&x, seen), OK);
	x.look.seen = false;
	x.look.passed_ms = DAY_MS;
	assert_int_equal(act(&x, seen), OK);
	assert_false(x.turned);
	look_twice(&x);
	assert_true(x.turned);
	assert_int_equal(in_state(&x, DKIM_KEY_ACTIVE), 2);
	assert_int_equal(in_state(&x, DKIM_KEY_RETIRED), 2);
	assert_int_equal(x.waiting, 0);
	assert_int_equal(act(&x, seen), OK);
	assert_false(x.turned);

	/* Time that passed while the server ran; a clock that jumps shortens nothing. */
	clock_shift_real(1000 * DAY_MS);
	x.passed_ms = WEEK_MS - 1;
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 0);
	assert_int_equal(act(&x, begin), OK);
	assert_false(x.begun); /* the old ones go first */
	x.passed_ms = 1;
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 2);
	assert_int_equal(x.keys.count, 2);
	assert_int_equal(x.r.old_count, 0);
	for (size_t i = 0; i < x.keys.count; i++)
		assert_false(str_eq(x.keys.items[i].selector, first));
	clock_shift_real(-1090 * DAY_MS);
	close(&x);
}

/* Not all servers of the zone answer: the others have to show it for a day. One that comes back
 * has to show it for as long as any. */
static void somebody_does_not_answer(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	assert_int_equal(act(&x, ask), OK);
	assert_int_equal(act(&x, begin), OK);
	x.look.seen = true;
	x.look.everywhere = false;
	x.look.passed_ms = DAY_MS / 4;
	for (int i = 0; i < 4; i++) {
		assert_int_equal(act(&x, seen), OK);
		assert_false(x.turned);
	}
	x.look.everywhere = true;
	x.look.passed_ms = 10000;
	assert_int_equal(act(&x, seen), OK);
	assert_false(x.turned);
	x.look.everywhere = false;
	assert_int_equal(act(&x, seen), OK);
	assert_int_equal(x.r.all_ms, -1);
	x.look.passed_ms = DAY_MS / 4 - 20000;
	assert_int_equal(act(&x, seen), OK);
	assert_true(x.turned);
	close(&x);
}

/* What is kept for a later day was signed when it was accepted: its keys stay with it, but not for
 * what somebody holds and forgets. */
static void mail_that_waits(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	x.every_ms = 1;
	clock_shift_real(DAY_MS);
	assert_int_equal(act(&x, begin), OK);
	look_twice(&x);
	assert_true(x.turned);
	x.passed_ms = WEEK_MS;
	x.oldest_ms = x.r.since_ms - 1;
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 0);
	clock_shift_real(89 * DAY_MS);
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 0);
	assert_int_equal(in_state(&x, DKIM_KEY_RETIRED), 2);
	x.oldest_ms = x.r.since_ms; /* that one is signed by the new ones */
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 2);
	clock_shift_real(-90 * DAY_MS);
	close(&x);
}

static void held_and_forgotten(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	x.every_ms = 1;
	clock_shift_real(DAY_MS);
	assert_int_equal(act(&x, begin), OK);
	look_twice(&x);
	x.passed_ms = WEEK_MS;
	x.oldest_ms = 0;
	clock_shift_real(98 * DAY_MS);
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 2);
	clock_shift_real(-99 * DAY_MS);
	close(&x);
}

static void the_clock_went_back(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	x.every_ms = 90 * DAY_MS;
	clock_shift_real(-3650 * DAY_MS);
	assert_int_equal(act(&x, begin), OK);
	assert_false(x.begun);
	assert_true(rotation_since(&x.r, &x.keys, clock_real_ms()) <= clock_real_ms());
	clock_shift_real(3650 * DAY_MS);
	assert_int_equal(act(&x, begin), OK);
	assert_false(x.begun);
	close(&x);
}

static void names_are_never_used_again(void **state)
{
	struct act x;
	struct str last;

	(void)state;
	open(&x);
	assert_int_equal(act(&x, ask), OK);
	assert_int_equal(act(&x, begin), OK);
	last = x.r.next[0];
	for (size_t i = 0; i < 2; i++) {
		x.selector = x.r.next[0];
		assert_int_equal(act(&x, rm), OK);
		assert_int_equal(act(&x, mind), OK);
	}
	assert_int_equal(x.r.next_count, 0);
	assert_int_equal(act(&x, ask), OK);
	assert_int_equal(act(&x, begin), OK);
	assert_true(x.begun);
	assert_false(str_eq(x.r.next[0], last));
	close(&x);
}

static void people_change_keys(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	assert_int_equal(act(&x, ask), OK);
	assert_int_equal(act(&x, begin), OK);
	assert_int_equal(act(&x, ask), ERR_CONFLICT);
	assert_true(x.why.text[0] != '\0');

	/* One of the two was removed: the other does not go alone before that is noted. */
	x.selector = x.r.next[1];
	assert_int_equal(act(&x, rm), OK);
	x.look.seen = true;
	x.look.passed_ms = DAY_MS;
	assert_int_equal(act(&x, seen), OK);
	assert_int_equal(act(&x, seen), OK);
	assert_false(x.turned);
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.r.next_count, 1);
	look_twice(&x);
	assert_true(x.turned);
	assert_int_equal(in_state(&x, DKIM_KEY_ACTIVE), 2);
	assert_int_equal(x.r.old_count, 1);
	close(&x);
}

/* Whichever of the next keys people remove, or have sign: the other one goes on, and takes no place
 * but that of its kind. */
static void one_of_the_next_is_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		enum dkim_algorithm theirs = i & 1 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256;
		enum dkim_algorithm other = i & 1 ? DKIM_RSA_SHA256 : DKIM_ED25519_SHA256;
		struct act x;

		open(&x);
		assert_int_equal(act(&x, ask), OK);
		assert_int_equal(act(&x, begin), OK);
		clock_shift_real(1000);
		x.selector = x.r.next[i & 1];
		x.to = DKIM_KEY_ACTIVE;
		assert_int_equal(act(&x, i < 2 ? rm : change), OK);
		assert_int_equal(act(&x, mind), OK);
		check_at(i, x.r.next_count == 1);
		look_twice(&x);
		check_at(i, x.turned);
		check_at(i, signing(&x, other) == 1);
		check_at(i, signing(&x, theirs) == (i < 2 ? 1 : 2));
		check_at(i, x.r.old_count == 1);
		x.passed_ms = WEEK_MS;
		assert_int_equal(act(&x, mind), OK);
		check_at(i, x.removed == 1 && in_state(&x, DKIM_KEY_RETIRED) == 0);
		clock_shift_real(-1000);
		close(&x);
	}
}

static enum err add(struct txn *t, void *arg)
{
	struct act *x = arg;

	return dkim_pair_add(t, domain, &x->pair, DKIM_KEY_ACTIVE);
}

/* Keys that people have made and sign with stay; so does an old one that signs again. */
static void keys_of_people(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	assert_int_equal(act(&x, ask), OK);
	assert_int_equal(act(&x, begin), OK);
	clock_shift_real(1000);
	assert_int_equal(act(&x, add), OK);
	look_twice(&x);
	assert_true(x.turned);
	assert_int_equal(in_state(&x, DKIM_KEY_ACTIVE), 4);
	assert_int_equal(in_state(&x, DKIM_KEY_RETIRED), 2);
	x.selector = x.r.old[0].selector;
	x.to = DKIM_KEY_ACTIVE;
	assert_int_equal(act(&x, change), OK);
	x.passed_ms = WEEK_MS;
	assert_int_equal(act(&x, mind), OK);
	assert_int_equal(x.removed, 1);
	assert_int_equal(in_state(&x, DKIM_KEY_ACTIVE), 5);

	/* The next rotation is one for all of them. */
	assert_int_equal(act(&x, ask), OK);
	assert_int_equal(act(&x, begin), OK);
	look_twice(&x);
	assert_true(x.turned);
	assert_int_equal(in_state(&x, DKIM_KEY_ACTIVE), 2);
	clock_shift_real(-1000);
	close(&x);
}

static enum err garbage(struct txn *t, void *arg)
{
	(void)arg;
	return kv_put(t, SPACE_ROTATION, STR("example.org"), STR("\1\0\0\0\0\0\0\7"));
}

static void fsck_finds(void **state)
{
	struct act x;

	(void)state;
	open(&x);
	assert_int_equal(store_write(x.ts.store, garbage, NULL, NULL), OK);
	assert_int_equal(fixture_fsck(x.ts.store, false), 1);
	close(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rotation),          cmocka_unit_test(somebody_does_not_answer),
		cmocka_unit_test(mail_that_waits),     cmocka_unit_test(held_and_forgotten),
		cmocka_unit_test(the_clock_went_back), cmocka_unit_test(names_are_never_used_again),
		cmocka_unit_test(people_change_keys),  cmocka_unit_test(one_of_the_next_is_changed),
		cmocka_unit_test(keys_of_people),      cmocka_unit_test(fsck_finds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
