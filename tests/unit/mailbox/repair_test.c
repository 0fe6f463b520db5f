/* tests/unit/mailbox/repair_test.c: what is wrong after rows were damaged, and expunged or not, is
 * put right, and nothing is lost by it (model/mailbox/fsck/repair.h). */
#include "foundation/base/arena.h"
#include "foundation/base/fault.h"
#include "model/mailbox/fsck/repair.h"
#include "model/mailbox/keys.h"
#include "model/mailbox/records.h"
#include "model/store/store.h"
#include "unit/mailbox/fixture.h"

enum { BOX = 1, ROWS = 40 };

/* INBOX has so many messages, each third \Seen, each fifth \Deleted. */
static int setup(void **state)
{
	setup_new(state);
	for (uint32_t i = 1; i <= ROWS; i++) {
		struct flags flags = FLAGS(0);

		flags = i % 3 ? flags : flags_with(flags, FLAG_SEEN);
		flags = i % 5 ? flags : flags_with(flags, FLAG_DELETED);
		assert_int_equal(mail_do_append(&s, 1, BOX, STR("a: b\r\n\r\nbody"), flags, NULL),
		                 OK);
	}
	return 0;
}

/* --- damages ---------------------------------------------------------------------------- */

static enum err row_damage(const struct mail_txn *m, void *arg)
{
	struct key k;

	key_uid(&k, 1, BOX, *(uint32_t *)arg);
	return kv_put(m->t, SPACE_UID, key_str(&k), STR("nonsense"));
}

static enum err row_lose(const struct mail_txn *m, void *arg)
{
	struct key k;

	key_uid(&k, 1, BOX, *(uint32_t *)arg);
	return kv_del(m->t, SPACE_UID, key_str(&k));
}

static enum err counters_damage(const struct mail_txn *m, void *arg)
{
	struct account_state state;
	struct mailbox box;

	(void)arg;
	assert_int_equal(mailbox_get(m, BOX, &box), OK);
	box.leaf = str_dup(txn_arena(m->t), box.leaf);
	box.exists += 3;
	box.unseen = 1;
	box.deleted = 0;
	box.size_bytes = 7;
	box.first_unseen_uid = 9;
	box.first_unseen_seq = 99;
	assert_int_equal(state_get(m, &state), OK);
	state.emails = 1;
	state.used_bytes = UINT64_MAX;
	assert_int_equal(state_put(m, &state), OK);
	return mailbox_put(m, &box);
}

static void damage(mail_fn *fn, uint32_t uid)
{
	assert_int_equal(mail_write(&s, 1, fn, &uid), OK);
	assert_true(mail_store_findings(&s) > 0);
}

static void expunge(uint32_t lo, uint32_t hi)
{
	struct uids uids = { 0 }, gone = { 0 };
	struct email_expunge what = { .mailbox = BOX, .uids = &uids };

	uids_add(&uids, lo, hi);
	assert_int_equal(mail_do_expunge(&s, 1, &what, &gone), OK);
	assert_int_equal(gone.count, hi - lo + 1);
	uids_deinit(&uids);
	uids_deinit(&gone);
}

/* --- repairing -------------------------------------------------------------------------- */

struct work {
	struct arena arena;
	struct repair_list list;
	const struct repair_box *box;
	struct repaired done, all;
	bool sums;
	unsigned boxes; /* that had something to be done */
};

static enum err look(const struct mail_txn *m, void *arg)
{
	struct work *w = arg;

	return repair_look(m, &w->arena, &w->list);
}

static enum err box_put_right(const struct mail_txn *m, void *arg)
{
	struct work *w = arg;

	return repair_box(m, w->box, &w->done);
}

static enum err sums_put_right(const struct mail_txn *m, void *arg)
{
	return repair_sums(m, &((struct work *)arg)->sums);
}

static struct work repair(void)
{
	struct work w = { .boxes = 0 };

	assert_int_equal(mail_read(&s, 1, look, &w), OK);
	for (size_t i = 0; i < w.list.n; i++) {
		w.box = &w.list.boxes[i];
		if (!w.box->counters && !w.box->emails)
			continue;
		w.boxes++;
		assert_int_equal(mail_write(&s, 1, box_put_right, &w), OK);
		w.all.counters |= w.done.counters;
		w.all.rows += w.done.rows;
		w.all.came += w.done.came;
	}
	if (w.list.sums)
		assert_int_equal(mail_write(&s, 1, sums_put_right, &w), OK);
	arena_deinit(&w.arena);
	return w;
}

/* --- tests ------------------------------------------------------------------------------ */

static void nothing_to_do(void **state)
{
	uint64_t modseq = mail_box(&s, 1, "INBOX").modseq;
	struct work w = repair();

	(void)state;
	assert_true(w.list.n == 6 && w.boxes == 0 && !w.list.sums);
	assert_int_equal(mail_box(&s, 1, "INBOX").modseq, modseq);
}

static void counters(void **state)
{
	struct mailbox was = mail_box(&s, 1, "INBOX"), is;
	struct work w;

	(void)state;
	damage(counters_damage, 0);
	w = repair();
	assert_true(w.boxes == 1 && w.all.counters && w.all.rows + w.all.came == 0 && w.sums);
	is = mail_box(&s, 1, "INBOX");
	assert_true(is.exists == was.exists && is.size_bytes == was.size_bytes);
	assert_int_equal(mail_store_findings(&s), 0);
	w = repair();
	assert_true(w.boxes == 0 && !w.list.sums);
}

/* A seen one, the first unseen one, one amid others, and the last one: expunged when they could
 * not be read, so that the counters were off, they come back behind the others. */
static void expunged(void **state)
{
	static const uint32_t uids[] = { 1, 3, 15, 16, ROWS };
	struct work w;

	(void)state;
	for (size_t i = 0; i < COUNT(uids); i++)
		damage(row_damage, uids[i]);
	expunge(1, 1);
	expunge(3, 3);
	expunge(10, 20);
	expunge(ROWS, ROWS);
	assert_true(mail_store_findings(&s) > 0);
	w = repair();
	assert_true(w.boxes == 1 && w.all.counters && w.all.came == 5 && w.all.rows == 0);
	assert_false(w.sums);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, ROWS - 9);
	assert_int_equal(mail_box(&s, 1, "INBOX").uidnext, ROWS + 6);
	assert_true(mail_row(&s, 1, BOX, ROWS + 5).email != 0);
	assert_int_equal(mail_store_findings(&s), 0);
}

/* Those that are still there are made anew in their place; a row that is lost comes back. */
static void kept(void **state)
{
	struct email_row was = mail_row(&s, 1, BOX, 15), is;
	struct work w;

	(void)state;
	damage(row_damage, 1);
	damage(row_damage, 15);
	damage(row_lose, 20);
	w = repair();
	assert_true(w.all.rows == 2 && w.all.came == 1);
	is = mail_row(&s, 1, BOX, 15);
	assert_true(is.email == was.email && is.size_bytes == was.size_bytes);
	assert_true(is.internal_ms == was.internal_ms && is.modseq > was.modseq);
	assert_true(flags_empty(is.flags)); /* what they were nobody knows */
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, ROWS);
	assert_int_equal(mail_store_findings(&s), 0);
}

/* Between looking and writing everything may happen. */
static void meanwhile(void **state)
{
	struct work w = { .boxes = 0 };

	(void)state;
	damage(row_damage, 2);
	damage(row_damage, 4);
	assert_int_equal(mail_do_create(&s, 1, "brief"), OK);
	assert_int_equal(mail_read(&s, 1, look, &w), OK);
	assert_int_equal(mail_do_delete(&s, 1, "brief"), OK);
	assert_true(repair().all.rows == 2);
	expunge(2, 2);
	for (size_t i = 0; i < w.list.n; i++) {
		w.box = &w.list.boxes[i];
		assert_int_equal(mail_write(&s, 1, box_put_right, &w), OK);
		assert_true(!w.done.counters && w.done.rows + w.done.came == 0);
	}
	arena_deinit(&w.arena);
	assert_int_equal(mail_box(&s, 1, "INBOX").exists, ROWS - 1);
	assert_int_equal(mail_store_findings(&s), 0);
}

/* Each call of the store in turn fails: nothing is half done, and the next time it is put right. */
static void faults(void **state)
{
	bool fired = true;

	(void)state;
	for (unsigned n = 1; fired; n++) {
		struct work w = { .boxes = 0 };

		damage(row_damage, 6);
		damage(row_lose, mail_box(&s, 1, "INBOX").uidnext - 1); /* comes back as the last */
		damage(counters_damage, 0);
		assert_int_equal(mail_read(&s, 1, look, &w), OK);
		w.box = &w.list.boxes[0];
		fault_arm(n);
		if (!mail_write(&s, 1, box_put_right, &w))
			(void)!mail_write(&s, 1, sums_put_right, &w);
		fired = fault_fired();
		fault_arm(0);
		arena_deinit(&w.arena);
		(void)repair();
		check_at(n, mail_store_findings(&s) == 0);
		check_at(n, mail_box(&s, 1, "INBOX").exists == ROWS);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing_to_do), TEST(counters),  TEST(expunged),
		TEST(kept),          TEST(meanwhile), TEST(faults),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
