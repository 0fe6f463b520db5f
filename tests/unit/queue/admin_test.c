/* What administrators do to the queue: search, hold, release, give back; and what of it the
 * message trace tells. */
#include "fixture.h"

#include "foundation/config/live.h"
#include "model/history/trace.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"

struct change {
	uint64_t id;
	enum err (*run)(struct txn *t, uint64_t id);
};

static enum err change_run(struct txn *t, void *arg)
{
	const struct change *c = arg;

	return c->run(t, c->id);
}

static enum err unhold(struct txn *t, uint64_t id)
{
	return queue_unhold(t, id, clock_real_ms());
}

static enum err retry(struct txn *t, uint64_t id)
{
	return queue_retry(t, id, clock_real_ms(), NULL);
}

static enum err change(struct fixture *f, enum err (*run)(struct txn *t, uint64_t id), uint64_t id)
{
	struct change c = { id, run };

	queue_changed(f->queue); /* as whoever changes entries has to say */
	return store_write(f->ts.store, change_run, &c, NULL);
}

struct find {
	struct fixture *f;
	struct queue_query query;
	struct queue_list list;
};

static enum err find_run(struct txn *t, void *arg)
{
	struct find *l = arg;

	return queue_find(t, &l->query, &l->f->arena, &l->list);
}

static struct queue_list find(struct fixture *f, const char *text, enum queue_state state)
{
	struct find l = { .f = f,
		          .query = { .text = str_of(text),
		                     .state = state,
		                     .now_ms = clock_real_ms(),
		                     .max = 10 } };

	assert_int_equal(store_read(f->ts.store, find_run, &l), OK);
	return l.list;
}

static void search(void **state)
{
	static const struct {
		const char *text;
		enum queue_state state;
		size_t count;
	} rows[] = {
		{ "", QUEUE_STATE_ANY, 3 },
		{ "ADA@", QUEUE_STATE_ANY, 2 },
		{ "two.example", QUEUE_STATE_ANY, 1 },
		{ "no such user", QUEUE_STATE_ANY, 1 }, /* the reply */
		{ "", QUEUE_STATE_DELAYED, 1 },
		{ "", QUEUE_STATE_WAITING, 1 },
		{ "", QUEUE_STATE_ACTIVE, 0 },
		{ "", QUEUE_STATE_HELD, 1 },
		{ "nobody", QUEUE_STATE_ANY, 0 },
		{ "stra\u00dfe", QUEUE_STATE_ANY, 1 },
		{ "@stra\u00dfe.example", QUEUE_STATE_ANY, 1 },
		{ "strae", QUEUE_STATE_ANY, 1 },
	};
	struct queue_batch batch;
	struct fixture f;
	uint64_t held;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_add(&f, "ada@here.example", "x@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(find(&f, "", QUEUE_STATE_ACTIVE).count, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "l"), OK);
	held = fixture_add(&f, "ada@here.example", "y@two.example");
	assert_int_equal(change(&f, queue_hold, held), OK);
	fixture_add(&f, "eve@here.example", "z@xn--strae-oqa.example");
	for (size_t i = 0; i < COUNT(rows); i++)
		check_at(i, find(&f, rows[i].text, rows[i].state).count == rows[i].count);
	fixture_close(&f);
}

static void what_is_held_is_not_taken(void **state)
{
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	id = fixture_add(&f, "ada@here.example", "x@one.example");
	assert_int_equal(change(&f, unhold, id), ERR_CONFLICT);
	assert_int_equal(change(&f, queue_hold, id), OK);
	assert_int_equal(change(&f, queue_hold, id), ERR_CONFLICT);
	assert_int_equal(change(&f, queue_hold, id + 1), ERR_MISSING);
	assert_int_equal(fixture_take(&f, 10).count, 0);
	assert_int_equal(change(&f, retry, 0), OK);
	assert_int_equal(fixture_take(&f, 10).count, 0);
	fixture_reopen(&f); /* nor by a server that comes up */
	assert_int_equal(fixture_take(&f, 10).count, 0);
	assert_int_equal(fixture_fsck(&f, true), 0);
	assert_int_equal(change(&f, unhold, id), OK);
	assert_int_equal(fixture_take(&f, 10).count, 1);
	fixture_close(&f);
}

/* Held while somebody tries it: he may succeed, else it stays. */
static void held_amid_an_attempt(void **state)
{
	struct queue_batch batch;
	struct queue_list list;
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	id = fixture_add(&f, "ada@here.example", "x@one.example y@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(change(&f, queue_hold, id), OK);
	assert_int_equal(fixture_report(&f, &batch.items[0], "dl"), OK);
	list = fixture_entries(&f);
	assert_int_equal(list.count, 1);
	assert_true(list.items[0].held && list.items[0].envelope.rcpt_count == 1);
	assert_int_equal(list.items[0].due_ms, QUEUE_NEVER_MS);

	id = fixture_add(&f, "ada@here.example", "z@two.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(change(&f, queue_hold, id), OK);
	assert_int_equal(queue_release(f.queue, batch.items, 1, 0, NULL), OK);
	assert_int_equal(fixture_take(&f, 10).count, 0);

	/* Held, and then he dies. */
	id = fixture_add(&f, "ada@here.example", "z@three.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(batch.count, 1);
	assert_int_equal(change(&f, queue_hold, id), OK);
	fixture_time_passes(3 * 3600 * 1000); /* past the lease */
	assert_int_equal(fixture_take(&f, 10).count, 0);
	fixture_time_passes(-3 * 3600 * 1000);
	assert_int_equal(find(&f, "", QUEUE_STATE_HELD).count, 3);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

static enum err drop(struct txn *t, uint64_t id)
{
	return queue_drop(NULL, t, id);
}

typedef enum err change_fn(struct txn *t, uint64_t id);

static enum err retry_one(struct txn *t, uint64_t id)
{
	uint64_t count;
	enum err e = queue_retry(t, id, clock_real_ms(), &count);

	return e == OK && count != 1 ? ERR_CONFLICT : e;
}

/* A server was killed while it tried all of them: nobody does any more. */
static void without_a_server(void **state)
{
	static change_fn *const runs[] = { queue_hold, unhold, retry_one, drop };
	struct store_config config = { .role = STORE_TOOL };
	struct queue_batch batch;
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	fixture_add(&f, "ada@here.example", "x@one.example");
	id = fixture_add(&f, "ada@here.example", "y@one.example");
	assert_int_equal(fixture_take(&f, 10).count, 2);
	for (size_t i = 2; i < COUNT(runs); i++)
		check_at(i, change(&f, runs[i], id) == ERR_CONFLICT);
	queue_close(&f.queue);
	store_close(&f.ts.store);
	config.folder = f.ts.folder.path;
	assert_int_equal(store_open(&f.ts.store, &config, NULL), OK);
	for (size_t i = 0; i < COUNT(runs); i++) {
		struct change c = { id, runs[i] };

		check_at(i, store_write(f.ts.store, change_run, &c, NULL) == OK);
	}
	temp_store_reopen(&f.ts);
	fixture_reopen(&f);
	batch = fixture_take(&f, 10);
	assert_int_equal(batch.count, 1);
	assert_true(batch.items[0].id != id);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

static void given_back_to_its_sender(void **state)
{
	struct queue_batch batch;
	struct str letter;
	struct fixture f;
	uint64_t id;

	(void)state;
	fixture_open(&f, STORE_LMDB);
	id = fixture_add(&f, "ada@here.example", "x@one.example");
	assert_int_equal(change(&f, queue_hold, id), OK);
	f.put_error = ERR_FULL;
	assert_int_equal(queue_give_back(f.queue, id, STR("not wanted"), NULL), ERR_FULL);
	f.put_error = OK;
	assert_int_equal(find(&f, "", QUEUE_STATE_HELD).count, 1); /* as it was */
	assert_int_equal(queue_give_back(f.queue, id, STR("not wanted"), NULL), OK);
	assert_int_equal(fixture_letters(&f, "bounce", &letter), 1);
	assert_true(str_find(letter, STR("not wanted")) > 0);
	assert_int_equal(fixture_entries(&f).count, 0);
	assert_int_equal(queue_give_back(f.queue, id, STR("x"), NULL), ERR_MISSING);

	id = fixture_add(&f, "ada@here.example", "x@one.example");
	batch = fixture_take(&f, 1);
	assert_int_equal(queue_give_back(f.queue, id, STR("x"), NULL), ERR_CONFLICT);
	assert_int_equal(fixture_report(&f, &batch.items[0], "d"), OK);
	assert_int_equal(fixture_fsck(&f, true), 0);
	fixture_close(&f);
}

/* --- the trace --- */

struct story {
	struct fixture *f;
	struct traces *traces;
	struct trace trace;
	struct queue_new new;
	uint64_t message;
};

static enum err story_begin(struct txn *t, void *arg)
{
	struct story *s = arg;
	enum err e = trace_put(s->traces, t, &s->trace);

	return e == OK ? queue_add(s->f->queue, t, &s->new, &s->message) : e;
}

static enum err story_read(struct txn *t, void *arg)
{
	struct story *s = arg;

	return trace_get(t, s->trace.id, &s->f->arena, &s->trace);
}

static void the_trace_tells_it_all(void **state)
{
	static const enum trace_what want[] = { TRACE_QUEUED, TRACE_DELAYED,  TRACE_SENT,
		                                TRACE_HELD,   TRACE_RELEASED, TRACE_SENT,
		                                TRACE_FAILED, TRACE_BOUNCED };
	static const struct str raw = { RAW, sizeof RAW - 1 };
	struct trace_step step = { .what = TRACE_QUEUED, .count = 3 };
	struct blob_draft *draft = NULL;
	struct queue_batch batch;
	struct fixture f;
	struct story s = { .f = &f };
	struct envelope_rcpt rcpts[3];
	struct settings settings = { .trace_days = 7 };
	struct live *live = live_of(&settings);

	(void)state;
	fixture_open(&f, STORE_LMDB);
	assert_int_equal(traces_open(f.ts.store, live, &s.traces, NULL), OK);
	s.trace = (struct trace){ .id = trace_id_new(s.traces), .steps = &step, .step_count = 1 };
	for (int i = 0; i < 3; i++)
		rcpts[i] = (struct envelope_rcpt){
			.address = fixture_address(&f, i < 2 ? "a@there.example" : "b@else.example")
		};
	assert_int_equal(blob_prepare(f.ts.store, &raw, 1, &draft, NULL), OK);
	s.new = (struct queue_new){ .draft = draft,
		                    .envelope = { .sender = fixture_address(&f, "ada@here.example"),
		                                  .rcpts = rcpts,
		                                  .rcpt_count = 3,
		                                  .trace_id = s.trace.id } };
	assert_int_equal(store_write(f.ts.store, story_begin, &s, NULL), OK);
	blob_draft_free(&draft);
	batch = fixture_take(&f, 1);
	assert_int_equal(fixture_report(&f, &batch.items[0], "ld"), OK);
	assert_int_equal(change(&f, queue_hold, s.message), OK);
	assert_int_equal(store_read(f.ts.store, story_read, &s), OK);
	assert_int_equal(trace_state(&s.trace), TRACE_STATE_HELD);
	assert_int_equal(change(&f, unhold, s.message), OK);
	while ((batch = fixture_take(&f, 1)).count != 0)
		assert_int_equal(fixture_report(&f, &batch.items[0],
		                                batch.items[0].attempts == 0 ? "d" : "f"),
		                 OK);
	assert_int_equal(store_read(f.ts.store, story_read, &s), OK);
	assert_int_equal(s.trace.step_count, COUNT(want));
	for (size_t i = 0; i < COUNT(want); i++)
		check_at(i, s.trace.steps[i].what == want[i]);
	assert_int_equal(trace_state(&s.trace), TRACE_STATE_FAILED);
	check_str(s.trace.steps[6].detail, STR("mx.there.example: 550 No such user"));
	traces_close(&s.traces);
	live_free(&live);
	fixture_close(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(search),
		cmocka_unit_test(what_is_held_is_not_taken),
		cmocka_unit_test(held_amid_an_attempt),
		cmocka_unit_test(without_a_server),
		cmocka_unit_test(given_back_to_its_sender),
		cmocka_unit_test(the_trace_tells_it_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
