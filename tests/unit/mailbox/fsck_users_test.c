/* tests/unit/mailbox/fsck_users_test.c: damages of what users have in a mailbox are found and
 * named: what they have seen, annotations, access keys; and that of users who do not exist. */
#include "model/directory/directory.h"
#include "unit/mailbox/fsck_fixture.h"

/* --- what was seen ---------------------------------------------------------------------- */

/* Everybody has a \Seen of his own in INBOX: user 2 that of UIDs 1 and 3. */
static enum err seen_put(const struct mail_txn *m, uint32_t mailbox, struct str val)
{
	struct key k;

	key_mailbox(&k, 1, mailbox);
	key_u32(&k, 2);
	key_u32(&k, 0);
	return put(m, SPACE_SEEN, &k, val);
}

#define SEEN_1_AND_3 STR("\x01\x02\x01\x01\x01\x01")

DAMAGE(seen_set)
{
	enum err e = mailbox_own_seen_set(m, 1, true);

	(void)arg;
	return e ? e : seen_put(m, 1, SEEN_1_AND_3);
}

DAMAGE(seen_miscounted)
{
	enum err e = seen_set(m, arg);

	return e ? e : seen_put(m, 1, STR("\x01\x03\x01\x01\x01\x01"));
}

DAMAGE(seen_of_nothing)
{
	enum err e = seen_set(m, arg);

	return e ? e : seen_put(m, 1, STR("\x01\x01\x04\x01"));
}

DAMAGE(seen_where_all_have_one)
{
	(void)arg;
	return seen_put(m, 1, SEEN_1_AND_3);
}

DAMAGE(seen_in_no_mailbox)
{
	(void)arg;
	return seen_put(m, 99, SEEN_1_AND_3);
}

/* What is whole is found to be so. */
static void seen_is_whole(void **state)
{
	(void)state;
	healthy();
	assert_int_equal(mail_write(&s, 1, seen_set, NULL), OK);
	mail_store_fsck(&s);
	mail_store_close(&s);
}

/* --- annotations ------------------------------------------------------------------------ */

static void key_annotation(struct key *k, uint32_t mailbox, uint32_t user)
{
	key_mailbox(k, 1, mailbox);
	key_u32(k, user);
	key_bytes(k, STR("/shared/comment"));
}

DAMAGE(annotation_damaged)
{
	struct key k;

	(void)arg;
	key_annotation(&k, 1, 0);
	assert_int_equal(kv_get(m->t, SPACE_METADATA, key_str(&k), NULL), OK);
	return put(m, SPACE_METADATA, &k, STR("\x07"));
}

DAMAGE(annotation_cut)
{
	struct key k;

	(void)arg;
	key_annotation(&k, 1, 0);
	return put(m, SPACE_METADATA, &k, STR("\x01\x20less"));
}

DAMAGE(annotation_of_nothing)
{
	struct key k;

	(void)arg;
	key_annotation(&k, 99, 0);
	return put(m, SPACE_METADATA, &k, STR("\x01\x04text"));
}

DAMAGE(annotation_nameless)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, 1);
	return put(m, SPACE_METADATA, &k, STR("\x01\x04text"));
}

DAMAGE(annotation_of_server)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 0, 1);
	key_u32(&k, 0);
	key_bytes(&k, STR("/shared/comment"));
	return put(m, SPACE_METADATA, &k, STR("\x01\x04text"));
}

/* --- access keys ------------------------------------------------------------------------ */

static void key_access(struct key *k, const struct mail_txn *m, uint32_t account,
                       uint32_t mailbox)
{
	key_init(k, m->who);
	key_u32(k, account);
	key_u32(k, mailbox);
}

DAMAGE(access_damaged)
{
	struct key k;

	(void)arg;
	key_access(&k, m, 1, 1);
	assert_int_equal(kv_get(m->t, SPACE_URLKEY, key_str(&k), NULL), OK);
	return put(m, SPACE_URLKEY, &k, STR("\x01\x04less"));
}

DAMAGE(access_malformed)
{
	struct key k;

	(void)arg;
	key_mailbox(&k, 1, 1);
	return put(m, SPACE_URLKEY, &k, STR_EMPTY);
}

DAMAGE(access_to_nothing)
{
	uint8_t key[URL_KEY_BYTES] = { 1 };

	(void)arg;
	return url_key_set(m, 99, key);
}

DAMAGE(access_to_nobody)
{
	const struct mail_txn other = { m->mailboxes, m->t, 7, m->who };
	uint8_t key[URL_KEY_BYTES] = { 1 };

	(void)arg;
	return url_key_set(&other, 1, key);
}

/* --- findings --------------------------------------------------------------------------- */

static const struct damage rows[] = {
	{ seen_miscounted, { 0 }, "what was seen is damaged" },
	{ seen_of_nothing, { 0 }, "2 has seen UIDs from 0 on of mailbox 1" },
	{ seen_where_all_have_one, { 0 }, "mailbox 1, which has one for all" },
	{ seen_in_no_mailbox, { 0 }, "mailbox 99, which does not exist" },
	{ annotation_damaged, { 0 }, "annotation is damaged" },
	{ annotation_cut, { 0 }, "annotation is damaged" },
	{ annotation_of_nothing, { 0 }, "annotation of mailbox 99, which does not exist" },
	{ annotation_nameless, { 0 }, "annotation is damaged" },
	{ annotation_of_server, { 0 }, "account 0: there is an annotation of mailbox 1" },
	{ access_damaged, { 0 }, "an access key of " },
	{ access_malformed, { 0 }, "an access key of " },
	{ access_to_nothing, { 0 }, "access key for mailbox 99 of account 1" },
	{ access_to_nobody, { 0 }, "access key for mailbox 1 of account 7" },
};

static void damage_found(void **state)
{
	(void)state;
	damages_find(rows, COUNT(rows));
}

/* --- users who do not exist -------------------------------------------------------------- */

static enum err add_account(const struct mail_txn *m, void *arg)
{
	struct account_new new = { .address = STR("ada@example.org") };
	enum err e = domain_add(m->t, STR("example.org"), NULL);

	return e ? e : account_add(m->t, &new, arg, NULL);
}

static enum err remove_account(const struct mail_txn *m, void *arg)
{
	return account_rm(m->t, STR("ada@example.org"), arg, NULL);
}

static uint64_t owner_findings(void)
{
	struct fsck_report r = { .say = NULL };

	assert_int_equal(fsck_run(s.temp.store, &mail_owner_fsck, 1, &r, NULL), OK);
	return r.findings;
}

/* Mail and directory/ know of the same accounts. */
static void owners(void **state)
{
	uint32_t id = 0;

	(void)state;
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(owner_findings(), 0);
	assert_int_equal(mail_write(&s, 0, add_account, &id), OK);
	assert_int_equal(owner_findings(), 1);
	assert_int_equal(mail_do_provision(&s, id), OK);
	assert_int_equal(owner_findings(), 0);
	assert_int_equal(mail_do_provision(&s, id + 1), OK);
	assert_int_equal(owner_findings(), 1);
	assert_int_equal(mail_write(&s, 0, remove_account, &id), OK);
	assert_int_equal(owner_findings(), 2);
	mail_store_close(&s);
}

/* Rows of 9, whom directory/ does not know, in the mail of 1. */
static enum err nobodys_put(const struct mail_txn *m, void *arg)
{
	static const uint8_t url_key[URL_KEY_BYTES] = { 1 };
	const struct mail_txn nobody = { m->mailboxes, m->t, 1, 9 };
	struct key k;

	switch (*(const enum space *)arg) {
	case SPACE_MAILBOX:
		key_mailbox(&k, 9, 0);
		return put(m, SPACE_MAILBOX, &k, STR_EMPTY);
	case SPACE_SHARE:
		key_init(&k, 9);
		key_u32(&k, 1);
		key_u32(&k, 1);
		return put(m, SPACE_SHARE, &k, STR_EMPTY);
	case SPACE_SEEN:
		key_mailbox(&k, 1, 1);
		key_u32(&k, 9);
		key_u32(&k, 0);
		return put(m, SPACE_SEEN, &k, SEEN_1_AND_3);
	case SPACE_METADATA:
		key_annotation(&k, 1, 9);
		return put(m, SPACE_METADATA, &k, STR("\x01\x04text"));
	default:
		return url_key_set(&nobody, 1, url_key);
	}
}

static void finding_keep(void *arg, const char *check, struct str sentence)
{
	(void)check;
	buf_fmt(arg, "%.*s", STR_ARG(sentence));
}

/* All that users have is of somebody. */
static void nobodys(void **state)
{
	static const struct {
		enum space space;
		const char *want;
	} rows_of[] = {
		{ SPACE_MAILBOX, "there is mail of account 9, which does not exist" },
		{ SPACE_SHARE, "there are rights of account 9, which does not exist" },
		{ SPACE_SEEN, "there is a \\Seen of account 9, which does not exist" },
		{ SPACE_METADATA, "there is an annotation of account 9, which does not exist" },
		{ SPACE_URLKEY, "there is an access key of account 9, which does not exist" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows_of); i++) {
		enum space space = rows_of[i].space;
		struct fsck_report r = { .say = finding_keep };
		uint32_t id = 0;
		struct buf said;

		buf_init(&said, 4096);
		r.arg = &said;
		mail_store_open(&s, STORE_MEMORY);
		check_at(i, mail_write(&s, 0, add_account, &id) == OK);
		check_at(i, mail_do_provision(&s, id) == OK);
		check_at(i, mail_write(&s, id, nobodys_put, &space) == OK);
		check_at(i, fsck_run(s.temp.store, &mail_owner_fsck, 1, &r, NULL) == OK);
		check_str_at(i, buf_str(&said), str_of(rows_of[i].want));
		buf_deinit(&said);
		mail_store_close(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(seen_is_whole),
		cmocka_unit_test(damage_found),
		cmocka_unit_test(owners),
		cmocka_unit_test(nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
