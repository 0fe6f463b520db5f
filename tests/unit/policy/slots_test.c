/* Who gets a thread of the room, and in which order those get theirs that wait for one. */
#include "harness/check.h"

#include "flow/policy/slots.h"
#include "foundation/base/random.h"
#include "foundation/config/limits.h"

#include <stdio.h>

enum { ROOM = LIMIT_policy_threads, SITES = 16, EACH = 16, ALONE = 13 };

static bool take(struct slots *t, struct slot *slot, const char *peer)
{
	struct addr a;

	assert_true(addr_parse_ip(str_of(peer), &a));
	*slot = (struct slot){ 0 };
	return slots_take(t, slot, &a);
}

static bool take_in(struct slots *t, struct slot *slot, unsigned site, unsigned host)
{
	char peer[40];

	snprintf(peer, sizeof peer, "2001:db8:%x:%x::1", site, host);
	return take(t, slot, peer);
}

/* The one that begins when turn is over; NULL: none. */
static struct slot *give(struct slots *t, struct slot *slot)
{
	struct list next;
	struct list *first;

	list_init(&next);
	slots_give(t, slot, &next);
	first = list_pop_front(&next);
	assert_true(list_empty(&next));
	return first != NULL ? container_of(first, struct slot, link) : NULL;
}

/* However much some want, there is room for who comes next. */
static void test_room_is_left(void **state)
{
	static struct slot slots[SITES][EACH];
	static bool begun[SITES][EACH];
	struct slots t;
	struct slot more;

	(void)state;
	slots_init(&t, ROOM, 4);
	for (unsigned i = 0; i < SITES; i++) {
		assert_true(take_in(&t, &more, 1000 + i, 1));
		assert_null(give(&t, &more));
		for (unsigned k = 0; k < EACH; k++)
			begun[i][k] = take_in(&t, &slots[i][k], i, k);
		assert_true(begun[i][0]);
		assert_true(i != 0 || (begun[i][ALONE - 1] && !begun[i][ALONE]));
	}
	assert_true(t.begun <= ROOM);
	for (unsigned i = 0; i < SITES; i++)
		for (unsigned k = 0; k < EACH; k++)
			if (!begun[i][k])
				assert_true(slots_leave(&t, &slots[i][k]));
	for (unsigned i = 0; i < SITES; i++)
		for (unsigned k = 0; k < EACH; k++)
			if (begun[i][k])
				assert_null(give(&t, &slots[i][k]));
	slots_deinit(&t);
}

/* All of a /48, or of an IPv4 /24, is one; others are not. */
static void test_what_a_site_is(void **state)
{
	static const struct {
		const char *one, *other;
		bool same;
	} rows[] = {
		{ "2001:db8:1:2::3", "2001:db8:1:ffff::9", true },
		{ "2001:db8:1:2::3", "2001:db8:2:2::3", false },
		{ "192.0.2.1", "192.0.2.255", true },
		{ "192.0.2.1", "192.0.3.1", false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slots t;
		struct slot a, b;
		bool begins;

		slots_init(&t, 2, 1); /* one of a site, then there is but one free */
		check_at(i, take(&t, &a, rows[i].one));
		begins = take(&t, &b, rows[i].other);
		check_at(i, begins == !rows[i].same);
		check_at(i, slots_waits(&t, &b) == rows[i].same && !slots_waits(&t, &a));
		if (begins)
			check_at(i, give(&t, &b) == NULL);
		check_at(i, give(&t, &a) == (begins ? NULL : &b));
		if (!begins)
			check_at(i, give(&t, &b) == NULL);
		slots_deinit(&t);
	}
}

/* Sites take turns, within them hosts, and each is first come first served. */
static void test_order(void **state)
{
	struct slots t;
	struct slot first, a[3], b, other;
	struct slot *const order[] = { &a[0], &other, &b, &a[1], &a[2] };
	struct slot *now = &first;

	(void)state;
	slots_init(&t, 1, 1);
	assert_true(take_in(&t, &first, 9, 9));
	for (unsigned i = 0; i < 3; i++)
		assert_false(take_in(&t, &a[i], 1, 1));
	assert_false(take_in(&t, &b, 1, 2));
	assert_false(take_in(&t, &other, 2, 1));
	for (size_t i = 0; i < COUNT(order); i++) {
		now = give(&t, now);
		check_at(i, now == order[i] && !slots_waits(&t, now));
	}
	assert_null(give(&t, now));
	slots_deinit(&t);
}

/* Whatever is done, nobody waits who could begin, and nothing is left behind. */
static void test_any_order(void **state)
{
	enum { SLOTS = 200, STEPS = 20000, MOST = 20 };
	static struct slot slots[SLOTS];
	enum { OUT, WAITS, BEGUN } now[SLOTS] = { OUT };
	unsigned begun = 0;
	struct slots t;

	(void)state;
	slots_init(&t, MOST, 2);
	for (unsigned step = 0; step < STEPS || t.sites.count != 0; step++) {
		unsigned i = step < STEPS ? (unsigned)random_below(SLOTS) : step % SLOTS;
		struct list next;

		list_init(&next);
		if (now[i] == OUT && step < STEPS) {
			now[i] = take_in(&t, &slots[i], i % 7, i % 3) ? BEGUN : WAITS;
			begun += now[i] == BEGUN;
		} else if (now[i] == WAITS && i % 5 == 0) {
			assert_true(slots_leave(&t, &slots[i]));
			now[i] = OUT;
		} else if (now[i] == BEGUN) {
			assert_false(slots_leave(&t, &slots[i]));
			slots_give(&t, &slots[i], &next);
			now[i] = OUT;
			begun--;
		}
		list_each_safe(it, &next)
		{
			size_t k = (size_t)(container_of(it, struct slot, link) - slots);

			list_remove(it);
			assert_int_equal(now[k], WAITS);
			now[k] = BEGUN;
			begun++;
		}
		assert_int_equal(begun, t.begun);
		assert_true(begun <= MOST && (begun != 0 || t.sites.count == 0));
	}
	slots_deinit(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room_is_left),
		cmocka_unit_test(test_what_a_site_is),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
