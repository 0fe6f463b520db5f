/* Objects: rows, change log, due times; the log replayed from every old state. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/pack.h"
#include "foundation/base/util.h"
#include "foundation/config/limits.h"
#include "model/objects/objects.h"
#include "model/objects/objects_row.h"
#include "model/store/blob.h"
#include "model/store/fsck.h"

#include <stdlib.h>
#include <string.h>

enum { ACCOUNT = 7, OTHER = 8, TYPE = OBJECT_IDENTITY };

static struct temp_store ts;

/* One call in a transaction of its own. */
struct deed {
	enum err (*run)(struct txn *t, struct deed *d);
	uint32_t account;
	enum object_type type;
	uint64_t id, since;
	size_t max;
	struct str record;
	int64_t due_ms, next_ms;
	struct object object;
	struct objects_changed changed;
	struct arena a;
	uint64_t modseq, count;
};

static enum err deed_run(struct txn *t, void *arg)
{
	struct deed *d = arg;

	return d->run(t, d);
}

static enum err in_store(enum err (*run)(struct txn *, struct deed *), struct deed *d)
{
	d->run = run;
	if (d->account == 0)
		d->account = ACCOUNT;
	if (d->type == 0)
		d->type = TYPE;
	return store_write(ts.store, deed_run, d, NULL);
}

static enum err add(struct txn *t, struct deed *d)
{
	return object_add(t, d->account, d->type, d->max, d->record, d->due_ms, &d->id);
}

static enum err put(struct txn *t, struct deed *d)
{
	return object_put(t, d->account, d->type, d->id, d->record, d->due_ms);
}

static enum err touch(struct txn *t, struct deed *d)
{
	return object_touch(t, d->account, d->type, d->id);
}

static enum err rm(struct txn *t, struct deed *d)
{
	return object_remove(t, d->account, d->type, d->id);
}

static enum err get(struct txn *t, struct deed *d)
{
	enum err e = object_get(t, d->account, d->type, d->id, &d->object);

	if (!e)
		d->object.record = str_dup(&d->a, d->object.record);
	return e;
}

static enum err due(struct txn *t, struct deed *d)
{
	return object_due(t, d->type, d->due_ms, &d->account, &d->id, &d->next_ms);
}

static enum err changed(struct txn *t, struct deed *d)
{
	return objects_changed(t, d->account, d->type, d->since, d->max, &d->a, &d->changed);
}

static enum err modseq(struct txn *t, struct deed *d)
{
	enum err e = objects_modseq(t, d->account, d->type, &d->modseq);

	return e ? e : objects_count(t, d->account, d->type, &d->count);
}

static enum err erase(struct txn *t, struct deed *d)
{
	return objects_erase(t, d->account);
}

static void fsck_say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_error("%s: %.*s\n", check, STR_ARG(sentence));
}

static uint64_t fsck_findings(bool say)
{
	struct fsck_report r = { .say = say ? fsck_say : NULL };

	assert_int_equal(fsck_run(ts.store, &objects_fsck, 1, &r, NULL), OK);
	return r.findings;
}

static uint64_t added(const char *record, int64_t due_ms)
{
	struct deed d = { .record = str_of(record), .max = 100, .due_ms = due_ms };

	assert_int_equal(in_store(add, &d), OK);
	return d.id;
}

static void test_rows(void **state)
{
	struct deed d = { .max = 2, .record = STR("one") };

	(void)state;
	assert_int_equal(in_store(modseq, &d), OK);
	assert_int_equal(d.modseq, 1);
	assert_int_equal(in_store(add, &d), OK);
	assert_int_equal(d.id, 1);
	d.record = STR("two");
	assert_int_equal(in_store(add, &d), OK);
	assert_int_equal(d.id, 2);
	assert_int_equal(in_store(add, &d), ERR_LIMIT);
	assert_int_equal(in_store(get, &d), OK);
	check_str(d.object.record, STR("two"));
	assert_int_equal(d.object.created, 3);
	d.record = STR("zwei");
	assert_int_equal(in_store(put, &d), OK);
	assert_int_equal(in_store(touch, &d), OK);
	assert_int_equal(in_store(get, &d), OK);
	check_str(d.object.record, STR("zwei"));
	assert_int_equal(d.object.created, 3);
	assert_int_equal(d.object.changed, 5);
	d.id = 1;
	assert_int_equal(in_store(rm, &d), OK);
	assert_int_equal(in_store(rm, &d), ERR_MISSING);
	assert_int_equal(in_store(get, &d), ERR_MISSING);
	assert_int_equal(in_store(put, &d), ERR_MISSING);
	assert_int_equal(in_store(touch, &d), ERR_MISSING);
	d.id = 0; /* the row of the state is no object */
	assert_int_equal(in_store(get, &d), ERR_MISSING);
	assert_int_equal(in_store(add, &d), OK);
	assert_int_equal(d.id, 3); /* not reused */
	assert_int_equal(in_store(modseq, &d), OK);
	assert_int_equal(d.modseq, 7);
	assert_int_equal(d.count, 2);
	assert_int_equal(fsck_findings(true), 0);
	arena_deinit(&d.a);
}

static void test_record_max(void **state)
{
	char *large = calloc(1, OBJECT_MAX + 1);
	struct deed d = { .max = 2, .record = str_from(large, OBJECT_MAX) };

	(void)state;
	assert_int_equal(in_store(add, &d), OK);
	d.record.n++;
	assert_int_equal(in_store(put, &d), ERR_LIMIT);
	assert_int_equal(in_store(add, &d), ERR_LIMIT);
	free(large);
}

static void test_due(void **state)
{
	struct deed d = { .due_ms = 1000 };
	uint64_t first, second;

	(void)state;
	assert_int_equal(in_store(due, &d), ERR_MISSING);
	assert_int_equal(d.next_ms, 0);
	second = added("b", 2000);
	first = added("a", 1000);
	(void)added("never", 0);
	d.due_ms = 999;
	assert_int_equal(in_store(due, &d), ERR_MISSING);
	assert_int_equal(d.next_ms, 1000);
	d.due_ms = 5000;
	assert_int_equal(in_store(due, &d), OK);
	assert_int_equal(d.id, first);
	assert_int_equal(d.account, ACCOUNT);
	/* Another type has times of its own. */
	d.type = OBJECT_SUBMISSION;
	assert_int_equal(in_store(due, &d), ERR_MISSING);
	d.type = TYPE;
	d.id = first;
	d.due_ms = 3000;
	assert_int_equal(in_store(put, &d), OK);
	assert_int_equal(in_store(due, &d), OK);
	assert_int_equal(d.id, second);
	assert_int_equal(in_store(rm, &d), OK);
	assert_int_equal(in_store(due, &d), OK);
	assert_int_equal(d.id, first);
	assert_int_equal(fsck_findings(true), 0);
}

/* --- The log against a model --- */

enum { STEPS = 600, IDS = 64 };

/* A client that followed the log: the modseq of the last change that it saw, 0 when it
 * does not have the object. */
struct view {
	bool has[STEPS + 2];
	uint64_t seen[STEPS + 2];
};
static struct view views[STEPS + 2]; /* the truth at each modseq */

/* Follows the log from since to the end, in steps of max. */
static void replay(uint64_t since, size_t max, uint64_t last)
{
	struct view v = views[since];
	struct deed d = { .max = max };

	for (d.since = since;; d.since = d.changed.modseq) {
		assert_int_equal(in_store(changed, &d), OK);
		if (max != 0)
			assert_true(d.changed.created_count + d.changed.updated_count +
			                    d.changed.destroyed_count <=
			            max);
		for (size_t i = 0; i < d.changed.created_count; i++) {
			uint64_t id = d.changed.created[i];

			assert_false(v.has[id]);
			v.has[id] = true;
			v.seen[id] = last; /* the client reads it now */
		}
		for (size_t i = 0; i < d.changed.updated_count; i++) {
			assert_true(v.has[d.changed.updated[i]]);
			v.seen[d.changed.updated[i]] = last;
		}
		for (size_t i = 0; i < d.changed.destroyed_count; i++)
			v.has[d.changed.destroyed[i]] = false;
		if (!d.changed.more)
			break;
		assert_true(d.changed.modseq > d.since);
	}
	assert_int_equal(d.changed.modseq, last);
	for (size_t id = 0; id < COUNT(v.has); id++) {
		assert_int_equal(v.has[id], views[last].has[id]);
		if (v.has[id])
			assert_true(v.seen[id] >= views[last].seen[id]);
	}
	arena_deinit(&d.a);
}

static void test_replay(void **state)
{
	uint64_t ids[STEPS], last = 1;
	size_t live = 0;

	(void)state;
	srand(20);
	memset(views, 0, sizeof views);
	for (size_t step = 0; step < STEPS; step++) {
		struct deed d = { .record = STR("x"), .max = STEPS };
		int what = rand() % 4;
		size_t at = live > 0 ? (size_t)rand() % live : 0;

		views[last + 1] = views[last];
		last++;
		if (live == 0 || (what == 0 && live < IDS)) {
			assert_int_equal(in_store(add, &d), OK);
			ids[live++] = d.id;
		} else {
			d.id = ids[at];
			if (what == 1)
				ids[at] = ids[--live];
			assert_int_equal(in_store(what == 1   ? rm
			                          : what == 2 ? touch
			                                      : put,
			                          &d),
			                 OK);
			if (what == 1) {
				views[last].has[d.id] = false;
				continue;
			}
		}
		views[last].has[d.id] = true;
		views[last].seen[d.id] = last;
	}
	for (uint64_t since = 1; since <= last; since++) {
		replay(since, 0, last);
		replay(since, 1 + (size_t)rand() % 7, last);
	}
	assert_int_equal(fsck_findings(true), 0);
}

static void test_states_out_of_reach(void **state)
{
	struct deed d = { .since = 2 };

	(void)state;
	assert_int_equal(in_store(changed, &d), ERR_MISSING); /* not yet reached */
	d.since = 1;
	assert_int_equal(in_store(changed, &d), OK);
	for (size_t i = 0; i <= LIMIT_objects_gone; i++) {
		struct deed one = { .id = added("x", 0) };

		assert_int_equal(in_store(rm, &one), OK);
	}
	assert_int_equal(in_store(changed, &d), ERR_MISSING); /* half of the log is gone */
	assert_int_equal(in_store(modseq, &d), OK);
	d.since = d.modseq - 1;
	assert_int_equal(in_store(changed, &d), OK);
	assert_int_equal(d.changed.destroyed_count, 1);
	assert_int_equal(fsck_findings(true), 0);
	arena_deinit(&d.a);
}

/* --- Uploads, accounts --- */

static struct blob_draft *draft;

static enum err add_upload(struct txn *t, struct deed *d)
{
	struct blob_id id;
	struct buf b;
	enum err e = blob_put(t, draft, &id);

	if (e)
		return e;
	buf_init(&b, 100);
	pack_u64(&b, 1);
	pack_str(&b, blob_id_str(&id));
	e = object_add(t, d->account, OBJECT_UPLOAD, 10, buf_str(&b), 0, &d->id);
	buf_deinit(&b);
	return e;
}

static void test_erase(void **state)
{
	struct str text = STR("an upload");
	struct deed d = { .type = OBJECT_UPLOAD }, other = { .account = OTHER, .max = 1 };

	(void)state;
	assert_int_equal(blob_prepare(ts.store, &text, 1, &draft, NULL), OK);
	assert_int_equal(in_store(add_upload, &d), OK);
	assert_int_equal(fsck_findings(true), 0);
	assert_int_equal(in_store(rm, &d), OK);
	assert_int_equal(fsck_findings(true), 0); /* no blob without a reference */
	assert_int_equal(in_store(add_upload, &d), OK);
	(void)added("due", 1000);
	assert_int_equal(in_store(add, &other), OK);
	assert_int_equal(in_store(erase, &d), OK);
	assert_int_equal(in_store(get, &d), ERR_MISSING);
	assert_int_equal(in_store(get, &other), OK);
	assert_int_equal(fsck_findings(true), 0);
	blob_draft_free(&draft);
	arena_deinit(&other.a);
}

/* --- Notification --- */

static void on_change(void *arg, uint32_t account)
{
	*(uint32_t *)arg += account;
}

static enum err add_and_fail(struct txn *t, struct deed *d)
{
	enum err e = add(t, d);

	return e ? e : ERR_CONFLICT;
}

static void test_watch(void **state)
{
	uint32_t sum = 0;
	struct deed d = { .max = 10 };

	(void)state;
	objects_watch(on_change, &sum);
	assert_int_equal(in_store(add, &d), OK);
	assert_int_equal(sum, ACCOUNT);
	assert_int_equal(in_store(touch, &d), OK);
	assert_int_equal(in_store(rm, &d), OK);
	assert_int_equal(sum, 3 * ACCOUNT);
	assert_int_equal(in_store(add_and_fail, &d), ERR_CONFLICT);
	assert_int_equal(sum, 3 * ACCOUNT);
	objects_watch(NULL, NULL);
	assert_int_equal(in_store(add, &d), OK);
	assert_int_equal(sum, 3 * ACCOUNT);
}

/* --- Damage is found --- */

static enum err damage_object(struct txn *t, struct deed *d)
{
	struct object_key k;

	return kv_del(t, SPACE_OBJECT, object_key(&k, d->account, d->type, d->id));
}

static enum err damage_log(struct txn *t, struct deed *d)
{
	struct object_key k;

	return kv_del(t, SPACE_OBJECT_CHANGE, object_key(&k, d->account, d->type, 2));
}

static enum err damage_due(struct txn *t, struct deed *d)
{
	struct object_key k;

	return kv_del(t, SPACE_OBJECT_DUE, object_key_due(&k, d->type, 1000, d->account, d->id));
}

static enum err damage_row(struct txn *t, struct deed *d)
{
	struct object_key k;

	return kv_put(t, SPACE_OBJECT, object_key(&k, d->account, d->type, d->id), STR("\x09"));
}

static void test_fsck_finds(void **state)
{
	enum err (*const damages[])(struct txn *, struct deed *) = { damage_object, damage_log,
		                                                     damage_due, damage_row };

	for (size_t i = 0; i < COUNT(damages); i++) {
		struct deed d = { .id = added("x", 1000) };

		assert_int_equal(fsck_findings(true), 0);
		assert_int_equal(in_store(damages[i], &d), OK);
		check_at(i, fsck_findings(false) > 0);
		temp_store_remove(&ts);
		temp_store_open(&ts, STORE_MEMORY);
	}
	(void)state;
}

static int setup(void **state)
{
	(void)state;
	temp_store_open(&ts, STORE_MEMORY);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	temp_store_remove(&ts);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(rows),   TEST(record_max),           TEST(due),   TEST(replay),
		TEST(states_out_of_reach), TEST(erase), TEST(fsck_finds), TEST(watch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
