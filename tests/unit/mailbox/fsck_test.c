/* tests/unit/mailbox/fsck_test.c: every kind of damage is found and named. */
#include "base/arena.h"
#include "directory/directory.h"
#include "harness/check.h"
#include "harness/mail_store.h"
#include "mailbox/fsck.h"
#include "mailbox/keys.h"
#include "mailbox/metadata.h"
#include "mailbox/records.h"
#include "mailbox/url_key.h"

#include <string.h>

static struct mail_store s;

/* Account 1: INBOX (1) with rows 1 to 3 of emails 1 to 3, a keyword, a subscription, an annotation
 * of INBOX and an access key for it. */
static enum err keyword_make(const struct mail_txn *m, void *arg)
{
	unsigned id;

	(void)arg;
	return keyword_intern(m, STR("word"), &id);
}

static enum err annotate(const struct mail_txn *m, void *arg)
{
	uint8_t key[URL_KEY_BYTES] = { 1, 2, 3 };
	const struct metadata_entry entry = { .name = STR("/shared/comment"),
		                              .value = STR("what is in it") };
	const struct mail_txn server = { m->mailboxes, m->t, 0, 0 };
	enum err e = metadata_set(m, 1, &entry, 1);

	(void)arg;
	if (!e)
		e = metadata_set(&server, 0, &entry, 1);
	return e ? e : url_key_set(m, 1, key);
}

static void healthy(void)
{
	mail_store_open(&s, STORE_MEMORY);
	assert_int_equal(mail_do_provision(&s, 1), OK);
	assert_int_equal(mail_write(&s, 1, keyword_make, NULL), OK);
	assert_int_equal(mail_do_subscribe(&s, 1, "none", true), OK);
	assert_int_equal(mail_write(&s, 1, annotate, NULL), OK);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mail_do_append(&s, 1, 1, STR("a: b\r\n\r\nbody"),
		                                flags_with(FLAGS(0), FLAG_CUSTOM), NULL),
		                 OK);
	mail_store_fsck(&s);
}

/* --- Damages --- */

static enum err del(const struct mail_txn *m, enum space space, const struct key *k)
{
	return kv_del(m->t, space, key_str(k));
}

static enum err put(const struct mail_txn *m, enum space space, const struct key *k, struct str val)
{
	return kv_put(m->t, space, key_str(k), val);
}

#define DAMAGE(name) static enum err name(const struct mail_txn *m, void *arg)

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

/* The number at arg, in the state, becomes one more or less. */
struct field {
	size_t offset;
	size_t size;
	int by;
};

static void field_change(void *record, const struct field *f)
{
	char *p = (char *)record + f->offset;

	if (f->size == 8)
		*(uint64_t *)(void *)p += (uint64_t)(int64_t)f->by;
	else
		*(uint32_t *)(void *)p += (uint32_t)f->by;
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

DAMAGE(home_gone)
{
	struct key k;

	(void)arg;
	key_home(&k, 1, 2, 1, 2);
	return del(m, SPACE_EMAIL, &k);
}

DAMAGE(home_too_many)
{
	struct key k;

	(void)arg;
	key_home(&k, 1, 2, 1, 3);
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

DAMAGE(limbo_of_nothing)
{
	struct key k;

	(void)arg;
	key_limbo(&k, 1, 50);
	return put(m, SPACE_UID, &k, STR_EMPTY);
}

DAMAGE(limbo_and_home)
{
	struct key k;

	(void)arg;
	key_limbo(&k, 1, 2);
	return put(m, SPACE_UID, &k, STR_EMPTY);
}

DAMAGE(limbo_malformed)
{
	struct key k;

	(void)arg;
	key_uid(&k, 1, 0, 2);
	return put(m, SPACE_UID, &k, STR_EMPTY);
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
#define ROW(f, by)                                                                    \
	row_field,                                                                    \
	{                                                                             \
		offsetof(struct email_row, f), sizeof(((struct email_row *)0)->f), by \
	}

/* want: a part of some finding. */
/* Everybody has a \\Seen of his own in INBOX: user 2 that of UIDs 1 and 3. */
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

static const struct {
	mail_fn *damage;
	struct field field;
	const char *want;
} rows[] = {
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
	{ ROW(email, 1), "does not know that it is row" },
	{ ROW(email, 50), "email 52, which does not exist" },
	{ ROW(size_bytes, 1), "another size" },
	{ ROW(internal_ms, 1), "another size or date" },
	{ ROW(flags.bits[0], 1 << 30), "keyword without a name" },
	{ email_size, { 0 }, "its blob 12" },
	{ email_gone, { 0 }, "has a place, but no record" },
	{ email_damaged, { 0 }, "email 2 is damaged" },
	{ home_gone, { 0 }, "in 0 rows" },
	{ home_too_many, { 0 }, "in 2 rows" },
	{ row_gone, { 0 }, "is not in row 2 of mailbox 1" },
	{ row_damaged, { 0 }, "row 2 of mailbox 1 is damaged" },
	{ row_homeless, { 0 }, "mailbox 99, which does not exist" },
	{ limbo_of_nothing, { 0 }, "email 50 is in limbo, but does not exist" },
	{ limbo_and_home, { 0 }, "in limbo and in a mailbox" },
	{ limbo_malformed, { 0 }, "in mailbox 0, which does not exist" },
	{ mailbox_gone, { 0 }, "says mailbox 2" },
	{ mailbox_damaged, { 0 }, "mailbox 2 is damaged" },
	{ mailbox_ring, { 0 }, "within itself" },
	{ mailbox_twice, { 0 }, "same role" },
	{ name_gone, { 0 }, "not found by its name" },
	{ name_wrong, { 0 }, "another name" },
	{ keyword_gone, { 0 }, "keyword without a name" },
	{ keyword_twice, { 0 }, "name of another" },
	{ subscription_wrong, { 0 }, "not found by its name" },
	{ change_gone, { 0 }, "does not know" },
	{ change_damaged, { 0 }, "modseq 2 is damaged" },
	{ change_too_late, { 0 }, "not within" },
	{ change_of_nothing, { 0 }, "never had" },
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

struct search {
	const char *want;
	bool found;
};

static void finding_search(void *arg, const char *check, struct str sentence)
{
	struct search *x = arg;

	if (strcmp(check, "mailbox") == 0)
		x->found |= str_find(sentence, str_of(x->want)) >= 0;
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

static void damage_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct search x = { rows[i].want, false };
		struct fsck_report r = { .say = finding_search, .arg = &x };
		struct field field = rows[i].field;

		healthy();
		check_at(i, mail_write(&s, 1, rows[i].damage, &field) == OK);
		check_at(i, fsck_run(s.temp.store, &mailbox_fsck, 1, &r, NULL) == OK);
		check_at(i, x.found);
		mail_store_close(&s);
	}
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
		cmocka_unit_test(damage_shown),
		cmocka_unit_test(owners),
		cmocka_unit_test(nobodys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
