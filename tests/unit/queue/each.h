/* tests/unit/queue/each.h: a queue for each test of a file, which TEST(name) opens and closes. */
#ifndef UNIT_QUEUE_EACH_H
#define UNIT_QUEUE_EACH_H
#include "unit/queue/fixture.h"

#include "foundation/observe/event.h"

static enum store_backend backend = STORE_LMDB; /* of those that are opened from now on */
static struct fixture f;

static int open_queue(void **state)
{
	(void)state;
	event_fd_set(-1);
	fixture_open(&f, backend);
	return 0;
}

static int close_queue(void **state)
{
	(void)state;
	fixture_close(&f);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_queue, close_queue)

#endif
