/* How many submissions may wait for others: for each account, in all, and again after one. */
#include "harness/check.h"

#include "flow/submission/submit_room.h"
#include "foundation/config/limits.h"

static void places(void **state)
{
	struct submit_room rooms[LIMIT_submit_waiting], more;
	size_t n = 0;

	(void)state;
	for (uint32_t account = 1; n < COUNT(rooms); account++) {
		for (int i = 0; i < LIMIT_submit_account && n < COUNT(rooms); i++)
			assert_true(submit_room_take(&rooms[n++], account, true));
		if (n < COUNT(rooms))
			assert_false(submit_room_take(&more, account, true));
	}
	assert_false(submit_room_take(&more, 1000, true));
	submit_room_give(&more); /* it has none */
	assert_false(submit_room_take(&more, 1000, true));
	assert_true(submit_room_take(&more, 1000, false)); /* it waits for nobody */
	submit_room_give(&more);
	submit_room_give(&rooms[0]);
	submit_room_give(&rooms[0]); /* once */
	assert_true(submit_room_take(&rooms[0], 1000, true));
	assert_false(submit_room_take(&more, 1, true));
	for (size_t i = 0; i < COUNT(rooms); i++)
		submit_room_give(&rooms[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(places) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
