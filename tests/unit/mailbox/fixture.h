/* tests/unit/mailbox/fixture.h: the mail that a test works on, and that it leaves whole. Who wants
 * more in it than an account, or another store, has a setup of his own. */
#ifndef UNIT_MAILBOX_FIXTURE_H
#define UNIT_MAILBOX_FIXTURE_H
#include "harness/check.h"
#include "harness/mail_store.h"

#define UNUSED __attribute__((unused)) /* not every file has use for all of it */

static struct mail_store s;

/* Account 1, as it is when it is new. */
UNUSED static int setup_new(void **state)
{
	(void)state;
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(mail_do_provision(&s, 1), OK);
	return 0;
}

/* All that is in it agrees, whoever acted last. */
UNUSED static int teardown(void **state)
{
	(void)state;
	s.who = 0;
	mail_store_fsck(&s);
	mail_store_close(&s);
	return 0;
}

/* clang-format off */
#define WITH(setup, test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define TEST(test) WITH(setup, test) /* with the file's own setup */
/* clang-format on */

#endif
