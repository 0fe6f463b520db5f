/* tests/unit/mailbox/lease_test.c: emails that are expunged while somebody reads them. */
#include "unit/mailbox/fixture.h"

#include <pthread.h>
#include <stdatomic.h>

static uint32_t inbox;

static int setup_on(enum store_backend backend)
{
	mail_store_open(&s, backend);
	assert_int_equal(mail_do_provision(&s, 1), OK);
	inbox = mail_box(&s, 1, "INBOX").id;
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_on(STORE_MEMORY);
}

static int setup_disk(void **state)
{
	(void)state;
	return setup_on(STORE_LMDB);
}

static uint64_t append(void)
{
	struct email_appended out;

	assert_int_equal(mail_do_append(&s, 1, inbox, STR("Subject: x\r\n\r\nbody\r\n"),
	                                (struct flags){ 0 }, &out),
	                 OK);
	return out.email;
}

static void expunge_all(void)
{
	struct uids gone = { 0 };
	struct email_expunge all = { inbox, &uids_all, false };

	assert_int_equal(mail_do_expunge(&s, 1, &all, &gone), OK);
	uids_deinit(&gone);
}

static enum err body_read(const struct mail_txn *m, void *arg)
{
	struct email email;
	struct buf b;
	enum err e = email_get(m, *(uint64_t *)arg, &email);

	if (e)
		return e;
	buf_init(&b, 100);
	e = blob_get(m->t, &email.blob, 0, SIZE_MAX, &b);
	if (!e)
		check_str(buf_str(&b), STR("Subject: x\r\n\r\nbody\r\n"));
	buf_deinit(&b);
	return e;
}

static bool readable(uint64_t email)
{
	enum err e = mail_read(&s, 1, body_read, &email);

	assert_true(e == OK || e == ERR_MISSING);
	return e == OK;
}

static enum err quota_read(const struct mail_txn *m, void *arg)
{
	return mail_quota_get(m, arg);
}

/* An email counts until it is gone for good. */
static uint64_t bytes(void)
{
	struct mail_quota q;

	assert_int_equal(mail_read(&s, 1, quota_read, &q), OK);
	return q.used_bytes;
}

static struct lease *take(uint64_t email)
{
	return lease_take(s.temp.store, &s.mailboxes, 1, email);
}

/* It leaves the mailbox at once, and the store when its last reader is done. */
static void test_expunged_while_read(void **state)
{
	uint64_t email = append(), other = append();
	struct lease *a = take(email), *b = take(email);

	(void)state;
	expunge_all();
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 0);
	assert_true(readable(email) && !readable(other));
	assert_int_equal(bytes(), 20);
	mail_store_fsck(&s);
	lease_end(&a);
	assert_null(a);
	lease_end(&a);
	assert_true(readable(email));
	lease_end(&b);
	assert_false(readable(email));
	assert_int_equal(bytes(), 0);
}

/* A lease alone changes nothing, nor does one on the email of another account. */
static void test_not_expunged(void **state)
{
	uint64_t email = append();
	struct lease *l = take(email), *foreign;

	(void)state;
	lease_end(&l);
	assert_true(readable(email));
	foreign = lease_take(s.temp.store, &s.mailboxes, 2, email);
	expunge_all();
	assert_false(readable(email));
	lease_end(&foreign);
}

/* A move keeps the email, so there is nothing to keep of it. */
static void test_moved(void **state)
{
	uint64_t email = append();
	struct lease *l = take(email);
	struct email_copied copied = { 0 };
	struct email_copy what = { .from = inbox,
		                   .to = mail_box(&s, 1, "Trash").id,
		                   .uids = &uids_all };

	(void)state;
	assert_int_equal(mail_do_transfer(&s, 1, &what, true, &copied), OK);
	email_copied_deinit(&copied);
	lease_end(&l);
	assert_true(readable(email));
}

static void test_mailbox_deleted(void **state)
{
	struct lease *l;
	uint64_t email;

	(void)state;
	assert_int_equal(mail_do_create(&s, 1, "x"), OK);
	inbox = mail_box(&s, 1, "x").id;
	email = append();
	l = take(email);
	assert_int_equal(mail_do_delete(&s, 1, "x"), OK);
	mail_store_fsck(&s);
	assert_true(readable(email));
	lease_end(&l);
	assert_false(readable(email));
}

/* The process was killed: the next one has no leases, and its first expunge, of whatever,
 * takes along what was left. */
static void test_killed(void **state)
{
	uint64_t email = append();
	struct leases *dead = s.mailboxes.leases;
	struct lease *l = take(email);

	(void)state;
	expunge_all();
	s.mailboxes.leases = leases_new();
	mail_store_fsck(&s);
	assert_true(readable(email));
	expunge_all();
	assert_false(readable(email));
	assert_int_equal(bytes(), 0);
	leases_free(&s.mailboxes.leases);
	s.mailboxes.leases = dead;
	lease_end(&l);
}

static enum err erase(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_erase(m);
}

static void test_erased(void **state)
{
	uint64_t email = append();
	struct lease *l = take(email);

	(void)state;
	expunge_all();
	assert_int_equal(mail_write(&s, 1, erase, NULL), OK);
	assert_false(readable(email));
	mail_store_fsck(&s);
	lease_end(&l);
	assert_int_equal(mail_do_provision(&s, 1), OK);
}

/* Without leases, as in commands, nobody reads. */
static void test_no_leases(void **state)
{
	uint64_t email = append();
	struct leases *leases = s.mailboxes.leases;

	(void)state;
	s.mailboxes.leases = NULL;
	assert_null(take(email));
	expunge_all();
	assert_false(readable(email));
	s.mailboxes.leases = leases;
}

/* --- Many at once --- */

enum { READERS = 3, ROUNDS = 60 };

static _Atomic uint64_t newest;
static atomic_bool over;

/* Whoever finds the email after he took the lease keeps it. */
static void *reader(void *arg)
{
	unsigned *kept = arg;

	while (!atomic_load(&over)) {
		uint64_t email = atomic_load(&newest);
		struct lease *l = take(email);

		if (readable(email)) {
			for (int i = 0; i < 20; i++)
				assert_true(readable(email));
			++*kept;
		}
		lease_end(&l);
	}
	return NULL;
}

static void test_race(void **state)
{
	pthread_t threads[READERS];
	unsigned kept[READERS] = { 0 }, all = 0;

	(void)state;
	atomic_store(&over, false);
	atomic_store(&newest, append());
	for (size_t i = 0; i < READERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, reader, &kept[i]), 0);
	for (int i = 0; i < ROUNDS; i++) {
		atomic_store(&newest, append());
		expunge_all();
	}
	atomic_store(&over, true);
	for (size_t i = 0; i < READERS; i++) {
		pthread_join(threads[i], NULL);
		all += kept[i];
	}
	assert_true(all > 0);
	expunge_all();
	assert_int_equal(bytes(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_expunged_while_read),
		TEST(test_not_expunged),
		TEST(test_moved),
		TEST(test_mailbox_deleted),
		TEST(test_killed),
		TEST(test_erased),
		TEST(test_no_leases),
		WITH(setup_disk, test_race),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
