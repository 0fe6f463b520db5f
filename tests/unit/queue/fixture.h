/* tests/unit/queue/fixture.h: a queue over a temporary store, with a host that keeps the
 * bounces it is given as rows of the lookup space: they are committed or not with what
 * caused them. */
#ifndef UNIT_QUEUE_FIXTURE_H
#define UNIT_QUEUE_FIXTURE_H
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/arena.h"
#include "foundation/base/clock.h"
#include "foundation/base/err.h"
#include "foundation/base/mem.h"
#include "foundation/base/str.h"
#include "foundation/config/live.h"
#include "model/envelope/envelope.h"
#include "model/queue/add.h"
#include "model/queue/admin.h"
#include "model/queue/entry.h"
#include "model/queue/fsck.h"
#include "model/queue/queue.h"
#include "model/queue/queue_body.h"
#include "model/queue/take.h"
#include "model/store/blob.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"

#include <stdio.h>
#include <string.h>

#define RAW "From: a@here.example\r\nSubject: test\r\nMessage-ID: <1@here.example>\r\n\r\nbody\r\n"

struct fixture {
	struct temp_store ts;
	struct live *live;
	struct queue *queue;
	struct queue_config config;
	struct arena arena;
	enum err put_error; /* what the host's put answers */
	enum err prepare_error;
	unsigned prepared, done; /* every prepare has its done  */
	unsigned wakes;
};

static enum err host_prepare(const struct queue_bounce *b, void **made, void *arg, struct why *why)
{
	struct fixture *f = arg;
	struct str *copy;

	assert_int_equal(txns_open(), 0);
	assert_true(b->raw.n != 0 && !mailaddr_is_null(&b->to));
	if (f->prepare_error != OK)
		return fail(why, f->prepare_error, "as the test wants");
	copy = NEW(struct str);
	*copy = str_new(b->raw);
	*made = copy;
	f->prepared++;
	return OK;
}

static enum err host_put(struct txn *t, const struct queue_bounce *b, void *made, void *arg)
{
	struct fixture *f = arg;
	struct str *raw = made;
	char key[40];

	if (f->put_error != OK)
		return f->put_error;
	snprintf(key, sizeof(key), "%s %08u", b->notice ? "notice" : "bounce", (unsigned)b->about);
	return kv_put(t, SPACE_LOOKUP, str_of(key), *raw);
}

static void host_done(void *made, void *arg)
{
	struct fixture *f = arg;
	struct str *raw = made;

	str_free(raw);
	mem_free(raw);
	f->done++;
}

static void host_wake(void *arg)
{
	((struct fixture *)arg)->wakes++;
}

static inline void fixture_settings(struct fixture *f, struct settings s)
{
	s.hostname = STR("mx.here.example");
	s.queue_retry_s = 300;
	s.queue_retry_max_s = 14400;
	s.queue_expire_s = 432000;
	s.queue_notice_s = 14400;
	queue_close(&f->queue);
	live_free(&f->live);
	f->live = f->config.live = live_of(&s);
}

/* From the next reopening on. */
static inline void fixture_smarthost(struct fixture *f, bool on)
{
	fixture_settings(f, (struct settings){
				    .smarthost = on ? STR("smtp://relay.example") : STR_EMPTY });
}

static inline void fixture_queues(struct fixture *f, struct str rules)
{
	fixture_settings(f, (struct settings){ .queues = rules });
}

static inline void fixture_routes(struct fixture *f, const char *routes)
{
	fixture_settings(f, (struct settings){ .routes = str_of(routes) });
}

/* As a server that was killed and comes up again, the store untouched. */
static inline void fixture_reopen(struct fixture *f)
{
	queue_close(&f->queue);
	f->config.store = f->ts.store;
	assert_int_equal(queue_open(&f->queue, &f->config, NULL), OK);
}

/* Entries follow the rules, as they do before the next take. */
static inline void fixture_place(struct fixture *f)
{
	bool more = true;

	while (more)
		assert_int_equal(queue_place(f->queue, &more, NULL), OK);
}

static inline void fixture_open(struct fixture *f, enum store_backend backend)
{
	*f = (struct fixture){ 0 };
	temp_store_open(&f->ts, backend);
	f->config = (struct queue_config){
		.host = { .bounce_prepare = host_prepare,
		          .bounce_put = host_put,
		          .bounce_done = host_done,
		          .wake = host_wake,
		          .arg = f },
	};
	fixture_smarthost(f, false);
	fixture_reopen(f);
}

static inline void fixture_close(struct fixture *f)
{
	assert_int_equal(f->prepared, f->done);
	queue_close(&f->queue);
	live_free(&f->live);
	temp_store_remove(&f->ts);
	arena_deinit(&f->arena);
}

static void fixture_say(void *arg, const char *check, struct str sentence)
{
	(void)arg;
	print_message("fsck %s: %.*s\n", check, STR_ARG(sentence));
}

/* Of the queue, and of the blobs it refers to. */
static inline uint64_t fixture_fsck(struct fixture *f, bool print)
{
	struct fsck_report report = { .say = print ? fixture_say : NULL };

	assert_int_equal(fsck_run(f->ts.store, &queue_fsck, 1, &report, NULL), OK);
	return report.findings;
}

/* Not as when the clock is set, which moves the one alone. */
static inline void fixture_time_passes(int64_t ms)
{
	clock_shift_real(ms);
	clock_shift_mono(ms);
}

/* --- adding --- */

struct fixture_add {
	struct fixture *f;
	struct queue_new new;
	uint64_t message;
};

static enum err add_run(struct txn *t, void *arg)
{
	struct fixture_add *a = arg;

	return queue_add(a->f->queue, t, &a->new, &a->message);
}

static inline struct mailaddr fixture_address(struct fixture *f, const char *text)
{
	struct mailaddr address = { 0 };

	if (text[0] != '\0')
		assert_true(mailaddr_of(str_of(text), &f->arena, MAILADDR_UTF8, &address));
	return address;
}

/* rcpts are separated by one blank. */
static inline enum err fixture_try_add(struct fixture *f, const char *sender, const char *rcpts,
                                       uint64_t *message)
{
	static const struct str raw = { RAW, sizeof(RAW) - 1 };
	struct cur c = cur_of(str_of(rcpts));
	struct envelope_rcpt *list = arena_array(&f->arena, struct envelope_rcpt, 64);
	struct blob_draft *draft = NULL;
	struct fixture_add a = { .f = f };
	enum err e = blob_prepare(f->ts.store, &raw, 1, &draft, NULL);

	if (e != OK)
		return e;
	a.new = (struct queue_new){ .draft = draft,
		                    .envelope = { .sender = fixture_address(f, sender),
		                                  .rcpts = list,
		                                  .submitter = 7 } };
	while (!cur_done(&c)) {
		struct str one;

		if (!cur_until(&c, ' ', &one)) {
			one = cur_rest(&c);
			cur_skip(&c, one.n);
		}
		cur_byte(&c, ' ');
		assert_true(mailaddr_of(one, &f->arena, MAILADDR_UTF8,
		                        &list[a.new.envelope.rcpt_count++].address));
	}
	e = store_write(f->ts.store, add_run, &a, NULL);
	blob_draft_free(&draft);
	if (message != NULL)
		*message = a.message;
	return e;
}

/* One of our own making; its message, and a recipient when it has none, are filled in. */
static inline uint64_t fixture_add_new(struct fixture *f, struct queue_new new)
{
	static const struct str raw = { RAW, sizeof(RAW) - 1 };
	struct envelope_rcpt rcpt = { .address = fixture_address(f, "x@one.example") };
	struct blob_draft *draft = NULL;
	struct fixture_add a = { .f = f, .new = new };

	if (a.new.envelope.rcpt_count == 0) {
		a.new.envelope.rcpts = &rcpt;
		a.new.envelope.rcpt_count = 1;
	}
	assert_int_equal(blob_prepare(f->ts.store, &raw, 1, &draft, NULL), OK);
	a.new.draft = draft;
	assert_int_equal(store_write(f->ts.store, add_run, &a, NULL), OK);
	blob_draft_free(&draft);
	return a.message;
}

static inline uint64_t fixture_add(struct fixture *f, const char *sender, const char *rcpts)
{
	uint64_t message = 0;

	assert_int_equal(fixture_try_add(f, sender, rcpts, &message), OK);
	return message;
}

/* --- taking and reporting --- */

/* For queue_want.may: all but those of a list, which a string of no length ends. */
static inline bool may_unless(struct str destination, void *arg)
{
	const struct str *busy = arg;

	while (busy->n != 0 && !str_eq(*busy, destination))
		busy++;
	return busy->n == 0;
}

/* As the runner does, who comes again when something is due in a moment: what a clock that was set
 * has made due is due a little after the time that this began with. */
static inline struct queue_batch fixture_take(struct fixture *f, size_t max)
{
	struct queue_want want = { .max = max };
	struct queue_batch batch;

	do {
		want.now_ms = clock_real_ms();
		assert_int_equal(queue_take(f->queue, &want, &f->arena, &batch, NULL), OK);
	} while (batch.count == 0 && batch.next_ms > want.now_ms &&
	         batch.next_ms < want.now_ms + 20);
	return batch;
}

/* One letter a recipient: d(elivered), l(ater), f(ailed). */
static inline enum err fixture_report(struct fixture *f, const struct queue_item *item,
                                      const char *letters)
{
	struct queue_result *results =
		arena_array(&f->arena, struct queue_result, item->envelope.rcpt_count);

	assert_int_equal(strlen(letters), item->envelope.rcpt_count);
	for (size_t i = 0; i < item->envelope.rcpt_count; i++) {
		struct queue_result *r = &results[i];

		r->outcome = letters[i] == 'd'   ? QUEUE_DELIVERED
		             : letters[i] == 'l' ? QUEUE_DELAYED
		                                 : QUEUE_FAILED;
		r->reply.code = letters[i] == 'd' ? 250 : letters[i] == 'l' ? 451 : 550;
		r->reply.text = letters[i] == 'd' ? STR("Ok") : STR("No such user");
		r->reply.remote = STR("mx.there.example");
	}
	return queue_report(f->queue, item, results, NULL);
}

/* --- looking --- */

struct fixture_rows {
	struct fixture *f;
	const char *prefix;
	unsigned count;
	struct str last; /* value, in f's arena */
};

static enum err rows_run(struct txn *t, void *arg)
{
	struct fixture_rows *r = arg;
	struct kv_iter it;

	kv_iter_prefix(&it, t, SPACE_LOOKUP, str_of(r->prefix));
	while (kv_iter_next(&it)) {
		r->count++;
		r->last = str_dup(&r->f->arena, it.val);
	}
	return kv_iter_end(&it);
}

/* How many bounces ("bounce") or notices ("notice") were delivered, and the last of them. */
static inline unsigned fixture_letters(struct fixture *f, const char *kind, struct str *last)
{
	struct fixture_rows r = { .f = f, .prefix = kind };

	assert_int_equal(store_read(f->ts.store, rows_run, &r), OK);
	if (last != NULL)
		*last = r.last;
	return r.count;
}

struct fixture_list {
	struct fixture *f;
	struct queue_list list;
};

static enum err list_run(struct txn *t, void *arg)
{
	struct fixture_list *l = arg;

	return queue_list(t, 0, 1000, &l->f->arena, &l->list);
}

static inline struct queue_list fixture_entries(struct fixture *f)
{
	struct fixture_list l = { .f = f };

	assert_int_equal(store_read(f->ts.store, list_run, &l), OK);
	return l.list;
}

#endif
