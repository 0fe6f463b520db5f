/* Events that wait: in order of time, counted, with a maximum, forgotten with their endpoint; and
 * what one looks like. */
#include "harness/check.h"
#include "harness/temp_store.h"

#include "foundation/base/arena.h"
#include "foundation/config/limits.h"
#include "foundation/config/live.h"
#include "foundation/text/json.h"
#include "model/store/fsck.h"
#include "model/store/kv.h"
#include "model/webhook/body.h"

#include <string.h>

struct deed {
	enum err (*run)(struct txn *t, struct deed *d);
	struct webhooks *w;
	struct webhook_event event;
	struct webhook_row row;
	char endpoint[WEBHOOK_ENDPOINT];
	char keep[1][WEBHOOK_ENDPOINT];
	uint64_t count, times;
	int64_t due_ms;
	struct arena a;
};

static enum err deed_run(struct txn *t, void *arg)
{
	struct deed *d = arg;

	return d->run(t, d);
}

static enum err in_store(struct temp_store *ts, enum err (*run)(struct txn *, struct deed *),
                         struct deed *d)
{
	d->run = run;
	return store_write(ts->store, deed_run, d, NULL);
}

static enum err put(struct txn *t, struct deed *d)
{
	enum err e = OK;

	for (uint64_t i = 0; e == OK && i < d->times; i++)
		e = webhook_put(d->w, t, &d->event);
	return e;
}

static enum err first(struct txn *t, struct deed *d)
{
	return webhook_row_first(t, d->endpoint, &d->a, &d->row);
}

static enum err del(struct txn *t, struct deed *d)
{
	return webhook_row_del(t, &d->row);
}

static enum err delay(struct txn *t, struct deed *d)
{
	return webhook_row_delay(t, &d->row, d->due_ms);
}

static enum err expire(struct txn *t, struct deed *d)
{
	return webhook_rows_expire(t, d->endpoint, d->due_ms, 2, &d->count);
}

static enum err count(struct txn *t, struct deed *d)
{
	return webhook_rows_count(t, d->endpoint, &d->count);
}

static enum err clear(struct txn *t, struct deed *d)
{
	return webhook_rows_clear(t, (const char(*)[WEBHOOK_ENDPOINT])d->keep, 1, 3, &d->count);
}

static void sane(struct temp_store *ts)
{
	struct fsck_report report = { .say = NULL };

	assert_int_equal(fsck_run(ts->store, &webhook_fsck, 1, &report, NULL), OK);
	assert_int_equal(report.findings, 0);
}

static uint64_t waiting(struct temp_store *ts, struct str url)
{
	struct deed d = { .count = 0 };

	webhook_endpoint(d.endpoint, url);
	assert_int_equal(in_store(ts, count, &d), OK);
	return d.count;
}

static struct webhooks *open_with(struct temp_store *ts, struct live **live, struct str rules)
{
	const struct settings s = { .webhooks = rules };
	struct webhooks_config config = { .store = NULL };

	temp_store_open(ts, STORE_LMDB);
	*live = config.live = live_of(&s);
	config.store = ts->store;
	return webhooks_new(&config);
}

static struct webhook_event bounce(int64_t time_ms)
{
	return (struct webhook_event){ .kind = WEBHOOK_BOUNCED,
		                       .time_ms = time_ms,
		                       .sender = { STR("eve"), STR("example.org") },
		                       .rcpt = STR("ada@example.net"),
		                       .sent = 12345678901234567890u,
		                       .message_id = STR("<1@x>"),
		                       .tag = STR("bill"),
		                       .metadata = STR("{\"a\":\"b\"}"),
		                       .attempts = 2,
		                       .code = 550,
		                       .status = STR("5.1.1"),
		                       .text = STR("no \"such\" \xff user") };
}

static struct str member(struct json v, const char *name)
{
	struct str s = STR("(none)");

	if (json_kind(json_get(v, name)) == JSON_NULL)
		return STR("(null)");
	json_str(json_get(v, name), &s);
	return s;
}

static void rows(void **state)
{
	static const struct str rules = STR("https://a/ events=bounced\nhttps://b/ events=delayed\n"
	                                    "https://c/ events=bounced,delivered");
	struct deed d = { .times = 1, .event = bounce(5000) };
	struct json doc = { NULL };
	struct temp_store ts;
	struct live *live;
	uint64_t id;

	(void)state;
	d.w = open_with(&ts, &live, rules);
	assert_int_equal(in_store(&ts, put, &d), OK);
	d.event = bounce(4000);
	assert_int_equal(in_store(&ts, put, &d), OK);
	assert_int_equal(waiting(&ts, STR("https://a/")), 2);
	assert_int_equal(waiting(&ts, STR("https://c/")), 2);
	webhook_endpoint(d.endpoint, STR("https://b/"));
	assert_int_equal(in_store(&ts, first, &d), ERR_MISSING);
	webhook_endpoint(d.endpoint, STR("https://c/"));
	assert_int_equal(in_store(&ts, first, &d), OK);
	assert_int_equal(d.row.due_ms, 4000);
	id = d.row.id;

	assert_true(json_parse(&d.a, d.row.body, &doc));
	check_str(member(doc, "id"), webhook_event_id(&d.a, id));
	check_str(member(doc, "type"), STR("bounced"));
	check_str(member(doc, "timestamp"), STR("1970-01-01T00:00:04Z"));
	doc = json_get(doc, "data");
	check_str(member(doc, "id"), STR("12345678901234567890"));
	check_str(member(doc, "from"), STR("eve@example.org"));
	check_str(member(doc, "queue"), STR("(null)"));
	check_str(member(json_get(doc, "metadata"), "a"), STR("b"));
	check_str(member(json_get(doc, "reply"), "text"), STR("no \"such\" \xef\xbf\xbd user"));
	check_str(member(json_get(doc, "reply"), "remote"), STR("(null)"));

	d.due_ms = 9000;
	assert_int_equal(in_store(&ts, delay, &d), OK);
	assert_int_equal(in_store(&ts, delay, &d), ERR_MISSING);
	assert_int_equal(in_store(&ts, first, &d), OK);
	assert_int_equal(d.row.due_ms, 5000);
	assert_int_equal(in_store(&ts, del, &d), OK);
	assert_int_equal(in_store(&ts, first, &d), OK);
	assert_true(d.row.id == id && d.row.attempts == 1 && d.row.created_ms == 4000);
	assert_int_equal(waiting(&ts, STR("https://c/")), 1);
	sane(&ts);

	webhook_endpoint(d.keep[0], STR("https://c/"));
	assert_int_equal(in_store(&ts, clear, &d), OK);
	assert_int_equal(d.count, 2);
	assert_int_equal(waiting(&ts, STR("https://a/")), 0);
	assert_int_equal(waiting(&ts, STR("https://c/")), 1);
	assert_int_equal(in_store(&ts, first, &d), OK);
	sane(&ts);
	arena_deinit(&d.a);
	webhooks_free(&d.w);
	live_free(&live);
	temp_store_remove(&ts);
}

/* As if so many waited for that endpoint. */
static enum err count_set(struct txn *t, struct deed *d)
{
	char key[WEBHOOK_ENDPOINT + 16] = { 0 };
	/* form 1, then the number as a varint */
	const char record[] = { 1, (char)(0x80 | (d->times & 0x7f)),
		                (char)(0x80 | ((d->times >> 7) & 0x7f)), (char)(d->times >> 14) };

	memcpy(key, d->endpoint, WEBHOOK_ENDPOINT);
	return kv_put(t, SPACE_WEBHOOK, str_from(key, sizeof key), str_from(record, sizeof record));
}

/* What has no room is dropped, and the mail goes its way; the other endpoint has its own room. */
static void a_maximum(void **state)
{
	struct deed d = { .times = LIMIT_webhook_rows - 1, .event = bounce(5000) };
	struct temp_store ts;
	struct live *live;

	(void)state;
	d.w = open_with(&ts, &live, STR("https://a/\nhttps://b/"));
	webhook_endpoint(d.endpoint, STR("https://a/"));
	assert_int_equal(in_store(&ts, count_set, &d), OK);
	d.times = 3;
	assert_int_equal(in_store(&ts, put, &d), OK);
	assert_int_equal(waiting(&ts, STR("https://a/")), LIMIT_webhook_rows);
	assert_int_equal(waiting(&ts, STR("https://b/")), 3);
	assert_int_equal(in_store(&ts, first, &d), OK);
	assert_int_equal(in_store(&ts, del, &d), OK);
	assert_int_equal(in_store(&ts, first, &d), ERR_MISSING);
	arena_deinit(&d.a);
	webhooks_free(&d.w);
	live_free(&live);
	temp_store_remove(&ts);
}

/* For people: of a URL only the site, and what waits for whom. */
static void looked_at(void **state)
{
	struct deed d = { .times = 3, .event = bounce(5000) };
	struct webhook_states states;
	struct temp_store ts;
	struct live *live;

	(void)state;
	d.w = open_with(&ts, &live,
	                STR("https://u.example:8/p?q name=shop secret=0123456789abcdef\n"
	                    "http://b events=cancelled from=*@x.example tag=t"));
	assert_int_equal(in_store(&ts, put, &d), OK);
	assert_int_equal(webhooks_states_get(d.w, &d.a, &states), OK);
	assert_int_equal(states.count, 2);
	check_str(states.items[0].name, STR("shop"));
	check_str(states.items[0].site, STR("https://u.example:8"));
	assert_true(states.items[0].is_signed && states.items[0].waiting == 3);
	assert_true(states.items[0].next_ms > 5000); /* was due then: it is asked at once */
	check_str(states.items[1].name, STR("b"));
	check_str(states.items[1].site, STR("http://b"));
	check_str(states.items[1].from, STR("*@x.example"));
	check_str(states.items[1].tag, STR("t"));
	assert_true(!states.items[1].is_signed && states.items[1].waiting == 0);
	assert_true(states.items[1].events == BIT(WEBHOOK_CANCELLED) &&
	            states.items[1].next_ms == 0 && states.items[1].failures == 0);
	arena_deinit(&d.a);
	webhooks_free(&d.w);
	live_free(&live);
	temp_store_remove(&ts);
}

static enum err uncount(struct txn *t, struct deed *d)
{
	char key[WEBHOOK_ENDPOINT + 16] = { 0 };

	memcpy(key, d->endpoint, WEBHOOK_ENDPOINT);
	return kv_del(t, SPACE_WEBHOOK, str_from(key, sizeof key));
}

/* Those too old go without being told, some at a time, up to the first that is not; and rows that
 * nobody has counted yet are counted. */
static void expiry(void **state)
{
	static const uint64_t gone[] = { 2, 1, 0 };
	struct deed d = { .times = 3, .event = bounce(4000), .due_ms = 5000 };
	struct temp_store ts;
	struct live *live;

	(void)state;
	d.w = open_with(&ts, &live, STR("https://a/"));
	webhook_endpoint(d.endpoint, STR("https://a/"));
	assert_int_equal(in_store(&ts, put, &d), OK);
	d.event = bounce(5000);
	assert_int_equal(in_store(&ts, put, &d), OK);
	assert_int_equal(in_store(&ts, uncount, &d), OK);
	for (size_t i = 0; i < COUNT(gone); i++) {
		assert_int_equal(in_store(&ts, expire, &d), OK);
		check_at(i, d.count == gone[i]);
	}
	assert_int_equal(waiting(&ts, STR("https://a/")), 3);
	assert_int_equal(in_store(&ts, first, &d), OK);
	assert_int_equal(d.row.created_ms, 5000);
	sane(&ts);
	arena_deinit(&d.a);
	webhooks_free(&d.w);
	live_free(&live);
	temp_store_remove(&ts);
}

/* The clock was set back: nothing waits until it is there again. */
static void due(void **state)
{
	static const struct {
		int64_t due_ms, expected_ms;
	} table[] = {
		{ 5000, 5000 },
		{ 1000, 1000 },
		{ 2000 + WEBHOOK_WAIT_MOST_MS, 2000 + WEBHOOK_WAIT_MOST_MS },
		{ 2001 + WEBHOOK_WAIT_MOST_MS, 2000 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		const struct webhook_row row = { .due_ms = table[i].due_ms };

		check_at(i, webhook_row_due(&row, 2000) == table[i].expected_ms);
	}
}

/* One event that is not liked does not keep the others away. */
static void failures(void **state)
{
	static const struct {
		unsigned before;
		struct webhook_result turn;
		unsigned after;
	} table[] = {
		{ 7, { .delivered = 0 }, 0 },
		{ 7, { .delivered = 3 }, 0 },
		{ 7, { .failed = true }, 8 },
		{ 7, { .delivered = 99, .failed = true }, 1 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++)
		check_at(i, webhook_failures(table[i].before, &table[i].turn) == table[i].after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows), cmocka_unit_test(a_maximum), cmocka_unit_test(expiry),
		cmocka_unit_test(looked_at),
		cmocka_unit_test(due),  cmocka_unit_test(failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
