/* tests/unit/mailbox/upgrade_test.c: mail of a store from before threads (model/mailbox/upgrade.c).
 * tests/upgrade has such stores; here one is made by giving records their old forms. */
#include "foundation/base/arena.h"
#include "foundation/base/buf.h"
#include "foundation/base/fault.h"
#include "foundation/base/pack.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/records.h"
#include "model/store/store.h"
#include "unit/mailbox/fixture.h"

#include <errno.h>
#include <stdio.h>

enum { CONVERSATIONS = 40, REPLIES = 5, SAME = 6000, ROWS = CONVERSATIONS * REPLIES + SAME };

static uint64_t threads[ROWS + 1];

/* --- An old store ----------------------------------------------------------------------- */

/* A record of the older form is a prefix of the present one, except an email's: that ends with the
 * hash of its thread, here made of the thread's number. */
static enum err record_age(const struct mail_txn *m, enum space space, const struct kv_iter *it,
                           char form)
{
	struct buf b;
	enum err e;

	buf_init(&b, it->val.n + 64);
	buf_put(&b, it->val);
	b.p[0] = form;
	if (space == SPACE_EMAIL) {
		char hash[16] = "old thread";
		struct unpack u = unpack_of(str_sub(it->key, 4, SIZE_MAX));
		uint64_t thread = threads[unpack_be64(&u)];

		hash[0] = (char)thread;
		hash[1] = (char)(thread >> 8);
		pack_str(&b, str_from(hash, sizeof hash));
	}
	e = kv_put(m->t, space, it->key, buf_str(&b));
	buf_deinit(&b);
	return e;
}

static enum err space_age(const struct mail_txn *m, enum space space, char form)
{
	struct kv_iter it;
	struct key k;
	enum err e = OK, walked;

	key_init(&k, 1);
	kv_iter_prefix(&it, m->t, space, key_str(&k));
	while (!e && kv_iter_next(&it)) {
		bool state = space == SPACE_MAILBOX && it.key.p[7] == 0;

		if (form == 0)
			e = kv_del(m->t, space, it.key);
		else if (it.val.n)
			e = record_age(m, space, &it, state ? 1 : form);
	}
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static enum err store_age(const struct mail_txn *m, void *arg)
{
	static const struct {
		enum space space;
		char form; /* 0: the space is new */
	} spaces[] = {
		{ SPACE_MAILBOX, 2 }, { SPACE_EMAIL, 3 },      { SPACE_UID, 2 },
		{ SPACE_THREAD, 0 },  { SPACE_THREAD_KEY, 0 }, { SPACE_DATED, 0 },
		{ SPACE_THREAD_BOX, 0 },
	};
	enum err e = OK;

	(void)arg;
	for (size_t i = 0; i < COUNT(spaces) && !e; i++)
		e = space_age(m, spaces[i].space, spaces[i].form);
	return e;
}

/* --- Mail ------------------------------------------------------------------------------- */

static enum err same_append(const struct mail_txn *m, void *arg)
{
	static struct email_append all[SAME];
	struct email_appended out;

	for (size_t i = 0; i < SAME; i++)
		all[i] = (struct email_append){ 2, arg, FLAGS(i % 3), (int64_t)i };
	return email_append_all(m, all, SAME, &out);
}

static int setup(void **state)
{
	const struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct email_new *new = NULL;
	char text[200];

	setup_new(state);
	for (unsigned r = 0; r < REPLIES; r++)
		for (unsigned c = 0; c < CONVERSATIONS; c++) {
			snprintf(text, sizeof text,
			         "Message-ID: <%u.%u@x>\r\nIn-Reply-To: <%u.%u@x>\r\n"
			         "Subject: %s\r\n\r\n",
			         c, r, c, r - 1, r ? "Re: a" : "a");
			assert_int_equal(mail_do_append(&s, 1, 1, str_of(text),
			                                FLAGS(BIT64(c % 5)), NULL),
			                 OK);
		}
	assert_int_equal(
		email_prepare(s.temp.store, &STR("a: b\r\n\r\nc"), 1, &limits, &new, NULL), OK);
	assert_int_equal(mail_write(&s, 1, same_append, new), OK);
	email_new_free(&new);
	return 0;
}

static enum err threads_read(const struct mail_txn *m, void *arg)
{
	uint64_t *of = arg;
	struct email_rows rows;
	struct email_row row;
	enum err e = OK;

	for (uint32_t box = 1; box <= 2 && !e; box++) {
		email_rows_init(&rows, m, box, 1, UINT32_MAX);
		while (email_rows_next(&rows, &row))
			of[row.email] = row.thread;
		e = email_rows_end(&rows);
	}
	return e;
}

/* --- Tests ------------------------------------------------------------------------------ */

static void upgraded(void **state)
{
	static uint64_t after[ROWS + 1];
	struct mailbox was = mail_box(&s, 1, "INBOX"), is;
	uint64_t modseq = was.modseq;

	(void)state;
	assert_int_equal(mail_read(&s, 1, threads_read, threads), OK);
	assert_int_equal(mail_write(&s, 1, store_age, NULL), OK);
	/* Nothing is changed before the upgrade. */
	assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\n"), FLAGS(0), NULL),
	                 ERR_CONFLICT);
	assert_int_equal(mail_upgrade(s.temp.store, 2000, NULL), OK);
	assert_int_equal(mail_read(&s, 1, threads_read, after), OK);
	assert_memory_equal(after, threads, sizeof after);
	is = mail_box(&s, 1, "INBOX");
	assert_true(is.unread == was.unread && is.threads == was.threads);
	assert_int_equal(is.unread_threads, was.unread_threads);
	assert_int_equal(is.modseq, modseq);
	assert_int_equal(mail_box(&s, 1, "Drafts").threads, 1);
	mail_store_fsck(&s);
	/* There is nothing left to do. */
	assert_int_equal(mail_upgrade(s.temp.store, 2000, NULL), OK);
	assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\n"), FLAGS(0), NULL), OK);
}

/* A new reply joins an old thread. */
static void continued(void **state)
{
	struct email_appended out;

	(void)state;
	assert_int_equal(mail_read(&s, 1, threads_read, threads), OK);
	assert_int_equal(mail_write(&s, 1, store_age, NULL), OK);
	assert_int_equal(mail_upgrade(s.temp.store, 2000, NULL), OK);
	assert_int_equal(mail_do_append(&s, 1, 1,
	                                STR("In-Reply-To: <7.4@x>\r\nSubject: re: a\r\n\r\n"),
	                                FLAGS(0), &out),
	                 OK);
	assert_int_equal(mail_row(&s, 1, 1, out.uid).thread, threads[8]);
}

/* It is interrupted at each of its commits, and begins again. */
static void interrupted(void **state)
{
	static uint64_t after[ROWS + 1];
	unsigned commits = 0;
	enum err e;

	(void)state;
	assert_int_equal(mail_read(&s, 1, threads_read, threads), OK);
	assert_int_equal(mail_write(&s, 1, store_age, NULL), OK);
	do {
		fault_arm_point("store_commit", ++commits, EIO);
		e = mail_upgrade(s.temp.store, 2000, NULL);
		fault_arm(0);
	} while (e && commits < 10);
	assert_true(e == OK && commits > 2);
	assert_int_equal(mail_read(&s, 1, threads_read, after), OK);
	assert_memory_equal(after, threads, sizeof after);
	mail_store_fsck(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(upgraded), TEST(continued), TEST(interrupted) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
