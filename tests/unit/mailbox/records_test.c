/* Records of forms that are no longer written are read as they were. */
#include "harness/check.h"

#include "foundation/base/buf.h"
#include "foundation/base/pack.h"
#include "model/mailbox/records.h"

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
	assert_int_equal(row.thread, 0);
	b.p[0]++;
	assert_false(email_row_unpack(buf_str(&b), &row));
	pack_u64(&b, 9);
	assert_true(email_row_unpack(buf_str(&b), &row));
	assert_int_equal(row.thread, 9);
	buf_deinit(&b);
}

/* A mailbox of form 1 has one \\Seen for all. */
static void test_mailbox_without_own_seen(void **state)
{
	struct mailbox box = { .own_seen = true };
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	pack_u64(&b, 1);
	pack_u64(&b, 0); /* parent */
	pack_str(&b, STR("Work"));
	pack_u64(&b, ROLE_NONE);
	for (uint64_t n = 1; n <= 12; n++) /* subscribed to created_ms */
		pack_u64(&b, n);
	assert_true(mailbox_unpack(buf_str(&b), &box));
	assert_int_equal(box.created_ms, 12);
	assert_false(box.own_seen);
	b.p[0]++;
	assert_false(mailbox_unpack(buf_str(&b), &box));
	pack_u64(&b, 1);
	assert_true(mailbox_unpack(buf_str(&b), &box));
	assert_true(box.own_seen);
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_row_without_save_date),
		                            cmocka_unit_test(test_mailbox_without_own_seen) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
