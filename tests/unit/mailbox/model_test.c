/* tests/unit/mailbox/model_test.c: thousands of random operations against a model so simple
 * that it is right, with a look at everything and fsck after each batch.
 *
 * Beside the model, a mirror is kept as an IMAP session would keep it: only by what the
 * change log tells since the modseq it saw last. It must come out the same. */
#include "foundation/base/arena.h"
#include "harness/check.h"
#include "harness/mail_store.h"

#include <stdio.h>
#include <string.h>

enum {
	ACCOUNT = 7,
	BOXES = 5,
	ROWS = 400,
	BATCHES = 40,
	BATCH = 50,
};

struct model_row {
	uint32_t uid;
	struct flags flags;
	unsigned message; /* which of the messages */
};

struct model_box {
	char name[32]; /* empty: does not exist */
	uint32_t uidnext;
	struct model_row rows[ROWS]; /* ascending */
	size_t n;
};

/* As a session knows it. */
struct mirror {
	uint32_t id; /* 0: not selected yet */
	uint64_t modseq;
	bool present[2 * ROWS * BATCHES];
	struct flags flags[2 * ROWS * BATCHES];
};

static struct mail_store s;
static struct model_box model[BOXES];
static struct mirror mirrors[BOXES];
static uint64_t random_state;

/* Same numbers in every run, so that a failure can be looked at again. */
static uint32_t pick(uint32_t below)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(random_state >> 33) % below;
}

static struct str message(unsigned i)
{
	static const char *const texts[] = {
		"Subject: one\r\n\r\nfirst\r\n",
		"Subject: two\r\nFrom: a@example.org\r\n\r\nsecond body\r\n",
		"\r\n",
		("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
		 "text\r\n--b\r\nContent-Type: image/png\r\n\r\nxx\r\n--b--\r\n"),
	};

	return str_of(texts[i % COUNT(texts)]);
}

static struct model_box *pick_box(void)
{
	for (;;) {
		struct model_box *b = &model[pick(BOXES)];

		if (b->name[0])
			return b;
	}
}

static struct flags pick_flags(void)
{
	struct flags f = { { 0 } };
	static const unsigned ids[] = { FLAG_SEEN, FLAG_SEEN, FLAG_DELETED, FLAG_FLAGGED,
		                        FLAG_CUSTOM + 1 };

	for (size_t i = 0; i < COUNT(ids); i++)
		if (pick(3) == 0)
			f = flags_with(f, ids[i]);
	return f;
}

/* Some of the UIDs, existing or not, often few, sometimes all. */
static void pick_uids(struct uids *u, const struct model_box *b)
{
	uint32_t step = 1 + pick(12), at = 1 + pick(b->uidnext);

	uids_reset(u);
	if (pick(10) == 0) {
		uids_add(u, 1, UINT32_MAX);
		return;
	}
	for (unsigned i = 0; i < 6 && at <= b->uidnext; i++, at += step + 1) {
		uint32_t hi = at + pick(step);

		uids_add(u, at, hi);
		at = hi;
	}
}

static void model_add(struct model_box *b, struct flags flags, unsigned number)
{
	assert_true(b->n < ROWS);
	b->rows[b->n++] = (struct model_row){ b->uidnext++, flags, number };
}

static void model_remove(struct model_box *b, size_t i)
{
	memmove(&b->rows[i], &b->rows[i + 1], (b->n - i - 1) * sizeof b->rows[0]);
	b->n--;
}

/* --- Operations: each does the same to the store and to the model --- */

static void op_append(void)
{
	struct model_box *b = pick_box();
	struct mailbox box = mail_box(&s, ACCOUNT, b->name);
	struct email_appended out;
	struct flags flags = pick_flags();
	unsigned number = pick(4);

	if (b->n > ROWS / 4)
		return;
	assert_int_equal(mail_do_append(&s, ACCOUNT, box.id, message(number), flags, &out), OK);
	assert_int_equal(out.uid, b->uidnext);
	assert_int_equal(out.uidvalidity, box.uidvalidity);
	model_add(b, flags, number);
}

static void op_flags(void)
{
	struct model_box *b = pick_box();
	struct mailbox box = mail_box(&s, ACCOUNT, b->name);
	struct uids uids = { 0 };
	struct email_stored out = { 0 };
	struct email_store what = { box.id, &uids, (enum flags_op)pick(3), pick_flags(),
		                    UINT64_MAX };

	pick_uids(&uids, b);
	assert_int_equal(mail_do_store(&s, ACCOUNT, &what, &out), OK);
	assert_int_equal(out.modified.n, 0);
	for (size_t i = 0; i < b->n; i++) {
		struct flags was = b->rows[i].flags, is = what.flags;

		if (!uids_has(&uids, b->rows[i].uid))
			continue;
		if (what.op == FLAGS_ADD)
			is = flags_or(was, what.flags);
		else if (what.op == FLAGS_REMOVE)
			is = flags_minus(was, what.flags);
		assert_true(uids_has(&out.changed, b->rows[i].uid) == !flags_eq(was, is));
		b->rows[i].flags = is;
	}
	email_stored_deinit(&out);
	uids_deinit(&uids);
}

static void op_transfer(bool move)
{
	struct model_box *from = pick_box(), *to = pick_box();
	struct uids uids = { 0 };
	struct email_copied out = { 0 };
	struct email_copy what = { .from = mail_box(&s, ACCOUNT, from->name).id,
		                   .to = mail_box(&s, ACCOUNT, to->name).id,
		                   .uids = &uids };
	uint32_t end = from->uidnext;

	if (to->n + from->n > ROWS / 2)
		return;
	pick_uids(&uids, from);
	assert_int_equal(mail_do_transfer(&s, ACCOUNT, &what, move, &out), OK);
	for (size_t i = 0; i < from->n && from->rows[i].uid < end;) {
		struct model_row row = from->rows[i];

		if (!uids_has(&uids, row.uid)) {
			i++;
			continue;
		}
		assert_true(uids_has(&out.from, row.uid) && uids_has(&out.to, to->uidnext));
		model_add(to, row.flags, row.message);
		if (move)
			model_remove(from, i);
		else
			i++;
	}
	assert_int_equal(out.from.count, out.to.count);
	email_copied_deinit(&out);
	uids_deinit(&uids);
}

static void op_expunge(void)
{
	struct model_box *b = pick_box();
	struct uids uids = { 0 }, gone = { 0 };
	struct email_expunge what = { mail_box(&s, ACCOUNT, b->name).id, &uids, pick(2) };

	pick_uids(&uids, b);
	assert_int_equal(mail_do_expunge(&s, ACCOUNT, &what, &gone), OK);
	for (size_t i = 0; i < b->n;)
		if (uids_has(&uids, b->rows[i].uid) &&
		    (!what.deleted_only || flags_has(b->rows[i].flags, FLAG_DELETED))) {
			assert_true(uids_has(&gone, b->rows[i].uid));
			model_remove(b, i);
		} else {
			assert_false(uids_has(&gone, b->rows[i].uid));
			i++;
		}
	uids_deinit(&gone);
	uids_deinit(&uids);
}

static void op_create(void)
{
	static const char *const names[] = { "x", "y/z", "Lists/\xc3\xa4", "x/y/z" };
	struct model_box *b = &model[1 + pick(BOXES - 1)];
	const char *name = names[pick(COUNT(names))];

	if (b->name[0] || mail_box_exists(&s, ACCOUNT, name))
		return;
	assert_int_equal(mail_do_create(&s, ACCOUNT, name), OK);
	snprintf(b->name, sizeof b->name, "%s", name);
	b->uidnext = 1;
	b->n = 0;
}

static void op_rename(void)
{
	struct model_box *b = &model[1 + pick(BOXES - 1)];
	char to[32];

	snprintf(to, sizeof to, "r%u", pick(6));
	if (!b->name[0] || mail_box_exists(&s, ACCOUNT, to))
		return;
	for (size_t i = 0; i < BOXES; i++) /* keep the model flat: no children */
		if (&model[i] != b && str_starts(str_of(model[i].name), str_of(b->name)))
			return;
	assert_int_equal(mail_do_rename(&s, ACCOUNT, b->name, to), OK);
	snprintf(b->name, sizeof b->name, "%s", to);
}

static void op_rename_inbox(void)
{
	struct model_box *inbox = &model[0], *b = &model[1 + pick(BOXES - 1)];

	if (b->name[0] || mail_box_exists(&s, ACCOUNT, "old"))
		return;
	assert_int_equal(mail_do_rename(&s, ACCOUNT, "inbox", "old"), OK);
	snprintf(b->name, sizeof b->name, "old");
	b->uidnext = 1;
	b->n = 0;
	for (size_t i = 0; i < inbox->n; i++)
		model_add(b, inbox->rows[i].flags, inbox->rows[i].message);
	inbox->n = 0;
}

static void op_delete(void)
{
	struct model_box *b = &model[1 + pick(BOXES - 1)];
	enum err e;

	if (!b->name[0])
		return;
	e = mail_do_delete(&s, ACCOUNT, b->name);
	assert_true(e == OK || e == ERR_CONFLICT); /* it may have children */
	if (e == OK) {
		b->name[0] = '\0';
		mirrors[b - model].id = 0;
	}
}

static void op_subscribe(void)
{
	static const char *const names[] = { "x", "old", "r1", "no/such", "y", "inbox" };

	assert_int_equal(mail_do_subscribe(&s, ACCOUNT, names[pick(COUNT(names))], pick(2)), OK);
}

static void op_random(void)
{
	uint32_t n = pick(100);

	if (n < 35)
		op_append();
	else if (n < 60)
		op_flags();
	else if (n < 68)
		op_transfer(true);
	else if (n < 74)
		op_transfer(false);
	else if (n < 84)
		op_expunge();
	else if (n < 88)
		op_create();
	else if (n < 92)
		op_rename();
	else if (n < 93)
		op_rename_inbox();
	else if (n < 96)
		op_delete();
	else
		op_subscribe();
}

/* --- Looking at everything --- */

static enum err rows_compare(const struct mail_txn *m, void *arg)
{
	const struct model_box *b = arg;
	struct email_rows rows;
	struct email_row row;
	struct mailbox box;
	struct email email;
	struct buf raw;
	size_t n = 0;
	enum err e = mailbox_find(m, str_of(b->name), &box);

	assert_int_equal(e, OK);
	email_rows_init(&rows, m, box.id, 1, UINT32_MAX);
	while (email_rows_next(&rows, &row)) {
		const struct model_row *want = &b->rows[n++];

		assert_true(n <= b->n && row.uid == want->uid);
		assert_true(flags_eq(row.flags, want->flags));
		assert_int_equal(row.size_bytes, message(want->message).n);
		assert_int_equal(email_get(m, row.email, &email), OK);
		assert_int_equal(email.internal_ms, row.size_bytes * 1000);
		buf_init(&raw, 4096);
		assert_int_equal(blob_get(m->t, &email.blob, 0, SIZE_MAX, &raw), OK);
		check_str_at(n, buf_str(&raw), message(want->message));
		buf_deinit(&raw);
	}
	assert_int_equal(email_rows_end(&rows), OK);
	assert_int_equal(n, b->n);
	assert_int_equal(box.exists, b->n);
	assert_int_equal(box.uidnext, b->uidnext);
	return OK;
}

/* --- The mirror --- */

static bool mirror_change(const struct change *c, void *arg)
{
	struct mirror *v = arg;

	assert_int_equal(c->mailbox, v->id);
	for (uint32_t uid = c->uid; uid < c->uid + c->count; uid++) {
		assert_true(uid < COUNT(v->present));
		/* A row that vanished has been there, and one that appeared has not. */
		if (c->kind == CHANGE_VANISHED || c->kind == CHANGE_APPEARED)
			assert_true(v->present[uid] == (c->kind == CHANGE_VANISHED));
		v->present[uid] = c->kind != CHANGE_VANISHED;
	}
	return true;
}

static enum err mirror_sync(const struct mail_txn *m, void *arg)
{
	struct mirror *v = arg;
	const struct model_box *b = &model[v - mirrors];
	struct mailbox box;
	struct email_row row;
	size_t n = 0;

	assert_int_equal(mailbox_find(m, str_of(b->name), &box), OK);
	if (v->id != box.id) {
		*v = (struct mirror){ .id = box.id };
		v->modseq = 1; /* of provisioning: before everything */
	}
	assert_int_equal(changes_since(m, v->id, v->modseq, mirror_change, v), OK);
	assert_int_equal(mail_modseq(m, &v->modseq), OK);
	assert_true(box.modseq <= v->modseq);
	for (uint32_t uid = 1; uid < b->uidnext; uid++) {
		enum err e = email_row_get(m, v->id, uid, &row);

		assert_true((e == OK) == v->present[uid]);
		n += v->present[uid];
	}
	assert_int_equal(n, b->n);
	return OK;
}

static void look(void)
{
	for (size_t i = 0; i < BOXES; i++)
		if (model[i].name[0]) {
			mail_read(&s, ACCOUNT, rows_compare, &model[i]);
			mail_read(&s, ACCOUNT, mirror_sync, &mirrors[i]);
		}
	mail_store_fsck(&s);
}

static enum err keyword_make(const struct mail_txn *m, void *arg)
{
	unsigned id;
	enum err e;

	(void)arg;
	if ((e = keyword_intern(m, STR("a"), &id)))
		return e;
	return keyword_intern(m, STR("b"), &id);
}

static void run(enum store_backend backend, uint64_t seed)
{
	memset(model, 0, sizeof model);
	memset(mirrors, 0, sizeof mirrors);
	random_state = seed;
	mail_store_open(&s, backend);
	assert_int_equal(mail_do_provision(&s, ACCOUNT), OK);
	assert_int_equal(mail_write(&s, ACCOUNT, keyword_make, NULL), OK);
	snprintf(model[0].name, sizeof model[0].name, "INBOX");
	model[0].uidnext = 1;
	for (unsigned batch = 0; batch < BATCHES; batch++) {
		for (unsigned i = 0; i < BATCH; i++)
			op_random();
		look();
	}
	mail_store_close(&s);
}

static void model_memory(void **state)
{
	(void)state;
	run(STORE_MEMORY, 1);
	run(STORE_MEMORY, 2);
}

static void model_lmdb(void **state)
{
	(void)state;
	run(STORE_LMDB, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(model_memory),
		cmocka_unit_test(model_lmdb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
