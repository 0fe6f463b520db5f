/* What an administrator is warned of. */
#include "harness/check.h"

#include "console/api/settings/warnings.h"
#include "foundation/base/arena.h"

#include <string.h>

#define GIB ((uint64_t)1 << 30)
#define HOUR ((int64_t)3600 * 1000)
#define DAY (24 * HOUR)

static struct health well(void)
{
	return (struct health){ .now_ms = 100 * DAY,
		                .free_bytes = 50 * GIB,
		                .disk_bytes = 100 * GIB,
		                .queue_oldest_ms = INT64_MAX,
		                .certificate_ends_ms = 150 * DAY };
}

static void only_what_is_wrong(void **state)
{
	struct health rows[] = { well(), well(), well(), well(), well(),
		                 well(), well(), well(), well(), well() };
	static const char *const want[] = { NULL,
		                            "disk_full",
		                            "disk_low",
		                            NULL, /* little of a large disk is enough */
		                            "store_failing",
		                            "certificate_expired",
		                            "certificate_expiring",
		                            "queue_old",
		                            "certificate_self",
		                            NULL /* a few tries that failed */ };
	struct warning list[WARNINGS_MAX];
	struct arena a = { 0 };

	(void)state;
	rows[1].store.full = true;
	rows[2].free_bytes = 9 * GIB;
	rows[3].free_bytes = 21 * GIB;
	rows[3].disk_bytes = 1000 * GIB;
	rows[4].store.failures = 3;
	rows[5].certificate_ends_ms = 99 * DAY;
	rows[6].certificate_ends_ms = 113 * DAY;
	rows[7].queue_oldest_ms = 100 * DAY - 4 * HOUR - 1;
	rows[8].certificate_self = true;
	rows[9].queue_oldest_ms = 100 * DAY - 4 * HOUR;
	for (size_t i = 0; i < COUNT(rows); i++) {
		size_t n = warnings_find(&rows[i], &a, list);

		check_at(i, n == (want[i] != NULL));
		check_at(i, n == 0 || strcmp(list[0].id, want[i]) == 0);
		check_at(i, n == 0 || (list[0].text.n != 0 && list[0].advice[0] != '\0'));
	}
	arena_deinit(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(only_what_is_wrong) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
