/* Records of forms that are no longer written are read as they were. */
#include "harness/check.h"

#include "base/buf.h"
#include "base/pack.h"
#include "mailbox/records.h"

/* A row of form 1 does not know when it was saved. */
static void test_row_without_save_date(void **state)
{
	struct email_row row = { .saved_s = 7 };
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	for (uint64_t n = 1; n <= 7; n++) /* form, email, modseq, two of flags, size, date */
		pack_u64(&b, n);
	assert_true(email_row_unpack(buf_str(&b), &row));
	assert_int_equal(row.email, 2);
	assert_int_equal(row.size_bytes, 6);
	assert_int_equal(row.internal_ms, 7);
	assert_int_equal(row.saved_s, 0);
	/* The form that has it must have it. */
	b.p[0]++;
	assert_false(email_row_unpack(buf_str(&b), &row));
	pack_u64(&b, 8);
	assert_true(email_row_unpack(buf_str(&b), &row));
	assert_int_equal(row.saved_s, 8);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_row_without_save_date) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
