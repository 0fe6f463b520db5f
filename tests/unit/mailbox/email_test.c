/* tests/unit/mailbox/email_test.c: emails and rows: what each write does and tells. */
#include "formats/message/envelope.h"
#include "formats/message/structure.h"
#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "model/directory/directory.h"
#include "unit/mailbox/fixture.h"

static uint32_t inbox, sent;

static const struct flags none, seen = FLAGS(BIT64(FLAG_SEEN)),
				deleted = FLAGS(BIT64(FLAG_DELETED));

static int setup(void **state)
{
	setup_new(state);
	inbox = mail_box(&s, 1, "INBOX").id;
	sent = mail_box(&s, 1, "Sent").id;
	return 0;
}

static uint32_t append(uint32_t mailbox, struct flags flags)
{
	struct email_appended out;

	assert_int_equal(
		mail_do_append(&s, 1, mailbox, STR("Subject: x\r\n\r\nbody\r\n"), flags, &out), OK);
	return out.uid;
}

static void flags_change(uint32_t lo, uint32_t hi, enum flags_op op, struct flags flags)
{
	struct uids uids = { 0 };
	struct email_stored out = { 0 };
	struct email_store what = { inbox, &uids, op, flags, UINT64_MAX };

	uids_add(&uids, lo, hi);
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	email_stored_deinit(&out);
	uids_deinit(&uids);
}

/* --- Preparing --- */

struct look {
	uint64_t id;
	int64_t sent_ms;
};

static enum err described_look(const struct mail_txn *m, void *arg)
{
	struct look *x = arg;
	struct arena a = { 0 };
	struct envelope env;
	struct structure st;
	struct email email;

	assert_int_equal(email_get(m, x->id, &email), OK);
	assert_int_equal(email.sent_ms, x->sent_ms);
	assert_int_equal(email_describe(m, &a, &email), OK);
	assert_true(envelope_unpack(&a, email.envelope, &env));
	check_str(env.subject, STR("hello"));
	assert_true(structure_unpack(&a, email.structure, &st));
	assert_int_equal(st.n, 1);
	check_str(email.preview, STR("a line"));
	assert_int_equal(email.body_lines, 1);
	assert_int_equal(email.header_bytes + 8, email.size_bytes);
	arena_deinit(&a);
	return OK;
}

static void described(void **state)
{
	(void)state;
	struct email_appended out;

	assert_int_equal(mail_do_append(&s, 1, inbox,
	                                STR("Subject: hello\r\nDate: Thu, 1 Jan 1970 "
	                                    "00:00:07 +0000\r\n\r\na line\r\n"),
	                                none, &out),
	                 OK);
	assert_int_equal(mail_read(&s, 1, described_look, &(struct look){ out.email, 7000 }), OK);
	/* Without a date that can be read, it was sent when it came. */
	assert_int_equal(
		mail_do_append(&s, 1, inbox, STR("Subject: hello\r\n\r\na line\r\n"), none, &out),
		OK);
	assert_int_equal(mail_read(&s, 1, described_look, &(struct look){ out.email, 26000 }), OK);
}

/* Parts are joined, and what describes them fits whatever they are. */
static void prepared(void **state)
{
	(void)state;
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct str parts[] = { STR("Return-Path: <>\r\n"), STR("Subject: a\r\n"), STR("\r\nbody") };
	struct email_new *new = NULL;
	struct buf huge;

	assert_int_equal(email_prepare(s.temp.store, parts, COUNT(parts), &limits, &new, NULL), OK);
	assert_int_equal(email_new_get(new)->size_bytes, 35);
	assert_int_equal(email_new_get(new)->header_bytes, 31);
	email_new_free(&new);
	email_new_free(&new);

	limits.parts = 10000;
	buf_init(&huge, 8 << 20);
	buf_put(&huge, STR("Content-Type: multipart/mixed; boundary=b\r\n\r\n"));
	for (int i = 0; i < 9000; i++)
		buf_fmt(&huge, "--b\r\nContent-Type: text/plain; name=%0200d\r\n\r\nx\r\n", i);
	buf_put(&huge, STR("--b--\r\n"));
	assert_int_equal(email_prepare(s.temp.store, &(struct str){ huge.p, huge.n }, 1, &limits,
	                               &new, NULL),
	                 OK);
	assert_int_equal(email_new_get(new)->size_bytes, huge.n);
	email_new_free(&new);
	buf_deinit(&huge);
}

/* --- Appending --- */

struct shared {
	const struct email_new *email;
	uint32_t accounts;
};

static enum err append_all(struct txn *t, void *arg)
{
	struct shared *x = arg;
	enum err e = OK;

	for (uint32_t account = 1; account <= x->accounts && !e; account++) {
		struct mail_txn m = { .mailboxes = &s.mailboxes, .t = t, .account = account };
		struct email_appended out;
		struct mailbox box;

		if ((e = mailbox_find(&m, STR("INBOX"), &box)))
			return e;
		e = email_append(&m, &(struct email_append){ .mailbox = box.id, .email = x->email },
		                 &out);
	}
	return e;
}

static void appended_to_many(void **state)
{
	(void)state;
	struct message_limits limits = MESSAGE_LIMITS_DEFAULT;
	struct email_new *new = NULL;
	struct shared x = { .accounts = 10 };

	for (uint32_t account = 2; account <= 10; account++)
		assert_int_equal(mail_do_provision(&s, account), OK);
	assert_int_equal(email_prepare(s.temp.store, &STR("a: b\r\n\r\nc"), 1, &limits, &new, NULL),
	                 OK);
	x.email = new;
	assert_int_equal(store_write(s.temp.store, append_all, &x, NULL), OK);
	assert_int_equal(store_write(s.temp.store, append_all, &x, NULL), OK);
	for (uint32_t account = 1; account <= 10; account++)
		assert_int_equal(mail_box(&s, account, "INBOX").exists, 2);
	/* One account less: nothing of it stays. */
	x.accounts = 11;
	assert_int_equal(store_write(s.temp.store, append_all, &x, NULL), ERR_MISSING);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 2);
	email_new_free(&new);
}

static enum err account_make(struct txn *t, void *arg)
{
	struct account_new new = { .address = STR("a@example.org"), .quota_bytes = 50 };
	struct account account;
	uint32_t id;
	enum err e;

	(void)arg;
	if ((e = domain_add(t, STR("example.org"), NULL)) || (e = account_add(t, &new, &id, NULL)))
		return e;
	assert_int_equal(id, 1);
	if ((e = account_get(t, id, txn_arena(t), &account)))
		return e;
	account.quota_emails = 3;
	return account_change(t, &account, NULL);
}

static enum err quota_look(const struct mail_txn *m, void *arg)
{
	struct mail_quota q;

	assert_int_equal(mail_quota_get(m, &q), OK);
	assert_int_equal(q.max_bytes, 50);
	assert_int_equal(q.emails, 2);
	assert_int_equal(q.used_bytes, 40);
	assert_int_equal(mail_quota_check(m, 10), OK);
	assert_int_equal(mail_quota_check(m, 11), ERR_LIMIT);
	(void)arg;
	return OK;
}

static void quota(void **state)
{
	(void)state;
	struct email_copied out = { 0 };
	struct email_copy what = { .from = inbox, .to = sent, .uids = &uids_all };

	assert_int_equal(store_write(s.temp.store, account_make, NULL, NULL), OK);
	append(inbox, none); /* 20 bytes each */
	append(inbox, none);
	assert_int_equal(mail_read(&s, 1, quota_look, NULL), OK);
	assert_int_equal(mail_do_append(&s, 1, inbox, STR("eleven byte"), none, NULL), ERR_LIMIT);
	assert_string_equal(mail_why.text, "the account's quota of 50 bytes would be passed");
	/* Copies take no bytes; each counts as a message. */
	assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), ERR_LIMIT);
	assert_int_equal(mail_box(&s, 1, "Sent").exists, 0);
	assert_int_equal(mail_do_transfer(&s, 1, &what, true, &out), OK);
	assert_int_equal(mail_box(&s, 1, "Sent").exists, 2);
	email_copied_deinit(&out);
	assert_int_equal(mail_do_append(&s, 1, inbox, STR("ten bytes!"), none, NULL), OK);
}

static void too_many_copies(void **state)
{
	struct email_copied out = { 0 };
	struct email_copy what = { .from = inbox, .to = sent, .uids = &uids_all };

	(void)state;
	append(inbox, none);
	for (int i = 1; i < LIMIT_placements; i++)
		assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), OK);
	assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), ERR_LIMIT);
	assert_int_equal(mail_box(&s, 1, "Sent").exists, LIMIT_placements - 1);
	assert_int_equal(mail_do_transfer(&s, 1, &what, true, &out), OK);
	email_copied_deinit(&out);
}

/* --- Flags --- */

static void flags_conditional(void **state)
{
	(void)state;
	struct email_stored out = { 0 };
	struct email_store what = { inbox, &uids_all, FLAGS_ADD, seen, 0 };
	uint64_t modseq;

	append(inbox, none);
	append(inbox, none);
	append(inbox, seen);
	modseq = mail_box(&s, 1, "INBOX").modseq;
	flags_change(2, 2, FLAGS_ADD, deleted);
	what.unchanged_since = modseq;
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_true(uids_has(&out.changed, 1) && out.changed.count == 1);
	assert_true(uids_has(&out.modified, 2) && out.modified.count == 1);
	assert_int_equal(out.modseq, modseq + 2);
	assert_int_equal(mail_row(&s, 1, inbox, 1).modseq, modseq + 2);
	assert_int_equal(mail_row(&s, 1, inbox, 3).modseq, modseq); /* was \Seen already */
	/* Nothing to do: no modseq is used up. */
	what.unchanged_since = UINT64_MAX;
	what.flags = none;
	assert_int_equal(mail_do_store(&s, 1, &what, &out), OK);
	assert_int_equal(out.modseq, modseq + 2);
	assert_int_equal(out.changed.n, 0);
	email_stored_deinit(&out);
}

/* Each step, and where the first unseen one is then: UID and sequence number. */
static void first_unseen(void **state)
{
	(void)state;
	static const struct {
		uint32_t lo, hi;
		enum { SEE, UNSEE, EXPUNGE, ADD_SEEN, ADD } what;
		uint32_t uid, seq;
	} rows[] = {
		{ 1, 2, SEE, 3, 3 },       { 5, 6, SEE, 3, 3 },     { 3, 3, SEE, 4, 4 },
		{ 1, 1, EXPUNGE, 4, 3 },   { 4, 4, SEE, 7, 6 },     { 7, 20, SEE, 0, 0 },
		{ 1, 1, ADD_SEEN, 0, 0 },  { 1, 1, ADD, 12, 11 },   { 5, 6, UNSEE, 5, 4 },
		{ 2, 2, EXPUNGE, 5, 3 },   { 5, 5, EXPUNGE, 6, 3 }, { 6, 6, EXPUNGE, 12, 8 },
		{ 10, 12, EXPUNGE, 0, 0 }, { 1, 20, UNSEE, 3, 1 },  { 1, 20, EXPUNGE, 0, 0 },
		{ 1, 1, ADD, 13, 1 },
	};
	struct uids uids = { 0 }, gone = { 0 };
	struct mailbox box;

	for (int i = 0; i < 10; i++)
		append(inbox, none);
	for (size_t i = 0; i < COUNT(rows); i++) {
		uids_reset(&uids);
		uids_add(&uids, rows[i].lo, rows[i].hi);
		if (rows[i].what == SEE || rows[i].what == UNSEE)
			flags_change(rows[i].lo, rows[i].hi,
			             rows[i].what == SEE ? FLAGS_ADD : FLAGS_REMOVE, seen);
		else if (rows[i].what == EXPUNGE)
			check_at(i, mail_do_expunge(&s, 1,
			                            &(struct email_expunge){ inbox, &uids, false },
			                            &gone) == OK);
		else
			append(inbox, rows[i].what == ADD ? none : seen);
		box = mail_box(&s, 1, "INBOX");
		check_at(i, box.first_unseen_uid == rows[i].uid);
		check_at(i, box.first_unseen_seq == rows[i].seq);
		mail_store_fsck(&s);
	}
	uids_deinit(&uids);
	uids_deinit(&gone);
}

/* --- Copying and moving --- */

static void copied(void **state)
{
	(void)state;
	struct email_copied out = { 0 };
	struct email_copy what = { .from = inbox, .to = sent, .uids = &uids_all };
	struct email_row a, b;

	append(inbox, seen);
	append(inbox, none);
	assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), OK);
	a = mail_row(&s, 1, inbox, 1);
	b = mail_row(&s, 1, sent, 1);
	assert_true(a.email == b.email && flags_eq(a.flags, b.flags)); /* RFC 8474 5.1 */
	assert_int_equal(a.internal_ms, b.internal_ms);
	/* Flags are each its own. */
	flags_change(1, 1, FLAGS_SET, deleted);
	assert_true(flags_eq(mail_row(&s, 1, sent, 1).flags, seen));
	/* Into the same mailbox, once and not for ever. */
	what.to = inbox;
	assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), OK);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 4);
	assert_int_equal(out.to.ranges[0].lo, 3);
	assert_int_equal(out.uidvalidity, mail_box(&s, 1, "INBOX").uidvalidity);
	what.to = 999;
	assert_int_equal(mail_do_transfer(&s, 1, &what, false, &out), ERR_MISSING);
	email_copied_deinit(&out);
}

static void moved(void **state)
{
	(void)state;
	struct email_copied out = { 0 };
	struct email_copy what = { .from = inbox, .to = sent, .uids = &uids_all };
	struct email_row before;

	append(inbox, seen);
	append(inbox, none);
	before = mail_row(&s, 1, inbox, 2);
	assert_int_equal(mail_do_transfer(&s, 1, &what, true, &out), OK);
	assert_int_equal(mail_row(&s, 1, sent, 2).email, before.email);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 0);
	/* RFC 6851 3.3: moving to the same mailbox gives new UIDs. */
	what.from = sent;
	assert_int_equal(mail_do_transfer(&s, 1, &what, true, &out), OK);
	assert_int_equal(mail_box(&s, 1, "Sent").exists, 2);
	assert_int_equal(mail_row(&s, 1, sent, 4).email, before.email);
	email_copied_deinit(&out);
}

static void expunged(void **state)
{
	(void)state;
	struct uids uids = { 0 }, gone = { 0 };

	append(inbox, deleted);
	append(inbox, none);
	append(inbox, deleted);
	uids_add(&uids, 1, 2);
	assert_int_equal(
		mail_do_expunge(&s, 1, &(struct email_expunge){ inbox, &uids, true }, &gone), OK);
	assert_int_equal(gone.count, 1);
	assert_int_equal(mail_box(&s, 1, "INBOX").deleted, 1);
	assert_int_equal(
		mail_do_expunge(&s, 1, &(struct email_expunge){ inbox, &uids, false }, &gone), OK);
	assert_true(uids_has(&gone, 2) && gone.count == 1);
	assert_int_equal(
		mail_do_expunge(&s, 1, &(struct email_expunge){ inbox, &uids_all, true }, &gone),
		OK);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, 0);
	assert_int_equal(append(inbox, none), 4); /* UIDs are never used again */
	uids_deinit(&uids);
	uids_deinit(&gone);
}

static enum err run_claim(const struct mail_txn *m, void *arg)
{
	uint32_t *end_then_first = arg;

	return mailbox_claim_recent(m, inbox, *end_then_first, end_then_first);
}

static void recent_claimed(void **state)
{
	(void)state;
	/* Each step appends so many, then claims those below end: RFC 3501 2.3.2. */
	static const struct {
		unsigned appended;
		uint32_t end, first, unclaimed;
	} steps[] = {
		{ 2, 3, 1, 3 },
		{ 0, 3, 3, 3 }, /* all are claimed: nothing for this caller    */
		{ 3, 5, 3, 5 }, /* only up to what the caller is told of       */
		{ 0, UINT32_MAX, 5, 6 },
	};

	for (size_t i = 0; i < COUNT(steps); i++) {
		uint32_t claim = steps[i].end;

		for (unsigned k = 0; k < steps[i].appended; k++)
			append(inbox, none);
		assert_int_equal(mail_write(&s, 1, run_claim, &claim), OK);
		check_at(i, claim == steps[i].first);
		check_at(i, mail_box(&s, 1, "INBOX").first_recent_uid == steps[i].unclaimed);
	}
}

/* --- The log --- */

static bool change_print(const struct change *c, void *arg)
{
	static const char *const kinds[] = { "", "+", "~", "-", "created", "edited", "deleted" };

	buf_fmt(arg, "%s%u", kinds[c->kind], (unsigned)c->mailbox);
	if (c->count)
		buf_fmt(arg, ":%u*%u", (unsigned)c->uid, (unsigned)c->count);
	buf_put(arg, STR(" "));
	return true;
}

struct since {
	uint32_t mailbox;
	uint64_t modseq;
	struct buf out;
	enum err want;
};

static enum err run_since(const struct mail_txn *m, void *arg)
{
	struct since *x = arg;

	assert_int_equal(changes_since(m, x->mailbox, x->modseq, change_print, &x->out), x->want);
	return OK;
}

static void check_since(uint32_t mailbox, uint64_t modseq, enum err result, const char *want)
{
	struct since x = { .mailbox = mailbox, .modseq = modseq, .want = result };

	buf_init(&x.out, 4096);
	assert_int_equal(mail_read(&s, 1, run_since, &x), OK);
	if (want)
		check_str(buf_str(&x.out), str_of(want));
	buf_deinit(&x.out);
}

static enum err run_floor(const struct mail_txn *m, void *arg)
{
	return changes_floor(m, arg);
}

static uint64_t log_floor(void)
{
	uint64_t modseq = UINT64_MAX;

	assert_int_equal(mail_read(&s, 1, run_floor, &modseq), OK);
	return modseq;
}

static void log_told(void **state)
{
	(void)state;
	struct email_copied out = { 0 };
	struct uids uids = { 0 };
	uint64_t start = mail_box(&s, 1, "INBOX").modseq;

	uids_add(&uids, 2, 3);
	for (int i = 0; i < 4; i++)
		append(inbox, none);
	flags_change(1, 3, FLAGS_ADD, seen);
	assert_int_equal(
		mail_do_transfer(&s, 1,
	                         &(struct email_copy){ .from = inbox, .to = sent, .uids = &uids },
	                         true, &out),
		OK);
	assert_int_equal(mail_do_create(&s, 1, "a/b"), OK);
	assert_int_equal(mail_do_rename(&s, 1, "a/b", "b"), OK);
	assert_int_equal(mail_do_delete(&s, 1, "Sent"), OK);
	check_since(inbox, start, OK, "+1:1*1 +1:2*1 +1:3*1 +1:4*1 ~1:1*3 -1:2*2 ");
	check_since(inbox, start + 4, OK, "~1:1*3 -1:2*2 ");
	check_since(0, start + 5, OK, "-1:2*2 +3:1*2 created7 created8 edited8 -3:1*2 deleted3 ");
	check_since(0, start + 9, OK, "");
	check_since(0, UINT64_MAX, OK, "");
	uids_deinit(&uids);
	email_copied_deinit(&out);
}

static uint64_t toggle(unsigned times)
{
	while (times-- > 0) {
		bool on = flags_has(mail_row(&s, 1, inbox, 1).flags, FLAG_SEEN);

		flags_change(1, 1, on ? FLAGS_REMOVE : FLAGS_ADD, seen);
	}
	return mail_box(&s, 1, "INBOX").modseq;
}

/* The log stops growing: it reaches back as far as was asked, and little further. */
static void log_forgotten(void **state)
{
	(void)state;
	enum { KEPT = 100, SLACK = 64 };
	uint64_t modseq;

	append(inbox, none);
	modseq = toggle(2 * KEPT);
	assert_int_equal(log_floor(), 0); /* nobody asked */
	s.mailboxes.changes_kept = KEPT;
	for (int i = 0; i < 10; i++) {
		modseq = toggle(37);
		mail_store_fsck(&s);
	}
	assert_in_range(log_floor(), modseq - KEPT - SLACK, modseq - KEPT);
	check_since(inbox, log_floor() - 1, ERR_MISSING, "");
	check_since(inbox, log_floor(), OK, NULL);
	check_since(inbox, modseq - 2, OK, "~1:1*1 ~1:1*1 ");
}

/* A log that grew long under another rule is not cut at once, so no write takes long; and
 * what happened at one modseq stays together. */
static void log_forgotten_in_steps(void **state)
{
	(void)state;
	enum { CHANGES = 1500, STEP = 512 + 64 };
	uint64_t modseq, floor = 0, steps = 0;

	append(inbox, none);
	modseq = toggle(CHANGES);
	s.mailboxes.changes_kept = 10;
	while (log_floor() < modseq - 10) {
		toggle(1);
		assert_in_range(log_floor() - floor, 0, STEP);
		steps += log_floor() != floor;
		floor = log_floor();
		mail_store_fsck(&s);
	}
	assert_in_range(steps, 3, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(described),
		TEST(prepared),
		TEST(appended_to_many),
		TEST(quota),
		TEST(too_many_copies),
		TEST(flags_conditional),
		TEST(first_unseen),
		TEST(copied),
		TEST(moved),
		TEST(expunged),
		TEST(recent_claimed),
		TEST(log_told),
		TEST(log_forgotten),
		TEST(log_forgotten_in_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
