/* Mail whose reports wait to be read: nothing is lost, and nothing stays. */
#include "unit/reports_in/in_fixture.h"

#include "flow/reports_in/key.h"
#include "flow/reports_in/waiting.h"
#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/store/blob.h"
#include "model/store/kv.h"

/* Mail that is delivered, to a mailbox from which it is gone at once. */
struct delivering {
	struct report_desk *desk;
	struct blob_draft *draft;
};

static enum err deliver(struct txn *t, void *arg)
{
	struct delivering *x = arg;
	struct report_waiting w = { .id = STR("s"), .results = STR(PROVEN) };
	enum err e = blob_put(t, x->draft, &w.blob);

	if (e == OK)
		e = report_desk_put(x->desk, t, &w);
	return e == OK ? blob_unref(t, &w.blob) : e;
}

static void draft_make(struct fixture *f, int number, struct blob_draft **out)
{
	struct str raw;
	struct buf b;

	buf_init(&b, 1 << 16);
	buf_put(&b, STR("Return-Path: <>\r\nReceived: by us\r\n"
	                "From: <noreply@maker.example>\r\nMIME-Version: 1.0\r\n"
	                "Content-Type: text/xml\r\n\r\n"));
	sample_put(&b, "number", number);
	raw = buf_str(&b);
	assert_int_equal(blob_prepare(f->ts.store, &raw, 1, out, NULL), OK);
	buf_deinit(&b);
}

static void offer(struct fixture *f, struct report_desk *desk, int number)
{
	struct delivering x = { .desk = desk };

	draft_make(f, number, &x.draft);
	assert_int_equal(store_write(f->ts.store, deliver, &x, NULL), OK);
	blob_draft_free(&x.draft);
}

struct counts {
	size_t waiting, blobs;
};

static enum err rows_count(struct txn *t, enum space space, struct str prefix, size_t *n)
{
	struct kv_iter it;

	*n = 0;
	kv_iter_prefix(&it, t, space, prefix);
	while (kv_iter_next(&it))
		++*n;
	return kv_iter_end(&it);
}

static enum err count(struct txn *t, void *arg)
{
	struct counts *c = arg;
	enum err e = rows_count(t, SPACE_REPORT, STR("w"), &c->waiting);

	return e == OK ? rows_count(t, SPACE_BLOB, STR_EMPTY, &c->blobs) : e;
}

static size_t taken(struct fixture *f, struct counts *c)
{
	struct asking q = { .f = f,
		            .query = { .kind = -1, .max = 1000 },
		            .view_query = { REPORT_DMARC, STR("example.org"), DAY_IN + 1, 4 } };

	assert_int_equal(store_read(f->ts.store, ask, &q), OK);
	assert_int_equal(store_read(f->ts.store, count, c), OK);
	return q.list.count;
}

/* Open until nothing waits. */
static void read_all(struct fixture *f)
{
	struct report_desk *desk;
	struct counts c;

	assert_int_equal(report_desk_open(&f->config, &desk, NULL), OK);
	while (taken(f, &c), c.waiting != 0)
		clock_sleep_ms(5);
	report_desk_close(&desk);
}

static void check_fsck(struct fixture *f)
{
	struct fsck_report report = { 0 };

	assert_int_equal(fsck_run(f->ts.store, &report_in_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 0);
}

/* What waits when the server stops is read when it starts again; what is read holds no bytes. */
static void what_waits_is_kept(void **state)
{
	enum { MANY = 300 };
	struct report_desk *desk;
	struct counts c;
	struct fixture f;
	size_t now;

	(void)state;
	open_all(&f);
	assert_int_equal(report_desk_open(&f.config, &desk, NULL), OK);
	for (int i = 0; i < MANY; i++)
		offer(&f, desk, i);
	report_desk_close(&desk);
	now = taken(&f, &c);
	assert_int_equal(now + c.waiting, MANY);
	assert_int_equal(c.blobs, c.waiting);
	check_fsck(&f);
	read_all(&f);
	assert_int_equal(taken(&f, &c), MANY);
	assert_int_equal(c.waiting, 0);
	assert_int_equal(c.blobs, 0);
	close_all(&f);
}

/* As a server that is killed leaves them: the desk is not there. */
static enum err put_some(struct txn *t, void *arg)
{
	struct delivering *x = arg;
	struct report_waiting w = { .id = STR("s"), .results = STR(PROVEN), .ours = true };
	enum err e = blob_put(t, x->draft, &w.blob);
	bool room = true;

	for (int i = 0; e == OK && i < 2; i++)
		e = report_waiting_put(t, &w, &room);
	assert_true(room);
	return e == OK ? blob_unref(t, &w.blob) : e;
}

struct beginning {
	struct arena a;
	struct report_waiting w;
};

static enum err begin(struct txn *t, void *arg)
{
	struct beginning *b = arg;

	return report_waiting_begin(t, &b->a, &b->w);
}

/* The same mail twice: it is read again, and its report is known. */
static void read_twice(void **state)
{
	struct delivering x = { .desk = NULL };
	struct beginning b = { .w = { .number = 0 } };
	struct counts c;
	struct fixture f;

	(void)state;
	open_all(&f);
	draft_make(&f, 1, &x.draft);
	assert_int_equal(store_write(f.ts.store, put_some, &x, NULL), OK);
	blob_draft_free(&x.draft);
	assert_int_equal(store_write(f.ts.store, begin, &b, NULL), OK);
	assert_int_equal(b.w.number, 1);
	assert_true(b.w.ours);
	check_str(b.w.results, STR(PROVEN));
	check_str(b.w.id, STR("s"));
	check_fsck(&f);
	read_all(&f);
	assert_int_equal(taken(&f, &c), 1);
	assert_int_equal(c.blobs, 0);
	arena_deinit(&b.a);
	close_all(&f);
}

/* One that ends the process each time it is read is not what stops it for good. */
static void one_that_hurts_goes(void **state)
{
	struct delivering x = { .desk = NULL };
	struct beginning b = { .w = { .number = 0 } };
	struct counts c;
	struct fixture f;

	(void)state;
	open_all(&f);
	draft_make(&f, 1, &x.draft);
	assert_int_equal(store_write(f.ts.store, put_some, &x, NULL), OK);
	blob_draft_free(&x.draft);
	for (unsigned i = 1; i <= REPORT_BEGUN_MAX; i++) {
		assert_int_equal(store_write(f.ts.store, begin, &b, NULL), OK);
		assert_int_equal(b.w.begun, i);
	}
	assert_int_equal(store_write(f.ts.store, begin, &b, NULL), OK);
	assert_true(b.w.begun > REPORT_BEGUN_MAX);
	assert_int_equal(taken(&f, &c), 0);
	assert_int_equal(c.waiting, 1);
	assert_int_equal(store_write(f.ts.store, begin, &b, NULL), OK);
	assert_int_equal(b.w.number, 2);
	assert_int_equal(b.w.begun, 1);
	arena_deinit(&b.a);
	close_all(&f);
}

static enum err odd_put(struct txn *t, void *arg)
{
	static const struct str odd[] = {
		STR("w\0\0\0\0\0\0\0\1\0\0\0\0"), /* as they were before */
		STR("w\0\0\0\0\0\0\0\1\0\0\0\1"),
		STR("w\0\0\0\0\0\0\0\2"),
		STR("w"),
	};
	enum err e = OK;

	for (size_t i = 0; e == OK && i < COUNT(odd); i++)
		e = kv_put(t, SPACE_REPORT, odd[i], STR("\1\1\1"));
	return e == OK ? deliver(t, arg) : e;
}

static enum err blob_lose(struct txn *t, void *arg)
{
	struct beginning *b = arg;
	enum err e = report_waiting_begin(t, &b->a, &b->w);

	return e == OK ? blob_unref(t, &b->w.blob) : e;
}

/* Rows that cannot be read, and one whose bytes are gone: they go, and keep back nobody. */
static void odd_rows_go(void **state)
{
	struct delivering x = { .desk = NULL };
	struct beginning b = { .w = { .number = 0 } };
	struct counts c;
	struct fixture f;

	(void)state;
	open_all(&f);
	assert_int_equal(report_desk_open(&f.config, &x.desk, NULL), OK);
	draft_make(&f, 1, &x.draft);
	assert_int_equal(store_write(f.ts.store, odd_put, &x, NULL), OK);
	blob_draft_free(&x.draft);
	report_desk_close(&x.desk);
	read_all(&f);
	assert_int_equal(taken(&f, &c), 1);
	assert_int_equal(c.blobs, 0);
	draft_make(&f, 2, &x.draft);
	assert_int_equal(store_write(f.ts.store, put_some, &x, NULL), OK);
	blob_draft_free(&x.draft);
	assert_int_equal(store_write(f.ts.store, blob_lose, &b, NULL), OK);
	read_all(&f); /* of the two that hold it the first takes it along */
	assert_int_equal(taken(&f, &c), 2);
	arena_deinit(&b.a);
	close_all(&f);
}

static enum err many_put(struct txn *t, void *arg)
{
	struct delivering *x = arg;
	struct report_waiting w = { .id = STR("s") };
	enum err e = blob_put(t, x->draft, &w.blob);
	bool room = true;

	for (int i = 0; e == OK && i < LIMIT_report_in_waiting; i++) {
		e = report_waiting_put(t, &w, &room);
		assert_true(room);
	}
	if (e == OK)
		e = report_waiting_put(t, &w, &room);
	assert_false(room);
	/* one goes, one comes */
	w.number = 1;
	if (e == OK)
		e = report_waiting_rm(t, &w);
	if (e == OK)
		e = report_waiting_put(t, &w, &room);
	assert_true(room);
	return e == OK ? blob_unref(t, &w.blob) : e;
}

static void too_many(void **state)
{
	struct delivering x = { .desk = NULL };
	struct counts c;
	struct fixture f;

	(void)state;
	open_all(&f);
	draft_make(&f, 1, &x.draft);
	assert_int_equal(store_write(f.ts.store, many_put, &x, NULL), OK);
	blob_draft_free(&x.draft);
	(void)taken(&f, &c);
	assert_int_equal(c.waiting, LIMIT_report_in_waiting);
	close_all(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_waits_is_kept),
		cmocka_unit_test(read_twice),
		cmocka_unit_test(one_that_hurts_goes),
		cmocka_unit_test(odd_rows_go),
		cmocka_unit_test(too_many),
	};

	event_fd_set(-1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
