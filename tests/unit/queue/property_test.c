/* Whatever is done to a queue in whatever order, each recipient has exactly one fate:
 * waiting, delivered, in one bounce, or dropped by the administrator; and the history has all of
 * the second and third. Rules of queues and routes, limits and pauses come and go meanwhile. */
#include "unit/queue/fixture.h"

#include "foundation/config/limits.h"
#include "foundation/observe/event.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/pauses.h"
#include "model/queue/queue.h"
#include "model/queue/take.h"

#include "model/queue/past.h"

enum { STEPS = 250, RCPTS_MAX = 2000, MOST = 40 };

static uint64_t seed;

static unsigned below(unsigned n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(seed >> 33) % n;
}

enum fate { WAITING, DELIVERED, BOUNCED, DROPPED };

struct model {
	struct fixture f;
	enum fate fates[RCPTS_MAX]; /* of recipient "r123@..." */
	unsigned rcpts;
	bool limited; /* to MOST entries */
	struct queue_batch held; /* taken and not yet reported */
};

static unsigned rcpt_number(struct str local)
{
	struct cur c = cur_of(local);
	uint32_t n = 0;

	assert_true(cur_byte(&c, 'r') && cur_u32(&c, &n));
	return n;
}

static void step_add(struct model *m)
{
	static const char *const domains[] = { "one.example", "two.example", "three.example" };
	char rcpts[400] = "";
	size_t n = 0;
	unsigned count = 1 + below(5), first = m->rcpts;
	enum err e;

	if (m->rcpts + count > RCPTS_MAX)
		return;
	for (unsigned i = 0; i < count; i++)
		n += (size_t)snprintf(rcpts + n, sizeof(rcpts) - n, "%sr%u@%s", i ? " " : "",
		                      m->rcpts++, domains[below(COUNT(domains))]);
	e = fixture_try_add(&m->f, "a@here.example", rcpts, NULL);
	assert_true(e == OK || (e == ERR_FULL && m->limited));
	if (e != OK)
		m->rcpts = first;
	assert_true(e != OK || !m->limited || fixture_entries(&m->f).count <= MOST);
}

static void step_take(struct model *m)
{
	struct str skip[] = { STR("two.example"), STR_EMPTY };
	struct queue_want want = { .now_ms = clock_real_ms(),
		                   .max = 1 + below(4),
		                   .may = below(2) != 0 ? may_unless : NULL,
		                   .may_arg = skip };

	if (m->held.count == 0)
		assert_int_equal(queue_take(m->f.queue, &want, &m->f.arena, &m->held, NULL), OK);
}

static void rcpt_fate(struct model *m, const struct queue_item *item, size_t i, char letter)
{
	unsigned n = rcpt_number(item->envelope.rcpts[i].address.local);
	bool failed = letter == 'f' || (letter == 'l' && clock_real_ms() >= item->expires_ms);

	assert_int_equal(m->fates[n], WAITING);
	if (letter == 'd')
		m->fates[n] = DELIVERED;
	else if (failed)
		m->fates[n] = BOUNCED;
}

static void step_report(struct model *m)
{
	const struct queue_item *item;
	char letters[64] = "";
	enum err e;

	if (m->held.count == 0)
		return;
	item = &m->held.items[--m->held.count];
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		letters[i] = "dfll"[below(4)];
	e = fixture_report(&m->f, item, letters);
	assert_true(e == OK || e == ERR_CONFLICT);
	for (size_t i = 0; e == OK && i < item->envelope.rcpt_count; i++)
		rcpt_fate(m, item, i, letters[i]);
}

static void step_release(struct model *m)
{
	assert_int_equal(queue_release(m->f.queue, m->held.items, m->held.count, 0, NULL), OK);
	m->held.count = 0;
}

static enum err drop_run(struct txn *t, void *arg)
{
	return queue_drop(NULL, t, *(uint64_t *)arg);
}

static void step_drop(struct model *m)
{
	struct queue_list list = fixture_entries(&m->f);
	const struct queue_item *item;
	uint64_t id;
	enum err e;

	if (list.count == 0)
		return;
	item = &list.items[below((unsigned)list.count)];
	id = item->id;
	e = store_write(m->f.ts.store, drop_run, &id, NULL);
	assert_true(e == OK || (e == ERR_CONFLICT && item->holder != 0)); /* it is being tried */
	if (e != OK)
		return;
	for (size_t i = 0; i < item->envelope.rcpt_count; i++)
		m->fates[rcpt_number(item->envelope.rcpts[i].address.local)] = DROPPED;
}

static enum err retry_run(struct txn *t, void *arg)
{
	queue_wake_after(arg, t);
	return queue_retry(t, 0, clock_real_ms(), NULL);
}

static void step_time(struct model *m)
{
	static const int64_t shifts[] = { 1000, 600000, 3600000, 7200001, 86400000, -3600000 };

	(void)m;
	clock_shift_real(shifts[below(COUNT(shifts))]);
}

/* --- what an administrator does ---------------------------------------------------------- */

struct deed {
	struct model *m;
	unsigned what;
	uint64_t id;
	struct queue_pause pause;
};

static enum err deed_run(struct txn *t, void *arg)
{
	struct deed *d = arg;
	struct queue *q = d->m->f.queue;

	queue_wake_after(q, t);
	switch (d->what) {
	case 0:
		return queue_pause(t, &d->pause);
	case 1:
		return queue_resume(t, d->pause.of, d->pause.name);
	case 2:
		return queue_hold(t, d->id);
	case 3:
		return queue_unhold(t, d->id, clock_real_ms());
	case 4:
		return queue_requeue(q, t, d->id, d->id % 2 ? STR("mx") : STR_EMPTY);
	default:
		return queue_move(q, t, d->id, STR_EMPTY);
	}
}

static void step_deed(struct model *m)
{
	static const struct queue_pause pauses[] = {
		{ .of = QUEUE_PAUSE_ALL },
		{ .of = QUEUE_PAUSE_QUEUE, .name = { "slow", 4 } },
		{ .of = QUEUE_PAUSE_DESTINATION, .name = { "one.example", 11 } },
	};
	struct queue_list list = fixture_entries(&m->f);
	struct deed d = { .m = m, .what = below(6), .pause = pauses[below(COUNT(pauses))] };
	enum err e;

	if (d.what > 1 && list.count == 0)
		return;
	if (d.what > 1)
		d.id = list.items[below((unsigned)list.count)].id;
	e = store_write(m->f.ts.store, deed_run, &d, NULL);
	assert_true(e == OK || e == ERR_CONFLICT || (e == ERR_MISSING && d.what == 1));
}

/* A kill, and a start with other settings. */
static void step_start(struct model *m)
{
	static const char *const queues[] = { "", "define=slow retry=1m\nto=two.example queue=slow",
		                              "define=slow\nto=*.example queue=slow" };
	static const char *const routes[] = { "", "to=two.example via=office",
		                              "to=t*.example via=mx name=n port=9" };

	m->held.count = 0;
	m->limited = below(2);
	fixture_settings(&m->f, (struct settings){
					.smarthost = below(4) == 0 ? STR("smtp://relay.example")
		                                                   : STR_EMPTY,
					.queues = str_of(queues[below(COUNT(queues))]),
					.routes = str_of(routes[below(COUNT(routes))]),
					.queue_max_messages = m->limited ? MOST : 0,
					.queue_history_days = 3000 });
	fixture_reopen(&m->f);
}

static void step(struct model *m)
{
	switch (below(14)) {
	case 0:
	case 1:
		step_add(m);
		break;
	case 2:
	case 3:
	case 4:
		step_take(m);
		break;
	case 5:
	case 6:
	case 7:
		step_report(m);
		break;
	case 8:
		step_release(m);
		break;
	case 9:
		step_time(m);
		break;
	case 10:
		if (below(4) == 0)
			step_drop(m);
		else
			assert_int_equal(
				store_write(m->f.ts.store, retry_run, m->f.queue, NULL), OK);
		break;
	case 11:
		step_start(m);
		break;
	case 12:
	case 13:
		step_deed(m);
		break;
	}
}

static unsigned occurrences(struct str text, struct str needle)
{
	unsigned n = 0;
	ptrdiff_t at;

	while ((at = str_find(text, needle)) >= 0) {
		n++;
		text = str_sub(text, (size_t)at + needle.n, text.n);
	}
	return n;
}

/* In how many bounces recipient n is. */
static enum err all_bounces(struct txn *t, void *arg)
{
	struct buf *b = arg;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_LOOKUP, STR("bounce"));
	while (kv_iter_next(&it))
		buf_put(b, it.val);
	return kv_iter_end(&it);
}

struct past_look {
	struct model *m;
	unsigned delivered, failed;
};

static enum err past_look(struct txn *t, void *arg)
{
	struct past_look *l = arg;
	struct queue_past_query query = { .max = RCPTS_MAX };
	struct queue_past_list list;
	enum err e = queue_past_find(t, &query, &l->m->f.arena, &list);

	for (size_t i = 0; e == OK && i < list.count; i++)
		*(list.items[i].delivered ? &l->delivered : &l->failed) += 1;
	return e;
}

static void check_history(struct model *m)
{
	struct past_look l = { .m = m };

	assert_int_equal(store_read(m->f.ts.store, past_look, &l), OK);
	for (unsigned n = 0; n < m->rcpts; n++) {
		l.delivered -= m->fates[n] == DELIVERED;
		l.failed -= m->fates[n] == BOUNCED;
	}
	assert_int_equal(l.delivered, 0);
	assert_int_equal(l.failed, 0);
}

static void check_fates(struct model *m)
{
	struct queue_list list = fixture_entries(&m->f);
	unsigned *waiting = arena_array(&m->f.arena, unsigned, RCPTS_MAX);

	for (size_t i = 0; i < list.count; i++)
		for (size_t j = 0; j < list.items[i].envelope.rcpt_count; j++)
			waiting[rcpt_number(list.items[i].envelope.rcpts[j].address.local)]++;
	for (unsigned n = 0; n < m->rcpts; n++)
		check_at(n, waiting[n] == (m->fates[n] == WAITING));
	assert_int_equal(fixture_fsck(&m->f, true), 0);
	check_history(m);
}

/* The host of the fixture keeps one bounce an entry: here all of them, by number. */
static enum err keep_all(struct txn *t, const struct queue_bounce *b, void *made, void *arg)
{
	struct model *m = arg;
	struct str *raw = made;
	static unsigned serial;
	char key[40];

	(void)m;
	if (b->notice)
		return OK;
	snprintf(key, sizeof(key), "bounce %08u", serial++);
	return kv_put(t, SPACE_LOOKUP, str_of(key), *raw);
}

static void check_bounces(struct model *m)
{
	struct buf b;

	buf_init(&b, 64 << 20);
	assert_int_equal(store_read(m->f.ts.store, all_bounces, &b), OK);
	for (unsigned n = 0; n < m->rcpts; n++) {
		struct str field = str_fmt(&m->f.arena, "Final-Recipient: rfc822; r%u@", n);

		check_at(n, occurrences(buf_str(&b), field) == (m->fates[n] == BOUNCED));
	}
	buf_deinit(&b);
}

static void one_fate_each(void **state)
{
	static struct model m;

	(void)state;
	event_fd_set(-1);
	for (uint64_t run = 1; run <= 6; run++) {
		seed = run;
		m = (struct model){ 0 };
		fixture_open(&m.f, STORE_MEMORY);
		m.f.config.host.bounce_put = keep_all;
		step_start(&m);
		for (int i = 0; i < STEPS; i++) {
			step(&m);
			if (i % 10 == 0)
				check_fates(&m);
		}
		check_fates(&m);
		check_bounces(&m);
		fixture_close(&m.f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(one_fate_each) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
