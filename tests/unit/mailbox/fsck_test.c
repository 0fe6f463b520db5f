/* tests/unit/mailbox/fsck_test.c: damages of an account's state, of mailboxes, names, keywords and
 * subscriptions are found and named. */
#include "unit/mailbox/fsck_fixture.h"

DAMAGE(state_gone)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, 0);
	return del(m, SPACE_MAILBOX, &k);
}

DAMAGE(state_damaged)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, 0);
	return put(m, SPACE_MAILBOX, &k, STR("\x01"));
}

DAMAGE(state_field)
{
	struct account_state state;

	assert_int_equal(state_get(m, &state), OK);
	field_change(&state, arg);
	return state_put(m, &state);
}

DAMAGE(mailbox_field)
{
	struct mailbox box;

	assert_int_equal(mailbox_get(m, 1, &box), OK);
	box.leaf = str_dup(txn_arena(m->t), box.leaf);
	field_change(&box, arg);
	return mailbox_put(m, &box);
}

DAMAGE(mailbox_gone)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, 2);
	return del(m, SPACE_MAILBOX, &k);
}

DAMAGE(mailbox_damaged)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, 2);
	return put(m, SPACE_MAILBOX, &k, STR("\x07"));
}

DAMAGE(mailbox_ring)
{
	struct mailbox box;

	(void)arg;
	assert_int_equal(mailbox_get(m, 2, &box), OK);
	box.leaf = str_dup(txn_arena(m->t), box.leaf);
	box.parent = 2;
	return mailbox_put(m, &box);
}

DAMAGE(mailbox_twice)
{
	struct mailbox box;

	(void)arg;
	assert_int_equal(mailbox_get(m, 2, &box), OK);
	box.leaf = str_dup(txn_arena(m->t), box.leaf);
	box.role = ROLE_SENT;
	return mailbox_put(m, &box);
}

DAMAGE(name_gone)
{
	struct key k;

	(void)arg;
	key_name(&k, 1, 0, STR("Sent"));
	return del(m, SPACE_MAILBOX_NAME, &k);
}

DAMAGE(name_wrong)
{
	struct key k;

	(void)arg;
	key_name(&k, 1, 0, STR("Other"));
	return put(m, SPACE_MAILBOX_NAME, &k, STR("\x01"));
}

DAMAGE(keyword_gone)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, FLAG_CUSTOM);
	return del(m, SPACE_KEYWORD, &k);
}

DAMAGE(keyword_twice)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, FLAG_CUSTOM + 1);
	return put(m, SPACE_KEYWORD, &k, STR("\x01\x04WORD"));
}

DAMAGE(subscription_wrong)
{
	struct key k;

	(void)arg;
	key_init(&k, 1);
	key_bytes(&k, STR("0123456789abcdef"));
	return put(m, SPACE_SUBSCRIPTION, &k, STR("\x01\x04name"));
}

#define STATE(f, by)                                                                          \
	state_field,                                                                          \
	{                                                                                     \
		offsetof(struct account_state, f), sizeof(((struct account_state *)0)->f), by \
	}
#define BOX(f, by)                                                                \
	mailbox_field,                                                            \
	{                                                                         \
		offsetof(struct mailbox, f), sizeof(((struct mailbox *)0)->f), by \
	}

static const struct damage rows[] = {
	{ state_gone, { 0 }, "no state" },
	{ state_damaged, { 0 }, "state is damaged" },
	{ STATE(emails, 1), "counts 4 emails" },
	{ STATE(used_bytes, -1), "counts 3 emails of 35 bytes, there are 3 of 36" },
	{ STATE(mailboxes, 1), "counts 7 mailboxes, there are 6" },
	{ STATE(subscriptions, 1), "counts 2 subscriptions" },
	{ STATE(mailbox_next, -1), "not below the next id" },
	{ STATE(email_next, -1), "not below the next id" },
	{ STATE(modseq, -1), "has modseq" },
	{ STATE(uidvalidity_last, -10), "UIDVALIDITY" },
	{ STATE(changes_floor, 5), "not within" },
	{ BOX(exists, 1), "says 4 emails, its rows 3" },
	{ BOX(unseen, -1), "says 2 unseen" },
	{ BOX(deleted, 1), "says 1 deleted" },
	{ BOX(size_bytes, 1), "bytes" },
	{ BOX(first_unseen_uid, 1), "first unseen UID" },
	{ BOX(first_unseen_seq, 1), "first unseen number" },
	{ BOX(uidnext, -1), "is not below UIDNEXT" },
	{ BOX(first_recent_uid, 10), "recent from" },
	{ BOX(modseq, -1), "above the mailbox's" },
	{ BOX(modseq, 9), "has modseq" },
	{ BOX(uidvalidity, 1), "is not new" },
	{ BOX(parent, 77), "which does not exist" },
	{ mailbox_gone, { 0 }, "says mailbox 2" },
	{ mailbox_damaged, { 0 }, "mailbox 2 is damaged" },
	{ mailbox_ring, { 0 }, "within itself" },
	{ mailbox_twice, { 0 }, "same role" },
	{ name_gone, { 0 }, "not found by its name" },
	{ name_wrong, { 0 }, "another name" },
	{ keyword_gone, { 0 }, "keyword without a name" },
	{ keyword_twice, { 0 }, "name of another" },
	{ subscription_wrong, { 0 }, "not found by its name" },
};

static void damage_found(void **state)
{
	(void)state;
	damages_find(rows, COUNT(rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damage_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
