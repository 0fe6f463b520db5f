/* tests/unit/mailbox/acl_test.c: who may do what in whose mail (model/mailbox/rights.h, acl.h). */
#include "foundation/base/arena.h"
#include "model/directory/group.h"
#include "model/mailbox/acl.h"
#include "model/store/store.h"
#include "unit/mailbox/fixture.h"

static uint32_t ada, bob, eve, team; /* bob is in the team */

/* --- People ----------------------------------------------------------------------------- */

static enum err people_make(struct txn *t, void *arg)
{
	struct str members[] = { STR("bob@example.org") };
	struct group group = { .address = STR("team@example.org"), .members = members, .count = 1 };
	struct account_new new = { .address = STR("ada@example.org") };
	enum err e = domain_add(t, STR("example.org"), NULL);

	(void)arg;
	if (e || (e = account_add(t, &new, &ada, NULL)))
		return e;
	new.address = STR("bob@example.org");
	if ((e = account_add(t, &new, &bob, NULL)))
		return e;
	new.address = STR("eve@example.org");
	if ((e = account_add(t, &new, &eve, NULL)) || (e = group_set(t, &group, NULL)) ||
	    (e = group_find(t, group.address, txn_arena(t), &group)))
		return e;
	team = group.id;
	return OK;
}

static int setup(void **state)
{
	(void)state;
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(store_write(s.temp.store, people_make, NULL, NULL), OK);
	assert_int_equal(mail_do_provision(&s, ada), OK);
	assert_int_equal(mail_do_provision(&s, bob), OK);
	assert_int_equal(mail_do_provision(&s, eve), OK);
	return 0;
}

/* --- Calls ------------------------------------------------------------------------------ */

static enum err change(const struct mail_txn *m, void *arg)
{
	return acl_change(m, arg);
}

static enum err grant(uint32_t owner, const char *box, uint32_t who, bool negative, unsigned rights)
{
	uint32_t acts = s.who;
	struct acl_change what = { .who = who, .negative = negative, .rights = rights };
	enum err e;

	s.who = 0;
	what.mailbox = mail_box(&s, owner, box).id;
	s.who = acts;
	e = mail_write(&s, owner, change, &what);
	return e;
}

struct asking {
	uint32_t mailbox;
	unsigned rights;
};

static enum err rights(const struct mail_txn *m, void *arg)
{
	struct asking *x = arg;

	return rights_get(m, x->mailbox, &x->rights);
}

static unsigned rights_of(uint32_t who, uint32_t owner, const char *box)
{
	struct asking x = { 0 };

	s.who = 0;
	x.mailbox = mail_box(&s, owner, box).id;
	s.who = who;
	assert_int_equal(mail_read(&s, owner, rights, &x), OK);
	s.who = 0;
	return x.rights;
}

struct owners {
	uint32_t ids[4];
	size_t n;
};

static enum err owners(const struct mail_txn *m, void *arg)
{
	struct owners *o = arg;
	uint32_t *ids;
	enum err e = acl_owners(m, txn_arena(m->t), &ids, &o->n);

	for (size_t i = 0; i < o->n && i < COUNT(o->ids); i++)
		o->ids[i] = ids[i];
	return e;
}

static struct owners owners_of(uint32_t who)
{
	struct owners o = { 0 };

	s.who = who;
	assert_int_equal(mail_read(&s, who, owners, &o), OK);
	s.who = 0;
	return o;
}

static enum err append_as(uint32_t who, uint32_t owner, const char *box, struct flags flags,
                          struct email_appended *out)
{
	uint32_t id = mail_box(&s, owner, box).id;
	enum err e;

	s.who = who;
	e = mail_do_append(&s, owner, id, STR("Subject: x\r\n\r\nbody\r\n"), flags, out);
	s.who = 0;
	return e;
}

/* --- Who has what ----------------------------------------------------------------------- */

static void test_owner(void **state)
{
	(void)state;
	assert_int_equal(rights_of(0, ada, "INBOX"), RIGHTS_ALL);
	assert_int_equal(rights_of(ada, ada, "INBOX"), RIGHTS_ALL);
	assert_int_equal(rights_of(bob, ada, "INBOX"), 0);
	assert_int_equal(grant(ada, "INBOX", ada, false, RIGHT_LOOKUP), ERR_SYNTAX);
}

static void test_sums(void **state)
{
	unsigned lr = RIGHT_LOOKUP | RIGHT_READ;

	(void)state;
	assert_int_equal(grant(ada, "INBOX", bob, false, lr), OK);
	assert_int_equal(rights_of(bob, ada, "INBOX"), lr);
	assert_int_equal(rights_of(eve, ada, "INBOX"), 0);
	assert_int_equal(grant(ada, "INBOX", team, false, RIGHT_INSERT), OK);
	assert_int_equal(rights_of(bob, ada, "INBOX"), lr | RIGHT_INSERT);
	assert_int_equal(grant(ada, "INBOX", ACL_ANYONE, false, RIGHT_WRITE), OK);
	assert_int_equal(rights_of(bob, ada, "INBOX"), lr | RIGHT_INSERT | RIGHT_WRITE);
	assert_int_equal(rights_of(eve, ada, "INBOX"), RIGHT_WRITE);
	/* What is denied is denied wherever it came from. */
	assert_int_equal(grant(ada, "INBOX", bob, true, RIGHT_INSERT | RIGHT_WRITE), OK);
	assert_int_equal(rights_of(bob, ada, "INBOX"), lr);
	assert_int_equal(grant(ada, "INBOX", ACL_ANYONE, true, RIGHT_LOOKUP), OK);
	assert_int_equal(rights_of(bob, ada, "INBOX"), RIGHT_READ);
	assert_int_equal(rights_of(ada, ada, "INBOX"), RIGHTS_ALL);
}

static void test_owners(void **state)
{
	struct owners o;

	(void)state;
	o = owners_of(eve);
	assert_int_equal(o.n, 0);
	o = owners_of(bob);
	assert_true(o.n == 1 && o.ids[0] == team);
	assert_int_equal(grant(ada, "INBOX", team, false, RIGHT_LOOKUP), OK);
	assert_int_equal(grant(ada, "Sent", bob, false, RIGHT_LOOKUP), OK);
	assert_int_equal(grant(eve, "Sent", ACL_ANYONE, false, RIGHT_LOOKUP), OK);
	o = owners_of(bob);
	assert_true(o.n == 3 && o.ids[0] == ada && o.ids[1] == eve && o.ids[2] == team);
	o = owners_of(eve);
	assert_int_equal(o.n, 0); /* only her own, which is not another's */
	assert_int_equal(grant(ada, "INBOX", team, false, 0), OK);
	assert_int_equal(grant(ada, "Sent", bob, false, 0), OK);
	o = owners_of(bob);
	assert_true(o.n == 2 && o.ids[0] == eve && o.ids[1] == team);
}

static void test_limit(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < MAIL_STORE_ACL; i++)
		assert_int_equal(grant(ada, "INBOX", 100 + i, false, RIGHT_READ), OK);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_READ), ERR_LIMIT);
	assert_int_equal(grant(ada, "INBOX", 100, false, RIGHT_WRITE), OK);
	assert_int_equal(grant(ada, "INBOX", 100, false, 0), OK);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_READ), OK);
}

static void test_administer(void **state)
{
	(void)state;
	s.who = bob;
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHTS_ALL), ERR_MISSING);
	s.who = 0;
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP), OK);
	s.who = bob;
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHTS_ALL), ERR_DENIED);
	s.who = 0;
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_ADMINISTER), OK);
	s.who = bob;
	assert_int_equal(grant(ada, "INBOX", eve, false, RIGHT_READ), OK);
}

/* A group's mail belongs to its members. */
static enum err group_begin(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_provision_group(m);
}

static void test_group(void **state)
{
	(void)state;
	assert_int_equal(mail_write(&s, team, group_begin, NULL), OK);
	s.who = eve;
	assert_int_equal(mail_do_create(&s, team, "Plans"), ERR_MISSING);
	s.who = bob;
	assert_int_equal(mail_do_create(&s, team, "Plans"), OK);
	assert_int_equal(rights_of(bob, team, "Plans"), RIGHTS_ALL);
	assert_int_equal(rights_of(eve, team, "Plans"), 0);
	assert_int_equal(grant(team, "Plans", bob, true, RIGHTS_ALL), OK);
	assert_int_equal(rights_of(bob, team, "Plans"), RIGHT_LOOKUP | RIGHT_ADMINISTER);
}

/* --- What it lets them do --------------------------------------------------------------- */

static void test_append(void **state)
{
	struct flags flags = FLAGS(BIT64(FLAG_SEEN) | BIT64(FLAG_DELETED) | BIT64(FLAG_FLAGGED));
	struct email_appended out = { 0 };
	uint32_t inbox = mail_box(&s, ada, "INBOX").id;

	(void)state;
	assert_int_equal(append_as(bob, ada, "INBOX", flags, &out), ERR_MISSING);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP), OK);
	assert_int_equal(append_as(bob, ada, "INBOX", flags, &out), ERR_DENIED);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_INSERT | RIGHT_SEEN), OK);
	assert_int_equal(append_as(bob, ada, "INBOX", flags, &out), OK);
	assert_true(flags_eq(mail_row(&s, ada, inbox, out.uid).flags, FLAGS(BIT64(FLAG_SEEN))));
}

static void test_flags(void **state)
{
	uint32_t inbox = mail_box(&s, ada, "INBOX").id;
	struct email_store what = { inbox, &uids_all, FLAGS_SET,
		                    FLAGS(BIT64(FLAG_SEEN) | BIT64(FLAG_FLAGGED)), UINT64_MAX };
	struct email_stored out = { 0 };
	struct email_appended row = { 0 };

	(void)state;
	assert_int_equal(append_as(0, ada, "INBOX", FLAGS(BIT64(FLAG_DELETED)), &row), OK);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP | RIGHT_SEEN), OK);
	s.who = bob;
	assert_int_equal(mail_do_store(&s, ada, &what, &out), OK);
	s.who = 0;
	assert_true(flags_eq(mail_row(&s, ada, inbox, row.uid).flags,
	                     FLAGS(BIT64(FLAG_SEEN) | BIT64(FLAG_DELETED))));
	what.op = FLAGS_ADD;
	what.flags = FLAGS(BIT64(FLAG_FLAGGED));
	s.who = bob;
	assert_int_equal(mail_do_store(&s, ada, &what, &out), ERR_DENIED);
	s.who = eve;
	assert_int_equal(mail_do_store(&s, ada, &what, &out), ERR_MISSING);
	email_stored_deinit(&out);
}

static void test_expunge(void **state)
{
	struct email_expunge all = { mail_box(&s, ada, "INBOX").id, &uids_all, false };
	struct uids gone = { 0 };

	(void)state;
	assert_int_equal(append_as(0, ada, "INBOX", FLAGS(0), NULL), OK);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHTS_ALL & ~RIGHT_EXPUNGE), OK);
	s.who = bob;
	assert_int_equal(mail_do_expunge(&s, ada, &all, &gone), ERR_DENIED);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_EXPUNGE), OK);
	assert_int_equal(mail_do_expunge(&s, ada, &all, &gone), OK);
	assert_int_equal(gone.count, 1);
	uids_deinit(&gone);
}

static void test_tree(void **state)
{
	(void)state;
	assert_int_equal(mail_do_create(&s, ada, "Work"), OK);
	assert_int_equal(grant(ada, "Work", bob, false, RIGHT_LOOKUP | RIGHT_CREATE), OK);
	s.who = bob;
	assert_int_equal(mail_do_create(&s, ada, "Mine"), ERR_MISSING);
	assert_int_equal(mail_do_create(&s, ada, "Work/a/b"), OK);
	assert_int_equal(rights_of(bob, ada, "Work/a/b"),
	                 RIGHT_LOOKUP | RIGHT_CREATE); /* inherited */
	s.who = bob;
	assert_int_equal(mail_do_rename(&s, ada, "Work/a/b", "Work/c"), ERR_DENIED);
	s.who = 0;
	assert_int_equal(grant(ada, "Work/a/b", bob, false, RIGHT_LOOKUP | RIGHT_DELETE), OK);
	s.who = bob;
	assert_int_equal(mail_do_rename(&s, ada, "Work/a/b", "c"), ERR_MISSING);
	assert_int_equal(mail_do_rename(&s, ada, "Work/a/b", "Work/c"), OK);
	assert_int_equal(rights_of(bob, ada, "Work/c"), RIGHT_LOOKUP | RIGHT_DELETE);
}

/* Ids and numbers of keywords are each account's own. */
static void test_copy_across(void **state)
{
	static const struct flags flags = { { BIT64(FLAG_SEEN) | BIT64(FLAG_CUSTOM), 0 } };
	uint32_t inbox = mail_box(&s, ada, "INBOX").id, sent = mail_box(&s, bob, "Sent").id;
	struct email_copy what = {
		.from = inbox, .to = sent, .to_account = bob, .uids = &uids_all
	};
	struct email_copied out = { 0 };

	(void)state;
	assert_int_equal(append_as(0, ada, "INBOX", FLAGS(BIT64(FLAG_SEEN)), NULL), OK);
	assert_int_equal(append_as(0, ada, "INBOX", flags, NULL), OK);
	s.who = bob;
	assert_int_equal(mail_do_transfer(&s, ada, &what, false, &out), ERR_MISSING);
	assert_int_equal(grant(ada, "INBOX", bob, false, 0), ERR_MISSING);
	s.who = 0;
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_READ | RIGHT_LOOKUP), OK);
	s.who = bob;
	assert_int_equal(mail_do_transfer(&s, ada, &what, false, &out), OK);
	assert_true(out.from.count == 2 && out.to.count == 2);
	assert_int_equal(mail_do_transfer(&s, ada, &what, true, &out), ERR_DENIED);
	s.who = 0;
	assert_int_equal(mail_do_transfer(&s, ada, &what, true, &out), OK);
	assert_int_equal(mail_box(&s, ada, "INBOX").exists, 0);
	assert_int_equal(mail_box(&s, bob, "Sent").exists, 4);
	assert_true(flags_eq(mail_row(&s, bob, sent, 1).flags, FLAGS(BIT64(FLAG_SEEN))));
	email_copied_deinit(&out);
}

/* --- It ends with the mailbox, and with either account ---------------------------------- */

static enum err erase(const struct mail_txn *m, void *arg)
{
	(void)arg;
	return mail_erase(m);
}

static void test_removed(void **state)
{
	(void)state;
	assert_int_equal(mail_do_create(&s, ada, "Work"), OK);
	assert_int_equal(grant(ada, "Work", bob, false, RIGHT_LOOKUP), OK);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP), OK);
	assert_int_equal(grant(bob, "INBOX", ada, false, RIGHT_LOOKUP), OK);
	assert_int_equal(mail_do_delete(&s, ada, "Work"), OK);
	mail_store_fsck(&s);
	assert_int_equal(mail_write(&s, ada, erase, NULL), OK);
	mail_store_fsck(&s);
	assert_int_equal(owners_of(ada).n, 0);
	assert_int_equal(owners_of(bob).n, 1); /* the team */
}

static enum err row_lose(const struct mail_txn *m, void *arg)
{
	enum space *space = arg;
	struct kv_iter it;
	enum err e = OK, walked;

	kv_iter_prefix(&it, m->t, *space, STR_EMPTY);
	while (!e && kv_iter_next(&it))
		e = kv_del(m->t, *space, it.key);
	walked = kv_iter_end(&it);
	return e ? e : walked;
}

static void test_fsck(void **state)
{
	enum space acl = SPACE_ACL, share = SPACE_SHARE;

	(void)state;
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP), OK);
	assert_int_equal(mail_write(&s, ada, row_lose, &share), OK);
	assert_int_equal(mail_store_findings(&s), 1);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP), OK);
	assert_int_equal(mail_store_findings(&s), 0);
	assert_int_equal(mail_write(&s, ada, row_lose, &acl), OK);
	assert_int_equal(mail_store_findings(&s), 1);
	assert_int_equal(grant(ada, "INBOX", bob, false, RIGHT_LOOKUP), OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_owner),      TEST(test_sums),  TEST(test_owners),      TEST(test_limit),
		TEST(test_administer), TEST(test_group), TEST(test_append),      TEST(test_flags),
		TEST(test_expunge),    TEST(test_tree),  TEST(test_copy_across), TEST(test_removed),
		TEST(test_fsck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
