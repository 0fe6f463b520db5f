/* tests/unit/store/fixture.h: a store for each test, of each kind in turn. */
#ifndef UNIT_STORE_FIXTURE_H
#define UNIT_STORE_FIXTURE_H
#include "foundation/base/fault.h"
#include "harness/check.h"
#include "harness/temp_store.h"

#define UNUSED __attribute__((unused)) /* not every test is for every kind */

static struct temp_store ts;

UNUSED static int setup_lmdb(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_LMDB);
	return 0;
}

UNUSED static int setup_journaled(void **state)
{
	(void)state;
	temp_store_open_journaled(&ts);
	return 0;
}

UNUSED static int setup_memory(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fault_arm(0);
	temp_store_remove(&ts);
	return 0;
}

/* clang-format off */
#define ON_LMDB(test) cmocka_unit_test_setup_teardown(test, setup_lmdb, teardown)
#define ON_JOURNALED(test) cmocka_unit_test_setup_teardown(test, setup_journaled, teardown)
#define ON_MEMORY(test) cmocka_unit_test_setup_teardown(test, setup_memory, teardown)
#define ON_ALL(test) ON_LMDB(test), ON_JOURNALED(test), ON_MEMORY(test)
/* clang-format on */

#endif
