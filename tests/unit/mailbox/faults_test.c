/* tests/unit/mailbox/faults_test.c: every fallible call of the store fails in turn, under
 * every write; each time the operation reports it, nothing has changed, nobody was told, and
 * the same operation works afterwards. */
#include "foundation/base/fault.h"
#include "harness/check.h"
#include "harness/mail_store.h"

static struct mail_store s;
static unsigned told;

static void on_change(void *arg, uint32_t mailbox, uint64_t modseq)
{
	(void)arg, (void)mailbox, (void)modseq;
	told++;
}

/* --- The operations --- */

static enum err do_append(void)
{
	return mail_do_append(&s, 1, 1, STR("Subject: x\r\n\r\nnew"), FLAGS(0), NULL);
}

static enum err do_flags(void)
{
	struct email_store what = { 1, &uids_all, FLAGS_ADD, FLAGS(BIT64(FLAG_SEEN)), UINT64_MAX };
	struct email_stored out = { 0 };
	enum err e = mail_do_store(&s, 1, &what, &out);

	email_stored_deinit(&out);
	return e;
}

static enum err transfer(bool move)
{
	struct email_copy what = { .from = 1, .to = 3, .uids = &uids_all };
	struct email_copied out = { 0 };
	enum err e = mail_do_transfer(&s, 1, &what, move, &out);

	email_copied_deinit(&out);
	return e;
}

static enum err do_copy(void)
{
	return transfer(false);
}

static enum err do_move(void)
{
	return transfer(true);
}

static enum err do_expunge(void)
{
	struct email_expunge what = { 1, &uids_all, true };
	struct uids gone = { 0 };
	enum err e = mail_do_expunge(&s, 1, &what, &gone);

	uids_deinit(&gone);
	return e;
}

static enum err do_create(void)
{
	return mail_do_create(&s, 1, "new/below");
}

static enum err do_rename(void)
{
	return mail_do_rename(&s, 1, "a", "c/d");
}

static enum err do_rename_inbox(void)
{
	return mail_do_rename(&s, 1, "INBOX", "old");
}

static enum err do_delete(void)
{
	return mail_do_delete(&s, 1, "Archive");
}

static enum err do_subscribe(void)
{
	return mail_do_subscribe(&s, 1, "nowhere", true);
}

static enum err do_provision(void)
{
	return mail_do_provision(&s, 2);
}

static const struct {
	const char *name;
	enum err (*run)(void);
} operations[] = {
	{ "append", do_append },       { "flags", do_flags },
	{ "copy", do_copy },           { "move", do_move },
	{ "expunge", do_expunge },     { "create", do_create },
	{ "rename", do_rename },       { "rename inbox", do_rename_inbox },
	{ "delete", do_delete },       { "subscribe", do_subscribe },
	{ "provision", do_provision },
};

/* --- The walk --- */

static void prepare(enum store_backend backend)
{
	mail_store_open(&s, backend);
	assert_int_equal(mail_do_provision(&s, 1), OK);
	assert_int_equal(mail_do_create(&s, 1, "a/b"), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\nold"),
		                                FLAGS(i ? BIT64(FLAG_DELETED) : 0), NULL),
		                 OK);
	assert_int_equal(
		mail_do_append(&s, 1, mail_box(&s, 1, "Archive").id, STR("x"), FLAGS(0), NULL), OK);
}

static enum err read_modseq(const struct mail_txn *m, void *arg)
{
	return mail_modseq(m, arg);
}

/* Every write but a subscription takes a modseq, so an unchanged one says it all; fsck says
 * that nothing else is out of step. */
static void check_unchanged(const char *name, unsigned n, uint64_t modseq)
{
	uint64_t now = 0;

	assert_int_equal(mail_read(&s, 1, read_modseq, &now), OK);
	if (now != modseq || told)
		fail_msg("%s, fault %u (%s): something changed", name, n, fault_name());
	mail_store_fsck(&s);
}

static void walk(enum store_backend backend, size_t i)
{
	struct watch *w;
	uint64_t modseq = 0;
	unsigned n;

	prepare(backend);
	w = watch_add(s.mailboxes.watches, 1, on_change, NULL);
	assert_int_equal(mail_read(&s, 1, read_modseq, &modseq), OK);
	told = 0;
	for (n = 1;; n++) {
		enum err e;

		fault_arm(n);
		e = operations[i].run();
		if (!fault_fired()) {
			assert_int_equal(e, OK);
			break;
		}
		fault_arm(0);
		if (e == OK)
			fail_msg("%s, fault %u (%s): not noticed", operations[i].name, n,
			         fault_name());
		check_unchanged(operations[i].name, n, modseq);
	}
	fault_arm(0);
	assert_true(n > 3);
	watch_remove(&w);
	mail_store_fsck(&s);
	mail_store_close(&s);
}

static void faults_memory(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++)
		walk(STORE_MEMORY, i);
}

static void faults_lmdb(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(operations); i++)
		walk(STORE_LMDB, i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_memory),
		cmocka_unit_test(faults_lmdb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
