/* tests/unit/mailbox/fsck_emails_test.c: damages of emails, their rows and the log of changes are
 * found and named. */
#include "unit/mailbox/fsck_fixture.h"

DAMAGE(row_field)
{
	struct email_row row;

	assert_int_equal(email_row_get(m, 1, 2, &row), OK);
	field_change(&row, arg);
	return email_row_put(m, 1, &row);
}

DAMAGE(email_size)
{
	struct email email;
	struct buf b;
	struct key k;
	enum err e;

	(void)arg;
	assert_int_equal(email_get(m, 2, &email), OK);
	email.size_bytes++;
	buf_init(&b, 65536);
	email_pack(&b, &email);
	key_email(&k, 1, 2);
	e = put(m, SPACE_EMAIL, &k, buf_str(&b));
	buf_deinit(&b);
	return e;
}

DAMAGE(email_gone)
{
	struct key k;

	(void)arg;
	key_email(&k, 1, 2);
	return del(m, SPACE_EMAIL, &k);
}

DAMAGE(email_damaged)
{
	struct key k;

	(void)arg;
	key_email(&k, 1, 2);
	return put(m, SPACE_EMAIL, &k, STR("\x01\x20nothing"));
}

DAMAGE(placement_gone)
{
	struct key k;

	(void)arg;
	key_placement(&k, 1, 2, 1, 2);
	return del(m, SPACE_EMAIL, &k);
}

DAMAGE(placement_of_no_row)
{
	struct key k;

	(void)arg;
	key_placement(&k, 1, 2, 1, 3);
	return put(m, SPACE_EMAIL, &k, STR_EMPTY);
}

DAMAGE(row_gone)
{
	struct key k;

	(void)arg;
	key_uid(&k, 1, 1, 2);
	return del(m, SPACE_UID, &k);
}

DAMAGE(row_damaged)
{
	struct key k;

	(void)arg;
	key_uid(&k, 1, 1, 2);
	return put(m, SPACE_UID, &k, STR("\x01\x02"));
}

DAMAGE(row_homeless)
{
	struct email_row row;

	(void)arg;
	assert_int_equal(email_row_get(m, 1, 2, &row), OK);
	return email_row_put(m, 99, &row);
}

DAMAGE(pending_deletion_of_nothing)
{
	struct key k;

	(void)arg;
	key_pending_deletion(&k, 1, 50);
	return put(m, SPACE_UID, &k, STR_EMPTY);
}

DAMAGE(pending_deletion_and_placement)
{
	struct key k;

	(void)arg;
	key_pending_deletion(&k, 1, 2);
	return put(m, SPACE_UID, &k, STR_EMPTY);
}

DAMAGE(pending_deletion_malformed)
{
	struct key k;

	(void)arg;
	key_uid(&k, 1, 0, 2);
	return put(m, SPACE_UID, &k, STR_EMPTY);
}

DAMAGE(change_gone)
{
	struct email_row row;
	struct key k;

	(void)arg;
	assert_int_equal(email_row_get(m, 1, 2, &row), OK);
	key_change(&k, 1, row.modseq, 0);
	return del(m, SPACE_CHANGE, &k);
}

DAMAGE(change_damaged)
{
	struct key k;

	(void)arg;
	key_change(&k, 1, 2, 0);
	return put(m, SPACE_CHANGE, &k, STR("\x01\x63"));
}

DAMAGE(change_too_late)
{
	struct key k;

	(void)arg;
	key_change(&k, 1, 1000, 0);
	return put(m, SPACE_CHANGE, &k, STR("\x01\x05\x01"));
}

DAMAGE(change_of_nothing)
{
	struct key k;

	(void)arg;
	key_change(&k, 1, 2, 6); /* APPEARED in 1: rows 50 and 51, emails 1 and 2 */
	return put(m, SPACE_CHANGE, &k, STR("\x01\x01\x01\x32\x02\x01"));
}

DAMAGE(thread_row_gone)
{
	struct key k;

	(void)arg;
	key_thread(&k, 1, 1, 2);
	return del(m, SPACE_THREAD, &k);
}

DAMAGE(thread_of_nothing)
{
	struct key k;

	(void)arg;
	key_thread(&k, 1, 1, 60);
	return put(m, SPACE_THREAD, &k, STR_EMPTY);
}

DAMAGE(thread_row_damaged)
{
	struct key k;

	(void)arg;
	key_thread(&k, 1, 1, 2);
	return put(m, SPACE_THREAD, &k, STR("short"));
}

DAMAGE(thread_key_unknown)
{
	struct key k;

	(void)arg;
	key_thread_key(&k, 1, (const uint8_t *)"unknown key.");
	return put(m, SPACE_THREAD_KEY, &k, STR("\x01"));
}

DAMAGE(thread_key_lost)
{
	struct key k;

	(void)arg;
	key_thread(&k, 1, 1, 2);
	return put(m, SPACE_THREAD, &k, STR("unknown key."));
}

DAMAGE(dated_gone)
{
	struct email_row row;
	struct key k;

	(void)arg;
	assert_int_equal(email_row_get(m, 1, 2, &row), OK);
	key_dated(&k, 1, 1, row.internal_ms, 2);
	return del(m, SPACE_DATED, &k);
}

DAMAGE(dated_of_nothing)
{
	struct key k;

	(void)arg;
	key_dated(&k, 1, 1, 5, 77);
	return put(m, SPACE_DATED, &k, STR("\x02\x01"));
}

DAMAGE(thread_box_wrong)
{
	struct key k;

	(void)arg;
	key_thread_box(&k, 1, 1, 1);
	return put(m, SPACE_THREAD_BOX, &k, STR("\x09\x01"));
}

#define ROW(f, by)                                                                    \
	row_field,                                                                    \
	{                                                                             \
		offsetof(struct email_row, f), sizeof(((struct email_row *)0)->f), by \
	}

static const struct damage rows[] = {
	{ ROW(email, 1), "does not know that it is row" },
	{ ROW(email, 50), "email 52, which does not exist" },
	{ ROW(size_bytes, 1), "another size" },
	{ ROW(internal_ms, 1), "another size or date" },
	{ ROW(flags.bits[0], 1 << 30), "keyword without a name" },
	{ email_size, { 0 }, "its blob 12" },
	{ email_gone, { 0 }, "has a placement, but no record" },
	{ email_damaged, { 0 }, "email 2 is damaged" },
	{ placement_gone, { 0 }, "email 2 is in no mailbox" },
	{ placement_of_no_row, { 0 }, "is not in row 3 of mailbox 1" },
	{ row_gone, { 0 }, "is not in row 2 of mailbox 1" },
	{ row_damaged, { 0 }, "row 2 of mailbox 1 is damaged" },
	{ row_homeless, { 0 }, "mailbox 99, which does not exist" },
	{ pending_deletion_of_nothing, { 0 }, "email 50 is pending deletion, but does not exist" },
	{ pending_deletion_and_placement, { 0 }, "pending deletion and in a mailbox" },
	{ pending_deletion_malformed, { 0 }, "in mailbox 0, which does not exist" },
	{ ROW(thread, 1), "is in thread 2, which does not have it" },
	{ thread_row_gone, { 0 }, "is in thread 1, which does not have it" },
	{ thread_of_nothing, { 0 }, "email 60, which is in no mailbox" },
	{ thread_row_damaged, { 0 }, "of email 2 in thread 1 is damaged" },
	{ thread_key_unknown, { 0 }, "keys of threads" },
	{ thread_key_lost, { 0 }, "does not lead there" },
	{ dated_gone, { 0 }, "dates or threads of mailbox 1 differ" },
	{ dated_of_nothing, { 0 }, "dates or threads of mailbox 1 differ" },
	{ thread_box_wrong, { 0 }, "dates or threads of mailbox 1 differ" },
	{ change_gone, { 0 }, "does not know" },
	{ change_damaged, { 0 }, "modseq 2 is damaged" },
	{ change_too_late, { 0 }, "not within" },
	{ change_of_nothing, { 0 }, "never had" },
};

static void damage_found(void **state)
{
	(void)state;
	damages_find(rows, COUNT(rows));
}

/* A damaged row is no guess, and does not hide those behind it. */
static enum err damaged_read(const struct mail_txn *m, void *arg)
{
	struct email_rows walk;
	struct email_row row;
	unsigned n = 0;

	(void)arg;
	assert_int_equal(email_row_get(m, 1, 2, &row), ERR_CORRUPT);
	email_rows_init(&walk, m, 1, 1, UINT32_MAX);
	while (email_rows_next(&walk, &row)) {
		assert_int_equal(row.uid, ++n);
		assert_true((row.email == 0) == (n == 2));
	}
	assert_int_equal(email_rows_end(&walk), OK);
	assert_int_equal(n, 3);
	return OK;
}

static void damage_shown(void **state)
{
	(void)state;
	struct uids gone = { 0 };
	struct email_expunge all = { 1, &uids_all, false };

	healthy();
	assert_int_equal(mail_write(&s, 1, row_damaged, NULL), OK);
	assert_int_equal(mail_read(&s, 1, damaged_read, NULL), OK);
	assert_int_equal(mail_do_expunge(&s, 1, &all, &gone), OK);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 3 - gone.count);
	uids_deinit(&gone);
	mail_store_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_found),
		cmocka_unit_test(damage_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
